"""What operators did in a time, in figures.

In: whose figures, and a time. Out: counts and sums. Each count is the length of one list of
`call_pages`, so both are made of the same conditions. A query each, however many people and calls.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, select

from telemarketing.model.call import Direction
from telemarketing.storage.calls import had_part, is_answered, is_outside, is_short, is_unanswered
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import call_operators, calls, leads


@dataclass(frozen=True, slots=True)
class CallFigures:
    """Calls with the outside in a time; internal ones are nowhere in it."""

    inbound: int = 0
    outbound: int = 0
    answered: int = 0
    """Somebody talked, or talks."""
    unanswered: int = 0
    """Over, and nobody talked."""
    short: int = 0
    """Talks that are over and took less than the limit."""
    air_ms: int = 0
    """Talk: of a person the own one, of many the calls' (each counted once)."""
    short_air_ms: int = 0
    """The part of `air_ms` that short talks took."""

    @property
    def calls(self) -> int:
        """All of them, live ones too."""
        return self.inbound + self.outbound

    @property
    def average_ms(self) -> int | None:
        """Talk of an answered call; None = there was none."""
        return self.air_ms // self.answered if self.answered else None

    @property
    def average_of_long_ms(self) -> int | None:
        """The same without short talks; None = there was none."""
        long = self.answered - self.short
        return (self.air_ms - self.short_air_ms) // long if long else None


async def list_call_figures(
    tx: Transaction, operator_ids: Collection[int], since: int, until: int, short_talk_ms: int
) -> dict[int, CallFigures]:
    """Give the figures of people for calls that began in a time; who had none is left out.

    Args:
        tx: any transaction.
        operator_ids: whose.
        since: epoch milliseconds.
        until: epoch milliseconds, exclusive.
        short_talk_ms: a talk below it is short.
    """
    parts = _parts(operator_ids, since, until, short_talk_ms, call_operators.c.operator_id)
    of_parts = parts.subquery("parts")
    found = await tx.execute(
        select(of_parts.c.operator_id, *_sums(of_parts.c.own_talk_ms, of_parts)).group_by(
            of_parts.c.operator_id
        )
    )
    return {row.operator_id: _to_figures(row) for row in found}


async def sum_call_figures(
    tx: Transaction,
    operator_ids: Collection[int] | None,
    since: int,
    until: int,
    short_talk_ms: int,
) -> CallFigures:
    """Give the figures of people together, each call once; None = of all calls, whoever had them.

    Arguments are those of `list_call_figures`. One query.
    """
    if operator_ids is None:
        each = select(*_traits(short_talk_ms)).where(
            is_outside, calls.c.started_at >= since, calls.c.started_at < until
        )
    else:
        each = _parts(operator_ids, since, until, short_talk_ms)
    of_each = each.subquery("each")
    found = await tx.execute(select(*_sums(of_each.c.talk_ms, of_each)))
    return _to_figures(found.one())


def _parts(
    operator_ids: Collection[int],
    since: int,
    until: int,
    short_talk_ms: int,
    *by: ColumnElement[Any],
) -> Select[Any]:
    """Calls that these people had: once, or once for each of them, by whatever telephones."""
    part = call_operators.c
    return (
        select(
            *by,
            func.sum(part.talk_ms).label("own_talk_ms"),
            *_traits(short_talk_ms),
        )
        .join_from(call_operators, calls, calls.c.id == part.call_id)
        .where(
            part.operator_id.in_(sorted(operator_ids)),
            part.started_at >= since,
            part.started_at < until,
            is_outside,
            had_part(call_operators),
        )
        .group_by(calls.c.id, *by)
    )


def _traits(short_talk_ms: int) -> Sequence[ColumnElement[Any]]:
    return (
        calls.c.direction,
        calls.c.talk_ms,
        case((is_answered, 1), else_=0).label("answered"),
        case((is_unanswered, 1), else_=0).label("unanswered"),
        case((is_short(short_talk_ms), 1), else_=0).label("short"),
    )


def _sums(talk_ms: ColumnElement[int], of: Any) -> Sequence[ColumnElement[Any]]:  # noqa: ANN401
    is_inbound = of.c.direction == Direction.INBOUND.value
    return (
        func.coalesce(func.sum(case((is_inbound, 1), else_=0)), 0).label("inbound"),
        func.coalesce(func.sum(case((is_inbound, 0), else_=1)), 0).label("outbound"),
        func.coalesce(func.sum(of.c.answered), 0).label("answered"),
        func.coalesce(func.sum(of.c.unanswered), 0).label("unanswered"),
        func.coalesce(func.sum(of.c.short), 0).label("short"),
        func.coalesce(func.sum(talk_ms), 0).label("air_ms"),
        func.coalesce(func.sum(case((of.c.short == 1, talk_ms), else_=0)), 0).label("short_air_ms"),
    )


def _to_figures(row: Row[Any]) -> CallFigures:
    return CallFigures(
        inbound=int(row.inbound),
        outbound=int(row.outbound),
        answered=int(row.answered),
        unanswered=int(row.unanswered),
        short=int(row.short),
        air_ms=int(row.air_ms),
        short_air_ms=int(row.short_air_ms),
    )


async def count_new_leads(
    tx: Transaction, operator_ids: Collection[int], since: int, until: int
) -> dict[int, int]:
    """Count the leads of people that were made in a time; who has none is left out. One query."""
    found = await tx.execute(
        select(leads.c.responsible_id, func.count())
        .where(
            leads.c.responsible_id.in_(sorted(operator_ids)),
            leads.c.created_at >= since,
            leads.c.created_at < until,
        )
        .group_by(leads.c.responsible_id)
    )
    return {int(operator_id): int(count) for operator_id, count in found}
