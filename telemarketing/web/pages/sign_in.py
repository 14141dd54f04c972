"""GET and POST /sign-in, POST /sign-out: how a browser gets its session, and gives it up.

In: login and password. Out: a cookie, and the page that was wanted. The same answer for an unknown
login and a wrong password, after the same time.
"""

from enum import StrEnum

import structlog
from aiohttp import hdrs, web

from telemarketing.crm.accounts import hash_token
from telemarketing.crm.passwords import fold_login
from telemarketing.web import cookies
from telemarketing.web.auth import (
    ACCOUNTS,
    SESSION,
    SIGN_IN,
    THROTTLE,
    find_session,
    lead_to,
    refuse_forgeries,
)
from telemarketing.web.keys import NOW_MS
from telemarketing.web.render import page
from telemarketing.web.routes import Route, Who
from telemarketing.web.security import client_address

log = structlog.get_logger(__name__)


class _Problem(StrEnum):
    """Why somebody sees the form again."""

    WRONG = "wrong"
    TOO_MANY = "too_many"
    STALE = "stale"
    """The form does not carry the token of its visit: its cookie is gone, or was never taken."""


_STATUS = {_Problem.WRONG: 422, _Problem.TOO_MANY: 429, _Problem.STALE: 403}


async def show(request: web.Request) -> web.Response:
    """Show the form, or lead on whoever has signed in already."""
    wanted = request.query.get("next", "")
    if await find_session(request) is not None:
        return lead_to(_own_place(wanted))
    return _form(request, "", wanted)


async def sign_in(request: web.Request) -> web.Response:
    """Begin a session; the one that this browser had until now ends."""
    form = await request.post()
    login, wanted = str(form.get("login", "")), str(form.get("next", ""))
    try:
        await refuse_forgeries(request, cookies.visit_token(request))
    except web.HTTPForbidden:
        return _form(request, login, wanted, _Problem.STALE)
    address = client_address(request)
    async with request.app[THROTTLE].attempt(fold_login(login), address) as one:
        if one.wait_s:
            log.warning("sign-in put off: too many tries", address=address, wait_s=one.wait_s)
            return _form(request, login, wanted, _Problem.TOO_MANY, one.wait_s)
        token = await _try(request, login, str(form.get("password", "")))
        one.wrong = token is None
    if token is None:
        log.info("sign-in refused", address=address)
        return _form(request, login, wanted, _Problem.WRONG)
    response = lead_to(_own_place(wanted))
    cookies.set_session(request, response, token)
    return response


async def _try(request: web.Request, login: str, password: str) -> str | None:
    accounts, now = request.app[ACCOUNTS], request.app[NOW_MS]()
    before = await find_session(request)
    browser = request.headers.get(hdrs.USER_AGENT, "")
    token = await accounts.sign_in(login, password, browser, now)
    if token is not None and before is not None and before.token_hash != hash_token(token):
        await accounts.sign_out(before.viewer.id, before.token_hash)
    return token


async def sign_out(request: web.Request) -> web.Response:
    """End this browser's session."""
    session = request[SESSION]
    await request.app[ACCOUNTS].sign_out(session.viewer.id, session.token_hash)
    response = lead_to(SIGN_IN)
    cookies.remove_session(request, response)
    return response


def _form(
    request: web.Request,
    login: str,
    wanted: str,
    problem: _Problem | None = None,
    wait_s: int = 0,
) -> web.Response:
    shown = {"login": login, "wanted": wanted, "problem": problem, "wait_s": wait_s}
    status = 200 if problem is None else _STATUS[problem]
    response = page(request, "sign_in/page.html", shown, status)
    if wait_s:
        response.headers[hdrs.RETRY_AFTER] = str(wait_s)
    cookies.set_visit(request, response)
    return response


def _own_place(place: str) -> str:
    """A place of the panel's own, or the first page: nobody is led elsewhere by a link."""
    own = place.startswith("/") and not place.startswith(("//", "/\\"))
    return place if own and place.isprintable() else "/"


ROUTES = (
    Route("GET", SIGN_IN, show, Who.ANYBODY),
    Route("POST", SIGN_IN, sign_in, Who.ANYBODY),
    Route("POST", "/sign-out", sign_out),
)
