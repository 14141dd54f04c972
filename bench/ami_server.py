"""A PBX in a process of its own: it plays streams over loopback TCP to whoever logs in.

In: a file of wire bytes, or sessions to multiply. Out: everything at once behind a Ping, or each
event at its moment with the wall clock in its Timestamp. It never waits for whom it serves.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from bench.processes import pin
from bench.stream import SCENARIOS, START_S, Event, multiply, read_session, read_sessions
from tests.ami.server import AmiServer, Headers, response

_HANGUP = re.compile(rb"\r\nLinkedid: (\S+)\r\n")
_HURRY_S = 0.0005
"""What is due so soon is sent with what is due now; one waking for each event costs too much."""


def pour(pipe: "Connection[object, object]", core: int | None, path: Path) -> None:
    """Send a whole file to each connection as soon as it sends a Ping, then hang up; for ever."""
    pin(core)
    asyncio.run(_pour(pipe, path.read_bytes()))


async def _pour(pipe: "Connection[object, object]", stream: bytes) -> None:
    async with AmiServer() as server:

        def play(action: Headers) -> bytes:
            # The server writes what is returned here before the loop comes to the hang-up.
            asyncio.get_running_loop().call_soon(server.hang_up)
            return response(action, Ping="Pong") + stream

        server.answers["Ping"] = play
        pipe.send(server.port)
        await asyncio.Event().wait()


def play(
    pipe: "Connection[object, object]", core: int | None, calls: int, calls_per_s: float
) -> None:
    """Play calls of all recorded kinds in real time.

    Once whoever follows is in step and the parent says go. The pipe gives the port, takes one go,
    and gives a dict: linkedid -> epoch seconds at which the last Hangup of the call was written.
    """
    pin(core)
    asyncio.run(_play(pipe, multiply(read_sessions(), calls, calls_per_s)))


def play_sessions(
    pipe: "Connection[object, object]",
    core: int | None,
    names: Sequence[str],
    calls: int,
    calls_per_s: float,
) -> None:
    """Play calls of the named kinds, `inbound/missed.22`, as `play` does."""
    pin(core)
    sessions = [read_session((SCENARIOS / f"{name}.ami").read_bytes()) for name in names]
    asyncio.run(_play(pipe, multiply(sessions, calls, calls_per_s)))


def play_events(
    pipe: "Connection[object, object]", core: int | None, events: Sequence[Event]
) -> None:
    """Play events that are there already, as `play` does."""
    pin(core)
    asyncio.run(_play(pipe, events))


async def _play(pipe: "Connection[object, object]", events: Sequence[Event]) -> None:
    hung_up: dict[str, float] = {}
    async with AmiServer() as server:
        pipe.send(server.port)
        await asyncio.to_thread(pipe.recv)
        shift_s = time.time() - START_S
        due: list[bytes] = []
        for event in events:
            wait_s = event.due_s + shift_s - time.time()
            if wait_s > _HURRY_S:
                server.say(*due)
                due.clear()
                await asyncio.sleep(wait_s)
            if server.writer.is_closing():
                return
            now_s = time.time()
            due.append(event.at(now_s))
            if event.head.startswith(b"Event: Hangup\r\n") and (
                found := _HANGUP.search(event.tail)
            ):
                hung_up[found[1].decode()] = now_s
        server.say(*due)
        pipe.send(hung_up)
        await asyncio.Event().wait()
