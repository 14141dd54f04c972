"""Lists of calls and leads: filters, pages, and what they cost."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event

from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import CallOperator, Direction, Disposition
from telemarketing.model.operator import Operator
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database, Transaction
from telemarketing.storage.leads import LeadFilter, list_leads
from telemarketing.storage.operators import get_viewer
from tests.make import MONDAY, answered, ended, make_call, make_incoming

HOUR_MS = 3_600_000

OUT = ended(answered(make_call(number="+380440000001")))
MISSED = ended(make_incoming("101", "102", number="+380440000002", started_at=MONDAY + HOUR_MS))
ODD = ended(make_incoming("102", number=None, raw_number="*88", started_at=MONDAY + 2 * HOUR_MS))
LIVE = make_call(
    number="+380440000001", operators=(CallOperator("77", 0, 0),), started_at=MONDAY + 3 * HOUR_MS
)


@pytest.fixture
async def tx(
    database: Database, call_log: CallLog, seller: Operator, colleague: Operator
) -> AsyncIterator[Transaction]:
    """Four calls of three leads, and two operators, to be read."""
    await call_log.record([OUT, MISSED, ODD, LIVE])
    async with database.reading() as tx:
        yield tx


async def test_calls_are_filtered(tx: Transaction) -> None:
    """Each filter narrows the list, which has the newest call first."""
    expected = {
        CallFilter(): [LIVE, ODD, MISSED, OUT],
        CallFilter(number="+380440000001"): [LIVE, OUT],
        CallFilter(number="*88"): [ODD],
        CallFilter(extension="101"): [MISSED, OUT],
        CallFilter(extension="77"): [LIVE],
        CallFilter(direction=Direction.INBOUND): [ODD, MISSED],
        CallFilter(disposition=Disposition.ANSWERED): [OUT],
        CallFilter(since=MISSED.started_at): [LIVE, ODD, MISSED],
        CallFilter(until=MISSED.started_at): [OUT],
        CallFilter(live=True): [LIVE],
        CallFilter(live=False, direction=Direction.OUTBOUND): [OUT],
    }
    found = {
        wanted: [stored.call for stored in await list_calls(tx, wanted, limit=10)]
        for wanted in expected
    }
    assert found == expected


async def test_calls_of_an_operator_and_of_a_lead(tx: Transaction, colleague: Operator) -> None:
    """By operator: every call in which the person's telephone took part; by lead: all of its."""
    of_colleague = await list_calls(tx, CallFilter(operator_id=colleague.id), limit=10)
    assert [stored.call for stored in of_colleague] == [ODD, MISSED]
    (lead,) = await list_leads(tx, LeadFilter(number="+380440000001"), limit=10)
    of_lead = await list_calls(tx, CallFilter(lead_id=lead.id), limit=10)
    assert [stored.call for stored in of_lead] == [LIVE, OUT]


async def test_leads_are_filtered(tx: Transaction, seller: Operator, colleague: Operator) -> None:
    """Each filter narrows the list, which has the newest lead first."""
    expected = {
        LeadFilter(): ["*88", "+380440000002", "+380440000001"],
        LeadFilter(number="*88"): ["*88"],
        LeadFilter(number="+380449999999"): [],
        LeadFilter(text="0000002"): ["+380440000002"],
        LeadFilter(text="%"): [],
        LeadFilter(status="Установление контакта", since=ODD.started_at): ["*88"],
        LeadFilter(status="Презентация"): [],
        LeadFilter(responsible_id=seller.id): ["+380440000001"],
        LeadFilter(unassigned=True): ["*88", "+380440000002"],
        LeadFilter(until=MISSED.started_at): ["+380440000001"],
        LeadFilter(visible_to=await get_viewer(tx, seller.id)): [
            "*88",
            "+380440000002",
            "+380440000001",
        ],
        LeadFilter(visible_to=await get_viewer(tx, colleague.id)): ["*88", "+380440000002"],
    }
    found = {
        wanted: [lead.title for lead in await list_leads(tx, wanted, limit=10)]
        for wanted in expected
    }
    assert found == expected


async def test_pages_follow_each_other_without_gaps(database: Database, call_log: CallLog) -> None:
    """Page by page, also where many began in one instant, everything comes once and in order."""
    await call_log.record(
        [
            make_call(number=f"+38044{counter:07d}", started_at=MONDAY + counter // 4)
            for counter in range(21)
        ]
    )
    async with database.reading() as tx:
        calls = await list_calls(tx, CallFilter(), limit=100)
        leads = await list_leads(tx, LeadFilter(), limit=100)
        paged_calls = page = await list_calls(tx, CallFilter(), limit=5)
        while page:
            page = await list_calls(tx, CallFilter(), limit=5, before=page[-1].place)
            paged_calls = paged_calls + page
        paged_leads = leads_page = await list_leads(tx, LeadFilter(), limit=5)
        while leads_page:
            last = leads_page[-1]
            leads_page = await list_leads(
                tx, LeadFilter(), limit=5, before=(last.created_at, last.id)
            )
            paged_leads = paged_leads + leads_page
    assert len(calls) == len(leads) == 21
    assert paged_calls == calls
    assert paged_leads == leads
    assert [one.call.started_at for one in calls] == sorted(
        (one.call.started_at for one in calls), reverse=True
    )


@contextmanager
def statements() -> Iterator[list[tuple[str, Any]]]:
    """All statements that are sent to any database meanwhile, with their values."""
    sent: list[tuple[str, Any]] = []

    def remember(*arguments: Any) -> None:  # noqa: ANN401 - whatever the event brings
        sent.append((str(arguments[2]), arguments[3]))

    event.listen(Engine, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", remember)


async def test_a_page_costs_the_same_however_long_it_is(tx: Transaction) -> None:
    """One query for a page of leads, two for a page of calls: the second for people's names."""
    for limit in (1, 4):
        with statements() as sent:
            await list_leads(tx, LeadFilter(), limit)
        assert len(sent) == 1
        with statements() as sent:
            await list_calls(tx, CallFilter(), limit)
        assert len(sent) == 2


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_recording_reads_no_whole_table(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """Every statement finds its rows by an index, so that the millionth call costs no more."""
    call = make_incoming("101", number="+380440000009")
    with statements() as sent:
        await call_log.record([call, make_call(pbx="south")])
        await call_log.record([answered(call)])
        await call_log.record([replace(ended(answered(call)), recordings=("/a.wav",))])
        await call_log.close_vanished("main", set(), MONDAY + 1)
    queries = [one for one in sent if one[0].startswith(("SELECT", "UPDATE", "DELETE"))]
    assert len(queries) >= 8
    async with database.writing() as tx:
        for sql, values in queries:
            one = values[0] if isinstance(values, list) else values
            plan = await tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", one)
            steps = [row.detail for row in plan]
            assert not [step for step in steps if step.startswith("SCAN")], (sql, steps)
