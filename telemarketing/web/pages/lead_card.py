"""GET /leads/{lead_id}: all about one lead, with the history of its calls.

In: a lead's id. Out: the page, and each part of it that is live by itself: what people wrote, the
calls, the changes. Who may not see the whole of a lead gets a reduced page and nothing else.
Writing is `lead_edits.py`.
"""

from collections.abc import Mapping, Sequence

from aiohttp import web

from telemarketing.errors import NotFound
from telemarketing.model.lead import LeadCard
from telemarketing.model.viewer import Access
from telemarketing.storage import call_notes, lead_cards, lead_edits
from telemarketing.storage.call_pages import list_call_page
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Transaction
from telemarketing.storage.leads import list_statuses
from telemarketing.storage.visibility import find_lead_access
from telemarketing.web.edit_words import show_edits
from telemarketing.web.keys import DATABASE, NOW_MS, viewer_of
from telemarketing.web.lead_query import read_place
from telemarketing.web.render import page
from telemarketing.web.routes import Route

_PAGE = 20
_SUMMARIES = 3
_CONTACTS_OF_OTHERS = 3
_LIVE_AT_MOST = 5

Shown = dict[str, object]


async def show(request: web.Request) -> web.Response:
    """Show the page; of somebody else's lead, the reduced one."""
    lead_id = lead_of(request)
    async with request.app[DATABASE].reading() as tx:
        access = await find_lead_access(tx, viewer_of(request), lead_id)
        if access is Access.NONE:
            raise NotFound(f"no lead {lead_id}")
        card = await lead_cards.get_lead_card(tx, lead_id)
        if access is Access.LIMITED:
            return page(request, "lead_card/limited.html", await _limited(request, tx, card))
        shown = await card_context(request, tx, card)
        shown |= await _history(request, tx, lead_id) | await _live(tx, lead_id)
        shown |= await _summaries(tx, lead_id)
        shown["lead_id"] = lead_id
    return page(request, "lead_card/page.html", shown)


async def show_card(request: web.Request) -> web.Response:
    """Show what people wrote."""
    lead_id = lead_of(request)
    async with request.app[DATABASE].reading() as tx:
        access = await find_lead_access(tx, viewer_of(request), lead_id)
        if access is Access.LIMITED:
            # It was given to somebody else while this card was open.
            return web.Response(status=204, headers={"HX-Refresh": "true"})
        await _full(request, tx)
        shown = await card_context(request, tx, await lead_cards.get_lead_card(tx, lead_id))
    return page(request, "lead_card/_card.html", shown)


async def show_history(request: web.Request) -> web.Response:
    """Show a page of the calls that are over."""
    async with request.app[DATABASE].reading() as tx:
        lead_id = await _full(request, tx)
        shown = await _history(request, tx, lead_id)
    return page(request, "lead_card/_history.html", {"lead_id": lead_id, **shown})


async def show_live(request: web.Request) -> web.Response:
    """Show who talks with the lead right now."""
    async with request.app[DATABASE].reading() as tx:
        lead_id = await _full(request, tx)
        shown = await _live(tx, lead_id)
    return page(request, "lead_card/_live.html", {"lead_id": lead_id, **shown})


async def show_summaries(request: web.Request) -> web.Response:
    """Show what the last talks came to."""
    async with request.app[DATABASE].reading() as tx:
        lead_id = await _full(request, tx)
        shown = await _summaries(tx, lead_id)
    return page(request, "lead_card/_summaries.html", {"lead_id": lead_id, **shown})


async def show_edits_page(request: web.Request) -> web.Response:
    """Show a page of who changed what."""
    before = read_place(request.query.get("before", ""))
    async with request.app[DATABASE].reading() as tx:
        lead_id = await _full(request, tx)
        found = await lead_edits.list_edits(tx, lead_id, _PAGE + 1, before)
        told = await show_edits(request, tx, found[:_PAGE])
    older = (found[_PAGE - 1].edited_at, found[_PAGE - 1].id) if len(found) > _PAGE else None
    shown = {"lead_id": lead_id, "edits": told, "before": before, "older": older}
    return page(request, "lead_card/_edits.html", shown)


