"""When a person is reminded of a planned call.

In: planned calls as they are made and changed, in the same transaction; later the clock. Out:
reminders that wait, and those that have fired. All of it is reckoned in UTC: fifteen minutes before
a call are fifteen minutes, whatever the clocks of the zone do in that night.
"""

from telemarketing.model.planned_call import Placing, PlanState
from telemarketing.storage import notices, preferences, reminders
from telemarketing.storage.engine import Database, Transaction
from telemarketing.storage.reminders import FiredReminder

LATE_AFTER_MS = 60_000
"""A reminder is late when it fires more than this after its time: nothing was running then."""


async def settle_reminder(
    tx: Transaction, planned_call_id: int, placing: Placing, now: int, remind_before_ms: int
) -> frozenset[int]:
    """Let the reminder of a planned call fit what the call is now.

    What waited is called off and what was told before is over. A new one waits when the call is
    open, somebody's, has a time and is still to come; inside the window it is due at once.

    Args:
        tx: the transaction that makes or changes the planned call.
        planned_call_id: which.
        placing: what it is now.
        now: epoch milliseconds.
        remind_before_ms: how early, for people who did not choose.

    Returns:
        The operators who need not see a notice any more. Three or four statements.
    """
    await reminders.cancel_reminders(tx, [planned_call_id])
    relieved = await notices.mark_seen_of(tx, [planned_call_id], now)
    is_to_come = placing.state is PlanState.OPEN and placing.has_time and placing.due_at > now
    if is_to_come and placing.operator_id is not None:
        chosen = (await preferences.find_preferences(tx, placing.operator_id)).remind_before_ms
        before_ms = remind_before_ms if chosen is None else chosen
        remind_at = max(placing.due_at - before_ms, now)
        await reminders.add_reminder(tx, planned_call_id, placing.operator_id, remind_at)
    return relieved


async def choose_reminders(
    database: Database,
    operator_id: int,
    *,
    remind_before_ms: int | None,
    office_ms: int,
    sound: bool,
    now: int,
) -> None:
    """Let a person be reminded earlier or later, of what is planned already too, and aloud or not.

    Args:
        database: where it is kept.
        operator_id: who.
        remind_before_ms: 0 to 86,400,000 milliseconds; None = as the office says.
        office_ms: what the office says.
        sound: whether a reminder rings.
        now: epoch milliseconds.
    """
    async with database.writing() as tx:
        await preferences.update_remind_before(tx, operator_id, remind_before_ms)
        await preferences.update_sound(tx, operator_id, sound=sound)
        before_ms = office_ms if remind_before_ms is None else remind_before_ms
        await reminders.update_waiting(tx, operator_id, before_ms, now)


async def fire_due_reminders(database: Database, now: int, limit: int) -> list[FiredReminder]:
    """Turn reminders that are due into notices, each exactly once, in one transaction.

    Args:
        database: where they are kept; other daemons may fire at the same time.
        now: epoch milliseconds.
        limit: how many at most; call again while that many come.

    Returns:
        Those that have fired. One look into an index when nothing is due.
    """
    async with database.reading() as tx:
        next_at = await reminders.find_next_remind_at(tx)
    if next_at is None or next_at > now:
        return []
    async with database.writing() as tx:
        return await reminders.fire_due(tx, now, LATE_AFTER_MS, limit)
