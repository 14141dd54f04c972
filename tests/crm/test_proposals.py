"""What the service itself proposes after calls, on SQLite and on PostgreSQL."""

import asyncio
from dataclasses import replace

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.planned_calls import Plan, PlannedCalls
from telemarketing.crm.when import Moment
from telemarketing.model.call import Call, CallOperator, Direction
from telemarketing.model.changes import LeadFact, NoticesChanged, PlannedCallsChanged
from telemarketing.model.operator import Operator
from telemarketing.model.planned_call import PlanKind, PlannedCall, PlanState
from telemarketing.model.viewer import Viewer
from telemarketing.storage import reminders
from telemarketing.storage.engine import Database
from tests.make import DAY_MS, MONDAY, answered, ended, make_call, make_incoming
from tests.planning import HOUR_MS, MINUTE_MS, RULES, all_planned, lead_of

NUMBER = "+380441234567"


@pytest.fixture
def proposing(database: Database) -> CallLog:
    """A call log that proposes."""
    return CallLog(database, RULES)


def viewer(operator: Operator) -> Viewer:
    """The operator as somebody who looks at the panel, in no department."""
    return Viewer(operator.id, operator.full_name, operator.role, None)


def work_at(database: Database, now: int) -> PlannedCalls:
    """What people do, at an instant."""
    return PlannedCalls(database, 15 * MINUTE_MS, lambda: now)


def missed(at: int = MONDAY, *rung: str) -> Call:
    """A client called at an instant, and nobody answered."""
    return ended(make_incoming(*(rung or ("101",)), started_at=at))


def in_vain(at: int = MONDAY) -> Call:
    """An attempt of 101 at an instant that was not answered."""
    return ended(make_call(started_at=at))


def talk(at: int, talk_ms: int = 60_000) -> Call:
    """A call of 101 at an instant that was answered."""
    return ended(answered(make_call(started_at=at)), talk_ms)


def told(facts: object) -> list[object]:
    """The facts that are about planned calls."""
    assert isinstance(facts, list)
    return [fact for fact in facts if not isinstance(fact, LeadFact)]


async def only(database: Database, kind: PlanKind) -> PlannedCall:
    """The planned call of this kind that has to be the only one."""
    (found,) = await all_planned(database, kind)
    return found


