"""Lists of calls, newest first, page by page.

In: what calls are wanted, and where the last page ended. Out: calls with the names that people know
them by. Two queries a page, however long it is. What a person of the panel may see of them is
`call_pages`.
"""

from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    tuple_,
)

from telemarketing.model.call import Call, Direction, Disposition
from telemarketing.storage import call_rows
from telemarketing.storage.engine import Transaction
from telemarketing.storage.operators import list_names
from telemarketing.storage.tables import call_notes, call_operators, calls, leads

Place = tuple[int, int]
"""Where a page ends: `started_at` and id of a call."""


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls are wanted; every field that is not None (or True) narrows the list."""

    number: str | None = None
    """The outside party: E.164, or the raw form of a number that is not understood."""
    digits: tuple[str, ...] | None = None
    """One of these is a part of the outside party's number."""
    operator_id: int | None = None
    """This operator dialled, was rung or talked."""
    extension: str | None = None
    """This extension dialled, was rung or talked."""
    direction: Direction | None = None
    outside: bool = False
    """Inbound and outbound calls, no internal ones."""
    disposition: Disposition | None = None
    answered: bool | None = None
    """True: somebody talked, or talks; False: it is over and nobody has."""
    talk_below_ms: int | None = None
    """Short talks: over, with the outside, and it took less than this."""
    talk_from_ms: int | None = None
    """Talks with the outside that took at least so long."""
    without_summary: bool = False
    """Talks with the outside that are over, and of which nobody has written anything."""
    since: int | None = None
    """Epoch milliseconds; started then or later."""
    until: int | None = None
    """Epoch milliseconds; started before."""
    lead_id: int | None = None
    lead_ids: frozenset[int] | None = None
    """Calls of any of these leads; at most some thousands."""
    live: bool | None = None
    """True: not ended; False: ended."""


@dataclass(frozen=True, slots=True)
class StoredCall:
    """A call as lists show it."""

    id: int
    call: Call
    lead_id: int | None
    lead_title: str | None
    responsible: str | None
    """Full name of who answers for the lead."""
    operator_ids: tuple[int | None, ...]
    """Whose the extensions of `call.operators` were, in the same order; None = nobody's then."""
    operator_names: tuple[str | None, ...]
    """Their full names."""
    summary: str
    """What a person wrote about it; '' = nothing."""

    @property
    def place(self) -> Place:
        """Where the next page goes on from: `before` of `list_calls`."""
        return self.call.started_at, self.id


async def list_calls(
    tx: Transaction, wanted: CallFilter, limit: int, before: Place | None = None
) -> list[StoredCall]:
    """Give one page of calls, the one that started last first.

    Args:
        tx: any transaction.
        wanted: which calls.
        limit: how many at most.
        before: `place` of the last call of the page before; None = the first page.
    """
    return await list_stored(tx, _page(wanted, limit, before).subquery("page"))


async def list_stored(tx: Transaction, page: FromClause) -> list[StoredCall]:
    """Read the calls of a subquery that has all columns of `calls`, newest first. Two queries."""
    found = await tx.execute(
        select(page, leads.c.title, leads.c.responsible_id, call_notes.c.summary, *call_rows.PARTS)
        .select_from(
            call_rows.join_parts(page)
            .outerjoin(leads, leads.c.id == page.c.lead_id)
            .outerjoin(call_notes, call_notes.c.call_id == page.c.id)
        )
        .order_by(page.c.started_at.desc(), page.c.id.desc())
    )
    rows = call_rows.to_call_rows(found)
    names = await list_names(
        tx, {person for one in rows for person in (one.row.responsible_id, *one.operator_ids)}
    )
    return [
        StoredCall(
            one.row.id,
            one.call,
            one.row.lead_id,
            one.row.title,
            names.get(one.row.responsible_id),
            one.operator_ids,
            tuple(names.get(operator_id) for operator_id in one.operator_ids),
            one.row.summary or "",
        )
        for one in rows
    ]


