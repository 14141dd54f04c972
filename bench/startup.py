"""From the start of the process to READY=1 with many leads stored, and the memory it holds.

In: databases filled by the program's own code. Out: seconds and megabytes, beside an interpreter
that does nothing and one that only imports the libraries that the daemon imports.
"""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from bench.ami_server import play
from bench.daemon import PYTHON, daemon, resident_mb
from bench.databases import DISK, KINDS, fill, new_database
from bench.processes import running
from bench.report import ROOT, Figure, Section, below

READY_TARGET_S = 2.0
MEMORY_TARGET_MB = 120.0
FOLLOWED_CALLS = 1000
_FOLLOWED_PER_S = 100.0
_STARTS = 5
_TELL_STATUS = "\nprint(open('/proc/self/status').read())"
_BARE = "pass"
_LIST_LIBRARIES = """
import sys
import telemarketing.__main__, telemarketing.app, telemarketing.app_panel
for name, module in list(sys.modules.items()):
    if "site-packages" in (getattr(module, "__file__", None) or ""):
        print(name)
"""
_DRIVERS = {"SQLite": ["aiosqlite"], "PostgreSQL": ["asyncpg"]}
"""Imported only when the database is opened."""


class Start(NamedTuple):
    """One process."""

    ready_s: float
    """Until READY=1; of a floor, until its end."""
    resident_mb: float


def startup(leads: int) -> list[Section]:
    """Measure with so many leads, each with one call, on both databases."""
    figures = [_floor("python -c pass", [_end(_BARE) for _ in range(_STARTS)])]
    for kind in KINDS:
        libraries = _libraries(kind)
        with (
            tempfile.TemporaryDirectory(dir=DISK) as folder,
            new_database(kind, Path(folder)) as url,
        ):
            fill(url, leads)
            # In turns: what disturbs the machine disturbs both.
            turns = [(_start(Path(folder), url), _end(libraries)) for _ in range(_STARTS)]
            followed_mb = _memory_after_calls(Path(folder), url)
        starts, floors = (list(column) for column in zip(*turns, strict=True))
        figures.append(_floor(f"{kind}: only the same libraries imported", floors))
        figures += _figures(kind, _median(starts), followed_mb, _median(floors))
    how = (
        f"{leads:,} leads, each with a call. Medians of {_STARTS} starts of `telemarketing serve`, "
        f"from the start of the process to READY=1, and its VmRSS then and after following "
        f"{FOLLOWED_CALLS:,} calls ({_FOLLOWED_PER_S:g} begin each second). MB are 10^6 bytes."
    )
    return [Section("Start and memory", how, figures)]


def _libraries(kind: str) -> str:
    """Give a program that imports every module of others that the daemon does, in its order."""
    listed = subprocess.run(
        [PYTHON, "-c", _LIST_LIBRARIES], check=True, capture_output=True, cwd=ROOT
    )
    names = listed.stdout.decode().split() + _DRIVERS[kind]
    return f"import importlib\nfor name in {names}: importlib.import_module(name)\n"


def _median(starts: list[Start]) -> Start:
    return Start(
        statistics.median(start.ready_s for start in starts),
        statistics.median(start.resident_mb for start in starts),
    )


def _floor(what: str, ends: list[Start]) -> Figure:
    median = _median(ends)
    return Figure(what, f"{median.ready_s:.2f} s to its end, {median.resident_mb:.0f} MB")


def _figures(kind: str, start: Start, followed_mb: float, libraries: Start) -> list[Figure]:
    return [
        Figure(
            f"{kind}: start to ready",
            f"{start.ready_s:.2f} s",
            *below(start.ready_s, READY_TARGET_S, "s"),
            f"{start.ready_s / libraries.ready_s:.1f} x the libraries alone",
        ),
        _memory(f"{kind}: memory when ready", start.resident_mb, libraries),
        _memory(f"{kind}: memory after {FOLLOWED_CALLS:,} calls", followed_mb, libraries),
    ]


def _memory(what: str, value_mb: float, libraries: Start) -> Figure:
    beside = f"{value_mb / libraries.resident_mb:.1f} x the libraries alone"
    return Figure(what, f"{value_mb:.0f} MB", *below(value_mb, MEMORY_TARGET_MB, "MB"), beside)


def _start(folder: Path, url: str) -> Start:
    # Nobody listens on port 9 (discard): readiness does not wait for a PBX.
    with daemon(folder, url, 9) as started:
        return Start(started.ready_after_s(), started.resident_mb())


def _memory_after_calls(folder: Path, url: str) -> float:
    with running(play, FOLLOWED_CALLS, _FOLLOWED_PER_S) as pbx:
        port = pbx.recv()
        assert isinstance(port, int)
        with daemon(folder, url, port) as followed:
            followed.follows()
            pbx.send("go")
            pbx.recv()
            followed.wait_until_stored(FOLLOWED_CALLS)
            return followed.resident_mb()


def _end(program: str) -> Start:
    """Let Python run a program, once for the time and once for the memory."""
    began_s = time.perf_counter()
    subprocess.run([PYTHON, "-c", program], check=True)
    took_s = time.perf_counter() - began_s
    told = subprocess.run([PYTHON, "-c", program + _TELL_STATUS], check=True, capture_output=True)
    return Start(took_s, resident_mb(told.stdout.decode()))
