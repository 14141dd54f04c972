"""Changes of a card by people: kept, compared with what was seen, taken back."""

import asyncio
from dataclasses import asdict

import pytest

from telemarketing.crm.accounts import Accounts
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.lead_edits import Edited, FieldChanged, edit_lead
from telemarketing.crm.lead_parts import (
    Written,
    add_contact,
    add_phone,
    edit_contact,
    remove_contact,
    undo,
)
from telemarketing.crm.lead_values import BadValue, Fault, NumberTaken
from telemarketing.crm.passwords import Passwords
from telemarketing.errors import NotFound
from telemarketing.model.changes import LeadChanged
from telemarketing.model.lead import LeadCard
from telemarketing.model.viewer import Viewer
from telemarketing.phones import Numbering
from telemarketing.storage.engine import Database
from telemarketing.storage.lead_cards import get_lead_card
from telemarketing.storage.lead_edits import list_edits
from tests.make import MONDAY, answered, ended, make_call, make_incoming
from tests.people import People, add_people

normalise = Numbering("UA").normalise
LEAD, OTHER = 1, 2


@pytest.fixture
async def people(database: Database, call_log: CallLog) -> People:
    """One of each kind; the operator's lead and, later, a nobody's; the stranger met the first."""
    accounts = Accounts(database, Passwords(time_cost=1, memory_kib=8), 60)
    people = await add_people(database, accounts)
    await call_log.record([ended(answered(make_call()))])
    await call_log.record([ended(make_incoming("102", started_at=MONDAY + 1))])
    await call_log.record([ended(make_incoming("101", number="+380441112233"))])
    return people


async def card(database: Database, lead_id: int = LEAD) -> LeadCard:
    """Read a card."""
    async with database.reading() as tx:
        return await get_lead_card(tx, lead_id)


async def write(
    database: Database, viewer: Viewer, field: str, value: str, was: str, lead_id: int = LEAD
) -> Edited:
    """Write a field."""
    return await edit_lead(database, viewer, lead_id, field, value, was, MONDAY)


async def test_a_field_is_stored_and_kept_as_a_change(database: Database, people: People) -> None:
    """The card has it, the history says who changed what, and open panels are told."""
    viewer = people.operator.viewer
    edited = await write(database, viewer, "company", " ООО  Ромашка ", "")
    assert edited.changes == (LeadChanged(LEAD),)
    assert (edited.values, edited.version) == (("ООО Ромашка",), 2)
    stored = await card(database)
    assert (stored.company, stored.version) == ("ООО Ромашка", 2)
    async with database.reading() as tx:
        (edit,) = await list_edits(tx, LEAD, 10)
    assert (edit.operator, edit.field, edit.edited_at) == (viewer.full_name, "company", MONDAY)
    assert (edit.before, edit.after) == ('[""]', '["ООО Ромашка"]')


async def test_the_same_again_is_no_change(database: Database, people: People) -> None:
    """Nothing is kept and nobody is told, whatever the person saw before."""
    viewer = people.operator.viewer
    await write(database, viewer, "interest", "окна", "")
    again = await write(database, viewer, "interest", "окна ", "двери")
    assert (again.edit_id, again.changes, again.version) == (None, (), 2)


async def test_different_fields_do_not_disturb_each_other(
    database: Database, people: People
) -> None:
    """Two people at once, each from the version that both have seen: both are stored."""
    await asyncio.gather(
        write(database, people.operator.viewer, "company", "Ромашка", ""),
        write(database, people.supervisor.viewer, "interest", "окна", ""),
        write(database, people.administrator.viewer, "amount", "15 тыс", ""),
    )
    stored = await card(database)
    assert (stored.company, stored.interest, stored.amount_minor, stored.version) == (
        "Ромашка",
        "окна",
        1_500_000,
        4,
    )


