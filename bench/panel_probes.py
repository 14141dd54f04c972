"""Calls of leads that somebody watches, among the calls of a busy hour.

In: which leads, by their numbers. Out: events to be played with all others, and which call is of
which lead. Each lead has one call at a time, with a pause: its card has come to rest when the next
Hangup changes it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from bench.stream import SCENARIOS, START_S, Event, Session, copy, read_session

KIND = "outbound/answered.22"
TALK_LONGER_S = 0.9
"""The recorded talk lasts 0.7 s. A card asks for itself at most every 700 ms: what the answer has
changed must be on it before the call ends, as it is in every talk of people."""
EVERY_S = 3.0
_ANSWERED_AFTER_S = 0.9
"""Into the recording: the talk goes on, and nobody has hung up."""
_FIRST_NUMBER = 800_000
"""Of the copies; those of the busy hour begin with 0."""
_LINKEDID = re.compile(rb"\r\nLinkedid: (\S+)\r\n")


def national(lead: int) -> str:
    """Give the number of a watched lead without its 0: `501900003`."""
    return f"50{1_900_000 + lead:07d}"


def probes(leads: int, calls_each: int) -> tuple[list[Event], dict[str, int]]:
    """Make the calls of all watched leads.

    Returns:
        Their events in order of time, the first some seconds into the stream; and the leads, 0, 1,
        ..., by linkedid.
    """
    session = _with_longer_talk(read_session((SCENARIOS / f"{KIND}.ami").read_bytes()))
    events: list[Event] = []
    owners: dict[str, int] = {}
    for call in range(calls_each):
        for lead in range(leads):
            at_s = START_S + 2.0 + EVERY_S * (call + lead / leads)
            number = _FIRST_NUMBER + call * leads + lead
            made = list(_to(national(lead), number, copy(session, number, at_s)))
            events += made
            owners[_linkedid(made)] = lead
    events.sort(key=lambda event: event.due_s)
    return events, owners


def _with_longer_talk(session: Session) -> Session:
    return replace(
        session,
        lines=tuple(
            replace(line, after_s=line.after_s + TALK_LONGER_S * (line.after_s > _ANSWERED_AFTER_S))
            for line in session.lines
        ),
    )


def _to(number: str, copy_number: int, events: Iterator[Event]) -> Iterator[Event]:
    """Let a copy dial that number instead of the one that only this copy has."""
    own = b"50%07d" % (1_000_000 + copy_number)
    for event in events:
        yield Event(
            event.due_s,
            event.head.replace(own, number.encode()),
            event.tail.replace(own, number.encode()),
        )


def _linkedid(events: list[Event]) -> str:
    found = next(filter(None, (_LINKEDID.search(event.tail) for event in events)))
    return found[1].decode()
