"""What the AMI account may do, as far as Asterisk lets one know.

In: the names of events as they are first met, the answer to ListCommands, the channels of each
CoreShowChannels list. Out: the rights that are missing, each with its cure, and the ones that are
more than needed. Asterisk never tells which read classes an account has: a class is proved by its
first event only, and its absence by what should have come with it. Pure; one per session.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from telemarketing.ami.wire import Sighting


class Proof(StrEnum):
    """What is known of one read class."""

    NOT_YET = "not yet confirmed"
    CONFIRMED = "confirmed"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class MissingRight:
    """A right the account lacks."""

    access: str
    """`read` or `write`, the key in manager.conf."""
    name: str
    """The class, `call`."""
    consequence: str
    """What does not work without it."""

    @property
    def cure(self) -> str:
        """The sentence that tells the administrator what to do."""
        return (
            f"add `{self.name}` to `{self.access} =` of this account in manager.conf, run "
            f"`asterisk -rx 'manager reload'`, then restart telemarketing: a session keeps the "
            f"rights it had at login"
        )


READ_CLASSES = {
    "call": "no call is seen at all",
    "dialplan": "the files of recordings are not known",
    "system": "a restart of Asterisk's modules is not noticed",
}
"""`cdr` is not among them: without its events only some names of recordings are not known, and its
absence cannot be told from a PBX without cdr_manager."""
_WRITE_CLASS = "reporting"
_WRITE_CONSEQUENCE = "calls already going on at connect, and lost events, are not noticed"
_A_FINISHED_CALL = frozenset({"Newchannel", "DialEnd", "Hangup"})
_PRIVILEGE = re.compile(r"\(Priv: ([^)]*)\)\s*$")


class Rights:
    """The rights of one session; every method may change what the properties tell."""

    def __init__(self) -> None:
        self._proofs = dict.fromkeys(READ_CLASSES, Proof.NOT_YET)
        self._names: set[str] = set()
        self._listed_at_first: frozenset[str] | None = None
        self._may_list_channels = True
        self.excess_classes: tuple[str, ...] = ()
        """Write classes the account has and we do not use, as far as ListCommands betrays them."""

    @property
    def read(self) -> Mapping[str, Proof]:
        """What is known of each read class we need."""
        return self._proofs

    @property
    def may_list_channels(self) -> bool:
        """Whether CoreShowChannels is worth asking."""
        return self._may_list_channels

    @property
    def missing(self) -> list[MissingRight]:
        """Every right known to be missing."""
        lacking = [
            MissingRight("read", name, READ_CLASSES[name])
            for name, proof in self._proofs.items()
            if proof is Proof.MISSING
        ]
        if not self._may_list_channels:
            lacking.append(MissingRight("write", _WRITE_CLASS, _WRITE_CONSEQUENCE))
        return lacking

    def sighted(self, sightings: Iterable[Sighting]) -> None:
        """Take event names met for the first time.

        `dialplan` is missing once a dialled call was seen from its first channel to its end:
        Asterisk sets DIALEDPEERNUMBER on every dialled channel, so VarSet must have come. `call` is
        missing when dialplan runs on a channel whose creation should have been told.
        """
        for sighting in sightings:
            self._names.add(sighting.name)
            for name in sighting.classes & self._proofs.keys():
                self._proofs[name] = Proof.CONFIRMED
            if "dialplan" in sighting.classes and self._is_new(sighting.uniqueid):
                self._doubt("call")
        if self._names >= _A_FINISHED_CALL:
            self._doubt("dialplan")

    def commands_listed(self, headers: Mapping[str, str]) -> None:
        """Take the answer to ListCommands: `Redirect: Transfer a call.  (Priv: call,all)`."""
        self._may_list_channels = "CoreShowChannels" in headers
        needed = [
            frozenset(found[1].split(",")) - {"all", "<none>"}
            for found in map(_PRIVILEGE.search, headers.values())
            if found
        ]
        # An action offered under one class alone proves that class; one that is offered under
        # several proves only that one of them is there.
        self.excess_classes = tuple(
            sorted({name for names in needed if len(names) == 1 for name in names - {_WRITE_CLASS}})
        )

    def listing_denied(self) -> None:
        """Take `Permission denied` for CoreShowChannels."""
        self._may_list_channels = False

    def channels_listed(self, uniqueids: frozenset[str]) -> None:
        """Take one whole list of channels; the first one of the session is the yardstick.

        `call` is missing when a channel appeared since then and no event told of any. `system` is
        missing when a second list came and FullyBooted, which opens every session, did not.
        """
        if self._listed_at_first is None:
            self._listed_at_first = uniqueids
            return
        self._doubt("system")
        if any(map(self._is_new, uniqueids)):
            self._doubt("call")

    def _is_new(self, uniqueid: str | None) -> bool:
        at_first = self._listed_at_first
        return uniqueid is not None and at_first is not None and uniqueid not in at_first

    def _doubt(self, name: str) -> None:
        if self._proofs[name] is Proof.NOT_YET:
            self._proofs[name] = Proof.MISSING
