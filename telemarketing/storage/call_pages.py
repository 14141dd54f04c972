"""Pages of calls for a person of the panel, whatever the filters and however many calls there are.

In: a viewer, a filter, and where a neighbouring page ended. Out: a page, and where its neighbours
are. Every statement reads a bounded number of rows: a walk of an index that finds too little within
`_DEEPEST` rows says so, and the next page goes on from there.

A viewer's list are the calls of those for whom he or she stands (`own_people`), an administrator's
all calls. Where a number or a lead is asked for it is everything of it that the viewer may see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from telemarketing.model.viewer import Viewer
from telemarketing.storage.calls import (
    CallFilter,
    Place,
    StoredCall,
    conditions,
    had_part,
    list_stored,
)
from telemarketing.storage.engine import Transaction
from telemarketing.storage.search import SHORTEST, Search, list_handful
from telemarketing.storage.tables import call_operators, calls, operators
from telemarketing.storage.visibility import list_own_people, visible_calls

_DEEPEST = 10_000
"""Rows of an index that one page looks through at most, the walks of all people together."""
_SHALLOW = 4
"""A first try looks through so many times the rows of a page in each walk: mostly that will do."""

# `visible_calls` speaks of the table itself.
_part = call_operators.alias("part")


@dataclass(frozen=True, slots=True)
class CallPage:
    """One page of a list of calls."""

    calls: list[StoredCall]
    """Newest first."""
    newer: Place | None
    """`after` of the page of newer calls; None = there are none."""
    older: Place | None
    """`before` of the page of older calls; None = there are none."""
    searched_to: int | None
    """Epoch milliseconds: the search ended here with the page not full; None = it is complete."""


async def list_call_page(
    tx: Transaction,
    viewer: Viewer,
    wanted: CallFilter,
    limit: int,
    *,
    before: Place | None = None,
    after: Place | None = None,
    deepest: int = _DEEPEST,
) -> CallPage:
    """Give one page of the calls that belong to a viewer's list. Four to six queries.

    Args:
        tx: a transaction that sees one state of the database.
        viewer: for whom.
        wanted: which calls; `operator_id` there means calls which that operator had, not those that
            a colleague answered while the operator's phone rang too.
        limit: how many at most.
        before: `older` of a page; the page goes on from there.
        after: `newer` of a page; given instead of `before`.
        deepest: rows of an index to look through; the walks of several people share them.
    """
    walk = await _walk_for(tx, viewer, wanted, deepest)
    if after is not None:
        return await _newer_page(tx, walk, limit, after) or await list_call_page(
            tx, viewer, wanted, limit, deepest=deepest
        )
    places, horizon = await _find(tx, walk, limit + 1, before, older=True)
    more = len(places) > limit
    stored = await _read(tx, places[:limit])
    onward = None if horizon is None else (horizon, 0)
    return CallPage(
        calls=stored,
        newer=before and (stored[0].place if stored else before),
        older=stored[-1].place if more else onward,
        searched_to=horizon,
    )


async def _newer_page(tx: Transaction, walk: "_Walk", limit: int, after: Place) -> CallPage | None:
    """Go towards now; None = newer calls do not fill a page, so that the first page has them."""
    places, horizon = await _find(tx, walk, limit + 1, after, older=False)
    more = len(places) > limit
    if not more and horizon is None:
        return None
    stored = await _read(tx, places[:limit])
    onward = None if horizon is None else (horizon + 1, 0)
    return CallPage(
        calls=stored,
        newer=stored[0].place if more else onward,
        older=stored[-1].place if stored else after,
        searched_to=None,
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    """A way to the calls of a list by one index, which has them in the order of time."""

    keys: Select[Any]
    """`started_at` and `id` of all that are wanted."""
    at: ColumnElement[int]
    id: ColumnElement[int]
    people: Sequence[int] | None
    """Whose walks it unites; None = it is one walk over all calls."""
    deepest: int | None
    """Rows to look through in each walk; None = it leads to few calls by itself."""
    within: Sequence[ColumnElement[bool]]
    """The time that is wanted, in terms of the index."""

    def beyond(self, start: Place | None, *, older: bool) -> list[ColumnElement[bool]]:
        if start is None:
            return []
        at, row_id = start
        # Not (a, b) < (c, d): behind an equality neither database walks the index by it.
        if older:
            return [self.at <= at, or_(self.at < at, self.id < row_id)]
        return [self.at >= at, or_(self.at > at, self.id > row_id)]

    def ordered(self, *, newest_first: bool) -> Select[Any]:
        if newest_first:
            return self.keys.order_by(self.at.desc(), self.id.desc())
        return self.keys.order_by(self.at.asc(), self.id.asc())


async def _walk_for(tx: Transaction, viewer: Viewer, wanted: CallFilter, deepest: int) -> _Walk:
    if wanted.digits is not None:
        wanted = replace(wanted, lead_ids=await _leads_with(tx, wanted.digits))
    narrow = wanted.number is not None or wanted.lead_id is not None or wanted.lead_ids is not None
    people = None if narrow else await _people(tx, viewer, wanted)
    if people is None:
        keys = select(calls.c.started_at, calls.c.id).where(
            *conditions(wanted), *_own(viewer, wanted)
        )
        within = conditions(CallFilter(since=wanted.since, until=wanted.until))
        return _Walk(
            keys, calls.c.started_at, calls.c.id, None, None if narrow else deepest, within
        )
    part = _part.c
    within = _between(part.started_at, wanted)
    rest = replace(wanted, operator_id=None, since=None, until=None)
    keys = (
        select(part.started_at, part.call_id.label("id"))
        .join_from(_part, calls, calls.c.id == part.call_id)
        .where(_one_of(part.operator_id, people), had_part(_part), *within, *conditions(rest))
        .where(*_own(viewer, wanted))
        # Once, also where somebody took part with two telephones, or two people did.
        .group_by(part.started_at, part.call_id)
    )
    return _Walk(
        keys, part.started_at, part.call_id, people, deepest // max(1, len(people)), within
    )


async def _leads_with(tx: Transaction, digits: tuple[str, ...]) -> frozenset[int] | None:
    """Give the leads with a part of a number; None = they are many, and a walk meets some soon."""
    if not digits or any(len(part) < SHORTEST for part in digits):
        return None
    lead_ids = await list_handful(tx, Search((digits,)))
    return None if lead_ids is None else frozenset(lead_ids)


def _own(viewer: Viewer, wanted: CallFilter) -> list[ColumnElement[bool]]:
    """What else has to be asked where the walk itself does not keep to what the viewer may see."""
    if viewer.is_administrator:
        return []
    by_people = wanted.number is None and wanted.lead_id is None and wanted.lead_ids is None
    return [] if by_people and wanted.operator_id in {None, viewer.id} else [visible_calls(viewer)]


def _between(at: ColumnElement[int], wanted: CallFilter) -> list[ColumnElement[bool]]:
    since = [] if wanted.since is None else [at >= wanted.since]
    return since if wanted.until is None else [*since, at < wanted.until]


def _one_of(operator_id: ColumnElement[int], people: Sequence[int]) -> ColumnElement[bool]:
    return operator_id == people[0] if len(people) == 1 else operator_id.in_(people)


async def _people(tx: Transaction, viewer: Viewer, wanted: CallFilter) -> Sequence[int] | None:
    """Whose calls make the list; None = everybody's and nobody's."""
    if wanted.operator_id is not None:
        return [wanted.operator_id]
    return None if viewer.is_administrator else await list_own_people(tx, viewer)


async def _find(
    tx: Transaction, walk: _Walk, limit: int, start: Place | None, *, older: bool
) -> tuple[list[Place], int | None]:
    """Walk until there are enough, or far enough; tell where it ended if that was too early."""
    beyond = walk.beyond(start, older=older)
    keys = walk.ordered(newest_first=older).where(*beyond).limit(limit)
    if walk.deepest is None:
        return [(row.started_at, row.id) for row in await tx.execute(keys)], None
    shallow = _SHALLOW * limit
    for depth in (shallow, max(shallow, walk.deepest)):
        horizon = await _horizon(tx, walk, beyond, depth, older=older)
        within = [] if horizon is None else [walk.at >= horizon if older else walk.at <= horizon]
        found = await tx.execute(keys.where(*within))
        places = [(row.started_at, row.id) for row in found]
        if len(places) >= limit or horizon is None:
            return places, None
    return places, horizon


async def _horizon(
    tx: Transaction, walk: _Walk, beyond: Sequence[ColumnElement[bool]], depth: int, *, older: bool
) -> int | None:
    """The instant to which every walk has come after `depth` rows; None = all of them end before.

    No row is read for it but those of the index.
    """
    order = walk.at.desc() if older else walk.at.asc()
    step = select(walk.at).where(*walk.within, *beyond).order_by(order).offset(depth).limit(1)
    if walk.people is None:
        return await tx.scalar(step)
    of_person = step.where(_part.c.operator_id == operators.c.id)
    each = select(of_person.correlate(operators).scalar_subquery().label("at")).where(
        _one_of(operators.c.id, walk.people)
    )
    steps = each.subquery()
    found = await tx.scalar(select(func.max(steps.c.at) if older else func.min(steps.c.at)))
    return None if found is None else int(found)


async def _read(tx: Transaction, places: Sequence[Place]) -> list[StoredCall]:
    if not places:
        return []
    page = select(calls).where(and_(calls.c.id.in_([call_id for _, call_id in places])))
    return await list_stored(tx, page.subquery("page"))
