"""What people do with planned calls, and who may, on SQLite and on PostgreSQL."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from telemarketing.crm.accounts import Accounts
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.passwords import Passwords
from telemarketing.crm.planned_calls import Changed, Plan, PlannedCalls
from telemarketing.crm.when import Moment
from telemarketing.errors import ChangedMeanwhile, NotFound, Refused
from telemarketing.model.changes import PlannedCallsChanged
from telemarketing.model.planned_call import PlanKind, PlannedCall, PlanState
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Database
from telemarketing.storage.planned_calls import find_planned_call
from tests.make import DAY_MS, MONDAY, answered, ended, make_call, make_incoming
from tests.people import People, add_people
from tests.planning import EVERYBODY, HOUR_MS, RULES, all_planned, lead_of

NUMBER = "+380441234567"
IN_AN_HOUR = Moment(MONDAY + HOUR_MS, has_time=True)
TOMORROW = Moment(MONDAY + DAY_MS, has_time=False)


@pytest.fixture
async def people(database: Database) -> People:
    """One person of each kind, and a stranger."""
    return await add_people(
        database, Accounts(database, Passwords(time_cost=1, memory_kib=8), 43_200)
    )


@pytest.fixture
def work(database: Database) -> PlannedCalls:
    """What people do, on Monday morning."""
    return PlannedCalls(database, 900_000, lambda: MONDAY)


@pytest.fixture
async def lead_id(database: Database, people: People) -> int:
    """A lead of the operator's."""
    await CallLog(database).record([ended(answered(make_call(started_at=MONDAY - DAY_MS)))])
    return await lead_of(database, NUMBER)


@pytest.fixture
async def plan(work: PlannedCalls, people: People, lead_id: int) -> PlannedCall:
    """A call to it, planned by the operator for an hour later."""
    wanted = Plan(lead_id, IN_AN_HOUR, "Europe/Kyiv", " о цене ")
    return (await work.plan(people.operator.viewer, wanted)).planned_call


async def test_a_call_is_planned_for_a_time_or_for_a_day(
    database: Database, work: PlannedCalls, people: People, lead_id: int
) -> None:
    """What was planned is what is stored: whose, when, in which zone, about what."""
    for moment in (IN_AN_HOUR, TOMORROW):
        made = await work.plan(
            people.operator.viewer, Plan(lead_id, moment, "Europe/Kyiv", " о цене ")
        )
        assert made.changes == [PlannedCallsChanged(lead_id)]

    timed, dated = await all_planned(database)
    assert (timed.due_at, timed.has_time) == (IN_AN_HOUR.due_at, True)
    assert (dated.due_at, dated.has_time) == (TOMORROW.due_at, False)
    assert (timed.operator_id, timed.kind, timed.state) == (
        people.operator.id,
        PlanKind.PLANNED,
        PlanState.OPEN,
    )
    assert (timed.zone, timed.note, timed.version) == ("Europe/Kyiv", "о цене", 1)


async def test_done_dropped_and_moved_can_each_be_taken_back(
    work: PlannedCalls, people: People, plan: PlannedCall
) -> None:
    """What stood there before stands there again."""
    viewer = people.operator.viewer
    later = Moment(MONDAY + 2 * DAY_MS, has_time=True)
    wishes: list[Callable[[int], Awaitable[Changed]]] = [
        lambda version: work.finish(viewer, plan.id, version),
        lambda version: work.drop(viewer, plan.id, version),
        lambda version: work.move(viewer, plan.id, version, later),
    ]
    version = plan.version
    for wish, state in zip(
        wishes, (PlanState.DONE, PlanState.CANCELLED, PlanState.OPEN), strict=True
    ):
        changed = await wish(version)
        assert changed.planned_call.state is state
        assert changed.planned_call.placing != plan.placing
        assert changed.before is not None
        back = await work.restore(viewer, plan.id, changed.planned_call.version, changed.before)
        assert back.planned_call.placing == plan.placing
        version = back.planned_call.version


async def test_two_tabs_never_overwrite_each_other(
    work: PlannedCalls, people: People, plan: PlannedCall
) -> None:
    """Of two changes to what both saw, the first counts and the second is told."""
    viewer = people.operator.viewer
    moved = await work.move(viewer, plan.id, plan.version, TOMORROW)

    with pytest.raises(ChangedMeanwhile):
        await work.finish(viewer, plan.id, plan.version)
    with pytest.raises(ChangedMeanwhile):
        await work.write_note(viewer, plan.id, "другое", "не та заметка")

    assert moved.planned_call.due_at == TOMORROW.due_at


async def test_of_two_changes_at_one_instant_one_is_refused(
    database: Database,
    database_url: str,
    work: PlannedCalls,
    people: People,
    plan: PlannedCall,
) -> None:
    """Also when they come through two daemons."""
    other_database = Database(database_url)
    await other_database.open()
    other = PlannedCalls(other_database, 900_000, lambda: MONDAY)
    outcomes = await asyncio.gather(
        work.finish(people.operator.viewer, plan.id, plan.version),
        other.drop(people.supervisor.viewer, plan.id, plan.version),
        return_exceptions=True,
    )
    await other_database.close()

    refused = [outcome for outcome in outcomes if isinstance(outcome, ChangedMeanwhile)]
    assert (len(refused), sum(isinstance(one, Changed) for one in outcomes)) == (1, 1)


