"""GET /leads and /search: every lead that the viewer may see, searched and filtered.

In: filters and a place in the list. Out: the page, the part of it that the filters ask for, the
list alone for its live updates, and the first leads found, for the search in the top bar.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from telemarketing.model.lead import Lead
from telemarketing.model.viewer import Access
from telemarketing.storage.call_figures import list_people
from telemarketing.storage.engine import Transaction
from telemarketing.storage.lead_walks import Place
from telemarketing.storage.leads import (
    SHORT_SEARCH_REACH,
    LastCall,
    LeadFilter,
    list_last_calls,
    list_leads,
    list_sources,
    list_statuses,
)
from telemarketing.storage.search import Search
from telemarketing.storage.visibility import list_lead_audiences
from telemarketing.web.keys import DATABASE, NOW_MS, OFFICE, viewer_of
from telemarketing.web.lead_query import LeadQuery, read_id, read_query
from telemarketing.web.render import FRAME, page, wants_fragment
from telemarketing.web.routes import Route
from telemarketing.web.shipped_names import show_name

_PAGE = 50
_QUICK = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A lead as the list shows it."""

    lead: Lead
    last_call: LastCall | None
    is_full: bool
    """False: no more than title, status, whose lead and the last contact may be shown."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list."""

    rows: Sequence[Row]
    newer: Place | None
    """`after` of the page of newer leads; None = there are none."""
    older: Place | None
    """`before` of the page of older leads; None = there are none."""


async def show(request: web.Request) -> web.Response:
    """Show the page, or what of it changes with the filters."""
    query = _query(request)
    fragment = wants_fragment(request)
    response = await _answer(request, query, "leads/_leads.html" if fragment else "leads/page.html")
    if fragment:
        # The form sends also what is not filtered; the address that is kept says only what is.
        response.headers["HX-Push-Url"] = query.address()
    return response


async def show_list(request: web.Request) -> web.Response:
    """Show the list alone, as it is now."""
    return await _answer(request, _query(request), "leads/_list.html")


async def show_found(request: web.Request) -> web.Response:
    """Show the first leads that are found, for a list under the search box."""
    query = _query(request)
    async with request.app[DATABASE].reading() as tx:
        found = await _find(request, tx, query, _QUICK)
    return page(request, "leads/_found.html", {"query": query, "page": found})


def _query(request: web.Request) -> LeadQuery:
    return read_query(request.query, request.app[OFFICE], request.app[NOW_MS]())


async def _answer(request: web.Request, query: LeadQuery, template: str) -> web.Response:
    viewer = viewer_of(request)
    async with request.app[DATABASE].reading() as tx:
        found = await _find(request, tx, query, _PAGE)
        statuses = await list_statuses(tx)
        sources = await list_sources(tx)
        people = await list_people(tx, viewer) if viewer.is_supervisor else []
    search = query.wanted(viewer, request.app[OFFICE]).search
    language = request.app[FRAME](request)["language"]
    return page(
        request,
        template,
        {
            "query": query,
            "page": found,
            "statuses": [(str(status.id), show_name(status.name, language)) for status in statuses],
            "sources": [
                (str(source_id), show_name(name, language)) for source_id, name in sources.items()
            ],
            "people": [
                (str(person.id), person.full_name) for person in people if person.id != viewer.id
            ],
            "short_search_reach": SHORT_SEARCH_REACH if search and search.is_short else None,
            "list_address": query.address("/leads/list"),
            "newer_address": found.newer and query.address(before=None, after=found.newer),
            "older_address": found.older and query.address(before=found.older, after=None),
        },
    )


async def _find(request: web.Request, tx: Transaction, query: LeadQuery, limit: int) -> Page:
    """Read a page, and one lead more, which tells whether there is another page."""
    viewer = viewer_of(request)
    wanted = query.wanted(viewer, request.app[OFFICE])
    found = await list_leads(tx, wanted, limit + 1, query.before, query.after)
    if query.after is not None and len(found) <= limit:
        # Newer leads do not fill a page, so the first page has them.
        return await _find(request, tx, replace(query, after=None), limit)
    more = len(found) > limit
    shown = found[-limit:] if query.after is not None else found[:limit]
    lead_ids = [lead.id for lead in shown]
    last_calls = await list_last_calls(tx, lead_ids)
    audiences = await list_lead_audiences(tx, lead_ids)
    rows = [
        Row(lead, last_calls.get(lead.id), audiences[lead.id].access_of(viewer) is Access.FULL)
        for lead in shown
    ]
    is_first = query.is_first_page
    return Page(
        [row for row in rows if _may_be_found(row, wanted.search)],
        newer=_place(shown[0]) if shown and not is_first else None,
        older=_place(shown[-1]) if shown and (more or query.after is not None) else None,
    )


def _may_be_found(row: Row, search: Search | None) -> bool:
    """Tell whether a lead is found by what this person may read of it.

    Else whoever sees little of it could guess at its notes, word by word.
    """
    return row.is_full or search is None or search.is_in([row.lead.title, row.lead.phone or ""])


def _place(lead: Lead) -> Place:
    return lead.created_at, lead.id


async def show_new(request: web.Request) -> web.Response:
    """Tell on a later page how many leads have come since it was made."""
    query = _query(request)
    since = read_id(request.query.get("since", "")) or request.app[NOW_MS]()
    wanted = LeadFilter(visible_to=viewer_of(request), since=since)
    async with request.app[DATABASE].reading() as tx:
        found = await list_leads(tx, wanted, _PAGE)
    context = {"since": since, "count": len(found), "is_more": len(found) == _PAGE, "query": query}
    return page(request, "leads/_new.html", context)


ROUTES: Sequence[Route] = (
    Route("GET", "/leads", show),
    Route("GET", "/leads/list", show_list),
    Route("GET", "/leads/new", show_new),
    Route("GET", "/search", show_found),
)
