"""Whatever a PBX says, and however little of it arrives: laws that no stream of events breaks.

The streams are those of real Asterisks: several recorded calls at once, mixed, cut off anywhere,
with events that come twice or change places with their neighbours.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from telemarketing.ami import events as ami
from telemarketing.ami.capture import read_session
from telemarketing.ami.parsing import parse_event
from telemarketing.calls.tracker import Tracker
from telemarketing.model.call import Call
from telemarketing.model.changes import CallAnswered, CallEnded, CallFact, CallStarted
from tests.calls.stream import directory

SESSIONS = sorted((Path(__file__).parent.parent / "scenarios").glob("*/*.ami"))
_LISTS = (ami.CoreShowChannel, ami.CoreShowChannelsComplete)
_DIRECTORY = directory()

Events = list[ami.Event]
"""Typed events of one PBX, in order."""


@cache
def recorded(path: Path) -> tuple[ami.Event, ...]:
    """The events of a recorded call, without the lists of channels, which tell of all calls."""
    events = (parse_event(one.headers, one.received_at) for one in read_session(path))
    return tuple(one for one in events if one is not None and not isinstance(one, _LISTS))


def renamed(event: ami.Event, copy: int) -> ami.Event:
    """The same event of another call: every identifier belongs to one copy of the recording."""
    changes: dict[str, Any] = {
        name: replace(
            channel,
            uniqueid=f"copy{copy}-{channel.uniqueid}",
            linkedid=f"copy{copy}-{channel.linkedid}",
        )
        for name in ("channel", "caller", "dest")
        if (channel := getattr(event, name, None)) is not None
    }
    for name in ("uniqueid", "linkedid"):
        if hasattr(event, name):
            changes[name] = f"copy{copy}-{getattr(event, name)}"
    if hasattr(event, "bridge_id"):
        changes["bridge_id"] = f"copy{copy}-{event.bridge_id}"
    return replace(event, **changes)


@st.composite
def mixtures(draw: st.DrawFn) -> Events:
    """One to four recorded calls at once; each keeps its own order."""
    paths = draw(st.lists(st.sampled_from(SESSIONS), min_size=1, max_size=4))
    waiting = [
        [renamed(event, copy) for event in recorded(path)] for copy, path in enumerate(paths)
    ]
    order = draw(st.randoms(use_true_random=False))
    mixed: Events = []
    while waiting:
        call = order.choice(waiting)
        mixed.append(call.pop(0))
        waiting = [call for call in waiting if call]
    return mixed


@st.composite
def disturbed(draw: st.DrawFn) -> Events:
    """A mixture from anywhere on; events come twice, or change places with a near neighbour."""
    events = draw(mixtures())
    events = events[draw(st.integers(0, len(events) - 1)) :]
    last = len(events) - 1
    for place in draw(st.lists(st.integers(0, last), max_size=5)):
        other = min(last, place + draw(st.integers(1, 3)))
        events[place], events[other] = events[other], events[place]
    for place in draw(st.lists(st.integers(0, last), max_size=5)):
        events.insert(place + draw(st.integers(0, 3)), events[place])
    return events


def follow(tracker: Tracker, events: Events) -> list[CallFact]:
    """Give the events to a tracker, every fact of which is lawful."""
    facts: list[CallFact] = []
    for event in events:
        facts += tracker.apply(event)
    for fact in facts:
        assert_lawful(fact.call)
    return facts


def assert_lawful(call: Call) -> None:
    """No time is negative, and nobody talks outside the time between answer and end."""
    assert call.ring_ms >= 0
    assert call.talk_ms >= 0
    assert all(who.ring_ms >= 0 and who.talk_ms >= 0 for who in call.operators)
    assert call.answered_at is None or call.answered_at >= call.started_at
    if call.ended_at is None:
        return
    assert call.ended_at >= call.started_at
    longest_ms = 0 if call.answered_at is None else call.ended_at - call.answered_at
    assert call.talk_ms <= longest_ms
    # An extension may have several telephones, but only one of them at the ear.
    assert all(who.talk_ms <= longest_ms for who in call.operators)


def last_told(facts: list[CallFact]) -> dict[str, Call]:
    """The last snapshot of each call, by its key."""
    return {fact.call.linkedid: fact.call for fact in facts}


@given(events=mixtures())
@settings(max_examples=50, deadline=None)
def test_calls_at_once_are_told_as_if_each_were_alone(events: Events) -> None:
    """However the events of several calls are mixed, each call is the same; nothing is left."""
    together = Tracker("main", _DIRECTORY)
    facts = follow(together, events)

    assert (together.live_count, together.channel_count) == (0, 0)
    for linkedid, call in last_told(facts).items():
        copy = linkedid.partition("-")[0]
        alone = [event for event in events if _copy_of(event) == copy]
        assert last_told(follow(Tracker("main", _DIRECTORY), alone)) == {linkedid: call}


@given(events=mixtures())
@settings(max_examples=50, deadline=None)
def test_the_facts_of_a_call_come_in_their_order(events: Events) -> None:
    """Begun first, answered once at most, ended once and last."""
    by_call: dict[str, list[CallFact]] = {}
    for fact in follow(Tracker("main", _DIRECTORY), events):
        by_call.setdefault(fact.call.linkedid, []).append(fact)

    for facts in by_call.values():
        kinds = [type(fact) for fact in facts]
        assert kinds.count(CallEnded) == 1
        assert kinds[-1] is CallEnded
        assert CallStarted not in kinds[1:]
        assert kinds.count(CallAnswered) == (facts[-1].call.answered_at is not None)


@given(events=mixtures())
@settings(max_examples=50, deadline=None)
def test_every_event_twice_changes_no_call(events: Events) -> None:
    """A PBX that stutters makes no second talk, ringing, answer or end."""
    stuttered = [event for event in events for _ in range(2)]

    once = follow(Tracker("main", _DIRECTORY), events)
    assert follow(Tracker("main", _DIRECTORY), stuttered) == once


@given(events=disturbed())
@settings(max_examples=150, deadline=None)
def test_a_stream_that_begins_anywhere_leaves_nothing_behind(events: Events) -> None:
    """When the last channel has hung up, no call is left in memory, with lists or without."""
    tracker = Tracker("main", _DIRECTORY)
    follow(tracker, events)

    assert (tracker.live_count, tracker.channel_count) == (0, 0)


@given(events=disturbed(), end=st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_a_stream_that_ends_anywhere_is_cleared_by_two_lists(events: Events, end: int) -> None:
    """What was cut off is closed as estimated, by two lists that do not name it any more."""
    tracker = Tracker("main", _DIRECTORY)
    end %= len(events)
    follow(tracker, [*events[:end], ami.LinkLost(max(event.at for event in events))])
    empty = ami.CoreShowChannelsComplete(events[-1].at)

    after = follow(tracker, [empty, empty])

    assert (tracker.live_count, tracker.channel_count) == (0, 0)
    closed = [fact.call for fact in after if isinstance(fact, CallEnded)]
    assert all(call.end_estimated for call in closed)


@given(events=mixtures(), end=st.integers(0, 200))
@settings(max_examples=50, deadline=None)
def test_two_lists_end_no_call_that_was_seen_to_end(events: Events, end: int) -> None:
    """Of a stream that is followed from its beginning, every call ends once, estimated or not."""
    tracker = Tracker("main", _DIRECTORY)
    empty = ami.CoreShowChannelsComplete(events[-1].at)

    facts = follow(tracker, [*events[: end % len(events)], empty, empty])

    ended = [fact.call.linkedid for fact in facts if isinstance(fact, CallEnded)]
    assert len(ended) == len(set(ended))


def _copy_of(event: ami.Event) -> str:
    if isinstance(event, ami.Cdr):
        return event.uniqueid.partition("-")[0]
    channel = getattr(event, "dest", None) or getattr(event, "channel", None)
    return "" if channel is None else str(channel.uniqueid.partition("-")[0])
