"""Lists of leads, newest first, page by page.

In: what leads are wanted, and where the last page ended. Out: leads. One query a page.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, or_, select, tuple_

from telemarketing.model.lead import Lead, LeadStatus, StatusKind
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import (
    call_operators,
    calls,
    lead_sources,
    lead_statuses,
    leads,
    operators,
    phones,
)


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads are wanted; every field that is not None (or True) narrows the list."""

    number: str | None = None
    """A number of theirs: E.164, or the raw form of one that is not understood."""
    text: str | None = None
    """A part of the title."""
    status: str | None = None
    """Name of the status."""
    responsible_id: int | None = None
    unassigned: bool = False
    """Only those for whom nobody answers yet."""
    visible_to: int | None = None
    """An operator's id: own leads, and nobody's leads on which this operator was rung or talked."""
    since: int | None = None
    """Epoch milliseconds; created then or later."""
    until: int | None = None
    """Epoch milliseconds; created before."""


async def list_leads(
    tx: Transaction, wanted: LeadFilter, limit: int, before: tuple[int, int] | None = None
) -> list[Lead]:
    """Give one page of leads, the one created last first.

    Args:
        tx: any transaction.
        wanted: which leads.
        limit: how many at most.
        before: (created_at, id) of the last lead of the page before; None = the first page.
    """
    page = _leads.where(*_conditions(wanted))
    if before is not None:
        page = page.where(tuple_(leads.c.created_at, leads.c.id) < before)
    found = await tx.execute(
        page.order_by(leads.c.created_at.desc(), leads.c.id.desc()).limit(limit)
    )
    return [_to_lead(row) for row in found]


_call_count = (
    select(func.count())
    .select_from(calls)
    .where(calls.c.lead_id == leads.c.id)
    .scalar_subquery()
    .label("call_count")
)

_leads = (
    select(
        leads,
        lead_statuses.c.name.label("status_name"),
        lead_statuses.c.kind.label("status_kind"),
        lead_statuses.c.position.label("status_position"),
        lead_sources.c.name.label("source_name"),
        operators.c.full_name.label("responsible"),
        _call_count,
    )
    .join_from(leads, lead_statuses, lead_statuses.c.id == leads.c.status_id)
    .join(lead_sources, lead_sources.c.id == leads.c.source_id)
    .outerjoin(operators, operators.c.id == leads.c.responsible_id)
)


def _to_lead(row: Row[Any]) -> Lead:
    status = LeadStatus(
        row.status_id, row.status_name, StatusKind(row.status_kind), row.status_position
    )
    return Lead(
        id=row.id,
        title=row.title,
        phone=row.phone,
        status=status,
        source=row.source_name,
        responsible_id=row.responsible_id,
        responsible=row.responsible,
        responsible_settled=row.responsible_settled,
        created_at=row.created_at,
        call_count=row.call_count,
    )


def _conditions(wanted: LeadFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.number is not None:
        owner = select(phones.c.lead_id).where(phones.c.number == wanted.number)
        conditions.append(leads.c.id == owner.scalar_subquery())
    if wanted.text is not None:
        conditions.append(leads.c.title.icontains(wanted.text, autoescape=True))
    if wanted.status is not None:
        conditions.append(lead_statuses.c.name == wanted.status)
    if wanted.responsible_id is not None:
        conditions.append(leads.c.responsible_id == wanted.responsible_id)
    if wanted.unassigned:
        conditions.append(leads.c.responsible_id.is_(None))
    if wanted.visible_to is not None:
        conditions.append(_visible_to(wanted.visible_to))
    if wanted.since is not None:
        conditions.append(leads.c.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(leads.c.created_at < wanted.until)
    return conditions


def _visible_to(operator_id: int) -> ColumnElement[bool]:
    was_in_a_call = exists(
        select(call_operators.c.call_id)
        .join_from(calls, call_operators, call_operators.c.call_id == calls.c.id)
        .where(calls.c.lead_id == leads.c.id, call_operators.c.operator_id == operator_id)
    )
    return or_(
        leads.c.responsible_id == operator_id,
        and_(leads.c.responsible_id.is_(None), was_in_a_call),
    )
