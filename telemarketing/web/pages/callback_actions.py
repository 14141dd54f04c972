"""What people do with planned calls: plan, take, finish, move, drop, and take that back.

In: forms of the page, the card, and the notices. Out: a sentence with an undo, and the event that
makes this tab ask again for what it shows; the others hear it by the stream.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from aiohttp import web

from telemarketing.crm.planned_calls import Changed, Plan, PlannedCalls
from telemarketing.crm.when import Moment
from telemarketing.errors import ChangedMeanwhile, NotFound, Refused
from telemarketing.model.planned_call import Placing, PlanState
from telemarketing.model.viewer import Viewer
from telemarketing.storage.planned_calls import find_planned_call
from telemarketing.web.callback_words import read_form, read_moment, say_planned, say_problem
from telemarketing.web.formats import Formats
from telemarketing.web.keys import DATABASE, LIVE, NOW_MS, OFFICE, viewer_of
from telemarketing.web.languages import translations
from telemarketing.web.lead_query import read_id
from telemarketing.web.pages.callbacks import answer_move, answer_of_lead, formats_of
from telemarketing.web.pages.lead_card import number_in_path
from telemarketing.web.render import add_toast
from telemarketing.web.routes import Route

Wish = Callable[[PlannedCalls, Viewer, int, int], Awaitable[Changed]]
"""(work, viewer, id of the planned call, version that was seen) -> what became of it."""
_VERSION = re.compile(r"\d{1,9}", re.ASCII)
"""What the database's integers hold."""


async def plan(request: web.Request) -> web.Response:
    """Plan a call to a lead; answers with the card's part."""
    viewer, fields, formats = viewer_of(request), await request.post(), formats_of(request)
    form = read_form(fields)
    moment = read_moment(str(fields.get("when", "")), form, formats)
    if not isinstance(moment, Moment):
        problem = say_problem(moment, formats.language)
        return await answer_of_lead(request, form.refused(problem))
    wanted = Plan(
        lead_id=number_in_path(request, "lead_id"),
        moment=moment,
        zone=formats.zone.key,
        note=form.note,
        operator_id=form.wanted_operator,
    )
    try:
        changed = await _work(request).plan(viewer, wanted)
    except Refused as refused:
        return await answer_of_lead(request, form.refused(_say_refused(refused, formats)))
    response = await answer_of_lead(request, read_form({}))
    _ = translations(formats.language).gettext
    call = changed.planned_call
    text = _("Planned: %(when)s") % {"when": say_planned(call.due_at, call.has_time, formats)}
    cancelled = Placing(PlanState.CANCELLED, call.operator_id, call.due_at, call.has_time)
    return _told(request, response, changed, text, cancelled)


async def finish(request: web.Request) -> web.Response:
    """Say that a planned call is done."""
    _ = translations(formats_of(request).language).gettext
    return await _do(request, lambda work, *which: work.finish(*which), _("Done"))


async def drop(request: web.Request) -> web.Response:
    """Dismiss a proposal, or take a plan off the list."""
    _ = translations(formats_of(request).language).gettext
    return await _do(request, lambda work, *which: work.drop(*which), _("Taken off the list"))


async def take(request: web.Request) -> web.Response:
    """Accept a proposal, or make everybody's work one's own."""
    _ = translations(formats_of(request).language).gettext
    return await _do(request, lambda work, *which: work.take(*which), _("It is yours now"))


async def move(request: web.Request) -> web.Response:
    """Give a planned call another time, and perhaps to somebody else."""
    fields, formats = await request.post(), formats_of(request)
    form = read_form(fields)
    moment = read_moment(str(fields.get("when", "")), form, formats)
    if not isinstance(moment, Moment):
        problem = say_problem(moment, formats.language)
        return await answer_move(request, form.refused(problem))
    _ = translations(formats.language).gettext
    when = say_planned(moment.due_at, moment.has_time, formats)
    try:
        return await _do(
            request,
            lambda work, *which: work.move(*which, moment, form.wanted_operator),
            _("Moved: %(when)s") % {"when": when},
        )
    except Refused as refused:
        return await answer_move(request, form.refused(_say_refused(refused, formats)))


async def write_note(request: web.Request) -> web.Response:
    """Store what was typed as the note of a planned call; answers as `autosave.js` reads it."""
    viewer, planned_call_id = viewer_of(request), number_in_path(request, "planned_call_id")
    fields = await request.post()
    note, seen_note = str(fields.get("value", "")), str(fields.get("was", ""))
    try:
        changed = await _work(request).write_note(viewer, planned_call_id, note, seen_note)
    except ChangedMeanwhile:
        async with request.app[DATABASE].reading() as tx:
            stored = await find_planned_call(tx, viewer, planned_call_id)
        if stored is None:
            raise NotFound(f"there is no planned call {planned_call_id}") from None
        theirs = {"version": stored.version, "value": stored.note}
        return web.json_response(theirs, status=409)
    except Refused as refused:
        problem = _say_refused(refused, formats_of(request))
        return web.json_response({"problem": problem}, status=422)
    _publish(request, changed)
    call = changed.planned_call
    return web.json_response({"version": call.version, "value": call.note})


