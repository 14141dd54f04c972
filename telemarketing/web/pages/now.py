"""GET /: what goes on now, and what today has come to.

In: the viewer. Out: live calls with the own one in full, figures of the day, the viewer's last
talks to write a summary of. What is due stands beside, from the page of callbacks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aiohttp import web

from telemarketing.model.call import Disposition
from telemarketing.model.viewer import Viewer
from telemarketing.storage.call_figures import CallFigures, list_call_figures, sum_call_figures
from telemarketing.storage.call_pages import list_call_page
from telemarketing.storage.calls import CallFilter, StoredCall
from telemarketing.storage.engine import Transaction
from telemarketing.storage.live_calls import Party, list_live_calls, list_parties
from telemarketing.storage.planned_call_lists import Group, Today, Whose, count_groups
from telemarketing.storage.visibility import list_own_people
from telemarketing.web.call_query import CallQuery
from telemarketing.web.keys import DATABASE, NOW_MS, OFFICE, Office, viewer_of
from telemarketing.web.periods import Period, near_period
from telemarketing.web.render import page
from telemarketing.web.routes import Route

_TALK_LIMIT = 3


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A live call of the viewer's own, with who is on the line."""

    stored: StoredCall
    party: Party | None
    """None = the call makes no lead: withheld, internal, staff."""
    planned_on: date | None
    """Day of the planned call that has no time; None = it has one, or nothing is planned."""

    @property
    def is_new(self) -> bool:
        """Tell whether this very call has made the lead."""
        return self.party is not None and self.party.created_at >= self.stored.call.started_at


async def show(request: web.Request) -> web.Response:
    """Show the page."""
    return page(request, "now/page.html", await _read(request))


async def show_live(request: web.Request) -> web.Response:
    """Show what of the page changes with every call."""
    return page(request, "now/_now.html", await _read(request))


async def _read(request: web.Request) -> dict[str, object]:
    viewer, office = viewer_of(request), request.app[OFFICE]
    now = request.app[NOW_MS]()
    today = near_period("today", office.zone, now)
    async with request.app[DATABASE].reading() as tx:
        live = sorted(await list_live_calls(tx, viewer), key=_longest_first)
        own = [stored for stored in live if is_own(stored, viewer)]
        lead_ids = {stored.lead_id for stored in own if stored.lead_id is not None}
        parties = await list_parties(tx, viewer, lead_ids)
        figures = await _figures(tx, viewer, today, office)
        missed = await _count_missed(tx, viewer, Today(now, today.since, today.until))
        talks = await list_call_page(tx, viewer, _own_talks(viewer, today), _TALK_LIMIT)
    return {
        "own": [_own_call(stored, parties.get(stored.lead_id or 0), office) for stored in own],
        "others": [stored for stored in live if stored not in own],
        "talking_count": sum(stored.call.answered_at is not None for stored in live),
        "figures": figures,
        "missed_count": missed,
        "talks": talks.calls,
        "list_of": CallQuery(direction="outside", period=today).address,
    }


def _own_talks(viewer: Viewer, today: Period) -> CallFilter:
    """What a summary can be written of, fresh in mind."""
    return CallFilter(
        operator_id=viewer.id, outside=True, answered=True, live=False, since=today.since
    )


def _own_call(stored: StoredCall, party: Party | None, office: Office) -> OwnCall:
    step = party and party.next_step
    planned_on = None
    if step and not step.has_time:
        planned_on = datetime.fromtimestamp(step.due_at / 1000, office.zone).date()
    return OwnCall(stored, party, planned_on)


def _longest_first(stored: StoredCall) -> tuple[bool, int]:
    """Order talks before what rings, each with the longest first."""
    call = stored.call
    return call.answered_at is None, call.answered_at or call.started_at


def is_own(stored: StoredCall, viewer: Viewer) -> bool:
    """Tell whether the viewer is on the line: dialled, talks, or the phone rings for somebody."""
    call = stored.call
    return any(
        operator_id == viewer.id
        and (
            call.disposition is not Disposition.ANSWERED
            or one.talk_ms > 0
            or one.extension in {call.answered_by, call.placed_by}
        )
        for one, operator_id in zip(call.operators, stored.operator_ids, strict=True)
    )


async def _figures(tx: Transaction, viewer: Viewer, today: Period, office: Office) -> CallFigures:
    """Give the day of the viewer, of the department, or of everybody."""
    span = today.since, today.until, office.short_talk_ms
    if viewer.is_supervisor:
        people = None if viewer.is_administrator else await list_own_people(tx, viewer)
        return await sum_call_figures(tx, people, *span)
    own = await list_call_figures(tx, [viewer.id], *span)
    return own.get(viewer.id, CallFigures())


async def _count_missed(tx: Transaction, viewer: Viewer, today: Today) -> int:
    """Count clients who called and still wait to be called back."""
    whose = Whose() if viewer.is_supervisor else Whose(viewer.id)
    return (await count_groups(tx, viewer, whose, today))[Group.MISSED]


ROUTES: Sequence[Route] = (Route("GET", "/", show), Route("GET", "/now", show_live))
