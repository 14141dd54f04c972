"""The calls of one PBX that live now, found by their channels.

In: channels, as events describe them. Out: each one's leg and conversation, made when it is met for
the first time. A channel belongs to one conversation for life; a conversation is found by the
Linkedid of its first channel.
"""

from collections.abc import Collection, Iterator

from telemarketing.ami.events import Channel
from telemarketing.calls.conversation import Conversation
from telemarketing.calls.directory import Directory, Side, endpoint_of
from telemarketing.calls.legs import Leg

_REMEMBERED_CHANNELS = 1000
"""Of calls that are over: stragglers of their events, or of a list, must not wake them again."""


class LiveCalls:
    """Legs and conversations in memory.

    Args:
        pbx: name of the PBX.
        directory: tells which channel is ours and which is outside.
    """

    def __init__(self, pbx: str, directory: Directory) -> None:
        """See the class."""
        self._pbx = pbx
        self._directory = directory
        self._legs: dict[str, Leg] = {}
        self._by_leg: dict[str, Conversation] = {}
        self._by_linkedid: dict[str, Conversation] = {}
        self._over: dict[str, Conversation | None] = {}

    def __len__(self) -> int:
        """How many conversations live."""
        return len(self._by_linkedid)

    def __iter__(self) -> Iterator[Conversation]:
        """All conversations, in order of their making."""
        return iter(self._by_linkedid.values())

    @property
    def leg_count(self) -> int:
        """How many legs are held, those included that ended before their conversation."""
        return len(self._legs)

    @property
    def linkedids(self) -> frozenset[str]:
        """Of all conversations."""
        return frozenset(self._by_linkedid)

    def find(self, uniqueid: str) -> tuple[Conversation, Leg] | None:
        """Give the leg of a channel; None = it is not known, or its call is over."""
        leg = self._legs.get(uniqueid)
        return None if leg is None else (self._by_leg[uniqueid], leg)

    def find_by_linkedid(self, linkedid: str) -> Conversation | None:
        """Give a living conversation; None = there is none of this first channel."""
        return self._by_linkedid.get(linkedid)

    def find_over(self, uniqueid: str) -> Conversation | None:
        """Give the conversation of a channel of old; None = it is not over, or not remembered."""
        return self._over.get(uniqueid)

    def find_or_make(
        self, channel: Channel, at: int, *, from_start: bool = False
    ) -> tuple[Conversation, Leg] | None:
        """Give the leg of a channel, made if it is new; None = its call is over.

        Args:
            channel: as an event describes it.
            at: epoch milliseconds, the creation of a new leg.
            from_start: the event is the channel's creation, so nothing of it was missed.
        """
        leg = self._legs.get(channel.uniqueid)
        if leg is not None:
            return self._by_leg[channel.uniqueid], leg
        if channel.uniqueid in self._over:
            return None
        return self._make(channel, at, from_start=from_start)

    def unnamed(self, listed: Collection[str]) -> set[str]:
        """Give the uniqueids of living legs that a list of channels does not name."""
        return {
            uniqueid
            for uniqueid, leg in self._legs.items()
            if leg.ended_at is None and uniqueid not in listed
        }

    def forget(self, conversation: Conversation) -> None:
        """Let go of a conversation that is over."""
        for uniqueid in conversation.legs:
            del self._legs[uniqueid]
            del self._by_leg[uniqueid]
            self.remember_over(uniqueid, conversation)
        del self._by_linkedid[conversation.linkedid]

    def remember_over(self, uniqueid: str, conversation: Conversation | None = None) -> None:
        """Let nothing that is still said of a channel wake it again."""
        self._over[uniqueid] = conversation
        while len(self._over) > _REMEMBERED_CHANNELS:
            del self._over[next(iter(self._over))]

    def _make(self, channel: Channel, at: int, *, from_start: bool) -> tuple[Conversation, Leg]:
        conversation = self._by_linkedid.get(channel.linkedid)
        if conversation is None:
            conversation = Conversation(self._pbx, channel.linkedid, self._directory, from_start)
            self._by_linkedid[channel.linkedid] = conversation
        side = self._directory.side(channel)
        leg = Leg(
            uniqueid=channel.uniqueid,
            name=channel.name,
            side=side,
            extension=endpoint_of(channel.name) if side is Side.OURS else None,
            exten=channel.exten,
            caller_number=channel.caller_number,
            created_at=at,
        )
        if not from_start:
            leg.answered = channel.state == "Up"
            leg.dialled = channel.uniqueid != channel.linkedid
        conversation.add(leg, in_order=from_start)
        self._legs[channel.uniqueid] = leg
        self._by_leg[channel.uniqueid] = conversation
        return conversation, leg
