"""From the PBX's last Hangup to the committed call, in the real daemon under a steady load.

In: recorded calls, played in real time by a PBX in a process of its own, which notes the wall
clock when it writes the last Hangup of each call. Out: the time until the daemon's log says `call
stored`, which `callflow.publish` writes after the commit. Beside it stands what one commit costs
on the same database at the same pace: a single-row INSERT through the bare driver.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import asyncpg

from bench.ami_server import play
from bench.daemon import daemon
from bench.databases import DISK, KINDS, new_database
from bench.processes import running
from bench.quantiles import quantile
from bench.report import Figure, Section, below

P99_TARGET_MS = 100.0
_FLOOR_PART = 4
"""The floor lasts a quarter of the time, for it is steady and `make bench` has to end."""


def latency(calls_per_s: float, lasts_s: float) -> list[Section]:
    """Measure on both databases.

    Args:
        calls_per_s: so many calls begin each second.
        lasts_s: for how long.
    """
    calls = round(calls_per_s * lasts_s)
    figures: list[Figure] = []
    for kind in KINDS:
        with (
            tempfile.TemporaryDirectory(dir=DISK) as folder,
            new_database(kind, Path(folder)) as url,
        ):
            taken_ms = _hangup_to_commit_ms(Path(folder), url, calls, calls_per_s)
            floor_ms = _commits_ms(url, max(calls // _FLOOR_PART, 1), calls_per_s)
        figures += _figures(kind, taken_ms, floor_ms)
    how = (
        f"{calls:,} calls of the recorded kinds, {calls_per_s:g} begin each second, each from or "
        "to a number never seen before; `telemarketing serve` with four operators, its database on "
        f"{DISK}. Measured for every call, none left out. Floor: a quarter as many commits of one "
        "row each through the bare driver, on the same database, at the same pace."
    )
    return [Section("From Hangup to the committed call", how, figures)]


def _hangup_to_commit_ms(folder: Path, url: str, calls: int, calls_per_s: float) -> list[float]:
    with running(play, calls, calls_per_s) as pbx:
        port = pbx.recv()
        assert isinstance(port, int)
        with daemon(folder, url, port) as followed:
            followed.follows()
            pbx.send("go")
            hung_up = pbx.recv()
            assert isinstance(hung_up, dict)
            stored = followed.wait_until_stored(calls)
    assert stored.keys() == hung_up.keys(), "other calls were stored than were played"
    return sorted((stored[linkedid] - hung_up[linkedid]) * 1000 for linkedid in stored)


def _figures(kind: str, taken_ms: list[float], floor_ms: list[float]) -> list[Figure]:
    floor = {name: quantile(floor_ms, part) for name, part in _PARTS.items()}
    figures = []
    for name, part in _PARTS.items():
        value = quantile(taken_ms, part)
        target, met = below(value, P99_TARGET_MS, "ms") if name == "p99" else ("", None)
        beside = f"{value / floor[name]:.1f} x the floor of {floor[name]:.1f} ms"
        figures.append(Figure(f"{kind}, {name}", f"{value:.1f} ms", target, met, beside))
    return figures


_PARTS = {"p50": 0.5, "p99": 0.99, "max": 1.0}


def _commits_ms(url: str, count: int, per_s: float) -> list[float]:
    if url.startswith("sqlite:///"):
        return asyncio.run(_sqlite_commits_ms(url.removeprefix("sqlite:///"), count, per_s))
    return asyncio.run(_postgresql_commits_ms(url, count, per_s))


async def _sqlite_commits_ms(path: str, count: int, per_s: float) -> list[float]:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("CREATE TABLE floor (number INTEGER, at TEXT)")

        async def commit(number: int) -> None:
            connection.execute("INSERT INTO floor VALUES (?, ?)", (number, "now"))

        return await _paced_ms(commit, count, per_s)


async def _postgresql_commits_ms(url: str, count: int, per_s: float) -> list[float]:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE floor (number integer, at text)")

    async def commit(number: int) -> None:
        await connection.execute("INSERT INTO floor VALUES ($1, $2)", number, "now")

    taken_ms = await _paced_ms(commit, count, per_s)
    await connection.close()
    return taken_ms


async def _paced_ms(
    commit: Callable[[int], Awaitable[None]], count: int, per_s: float
) -> list[float]:
    """Commit at an even pace and give, in order of size, how long each commit took."""
    began_s = time.perf_counter()
    taken_ms = []
    for number in range(count):
        await asyncio.sleep(began_s + number / per_s - time.perf_counter())
        commit_s = time.perf_counter()
        await commit(number)
        taken_ms.append((time.perf_counter() - commit_s) * 1000)
    return sorted(taken_ms)
