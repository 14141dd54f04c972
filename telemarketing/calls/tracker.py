"""Keeps the live calls of one PBX.

In: typed events, in the order in which the PBX sent them, each with its instant. Out: facts in the
past tense, each with a snapshot of its call. Pure: no clock, no input or output, no database.

A conversation begins with its first channel and ends with its last one. Every event tells enough
of its channel to make its leg, so a link that comes up in the middle of a call needs no special
road: the leg is made by whatever comes first, a line of CoreShowChannels or a live event.
"""

from typing import assert_never

from telemarketing.ami import events as ami
from telemarketing.calls.bridges import is_silent
from telemarketing.calls.conversation import Conversation, creation_order
from telemarketing.calls.dialled import number_in
from telemarketing.calls.directory import Directory, Side
from telemarketing.calls.legs import Leg
from telemarketing.calls.live_calls import LiveCalls
from telemarketing.model.call import Call
from telemarketing.model.changes import (
    CallAnswered,
    CallChanged,
    CallEnded,
    CallFact,
    CallStarted,
)


class Tracker:
    """The live calls of one PBX.

    Args:
        pbx: name of the PBX, part of the key of every call.
        directory: tells which channel is ours and which is outside.
    """

    def __init__(self, pbx: str, directory: Directory) -> None:
        """See the class."""
        self._directory = directory
        self._calls = LiveCalls(pbx, directory)
        self._listed: set[str] = set()
        self._unnamed: set[str] = set()

    @property
    def live_count(self) -> int:
        """How many calls live now."""
        return len(self._calls)

    @property
    def channel_count(self) -> int:
        """How many channels are held in memory; 0 when the PBX is quiet."""
        return self._calls.leg_count

    def live_linkedids(self) -> frozenset[str]:
        """Keys (within this PBX) of the calls that live now."""
        return self._calls.linkedids

    def live_calls(self) -> list[Call]:
        """What is known now of the calls that live and have somebody in them."""
        return [found.snapshot() for found in self._calls if found.people]

    def apply(self, event: ami.Event) -> list[CallFact]:
        """Take in one event.

        Returns:
            What became known by it, in order; most events make nothing known.
        """
        match event:  # the most frequent ones first
            case ami.Newstate():
                return self._on_newstate(event)
            case ami.BridgeEnter():
                return self._on_bridge_enter(event)
            case ami.BridgeLeave():
                return self._on_bridge_leave(event)
            case ami.Newchannel():
                return self._on_newchannel(event)
            case ami.Hangup():
                return self._on_hangup(event)
            case ami.DialState():
                return self._on_dial_state(event)
            case ami.DialBegin():
                return self._on_dial_begin(event)
            case ami.DialEnd():
                return self._on_dial_end(event)
            case ami.VarSet():
                return self._on_var_set(event)
            case ami.NewCallerid():
                return self._on_new_callerid(event)
            case ami.HangupRequest():
                return self._on_hangup_request(event)
            case ami.Cdr():
                return self._on_cdr(event)
            case ami.CoreShowChannel():
                return self._on_core_show_channel(event)
            case ami.CoreShowChannelsComplete():
                return self._on_core_show_channels_complete(event)
            case ami.LinkLost():
                return self._on_link_lost(event)
            case _:
                assert_never(event)

    # Channels come and change

    def _on_newchannel(self, event: ami.Newchannel) -> list[CallFact]:
        found = self._calls.find_or_make(event.channel, event.at, from_start=True)
        if found is None:
            return []
        conversation, leg = found
        if leg.uniqueid == conversation.linkedid:
            # A list of channels may overtake the Newchannel of the first of them.
            conversation.seen_from_start = True
            leg.created_at = event.at
        return [] if leg.side is Side.PLUMBING else self._tell(conversation, event.at)

    def _on_newstate(self, event: ami.Newstate) -> list[CallFact]:
        found = self._calls.find_or_make(event.channel, event.at)
        if found is None:
            return []
        conversation, leg = found
        conversation.last_at = max(conversation.last_at, event.at)
        if event.channel.state == "Up":
            leg.answer(event.at)
        elif event.channel.state == "Ringing" and leg.first_ring_at is None:
            leg.start_ringing(event.at)
            return self._tell(conversation, event.at)
        return []

    def _on_new_callerid(self, event: ami.NewCallerid) -> list[CallFact]:
        """The first number that makes sense stays: later ones are the dialplan's cosmetics."""
        found = self._calls.find_or_make(event.channel, event.at)
        if found is None:
            return []
        conversation, leg = found
        said = event.channel.caller_number
        if leg.dialled or said is None or said == leg.caller_number:
            return []
        if leg.caller_number and self._directory.normalise(leg.caller_number):
            return []
        leg.caller_number = said
        return self._tell(conversation, event.at)

    def _on_var_set(self, event: ami.VarSet) -> list[CallFact]:
        found = self._calls.find_or_make(event.channel, event.at)
        if found is None or not found[0].add_recording(event.value):
            return []
        return self._tell(found[0], event.at)

    def _on_cdr(self, event: ami.Cdr) -> list[CallFact]:
        """The PBX's log names a recording, as a rule just after the end of the call."""
        found = self._calls.find(event.uniqueid)
        conversation = found[0] if found else self._calls.find_by_linkedid(event.linkedid)
        if conversation is not None:
            named = conversation.add_recording(event.recording)
            return self._tell(conversation, event.at) if named else []
        over = self._calls.find_over(event.uniqueid)
        if over is None or not over.people or not over.add_recording(event.recording):
            return []
        return [CallChanged(over.snapshot())]

    # One channel calls another

    def _on_dial_begin(self, event: ami.DialBegin) -> list[CallFact]:
        found = self._find_dialled(event)
        if found is None:
            return []
        conversation, leg = found
        leg.dial(event.at, event.dial_string)
        if leg.side is Side.PLUMBING:
            return []
        self._recognise_mobile(conversation, leg)
        return self._tell(conversation, event.at)

    def _recognise_mobile(self, conversation: Conversation, leg: Leg) -> None:
        """A mobile of our own staff, rung for an outside caller, is its owner's telephone."""
        origin = conversation.origin
        if leg.side is not Side.OUTSIDE or origin is None or origin.side is not Side.OUTSIDE:
            return
        number = number_in(leg.dial_string)
        owner = self._directory.mobile_owner(number and self._directory.normalise(number))
        if owner is not None:
            leg.belongs_to(owner)

    def _on_dial_state(self, event: ami.DialState) -> list[CallFact]:
        found = self._find_dialled(event)
        if found is None or event.dial_status not in ("RINGING", "PROGRESS"):
            return []
        conversation, leg = found
        rings_anew = leg.first_ring_at is None
        leg.start_ringing(event.at)
        return self._tell(conversation, event.at) if rings_anew else []

    def _on_dial_end(self, event: ami.DialEnd) -> list[CallFact]:
        found = self._find_dialled(event)
        if found is None:
            return []
        conversation, leg = found
        leg.end_attempt(event.at, event.dial_status)
        conversation.last_at = max(conversation.last_at, event.at)
        return []

    # Channels meet

    def _on_bridge_enter(self, event: ami.BridgeEnter) -> list[CallFact]:
        found = self._calls.find_or_make(event.channel, event.at)
        if found is None or found[1].ended_at is not None:
            return []
        conversation, leg = found
        leg.bridge_id = None if is_silent(event.technology) else event.bridge_id
        return self._after_bridge_change(conversation, event.at)

    def _on_bridge_leave(self, event: ami.BridgeLeave) -> list[CallFact]:
        found = self._calls.find_or_make(event.channel, event.at)
        if found is None or found[1].bridge_id != event.bridge_id:
            return []
        conversation, leg = found
        leg.bridge_id = None
        return self._after_bridge_change(conversation, event.at)

    def _after_bridge_change(self, conversation: Conversation, at: int) -> list[CallFact]:
        was_talking = conversation.talking_since is not None
        if conversation.update_talk(at):
            return self._tell(conversation, at, answered=True)
        if was_talking == (conversation.talking_since is not None):
            return []
        return self._tell(conversation, at)

    # Channels go

    def _on_hangup_request(self, event: ami.HangupRequest) -> list[CallFact]:
        found = self._calls.find_or_make(event.channel, event.at)
        if found is None:
            return []
        conversation, leg = found
        if leg is conversation.origin and conversation.gives_up(leg, event.cause):
            conversation.hung_up_while_waiting = True
        return []

    def _on_hangup(self, event: ami.Hangup) -> list[CallFact]:
        """The end of a channel of which nothing was known before tells nothing of its call."""
        found = self._calls.find(event.channel.uniqueid)
        if found is None:
            self._calls.remember_over(event.channel.uniqueid)
            return []
        if found[1].ended_at is not None:
            return []
        return self._end_leg(*found, event.at, event.cause)

    def _end_leg(
        self, conversation: Conversation, leg: Leg, at: int, cause: int | None
    ) -> list[CallFact]:
        conversation.end_leg(leg, at, cause)
        if conversation.live:
            return []
        self._calls.forget(conversation)
        if not conversation.people:
            # Plumbing alone, such as a page to nobody: no two parties, so no call.
            return []
        return [CallEnded(conversation.snapshot())]

    # A list of what lives now

    def _on_core_show_channel(self, event: ami.CoreShowChannel) -> list[CallFact]:
        uniqueid = event.channel.uniqueid
        self._listed.add(uniqueid)
        if self._calls.find(uniqueid) is not None:
            return []
        found = self._calls.find_or_make(event.channel, event.at - event.duration_ms)
        if found is None:
            return []
        conversation, leg = found
        leg.bridge_id = event.bridge_id
        if event.channel.state == "Ringing":
            leg.start_ringing(event.at)
        return self._after_bridge_change(conversation, event.at)

    def _on_core_show_channels_complete(
        self, event: ami.CoreShowChannelsComplete
    ) -> list[CallFact]:
        """A channel that two lists in a row do not name is gone, and nobody saw it end.

        One list is not enough: the Hangup may have been on its way when the list was made.
        """
        unnamed = self._calls.unnamed(self._listed)
        facts: list[CallFact] = []
        for uniqueid in sorted(unnamed & self._unnamed, key=creation_order):
            if (found := self._calls.find(uniqueid)) is not None:
                conversation, leg = found
                conversation.end_estimated = True
                facts += self._end_leg(conversation, leg, conversation.last_at, None)
        self._unnamed = unnamed
        self._listed.clear()
        for conversation in self._calls:
            facts += self._tell(conversation, conversation.last_at)
        return facts

    def _on_link_lost(self, event: ami.LinkLost) -> list[CallFact]:
        for conversation in self._calls:
            conversation.last_at = max(conversation.last_at, event.at)
        return []

    def _find_dialled(
        self, event: ami.DialBegin | ami.DialState | ami.DialEnd
    ) -> tuple[Conversation, Leg] | None:
        if event.caller is not None:
            self._calls.find_or_make(event.caller, event.at)
        return self._calls.find_or_make(event.dest, event.at)

    def _tell(
        self, conversation: Conversation, at: int, *, answered: bool = False
    ) -> list[CallFact]:
        """Publish what is new of a call, once it is understood who calls whom."""
        conversation.last_at = max(conversation.last_at, at)
        started = conversation.told is None
        if started and not answered and not conversation.understood():
            return []
        noticeable = conversation.noticeable()
        if not answered and conversation.told == noticeable:
            return []
        conversation.told = noticeable
        call = conversation.snapshot()
        facts: list[CallFact] = [CallStarted(call)] if started else []
        if answered:
            facts.append(CallAnswered(call))
        return facts or [CallChanged(call)]
