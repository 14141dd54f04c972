"""Who is at the other end of a channel: one of ours, the outside world, or the PBX's own plumbing.

In: a channel's name and context. Out: its side. The order of the rules is the order of certainty:
what the administrator said, then operators' own extensions, then the look of the name; contexts
only break a tie. No input or output.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum

from telemarketing.ami.events import Channel


class Side(Enum):
    """On whose side of a conversation a channel stands."""

    OURS = "ours"
    OUTSIDE = "outside"
    PLUMBING = "plumbing"
    """Local halves, announcers, recorders: they join others and are nobody."""


_PLUMBING = frozenset(
    {
        "Announcer", "AudioSocket", "Bridge", "CBAnn", "CBRec", "Local", "Message",
        "MulticastRTP", "ParkingAnnouncer", "Recorder", "Snoop", "Surrogate", "UnicastRTP",
    }
)  # fmt: skip
_TELEPHONE_TECHNOLOGIES = frozenset({"IAX2", "MGCP", "PJSIP", "SCCP", "SIP", "Skinny"})
"""Technologies of desk phones; `DAHDI/12-1` is a line of a trunk, however it looks."""


@dataclass(frozen=True, slots=True)
class Telephones:
    """Our telephones, as the operators' list knows them at one moment."""

    extensions: frozenset[str] = frozenset()
    mobiles: Mapping[str, str] = field(default_factory=dict)
    """Staff's own mobile numbers in E.164 -> the extension whose calls they take."""


class Directory:
    """Places channels on their side.

    Args:
        extension_pattern: regular expression for the whole name of a desk phone's endpoint.
        trunks: endpoints that are trunks, however they look.
        trunk_contexts: contexts in which calls from trunks begin; they decide only when an
            endpoint looks like an extension and is no operator's.
        normalise: a written number -> E.164, or None.
    """

    def __init__(
        self,
        *,
        extension_pattern: str,
        trunks: Collection[str],
        trunk_contexts: Collection[str],
        normalise: Callable[[str], str | None],
    ) -> None:
        """See the class."""
        self._pattern = re.compile(extension_pattern)
        self._trunks = frozenset(trunks)
        self._trunk_contexts = frozenset(trunk_contexts)
        self.normalise = normalise
        self._telephones = Telephones()

    def replace_telephones(self, telephones: Telephones) -> None:
        """Use a new list of operators' telephones from the next channel on."""
        self._telephones = telephones

    def side(self, channel: Channel) -> Side:
        """Tell the side of a channel at its creation."""
        technology = channel.name.partition("/")[0]
        if technology in _PLUMBING:
            return Side.PLUMBING
        name = endpoint_of(channel.name)
        if name in self._trunks:
            return Side.OUTSIDE
        if name in self._telephones.extensions:
            return Side.OURS
        if technology not in _TELEPHONE_TECHNOLOGIES or not self._pattern.fullmatch(name):
            return Side.OUTSIDE
        return Side.OUTSIDE if channel.context in self._trunk_contexts else Side.OURS

    def looks_internal(self, dialled: str) -> bool:
        """Tell whether a dialled string can only be one of our telephones."""
        return dialled in self._telephones.extensions or bool(self._pattern.fullmatch(dialled))

    def mobile_owner(self, number: str | None) -> str | None:
        """Give the extension whose owner carries this mobile (E.164), or None."""
        return None if number is None else self._telephones.mobiles.get(number)


def endpoint_of(channel_name: str) -> str:
    """Take the endpoint out of a channel's name: `PJSIP/101-0000002a` -> `101`."""
    rest = channel_name.partition("/")[2]
    return rest.rpartition("-")[0] or rest
