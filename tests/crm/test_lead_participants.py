"""Who was in a call of a lead: what an operator may see of other people's leads."""

from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import CallOperator
from telemarketing.model.operator import Operator
from telemarketing.model.viewer import Access
from telemarketing.storage.engine import Database
from telemarketing.storage.leads import LeadFilter, list_leads
from telemarketing.storage.operators import get_viewer
from telemarketing.storage.visibility import find_lead_access, list_lead_audiences
from tests.make import MONDAY, answered, ended, make_call, make_incoming


async def participants(database: Database) -> dict[str | None, frozenset[int]]:
    """Give the participants of all leads, by phone."""
    async with database.reading() as tx:
        leads = await list_leads(tx, LeadFilter(), 10)
        audiences = await list_lead_audiences(tx, [lead.id for lead in leads])
    return {lead.phone: audiences[lead.id].participants for lead in leads}


async def test_whoever_dialled_was_rung_or_talked_takes_part(
    database: Database, call_log: CallLog, seller: Operator, colleague: Operator
) -> None:
    """Stored with the call, once, whether it came in one piece or moment by moment."""
    ringing = make_incoming("101", number="+380440000001")
    await call_log.record([ringing])
    assert await participants(database) == {"+380440000001": {seller.id}}
    transferred = make_incoming("101", "102", number="+380440000001", linkedid=ringing.linkedid)
    for _ in range(2):
        await call_log.record([ended(answered(transferred, by="102"))])
    await call_log.record([make_call(number="+380440000002")])
    assert await participants(database) == {
        "+380440000001": {seller.id, colleague.id},
        "+380440000002": {seller.id},
    }


async def test_a_telephone_of_nobody_takes_no_part(database: Database, call_log: CallLog) -> None:
    """An extension without an owner makes no participant."""
    await call_log.record([make_call(placed_by="77", operators=(CallOperator("77", 0, 0),))])
    assert list((await participants(database)).values()) == [frozenset()]


async def test_a_call_whose_number_becomes_known_gives_its_people_to_the_right_lead(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """What was a withheld call at first has its participants as soon as it has a lead."""
    call = make_incoming("101", number=None, raw_number=None, withheld=True)
    await call_log.record([call])
    assert await participants(database) == {}
    known = make_incoming("101", number="+380440000003", linkedid=call.linkedid)
    await call_log.record([ended(answered(known))])
    assert await participants(database) == {"+380440000003": {seller.id}}


async def test_taking_part_opens_a_part_of_the_card(
    database: Database, call_log: CallLog, seller: Operator, colleague: Operator
) -> None:
    """The responsible sees all of a lead, who was in a call with it a part, others nothing."""
    await call_log.record([ended(answered(make_call()))])
    async with database.reading() as tx:
        (lead,) = await list_leads(tx, LeadFilter(), 10)
        other = await get_viewer(tx, colleague.id)
        assert lead.responsible_id == seller.id
        assert await find_lead_access(tx, other, lead.id) is Access.NONE
    await call_log.record([ended(make_incoming("102", started_at=MONDAY + 1000))])
    async with database.reading() as tx:
        assert await find_lead_access(tx, other, lead.id) is Access.LIMITED
        assert await list_leads(tx, LeadFilter(visible_to=other), 10) == await list_leads(
            tx, LeadFilter(), 10
        )
