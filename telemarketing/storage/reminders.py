"""Reminders: what waits to be told to whom and when, and the moment in which it is told.

In: planned calls, instants. Out: reminders that have fired. A reminder fires in one transaction
with the notice it makes, and the notice's unique key holds against everything else.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import case, func, insert, select, update

from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import notices, planned_calls, reminders


class ReminderState(StrEnum):
    """What became of a reminder."""

    WAITING = "waiting"
    FIRED = "fired"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class FiredReminder:
    """A reminder that is a notice now."""

    id: int
    operator_id: int
    late: bool


async def add_reminder(
    tx: Transaction, planned_call_id: int, operator_id: int, remind_at: int
) -> None:
    """Let a person be reminded of a planned call at an instant (epoch ms). One statement."""
    await tx.execute(
        insert(reminders).values(
            planned_call_id=planned_call_id,
            operator_id=operator_id,
            remind_at=remind_at,
            state=ReminderState.WAITING.value,
        )
    )


async def cancel_reminders(tx: Transaction, planned_call_ids: Collection[int]) -> None:
    """Call off what still waits for these planned calls. One statement, or none."""
    if planned_call_ids:
        await tx.execute(
            update(reminders)
            .where(
                reminders.c.planned_call_id.in_(sorted(planned_call_ids)),
                reminders.c.state == ReminderState.WAITING.value,
            )
            .values(state=ReminderState.CANCELLED.value)
        )


async def update_waiting(
    tx: Transaction, operator_id: int, remind_before_ms: int, now: int
) -> None:
    """Move a person's waiting reminders to so long before their calls. One statement.

    Those whose moment has passed by the new measure fire at once.
    """
    due_at = (
        select(planned_calls.c.due_at)
        .where(planned_calls.c.id == reminders.c.planned_call_id)
        .scalar_subquery()
    )
    wanted = due_at - remind_before_ms
    await tx.execute(
        update(reminders)
        .where(
            reminders.c.operator_id == operator_id,
            reminders.c.state == ReminderState.WAITING.value,
        )
        .values(remind_at=case((wanted < now, now), else_=wanted))
    )


async def find_next_remind_at(tx: Transaction) -> int | None:
    """Tell when the next reminder is to fire; None = none waits. One look into an index."""
    found: int | None = await tx.scalar(
        select(func.min(reminders.c.remind_at)).where(
            reminders.c.state == ReminderState.WAITING.value
        )
    )
    return found


async def fire_due(
    tx: Transaction, now: int, late_after_ms: int, limit: int
) -> list[FiredReminder]:
    """Turn reminders that are due into notices, the longest due first. One or two statements.

    Two programs that do it at once take different ones.

    Args:
        tx: a writing transaction.
        now: epoch milliseconds.
        late_after_ms: whoever fires later than this after the time is late.
        limit: how many at most.
    """
    due = (
        select(reminders.c.id)
        .where(reminders.c.state == ReminderState.WAITING.value, reminders.c.remind_at <= now)
        .order_by(reminders.c.remind_at, reminders.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = await tx.execute(
        update(reminders)
        .where(reminders.c.id.in_(due), reminders.c.state == ReminderState.WAITING.value)
        .values(state=ReminderState.FIRED.value)
        .returning(reminders.c.id, reminders.c.operator_id, reminders.c.remind_at)
    )
    fired = [
        FiredReminder(row.id, row.operator_id, now - row.remind_at > late_after_ms)
        for row in claimed
    ]
    if fired:
        await tx.execute(
            insert(notices),
            [
                {
                    "reminder_id": one.id,
                    "operator_id": one.operator_id,
                    "fired_at": now,
                    "late": one.late,
                }
                for one in fired
            ],
        )
    return fired
