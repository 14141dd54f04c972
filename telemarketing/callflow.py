"""What happens to one message of a PBX, from the socket to the lead: READ THIS FIRST.

    ami/link.py        bytes -> whole messages, in order, each stamped with its arrival
    ami/parsing.py     message -> typed event (a Hangup, say), or nothing for the uninteresting
    calls/tracker.py   event -> facts: a call has started, was answered, has ended
    crm/journal.py     facts wait here; everything that waits goes into one transaction
    crm/call_log.py    in it: store the call, find or make its lead, settle who is responsible
    publish            only after the commit is the world told: the log, and open panels

Each PBX has a flow of its own, so one that is away does not disturb the others. All share
one journal, where a fact waits while the flow goes on.
"""

from typing import Protocol

import structlog

from telemarketing.ami.events import (
    CoreShowChannel,
    CoreShowChannelsComplete,
    Event,
    LinkLost,
)
from telemarketing.ami.parsing import parse_event
from telemarketing.ami.wire import Message
from telemarketing.calls.tracker import Tracker
from telemarketing.crm.journal import Journal
from telemarketing.live import Live
from telemarketing.model.changes import CallEnded, Change, LeadCreated
from telemarketing.model.pbx import Comparison

log = structlog.get_logger(__name__)


class Source(Protocol):
    """Where messages come from: a link to a PBX."""

    async def receive(self) -> list[Message | LinkLost]:
        """Wait for the next messages, in order; none = the link is closed for good."""


class CallFlow:
    """The road of the messages of one PBX.

    Args:
        pbx: its name.
        source: gives its messages.
        tracker: keeps its live calls.
        journal: stores what becomes known; shared by all PBXs.
    """

    def __init__(self, pbx: str, source: Source, tracker: Tracker, journal: Journal) -> None:
        """See the class."""
        self._pbx = pbx
        self._source = source
        self._tracker = tracker
        self._journal = journal
        self._swept = False
        self._listed: set[str] = set()
        self._comparison: Comparison | None = None
        self._clock_lead_ms = 0
        """How far the PBX's clock is ahead of ours, by the last event that it stamped."""

    @property
    def live_calls_here(self) -> int:
        """How many calls live, as call tracking knows them."""
        return self._tracker.live_count

    @property
    def comparison(self) -> Comparison | None:
        """Our live calls beside those of the PBX's last list; None = none has come yet."""
        return self._comparison

    async def run(self) -> None:
        """Follow until the link is closed."""
        while messages := await self._source.receive():
            for message in messages:
                try:
                    self.take(message)
                except Exception:
                    # A fault of ours that one message brings out, at every start anew if the list
                    # of channels does: it may cost that call, but not those of all PBXs.
                    log.exception("a message was not understood and is left out", pbx=self._pbx)

    def take(self, message: Message | LinkLost) -> None:
        """Let one message run its whole way."""
        event = self._event_of(message)
        if event is None:
            return
        if isinstance(event, LinkLost):
            self._swept = False
        for fact in self._tracker.apply(event):
            self._journal.add(fact)
        self._count_listed(event)
        if isinstance(event, CoreShowChannelsComplete) and not self._swept:
            self._swept = True
            log.debug("in step", pbx=self._pbx, live=self._tracker.live_count)
            self._journal.add_sweep(self._pbx, self._tracker.live_linkedids(), event.at)

    def _count_listed(self, event: Event) -> None:
        if isinstance(event, CoreShowChannel):
            self._listed.add(event.channel.linkedid)
        elif isinstance(event, CoreShowChannelsComplete):
            self._comparison = Comparison(event.at, self._tracker.live_count, len(self._listed))
            self._listed.clear()
        elif isinstance(event, LinkLost):
            self._comparison = None
            self._listed.clear()

    def _event_of(self, message: Message | LinkLost) -> Event | None:
        """Make the event; what the PBX did not stamp (lists, the loss of it) has its time too.

        Two clocks in one call would make its times wrong by as much as they differ.
        """
        if isinstance(message, LinkLost):
            return LinkLost(message.at + self._clock_lead_ms)
        event = parse_event(message.headers, message.received_at + self._clock_lead_ms)
        if event is not None:
            self._clock_lead_ms = event.at - message.received_at
        return event


def publish(change: Change, live: Live) -> None:
    """Tell the log and open panels what is now stored."""
    if isinstance(change, LeadCreated):
        log.info(
            "lead created",
            lead_id=change.lead_id,
            phone=change.phone,
            pbx=change.pbx,
            linkedid=change.linkedid,
        )
    elif isinstance(change, CallEnded):
        call = change.call
        log.info(
            "call stored",
            pbx=call.pbx,
            linkedid=call.linkedid,
            direction=call.direction.value,
            number=call.counterpart,
            disposition=call.disposition.value,
            talk_s=call.talk_ms / 1000,
        )
    live.publish(change)
