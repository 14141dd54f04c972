"""The summary of a call: who may write it, and never over somebody else's words unseen."""

import pytest

from telemarketing.crm.accounts import Accounts
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.call_notes import NoteChanged, write_summary
from telemarketing.crm.lead_values import BadValue
from telemarketing.crm.passwords import Passwords
from telemarketing.errors import NotFound
from telemarketing.model.changes import LeadChanged
from telemarketing.storage.call_notes import list_latest_notes, list_notes
from telemarketing.storage.engine import Database
from tests.make import MONDAY, answered, ended, make_call
from tests.people import People, add_people

CALL = 1


@pytest.fixture
async def people(database: Database, call_log: CallLog) -> People:
    """One of each kind, and a talk of the operator."""
    accounts = Accounts(database, Passwords(time_cost=1, memory_kib=8), 60)
    people = await add_people(database, accounts)
    await call_log.record([ended(answered(make_call()))])
    return people


async def test_whoever_may_see_a_call_may_say_what_it_was_about(
    database: Database, people: People
) -> None:
    """Who took part, the supervisor and the administrator; not a colleague, not a stranger."""
    was = ""
    for person in (people.operator, people.supervisor, people.administrator):
        noted = await write_summary(database, person.viewer, CALL, person.login, was, MONDAY)
        assert noted.changes == (LeadChanged(1),)
        was = noted.summary
    for person in (people.colleague, people.stranger):
        with pytest.raises(NotFound):
            await write_summary(database, person.viewer, CALL, "чужое", was, MONDAY)
    async with database.reading() as tx:
        note = (await list_notes(tx, [CALL]))[CALL]
        assert [one.summary for one in await list_latest_notes(tx, 1, 3)] == [note.summary]
    assert (note.summary, note.author, note.version) == ("melnyk", "Мельник Ольга Петровна", 3)


async def test_words_of_others_are_not_overwritten_unseen(
    database: Database, people: People
) -> None:
    """The second writer is told what stands there; the same text twice is no conflict."""
    await write_summary(database, people.operator.viewer, CALL, "хочет окна", "", MONDAY)
    again = await write_summary(
        database, people.supervisor.viewer, CALL, "хочет окна\r\n", "", MONDAY
    )
    assert again.changes == ()
    with pytest.raises(NoteChanged) as told:
        await write_summary(database, people.supervisor.viewer, CALL, "отказ", "", MONDAY)
    assert told.value.note.summary == "хочет окна"
    with pytest.raises(BadValue):
        await write_summary(
            database, people.operator.viewer, CALL, "x" * 10_001, "хочет окна", MONDAY
        )


async def test_an_emptied_summary_is_no_description(database: Database, people: People) -> None:
    """What was taken away stands in no list of summaries."""
    viewer = people.operator.viewer
    await write_summary(database, viewer, CALL, "хочет окна", "", MONDAY)
    await write_summary(database, viewer, CALL, " ", "хочет окна", MONDAY)
    async with database.reading() as tx:
        assert await list_latest_notes(tx, 1, 3) == []
