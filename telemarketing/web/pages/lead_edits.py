"""Writing on the card of a lead: fields, further people, numbers, summaries of calls, and undo.

In: one change of one person. Out: for a field that saves itself its stored value as JSON, or 409
with what somebody else wrote there, or 422 with a sentence; for everything else the left side of
the card as it is then. What is stored is told to open panels.
"""

from collections.abc import Awaitable, Sequence

from aiohttp import web

from telemarketing.crm import lead_edits, lead_parts
from telemarketing.crm.call_notes import NoteChanged, write_summary
from telemarketing.crm.lead_edits import Edited, FieldChanged
from telemarketing.crm.lead_parts import CONTACT_FIELDS, Written
from telemarketing.crm.lead_values import BadValue, Fault, NumberTaken
from telemarketing.model.changes import LeadChanged
from telemarketing.model.viewer import Access
from telemarketing.storage import lead_cards
from telemarketing.storage.visibility import find_lead_access
from telemarketing.web.edit_words import say_amount
from telemarketing.web.formats import Formats, show_phone
from telemarketing.web.keys import DATABASE, LIVE, NOW_MS, OFFICE, viewer_of
from telemarketing.web.languages import N_, translations
from telemarketing.web.pages.lead_card import card_context, lead_of, number_in_path, suggested_title
from telemarketing.web.render import FRAME, add_toast, page
from telemarketing.web.routes import Route


async def edit_field(request: web.Request) -> web.Response:
    """Store one field of the card."""
    form = await _form(request)
    field = form.get("field", "")
    editing = lead_edits.edit_lead(
        request.app[DATABASE],
        viewer_of(request),
        lead_of(request),
        field,
        form.get("value", ""),
        form.get("was", ""),
        request.app[NOW_MS](),
    )
    return await _answer_autosave(request, field, editing)


async def edit_contact(request: web.Request) -> web.Response:
    """Store one field of a further person."""
    form = await _form(request)
    # On the page each field has a name of its own, `contact-5-email`.
    field = form.get("field", "").rpartition("-")[2]
    editing = lead_parts.edit_contact(
        request.app[DATABASE],
        viewer_of(request),
        lead_of(request),
        number_in_path(request, "contact_id"),
        Written(field, form.get("value", ""), form.get("was", "")),
        request.app[NOW_MS](),
        request.app[OFFICE].normalise,
    )
    return await _answer_autosave(request, field, editing)


async def _answer_autosave(
    request: web.Request, field: str, editing: Awaitable[Edited]
) -> web.Response:
    """Let a field be stored, and tell it what stands there now."""
    try:
        edited = await editing
    except BadValue as bad:
        return _refuse(request, bad)
    except FieldChanged as changed:
        return _conflict(changed.version, _shown(request, field, changed.values))
    _publish(request, edited.changes)
    return web.json_response(
        {"version": edited.version, "value": _shown(request, field, edited.values)}
    )


async def edit_summary(request: web.Request) -> web.Response:
    """Store what a call was about."""
    form = await _form(request)
    try:
        noted = await write_summary(
            request.app[DATABASE],
            viewer_of(request),
            number_in_path(request, "call_id"),
            form.get("value", ""),
            form.get("was", ""),
            request.app[NOW_MS](),
        )
    except BadValue as bad:
        return _refuse(request, bad)
    except NoteChanged as changed:
        return _conflict(changed.note.version, changed.note.summary)
    _publish(request, noted.changes)
    return web.json_response({"version": noted.version, "value": noted.summary})


async def add_contact(request: web.Request) -> web.Response:
    """Add a further person, or show the form again with what is wrong."""
    form = await _form(request)
    try:
        edited = await lead_parts.add_contact(
            request.app[DATABASE],
            viewer_of(request),
            lead_of(request),
            form,
            request.app[NOW_MS](),
            request.app[OFFICE].normalise,
        )
    except BadValue as bad:
        typed = {name: form.get(name, "") for name in CONTACT_FIELDS}
        problems = {bad.field: _sentence(request, bad.fault)}
        return await _card(request, 422, form=typed, problems=problems)
    return await _done(request, edited, _say(request, N_("The contact person was added.")))


async def remove_contact(request: web.Request) -> web.Response:
    """Take a further person off the card."""
    edited = await lead_parts.remove_contact(
        request.app[DATABASE],
        viewer_of(request),
        lead_of(request),
        number_in_path(request, "contact_id"),
        request.app[NOW_MS](),
    )
    return await _done(request, edited, _say(request, N_("The contact person was removed.")))


async def add_phone(request: web.Request) -> web.Response:
    """Let another number belong to the lead, or say whose it is."""
    typed = (await _form(request)).get("number", "")
    try:
        edited = await lead_parts.add_phone(
            request.app[DATABASE],
            viewer_of(request),
            lead_of(request),
            typed,
            request.app[NOW_MS](),
            request.app[OFFICE].normalise,
        )
    except NumberTaken as taken:
        owner = await _visible_title(request, taken.lead_id)
        problem = _sentence(request, taken.fault)
        return await _card(
            request, 422, form={"number": typed}, number_problem=problem, number_owner=owner
        )
    except BadValue as bad:
        problem = _sentence(request, bad.fault)
        return await _card(request, 422, form={"number": typed}, number_problem=problem)
    return await _done(request, edited, _say(request, N_("The number was added.")))


async def take_lead(request: web.Request) -> web.Response:
    """Make the viewer responsible for a lead that is nobody's."""
    viewer = viewer_of(request)
    return await _write(
        request, "responsible", str(viewer.id), "", _say(request, N_("The lead is yours now."))
    )


