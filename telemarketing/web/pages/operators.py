"""GET /operators: what each person did in some days, or one person day by day; figures are links.

In: days and perhaps a person, from the address. Out: the page. Operators see themselves,
supervisors their department, administrators all.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from telemarketing.storage.call_figures import (
    CallFigures,
    Person,
    count_new_leads,
    list_call_figures,
    list_day_figures,
    list_day_leads,
    list_people,
    sum_call_figures,
)
from telemarketing.storage.engine import Transaction
from telemarketing.storage.planned_call_lists import Group, Today, count_groups_by_person
from telemarketing.web.call_query import CallQuery
from telemarketing.web.keys import DATABASE, NOW_MS, OFFICE, viewer_of
from telemarketing.web.periods import Period, near_period, one_day, read_period
from telemarketing.web.render import page, wants_fragment
from telemarketing.web.routes import Route

_LONGEST_DAYS = 92
"""Of a longer period only the last days are counted."""
_OPEN = (Group.OVERDUE, Group.MISSED, Group.TODAY, Group.LATER)
_LATE = (Group.OVERDUE, Group.MISSED)
Counts = Mapping[int | None, Mapping[Group, int]]
"""Planned calls by person, None being everybody's."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is to be called back, as a person's list of callbacks has it now."""

    open: int = 0
    overdue: int = 0
    """The part of it whose time has come and gone, missed calls among it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    figures: CallFigures
    period: Period
    """Days that it is about."""
    person: Person | None = None
    """None = all of them together."""
    new_leads: int = 0
    waiting: Waiting | None = None
    """None = not told in this line."""

    def calls(self, **narrower: Any) -> str:  # noqa: ANN401 - fields of CallQuery
        """Give the address of the list of calls behind a figure."""
        operator_id = self.person.id if self.person else None
        wanted: dict[str, Any] = {"direction": "outside"} | narrower
        return CallQuery(operator_id=operator_id, period=self.period, **wanted).address()

    def leads(self) -> str:
        """Give the address of the list of new leads."""
        whose = {"whose": str(self.person.id)} if self.person else {}
        return f"/leads?{urlencode(whose | self.period.query)}"

    def callbacks(self) -> str:
        """Give the address of the list of callbacks."""
        return f"/callbacks?operator={self.person.id}" if self.person else "/callbacks"

    def days(self) -> str:
        """Give the address of the same days of this person, one by one."""
        return _address(self.period, self.person.id if self.person else None)


async def show(request: web.Request) -> web.Response:
    """Show the page, or its table for a live update and another choice of days."""
    viewer, office = viewer_of(request), request.app[OFFICE]
    now = request.app[NOW_MS]()
    today = near_period("today", office.zone, now)
    async with request.app[DATABASE].reading() as tx:
        people = await list_people(tx, viewer)
        one = _chosen(people, request.query.get("operator", ""))
        usual = near_period("week", office.zone, now) if one else today
        period = _at_most(read_period(request.query, office.zone, now) or usual)
        counts = await count_groups_by_person(tx, viewer, Today(now, today.since, today.until))
        if one is not None:
            rows, total = await _day_rows(tx, one, period, office.short_talk_ms)
            total = replace(total, waiting=_waiting(counts, one))
        else:
            rows = await _person_rows(tx, people, period, office.short_talk_ms, counts)
            ids = None if viewer.is_administrator else [person.id for person in people]
            span = period.since, period.until, office.short_talk_ms
            total = Row(
                await sum_call_figures(tx, ids, *span),
                period,
                new_leads=sum(row.new_leads for row in rows),
                waiting=_add_up(counts.values()),
            )
    asked_id = one.id if one else None
    return page(
        request,
        "operators/_figures.html" if wants_fragment(request) else "operators/page.html",
        {
            "rows": rows,
            "total": total,
            "one": one,
            "people_count": len(people),
            "period": period,
            "address": _address(period, asked_id),
            "address_of": lambda code: _address(near_period(code, office.zone, now), asked_id),
            "may_change": period.until > now,
        },
    )


def _chosen(people: Sequence[Person], asked: str) -> Person | None:
    """Whose days are wanted; None = everybody's sums. Who stands for nobody else wants the own."""
    if len(people) == 1:
        return people[0]
    found = next((person for person in people if str(person.id) == asked), None)
    if asked and found is None:
        raise web.HTTPNotFound
    return found


def _at_most(period: Period) -> Period:
    if len(period.days) <= _LONGEST_DAYS:
        return period
    return replace(period, first=period.last - timedelta(days=_LONGEST_DAYS - 1))


async def _person_rows(
    tx: Transaction,
    people: Sequence[Person],
    period: Period,
    short_talk_ms: int,
    counts: Counts,
) -> list[Row]:
    """A line for everybody who works here, or did in these days."""
    ids = [person.id for person in people]
    figures = await list_call_figures(tx, ids, period.since, period.until, short_talk_ms)
    leads = await count_new_leads(tx, ids, period.since, period.until)
    return [
        Row(
            figures.get(person.id, CallFigures()),
            period,
            person,
            new_leads=leads.get(person.id, 0),
            waiting=_waiting(counts, person),
        )
        for person in people
        if person.works_here or person.id in figures or person.id in leads
    ]


async def _day_rows(
    tx: Transaction, one: Person, period: Period, short_talk_ms: int
) -> tuple[list[Row], Row]:
    """A line for each day, the latest first, and all of them together."""
    days = [one_day(day, period.zone) for day in period.days]
    borders = [*(day.since for day in days), period.until]
    figures = await list_day_figures(tx, one.id, borders, short_talk_ms)
    leads = await list_day_leads(tx, one.id, borders)
    whole = await list_call_figures(tx, [one.id], period.since, period.until, short_talk_ms)
    rows = [
        Row(of_day, day, one, new_leads=count)
        for of_day, day, count in zip(figures, days, leads, strict=True)
    ]
    total = Row(whole.get(one.id, CallFigures()), period, one, new_leads=sum(leads))
    return rows[::-1], total


def _waiting(counts: Counts, person: Person) -> Waiting:
    """Count what a person's list of callbacks has: the own ones, and everybody's."""
    return _add_up([counts.get(person.id, {}), counts.get(None, {})])


def _add_up(parts: Iterable[Mapping[Group, int]]) -> Waiting:
    whole = Counter[Group]()
    for part in parts:
        whole.update(part)
    return Waiting(sum(whole[group] for group in _OPEN), sum(whole[group] for group in _LATE))


def _address(period: Period, operator_id: int | None) -> str:
    of_person = {"operator": str(operator_id)} if operator_id is not None else {}
    return f"/operators?{urlencode(period.query | of_person)}"


ROUTES: Sequence[Route] = (Route("GET", "/operators", show),)
