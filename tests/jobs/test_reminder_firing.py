"""The job that fires reminders: in time, once over all daemons, and after a downtime."""

import asyncio

from sqlalchemy import func, insert, select
from structlog.testing import capture_logs

from telemarketing import clock
from telemarketing.crm.call_log import CallLog
from telemarketing.jobs.loop import JobLoop
from telemarketing.jobs.reminders import ReminderFiring
from telemarketing.model.changes import NoticesChanged
from telemarketing.model.operator import Operator
from telemarketing.storage.engine import Database
from telemarketing.storage.reminders import ReminderState
from telemarketing.storage.tables import notices, planned_calls, reminders
from tests.make import DAY_MS, MONDAY, answered, ended, make_call
from tests.planning import lead_of


async def add_reminders(database: Database, operator: Operator, remind_at: list[int]) -> None:
    """Let planned calls wait to be reminded of at these instants."""
    await CallLog(database).record([ended(answered(make_call(started_at=MONDAY - DAY_MS)))])
    lead_id = await lead_of(database, "+380441234567")
    async with database.writing() as tx:
        made = await tx.execute(
            insert(planned_calls).returning(planned_calls.c.id),
            [
                {
                    "lead_id": lead_id,
                    "operator_id": operator.id,
                    "kind": "planned",
                    "state": "open",
                    "due_at": at + 900_000,
                    "has_time": True,
                    "zone": "Europe/Kyiv",
                    "note": "",
                    "created_at": MONDAY,
                }
                for at in remind_at
            ],
        )
        await tx.execute(
            insert(reminders),
            [
                {
                    "planned_call_id": planned_call_id,
                    "operator_id": operator.id,
                    "remind_at": at,
                    "state": ReminderState.WAITING.value,
                }
                for planned_call_id, at in zip(made.scalars(), remind_at, strict=True)
            ],
        )


async def count_notices(database: Database, *, late: bool | None = None) -> int:
    """How many notices there are."""
    wanted = select(func.count()).select_from(notices)
    async with database.reading() as tx:
        found = await tx.scalar(wanted if late is None else wanted.where(notices.c.late.is_(late)))
        return int(found or 0)


async def test_what_is_due_fires_and_its_people_are_told(
    database: Database, seller: Operator
) -> None:
    """Also more than one transaction takes; what is not due yet waits."""
    await add_reminders(database, seller, [MONDAY] * 25 + [MONDAY + 1])
    told: list[NoticesChanged] = []
    firing = ReminderFiring(database, told.append, now_ms=lambda: MONDAY, batch_limit=10)

    await firing.fire()

    assert await count_notices(database) == 25
    assert set(told) == {NoticesChanged(seller.id)}


async def test_two_daemons_fire_each_reminder_once(
    database: Database, database_url: str, seller: Operator
) -> None:
    """Both take what is due at the same time, batch by batch."""
    await add_reminders(database, seller, [MONDAY] * 200)
    other_database = Database(database_url)
    await other_database.open()
    firings = [
        ReminderFiring(one, lambda _: None, now_ms=lambda: MONDAY, batch_limit=7)
        for one in (database, other_database)
    ]

    for _ in range(3):
        await asyncio.gather(*(firing.fire() for firing in firings))
    await other_database.close()

    assert await count_notices(database) == 200


async def test_after_a_downtime_everything_fires_late_at_the_start(
    database: Database, seller: Operator
) -> None:
    """What should have come an hour ago comes now and says so; what is due now is in time."""
    await add_reminders(database, seller, [MONDAY - 3_600_000] * 3 + [MONDAY - 1000])

    await ReminderFiring(database, lambda _: None, now_ms=lambda: MONDAY).fire()

    assert await count_notices(database, late=True) == 3
    assert await count_notices(database, late=False) == 1


async def test_the_clock_fires_within_ten_seconds(database: Database, seller: Operator) -> None:
    """The job loop itself, by the real clock: a reminder of this instant is there soon after."""
    fired = asyncio.Event()
    firing = ReminderFiring(database, lambda _: fired.set())
    jobs = JobLoop()
    jobs.every(0.05, firing.fire, "reminders")
    jobs.start()
    remind_at = clock.now_ms()
    await add_reminders(database, seller, [remind_at])

    async with asyncio.timeout(10):
        await fired.wait()
    jobs.stop()

    async with database.reading() as tx:
        fired_at = int((await tx.execute(select(notices.c.fired_at))).scalar_one())
    assert 0 <= fired_at - remind_at < 10_000


async def test_a_database_that_is_away_is_said_once_and_waited_for() -> None:
    """The job goes on; the same line is not written every second."""
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")
    firing = ReminderFiring(away, lambda _: None, now_ms=lambda: MONDAY)

    with capture_logs() as lines:
        for _ in range(3):
            await firing.fire()

    (line,) = lines
    assert (line["log_level"], line["event"]) == (
        "warning",
        "reminders wait: the database is away",
    )
