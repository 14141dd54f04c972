"""One page of the leads that somebody may see, found by walks along indexes.

In: a viewer, conditions, and where the page begins. Out: a statement that gives ids. One condition
with OR over everything a person may see would make the database read a million leads to find fifty;
so each reason to see a lead is walked by itself, newest first, and stops after one page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    UnaryExpression,
    or_,
    select,
    union,
)

from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import lead_participants, leads
from telemarketing.storage.visibility import list_own_people, visible_leads

Place = tuple[int, int]
"""Where a lead stands in a list: (created_at, id)."""

_Ids = Select[tuple[int, int]]
_NEAR = 5_000
"""Leads that one walk for all people of a department looks at before it is given up."""
_WALKS_AT_MOST = 100
"""A department of more people than that owns so many leads that every walk soon meets them."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which part of a list is wanted."""

    limit: int
    before: Place | None = None
    """The leads that follow this one, towards the older ones."""
    after: Place | None = None
    """The leads just newer than this one; not together with `before`."""
    since: int | None = None
    """Epoch milliseconds; created then or later."""
    until: int | None = None
    """Epoch milliseconds; created before."""

    def cut(self, page: _Ids, created_at: ColumnElement[int], lead_id: ColumnElement[int]) -> _Ids:
        """Give the wanted part of ids, the ones next to the place first."""
        # Not (a, b) < (c, d): behind an equality neither database walks the index by it.
        if self.before is not None:
            at, row_id = self.before
            page = page.where(created_at <= at, or_(created_at < at, lead_id < row_id))
        if self.after is not None:
            at, row_id = self.after
            page = page.where(created_at >= at, or_(created_at > at, lead_id > row_id))
        if self.since is not None:
            page = page.where(created_at >= self.since)
        if self.until is not None:
            page = page.where(created_at < self.until)
        return page.order_by(*self._order(created_at, lead_id)).limit(self.limit)

    def _order(self, *columns: ColumnElement[int]) -> list[UnaryExpression[int]]:
        """Say in which direction the list is walked."""
        return [one.desc() if self.after is None else one.asc() for one in columns]


async def visible_page(
    tx: Transaction, viewer: Viewer, conditions: Sequence[ColumnElement[bool]], stretch: Stretch
) -> _Ids:
    """Find a page among all that somebody may see. At most two queries, and only for a supervisor.

    Args:
        tx: any transaction.
        viewer: who asks.
        conditions: on `leads`.
        stretch: which part of the list.

    Returns:
        A statement for (id, created_at) of leads.
    """
    in_sight = [visible_leads(viewer), *conditions]
    people = await list_own_people(tx, viewer)
    if viewer.is_administrator or len(people) > _WALKS_AT_MOST:
        return page_of(in_sight, stretch)
    if len(people) > 1 and conditions:
        near = await _find_near(tx, in_sight, stretch)
        if near is not None:
            return near
    walks = [page_of([leads.c.responsible_id.is_(None), *conditions], stretch)]
    for person in people:
        walks.append(page_of([leads.c.responsible_id == person, *conditions], stretch))
        walks.append(_page_of_participant(person, conditions, stretch))
    met = _together(walks).subquery()
    return stretch.cut(select(met.c.id, met.c.created_at), met.c.created_at, met.c.id)


async def _find_near(
    tx: Transaction, in_sight: Sequence[ColumnElement[bool]], stretch: Stretch
) -> _Ids | None:
    """Try one walk instead of two a person; None = it met too few before it became long."""
    near = page_of([], replace(stretch, limit=_NEAR)).subquery("near")
    page = select(leads.c.id, leads.c.created_at).join_from(near, leads, leads.c.id == near.c.id)
    found = await tx.execute(stretch.cut(page.where(*in_sight), leads.c.created_at, leads.c.id))
    ids = [row.id for row in found]
    return page_of([leads.c.id.in_(ids)], stretch) if len(ids) == stretch.limit else None


def page_of(conditions: Sequence[ColumnElement[bool]], stretch: Stretch) -> _Ids:
    """Give the statement for a page of the leads for which all conditions hold."""
    page = select(leads.c.id, leads.c.created_at).where(*conditions)
    return stretch.cut(page, leads.c.created_at, leads.c.id)


def _page_of_participant(
    operator_id: int, conditions: Sequence[ColumnElement[bool]], stretch: Stretch
) -> _Ids:
    created_at, lead_id = lead_participants.c.lead_created_at, lead_participants.c.lead_id
    page = select(lead_id.label("id"), created_at.label("created_at"))
    if conditions:
        page = page.join(leads, leads.c.id == lead_id).where(*conditions)
    page = page.where(lead_participants.c.operator_id == operator_id)
    return stretch.cut(page, created_at, lead_id)


def _together(walks: Sequence[_Ids]) -> CompoundSelect[tuple[int, int]]:
    # SQLite takes ORDER BY and LIMIT in a part of a UNION only inside a subquery.
    parts = [walk.subquery() for walk in walks]
    return union(*(select(part.c.id, part.c.created_at) for part in parts))
