"""What operators did in a time, in figures.

In: whose figures, and a time. Out: counts and sums. Each count is the length of one list of
`call_pages`, so both are made of the same conditions. A query each, however many people and calls.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, or_, select, true

from telemarketing.model.call import Direction
from telemarketing.model.viewer import Viewer
from telemarketing.storage.calls import had_part, is_answered, is_outside, is_short, is_unanswered
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import call_operators, calls, departments, leads, operators
from telemarketing.storage.visibility import own_people


@dataclass(frozen=True, slots=True)
class CallFigures:
    """Calls with the outside in a time; internal ones are nowhere in it."""

    inbound: int = 0
    outbound: int = 0
    answered: int = 0
    """Somebody talked, or talks."""
    talking: int = 0
    """Those of `answered` that are not over: nobody knows yet how long they will be."""
    unanswered: int = 0
    """Over, and nobody talked."""
    short: int = 0
    """Talks that are over and took less than the limit."""
    air_ms: int = 0
    """Talk that is over: of a person the own one, of many the calls' (each counted once)."""
    short_air_ms: int = 0
    """The part of `air_ms` that short talks took."""

    @property
    def calls(self) -> int:
        """All of them, live ones too."""
        return self.inbound + self.outbound

    @property
    def talks(self) -> int:
        """Talks that are over; averages and the share of short ones are of these."""
        return self.answered - self.talking

    @property
    def average_ms(self) -> int | None:
        """Length of a talk that is over; None = there was none."""
        return self.air_ms // self.talks if self.talks else None

    @property
    def average_of_long_ms(self) -> int | None:
        """The same without short talks; None = there was none."""
        long = self.talks - self.short
        return (self.air_ms - self.short_air_ms) // long if long else None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose figures and calls a viewer may see."""

    id: int
    full_name: str
    department: str | None
    works_here: bool
    """False: was disabled; calls of the past stay."""


async def list_people(tx: Transaction, viewer: Viewer) -> list[Person]:
    """Give those for whom a viewer stands, an administrator all, by name. One query."""
    everybody = select(operators, departments.c.name.label("department")).outerjoin_from(
        operators, departments, departments.c.id == operators.c.department_id
    )
    if not viewer.is_administrator:
        everybody = everybody.where(operators.c.id.in_(own_people(viewer)))
    found = await tx.execute(everybody.order_by(operators.c.full_name, operators.c.id))
    return [Person(row.id, row.full_name, row.department, row.disabled_at is None) for row in found]


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
    own = call_operators.c
    found = await tx.execute(
        select(own.operator_id, *_sums(own.talk_ms, short_talk_ms, _first_of_person))
        .join_from(call_operators, calls, calls.c.id == own.call_id)
        .where(*_of_people(operator_ids, since, until))
        .group_by(own.operator_id)
    )
    return {row.operator_id: _to_figures(row) for row in found}


async def list_day_figures(
    tx: Transaction, operator_id: int, borders: Sequence[int], short_talk_ms: int
) -> list[CallFigures]:
    """Give one person's figures day by day. One query.

    Args:
        tx: any transaction.
        operator_id: whose.
        borders: epoch milliseconds at which the days begin, and at last the end of the last one.
        short_talk_ms: a talk below it is short.
    """
    own = call_operators.c
    day = _day_of(own.started_at, borders)
    found = await tx.execute(
        select(day, *_sums(own.talk_ms, short_talk_ms, _first_of_person))
        .join_from(call_operators, calls, calls.c.id == own.call_id)
        .where(*_of_people([operator_id], borders[0], borders[-1]))
        .group_by(day)
    )
    by_day = {row.day: _to_figures(row) for row in found}
    return [by_day.get(number, CallFigures()) for number in range(len(borders) - 1)]


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
        found = await tx.execute(
            select(*_sums(calls.c.talk_ms, short_talk_ms, true())).where(
                is_outside, calls.c.started_at >= since, calls.c.started_at < until
            )
        )
    else:
        found = await tx.execute(
            select(*_sums(calls.c.talk_ms, short_talk_ms, true()))
            .join_from(call_operators, calls, calls.c.id == call_operators.c.call_id)
            .where(*_of_people(operator_ids, since, until), _first_of(operator_ids))
        )
    return _to_figures(found.one())