async def show_limited(request: web.Request) -> web.Response:
    """Show the reduced card as it is now."""
    lead_id = lead_of(request)
    async with request.app[DATABASE].reading() as tx:
        if await find_lead_access(tx, viewer_of(request), lead_id) is Access.NONE:
            raise NotFound(f"no lead {lead_id}")
        card = await lead_cards.get_lead_card(tx, lead_id)
        shown = await _limited(request, tx, card)
    return page(request, "lead_card/_limited.html", shown)


def lead_of(request: web.Request) -> int:
    """Give the id in the address; NotFound when it is none."""
    return number_in_path(request, "lead_id")


def number_in_path(request: web.Request, name: str) -> int:
    """Give an id in the address; NotFound when it is none."""
    text = request.match_info[name]
    if not (text.isascii() and text.isdigit() and len(text) < len(str(2**63))):
        raise NotFound(f"{text} is no id")
    return int(text)


async def _full(request: web.Request, tx: Transaction) -> int:
    lead_id = lead_of(request)
    if await find_lead_access(tx, viewer_of(request), lead_id) is not Access.FULL:
        raise NotFound(f"no lead {lead_id}")
    return lead_id


async def card_context(request: web.Request, tx: Transaction, card: LeadCard) -> Shown:
    """Collect what the left side of the page shows. Three queries."""
    people: Mapping[int, str] = {}
    if viewer_of(request).is_supervisor:
        people = await lead_cards.list_possible_responsibles(tx, request.app[NOW_MS]())
    return {
        "card": card,
        "statuses": await list_statuses(tx),
        "people": _with_present(people, card),
        "suggestion": suggested_title(card),
        "form": {},
        "problems": {},
        "number_problem": None,
        "number_owner": None,
    }


def _with_present(people: Mapping[int, str], card: LeadCard) -> Sequence[tuple[int, str]]:
    """Add a responsible who does not work here any more, lest the choice shows somebody else."""
    present = card.lead.responsible_id
    if present is None or present in people or not people:
        return list(people.items())
    return [(present, card.lead.responsible or ""), *people.items()]


def suggested_title(card: LeadCard) -> str | None:
    """Make a title of what is known; None = nothing better than the present one."""
    who = card.company or card.person_name
    title = " – ".join(part for part in (who, card.interest) if part)
    return None if not who or title == card.lead.title else title[:200]


async def _history(request: web.Request, tx: Transaction, lead_id: int) -> Shown:
    before = read_place(request.query.get("before", ""))
    found = await list_calls(tx, CallFilter(lead_id=lead_id, live=False), _PAGE + 1, before)
    calls = found[:_PAGE]
    return {
        "calls": calls,
        "notes": await call_notes.list_notes(tx, [one.id for one in calls]),
        "before": before,
        "older": calls[-1].place if len(found) > _PAGE else None,
    }


async def _summaries(tx: Transaction, lead_id: int) -> Shown:
    return {"summaries": await call_notes.list_latest_notes(tx, lead_id, _SUMMARIES)}


async def _live(tx: Transaction, lead_id: int) -> Shown:
    wanted = CallFilter(lead_id=lead_id, live=True)
    return {"live_calls": await list_calls(tx, wanted, _LIVE_AT_MOST)}


async def _limited(request: web.Request, tx: Transaction, card: LeadCard) -> Shown:
    wanted = CallFilter(lead_id=card.lead.id)
    own = await list_call_page(tx, viewer_of(request), wanted, _PAGE)
    return {
        "lead": card.lead,
        "contacts": await list_calls(tx, wanted, _CONTACTS_OF_OTHERS),
        "own_calls": own.calls,
    }


ROUTES: Sequence[Route] = (
    Route("GET", "/leads/{lead_id}", show),
    Route("GET", "/leads/{lead_id}/card", show_card),
    Route("GET", "/leads/{lead_id}/live", show_live),
    Route("GET", "/leads/{lead_id}/history", show_history),
    Route("GET", "/leads/{lead_id}/summaries", show_summaries),
    Route("GET", "/leads/{lead_id}/edits", show_edits_page),
    Route("GET", "/leads/{lead_id}/limited", show_limited),
)
