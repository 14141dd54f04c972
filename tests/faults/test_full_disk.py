"""A full disk harms nothing, and what could not be stored is stored when space is back."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.journal import Journal
from telemarketing.model.changes import CallEnded
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate
from tests.faults.disk import fill
from tests.make import ended, make_call


@pytest.fixture
async def database(small_disk: Path) -> AsyncIterator[Database]:
    """An open database on that file system."""
    url = f"sqlite:///{small_disk}/telemarketing.db"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    await database.open()
    yield database
    await database.close()


async def stored_linkedids(database: Database) -> set[str]:
    """Which calls are in the database."""
    async with database.reading() as tx:
        return {row.call.linkedid for row in await list_calls(tx, CallFilter(), 1000)}


async def refused(lines: Sequence[Mapping[str, Any]]) -> None:
    """Wait until the log says that the database takes no writes."""
    async with asyncio.timeout(10):
        while True:
            if any(line["log_level"] == "error" for line in lines):
                return
            await asyncio.sleep(0.01)


async def test_calls_wait_while_the_disk_is_full_and_are_stored_when_it_is_not(
    small_disk: Path, database: Database
) -> None:
    """The daemon says it once, keeps the calls, publishes nothing, and catches up by itself."""
    published: list[object] = []
    journal = Journal(CallLog(database), published.append, retry_first_s=0.01, retry_most_s=0.05)
    storing = asyncio.create_task(journal.run())
    before = ended(make_call(number="+380441110000"))
    journal.add(CallEnded(before))
    await journal.drained()
    published.clear()
    waiting = [ended(make_call(number=f"+38044222{n:04}")) for n in range(100)]

    with capture_logs() as lines:
        ballast = await asyncio.to_thread(fill, small_disk)
        for call in waiting:
            journal.add(CallEnded(call))
        await refused(lines)
        kept = await stored_linkedids(database)
        assert published == []
        assert journal.waiting_count > 0

        await asyncio.to_thread(ballast.unlink)
        async with asyncio.timeout(10):
            await journal.drained()

    storing.cancel()
    assert before.linkedid in kept
    errors = [line for line in lines if line["log_level"] == "error"]
    assert [line["event"] for line in errors] == [
        "database takes no writes; calls wait in memory and are stored when it does"
    ]
    assert "disk is full" in errors[0]["reason"]
    assert await stored_linkedids(database) == {
        before.linkedid,
        *(call.linkedid for call in waiting),
    }
