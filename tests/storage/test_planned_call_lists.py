"""Lists of planned calls: what belongs to which group, and to whom it is shown."""

import pytest
from sqlalchemy import insert

from telemarketing.crm.accounts import Accounts
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.passwords import Passwords
from telemarketing.model.planned_call import PlannedCall
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Database
from telemarketing.storage.planned_call_lists import (
    Group,
    Today,
    Whose,
    count_groups,
    list_due_before,
    list_group,
)
from telemarketing.storage.tables import planned_calls
from tests.make import MONDAY, answered, ended, make_call
from tests.people import People, add_people
from tests.planning import HOUR_MS, instant, lead_of

NOW = instant("2025-11-24 12:00")
TODAY = Today(NOW, instant("2025-11-24 00:00"), instant("2025-11-25 00:00"))

# kind, state, when, has_time -> the group it has to be in; None = in none
CASES = [
    ("planned", "open", "2025-11-24 11:59", True, Group.OVERDUE),
    ("planned", "open", "2025-11-23 00:00", False, Group.OVERDUE),
    ("retry", "open", "2025-11-24 11:00", True, Group.OVERDUE),
    ("missed", "open", "2025-11-24 11:00", True, Group.MISSED),
    ("planned", "open", "2025-11-24 12:01", True, Group.TODAY),
    ("planned", "open", "2025-11-24 00:00", False, Group.TODAY),
    ("planned", "open", "2025-11-25 00:00", False, Group.LATER),
    ("planned", "open", "2025-11-25 09:00", True, Group.LATER),
    ("retry", "proposed", "2025-11-24 10:00", True, Group.PROPOSED),
    ("planned", "done", "2025-11-24 10:00", True, None),
    ("retry", "dismissed", "2025-11-24 10:00", True, None),
]


@pytest.fixture
async def people(database: Database) -> People:
    """One person of each kind, and a stranger."""
    return await add_people(database, Accounts(database, Passwords(time_cost=1, memory_kib=8), 60))


@pytest.fixture
async def cases(database: Database, people: People) -> None:
    """One planned call for each case, each of its own lead of the operator's."""
    for counter, (kind, state, when, has_time, _) in enumerate(CASES):
        number = f"+38044555{counter:04d}"
        await CallLog(database).record([ended(answered(make_call(number=number)))])
        lead_id = await lead_of(database, number)
        async with database.writing() as tx:
            await tx.execute(
                insert(planned_calls).values(
                    lead_id=lead_id,
                    operator_id=people.operator.id,
                    kind=kind,
                    state=state,
                    due_at=instant(when),
                    has_time=has_time,
                    zone="Europe/Kyiv",
                    note=str(counter),
                    created_at=MONDAY,
                    closed_at=None if state in {"open", "proposed"} else NOW,
                )
            )


async def groups_of(
    database: Database, viewer: Viewer, whose: Whose
) -> dict[Group, list[PlannedCall]]:
    """Every group as it is listed."""
    async with database.reading() as tx:
        return {
            group: await list_group(tx, viewer, group, whose, TODAY, limit=100) for group in Group
        }


@pytest.mark.usefixtures("cases")
async def test_each_planned_call_is_in_its_group_and_in_no_other(
    database: Database, people: People
) -> None:
    """And the counts are those of the lists, for everybody who may see them."""
    for person in (people.operator, people.supervisor, people.administrator):
        for whose in (Whose(), Whose(people.operator.id)):
            listed = await groups_of(database, person.viewer, whose)
            found = {int(call.note): group for group, calls in listed.items() for call in calls}
            wanted = {number: case[-1] for number, case in enumerate(CASES) if case[-1] is not None}
            assert found == wanted
            async with database.reading() as tx:
                counts = await count_groups(tx, person.viewer, whose, TODAY)
            assert counts == {group: len(listed[group]) for group in counts}


@pytest.mark.usefixtures("cases")
async def test_a_stranger_and_a_colleague_see_none_of_them(
    database: Database, people: People
) -> None:
    """Neither in any group, nor by asking for the operator's."""
    for person in (people.stranger, people.colleague):
        for whose in (Whose(), Whose(person.id), Whose(people.operator.id)):
            listed = await groups_of(database, person.viewer, whose)
            assert [calls for calls in listed.values() if calls] == []


@pytest.mark.usefixtures("cases")
async def test_what_is_due_comes_with_set_times_first(database: Database, people: People) -> None:
    """Overdue and soon in order of time, then who called and waits."""
    async with database.reading() as tx:
        due = await list_due_before(
            tx, people.operator.viewer, Whose(people.operator.id), NOW + HOUR_MS, limit=10
        )
    assert [call.note for call in due] == ["2", "0", "4", "3"]
