"""Multiplied sessions stay what was recorded, or the figures would be about something else."""

from collections import Counter

import pytest

from bench.stream import Session, mix_of, multiply, read_sessions, thinned, wire
from telemarketing.ami.parsing import parse_event
from telemarketing.ami.wire import Framer, Sieve, parse_message
from telemarketing.calls.tracker import Tracker
from telemarketing.model.call import Call
from telemarketing.model.changes import CallEnded
from tests.calls.stream import directory


@pytest.fixture(scope="module")
def sessions() -> list[Session]:
    """All recorded sessions, each of one call."""
    return read_sessions()


def follow(stream: bytes) -> list[Call]:
    """The calls in a stream, by the program's own parser and tracker."""
    tracker = Tracker("main", directory())
    events, _ = Sieve().select(Framer().feed(stream))
    calls = []
    for raw in events:
        event = parse_event(parse_message(raw, 0).headers, 0)
        assert event is not None
        calls += [fact.call for fact in tracker.apply(event) if isinstance(fact, CallEnded)]
    assert tracker.live_count == 0
    return calls


def ways_to_end(calls: list[Call]) -> Counter[tuple[str, str]]:
    """How many calls of each direction ended how."""
    return Counter((call.direction.value, call.disposition.value) for call in calls)


def test_each_copy_is_a_call_that_ends_as_recorded(sessions: list[Session]) -> None:
    """Interleaved copies end as often and in the same ways as the sessions one by one."""
    alone = [call for session in sessions for call in follow(wire(multiply([session], 1, 1.0)))]
    together = follow(wire(multiply(sessions, 2 * len(sessions), 50.0)))
    assert len(alone) == len(sessions)
    twice = ways_to_end(alone + alone)
    assert ways_to_end(together) == twice


def test_no_two_copies_share_a_call_or_a_number(sessions: list[Session]) -> None:
    """Every copy has a linkedid and an outside number of its own, in this and another stream."""
    count = len(sessions)
    calls = follow(wire(multiply(sessions, count, 50.0)))
    calls += follow(wire(multiply(sessions, count, 50.0, first=count)))
    assert len({call.linkedid for call in calls}) == len(calls)
    numbers = [call.number for call in calls if call.number is not None]
    assert len(set(numbers)) == len(numbers)


def test_thinning_leaves_out_only_what_is_skipped(sessions: list[Session]) -> None:
    """The dense mix has 37 % relevant events, half VarSet, and the same calls."""
    dense = mix_of(thinned(sessions))
    assert dense.relevant == mix_of(sessions).relevant
    assert dense.relevant / dense.events == pytest.approx(0.37, abs=0.01)
    assert dense.varset / dense.events == pytest.approx(0.5, abs=0.01)
    pace = len(sessions), 50.0
    assert follow(wire(multiply(thinned(sessions), *pace))) == follow(
        wire(multiply(sessions, *pace))
    )