def _page(wanted: CallFilter, limit: int, before: Place | None) -> Select[tuple[object, ...]]:
    page = select(calls).where(*conditions(wanted))
    if before is not None:
        page = page.where(tuple_(calls.c.started_at, calls.c.id) < before)
    return page.order_by(calls.c.started_at.desc(), calls.c.id.desc()).limit(limit)


def conditions(wanted: CallFilter) -> list[ColumnElement[bool]]:
    """Say in SQL, of `calls`, which ones are wanted."""
    return [*_who(wanted), *_when(wanted), *_outcome(wanted)]


def _who(wanted: CallFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.number is not None:
        raw = and_(calls.c.number.is_(None), calls.c.raw_number == wanted.number)
        found.append(or_(calls.c.number == wanted.number, raw))
    if wanted.digits is not None:
        shown = func.coalesce(calls.c.number, calls.c.raw_number)
        parts = (shown.contains(digits, autoescape=True) for digits in wanted.digits)
        found.append(and_(~calls.c.withheld, or_(false(), *parts)))
    if wanted.operator_id is not None:
        found.append(_took_part(call_operators.c.operator_id == wanted.operator_id))
    if wanted.extension is not None:
        found.append(_took_part(call_operators.c.extension == wanted.extension))
    if wanted.lead_id is not None:
        found.append(calls.c.lead_id == wanted.lead_id)
    if wanted.lead_ids is not None:
        found.append(calls.c.lead_id.in_(sorted(wanted.lead_ids)))
    return found


def _when(wanted: CallFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        found.append(calls.c.started_at >= wanted.since)
    if wanted.until is not None:
        found.append(calls.c.started_at < wanted.until)
    if wanted.live is not None:
        is_live = calls.c.ended_at.is_(None)
        found.append(is_live if wanted.live else ~is_live)
    return found


def _outcome(wanted: CallFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.direction is not None:
        found.append(calls.c.direction == wanted.direction.value)
    if wanted.outside:
        found.append(is_outside)
    if wanted.disposition is not None:
        found.append(calls.c.disposition == wanted.disposition.value)
    if wanted.answered is not None:
        found.append(is_answered if wanted.answered else is_unanswered)
    if wanted.talk_below_ms is not None:
        found.append(is_short(wanted.talk_below_ms))
    if wanted.talk_from_ms is not None:
        found += [is_answered, is_outside, calls.c.talk_ms >= wanted.talk_from_ms]
    if wanted.without_summary:
        found += [is_answered, is_outside, calls.c.ended_at.is_not(None), ~_has_summary]
    return found


is_outside: ColumnElement[bool] = calls.c.direction != Direction.INTERNAL.value
is_answered: ColumnElement[bool] = calls.c.disposition == Disposition.ANSWERED.value
"""Somebody talked, or talks."""
is_unanswered: ColumnElement[bool] = and_(
    calls.c.disposition != Disposition.ANSWERED.value, calls.c.ended_at.is_not(None)
)
"""A class of its own: no short talk, for there was none."""


def is_short(limit_ms: int) -> ColumnElement[bool]:
    """Say in SQL, of `calls`, what a short talk is; `limit_ms` itself is not short any more."""
    return and_(is_answered, is_outside, calls.c.ended_at.is_not(None), calls.c.talk_ms < limit_ms)


_has_summary = exists(
    select(call_notes.c.call_id).where(
        call_notes.c.call_id == calls.c.id, call_notes.c.summary != ""
    )
)


def _took_part(who: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(call_operators.c.call_id).where(call_operators.c.call_id == calls.c.id, who)
    )


def had_part(part: FromClause) -> ColumnElement[bool]:
    """Say in SQL, of a form of `call_operators` beside its call, whose call it was.

    Of whoever dialled or talked; where nobody answered, of all who were rung. A phone that rang
    while a colleague answered made no call of its owner's.
    """
    return or_(
        part.c.talk_ms > 0,
        ~is_answered,
        part.c.extension == calls.c.answered_by,
        part.c.extension == calls.c.placed_by,
    )
