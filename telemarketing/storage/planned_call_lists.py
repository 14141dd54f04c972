"""Lists of calls that are to be made, by group, and how many there are.

In: a viewer, whose they shall be, and the day. Out: planned calls, what is due first first. Every
list carries the conditions of `visibility.py`.
"""

from dataclasses import dataclass
from enum import Enum, auto

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true, tuple_

from telemarketing.model.planned_call import PlanKind, PlannedCall, PlanState
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Transaction
from telemarketing.storage.planned_calls import PLANNED_CALLS, to_planned_call
from telemarketing.storage.tables import leads, planned_calls
from telemarketing.storage.visibility import visible_planned_calls

_CLOSED_BY_CALL_MS = 7 * 86_400_000
"""Of what a talk closed today, only what was due in the last week is listed."""


@dataclass(frozen=True, slots=True)
class Today:
    """The day of the office around an instant, in epoch milliseconds."""

    now: int
    begins_at: int
    ends_at: int
    """First instant of the next day."""


class Group(Enum):
    """The parts of a list of planned calls; none is in two of them."""

    OVERDUE = auto()
    """Its time, or without one its day, has passed."""
    MISSED = auto()
    """A client called and still waits to be called back."""
    TODAY = auto()
    LATER = auto()
    PROPOSED = auto()
    CLOSED_BY_CALL = auto()
    """A person's plan that a talk closed today."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Of whom planned calls are asked for."""

    operator_id: int | None = None
    """That person's and everybody's; None = of all whom the viewer may see."""


async def list_of_lead(tx: Transaction, viewer: Viewer, lead_id: int) -> list[PlannedCall]:
    """Give what is pending for a lead, as far as the viewer may see it, in order of time."""
    found = await tx.execute(
        PLANNED_CALLS.where(
            planned_calls.c.lead_id == lead_id,
            planned_calls.c.closed_at.is_(None),
            visible_planned_calls(viewer),
        ).order_by(planned_calls.c.due_at, planned_calls.c.id)
    )
    return [to_planned_call(row) for row in found]


async def list_closed_by_call(
    tx: Transaction, viewer: Viewer, lead_id: int, since: int
) -> list[PlannedCall]:
    """Give a lead's plans of people that talks have closed since an instant (epoch ms)."""
    found = await tx.execute(
        PLANNED_CALLS.where(
            planned_calls.c.lead_id == lead_id,
            planned_calls.c.closed_at >= since,
            _closed_by_call,
            visible_planned_calls(viewer),
        ).order_by(planned_calls.c.closed_at.desc())
    )
    return [to_planned_call(row) for row in found]


async def list_group(
    tx: Transaction,
    viewer: Viewer,
    group: Group,
    whose: Whose,
    today: Today,
    limit: int,
    after: tuple[int, int] | None = None,
) -> list[PlannedCall]:
    """Give one page of a group, what is due first first.

    Args:
        tx: any transaction.
        viewer: who sees only what he or she may.
        group: which part of the list.
        whose: of whom.
        today: the present instant and the day around it.
        limit: how many at most.
        after: (due_at, id) of the last one of the page before; None = the first page.
    """
    page = PLANNED_CALLS.where(
        _in_group(group, today), _is_of(whose), visible_planned_calls(viewer)
    )
    if after is not None:
        page = page.where(tuple_(planned_calls.c.due_at, planned_calls.c.id) > after)
    found = await tx.execute(page.order_by(planned_calls.c.due_at, planned_calls.c.id).limit(limit))
    return [to_planned_call(row) for row in found]


async def list_due_before(
    tx: Transaction, viewer: Viewer, whose: Whose, until: int, limit: int
) -> list[PlannedCall]:
    """Give open calls with a time that are due before an instant.

    Those for which a time was set come first, in its order; then who called and still waits.
    """
    found = await tx.execute(
        PLANNED_CALLS.where(
            planned_calls.c.closed_at.is_(None),
            planned_calls.c.state == PlanState.OPEN.value,
            planned_calls.c.has_time,
            planned_calls.c.due_at < until,
            _is_of(whose),
            visible_planned_calls(viewer),
        )
        .order_by(
            planned_calls.c.kind == PlanKind.MISSED.value,
            planned_calls.c.due_at,
            planned_calls.c.id,
        )
        .limit(limit)
    )
    return [to_planned_call(row) for row in found]


