"""From the PBX's last Hangup to the changed card in a real browser, in a busy hour.

In: a PBX that plays recorded calls, five hundred open streams, and some cards in a real Chromium.
Out: the time from the moment at which the last Hangup of a call is written to the moment at which
the call stands in the history of its card. The PBX, the daemon and the browser are processes of
one machine and read one clock. Beside it: what the same browser takes, under the same load, to
fetch that piece of the card when it asks by itself.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from multiprocessing.connection import Connection
from pathlib import Path

from sqlalchemy import select

from bench.ami_server import play_events
from bench.daemon import Daemon, daemon
from bench.databases import DISK, new_database
from bench.panel_cards import Cards, open_cards
from bench.panel_people import add_crowd, sign_in
from bench.panel_probes import EVERY_S, TALK_LONGER_S, national, probes
from bench.processes import running
from bench.quantiles import quantile
from bench.readers import Heard, listen, port_of, stream_requests
from bench.report import Figure, Section, below
from bench.stream import multiply, read_sessions
from telemarketing.crm.call_log import CallLog
from telemarketing.storage import tables
from telemarketing.storage.engine import Database
from tests.make import answered, ended, make_call

P99_TARGET_MS = 300.0
MEMORY_TARGET_MB = 120.0
CARDS = 6
_FETCH_EVERY_S = 0.5
_OPERATOR_ID = 1
"""Extension 101, who makes the calls that are watched."""


def live(streams: int, calls_per_s: float, lasts_s: float) -> list[Section]:
    """Measure with so many streams, and calls beginning for so long."""
    calls = round(calls_per_s * lasts_s)
    each = max(int((lasts_s - 4) / EVERY_S), 1)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=DISK)))
        url = stack.enter_context(new_database("SQLite", folder))
        lead_ids = asyncio.run(_make_leads(url))
        crowd = sign_in(url, add_crowd(url, streams))
        tokens = sign_in(url, [_OPERATOR_ID] * (CARDS + 1))
        watched, owners = probes(CARDS, each)
        events = sorted(
            [*multiply(read_sessions(), calls, calls_per_s), *watched],
            key=lambda event: event.due_s,
        )
        pbx = stack.enter_context(running(play_events, events))
        port = pbx.recv()
        assert isinstance(port, int)
        followed = stack.enter_context(daemon(folder, url, port))
        followed.follows()
        requests = stream_requests(followed.panel_url, crowd)
        readers = stack.enter_context(running(listen, port_of(followed.panel_url), requests))
        assert readers.recv() == "open"
        began_s, cpu_s = time.perf_counter(), followed.cpu_s()
        hung_up, seen_ms, fetch_ms = asyncio.run(
            _watch(followed, pbx, lead_ids, tokens, calls + len(owners), each)
        )
        share = (followed.cpu_s() - cpu_s) / (time.perf_counter() - began_s)
        memory_mb = followed.resident_mb()
        stored = followed.stored()
        readers.send("count")
        heard = readers.recv()
        linkedids = asyncio.run(_linkedids(url, seen_ms))
    assert isinstance(heard, Heard)
    assert heard.open_count == streams, f"{heard.open_count} of {streams} streams are still open"
    shown_ms = {linkedids[call_id]: at_ms for call_id, at_ms in seen_ms.items()}
    waited_ms = sorted((stored[one] - hung_up[one]) * 1000 for one in owners)
    stored_ms = quantile(waited_ms, 0.5)
    took_ms = sorted(shown_ms[linkedid] - hung_up[linkedid] * 1000 for linkedid in owners)
    how = (
        f"{calls:,} calls of the recorded kinds, {calls_per_s:g} begin each second, and "
        f"{streams} open streams of as many people, in a process that only reads them and was sent "
        f"{heard.messages:,} messages. Beside them {len(owners)} outgoing calls of {CARDS} leads "
        f"whose cards are open in a real Chromium; their talk is {TALK_LONGER_S:g} s longer than "
        "recorded, so that a card is at rest when its call ends. From the wall clock at the PBX's "
        "last Hangup to performance.timeOrigin + now() in a MutationObserver of the page, for all "
        "of these calls. Everything runs on this machine. Floor: the same browser fetches the "
        "history of such a card by itself, under the same load."
    )
    return [
        Section(
            "From Hangup to the changed card",
            how,
            [
                *_figures(took_ms, sorted(fetch_ms)),
                Figure("of that, until the call is stored, p50", f"{stored_ms:.0f} ms"),
                Figure("CPU of the daemon meanwhile", f"{share:.2f} cores"),
                Figure(
                    f"memory of the daemon with {streams} streams, after that",
                    f"{memory_mb:.0f} MB",
                    *below(memory_mb, MEMORY_TARGET_MB, "MB"),
                ),
            ],
        )
    ]


def _figures(took_ms: Sequence[float], fetch_ms: Sequence[float]) -> list[Figure]:
    figures = []
    for name, part in {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}.items():
        value, floor = quantile(took_ms, part), quantile(fetch_ms, part)
        target, met = below(value, P99_TARGET_MS, "ms") if name == "p99" else ("", None)
        beside = f"{value / floor:.1f} x the floor of {floor:.0f} ms"
        figures.append(Figure(name, f"{value:.0f} ms", target, met, beside))
    return figures


async def _watch(
    followed: Daemon,
    pbx: "Connection[object, object]",
    lead_ids: Sequence[int],
    tokens: Sequence[str],
    calls: int,
    calls_each: int,
) -> tuple[dict[str, float], dict[int, float], list[float]]:
    """Let the PBX play; give when it hung up, when cards showed it, and what fetching takes."""
    fetch_ms: list[float] = []
    async with open_cards(followed.panel_url, lead_ids, tokens) as cards:
        before = await cards.seen()
        fetching = asyncio.create_task(_fetch_for_ever(cards, fetch_ms))
        pbx.send("go")
        hung_up = await asyncio.to_thread(pbx.recv)
        fetching.cancel()
        assert isinstance(hung_up, dict)
        await asyncio.to_thread(followed.wait_until_stored, calls)
        await cards.wait_for(len(before) // CARDS + calls_each)
        seen = await cards.seen()
    return hung_up, {one: at_ms for one, at_ms in seen.items() if one not in before}, fetch_ms


async def _fetch_for_ever(cards: Cards, times_ms: list[float]) -> None:
    while True:
        times_ms.append(await cards.fetch())
        await asyncio.sleep(_FETCH_EVERY_S)


async def _make_leads(url: str) -> list[int]:
    """Store a call to each number that will be watched, and give the leads."""
    database = Database(url)
    await database.open()
    numbers = [f"+380{national(lead)}" for lead in range(CARDS)]
    await CallLog(database).record(
        [
            ended(answered(make_call(pbx="bench", number=number, raw_number=number)))
            for number in numbers
        ]
    )
    async with database.reading() as tx:
        found = await tx.execute(select(tables.phones.c.number, tables.phones.c.lead_id))
        owners: dict[str, int] = {row.number: row.lead_id for row in found}
    await database.close()
    return [owners[number] for number in numbers]


async def _linkedids(url: str, call_ids: dict[int, float]) -> dict[int, str]:
    database = Database(url)
    await database.open()
    async with database.reading() as tx:
        found = await tx.execute(
            select(tables.calls.c.id, tables.calls.c.linkedid).where(
                tables.calls.c.id.in_(call_ids)
            )
        )
        linkedids = {row.id: row.linkedid for row in found}
    await database.close()
    return linkedids
