"""GET /calls: every call that makes the viewer's list, filtered by what stands in the address.

In: filters and a place in the list. Out: the page, what of it the filters change, the list alone
for its live updates, and a CSV file of it.
"""

import csv
import io
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from aiohttp import hdrs, web

from telemarketing.clock import to_iso, to_iso_or_none
from telemarketing.model.viewer import Viewer
from telemarketing.storage.call_figures import list_people
from telemarketing.storage.call_pages import CallPage, list_call_page
from telemarketing.storage.calls import StoredCall
from telemarketing.storage.engine import Transaction
from telemarketing.web.call_query import CallQuery, read_query
from telemarketing.web.keys import DATABASE, NOW_MS, OFFICE, viewer_of
from telemarketing.web.render import page, wants_fragment
from telemarketing.web.routes import Route

_PAGE = 50
_CSV_PAGE = 500
_CSV_ROWS_AT_MOST = 50_000
_CSV_TITLES = (
    "started_at",
    "direction",
    "number",
    "lead",
    "operators",
    "disposition",
    "answered_at",
    "ended_at",
    "ring_s",
    "talk_s",
    "transferred",
    "summary",
)
_FORMULA = re.compile(r"(^|[;\t\r\n])(?=[=+\-@\t\r\n])")
"""Where one begins: also behind what Excel takes for the next cell in countries with a comma in
their numbers."""


async def show(request: web.Request) -> web.Response:
    """Show the page, or what of it changes with the filters."""
    query = _query(request)
    fragment = wants_fragment(request)
    response = await _answer(request, query, "calls/_calls.html" if fragment else "calls/page.html")
    if fragment:
        # The form sends also what is not filtered; the address that is kept says only what is.
        response.headers["HX-Push-Url"] = query.address()
    return response


async def show_list(request: web.Request) -> web.Response:
    """Show the list alone, as it is now."""
    return await _answer(request, _query(request), "calls/_list.html")


def _query(request: web.Request) -> CallQuery:
    return read_query(request.query, request.app[OFFICE], request.app[NOW_MS]())


async def _answer(request: web.Request, query: CallQuery, template: str) -> web.Response:
    viewer = viewer_of(request)
    async with request.app[DATABASE].reading() as tx:
        found = await _find(request, tx, query, _PAGE)
        people = await list_people(tx, viewer) if viewer.is_supervisor else []
    return page(
        request,
        template,
        {
            "query": query,
            "page": found,
            "people": [(str(person.id), person.full_name) for person in people],
            "scope": _scope(viewer),
            "list_address": query.address("/calls/list"),
            "csv_address": query.address("/calls.csv", before=None, after=None),
            "newer_address": found.newer and query.address(before=None, after=found.newer),
            "older_address": found.older and query.address(before=found.older, after=None),
        },
    )


def _scope(viewer: Viewer) -> str:
    """Whose calls the list has, for its heading."""
    if viewer.is_administrator:
        return "all"
    has_people = viewer.is_supervisor and viewer.department_id is not None
    return "department" if has_people else "own"


async def _find(request: web.Request, tx: Transaction, query: CallQuery, limit: int) -> CallPage:
    return await list_call_page(
        tx,
        viewer_of(request),
        query.wanted(request.app[OFFICE]),
        limit,
        before=query.before,
        after=query.after,
    )


async def download(request: web.Request) -> web.StreamResponse:
    """Send the whole list as CSV, newest first; of a very long one the newest part."""
    response = web.StreamResponse()
    response.content_type = "text/csv"
    response.charset = "utf-8"
    response.headers[hdrs.CONTENT_DISPOSITION] = 'attachment; filename="calls.csv"'
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    await response.prepare(request)
    # Without the mark at the beginning, Excel reads Cyrillic as something else.
    await response.write(b"\xef\xbb\xbf" + _csv([_CSV_TITLES]))
    async for calls in _all_pages(request):
        await response.write(_csv([_csv_row(stored) for stored in calls]))
    await response.write_eof()
    return response


async def _all_pages(request: web.Request) -> AsyncIterator[Sequence[StoredCall]]:
    """Read page after page, each in a transaction of its own, lest a slow reader hold one open."""
    query = replace(_query(request), before=None, after=None)
    for _ in range(_CSV_ROWS_AT_MOST // _CSV_PAGE):
        async with request.app[DATABASE].reading() as tx:
            found = await _find(request, tx, query, _CSV_PAGE)
        yield found.calls
        if found.older is None:
            return
        query = replace(query, before=found.older)


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _csv_row(stored: StoredCall) -> Sequence[object]:
    call = stored.call
    names = zip(call.operators, stored.operator_names, strict=True)
    return (
        to_iso(call.started_at),
        call.direction.value,
        "withheld" if call.withheld else call.number or _harmless(call.raw_number or ""),
        _harmless(stored.lead_title or ""),
        _harmless(", ".join(name or one.extension for one, name in names)),
        call.disposition.value if call.ended_at is not None else "live",
        to_iso_or_none(call.answered_at) or "",
        to_iso_or_none(call.ended_at) or "",
        call.ring_ms // 1000,
        call.talk_ms // 1000,
        "yes" if call.transferred else "no",
        _harmless(stored.summary),
    )


def _harmless(text: str) -> str:
    """Keep a spreadsheet from taking what people wrote, or a lead's number, for a formula."""
    is_number = re.fullmatch(r"\+\d+", text, re.ASCII)
    return text if is_number else _FORMULA.sub(r"\1'", text)


ROUTES: Sequence[Route] = (
    Route("GET", "/calls", show),
    Route("GET", "/calls/list", show_list),
    Route("GET", "/calls.csv", download),
)