async def count_groups(
    tx: Transaction, viewer: Viewer, whose: Whose, today: Today
) -> dict[Group, int]:
    """Count what is pending, by group. One query."""
    pending = [group for group in Group if group is not Group.CLOSED_BY_CALL]
    found = await tx.execute(
        select(
            *(func.count().filter(_in_group(group, today)).label(group.name) for group in pending)
        )
        .select_from(planned_calls)
        .join(leads, leads.c.id == planned_calls.c.lead_id)
        .where(planned_calls.c.closed_at.is_(None), _is_of(whose), visible_planned_calls(viewer))
    )
    row = found.one()
    return {group: getattr(row, group.name) for group in pending}


async def count_groups_by_person(
    tx: Transaction, viewer: Viewer, today: Today
) -> dict[int | None, dict[Group, int]]:
    """Count what is pending of each person, None being everybody's; see `Whose`. One query."""
    pending = [group for group in Group if group is not Group.CLOSED_BY_CALL]
    person = func.coalesce(planned_calls.c.operator_id, leads.c.responsible_id)
    found = await tx.execute(
        select(
            person.label("person"),
            *(func.count().filter(_in_group(group, today)).label(group.name) for group in pending),
        )
        .select_from(planned_calls)
        .join(leads, leads.c.id == planned_calls.c.lead_id)
        .where(planned_calls.c.closed_at.is_(None), visible_planned_calls(viewer))
        .group_by(person)
    )
    return {row.person: {group: getattr(row, group.name) for group in pending} for row in found}


_closed_by_call = and_(
    planned_calls.c.kind == PlanKind.PLANNED.value,
    planned_calls.c.state == PlanState.DONE.value,
    planned_calls.c.closing_call_id.is_not(None),
)


def _in_group(group: Group, today: Today) -> ColumnElement[bool]:
    """Say in SQL what belongs to a group; `planned_calls.closed_at` is told, for the indexes."""
    due_at, pending = planned_calls.c.due_at, planned_calls.c.closed_at.is_(None)
    is_open = and_(pending, planned_calls.c.state == PlanState.OPEN.value)
    is_past = or_(
        and_(planned_calls.c.has_time, due_at < today.now),
        and_(not_(planned_calls.c.has_time), due_at < today.begins_at),
    )
    is_missed = planned_calls.c.kind == PlanKind.MISSED.value
    conditions: dict[Group, ColumnElement[bool]] = {
        Group.OVERDUE: and_(is_open, due_at < today.now, is_past, not_(is_missed)),
        Group.MISSED: and_(is_open, due_at < today.now, is_missed),
        Group.TODAY: and_(is_open, due_at < today.ends_at, not_(is_past)),
        Group.LATER: and_(is_open, due_at >= today.ends_at),
        Group.PROPOSED: and_(pending, planned_calls.c.state == PlanState.PROPOSED.value),
        Group.CLOSED_BY_CALL: and_(
            _closed_by_call,
            planned_calls.c.closed_at >= today.begins_at,
            due_at >= today.begins_at - _CLOSED_BY_CALL_MS,
        ),
    }
    return conditions[group]


def _is_of(whose: Whose) -> ColumnElement[bool]:
    """Say in SQL, of `planned_calls` joined with `leads`, whose they are."""
    if whose.operator_id is None:
        return true()
    nobodys = and_(
        planned_calls.c.operator_id.is_(None),
        or_(leads.c.responsible_id.is_(None), leads.c.responsible_id == whose.operator_id),
    )
    return or_(planned_calls.c.operator_id == whose.operator_id, nobodys)
