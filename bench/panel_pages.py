"""Every page and search of the panel with twenty people at work, on databases of three sizes.

In: filled databases. Out: times at the client beside the least that an answer costs, how they grow
from 10,000 leads to a million, and the memory that the daemon holds after all that.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from bench.chart import Line, draw
from bench.daemon import daemon
from bench.databases import DISK, KINDS
from bench.filled import fill
from bench.filled_rows import DEPARTMENTS, OPERATORS_EACH, PEOPLE_COUNT
from bench.panel_mix import FLOOR, Times, work
from bench.panel_people import sign_in
from bench.quantiles import quantile
from bench.report import Figure, Section, below
from telemarketing.model.operator import Role
from telemarketing.storage.migrate import migrate
from tests.postgresql import FAST, start_server

P95_TARGET_MS = 150.0
MEMORY_TARGET_MB = 120.0
CHART = "benchmarks-growth.svg"
THINK_S = 2.5
_CALLS_A_LEAD = 5
_NOBODY = 9
"""Nobody listens on port 9 (discard): the pages need no PBX."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One database."""

    times: Times
    """With pauses between the requests of a person."""
    pressed: Times
    """Without."""
    pressed_s: float
    ready_mb: float
    """Memory of the daemon before the first request."""
    after_mb: float
    """And when people have worked with pauses."""


def pages(sizes: list[int], lasts_s: float) -> list[Section]:
    """Measure on both databases.

    Args:
        sizes: numbers of leads, the largest last; each lead has five calls on average.
        lasts_s: how long people work on the largest; on the others a quarter.
    """
    sections = []
    lines = []
    with _filled(sizes) as urls:
        for kind in KINDS:
            measured = [
                _measure(urls[kind, leads], lasts_s / (1 if leads == sizes[-1] else 4))
                for leads in sizes
            ]
            sections.append(_section(kind, sizes, measured))
            lines += _lines(kind, sizes, [one.times for one in measured])
    title = "p95 of all answers, and of the slowest page, with twenty people at work"
    chart = draw(title, "leads", "ms", lines, P95_TARGET_MS)
    return [*sections[:-1], replace(sections[-1], pictures={CHART: chart})]