async def undo(request: web.Request) -> web.Response:
    """Let a planned call be what it was before; the address tells what that was."""
    placing, version = _read_undo(request.query)
    _ = translations(formats_of(request).language).gettext
    return await _do(
        request,
        lambda work, viewer, which, _seen: work.restore(viewer, which, version, placing),
        _("Taken back"),
        version=version,
        can_undo=False,
    )


def _read_undo(query: Mapping[str, str]) -> tuple[Placing, int]:
    """Read what `_undo_address` said; NotFound when it was not that which said it."""
    due_at, version = read_id(query.get("due_at", "")), _version(query.get("version", ""))
    state, operator_id = query.get("state"), read_id(query.get("operator_id", ""))
    if due_at is None or version is None or state not in set(PlanState):
        raise NotFound("there is nothing to take back")
    return Placing(PlanState(state), operator_id, due_at, query.get("has_time") == "1"), version


async def see(request: web.Request) -> web.Response:
    """Take a notice from every tab of its person."""
    change = await _work(request).see(viewer_of(request), number_in_path(request, "notice_id"))
    request.app[LIVE].publish(change)
    response = web.Response(status=204)
    response.headers["HX-Trigger"] = json.dumps({"live:notices": True})
    return response


async def _do(
    request: web.Request,
    wish: Wish,
    text: str,
    *,
    version: int | None = None,
    can_undo: bool = True,
) -> web.Response:
    """Do what is wished to the planned call of the address, and say so.

    Without content, for whatever shows it asks again: a dialog becomes empty, a row goes.
    """
    planned_call_id = number_in_path(request, "planned_call_id")
    seen = version if version is not None else _read_version(await request.post())
    try:
        changed = await wish(_work(request), viewer_of(request), planned_call_id, seen)
    except ChangedMeanwhile:
        return _told_meanwhile(request)
    response = web.Response(text="", content_type="text/html")
    return _told(request, response, changed, text, changed.before if can_undo else None)


def _told(
    request: web.Request,
    response: web.Response,
    changed: Changed,
    text: str,
    before: Placing | None,
) -> web.Response:
    """Tell everybody what has changed, and this tab how to take it back."""
    _publish(request, changed)
    add_toast(response, text, None if before is None else _undo_address(changed, before))
    _ask_again(response)
    return response


def _told_meanwhile(request: web.Request) -> web.Response:
    _ = translations(formats_of(request).language).gettext
    response = web.Response(status=409)
    add_toast(response, _("Somebody has changed it meanwhile: look at it again."))
    _ask_again(response)
    return response


def _ask_again(response: web.Response) -> None:
    """Let this tab show the change also where no stream tells it to."""
    events = json.loads(response.headers["HX-Trigger"])
    events |= {"live:callbacks": True, "live:notices": True}
    response.headers["HX-Trigger"] = json.dumps(events)


def _undo_address(changed: Changed, before: Placing) -> str:
    call = changed.planned_call
    query = {
        "version": call.version,
        "state": before.state.value,
        "operator_id": before.operator_id or "",
        "due_at": before.due_at,
        "has_time": int(before.has_time),
    }
    return f"/callbacks/{call.id}/undo?{urlencode(query)}"


def _publish(request: web.Request, changed: Changed) -> None:
    for change in changed.changes:
        request.app[LIVE].publish(change)


def _say_refused(refused: Refused, formats: Formats) -> str:
    """Say in the reader's language which field was refused."""
    _ = translations(formats.language).gettext
    if str(refused).startswith("operator"):
        return _("You may plan work for yourself and your department only.")
    return _("The note is too long.")


def _read_version(fields: Mapping[str, object]) -> int:
    version = _version(str(fields.get("version", "")))
    if version is None:
        raise Refused("version: it is missing; send the form of the page")
    return version


def _version(text: str) -> int | None:
    return int(text) if _VERSION.fullmatch(text) else None


def _work(request: web.Request) -> PlannedCalls:
    return PlannedCalls(
        request.app[DATABASE], request.app[OFFICE].remind_before_ms, request.app[NOW_MS]
    )


_ONE = "/callbacks/{planned_call_id}"

ROUTES = (
    Route("POST", "/leads/{lead_id}/callbacks", plan),
    Route("POST", f"{_ONE}/done", finish),
    Route("POST", f"{_ONE}/drop", drop),
    Route("POST", f"{_ONE}/take", take),
    Route("POST", f"{_ONE}/move", move),
    Route("POST", f"{_ONE}/undo", undo),
    Route("PATCH", f"{_ONE}", write_note),
    Route("POST", "/notices/{notice_id}/seen", see),
)
