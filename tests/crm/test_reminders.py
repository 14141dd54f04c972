"""When people are reminded of planned calls, on SQLite and on PostgreSQL."""

from datetime import datetime

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.planned_calls import Plan, PlannedCalls
from telemarketing.crm.reminders import choose_reminders, fire_due_reminders
from telemarketing.crm.when import Moment, Problem, read_when
from telemarketing.errors import NotFound
from telemarketing.model.changes import NoticesChanged, PlannedCallsChanged
from telemarketing.model.operator import Operator
from telemarketing.model.planned_call import Notice, PlannedCall
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Database
from telemarketing.storage.notices import list_unseen
from telemarketing.storage.reminders import find_next_remind_at
from tests.make import DAY_MS, MONDAY, answered, ended, make_call
from tests.planning import HOUR_MS, KYIV, MINUTE_MS, QUARTER_MS, instant, lead_of


class Desk:
    """An operator who plans calls to one lead, and the clock on the wall."""

    def __init__(self, database: Database, operator: Operator, lead_id: int) -> None:
        self.database = database
        self.viewer = Viewer(operator.id, operator.full_name, operator.role, None)
        self.now = MONDAY
        self.work = PlannedCalls(database, QUARTER_MS, lambda: self.now)
        self.lead_id = lead_id

    async def plan(self, text: str) -> PlannedCall:
        """Plan what the text says."""
        moment = read_when(text, self.now, KYIV)
        assert not isinstance(moment, Problem)
        wanted = Plan(self.lead_id, moment, "Europe/Kyiv", "")
        return (await self.work.plan(self.viewer, wanted)).planned_call

    async def next_at(self) -> int | None:
        """When the next reminder is to fire."""
        async with self.database.reading() as tx:
            return await find_next_remind_at(tx)

    async def fire(self) -> int:
        """Let fire what is due now."""
        return len(await fire_due_reminders(self.database, self.now, limit=100))

    async def unseen(self) -> list[Notice]:
        """What the operator has before the eyes."""
        async with self.database.reading() as tx:
            return await list_unseen(tx, self.viewer, limit=100)


@pytest.fixture
async def desk(database: Database, seller: Operator) -> Desk:
    """The seller's desk, with a lead to call."""
    await CallLog(database).record([ended(answered(make_call(started_at=MONDAY - DAY_MS)))])
    return Desk(database, seller, await lead_of(database, "+380441234567"))


async def test_a_call_at_half_past_two_is_reminded_of_at_a_quarter_past(desk: Desk) -> None:
    """Not a second earlier, once, and with the call that it is about."""
    desk.now = instant("2026-11-26 10:00")
    plan = await desk.plan("14:30")

    desk.now = instant("2026-11-26 14:14") + 59_999
    assert await desk.fire() == 0
    desk.now += 1
    assert await desk.fire() == 1
    assert await desk.fire() == 0

    (notice,) = await desk.unseen()
    assert (notice.planned_call, notice.late) == (plan, False)
    assert notice.fired_at == instant("2026-11-26 14:15")


async def test_inside_the_window_the_reminder_comes_at_once(desk: Desk) -> None:
    """Planned for in ten minutes, it is due now, and not late."""
    await desk.plan("через 10 мин")
    assert await desk.fire() == 1
    assert not (await desk.unseen())[0].late


async def test_after_a_downtime_it_comes_at_once_and_says_so(desk: Desk) -> None:
    """Nobody ran at 14:15: at 14:20 it fires, marked late; within the minute it would not be."""
    desk.now = instant("2026-11-26 10:00")
    await desk.plan("14:30")
    await desk.plan("14:34")

    desk.now = instant("2026-11-26 14:20")
    assert await desk.fire() == 2

    late = {notice.planned_call.due_at: notice.late for notice in await desk.unseen()}
    assert late == {
        instant("2026-11-26 14:30"): True,
        instant("2026-11-26 14:34"): False,
    }


async def test_a_call_without_a_time_rings_no_bell(desk: Desk) -> None:
    """It is in the day's list, and that is all."""
    await desk.plan("завтра")
    assert await desk.next_at() is None