async def test_the_same_field_is_never_overwritten_unseen(
    database: Database, people: People
) -> None:
    """The second is told what stands there and by whom; having seen it, he or she may write."""
    await write(database, people.operator.viewer, "note", "перезвонить", "")
    with pytest.raises(FieldChanged) as told:
        await write(database, people.supervisor.viewer, "note", "не звонить", "")
    assert (told.value.values, told.value.by) == (("перезвонить",), "Иваненко Иван Иванович")
    assert (await card(database)).note == "перезвонить"
    await write(database, people.supervisor.viewer, "note", "не звонить", "перезвонить")
    assert (await card(database)).note == "не звонить"


async def test_an_amount_is_compared_by_what_it_is(database: Database, people: People) -> None:
    """In whatever language it was shown: two spellings of one amount are the same."""
    viewer = people.operator.viewer
    await write(database, viewer, "amount", "12 500,50 грн", "")
    await write(database, viewer, "amount", "13000", "UAH12,500.50")
    await write(database, viewer, "amount", "", "13 000,00 ₴")
    stored = await card(database)
    assert (stored.amount_minor, stored.currency) == (None, None)


async def test_any_status_may_be_chosen_and_no_other(database: Database, people: People) -> None:
    """Also from a final one back; an id that is no status is refused."""
    viewer = people.operator.viewer
    for before, after in (("1", "5"), ("5", "2")):
        await write(database, viewer, "status", after, before)
    assert (await card(database)).lead.status.id == 2
    for wrong in ("", "99", "x"):
        with pytest.raises(BadValue):
            await write(database, viewer, "status", wrong, "2")


async def test_who_may_give_a_lead_to_whom(database: Database, people: People) -> None:
    """An operator takes what is nobody's and gives nothing away; a supervisor gives to anybody."""
    operator, stranger = people.operator, people.stranger
    mine = str(operator.id)
    for value, was in ((str(people.colleague.id), mine), ("", mine)):
        with pytest.raises(BadValue):
            await write(database, operator.viewer, "responsible", value, was)
    with pytest.raises(BadValue):
        await write(database, operator.viewer, "responsible", str(stranger.id), "", OTHER)
    await write(database, operator.viewer, "responsible", mine, "", OTHER)
    assert (await card(database, OTHER)).lead.responsible_id == operator.id
    supervisor = people.supervisor.viewer
    await write(database, supervisor, "responsible", "", mine, OTHER)
    await write(database, supervisor, "responsible", str(stranger.id), mine)
    lead = (await card(database)).lead
    assert (lead.responsible_id, lead.responsible_settled) == (stranger.id, True)
    with pytest.raises(BadValue):
        await write(database, people.administrator.viewer, "responsible", "999", "", OTHER)


async def test_whoever_sees_a_part_changes_nothing(database: Database, people: People) -> None:
    """A stranger who was in a call with the lead, and a lead that is not there, are alike."""
    stranger, colleague = people.stranger.viewer, people.colleague.viewer
    for viewer in (stranger, colleague):
        with pytest.raises(NotFound):
            await write(database, viewer, "company", "Чужое", "")
        with pytest.raises(NotFound):
            await add_phone(database, viewer, LEAD, "0501112233", MONDAY, normalise)
        with pytest.raises(NotFound):
            await add_contact(database, viewer, LEAD, {"full_name": "X"}, MONDAY, normalise)
        with pytest.raises(NotFound):
            await undo(database, viewer, LEAD, 1, MONDAY)
    for field in ("created_at", "phone", "version", ""):
        with pytest.raises(NotFound):
            await write(database, people.operator.viewer, field, "1", "")


async def test_who_took_a_lead_may_let_it_go_again(database: Database, people: People) -> None:
    """An operator takes back the own taking, and nobody else's."""
    operator, colleague = people.operator.viewer, people.colleague.viewer
    taken = await write(database, operator, "responsible", str(operator.id), "", OTHER)
    assert taken.edit_id is not None

    with pytest.raises((NotFound, BadValue)):
        await undo(database, colleague, OTHER, taken.edit_id, MONDAY)
    await undo(database, operator, OTHER, taken.edit_id, MONDAY)

    assert (await card(database, OTHER)).lead.responsible_id is None


