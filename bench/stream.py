r"""Many calls out of few: recorded sessions of real Asterisks, multiplied and interleaved.

In: session files of `tests/scenarios`, each the whole traffic of one call. Out: events in order of
time, in which every copy of a session has channels, bridges and an outside number of its own. What
stands around the calls (login, responses) is left out. It plays nothing and measures nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

from telemarketing.ami.wire import Framer, Sieve

SCENARIOS = Path(__file__).parent.parent / "tests" / "scenarios"
START_S = 1_795_400_000
"""The instant of the first copy: an hour in November 2026, the same in every run."""

DENSE_RELEVANT = 0.37
DENSE_VARSET = 0.5
"""The mix of a PBX with less chatter than the recorded ones: more to do for each event."""

_STAMP = re.compile(rb"^(.*?\r\nTimestamp: )(\d+\.\d+)(\r\n.*)$", re.DOTALL)
_RECEIVED = re.compile(rb"\r\nReceivedAt: ([\d.]+)$")
_UNIQUEID = re.compile(rb"(?m)^(?:Dest|LocalOne|LocalTwo)?(?:Unique[Ii]d|Linkedid): (\d+\.\d+)\r?$")
_BRIDGE = rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_CHANNEL_NUMBER = rb"(?<=-)[0-9a-f]{8}(?=;[12]|[\r,&@ ]|$)"
_CLIENT = rb"(?:501\d{6}|900301234)(?!\d)"
"""The outside party in every recording, behind 0, 380, +380, 00380 or 90; the second is barred."""


class Event(NamedTuple):
    """One message, cut where the instant of its header Timestamp belongs."""

    due_s: float
    """Epoch seconds at which it is to be sent."""
    head: bytes
    tail: bytes

    def at(self, stamp_s: float) -> bytes:
        """Give the message as it goes over the wire, sent at that epoch second."""
        return b"%b%.6f%b" % (self.head, stamp_s, self.tail)


@dataclass(frozen=True, slots=True)
class Line:
    """A recorded message whose names of its own are taken out."""

    after_s: float
    """Seconds since the beginning of its session."""
    head: tuple[bytes | int, ...]
    """Text, and numbers of the session's names, by turns; what stands before the Timestamp."""
    tail: tuple[bytes | int, ...]
    is_relevant: bool
    """Call tracking wants to see it."""
    is_varset: bool


@dataclass(frozen=True, slots=True)
class Session:
    """One recorded call, ready to be copied."""

    lines: tuple[Line, ...]
    names: tuple[bytes, ...]
    """Uniqueids, bridges, channel numbers and the client's number, as recorded."""

    @property
    def lasts_s(self) -> float:
        """From its first to its last message."""
        return self.lines[-1].after_s


@dataclass(frozen=True, slots=True)
class Mix:
    """What a stream is made of."""

    events: int
    relevant: int
    varset: int

    def __str__(self) -> str:
        return f"{self.relevant / self.events:.1%} relevant, {self.varset / self.events:.1%} VarSet"


def read_sessions(folder: Path = SCENARIOS) -> list[Session]:
    """Read all recorded sessions, in order of their names.

    Raises:
        FileNotFoundError: the folder holds none.
    """
    paths = sorted(folder.glob("*/*.ami"))
    if not paths:
        raise FileNotFoundError(f"{folder} holds no recorded sessions")
    return [read_session(path.read_bytes()) for path in paths]


def read_session(recording: bytes) -> Session:
    """Take one recorded session apart."""
    framed = [raw.lstrip(b"\r\n") for raw in Framer().feed(recording)]
    # Only what has a Timestamp belongs to a call; SuccessfulAuth is the recorder's own login.
    cut = [
        (raw, found)
        for raw in framed
        if (found := _STAMP.match(raw)) and not raw.startswith(b"Event: SuccessfulAuth")
    ]
    uniqueids = sorted({name for raw, _ in cut for name in _UNIQUEID.findall(raw)})
    own_uniqueids = b"|".join(rb"(?<!\d)%b(?!\d)" % re.escape(name) for name in uniqueids)
    own = re.compile(b"(" + b"|".join((own_uniqueids, _BRIDGE, _CHANNEL_NUMBER, _CLIENT)) + b")")
    numbers: dict[bytes, int] = {}
    began_s = _received_s(cut[0][0])
    lines = [
        Line(
            after_s=_received_s(raw) - began_s,
            head=_take_apart(own, found[1], numbers),
            tail=_take_apart(own, _RECEIVED.sub(b"", found[3]) + b"\r\n\r\n", numbers),
            is_relevant=bool(Sieve().select([raw])[0]),
            is_varset=raw.startswith(b"Event: VarSet"),
        )
        for raw, found in cut
    ]
    return Session(tuple(lines), tuple(numbers))


