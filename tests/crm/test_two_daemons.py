"""Two daemons on one database at the same time, on SQLite and on PostgreSQL."""

import asyncio
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.model.changes import LeadCreated
from telemarketing.model.operator import Operator
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from telemarketing.storage.leads import LeadFilter, list_leads
from tests.make import answered, ended, make_call, make_incoming


@pytest.fixture
async def second(database_url: str) -> AsyncIterator[CallLog]:
    """The call log of another daemon on the same database."""
    database = Database(database_url)
    await database.open()
    yield CallLog(database)
    await database.close()


async def test_two_calls_at_one_instant_make_one_lead(
    database: Database, call_log: CallLog, second: CallLog, seller: Operator
) -> None:
    """However often two daemons meet one unknown number at once, one of them makes the lead."""
    for attempt in range(50):
        number = f"+38044{attempt:07d}"
        both = await asyncio.gather(
            call_log.record([make_call(pbx="north", number=number)]),
            second.record([make_incoming("101", pbx="south", number=number)]),
        )
        made = [fact for facts in both for fact in facts if isinstance(fact, LeadCreated)]
        assert len(made) == 1
    async with database.reading() as tx:
        leads = await list_leads(tx, LeadFilter(), limit=100)
    assert [lead.call_count for lead in leads] == [2] * 50


async def test_one_call_seen_by_two_daemons_is_one_call(
    database: Database, call_log: CallLog, second: CallLog, seller: Operator
) -> None:
    """Two daemons that follow one PBX store each call once, whoever is faster."""
    for attempt in range(25):
        call = make_incoming("101", number=f"+38044{attempt:07d}")
        for snapshot in (call, answered(call), ended(answered(call))):
            await asyncio.gather(call_log.record([snapshot]), second.record([snapshot]))
    async with database.reading() as tx:
        leads = await list_leads(tx, LeadFilter(responsible_id=seller.id), limit=100)
    assert [lead.call_count for lead in leads] == [1] * 25


async def test_batches_that_overlap_wait_for_each_other(
    database: Database, call_log: CallLog, second: CallLog
) -> None:
    """Batches that name the same calls and numbers in opposite orders all come through."""
    order = random.Random(1)  # noqa: S311 - a shuffle that is the same every time
    calls = [make_call(number=f"+38044{counter % 10:07d}") for counter in range(30)]
    for stage in (calls, [ended(call) for call in calls]):
        for _ in range(10):
            batches = [order.sample(stage, 20) for _ in range(4)]
            await asyncio.gather(
                *(
                    log.record(batch)
                    for log, batch in zip([call_log, second] * 2, batches, strict=True)
                )
            )
    await call_log.record([ended(call) for call in calls])
    async with database.reading() as tx:
        assert len(await list_leads(tx, LeadFilter(), limit=100)) == 10
        stored = await list_calls(tx, CallFilter(), limit=100)
    assert len(stored) == 30
    assert all(one.call.ended_at is not None for one in stored)


async def test_two_answers_at_one_instant_leave_one_responsible(
    database: Database,
    call_log: CallLog,
    second: CallLog,
    seller: Operator,
    colleague: Operator,
) -> None:
    """Two operators answer two calls of nobody's lead at once: one of them has it, for good."""
    for attempt in range(20):
        number = f"+38044{attempt:07d}"
        await call_log.record([ended(make_incoming("101", number=number))])
        calls = [make_incoming("101", "102", number=number) for _ in range(2)]
        await asyncio.gather(
            call_log.record([answered(calls[0], by="101")]),
            second.record([answered(calls[1], by="102")]),
        )
        async with database.reading() as tx:
            (lead,) = await list_leads(tx, LeadFilter(number=number), limit=2)
        await call_log.record([ended(answered(replace(calls[0]), by="101"))])
        async with database.reading() as tx:
            (after,) = await list_leads(tx, LeadFilter(number=number), limit=2)
        assert lead.responsible_id in {seller.id, colleague.id}
        assert after == lead