async def test_a_change_is_taken_back(database: Database, people: People) -> None:
    """As long as nothing newer stands there; taking back is a change too, and can be taken back."""
    viewer = people.operator.viewer
    first = await write(database, viewer, "title", "Ромашка – окна", "+380441234567")
    second = await write(database, viewer, "title", "Ромашка – двери", "Ромашка – окна")
    assert first.edit_id is not None
    assert second.edit_id is not None
    with pytest.raises(FieldChanged):
        await undo(database, viewer, LEAD, first.edit_id, MONDAY)
    back = await undo(database, viewer, LEAD, second.edit_id, MONDAY)
    assert (await card(database)).lead.title == "Ромашка – окна"
    assert back.edit_id is not None
    await undo(database, viewer, LEAD, back.edit_id, MONDAY)
    assert (await card(database)).lead.title == "Ромашка – двери"
    with pytest.raises(NotFound):
        await undo(database, viewer, OTHER, second.edit_id, MONDAY)


async def test_further_people_come_change_go_and_come_back(
    database: Database, people: People
) -> None:
    """Every step can be taken back; a name is needed, and a number has to be one."""
    viewer = people.operator.viewer
    typed = {"full_name": "Ткаченко Зоя", "phone": "(067) 111-00-00", "email": "z@example.org"}
    added = await add_contact(database, viewer, LEAD, typed, MONDAY, normalise)
    (contact,) = (await card(database)).contacts
    assert asdict(contact) == typed | {"id": contact.id, "position": "", "phone": "+380671110000"}
    written = Written("position", "директор", "")
    edited = await edit_contact(database, viewer, LEAD, contact.id, written, MONDAY, normalise)
    assert edited.values == ("директор",)
    with pytest.raises(FieldChanged):
        await edit_contact(
            database,
            viewer,
            LEAD,
            contact.id,
            Written("position", "бухгалтер", ""),
            MONDAY,
            normalise,
        )
    assert added.edit_id is not None
    with pytest.raises(FieldChanged):
        await undo(database, viewer, LEAD, added.edit_id, MONDAY)
    removed = await remove_contact(database, viewer, LEAD, contact.id, MONDAY)
    assert (await card(database)).contacts == ()
    assert removed.edit_id is not None
    await undo(database, viewer, LEAD, removed.edit_id, MONDAY)
    (back,) = (await card(database)).contacts
    assert (back.full_name, back.position) == ("Ткаченко Зоя", "директор")
    for field, value, fault in (
        ("full_name", " ", Fault.EMPTY),
        ("phone", "спросить", Fault.NO_NUMBER),
        ("email", "нет", Fault.NO_EMAIL),
    ):
        wrong = {"full_name": "Олег", field: value}
        with pytest.raises(BadValue) as refused:
            await add_contact(database, viewer, LEAD, wrong, MONDAY, normalise)
        assert (refused.value.field, refused.value.fault) == (field, fault)


async def test_a_number_belongs_to_one_lead(
    database: Database, call_log: CallLog, people: People
) -> None:
    """A new number brings its next call to the lead; another lead's number is refused."""
    viewer = people.operator.viewer
    added = await add_phone(database, viewer, LEAD, "050 999 88 77", MONDAY, normalise)
    assert (await card(database)).phones == ("+380441234567", "+380509998877")
    await call_log.record([ended(make_incoming("101", number="+380509998877"))])
    assert (await card(database)).lead.call_count == 3
    with pytest.raises(NumberTaken) as taken:
        await add_phone(database, viewer, LEAD, "0441112233", MONDAY, normalise)
    assert taken.value.lead_id == OTHER
    for typed, fault in (("0509998877", Fault.ALREADY_HERE), ("12", Fault.NO_NUMBER)):
        with pytest.raises(BadValue) as refused:
            await add_phone(database, viewer, LEAD, typed, MONDAY, normalise)
        assert refused.value.fault is fault
    assert added.edit_id is not None
    await undo(database, viewer, LEAD, added.edit_id, MONDAY)
    assert (await card(database)).phones == ("+380441234567",)
    await add_phone(database, viewer, OTHER, "0509998877", MONDAY, normalise)
    with pytest.raises(FieldChanged):
        await undo(database, viewer, LEAD, added.edit_id, MONDAY)
