"""What it costs to tell two thousand open pages of every change.

In: as many people, each with a stream, and calls that everybody may see. Out: the share of a core
that the daemon takes while it tells all of them ten times a second; beside it the same calls with
nobody looking, and a bare asyncio server that writes the same bytes to as many sockets.
"""

import resource
import tempfile
import time
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path

from bench.ami_server import play_sessions
from bench.daemon import Daemon, daemon
from bench.databases import DISK, new_database
from bench.panel_people import add_crowd, sign_in
from bench.processes import SERVER_CORE, running
from bench.readers import Heard, listen, port_of, speak, stream_requests
from bench.report import Figure, Section, below

SHARE_TARGET = 0.5
MEMORY_TARGET_MB = 120.0
CALL_THAT_REACHES_NOBODY = "inbound/unknown_did.22"
"""Begins and ends at once, so each is one change; its lead is nobody's, so everybody may see it."""
_FILES_AT_LEAST = 10_000
_SETTLE_S = 2.0


def streams(count: int, changes_per_s: float, lasts_s: float) -> list[Section]:
    """Measure with so many streams and changes, for so long."""
    _allow_files()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=DISK)))
        url = stack.enter_context(new_database("SQLite", folder))
        tokens = sign_in(url, add_crowd(url, count))
        calls = round(changes_per_s * (2 * lasts_s + 20 + 4 * _SETTLE_S))
        pbx = stack.enter_context(
            running(play_sessions, [CALL_THAT_REACHES_NOBODY], calls, changes_per_s)
        )
        port = pbx.recv()
        assert isinstance(port, int)
        followed = stack.enter_context(daemon(folder, url, port))
        followed.follows()
        pbx.send("go")
        time.sleep(_SETTLE_S)
        alone = _share(followed, lasts_s)
        requests = stream_requests(followed.panel_url, tokens)
        readers = stack.enter_context(running(listen, port_of(followed.panel_url), requests))
        assert readers.recv() == "open"
        time.sleep(_SETTLE_S)
        _count(readers)
        share = _share(followed, lasts_s)
        heard = _count(readers)
        memory_mb = followed.resident_mb()
    assert heard.open_count == count, f"{heard.open_count} of {count} streams are still open"
    message = b"x" * (heard.byte_count // heard.messages - 2) + b"\n\n"
    per_s = heard.messages / count / lasts_s
    floor = _floor_share(count, message, per_s, lasts_s)
    how = (
        f"{count:,} people, each with an open stream; {changes_per_s:g} calls/s that reach nobody, "
        f"each a change that everybody may see, for {lasts_s:g} s. The streams were sent "
        f"{per_s:.1f} messages/s each, {len(message)} bytes with their framing, none left out. The "
        "share is CPU time of the whole daemon: AMI, calls, database and panel. Floor: a bare "
        "asyncio server that writes the same bytes at the same pace to as many sockets."
    )
    figures = [
        Figure(
            f"the daemon, {count:,} streams",
            f"{share:.2f} cores",
            *below(share, SHARE_TARGET, "cores"),
            f"{share / floor:.1f} x the floor",
        ),
        Figure(
            "of that, what the streams cost",
            f"{share - alone:.2f} cores",
            beside=f"{(share - alone) / floor:.1f} x the floor",
        ),
        Figure("the same calls, nobody looks", f"{alone:.2f} cores"),
        Figure("floor: the bytes alone", f"{floor:.2f} cores"),
        Figure(f"memory with {count:,} streams", f"{memory_mb:.0f} MB"),
    ]
    return [Section("Open streams", how, figures)]


def _allow_files() -> None:
    """Let this process, and those it starts, have a file for every stream."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < _FILES_AT_LEAST:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(_FILES_AT_LEAST, hard), hard))


def _share(followed: Daemon, lasts_s: float) -> float:
    """Wait so long and tell how much of a core the daemon took."""
    began_s, cpu_s = time.perf_counter(), followed.cpu_s()
    time.sleep(lasts_s)
    return (followed.cpu_s() - cpu_s) / (time.perf_counter() - began_s)


def _count(readers: "Connection[object, object]") -> Heard:
    readers.send("count")
    heard = readers.recv()
    assert isinstance(heard, Heard)
    return heard


def _floor_share(count: int, message: bytes, per_s: float, lasts_s: float) -> float:
    with running(speak, count, message, per_s, lasts_s, core=None) as server:
        port = server.recv()
        assert isinstance(port, int)
        requests = [b"a stream, please\n"] * count
        with running(listen, port, requests, core=SERVER_CORE) as readers:
            assert readers.recv() == "open"
            server.send("go")
            cpu_s = server.recv()
    assert isinstance(cpu_s, float)
    return cpu_s / lasts_s
