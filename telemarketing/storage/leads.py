"""Lists of leads, newest first, page by page.

In: what leads are wanted, and where the last page ended. Out: leads. One query a page, and one more
for the people of a supervisor's department.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from telemarketing.model.call import Direction, Disposition
from telemarketing.model.lead import Lead, LeadStatus, StatusKind
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Transaction
from telemarketing.storage.lead_walks import Place, Stretch, page_of, visible_page
from telemarketing.storage.search import FEW, Search, found_leads, has_words, is_rare, list_handful
from telemarketing.storage.tables import (
    calls,
    lead_sources,
    lead_statuses,
    leads,
    operators,
    phones,
)
from telemarketing.storage.visibility import visible_leads

SHORT_SEARCH_REACH = 2000
"""Among how many of the newest leads something is looked for that is too short for the index."""


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads are wanted; every field that is not None (or True) narrows the list."""

    number: str | None = None
    """A number of theirs: E.164, or the raw form of one that is not understood."""
    text: str | None = None
    """A part of the title."""
    search: Search | None = None
    """Something by which they are known."""
    status: str | None = None
    """Name of the status."""
    status_id: int | None = None
    source_id: int | None = None
    responsible_id: int | None = None
    unassigned: bool = False
    """Only those for whom nobody answers yet."""
    visible_to: Viewer | None = None
    """Only those that this person may see."""
    since: int | None = None
    """Epoch milliseconds; created then or later."""
    until: int | None = None
    """Epoch milliseconds; created before."""


@dataclass(frozen=True, slots=True)
class LastCall:
    """The newest call of a lead, as a list shows it."""

    started_at: int
    """Epoch milliseconds."""
    direction: Direction
    disposition: Disposition
    talk_ms: int
    live: bool


async def list_leads(
    tx: Transaction,
    wanted: LeadFilter,
    limit: int,
    before: Place | None = None,
    after: Place | None = None,
    few: int = FEW,
) -> list[Lead]:
    """Give one page of leads, the one created last first.

    Args:
        tx: any transaction.
        wanted: which leads.
        limit: how many at most.
        before: (created_at, id) of the last lead of the page before; None = the first page.
        after: of the first lead of a page, for the one before it; not together with `before`.
        few: so many leads are looked at where that saves a walk; the page is the same.
    """
    stretch = Stretch(limit, before, after, wanted.since, wanted.until)
    page = (await _find_page(tx, wanted, stretch, few)).subquery("page")
    found = await tx.execute(
        LEAD_COLUMNS.join(page, page.c.id == leads.c.id).order_by(
            leads.c.created_at.desc(), leads.c.id.desc()
        )
    )
    return [to_lead(row) for row in found]


async def _find_page(
    tx: Transaction, wanted: LeadFilter, stretch: Stretch, few: int
) -> Select[tuple[int, int]]:
    """Choose the way along which the fewest leads have to be looked at."""
    conditions, search = _conditions(wanted), wanted.search
    if search is None:
        return await _walk(tx, wanted, conditions, stretch, few)
    if search.is_short:
        return await _find_among_newest(tx, wanted, search, stretch)
    if wanted.visible_to is not None:
        in_sight = [*conditions, visible_leads(wanted.visible_to)]
    else:
        in_sight = conditions
    handful = await list_handful(tx, search, few)
    if handful is not None:
        return page_of([leads.c.id.in_(handful), *in_sight], stretch)
    if not await is_rare(tx, search, few):
        return await _walk(tx, wanted, [*conditions, has_words(tx, search)], stretch, few)
    found = found_leads(tx, search)
    page = select(leads.c.id, leads.c.created_at).join_from(
        found, leads, leads.c.id == found.c.lead_id
    )
    return stretch.cut(page.where(*in_sight), leads.c.created_at, leads.c.id)


async def _walk(
    tx: Transaction,
    wanted: LeadFilter,
    conditions: Sequence[ColumnElement[bool]],
    stretch: Stretch,
    few: int,
) -> Select[tuple[int, int]]:
    viewer = wanted.visible_to
    if viewer is None:
        return page_of(conditions, stretch)
    by_person = wanted.unassigned or wanted.responsible_id is not None
    if by_person or (_kinds(wanted) and await _are_fewer(tx, _kinds(wanted), few)):
        return page_of([visible_leads(viewer), *conditions], stretch)
    return await visible_page(tx, viewer, conditions, stretch)