def _received_s(raw: bytes) -> float:
    found = _RECEIVED.search(raw)
    assert found is not None, "a session file has ReceivedAt in every message"
    return float(found[1])


def _take_apart(
    own: re.Pattern[bytes], text: bytes, numbers: dict[bytes, int]
) -> tuple[bytes | int, ...]:
    pieces = own.split(text)
    # Every second piece is a name: re.split gives the text between matches and the matches.
    return tuple(
        numbers.setdefault(piece, len(numbers)) if place % 2 else piece
        for place, piece in enumerate(pieces)
    )


def mix_of(sessions: Iterable[Session]) -> Mix:
    """Count what sessions are made of."""
    lines = [line for session in sessions for line in session.lines]
    relevant = sum(line.is_relevant for line in lines)
    return Mix(len(lines), relevant, sum(line.is_varset for line in lines))


def thinned(sessions: list[Session]) -> list[Session]:
    """Leave out skipped events, evenly, until DENSE_RELEVANT are relevant and half is VarSet.

    No relevant event is touched, so the calls stay the same.
    """
    mix = mix_of(sessions)
    wanted = mix.relevant / DENSE_RELEVANT
    skipped = [line for session in sessions for line in session.lines if not line.is_relevant]
    varset = sum(line.is_varset for line in skipped)
    varset_to_keep = wanted * DENSE_VARSET - (mix.varset - varset)
    keep_varset = varset_to_keep / varset
    keep_other = (wanted - mix.relevant - varset_to_keep) / (len(skipped) - varset)
    due = {True: 0.0, False: 0.0}

    def stays(line: Line) -> bool:
        if line.is_relevant:
            return True
        due[line.is_varset] += keep_varset if line.is_varset else keep_other
        if due[line.is_varset] < 1:
            return False
        due[line.is_varset] -= 1
        return True

    return [replace(each, lines=tuple(filter(stays, each.lines))) for each in sessions]


def multiply(
    sessions: list[Session], calls: int, calls_per_s: float, first: int = 0
) -> list[Event]:
    """Let copies of the sessions begin in turn, at an even pace, and interleave their events.

    Args:
        sessions: what to copy, one after the other and again from the start.
        calls: how many copies.
        calls_per_s: how many begin each second.
        first: number of the first copy; streams of different numbers have nothing in common.

    Returns:
        All events in order of time; the first is due at START_S.
    """
    copies = enumerate(islice(cycle(sessions), calls))
    events = [
        event
        for place, session in copies
        for event in copy(session, first + place, START_S + place / calls_per_s)
    ]
    events.sort(key=lambda event: event.due_s)
    return events


def copy(session: Session, number: int, start_s: float) -> Iterator[Event]:
    """Give one copy of a session, all its names replaced by ones that only this copy has."""
    names = [_renamed(name, place, number) for place, name in enumerate(session.names)]
    for line in session.lines:
        yield Event(
            start_s + line.after_s,
            b"".join([names[part] if isinstance(part, int) else part for part in line.head]),
            b"".join([names[part] if isinstance(part, int) else part for part in line.tail]),
        )


def _renamed(name: bytes, place: int, number: int) -> bytes:
    """Make a name of the same form; `number` is the copy's, `place` tells its names apart."""
    fresh = number * 64 + place
    if b"." in name:
        return b"%d.%d" % (START_S, fresh)
    if b"-" in name:
        return b"%08x%b" % (fresh, name[8:])
    if len(name) == 8:
        return b"%08x" % fresh
    return b"50%07d" % (1_000_000 + number)


def wire(events: Iterable[Event]) -> bytes:
    """Give events as the bytes of a socket, each sent when it was due."""
    return b"".join([event.at(event.due_s) for event in events])
