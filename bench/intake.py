"""How fast events come in over loopback TCP, on one core, beside panoramisk and a floor.

In: a stream of multiplied real calls, poured by a server on the other core. Out: events/s to framed
and filtered messages, to finished facts, through plain panoramisk, and to bare dicts. Every
measurement logs in as the daemon does and counts all events of the stream, skipped ones too.
"""

import asyncio
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import NamedTuple

import panoramisk

from bench.ami_server import pour
from bench.processes import alone, running
from bench.report import Figure, Section, at_least
from bench.stream import Session, mix_of, multiply, read_sessions, thinned, wire
from telemarketing import logs
from telemarketing.ami.actions import Ping
from telemarketing.ami.events import LinkLost
from telemarketing.ami.link import AmiLink, LinkState
from telemarketing.ami.parsing import parse_event
from telemarketing.ami.wire import Message
from telemarketing.calls.tracker import Tracker
from telemarketing.model.changes import CallEnded
from tests.calls.stream import directory

DENSE_CALLS = 2500
RECORDED_CALLS = 1250
"""Enough for more than 100,000 events of each mix."""
CALLS_PER_S = 50.0
FRAMED_TARGET = 150_000
FACTS_TARGET = 60_000
_NEVER_S = 3600.0


class Run(NamedTuple):
    """One pass over the stream."""

    wall_s: float
    cpu_s: float
    """Of the measured process, in user and kernel mode."""
    made: int
    """Messages, calls that ended, or events."""


def intake(rounds: int) -> list[Section]:
    """Measure on the recorded mix, and on a denser one."""
    sessions = read_sessions()
    return [
        _measure("AMI intake, dense mix", thinned(sessions), DENSE_CALLS, rounds),
        _measure("AMI intake, recorded mix", sessions, RECORDED_CALLS, rounds),
    ]


def _measure(title: str, sessions: list[Session], calls: int, rounds: int) -> Section:
    events = multiply(sessions, calls, CALLS_PER_S)
    with tempfile.NamedTemporaryFile(suffix=".ami") as file:
        size_bytes = file.write(wire(events))
        file.flush()
        runs = _rounds(Path(file.name), rounds)
    _check(runs, sessions, calls, len(events))
    how = (
        f"{len(events):,} events of {calls:,} interleaved calls, multiplied from {len(sessions)} "
        f"sessions recorded on Asterisk 16 and 22 ({mix_of(sessions)}; "
        f"{size_bytes / len(events):.0f} bytes an event). Login, then the whole stream over "
        f"loopback TCP from a server on the other core. Medians of {rounds} rounds in turns; "
        "in brackets per second of the process's own CPU time, which a busy machine disturbs less."
    )
    return Section(title, how, _figures(len(events), runs))


def _rounds(path: Path, rounds: int) -> dict[str, list[Run]]:
    runs: dict[str, list[Run]] = {name: [] for name in _WAYS}
    with running(pour, path) as server:
        port = server.recv()
        assert isinstance(port, int)
        for _ in range(rounds):
            for name in _WAYS:
                runs[name].append(alone(_run, name, port))
    return runs


def _check(
    runs: dict[str, list[Run]], sessions: list[Session], calls: int, event_count: int
) -> None:
    """A fast answer that is wrong is no figure: every event and every call must have come out."""
    repeated = (calls + len(sessions) - 1) // len(sessions) * sessions
    relevant = mix_of(repeated[:calls]).relevant
    wanted = {"framed": relevant, "facts": calls, "panoramisk": event_count, "floor": event_count}
    for name, passes in runs.items():
        counts = {one.made for one in passes}
        assert counts == {wanted[name]}, f"{name}: {counts} instead of {wanted[name]}"


def _figures(event_count: int, runs: dict[str, list[Run]]) -> list[Figure]:
    speed = {
        name: event_count / statistics.median(one.wall_s for one in passes)
        for name, passes in runs.items()
    }
    cpu_speed = {
        name: event_count / statistics.median(one.cpu_s for one in passes)
        for name, passes in runs.items()
    }

    def figure(name: str, what: str, target: int | None = None) -> Figure:
        measured = f"{speed[name]:,.0f} events/s ({cpu_speed[name]:,.0f})"
        beside = f"{cpu_speed[name] / cpu_speed['floor']:.2f} of the floor"
        beside += f", {cpu_speed[name] / cpu_speed['panoramisk']:.1f} x panoramisk"
        goal, met = at_least(speed[name], target) if target else ("", None)
        return Figure(what, measured, goal, met, beside)

    return [
        figure("framed", "framed and filtered: AmiLink.receive() to Message", FRAMED_TARGET),
        figure("facts", "to finished facts: and parse_event, Tracker.apply", FACTS_TARGET),
        figure("panoramisk", "plain panoramisk Manager with a '*' callback"),
        figure("floor", "floor: split and dict in an asyncio Protocol"),
    ]


