"""The calls that go on now, and what is known of those who are on the line.

In: a viewer. Out: live calls that he or she may see; of leads: where they stand, whose they are,
the last contacts, and what is planned. A few queries each, however many calls live.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from telemarketing.model.lead import StatusKind
from telemarketing.model.planned_call import PlanState
from telemarketing.model.viewer import Viewer
from telemarketing.storage.calls import StoredCall, list_stored
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import calls, lead_statuses, leads, operators, planned_calls
from telemarketing.storage.visibility import visible_calls, visible_leads, visible_planned_calls

_LIVE_LIMIT = 300
"""More calls than that at once no page shows."""


@dataclass(frozen=True, slots=True)
class NextStep:
    """The planned call of a lead that comes first."""

    due_at: int
    """Epoch milliseconds."""
    has_time: bool
    note: str


@dataclass(frozen=True, slots=True)
class Party:
    """The lead on the line, as much of it as anybody in the call may see."""

    lead_id: int
    title: str
    status: str
    """Name of the status."""
    status_kind: StatusKind
    responsible_id: int | None
    responsible: str | None
    """Full name; None = nobody yet."""
    created_at: int
    """Epoch milliseconds."""
    contacts: tuple[StoredCall, ...]
    """The last calls that are over, newest first."""
    next_step: NextStep | None
    """None = nothing is planned, or the viewer may not see it."""


async def list_live_calls(tx: Transaction, viewer: Viewer) -> list[StoredCall]:
    """Give the calls without an end that the viewer may see, the newest first. Two queries."""
    live = (
        select(calls)
        .where(calls.c.ended_at.is_(None), visible_calls(viewer))
        # In no order: SQLite would look for it among all calls rather than sort the live ones.
        .limit(_LIVE_LIMIT)
    )
    return await list_stored(tx, live.subquery("live"))


async def list_parties(
    tx: Transaction, viewer: Viewer, lead_ids: Collection[int], contact_limit: int = 3
) -> dict[int, Party]:
    """Tell about leads by id; those that the viewer may not see are left out. Four queries."""
    if not lead_ids:
        return {}
    found = await tx.execute(
        select(
            leads,
            lead_statuses.c.name.label("status_name"),
            lead_statuses.c.kind.label("status_kind"),
            operators.c.full_name.label("responsible"),
        )
        .join_from(leads, lead_statuses, lead_statuses.c.id == leads.c.status_id)
        .outerjoin(operators, operators.c.id == leads.c.responsible_id)
        .where(leads.c.id.in_(sorted(lead_ids)), visible_leads(viewer))
    )
    rows = {row.id: row for row in found}
    contacts = await _contacts(tx, calls.c.lead_id.in_(sorted(rows)), contact_limit)
    steps = await _next_steps(tx, viewer, rows)
    return {
        lead_id: _party(row, contacts[lead_id], steps.get(lead_id)) for lead_id, row in rows.items()
    }


def _party(row: Row[Any], contacts: list[StoredCall], step: NextStep | None) -> Party:
    return Party(
        row.id,
        row.title,
        row.status_name,
        StatusKind(row.status_kind),
        row.responsible_id,
        row.responsible,
        row.created_at,
        tuple(contacts),
        step,
    )


async def _contacts(
    tx: Transaction, of_leads: ColumnElement[bool], limit: int
) -> defaultdict[int, list[StoredCall]]:
    """The last calls of each lead that are over, newest first."""
    place = func.row_number().over(
        partition_by=calls.c.lead_id, order_by=(calls.c.started_at.desc(), calls.c.id.desc())
    )
    numbered = (
        select(calls, place.label("place"))
        .where(of_leads, calls.c.ended_at.is_not(None))
        .subquery("numbered")
    )
    last = select(*(numbered.c[column.name] for column in calls.c)).where(numbered.c.place <= limit)
    by_lead: defaultdict[int, list[StoredCall]] = defaultdict(list)
    for stored in await list_stored(tx, last.subquery("last")):
        if stored.lead_id is not None:
            by_lead[stored.lead_id].append(stored)
    return by_lead


async def _next_steps(
    tx: Transaction, viewer: Viewer, lead_ids: Collection[int]
) -> dict[int, NextStep]:
    found = await tx.execute(
        select(planned_calls)
        .where(
            planned_calls.c.lead_id.in_(sorted(lead_ids)),
            planned_calls.c.state == PlanState.OPEN.value,
            visible_planned_calls(viewer),
        )
        # The earliest one of each lead is written last.
        .order_by(planned_calls.c.due_at.desc(), planned_calls.c.id.desc())
    )
    return {row.lead_id: NextStep(row.due_at, row.has_time, row.note) for row in found}
