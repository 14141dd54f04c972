"""What one event and one live leg cost when many calls live at once.

In: the dense stream, followed by parser and tracker while other calls stay up. Out: time per event
and bytes per leg; both must stay flat. No socket and no database take part.
"""

import gc
import time
import tracemalloc
from itertools import takewhile
from statistics import median

from bench.processes import alone
from bench.report import Figure, Section, below
from bench.stream import Event, Session, copy, multiply, read_sessions, thinned, wire
from telemarketing.ami.parsing import parse_event
from telemarketing.ami.wire import Framer, Sieve, parse_message
from telemarketing.calls.tracker import Tracker
from tests.calls.stream import directory

LIVE_CALLS = (10, 500, 5000)
LEG_TARGET_BYTES = 2048
FLAT_TARGET = 1.2
"""The dearest event may cost so many times the cheapest: less is within what repeats vary."""
_ROUNDS = 3
_MEASURED_CALLS = 1000
_MEASURED_PER_S = 5.0
_PIECE_BYTES = 64 * 1024
_AWAY = 1_000_000


class Follower:
    """The way of an event without a socket: frame, filter, decode, type, track."""

    def __init__(self) -> None:
        self._framer = Framer()
        self._sieve = Sieve()
        self.tracker = Tracker("bench", directory())

    def feed(self, chunk: bytes) -> None:
        """Take bytes and forget the facts that come of them."""
        events, _ = self._sieve.select(self._framer.feed(chunk))
        for raw in events:
            event = parse_event(parse_message(raw, 0).headers, 0)
            if event is not None:
                self.tracker.apply(event)


def scale() -> list[Section]:
    """Measure beside 10, 500 and 5,000 calls that stay up."""
    passes = [{live: alone(cost_us, live) for live in LIVE_CALLS} for _ in range(_ROUNDS)]
    costs_us = {live: median(one[live] for one in passes) for live in LIVE_CALLS}
    least_us = costs_us[LIVE_CALLS[0]]
    figures = [
        Figure(
            f"an event beside {live:,} live calls",
            f"{cost:.2f} us",
            *(below(cost / least_us, FLAT_TARGET, f"x that of {LIVE_CALLS[0]}")),
            f"{cost / least_us:.2f} x that of {LIVE_CALLS[0]}",
        )
        for live, cost in costs_us.items()
    ]
    for live in LIVE_CALLS[1:]:
        size = alone(leg_bytes, live)
        target = below(size, LEG_TARGET_BYTES, "bytes")
        figures.append(Figure(f"a leg, of {live:,} live calls", f"{size:,.0f} bytes", *target))
    how = (
        f"Framer, Sieve, parse_event and Tracker in one process, dense mix; CPU time of all events "
        f"of {_MEASURED_CALLS:,} calls, while the others stay up. Medians of {_ROUNDS} rounds in "
        "turns. Bytes by tracemalloc: all that is held for live calls, divided by their legs."
    )
    return [Section("Many calls at once", how, figures)]


def cost_us(live: int) -> float:
    """Give the CPU time per event, in microseconds, while so many other calls stay up."""
    sessions = thinned(read_sessions())
    follower = Follower()
    follower.feed(_opening(sessions, live))
    assert follower.tracker.live_count == live
    events = multiply(sessions, _MEASURED_CALLS, _MEASURED_PER_S)
    stream = wire(events)
    pieces = [stream[at : at + _PIECE_BYTES] for at in range(0, len(stream), _PIECE_BYTES)]
    count = len(events)
    del events, stream
    gc.collect()
    began_s = time.process_time()
    for piece in pieces:
        follower.feed(piece)
    took_s = time.process_time() - began_s
    assert follower.tracker.live_count == live, "every measured call must have ended"
    return took_s * 1e6 / count


def leg_bytes(live: int) -> float:
    """Give the bytes that are held for each leg of so many live calls."""
    opening = _opening(thinned(read_sessions()), live)
    follower = Follower()
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for at in range(0, len(opening), _PIECE_BYTES):
        follower.feed(opening[at : at + _PIECE_BYTES])
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    return (after - before) / follower.tracker.channel_count


def _opening(sessions: list[Session], live: int) -> bytes:
    """The beginning of so many calls, each up to where its first channel would go."""
    events = [
        event
        for number in range(live)
        for event in takewhile(
            _is_before_the_end, copy(sessions[number % len(sessions)], _AWAY + number, 0.0)
        )
    ]
    return wire(events)


def _is_before_the_end(event: Event) -> bool:
    return not event.head.startswith(b"Event: Hangup\r\n")
