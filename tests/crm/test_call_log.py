"""Calls become rows, and unknown numbers leads, on SQLite and on PostgreSQL."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.operators import add_operator, disable_operator
from telemarketing.errors import StorageError
from telemarketing.model.call import Call, CallOperator, Direction, Disposition
from telemarketing.model.changes import LeadChanged, LeadCreated
from telemarketing.model.lead import Lead, StatusKind
from telemarketing.model.operator import Operator
from telemarketing.storage.calls import CallFilter, StoredCall, list_calls
from telemarketing.storage.engine import Database
from telemarketing.storage.leads import LeadFilter, list_leads
from telemarketing.storage.operators import get_viewer
from telemarketing.storage.tables import refused_calls
from tests.make import DAY_MS, MONDAY, answered, ended, make_call, make_incoming


async def leads_in(database: Database) -> list[Lead]:
    """All leads, the one created last first."""
    async with database.reading() as tx:
        return await list_leads(tx, LeadFilter(), limit=1000)


async def calls_in(database: Database) -> list[StoredCall]:
    """All calls, the one started last first."""
    async with database.reading() as tx:
        return await list_calls(tx, CallFilter(), limit=1000)


async def only_lead(database: Database) -> Lead:
    """The lead that has to be the only one."""
    (lead,) = await leads_in(database)
    return lead


async def test_an_outgoing_call_makes_a_lead_while_it_rings(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """Exactly title, phone and responsible are filled; source and status are the system's."""
    call = make_call()
    facts = await call_log.record([call])
    lead = await only_lead(database)
    assert facts == [LeadCreated(lead.id, "+380441234567", "main", call.linkedid)]
    assert (lead.title, lead.phone) == ("+380441234567", "+380441234567")
    assert (lead.responsible_id, lead.responsible) == (seller.id, "Иваненко Иван Иванович")
    assert (lead.status.name, lead.status.kind) == ("Установление контакта", StatusKind.INITIAL)
    assert (lead.source, lead.created_at) == ("исходящий звонок", MONDAY)
    assert lead.responsible_settled
    assert lead.call_count == 1