def _of_people(
    operator_ids: Collection[int], since: int, until: int
) -> Sequence[ColumnElement[bool]]:
    return (
        call_operators.c.operator_id.in_(sorted(operator_ids)),
        call_operators.c.started_at >= since,
        call_operators.c.started_at < until,
        # The same once more: PostgreSQL would read all calls to join these.
        calls.c.started_at >= since,
        calls.c.started_at < until,
        is_outside,
        had_part(call_operators),
    )


# Another row of `call_operators` of the same call, for whoever took part with two telephones.
_earlier = call_operators.alias("earlier")


def _first(who: ColumnElement[bool]) -> ColumnElement[bool]:
    """Say, of `call_operators`, that no row before it tells of the same call.

    Not GROUP BY: that would sort all rows of the time, where nearly every one is alone.
    """
    before = (
        select(_earlier.c.call_id)
        .where(
            _earlier.c.call_id == call_operators.c.call_id,
            _earlier.c.position < call_operators.c.position,
            who,
            had_part(_earlier),
        )
        .correlate(call_operators, calls)
    )
    return or_(call_operators.c.position == 0, ~exists(before))


_first_of_person = _first(_earlier.c.operator_id == call_operators.c.operator_id)


def _first_of(operator_ids: Collection[int]) -> ColumnElement[bool]:
    return _first(_earlier.c.operator_id.in_(sorted(operator_ids)))


def _sums(
    talk_ms: ColumnElement[int], short_talk_ms: int, counts: ColumnElement[bool]
) -> Sequence[ColumnElement[Any]]:
    """Sum up rows; a row for which `counts` is false adds its talk and no call."""

    def count(*which: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((and_(*which, counts), 1), else_=0)), 0)

    short = is_short(short_talk_ms)
    return (
        count(calls.c.direction == Direction.INBOUND.value).label("inbound"),
        count(calls.c.direction == Direction.OUTBOUND.value).label("outbound"),
        count(is_answered).label("answered"),
        count(is_answered, calls.c.ended_at.is_(None)).label("talking"),
        count(is_unanswered).label("unanswered"),
        count(short).label("short"),
        func.coalesce(func.sum(case((calls.c.ended_at.is_(None), 0), else_=talk_ms)), 0).label(
            "air_ms"
        ),
        func.coalesce(func.sum(case((short, talk_ms), else_=0)), 0).label("short_air_ms"),
    )


def _to_figures(row: Row[Any]) -> CallFigures:
    return CallFigures(
        inbound=int(row.inbound),
        outbound=int(row.outbound),
        answered=int(row.answered),
        talking=int(row.talking),
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


async def list_day_leads(tx: Transaction, operator_id: int, borders: Sequence[int]) -> list[int]:
    """Count one person's new leads day by day; `borders` as of `list_day_figures`. One query."""
    day = _day_of(leads.c.created_at, borders)
    found = await tx.execute(
        select(day, func.count())
        .where(
            leads.c.responsible_id == operator_id,
            leads.c.created_at >= borders[0],
            leads.c.created_at < borders[-1],
        )
        .group_by(day)
    )
    by_day = {int(number): int(count) for number, count in found}
    return [by_day.get(number, 0) for number in range(len(borders) - 1)]


def _day_of(at: ColumnElement[int], borders: Sequence[int]) -> ColumnElement[int]:
    """Say in SQL which day an instant is in, the first being 0."""
    days = [(at < until, number) for number, until in enumerate(borders[1:])]
    return case(*days, else_=None).label("day")
