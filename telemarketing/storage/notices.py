"""Notices: reminders that have fired, until their person has seen them.

In: a person. Out: notices with their planned calls. Seeing one takes it from every tab, so it is
written here and told to all.
"""

from collections.abc import Collection

from sqlalchemy import select, update

from telemarketing.model.planned_call import Notice
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Transaction
from telemarketing.storage.planned_calls import PLANNED_CALLS, to_planned_call
from telemarketing.storage.tables import notices, planned_calls, reminders
from telemarketing.storage.visibility import visible_planned_calls


async def list_unseen(tx: Transaction, viewer: Viewer, limit: int) -> list[Notice]:
    """Give the notices that a person has not seen, the newest first. One query."""
    found = await tx.execute(
        PLANNED_CALLS.add_columns(
            notices.c.id.label("notice_id"), notices.c.fired_at, notices.c.late
        )
        .join(reminders, reminders.c.planned_call_id == planned_calls.c.id)
        .join(notices, notices.c.reminder_id == reminders.c.id)
        .where(
            notices.c.operator_id == viewer.id,
            notices.c.seen_at.is_(None),
            visible_planned_calls(viewer),
        )
        .order_by(notices.c.fired_at.desc(), notices.c.id.desc())
        .limit(limit)
    )
    return [
        Notice(row.notice_id, viewer.id, to_planned_call(row), row.fired_at, row.late)
        for row in found
    ]


async def mark_seen(tx: Transaction, notice_id: int, operator_id: int, at: int) -> bool:
    """Note that a person has seen a notice; False = it is none of theirs. One statement."""
    changed = await tx.execute(
        update(notices)
        .where(notices.c.id == notice_id, notices.c.operator_id == operator_id)
        .values(seen_at=at)
    )
    return changed.rowcount == 1


async def mark_seen_of(
    tx: Transaction, planned_call_ids: Collection[int], at: int
) -> frozenset[int]:
    """Note that nobody need see the notices of these planned calls any more.

    Returns:
        The operators who had not seen theirs. One statement, or none.
    """
    if not planned_call_ids:
        return frozenset()
    of_them = select(reminders.c.id).where(
        reminders.c.planned_call_id.in_(sorted(planned_call_ids))
    )
    changed = await tx.execute(
        update(notices)
        .where(notices.c.reminder_id.in_(of_them), notices.c.seen_at.is_(None))
        .values(seen_at=at)
        .returning(notices.c.operator_id)
    )
    return frozenset(changed.scalars())