async def test_what_is_stored_of_a_call_is_what_was_seen(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """Every field of a call comes back as it was recorded, with its lead and its people's names."""
    call = replace(ended(answered(make_incoming("101", "77"))), recordings=("/a.wav", "/b.wav"))
    await call_log.record([call])
    (stored,) = await calls_in(database)
    assert stored.call == call
    assert stored.operator_names == (seller.full_name, None)
    assert (stored.lead_title, stored.responsible) == ("+380441234567", seller.full_name)


@pytest.mark.parametrize(
    "disposition",
    [Disposition.NO_ANSWER, Disposition.BUSY, Disposition.FAILED, Disposition.CANCELLED],
)
async def test_an_unanswered_call_makes_a_lead_all_the_same(
    database: Database, call_log: CallLog, seller: Operator, disposition: Disposition
) -> None:
    """No answer, busy, failed, cancelled: one lead and one call without talk."""
    await call_log.record([replace(ended(make_call()), disposition=disposition)])
    (stored,) = await calls_in(database)
    assert (stored.call.disposition, stored.call.talk_ms) == (disposition, 0)
    assert (await only_lead(database)).responsible_id == seller.id


async def test_an_incoming_call_settles_on_who_answers(
    database: Database, call_log: CallLog, seller: Operator, colleague: Operator
) -> None:
    """While it rings nobody is responsible; the answer makes responsible who answered."""
    ringing = make_incoming("101", "102")
    await call_log.record([ringing])
    lead = await only_lead(database)
    assert (lead.responsible_id, lead.responsible_settled) == (None, False)
    assert lead.source == "входящий звонок"
    facts = await call_log.record([answered(ringing, by="102")])
    lead = await only_lead(database)
    assert (lead.responsible_id, lead.responsible_settled) == (colleague.id, True)
    assert facts == [LeadChanged(lead.id)]


async def test_a_missed_call_is_nobodys_and_visible_to_everyone(
    database: Database, call_log: CallLog, seller: Operator, colleague: Operator
) -> None:
    """Missed: no responsible, settled, in the list of each operator, whether rung or not."""
    third = await add_operator(
        database, full_name="Третяк Тарас Тарасович", extensions=["103"], valid_from=0
    )
    await call_log.record([ended(make_incoming("101", "102"))])
    lead = await only_lead(database)
    assert (lead.responsible_id, lead.responsible_settled) == (None, True)
    async with database.reading() as tx:
        seen_by = {
            operator.id: await list_leads(
                tx, LeadFilter(visible_to=await get_viewer(tx, operator.id)), limit=10
            )
            for operator in (seller, colleague, third)
        }
    assert seen_by == {seller.id: [lead], colleague.id: [lead], third.id: [lead]}


async def test_an_unknown_extension_makes_a_lead_of_nobody(
    database: Database, call_log: CallLog
) -> None:
    """A call of an extension that is no operator's is stored and makes a lead, nobody's."""
    await call_log.record([make_call(placed_by="999", operators=(CallOperator("999", 0, 0),))])
    lead = await only_lead(database)
    assert (lead.responsible_id, lead.responsible_settled, lead.call_count) == (None, True, 1)


async def test_the_responsible_never_changes(
    database: Database, call_log: CallLog, seller: Operator, colleague: Operator
) -> None:
    """A call back that another operator answers attaches to the lead and leaves it the seller's."""
    await call_log.record([ended(make_call())])
    back = answered(make_incoming("102", started_at=MONDAY + DAY_MS), by="102")
    facts = await call_log.record([ended(back)])
    lead = await only_lead(database)
    assert (lead.responsible_id, lead.call_count) == (seller.id, 2)
    assert facts == [LeadChanged(lead.id)]


async def test_nobodys_lead_becomes_whose_answers_it(
    database: Database, call_log: CallLog, colleague: Operator
) -> None:
    """A lead without responsible that calls again is theirs who answers then."""
    await call_log.record([ended(make_incoming("102"))])
    again = make_incoming("102", started_at=MONDAY + DAY_MS)
    await call_log.record([again])
    assert (await only_lead(database)).responsible_id is None
    await call_log.record([answered(again, by="102")])
    assert (await only_lead(database)).responsible_id == colleague.id


@pytest.mark.parametrize("batch_count", [1, 2])
async def test_what_a_missed_call_settled_stays_so_while_it_rings_again(
    database: Database, call_log: CallLog, colleague: Operator, batch_count: int
) -> None:
    """The lead is for everyone who was rung, also while its number rings once more."""
    missed = ended(make_incoming("102"))
    again = make_incoming("102", started_at=MONDAY + DAY_MS)
    for batch in [[missed, again]] if batch_count == 1 else [[missed], [again]]:
        await call_log.record(batch)
    lead = await only_lead(database)
    assert (lead.responsible_id, lead.responsible_settled) == (None, True)


async def test_calls_never_move_the_status(database: Database, call_log: CallLog) -> None:
    """Twenty calls later the lead is still in its initial status."""
    await call_log.record(
        [ended(answered(make_call(started_at=MONDAY + hour * 3_600_000))) for hour in range(20)]
    )
    lead = await only_lead(database)
    assert (lead.call_count, lead.status.kind) == (20, StatusKind.INITIAL)


async def test_withheld_callers_are_stored_and_never_merged(
    database: Database, call_log: CallLog
) -> None:
    """Two callers who hide their numbers are two calls and no lead."""
    hidden = [
        ended(make_incoming("101", number=None, raw_number="anonymous", withheld=True))
        for _ in range(2)
    ]
    assert await call_log.record(hidden) == []
    assert [stored.lead_id for stored in await calls_in(database)] == [None, None]
    assert await leads_in(database) == []


async def test_internal_calls_make_no_lead(database: Database, call_log: CallLog) -> None:
    """Operators who call each other are stored, and nobody's lead."""
    internal = make_call(direction=Direction.INTERNAL, number=None, raw_number=None)
    await call_log.record([ended(answered(internal, by="102"))])
    (stored,) = await calls_in(database)
    assert stored.lead_id is None
    assert await leads_in(database) == []


async def test_a_number_nobody_understands_makes_a_lead_under_its_raw_form(
    database: Database, call_log: CallLog
) -> None:
    """What cannot be read as E.164 is a lead all the same, found again by the same raw form."""
    odd = [make_call(number=None, raw_number="*88005") for _ in range(2)]
    await call_log.record([ended(odd[0])])
    await call_log.record([ended(odd[1])])
    lead = await only_lead(database)
    assert (lead.title, lead.phone, lead.call_count) == ("*88005", "*88005", 2)


async def test_a_number_known_only_later_makes_the_lead_then(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """A call first stored without its number gets its lead with the snapshot that has it."""
    nameless = make_call(number=None, raw_number=None)
    assert await call_log.record([nameless]) == []
    await call_log.record([replace(nameless, number="+380441234567")])
    lead = await only_lead(database)
    assert (lead.responsible_id, lead.call_count) == (seller.id, 1)


async def test_a_number_that_changes_moves_the_call_and_leaves_the_lead(
    database: Database, call_log: CallLog
) -> None:
    """The call belongs to the number known last; the lead that the first number made stays."""
    first = make_call(number=None, raw_number="441234567")
    await call_log.record([first])
    await call_log.record([replace(first, number="+380441234567")])
    by_phone = {lead.phone: lead.call_count for lead in await leads_in(database)}
    assert by_phone == {"441234567": 0, "+380441234567": 1}


async def test_a_staff_mobile_is_never_a_lead(
    database: Database, call_log: CallLog, colleague: Operator
) -> None:
    """A call to an operator's own mobile is stored without a lead, until that person has left."""
    await call_log.record([ended(make_call(number=colleague.mobiles[0]))])
    assert await leads_in(database) == []
    await disable_operator(database, colleague.id, MONDAY)
    await call_log.record([ended(make_call(number=colleague.mobiles[0]))])
    assert (await only_lead(database)).phone == colleague.mobiles[0]


async def test_a_disabled_operator_gets_no_new_leads(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """Calls before the last working moment are still theirs, calls from then on are nobody's."""
    await disable_operator(database, seller.id, MONDAY + 1000)
    await call_log.record(
        [
            make_call(number="+380440000001", started_at=MONDAY),
            make_call(number="+380440000002", started_at=MONDAY + 1000),
        ]
    )
    owners = {lead.phone: lead.responsible_id for lead in await leads_in(database)}
    assert owners == {"+380440000001": seller.id, "+380440000002": None}


async def test_history_stays_when_an_extension_changes_hands(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """Calls before the handover are the former owner's, whenever more is known of them."""
    old = make_call(number="+380440000001", started_at=MONDAY)
    await call_log.record([old])
    successor = await add_operator(
        database,
        full_name="Наступник Назар Назарович",
        extensions=["101"],
        valid_from=MONDAY + DAY_MS,
        take_over=True,
    )
    late = make_call(number="+380440000003", started_at=MONDAY + 5000)
    new = make_call(number="+380440000002", started_at=MONDAY + DAY_MS)
    await call_log.record([ended(answered(old)), late, new])
    names = {stored.call.number: stored.operator_names for stored in await calls_in(database)}
    assert names == {
        "+380440000001": (seller.full_name,),
        "+380440000003": (seller.full_name,),
        "+380440000002": (successor.full_name,),
    }
    owners = {lead.phone: lead.responsible for lead in await leads_in(database)}
    assert owners == {number: name for number, (name,) in names.items()}


async def test_recording_again_changes_nothing(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """The same snapshot a second time, and one that lags, leave every row and tell no fact."""
    ringing = make_incoming("101", "102")
    over = ended(answered(ringing))
    await call_log.record([over])
    before = await calls_in(database), await leads_in(database)
    assert await call_log.record([over]) == []
    assert await call_log.record([ringing, over]) == []
    assert await call_log.record([answered(ringing, by="102")]) == []
    assert (await calls_in(database), await leads_in(database)) == before


async def test_two_calls_of_one_unknown_number_in_one_batch_make_one_lead(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """The call that began first founds the lead, wherever it stands in the batch."""
    later = make_incoming("101", started_at=MONDAY + 10)
    earlier = make_call()
    facts = await call_log.record([later, earlier])
    lead = await only_lead(database)
    assert facts == [LeadCreated(lead.id, "+380441234567", "main", earlier.linkedid)]
    assert (lead.call_count, lead.source) == (2, "исходящий звонок")


async def test_each_new_lead_of_a_batch_has_its_own_source_and_responsible(
    database: Database, call_log: CallLog, seller: Operator, colleague: Operator
) -> None:
    """Leads that are made together do not mix."""
    await call_log.record(
        [
            answered(make_incoming("102", number="+380440000001"), by="102"),
            make_call(number="+380440000002", started_at=MONDAY + 1),
            make_incoming("101", number="+380440000003", started_at=MONDAY + 2),
        ]
    )
    assert [(lead.phone, lead.source, lead.responsible) for lead in await leads_in(database)] == [
        ("+380440000003", "входящий звонок", None),
        ("+380440000002", "исходящий звонок", seller.full_name),
        ("+380440000001", "входящий звонок", colleague.full_name),
    ]


async def test_a_call_with_fewer_people_than_before_loses_them(
    database: Database, call_log: CallLog
) -> None:
    """A later snapshot replaces an earlier one whole, also where it is shorter."""
    first = replace(make_incoming("101", "102"), recordings=("/a.wav", "/b.wav"))
    second = replace(first, operators=first.operators[1:], recordings=("/b.wav",))
    await call_log.record([first])
    await call_log.record([second])
    (stored,) = await calls_in(database)
    assert stored.call == second


async def test_one_linkedid_on_two_pbxs_is_two_calls(database: Database, call_log: CallLog) -> None:
    """Linkedids collide between PBXs; the name of the PBX keeps their calls apart."""
    await call_log.record([make_call(pbx=pbx, linkedid="1.1") for pbx in ("north", "south")])
    assert {stored.call.pbx for stored in await calls_in(database)} == {"north", "south"}


async def test_a_refused_call_stores_nothing_of_its_batch(
    database: Database, call_log: CallLog
) -> None:
    """A value that the database refuses fails the batch whole, and the other call alone passes."""
    bad, good = replace(make_call(), talk_ms=-1), make_call()
    with pytest.raises(StorageError):
        await call_log.record([good, bad])
    assert await calls_in(database) == []
    await call_log.record([good])
    assert len(await calls_in(database)) == 1


async def test_a_call_set_aside_can_hold_anything(database: Database, call_log: CallLog) -> None:
    """What no table of calls takes is kept for the administrator, and replaced by its successor."""
    call = replace(make_call(), raw_number="44\0\udcff", linkedid="1\0.2", talk_ms=-1)
    with pytest.raises(StorageError) as refusal:
        await call_log.record([call])
    await call_log.set_aside(call, str(refusal.value))
    await call_log.set_aside(call, "again")
    async with database.reading() as tx:
        ((reason, snapshot),) = await tx.execute(
            select(refused_calls.c.reason, refused_calls.c.snapshot)
        )
    assert reason == "again"
    assert json.loads(snapshot)["raw_number"] == "44\0\udcff"


async def test_vanished_calls_are_ended_by_estimate(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """After a restart, stored calls that the PBX no longer has are ended; all others are left."""
    gone = answered(make_call(number="+380440000001"))
    missed = make_incoming("101", number="+380440000002")
    living = make_call(number="+380440000003")
    elsewhere = make_call(number="+380440000004", pbx="south")
    younger = make_call(number="+380440000005", started_at=MONDAY + 90_000)
    await call_log.record([gone, missed, living, elsewhere, younger])
    facts = await call_log.close_vanished("main", {living.linkedid}, MONDAY + 64_000)
    stored = {one.call.number: one.call for one in await calls_in(database)}
    assert _end(stored["+380440000001"]) == (MONDAY + 64_000, True, Disposition.ANSWERED, 60_000)
    assert _end(stored["+380440000002"]) == (MONDAY + 64_000, True, Disposition.UNKNOWN, 0)
    for call in (living, elsewhere, younger):
        assert stored[call.number] == call
    missed_lead = next(lead for lead in await leads_in(database) if lead.phone == "+380440000002")
    assert missed_lead.responsible_settled
    assert facts == [LeadChanged(missed_lead.id)]


def _end(call: Call) -> tuple[int | None, bool, Disposition, int]:
    return call.ended_at, call.end_estimated, call.disposition, call.talk_ms


async def test_nothing_to_record_touches_nothing(call_log: CallLog) -> None:
    """An empty batch is no work and no facts."""
    assert await call_log.record([]) == []
    assert await call_log.close_vanished("main", set(), MONDAY) == []