@contextmanager
def _filled(sizes: list[int]) -> Iterator[dict[tuple[str, int], str]]:
    """Make all databases, both kinds at the same time."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(dir=DISK))
        # Nothing of a half filled database is worth keeping; afterwards it is as it is by itself.
        server = start_server(settings=(*FAST, "max_wal_size=4GB"), disk=DISK)
        stack.callback(server.stop)
        urls = {("SQLite", leads): f"sqlite:///{folder}/{leads}.db" for leads in sizes}
        urls |= {("PostgreSQL", leads): server.url(server.create()) for leads in sizes}
        with ProcessPoolExecutor(len(KINDS), get_context("spawn")) as pool:
            fillings = [
                pool.submit(_fill, [(urls[kind, leads], leads) for leads in sizes])
                for kind in KINDS
            ]
            for filling in fillings:
                filling.result()
        server.halt()
        server.settings = ()
        server.start()
        yield urls


def _fill(wanted: list[tuple[str, int]]) -> None:
    for url, leads in wanted:
        migrate(url)
        fill(url, leads, leads * _CALLS_A_LEAD)


def _measure(url: str, lasts_s: float) -> Measured:
    people = twenty()
    tokens = sign_in(url, [person for person, _ in people])
    workers = [(role, token) for (_, role), token in zip(people, tokens, strict=True)]
    with (
        tempfile.TemporaryDirectory(dir=DISK) as folder,
        daemon(Path(folder), url, _NOBODY) as started,
    ):
        started.ready_after_s()
        ready_mb = started.resident_mb()
        # Templates are compiled at their first use, and no file is in the cache yet.
        asyncio.run(work(started.panel_url, workers, lasts_s / 6, THINK_S / 4))
        times = asyncio.run(work(started.panel_url, workers, lasts_s, THINK_S))
        after_mb = started.resident_mb()
        pressed = asyncio.run(work(started.panel_url, workers, lasts_s / 6, 0))
        return Measured(times, pressed, lasts_s / 6, ready_mb, after_mb)


def twenty() -> list[tuple[int, Role]]:
    """Give ids and roles: operators and supervisors of all departments, and the administrator."""
    each = OPERATORS_EACH + 1
    operators = [
        (1 + place * each + number, Role.OPERATOR)
        for number in range(1, OPERATORS_EACH + 1)
        for place in range(len(DEPARTMENTS))
    ]
    supervisors = [(1 + place * each, Role.SUPERVISOR) for place in range(len(DEPARTMENTS))]
    return [*operators[:16], *supervisors, (PEOPLE_COUNT + 1, Role.ADMINISTRATOR)]


def _all(times: Times) -> list[float]:
    return sorted(one for of_kind in times.values() for one in of_kind)


def _section(kind: str, sizes: list[int], measured: list[Measured]) -> Section:
    smallest, largest = measured[0], measured[-1]
    floor_ms = quantile(largest.times[FLOOR], 0.95)
    figures = []
    for page, times in sorted(largest.times.items()):
        p95 = quantile(times, 0.95)
        beside = f"{p95 / floor_ms:.1f} x the floor"
        if page in smallest.times:
            growth = p95 / quantile(smallest.times[page], 0.95)
            beside += f", {growth:.1f} x that of {sizes[0]:,} leads"
        figures.append(
            Figure(page, _told(times), *below(p95, P95_TARGET_MS, "ms"), beside)
            if page != FLOOR
            else Figure(f"floor: {page}", _told(times))
        )
    everything, pressed = _all(largest.times), _all(largest.pressed)
    p95 = quantile(everything, 0.95)
    figures += [
        Figure(
            "all answers together",
            _told(everything),
            *below(p95, P95_TARGET_MS, "ms"),
            f"{p95 / floor_ms:.1f} x the floor",
        ),
        Figure(
            "all answers, when nobody pauses",
            f"{_told(pressed)}; {len(pressed) / largest.pressed_s:.0f}/s",
            beside=f"{quantile(pressed, 0.95) / p95:.1f} x that with pauses",
        ),
        Figure(
            "memory of the daemon at work",
            f"{largest.after_mb:.0f} MB",
            *below(largest.after_mb, MEMORY_TARGET_MB, "MB"),
            f"{largest.after_mb / largest.ready_mb:.1f} x that when ready",
        ),
    ]
    how = (
        f"{sizes[-1]:,} leads and {sizes[-1] * _CALLS_A_LEAD:,} calls; 20 people are at work at "
        "once: 16 operators and 3 supervisors of 3 departments, and an administrator. Each looks "
        f"at a page for {THINK_S:g} s on average and then asks for another; with every page its "
        "frame asks for two fragments more. Whole answers at the client, in one process with all "
        "20; the databases lie on the disk as people would have them. Floor: an answer with "
        "nothing in it, under the same load."
    )
    if kind == KINDS[-1]:
        how += f"\n\n![growth from {sizes[0]:,} to {sizes[-1]:,} leads]({CHART})"
    return Section(f"Pages of the panel, {kind}", how, figures)


def _told(times: list[float]) -> str:
    return f"p50 {quantile(times, 0.5):.0f} ms, p95 {quantile(times, 0.95):.0f} ms"


def _lines(kind: str, sizes: list[int], times: list[Times]) -> list[Line]:
    def worst(of_size: Times) -> float:
        return max(quantile(of_kind, 0.95) for of_kind in of_size.values())

    return [
        Line(f"{kind}, all", sizes, [quantile(_all(one), 0.95) for one in times]),
        Line(f"{kind}, slowest page", sizes, [worst(one) for one in times], is_dashed=True),
    ]
