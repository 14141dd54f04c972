"""Calls that are to be made: one of them, and what people change of it.

In: a viewer and an id, or a change. Out: planned calls with what is shown of their leads. Lists are
in `planned_call_lists.py`, what the service itself writes is in `proposals.py`. It decides nothing:
what may be changed, and by whom, comes from `crm.planned_calls`.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, insert, select, update

from telemarketing.model.lead import LeadStatus, StatusKind
from telemarketing.model.planned_call import Placing, PlanKind, PlannedCall, PlanState
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import calls, lead_statuses, leads, operators, planned_calls
from telemarketing.storage.visibility import own_people, visible_planned_calls


@dataclass(frozen=True, slots=True)
class NewPlannedCall:
    """A call that a person plans."""

    lead_id: int
    operator_id: int
    due_at: int
    """Epoch milliseconds; without a time, the first instant of the day in `zone`."""
    has_time: bool
    zone: str
    note: str
    created_at: int
    created_by: int


async def add_planned_call(tx: Transaction, new: NewPlannedCall) -> int:
    """Add a call that a person planned, and give its id. One statement."""
    made = await tx.execute(
        insert(planned_calls)
        .values(
            lead_id=new.lead_id,
            operator_id=new.operator_id,
            kind=PlanKind.PLANNED.value,
            state=PlanState.OPEN.value,
            due_at=new.due_at,
            has_time=new.has_time,
            zone=new.zone,
            note=new.note,
            created_at=new.created_at,
            created_by=new.created_by,
        )
        .returning(planned_calls.c.id)
    )
    return int(made.scalar_one())


async def find_planned_call(
    tx: Transaction, viewer: Viewer, planned_call_id: int
) -> PlannedCall | None:
    """Read a planned call; None also when the viewer may not see it. One query."""
    found = await tx.execute(
        PLANNED_CALLS.where(planned_calls.c.id == planned_call_id, visible_planned_calls(viewer))
    )
    row = found.one_or_none()
    return None if row is None else to_planned_call(row)


async def update_planned_call(
    tx: Transaction,
    planned_call_id: int,
    version: int,
    placing: Placing,
    closed: tuple[int, int] | None,
) -> bool:
    """Change a planned call, unless somebody has changed it since.

    Args:
        tx: a writing transaction.
        planned_call_id: which.
        version: that whoever changes it has seen.
        placing: what it shall be.
        closed: (epoch milliseconds, operator) of the closing; None = it is pending.

    Returns:
        Whether it was changed; False = its version is another one by now. One statement.
    """
    closed_at, closed_by = closed or (None, None)
    changed = await tx.execute(
        update(planned_calls)
        .where(planned_calls.c.id == planned_call_id, planned_calls.c.version == version)
        .values(
            state=placing.state.value,
            operator_id=placing.operator_id,
            due_at=placing.due_at,
            has_time=placing.has_time,
            closed_at=closed_at,
            closed_by=closed_by,
            closing_call_id=None,
            version=planned_calls.c.version + 1,
        )
    )
    return changed.rowcount == 1


async def update_note(tx: Transaction, planned_call_id: int, version: int, note: str) -> bool:
    """Write the note of a planned call, unless somebody has changed it since. One statement."""
    changed = await tx.execute(
        update(planned_calls)
        .where(planned_calls.c.id == planned_call_id, planned_calls.c.version == version)
        .values(note=note, version=planned_calls.c.version + 1)
    )
    return changed.rowcount == 1


async def has_pending(tx: Transaction, lead_id: int, kind: PlanKind) -> bool:
    """Tell whether something of a kind is pending for a lead. One query."""
    found = await tx.scalar(
        select(planned_calls.c.id)
        .where(
            planned_calls.c.lead_id == lead_id,
            planned_calls.c.kind == kind.value,
            planned_calls.c.closed_at.is_(None),
        )
        .limit(1)
    )
    return found is not None


async def list_workers(tx: Transaction, viewer: Viewer) -> dict[int, str]:
    """Give everybody whose work the viewer may plan, by name: id -> full name. One query.

    That is oneself; for a supervisor the department, for an administrator everybody who works here.
    """
    people = select(operators.c.id, operators.c.full_name).where(operators.c.disabled_at.is_(None))
    if not viewer.is_administrator:
        people = people.where(operators.c.id.in_(own_people(viewer)))
    found = await tx.execute(people.order_by(operators.c.full_name, operators.c.id))
    return {row.id: row.full_name for row in found}


_talked_at = (
    select(func.max(calls.c.answered_at))
    .where(calls.c.lead_id == planned_calls.c.lead_id)
    .where(calls.c.answered_at > planned_calls.c.created_at)
    .scalar_subquery()
    .label("talked_at")
)

PLANNED_CALLS = (
    select(
        planned_calls,
        leads.c.title,
        leads.c.phone,
        leads.c.status_id,
        lead_statuses.c.name.label("status_name"),
        lead_statuses.c.kind.label("status_kind"),
        lead_statuses.c.position.label("status_position"),
        operators.c.full_name.label("operator"),
        _talked_at,
    )
    .join_from(planned_calls, leads, leads.c.id == planned_calls.c.lead_id)
    .join(lead_statuses, lead_statuses.c.id == leads.c.status_id)
    .outerjoin(operators, operators.c.id == planned_calls.c.operator_id)
)
"""Selects planned calls of everybody: a caller adds whose and which."""


def to_planned_call(row: Row[Any]) -> PlannedCall:
    """Make a planned call of a row of `PLANNED_CALLS`."""
    status = LeadStatus(
        row.status_id, row.status_name, StatusKind(row.status_kind), row.status_position
    )
    return PlannedCall(
        id=row.id,
        lead_id=row.lead_id,
        lead_title=row.title,
        phone=row.phone,
        lead_status=status,
        operator_id=row.operator_id,
        operator=row.operator,
        kind=PlanKind(row.kind),
        state=PlanState(row.state),
        due_at=row.due_at,
        has_time=row.has_time,
        zone=row.zone,
        note=row.note,
        created_at=row.created_at,
        attempt_count=row.attempt_count,
        talked_at=row.talked_at,
        closed_at=row.closed_at,
        closed_by_call=row.closing_call_id is not None,
        version=row.version,
    )
