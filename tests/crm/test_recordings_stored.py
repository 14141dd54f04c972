"""Recordings of calls on their way into the database."""

import asyncio
from dataclasses import replace

from sqlalchemy import text

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.call_merge import merge
from telemarketing.crm.journal import Journal
from telemarketing.model.changes import CallChanged, CallConsequence, CallEnded, CallFact
from telemarketing.storage.engine import Database
from tests.make import answered, ended, make_call

NAME = "out-0441234567-101-20261122-030028-1795316428.0.wav"
PATH = f"/var/spool/asterisk/monitor/2026/11/22/{NAME}"


async def stored(database: Database) -> list[tuple[str, str, str | None]]:
    """Path, state and file of all recordings."""
    async with database.reading() as tx:
        found = await tx.execute(
            text("SELECT path, state, file FROM call_recordings ORDER BY position")
        )
        return [tuple(row) for row in found]


async def test_a_recording_named_after_the_end_is_stored_with_the_end(database: Database) -> None:
    """The end that still waits takes the name with it, and is told as an end, once."""
    published: list[CallFact | CallConsequence] = []
    journal = Journal(CallLog(database), published.append)
    call = ended(answered(make_call()))
    journal.add(CallEnded(call))
    journal.add(CallChanged(replace(call, recordings=(NAME,))))
    storing = asyncio.create_task(journal.run())
    async with asyncio.timeout(10):
        await journal.drained()
    storing.cancel()

    assert [fact for fact in published if isinstance(fact, CallEnded)] == [
        CallEnded(replace(call, recordings=(NAME,)))
    ]
    assert await stored(database) == [(NAME, "expected", None)]


async def test_a_recording_named_after_the_stored_end_is_stored(
    call_log: CallLog, database: Database
) -> None:
    """A call that is over takes one more file, and nothing else of it changes."""
    call = ended(answered(make_call()))
    await call_log.record([call])
    await call_log.record([replace(call, recordings=(PATH,))])

    assert await stored(database) == [(PATH, "expected", None)]


async def test_only_a_new_path_is_looked_for_anew(call_log: CallLog, database: Database) -> None:
    """What was found of a file stays while the call goes on, and goes with the path."""
    call = answered(make_call())
    await call_log.record([replace(call, recordings=("/a.wav", "/b.wav"))])
    async with database.writing() as tx:
        await tx.execute(text("UPDATE call_recordings SET state = 'ready', file = path"))

    await call_log.record([replace(call, recordings=("/a.wav", "/c.wav", "/d.wav"))])

    assert await stored(database) == [
        ("/a.wav", "ready", "/a.wav"),
        ("/c.wav", "expected", None),
        ("/d.wav", "expected", None),
    ]


def test_a_file_named_before_and_after_a_restart_is_one() -> None:
    """The path of MixMonitor, stored, and the bare name of the log, seen later, are one."""
    before = replace(answered(make_call()), recordings=(PATH,))
    after = replace(ended(before), recordings=(NAME, "b.wav"), seen_from_start=False)

    assert merge(before, after).recordings == (PATH, "b.wav")
