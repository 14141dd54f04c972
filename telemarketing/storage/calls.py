"""Lists of calls, newest first, page by page.

In: what calls are wanted, and where the last page ended. Out: calls with the names that people know
them by. Two queries a page, however long it is.
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, tuple_

from telemarketing.model.call import Call, Direction, Disposition
from telemarketing.storage import call_rows
from telemarketing.storage.engine import Transaction
from telemarketing.storage.operators import list_names
from telemarketing.storage.tables import call_operators, calls, leads


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls are wanted; every field that is not None narrows the list."""

    number: str | None = None
    """The outside party: E.164, or the raw form of a number that is not understood."""
    operator_id: int | None = None
    """This operator dialled, was rung or talked."""
    extension: str | None = None
    """This extension dialled, was rung or talked."""
    direction: Direction | None = None
    disposition: Disposition | None = None
    since: int | None = None
    """Epoch milliseconds; started then or later."""
    until: int | None = None
    """Epoch milliseconds; started before."""
    lead_id: int | None = None
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
    operator_names: tuple[str | None, ...]
    """Full names of `call.operators`, in the same order; None = nobody's extension then."""

    @property
    def place(self) -> tuple[int, int]:
        """Where the next page goes on from: `before` of `list_calls`."""
        return self.call.started_at, self.id


async def list_calls(
    tx: Transaction, wanted: CallFilter, limit: int, before: tuple[int, int] | None = None
) -> list[StoredCall]:
    """Give one page of calls, the one that started last first.

    Args:
        tx: any transaction.
        wanted: which calls.
        limit: how many at most.
        before: `place` of the last call of the page before; None = the first page.
    """
    page = _page(wanted, limit, before).subquery("page")
    found = await tx.execute(
        select(page, leads.c.title, leads.c.responsible_id, *call_rows.PARTS)
        .select_from(call_rows.join_parts(page).outerjoin(leads, leads.c.id == page.c.lead_id))
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
            tuple(names.get(operator_id) for operator_id in one.operator_ids),
        )
        for one in rows
    ]


def _page(
    wanted: CallFilter, limit: int, before: tuple[int, int] | None
) -> Select[tuple[object, ...]]:
    page = select(calls).where(*_conditions(wanted))
    if before is not None:
        page = page.where(tuple_(calls.c.started_at, calls.c.id) < before)
    return page.order_by(calls.c.started_at.desc(), calls.c.id.desc()).limit(limit)


def _conditions(wanted: CallFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.number is not None:
        raw = and_(calls.c.number.is_(None), calls.c.raw_number == wanted.number)
        conditions.append(or_(calls.c.number == wanted.number, raw))
    if wanted.operator_id is not None:
        conditions.append(_took_part(call_operators.c.operator_id == wanted.operator_id))
    if wanted.extension is not None:
        conditions.append(_took_part(call_operators.c.extension == wanted.extension))
    if wanted.direction is not None:
        conditions.append(calls.c.direction == wanted.direction.value)
    if wanted.disposition is not None:
        conditions.append(calls.c.disposition == wanted.disposition.value)
    if wanted.since is not None:
        conditions.append(calls.c.started_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(calls.c.started_at < wanted.until)
    if wanted.lead_id is not None:
        conditions.append(calls.c.lead_id == wanted.lead_id)
    if wanted.live is not None:
        is_live = calls.c.ended_at.is_(None)
        conditions.append(is_live if wanted.live else ~is_live)
    return conditions


def _took_part(who: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(
        select(call_operators.c.call_id).where(call_operators.c.call_id == calls.c.id, who)
    )