def _kinds(wanted: LeadFilter) -> list[ColumnElement[bool]]:
    return _conditions(LeadFilter(status_id=wanted.status_id, source_id=wanted.source_id))


async def _are_fewer(tx: Transaction, conditions: Sequence[ColumnElement[bool]], than: int) -> bool:
    some = select(leads.c.id).where(*conditions).limit(than).subquery()
    return (await tx.scalars(select(func.count()).select_from(some))).one() < than


async def _find_among_newest(
    tx: Transaction, wanted: LeadFilter, search: Search, stretch: Stretch
) -> Select[tuple[int, int]]:
    """Find what is too short for the index among the newest leads."""
    reach = Stretch(SHORT_SEARCH_REACH, since=wanted.since, until=wanted.until)
    newest = await _walk(tx, wanted, _conditions(wanted), reach, FEW)
    near = newest.subquery("newest")
    page = (
        select(leads.c.id, leads.c.created_at)
        .join_from(near, leads, leads.c.id == near.c.id)
        .where(has_words(tx, search))
    )
    return stretch.cut(page, leads.c.created_at, leads.c.id)


async def list_last_calls(tx: Transaction, lead_ids: Collection[int]) -> dict[int, LastCall]:
    """Tell the newest call of each lead; who has none is left out. One query, or none."""
    if not lead_ids:
        return {}
    newest = (
        select(calls.c.id)
        .where(calls.c.lead_id == leads.c.id)
        .order_by(calls.c.started_at.desc(), calls.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    found = await tx.execute(
        select(calls).where(calls.c.id.in_(select(newest).where(leads.c.id.in_(sorted(lead_ids)))))
    )
    return {
        row.lead_id: LastCall(
            row.started_at,
            Direction(row.direction),
            Disposition(row.disposition),
            row.talk_ms,
            live=row.ended_at is None,
        )
        for row in found
    }


async def list_statuses(tx: Transaction) -> list[LeadStatus]:
    """Give the dictionary of statuses, in its order."""
    found = await tx.execute(select(lead_statuses).order_by(lead_statuses.c.position))
    return [LeadStatus(row.id, row.name, StatusKind(row.kind), row.position) for row in found]


async def list_sources(tx: Transaction) -> dict[int, str]:
    """Give the names of all sources by id, in order of their names."""
    found = await tx.execute(select(lead_sources).order_by(lead_sources.c.name))
    return {row.id: row.name for row in found}


_call_count = (
    select(func.count())
    .select_from(calls)
    .where(calls.c.lead_id == leads.c.id)
    .scalar_subquery()
    .label("call_count")
)

LEAD_COLUMNS = (
    select(
        leads,
        lead_statuses.c.name.label("status_name"),
        lead_statuses.c.kind.label("status_kind"),
        lead_statuses.c.position.label("status_position"),
        lead_sources.c.name.label("source_name"),
        operators.c.full_name.label("responsible"),
        operators.c.department_id,
        _call_count,
    )
    .join_from(leads, lead_statuses, lead_statuses.c.id == leads.c.status_id)
    .join(lead_sources, lead_sources.c.id == leads.c.source_id)
    .outerjoin(operators, operators.c.id == leads.c.responsible_id)
)
"""What `to_lead` reads."""


def to_lead(row: Row[Any]) -> Lead:
    """Make a lead of a row of `LEAD_COLUMNS`."""
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
        named = select(lead_statuses.c.id).where(lead_statuses.c.name == wanted.status)
        conditions.append(leads.c.status_id == named.scalar_subquery())
    if wanted.status_id is not None:
        conditions.append(leads.c.status_id == wanted.status_id)
    if wanted.source_id is not None:
        conditions.append(leads.c.source_id == wanted.source_id)
    if wanted.responsible_id is not None:
        conditions.append(leads.c.responsible_id == wanted.responsible_id)
    if wanted.unassigned:
        conditions.append(leads.c.responsible_id.is_(None))
    return conditions
