"""Facts wait in the journal until they are stored, and are published only then."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import text
from structlog.testing import capture_logs

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.journal import Journal
from telemarketing.model.changes import (
    CallAnswered,
    CallConsequence,
    CallEnded,
    CallFact,
    CallStarted,
    LeadCreated,
)
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from tests.make import answered, ended, make_call


@asynccontextmanager
async def running(journal: Journal) -> AsyncIterator[None]:
    """Let the journal store while the context lasts."""
    task = asyncio.create_task(journal.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def stored_dispositions(database: Database) -> list[str]:
    """Of all stored calls, newest first."""
    async with database.reading() as tx:
        return [row.call.disposition.value for row in await list_calls(tx, CallFilter(), 100)]


async def test_what_waits_is_stored_and_then_published_in_order(database: Database) -> None:
    """A whole call that passed before the first commit is one row, and its last fact tells all."""
    published: list[CallFact | CallConsequence] = []
    journal = Journal(CallLog(database), published.append)
    call = make_call()
    for fact in (CallStarted(call), CallAnswered(answered(call)), CallEnded(ended(answered(call)))):
        journal.add(fact)

    assert published == []

    async with running(journal), asyncio.timeout(10):
        await journal.drained()

    assert await stored_dispositions(database) == ["answered"]
    assert [type(fact) for fact in published] == [CallEnded, LeadCreated]
    assert journal.waiting_count == 0


async def test_a_call_that_the_database_refuses_does_not_hold_up_the_others(
    database: Database,
) -> None:
    """The refused one is set aside with its reason; its neighbours in the batch are stored."""
    journal = Journal(CallLog(database), lambda _fact: None)
    good, bad, also_good = (ended(make_call()) for _ in range(3))
    for call in (good, replace(bad, ring_ms=-1), also_good):
        journal.add(CallEnded(call))

    async with running(journal), asyncio.timeout(10):
        await journal.drained()

    assert await stored_dispositions(database) == ["no_answer", "no_answer"]
    async with database.reading() as tx:
        ((linkedid, reason, snapshot),) = await tx.execute(
            text("SELECT linkedid, reason, snapshot FROM refused_calls")
        )
    assert linkedid == bad.linkedid
    assert "durations" in reason
    assert json.loads(snapshot)["ring_ms"] == -1


async def test_a_sweep_closes_what_lives_no_more_after_storing_what_waits(
    database: Database,
) -> None:
    """Of two stored live calls the PBX names one; the other ends as estimated."""
    journal = Journal(CallLog(database), lambda _fact: None)
    alive, gone = make_call(), make_call()
    async with running(journal), asyncio.timeout(10):
        journal.add(CallStarted(alive))
        journal.add(CallStarted(gone))
        journal.add_sweep("main", frozenset({alive.linkedid}), gone.started_at + 60_000)
        await journal.drained()

    async with database.reading() as tx:
        rows = {row.call.linkedid: row.call for row in await list_calls(tx, CallFilter(), 100)}
    assert rows[alive.linkedid].ended_at is None
    assert rows[gone.linkedid].end_estimated


async def error_in(lines: Sequence[Mapping[str, Any]]) -> None:
    """Wait until the log holds an error."""
    while True:
        if any(line["log_level"] == "error" for line in lines):
            return
        await asyncio.sleep(0.01)


async def rename(database: Database, changes: dict[str, str]) -> None:
    """Take tables away, or bring them back."""
    async with database.writing() as tx:
        for before, after in changes.items():
            await tx.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))


async def test_a_database_that_refuses_everything_loses_nothing(database: Database) -> None:
    """Not even a refused call can be set aside, nor a sweep made: all waits until it is cured."""
    journal = Journal(CallLog(database), lambda _fact: None, retry_first_s=0.01, retry_most_s=0.01)
    stale = make_call()
    await CallLog(database).record([stale])
    await rename(database, {"calls": "gone", "refused_calls": "gone_too"})
    with capture_logs() as lines:
        async with running(journal), asyncio.timeout(10):
            journal.add_sweep("main", frozenset(), stale.started_at + 60_000)
            journal.add(CallEnded(ended(make_call())))
            await error_in(lines)
            await rename(database, {"gone": "calls", "gone_too": "refused_calls"})
            await journal.drained()

    assert await stored_dispositions(database) == ["no_answer", "unknown"]
    assert [line["event"] for line in lines if line["log_level"] == "error"] == [
        "database takes no writes; calls wait in memory and are stored when it does"
    ]