async def test_what_is_closed_is_not_changed_any_more(
    work: PlannedCalls, people: People, plan: PlannedCall
) -> None:
    """It has to be taken back first."""
    done = await work.finish(people.operator.viewer, plan.id, plan.version)
    with pytest.raises(ChangedMeanwhile):
        await work.move(people.operator.viewer, plan.id, done.planned_call.version, TOMORROW)


async def test_a_stranger_cannot_see_change_or_plan(
    database: Database, work: PlannedCalls, people: People, plan: PlannedCall
) -> None:
    """To somebody of another department neither the lead nor its planned call exist."""
    stranger = people.stranger.viewer
    wishes = [
        work.plan(stranger, Plan(plan.lead_id, TOMORROW, "Europe/Kyiv", "")),
        work.finish(stranger, plan.id, 1),
        work.drop(stranger, plan.id, 1),
        work.take(stranger, plan.id, 1),
        work.move(stranger, plan.id, 1, TOMORROW),
        work.write_note(stranger, plan.id, "чужое", plan.note),
        work.restore(stranger, plan.id, 1, plan.placing),
    ]
    for wish in wishes:
        with pytest.raises(NotFound):
            await wish
    async with database.reading() as tx:
        assert await find_planned_call(tx, stranger, plan.id) is None
        assert await find_planned_call(tx, people.colleague.viewer, plan.id) is None
        assert await find_planned_call(tx, people.supervisor.viewer, plan.id) == plan
        assert await find_planned_call(tx, people.administrator.viewer, plan.id) == plan


@pytest.mark.parametrize(
    ("planner", "worker", "allowed"),
    [
        ("operator", "operator", True),
        ("operator", "colleague", False),
        ("supervisor", "colleague", True),
        ("supervisor", "supervisor", True),
        ("supervisor", "stranger", False),
        ("administrator", "stranger", True),
    ],
)
async def test_an_operator_plans_for_oneself_and_a_supervisor_for_the_department(
    work: PlannedCalls, people: People, lead_id: int, planner: str, worker: str, allowed: bool
) -> None:
    """Planning and moving follow the same rule."""
    viewer: Viewer = getattr(people, planner).viewer
    operator_id: int = getattr(people, worker).id
    wish = work.plan(viewer, Plan(lead_id, TOMORROW, "Europe/Kyiv", "", operator_id))
    if not allowed:
        with pytest.raises(Refused, match="operator"):
            await wish
        return
    made = (await wish).planned_call
    assert made.operator_id == operator_id
    moved = await work.move(viewer, made.id, made.version, IN_AN_HOUR)
    assert moved.planned_call.operator_id == operator_id


async def test_whoever_talked_with_somebody_elses_lead_may_plan_to_call_again(
    database: Database, work: PlannedCalls, people: People, lead_id: int
) -> None:
    """And sees that plan, but no other of the lead."""
    heard = make_incoming("103", started_at=MONDAY - HOUR_MS)
    await CallLog(database).record([ended(answered(heard, by="103"))])
    colleague = people.colleague.viewer
    made = await work.plan(colleague, Plan(lead_id, TOMORROW, "Europe/Kyiv", ""))
    assert made.planned_call.operator_id == colleague.id


async def test_everybodys_missed_call_becomes_the_work_of_whoever_takes_it(
    database: Database, work: PlannedCalls, people: People
) -> None:
    """And can be given back."""
    await CallLog(database, RULES).record([ended(make_incoming("101", number="+380445556677"))])
    (missed,) = await all_planned(database, PlanKind.MISSED)

    taken = await work.take(people.stranger.viewer, missed.id, missed.version)
    assert taken.planned_call.operator_id == people.stranger.id
    assert taken.before == missed.placing
    back = await work.restore(
        people.stranger.viewer, missed.id, taken.planned_call.version, missed.placing
    )
    assert back.planned_call.operator_id is None


async def test_what_the_service_proposes_anew_cannot_be_opened_beside_it(
    database: Database, work: PlannedCalls, people: People
) -> None:
    """The client called again after "done" was pressed: one item waits, not two."""
    call_log = CallLog(database, RULES)
    await call_log.record([ended(make_incoming("101"))])
    (missed,) = await all_planned(database)
    done = await work.finish(people.operator.viewer, missed.id, missed.version)
    await call_log.record([ended(make_incoming("101", started_at=MONDAY + HOUR_MS))])

    with pytest.raises(ChangedMeanwhile):
        await work.restore(
            people.operator.viewer, missed.id, done.planned_call.version, missed.placing
        )


async def test_a_note_is_written_and_a_novel_is_refused(
    database: Database, work: PlannedCalls, people: People, plan: PlannedCall
) -> None:
    """What is stored is what was typed, without blanks around it."""
    written = await work.write_note(people.operator.viewer, plan.id, " новая цена ", plan.note)
    assert (written.planned_call.note, written.planned_call.version) == ("новая цена", 2)
    with pytest.raises(Refused, match="note"):
        await work.write_note(people.operator.viewer, plan.id, "а" * 2001, "новая цена")
    async with database.reading() as tx:
        assert await find_planned_call(tx, EVERYBODY, plan.id) == written.planned_call