@pytest.mark.parametrize(
    ("now", "text", "due_in_utc"),
    [
        ("2026-03-28 12:00", "завтра 4:05", "2026-03-29T01:05+00:00"),
        ("2026-10-24 12:00", "завтра 4:05", "2026-10-25T02:05+00:00"),
        ("2026-10-24 12:00", "завтра 3:05", "2026-10-25T00:05+00:00"),
    ],
    ids=["spring", "autumn", "the hour that comes twice"],
)
async def test_a_quarter_of_an_hour_is_one_over_changes_of_the_clocks(
    desk: Desk, now: str, text: str, due_in_utc: str
) -> None:
    """Kyiv's clocks skip or repeat an hour in between; the reminder knows none of it."""
    desk.now = instant(now)
    plan = await desk.plan(text)

    due_at = round(datetime.fromisoformat(due_in_utc).timestamp() * 1000)
    assert (plan.due_at, await desk.next_at()) == (due_at, due_at - QUARTER_MS)


async def test_a_moved_call_is_reminded_of_at_its_new_time_only(desk: Desk) -> None:
    """The old reminder is called off in the same transaction."""
    plan = await desk.plan("через 2 часа")
    later = Moment(MONDAY + 5 * HOUR_MS, has_time=True)
    await desk.work.move(desk.viewer, plan.id, plan.version, later)

    assert await desk.next_at() == MONDAY + 5 * HOUR_MS - QUARTER_MS
    desk.now = MONDAY + 6 * HOUR_MS
    assert await desk.fire() == 1


async def test_what_is_done_dropped_or_left_without_a_time_reminds_nobody(desk: Desk) -> None:
    """Whatever waited for it is called off."""
    done, dropped, dated = [await desk.plan("через 2 часа") for _ in range(3)]
    await desk.work.finish(desk.viewer, done.id, done.version)
    await desk.work.drop(desk.viewer, dropped.id, dropped.version)
    await desk.work.move(
        desk.viewer, dated.id, dated.version, Moment(MONDAY + DAY_MS, has_time=False)
    )

    assert await desk.next_at() is None
    desk.now = MONDAY + 2 * DAY_MS
    assert await desk.fire() == 0


async def test_done_and_taken_back_reminds_again(desk: Desk) -> None:
    """As if nothing had happened."""
    plan = await desk.plan("через 2 часа")
    done = await desk.work.finish(desk.viewer, plan.id, plan.version)
    assert done.before is not None
    await desk.work.restore(desk.viewer, plan.id, done.planned_call.version, done.before)
    assert await desk.next_at() == MONDAY + 2 * HOUR_MS - QUARTER_MS


async def test_a_snoozed_call_takes_its_notice_away_and_reminds_again(desk: Desk) -> None:
    """In every tab, told by one change; then it comes anew."""
    plan = await desk.plan("через 10 мин")
    await desk.fire()

    snoozed = await desk.work.move(
        desk.viewer, plan.id, plan.version, Moment(MONDAY + HOUR_MS, has_time=True)
    )

    assert list(snoozed.changes) == [
        PlannedCallsChanged(desk.lead_id),
        NoticesChanged(desk.viewer.id),
    ]
    assert await desk.unseen() == []
    desk.now = MONDAY + 45 * MINUTE_MS
    assert await desk.fire() == 1


async def test_a_seen_notice_is_gone_for_good(desk: Desk, colleague: Operator) -> None:
    """Nobody but its person can take it away."""
    await desk.plan("через 10 мин")
    await desk.fire()
    (notice,) = await desk.unseen()
    other = Viewer(colleague.id, colleague.full_name, colleague.role, None)

    with pytest.raises(NotFound):
        await desk.work.see(other, notice.id)
    assert await desk.work.see(desk.viewer, notice.id) == NoticesChanged(desk.viewer.id)

    assert await desk.unseen() == []


async def test_each_person_chooses_how_early(desk: Desk) -> None:
    """What is planned already follows the choice; none means the office's."""

    async def choose(remind_before_ms: int | None) -> None:
        await choose_reminders(
            desk.database,
            desk.viewer.id,
            remind_before_ms=remind_before_ms,
            office_ms=QUARTER_MS,
            sound=True,
            now=MONDAY,
        )

    await desk.plan("через 2 часа")
    await choose(5 * MINUTE_MS)
    assert await desk.next_at() == MONDAY + 115 * MINUTE_MS
    await desk.plan("через 100 мин")
    assert await desk.next_at() == MONDAY + 95 * MINUTE_MS
    await choose(3 * HOUR_MS)
    assert await desk.next_at() == MONDAY
    await choose(None)
    assert await desk.next_at() == MONDAY + 85 * MINUTE_MS
