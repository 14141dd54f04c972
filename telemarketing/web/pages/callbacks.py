"""GET /callbacks and its parts: what is to be called, by whom and when.

In: the viewer, perhaps one person of the department. Out: the page by group; what is due, for the
page Now; what is planned for one lead, for its card; what a typed time means. Changes are in
`callback_actions.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from telemarketing.crm.when import Moment
from telemarketing.errors import NotFound
from telemarketing.model.planned_call import PlannedCall
from telemarketing.model.viewer import Access, Viewer
from telemarketing.storage.engine import Transaction
from telemarketing.storage.planned_call_lists import (
    Group,
    Today,
    Whose,
    count_groups,
    list_closed_by_call,
    list_due_before,
    list_group,
    list_of_lead,
)
from telemarketing.storage.planned_calls import find_planned_call, list_workers
from telemarketing.storage.visibility import find_lead_access
from telemarketing.web.callback_words import (
    WhenForm,
    read_form,
    read_moment,
    say_moment,
    say_problem,
)
from telemarketing.web.formats import Formats
from telemarketing.web.keys import DATABASE, NOW_MS, OFFICE, viewer_of
from telemarketing.web.lead_query import read_id, read_place
from telemarketing.web.pages.lead_card import number_in_path
from telemarketing.web.periods import near_period
from telemarketing.web.render import FRAME, page, wants_fragment
from telemarketing.web.routes import Route

_ON_PAGE = 20
_ON_GROUP_PAGE = 50
_DUE_LIMIT = 8
_DUE_AHEAD_MS = 3_600_000
_ORDER = (
    Group.OVERDUE,
    Group.MISSED,
    Group.TODAY,
    Group.PROPOSED,
    Group.LATER,
    Group.CLOSED_BY_CALL,
)


@dataclass(frozen=True, slots=True)
class Part:
    """One group of the list."""

    group: Group
    count: int
    calls: Sequence[PlannedCall]
    next_place: str | None = None
    """`after` of the page behind this one; None = there is none."""

    @property
    def name(self) -> str:
        """As addresses name it."""
        return self.group.name.lower()


async def show(request: web.Request) -> web.Response:
    """Show the page, or the list alone."""
    viewer = viewer_of(request)
    template = "callbacks/_list.html" if wants_fragment(request) else "callbacks/page.html"
    async with request.app[DATABASE].reading() as tx:
        workers = await list_workers(tx, viewer)
        chosen = _read_operator(request.query, workers)
        whose = Whose(chosen or (None if viewer.is_supervisor else viewer.id))
        counts = await count_groups(tx, viewer, whose, today_of(request))
        parts = await _read_parts(tx, request, viewer, whose, counts)
    return page(
        request,
        template,
        {
            "parts": parts,
            "pending_count": sum(counts.values()),
            "workers": workers,
            "chosen": chosen,
            "address": request.path_qs,
            "is_group": "group" in request.query,
        },
    )


async def _read_parts(
    tx: Transaction,
    request: web.Request,
    viewer: Viewer,
    whose: Whose,
    counts: Mapping[Group, int],
) -> list[Part]:
    today = today_of(request)
    if "group" in request.query:
        group, after = _read_group(request.query)
        calls = await list_group(tx, viewer, group, whose, today, _ON_GROUP_PAGE + 1, after)
        last = calls[_ON_GROUP_PAGE - 1] if len(calls) > _ON_GROUP_PAGE else None
        place = None if last is None else f"{last.due_at}:{last.id}"
        return [Part(group, counts.get(group, 0), calls[:_ON_GROUP_PAGE], place)]
    parts = []
    for group in _ORDER:
        # Without one person's index, what is closed would be looked for among everything.
        if group is Group.CLOSED_BY_CALL and whose.operator_id is None:
            continue
        if counts.get(group, 1):
            calls = await list_group(tx, viewer, group, whose, today, _ON_PAGE)
            parts.append(Part(group, counts.get(group, len(calls)), calls))
    return [part for part in parts if part.calls]


async def show_due(request: web.Request) -> web.Response:
    """Show what to call now: what is over its time, and what comes within the hour."""
    viewer, today = viewer_of(request), today_of(request)
    whose = Whose(None if viewer.is_supervisor else viewer.id)
    async with request.app[DATABASE].reading() as tx:
        until = today.now + _DUE_AHEAD_MS
        calls = await list_due_before(tx, viewer, whose, until, _DUE_LIMIT)
        counts = await count_groups(tx, viewer, whose, today)
    waiting = counts[Group.OVERDUE] + counts[Group.MISSED] + counts[Group.TODAY]
    return page(request, "callbacks/_due.html", {"calls": calls, "waiting_count": waiting})


async def show_of_lead(request: web.Request) -> web.Response:
    """Show what is planned for a lead, and the form to plan more."""
    return await answer_of_lead(request, WhenForm())


async def answer_of_lead(request: web.Request, form: WhenForm) -> web.Response:
    """Answer with the card's part: what is pending, and the form with what was typed.

    Raises:
        NotFound: the viewer may not see the lead.
    """
    viewer, lead_id = viewer_of(request), number_in_path(request, "lead_id")
    async with request.app[DATABASE].reading() as tx:
        if await find_lead_access(tx, viewer, lead_id) is Access.NONE:
            raise NotFound(f"there is no lead {lead_id}")
        shown = {
            "lead_id": lead_id,
            "calls": await list_of_lead(tx, viewer, lead_id),
            "closed": await list_closed_by_call(tx, viewer, lead_id, today_of(request).begins_at),
            "workers": await list_workers(tx, viewer),
            "form": form,
            "has_evening": _has_evening(request),
        }
    return page(request, "callbacks/_lead.html", shown, 422 if form.problem else 200)


async def show_move(request: web.Request) -> web.Response:
    """Show the dialog that gives a planned call another time."""
    return await answer_move(request, WhenForm())


async def answer_move(request: web.Request, form: WhenForm) -> web.Response:
    """Answer with the dialog and what was typed in it; NotFound when the viewer may not see it."""
    viewer, planned_call_id = viewer_of(request), number_in_path(request, "planned_call_id")
    async with request.app[DATABASE].reading() as tx:
        call = await find_planned_call(tx, viewer, planned_call_id)
        workers = await list_workers(tx, viewer)
    if call is None:
        raise NotFound(f"there is no planned call {planned_call_id}")
    whose = form.operator_id or (str(call.operator_id) if call.operator_id else "")
    shown = {
        "call": call,
        "workers": workers,
        "form": replace(form, operator_id=whose),
        "has_evening": _has_evening(request),
    }
    return page(request, "callbacks/_move.html", shown, 422 if form.problem else 200)


async def preview(request: web.Request) -> web.Response:
    """Say what a typed time means."""
    form, formats = read_form(request.query), formats_of(request)
    shown: dict[str, object] = {"said": "", "is_problem": False}
    if form.typed.strip() or form.on:
        moment = read_moment("", form, formats)
        is_problem = not isinstance(moment, Moment)
        said = (
            say_moment(moment, formats)
            if isinstance(moment, Moment)
            else say_problem(moment, formats.language)
        )
        shown = {"said": said, "is_problem": is_problem}
    return page(request, "callbacks/_when.html", shown)


def today_of(request: web.Request) -> Today:
    """Give the present instant, and the day of the office around it."""
    now = request.app[NOW_MS]()
    today = near_period("today", request.app[OFFICE].zone, now)
    return Today(now, today.since, today.until)


def formats_of(request: web.Request) -> Formats:
    """Give what speaks of times to this reader."""
    frame = request.app[FRAME](request)
    return Formats(frame["language"], request.app[OFFICE].zone, frame["now_ms"])


def _has_evening(request: web.Request) -> bool:
    """Tell whether five o'clock is still to come."""
    now = datetime.fromtimestamp(request.app[NOW_MS]() / 1000, request.app[OFFICE].zone)
    return now.hour < 17


def _read_operator(query: Mapping[str, str], workers: Mapping[int, str]) -> int | None:
    """Read whose list is wanted; NotFound when it is none that the viewer may ask for."""
    wanted = query.get("operator", "")
    if not wanted:
        return None
    operator_id = read_id(wanted)
    if operator_id not in workers:
        raise NotFound(f"there is no operator {wanted} here")
    return operator_id


def _read_group(query: Mapping[str, str]) -> tuple[Group, tuple[int, int] | None]:
    """Read which group alone is wanted, and from where on; NotFound when there is no such."""
    name = query["group"].upper()
    if name not in Group.__members__:
        raise NotFound(f"there is no group {name}")
    return Group[name], read_place(query.get("after", ""))


ROUTES = (
    Route("GET", "/callbacks", show),
    Route("GET", "/callbacks/due", show_due),
    Route("GET", "/callbacks/when", preview),
    Route("GET", "/leads/{lead_id}/callbacks", show_of_lead),
    Route("GET", "/callbacks/{planned_call_id}/move", show_move),
)