async def use_suggested_title(request: web.Request) -> web.Response:
    """Give the lead the title that is made of what is known."""
    async with request.app[DATABASE].reading() as tx:
        await lead_edits.require_full_access(tx, viewer_of(request), lead_of(request))
        card = await lead_cards.get_lead_card(tx, lead_of(request))
    title = suggested_title(card) or card.lead.title
    return await _write(
        request, "title", title, card.lead.title, _say(request, N_("The title was changed."))
    )


async def _write(
    request: web.Request, field: str, value: str, was: str, sentence: str
) -> web.Response:
    try:
        edited = await lead_edits.edit_lead(
            request.app[DATABASE],
            viewer_of(request),
            lead_of(request),
            field,
            value,
            was,
            request.app[NOW_MS](),
        )
    except (BadValue, FieldChanged) as refused:
        return await _refuse_by_toast(request, refused)
    return await _done(request, edited, sentence)


async def undo(request: web.Request) -> web.Response:
    """Take one change back, unless the field was changed again since."""
    try:
        edited = await lead_parts.undo(
            request.app[DATABASE],
            viewer_of(request),
            lead_of(request),
            number_in_path(request, "edit_id"),
            request.app[NOW_MS](),
        )
    except (BadValue, FieldChanged) as refused:
        return await _refuse_by_toast(request, refused)
    return await _done(request, edited, _say(request, N_("It is as it was before.")))


async def _form(request: web.Request) -> dict[str, str]:
    form = await request.post()
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _publish(request: web.Request, changes: Sequence[LeadChanged]) -> None:
    for change in changes:
        request.app[LIVE].publish(change)


async def _done(request: web.Request, edited: Edited, sentence: str) -> web.Response:
    _publish(request, edited.changes)
    response = await _card(request, 200)
    if edited.edit_id is not None:
        undo_address = f"/leads/{lead_of(request)}/edits/{edited.edit_id}/undo"
        add_toast(response, sentence, undo_address)
    return response


async def _refuse_by_toast(request: web.Request, refused: BadValue | FieldChanged) -> web.Response:
    response = await _card(request, 200)
    if isinstance(refused, BadValue):
        add_toast(response, _sentence(request, refused.fault))
    else:
        by = refused.by or _say(request, N_("somebody else"))
        words = _say(request, N_("%(name)s has changed it since. Nothing was changed."))
        add_toast(response, words % {"name": by})
    return response


async def _card(request: web.Request, status: int, **other: object) -> web.Response:
    async with request.app[DATABASE].reading() as tx:
        lead_id = lead_of(request)
        if await find_lead_access(tx, viewer_of(request), lead_id) is not Access.FULL:
            # Whoever has given a lead away may not see it any more.
            return web.Response(status=204, headers={"HX-Redirect": "/leads"})
        shown = await card_context(request, tx, await lead_cards.get_lead_card(tx, lead_id))
    return page(request, "lead_card/_card.html", shown | other, status)


async def _visible_title(request: web.Request, lead_id: int) -> tuple[int, str] | None:
    async with request.app[DATABASE].reading() as tx:
        if await find_lead_access(tx, viewer_of(request), lead_id) is Access.NONE:
            return None
        return lead_id, (await lead_cards.get_lead_card(tx, lead_id)).lead.title


def _shown(request: web.Request, field: str, values: Sequence[object]) -> str:
    """Say a value as the field on the page holds it."""
    if field == "amount":
        frame = request.app[FRAME](request)
        return say_amount(Formats(frame["language"], frame["office"].zone, 0), *values)
    text = "" if not values or values[0] is None else str(values[0])
    return show_phone(text) if field == "phone" and text else text


def _conflict(version: int, value: str) -> web.Response:
    return web.json_response({"version": version, "value": value}, status=409)


def _refuse(request: web.Request, bad: BadValue) -> web.Response:
    return web.json_response({"problem": _sentence(request, bad.fault)}, status=422)


def _say(request: web.Request, sentence: str) -> str:
    return translations(request.app[FRAME](request)["language"]).gettext(sentence)


def _sentence(request: web.Request, fault: Fault) -> str:
    return _say(request, _SENTENCES[fault])


_SENTENCES = {
    Fault.EMPTY: N_("This may not be empty."),
    Fault.TOO_LONG: N_("This is too long. Shorten it."),
    Fault.NO_EMAIL: N_("This is no e-mail address. Write it like name@example.com."),
    Fault.NO_AMOUNT: N_("This is no amount. Write it like 12 500,50 UAH."),
    Fault.NO_SUCH: N_("This cannot be chosen any more. Load the page again."),
    Fault.NO_NUMBER: N_("This is no telephone number. Write it like 044 123-45-67."),
    Fault.OURS: N_("This is a colleague's mobile. Write the client's number."),
    Fault.TAKEN: N_("This number belongs to another lead."),
    Fault.ALREADY_HERE: N_("This lead has this number already."),
}

ROUTES: Sequence[Route] = (
    Route("PATCH", "/leads/{lead_id}", edit_field),
    Route("POST", "/leads/{lead_id}/take", take_lead),
    Route("POST", "/leads/{lead_id}/title", use_suggested_title),
    Route("POST", "/leads/{lead_id}/phones", add_phone),
    Route("POST", "/leads/{lead_id}/contacts", add_contact),
    Route("PATCH", "/leads/{lead_id}/contacts/{contact_id}", edit_contact),
    Route("DELETE", "/leads/{lead_id}/contacts/{contact_id}", remove_contact),
    Route("POST", "/leads/{lead_id}/edits/{edit_id}/undo", undo),
    Route("PATCH", "/calls/{call_id}/summary", edit_summary),
)