def _run(name: str, port: int) -> Run:
    logs.configure("error", "json")
    logging.disable(logging.CRITICAL)  # panoramisk reports the end of the stream as an error
    return asyncio.run(_WAYS[name](port))


async def _framed(port: int) -> Run:
    count = 0

    def take(batch: list[Message | LinkLost]) -> None:
        nonlocal count
        count += len(batch)

    run = await _follow(port, take)
    return run._replace(made=count - 1)  # LinkLost is none of the PBX's


async def _facts(port: int) -> Run:
    tracker = Tracker("bench", directory())
    ended = 0

    def take(batch: list[Message | LinkLost]) -> None:
        nonlocal ended
        for message in batch:
            if isinstance(message, LinkLost):
                continue
            event = parse_event(message.headers, message.received_at)
            if event is None:
                continue
            for fact in tracker.apply(event):
                ended += isinstance(fact, CallEnded)

    run = await _follow(port, take)
    return run._replace(made=ended)


async def _follow(port: int, take: Callable[[list[Message | LinkLost]], None]) -> Run:
    link = AmiLink(
        pbx="bench",
        host="127.0.0.1",
        port=port,
        username="telemarketing",
        secret="correct",
        watchdog_s=_NEVER_S,
        ping_every_s=_NEVER_S,
        list_every_s=_NEVER_S,
    )
    running_link = asyncio.create_task(link.run())
    await link.reached(LinkState.FOLLOWING)
    await link.receive()  # what the login brought
    watch = _Watch()
    asking = asyncio.create_task(link.send(Ping()))
    lost = False
    while not lost:
        batch = await link.receive()
        take(batch)
        lost = isinstance(batch[-1], LinkLost)
    run = watch.read()
    link.close()
    await running_link
    await asking
    return run


async def _panoramisk(port: int) -> Run:
    ended = asyncio.Event()
    logged_in = asyncio.Event()
    manager = panoramisk.Manager(
        host="127.0.0.1",
        port=port,
        username="telemarketing",
        secret="correct",
        ping_delay=_NEVER_S,
        ping_interval=_NEVER_S,
        on_login=lambda _manager: logged_in.set(),
        on_disconnect=lambda _manager, _error: ended.set(),
    )
    count = 0

    def on_event(_manager: panoramisk.Manager, _event: panoramisk.message.Message) -> None:
        nonlocal count
        count += 1

    await manager.connect()
    await logged_in.wait()
    manager.register_event("*", on_event)
    watch = _Watch()
    manager.send_action({"Action": "Ping"})
    await ended.wait()
    run = watch.read()
    manager.close()
    return run._replace(made=count)


async def _floor(port: int) -> Run:
    loop = asyncio.get_running_loop()
    _, protocol = await loop.create_connection(_SplitAndDict, "127.0.0.1", port)
    await protocol.logged_in.wait()
    protocol.count = 0
    watch = _Watch()
    protocol.transport.write(b"Action: Ping\r\nActionID: 2\r\n\r\n")
    await protocol.ended.wait()
    return watch.read()._replace(made=protocol.count)


class _SplitAndDict(asyncio.Protocol):
    """The least that can be done to have the headers of every event."""

    def __init__(self) -> None:
        self.logged_in = asyncio.Event()
        self.ended = asyncio.Event()
        self.count = 0
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        login = (
            b"Action: Login\r\nActionID: 1\r\nUsername: telemarketing\r\nSecret: correct\r\n\r\n"
        )
        transport.write(login)

    def data_received(self, data: bytes) -> None:
        *messages, self._rest = (self._rest + data).split(b"\r\n\r\n")
        for raw in messages:
            headers = dict([line.split(": ", 1) for line in _lines(raw)])
            if "Event" in headers:
                self.count += 1
            if headers.get("Event") == "FullyBooted":
                self.logged_in.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()


def _lines(raw: bytes) -> list[str]:
    text = raw.decode()
    # The greeting stands before the first message, in the same piece.
    return text.partition("\r\n")[2].split("\r\n") if text.startswith("Ast") else text.split("\r\n")


class _Watch:
    """Wall and CPU time since it was made."""

    def __init__(self) -> None:
        self._wall_s = time.perf_counter()
        self._cpu_s = time.process_time()

    def read(self) -> Run:
        return Run(time.perf_counter() - self._wall_s, time.process_time() - self._cpu_s, 0)


_WAYS: dict[str, Callable[[int], Coroutine[None, None, Run]]] = {
    "framed": _framed,
    "facts": _facts,
    "panoramisk": _panoramisk,
    "floor": _floor,
}