async def test_a_missed_call_waits_to_be_called_back_at_once(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """A number that nobody knows becomes a lead, and an item of everybody's, due now."""
    call = missed()

    facts = await proposing.record([call])

    item = await only(database, PlanKind.MISSED)
    assert told(facts) == [PlannedCallsChanged(item.lead_id)]
    assert (item.state, item.operator_id, item.attempt_count) == (PlanState.OPEN, None, 0)
    assert item.due_at == call.ended_at
    assert item.phone == NUMBER


async def test_a_missed_call_of_a_lead_is_its_responsibles(
    database: Database, proposing: CallLog, seller: Operator, colleague: Operator
) -> None:
    """Whoever was rung, the one who answers for the lead calls back."""
    await proposing.record([talk(MONDAY)])

    await proposing.record([missed(MONDAY + HOUR_MS, "102")])

    assert (await only(database, PlanKind.MISSED)).operator_id == seller.id


async def test_nothing_is_proposed_before_the_end_is_seen(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """A call that rings proposes nothing, and neither does one whose end is an estimate."""
    call = make_incoming("101")
    await proposing.record([call])
    await proposing.close_vanished("main", set(), MONDAY + HOUR_MS)

    assert await all_planned(database) == []

    await proposing.record([ended(call)])
    assert (await only(database, PlanKind.MISSED)).state is PlanState.OPEN


@pytest.mark.parametrize(
    "call",
    [
        ended(make_incoming("101", number=None, raw_number=None, withheld=True)),
        ended(make_call(direction=Direction.INTERNAL, number=None, raw_number=None)),
    ],
    ids=["withheld", "internal"],
)
async def test_a_call_without_a_lead_proposes_nothing(
    database: Database, proposing: CallLog, seller: Operator, call: Call
) -> None:
    """There is nobody to call back."""
    await proposing.record([call])
    assert await all_planned(database) == []


async def test_one_missed_call_waits_however_often_the_client_calls(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """Since the first time; recording everything again changes nothing."""
    calls = [missed(MONDAY + minutes * MINUTE_MS) for minutes in (0, 5, 10)]

    await proposing.record(calls[:1])
    await proposing.record(calls)
    assert await proposing.record(calls) == []

    assert (await only(database, PlanKind.MISSED)).due_at == calls[0].ended_at


async def test_a_missed_call_waits_until_somebody_has_talked(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """An attempt without an answer leaves it open and is counted; a talk closes it."""
    await proposing.record([missed()])
    await proposing.record([in_vain(MONDAY + HOUR_MS)])
    waiting = await only(database, PlanKind.MISSED)
    assert (waiting.state, waiting.attempt_count) == (PlanState.OPEN, 1)

    facts = await proposing.record([talk(MONDAY + 2 * HOUR_MS)])

    done = await only(database, PlanKind.MISSED)
    assert (done.state, done.closed_by_call) == (PlanState.DONE, True)
    assert told(facts) == [PlannedCallsChanged(done.lead_id)]


async def test_the_client_who_calls_again_and_is_heard_needs_no_callback(
    database: Database, proposing: CallLog, seller: Operator, colleague: Operator
) -> None:
    """Whoever of us answers, in either direction."""
    await proposing.record([missed()])

    heard = ended(answered(make_incoming("102", started_at=MONDAY + HOUR_MS), by="102"))
    await proposing.record([heard])

    assert (await only(database, PlanKind.MISSED)).state is PlanState.DONE


async def test_a_missed_call_that_is_told_after_a_later_talk_is_done_already(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """What is stored late does not ask for what has been done since."""
    await proposing.record([talk(MONDAY + HOUR_MS)])
    await proposing.record([missed()])
    assert await all_planned(database) == []


async def test_a_miss_and_the_talk_after_it_in_one_batch_leave_nothing_to_do(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """As after an hour without the database."""
    await proposing.record([talk(MONDAY + HOUR_MS), missed(), in_vain(MONDAY + MINUTE_MS)])
    assert [one for one in await all_planned(database) if one.closed_at is None] == []


async def test_an_unanswered_call_gets_a_proposed_retry(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """After the configured pause, for whoever placed it, as a proposal."""
    call = in_vain()

    facts = await proposing.record([call])

    retry = await only(database, PlanKind.RETRY)
    assert (retry.state, retry.operator_id) == (PlanState.PROPOSED, seller.id)
    assert retry.due_at == (call.ended_at or 0) + 2 * HOUR_MS
    assert (retry.attempt_count, retry.zone) == (1, "Europe/Kyiv")
    assert PlannedCallsChanged(retry.lead_id) in facts


async def test_a_retry_falls_into_working_hours(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """On Friday at 17:30 in vain: on Monday at nine."""
    friday = MONDAY + 4 * DAY_MS + 7 * HOUR_MS + 30 * MINUTE_MS

    await proposing.record([in_vain(friday)])

    assert (await only(database, PlanKind.RETRY)).due_at == MONDAY + 7 * DAY_MS - HOUR_MS


async def test_the_next_attempt_moves_the_proposal_until_the_list_ends(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """One proposal a lead: two hours, then a day, and after the third attempt nothing."""
    attempts = [in_vain(MONDAY + hours * HOUR_MS) for hours in (0, 3, 28)]

    await proposing.record([attempts[0]])
    await proposing.record([attempts[1]])
    second = await only(database, PlanKind.RETRY)
    await proposing.record([attempts[2]])
    third = await only(database, PlanKind.RETRY)

    assert second.due_at == (attempts[1].ended_at or 0) + DAY_MS
    assert (second.state, second.attempt_count) == (PlanState.PROPOSED, 2)
    assert third.state is PlanState.DISMISSED


async def test_attempts_in_a_row_are_counted_since_the_last_talk(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """Two in vain, a talk, one in vain: that one is the first."""
    await proposing.record([in_vain(), in_vain(MONDAY + HOUR_MS)])
    await proposing.record([talk(MONDAY + 2 * HOUR_MS)])
    last = in_vain(MONDAY + 3 * HOUR_MS)
    await proposing.record([last])

    closed, retry = await all_planned(database, PlanKind.RETRY)
    assert closed.state is PlanState.DONE
    assert retry.due_at == (last.ended_at or 0) + 2 * HOUR_MS


async def test_a_retry_that_was_taken_for_later_is_left_alone(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """An attempt before its time is counted; the person's own time stays."""
    await proposing.record([in_vain()])
    proposal = await only(database, PlanKind.RETRY)
    tomorrow = Moment(MONDAY + DAY_MS, has_time=True)
    work = work_at(database, MONDAY + MINUTE_MS)
    await work.move(viewer(seller), proposal.id, proposal.version, tomorrow)

    await proposing.record([in_vain(MONDAY + HOUR_MS)])

    taken = await only(database, PlanKind.RETRY)
    assert (taken.state, taken.due_at) == (PlanState.OPEN, MONDAY + DAY_MS)
    assert taken.attempt_count == 2


async def test_a_retry_that_was_taken_and_made_in_vain_is_proposed_anew(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """It waits to be taken again, and its reminder is called off."""
    await proposing.record([in_vain()])
    proposal = await only(database, PlanKind.RETRY)
    work = work_at(database, MONDAY + MINUTE_MS)
    await work.take(viewer(seller), proposal.id, proposal.version)

    await proposing.record([in_vain(MONDAY + 2 * HOUR_MS)])

    again = await only(database, PlanKind.RETRY)
    assert (again.state, again.due_at > proposal.due_at) == (PlanState.PROPOSED, True)
    async with database.reading() as tx:
        assert await reminders.find_next_remind_at(tx) is None


async def test_a_dismissed_proposal_comes_back_only_with_another_attempt(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """Recording the call again does not bring back what a person did not want."""
    first = in_vain()
    await proposing.record([first])
    proposal = await only(database, PlanKind.RETRY)
    await work_at(database, MONDAY).drop(viewer(seller), proposal.id, proposal.version)

    await proposing.record([first, replace(first, recordings=("/a.wav",))])
    assert (await only(database, PlanKind.RETRY)).state is PlanState.DISMISSED
    await proposing.record([in_vain(MONDAY + HOUR_MS)])

    states = [one.state for one in await all_planned(database, PlanKind.RETRY)]
    assert states == [PlanState.DISMISSED, PlanState.PROPOSED]


async def planned(database: Database, seller: Operator, moment: Moment, now: int) -> PlannedCall:
    """Let the seller plan to call the lead."""
    work = work_at(database, now)
    lead_id = await lead_of(database, NUMBER)
    plan = Plan(lead_id, moment, "Europe/Kyiv", "о цене")
    return (await work.plan(viewer(seller), plan)).planned_call


@pytest.mark.parametrize(
    ("due_in_ms", "has_time", "state"),
    [
        (5 * MINUTE_MS, True, PlanState.DONE),
        (90 * MINUTE_MS, True, PlanState.DONE),
        (3 * HOUR_MS, True, PlanState.OPEN),
        (DAY_MS, False, PlanState.OPEN),
    ],
)
async def test_a_talk_closes_what_a_person_planned_for_about_then(
    database: Database,
    proposing: CallLog,
    seller: Operator,
    due_in_ms: int,
    has_time: bool,
    state: PlanState,
) -> None:
    """What is due within the hour after it is done; what is for later stays, marked as talked."""
    await proposing.record([talk(MONDAY - DAY_MS)])
    await planned(database, seller, Moment(MONDAY + due_in_ms, has_time), MONDAY)

    await proposing.record([talk(MONDAY + 60 * MINUTE_MS)])

    plan = await only(database, PlanKind.PLANNED)
    assert (plan.state, plan.closed_by_call) == (state, state is PlanState.DONE)
    assert plan.talked_at == MONDAY + 60 * MINUTE_MS + 4000


async def test_what_is_planned_during_a_talk_is_not_done_by_its_end(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """As when the client says "in half an hour" and it is typed while they talk."""
    live = answered(make_call())
    await proposing.record([live])
    await planned(
        database, seller, Moment(MONDAY + 30 * MINUTE_MS, has_time=True), MONDAY + MINUTE_MS
    )

    await proposing.record([ended(live, 5 * MINUTE_MS)])

    assert (await only(database, PlanKind.PLANNED)).state is PlanState.OPEN


async def test_a_plan_that_a_talk_closed_can_be_opened_again(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """With its time, and its reminder."""
    await proposing.record([talk(MONDAY - DAY_MS)])
    plan = await planned(database, seller, Moment(MONDAY + HOUR_MS, has_time=True), MONDAY)
    await proposing.record([talk(MONDAY + MINUTE_MS)])
    closed = await only(database, PlanKind.PLANNED)

    work = work_at(database, MONDAY + 5 * MINUTE_MS)
    again = await work.restore(viewer(seller), closed.id, closed.version, plan.placing)

    assert (again.planned_call.state, again.planned_call.closed_by_call) == (PlanState.OPEN, False)
    async with database.reading() as tx:
        assert await reminders.find_next_remind_at(tx) == MONDAY + 45 * MINUTE_MS


async def test_an_attempt_in_vain_is_counted_on_the_plan(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """The plan stays open, and says how often it was tried."""
    await proposing.record([talk(MONDAY - DAY_MS)])
    await planned(database, seller, Moment(MONDAY + HOUR_MS, has_time=True), MONDAY)

    await proposing.record([in_vain(MONDAY + HOUR_MS)])

    plan = await only(database, PlanKind.PLANNED)
    assert (plan.state, plan.attempt_count) == (PlanState.OPEN, 1)


async def test_a_talk_takes_away_the_reminder_and_the_notice(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """Nobody is reminded of what is done, in any tab."""
    await proposing.record([talk(MONDAY - DAY_MS)])
    await planned(database, seller, Moment(MONDAY + 10 * MINUTE_MS, has_time=True), MONDAY)
    async with database.writing() as tx:
        assert len(await reminders.fire_due(tx, MONDAY, 60_000, 10)) == 1

    facts = await proposing.record([talk(MONDAY + MINUTE_MS)])

    assert NoticesChanged(seller.id) in facts


async def test_two_daemons_propose_once(
    database: Database, database_url: str, proposing: CallLog, seller: Operator
) -> None:
    """However often both see the same ends, one item and one proposal wait for a lead."""
    other_database = Database(database_url)
    await other_database.open()
    other = CallLog(other_database, RULES)
    for attempt in range(20):
        number = f"+38044{attempt:07d}"
        calls = [
            ended(make_incoming("101", number=number)),
            ended(make_call(number=number, started_at=MONDAY + MINUTE_MS)),
        ]
        await asyncio.gather(proposing.record(calls), other.record(calls[::-1]))
    await other_database.close()

    found = await all_planned(database)
    assert len([one for one in found if one.kind is PlanKind.MISSED]) == 20
    assert len([one for one in found if one.kind is PlanKind.RETRY]) == 20
    assert {one.attempt_count for one in found} == {1}


async def test_a_daemon_that_was_killed_proposes_nothing_twice(
    database: Database, seller: Operator
) -> None:
    """It finds the calls that have ended stored, and records them again as it saw them."""
    calls = [missed(), in_vain(MONDAY + MINUTE_MS)]
    await CallLog(database, RULES).record(calls)

    assert await CallLog(database, RULES).record(calls) == []
    assert len(await all_planned(database)) == 2


@pytest.mark.process  # for its length
async def test_the_week_of_two_hundred_calls(
    database: Database, proposing: CallLog, seller: Operator, colleague: Operator
) -> None:
    """Ten in vain get a retry each; five call back and close theirs, five still wait."""
    out = [
        make_call(number=f"+38044{counter:07d}", started_at=MONDAY + counter * DAY_MS // 40)
        for counter in range(200)
    ]
    unheard = out[::20]
    await proposing.record(
        [ended(call) if call in unheard else ended(answered(call)) for call in out]
    )
    assert {one.state for one in await all_planned(database)} == {PlanState.PROPOSED}

    for call in unheard[:5]:
        back = make_incoming("101", "102", number=call.number, started_at=MONDAY + 6 * DAY_MS)
        by = "102" if call is unheard[0] else "101"
        await proposing.record([back])
        await proposing.record([ended(answered(back, by=by))])

    retries = await all_planned(database)
    assert {one.kind for one in retries} == {PlanKind.RETRY}
    done = {one.phone for one in retries if one.state is PlanState.DONE}
    waiting = {one.phone for one in retries if one.state is PlanState.PROPOSED}
    assert done == {call.number for call in unheard[:5]}
    assert waiting == {call.number for call in unheard[5:]}
    assert {one.operator_id for one in retries} == {seller.id}


async def test_a_call_that_nobody_of_ours_placed_is_proposed_to_the_responsible(
    database: Database, proposing: CallLog, seller: Operator
) -> None:
    """An extension without an owner dials a lead of the seller's in vain."""
    await proposing.record([talk(MONDAY)])
    nobodys = make_call(
        placed_by="199", operators=(CallOperator("199", 0, 0),), started_at=MONDAY + HOUR_MS
    )

    await proposing.record([ended(nobodys)])

    assert (await only(database, PlanKind.RETRY)).operator_id == seller.id
