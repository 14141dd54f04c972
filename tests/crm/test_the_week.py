"""The week of two hundred calls, as the call log sees it."""

from collections import Counter

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import Call, Disposition
from telemarketing.model.operator import Operator
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from telemarketing.storage.leads import LeadFilter, list_leads
from tests.make import DAY_MS, MONDAY, answered, ended, make_call, make_incoming

pytestmark = pytest.mark.process  # for its length


async def test_a_week_of_calls(
    database: Database, database_url: str, seller: Operator, colleague: Operator
) -> None:
    """200 calls out, 10 in vain, 5 call back, a restart between: 200 leads, 205 calls."""
    out = [
        make_call(number=f"+38044{counter:07d}", started_at=MONDAY + counter * DAY_MS // 40)
        for counter in range(200)
    ]
    in_vain = {call.key for call in out[::20]}
    back = [
        make_incoming("101", "102", number=call.number, started_at=MONDAY + 6 * DAY_MS)
        for call in out[:100:20]
    ]
    for call in out[:100]:
        await tell(CallLog(database), call, is_answered=call.key not in in_vain)

    restarted = Database(database_url)
    await restarted.open()
    for call in out[100:]:
        await tell(CallLog(restarted), call, is_answered=call.key not in in_vain)
    for call in back:
        by = "102" if call is back[0] else "101"
        await CallLog(restarted).record([call])
        await CallLog(restarted).record([ended(answered(call, by=by))])
    await restarted.close()

    async with database.reading() as tx:
        leads = await list_leads(tx, LeadFilter(), limit=1000)
        calls = await list_calls(tx, CallFilter(), limit=1000)
    assert len(leads) == 200
    assert Counter(lead.call_count for lead in leads) == {1: 195, 2: 5}
    assert {lead.responsible for lead in leads} == {seller.full_name}
    assert all(lead.title == lead.phone for lead in leads)
    assert {lead.phone for lead in leads} == {call.number for call in out}
    assert Counter((one.call.direction.value, one.call.disposition) for one in calls) == {
        ("outbound", Disposition.ANSWERED): 190,
        ("outbound", Disposition.NO_ANSWER): 10,
        ("inbound", Disposition.ANSWERED): 5,
    }
    assert {lead.phone for lead in leads if lead.call_count == 2} == {call.number for call in back}


async def tell(call_log: CallLog, call: Call, *, is_answered: bool) -> None:
    """Record a call the way a daemon does: when it begins, is answered, ends."""
    await call_log.record([call])
    if is_answered:
        call = answered(call)
        await call_log.record([call])
    await call_log.record([ended(call)])
