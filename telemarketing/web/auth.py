"""The door of every route: who comes, may he or she, and is it their own wish (CSRF).

In: a route of the table. Out: its handler behind the guard, which puts the viewer into the request.
What may be seen of one object, the page asks `storage/visibility.py`.
"""

from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import quote

from aiohttp import hdrs, web

from telemarketing.crm.accounts import Accounts
from telemarketing.errors import StorageUnavailable
from telemarketing.model.viewer import Viewer
from telemarketing.storage.sessions import SignedIn
from telemarketing.web import cookies
from telemarketing.web.keys import NOW_MS, VIEWER
from telemarketing.web.routes import Handler, Route, Who
from telemarketing.web.security import is_encrypted
from telemarketing.web.throttle import Throttle
from telemarketing.web.well_formed import read_form

ACCOUNTS = web.AppKey("accounts", Accounts)
THROTTLE = web.AppKey("throttle", Throttle)
SESSION = web.RequestKey("session", SignedIn)
"""The session of whoever asks; there whenever the viewer is."""

SIGN_IN = "/sign-in"
CHANGE_PASSWORD = "/me/password"  # noqa: S105 - an address
_BEFORE_THE_CHANGE = {CHANGE_PASSWORD, "/sign-out", "/me/language", "/me/theme"}
_SAFE_METHODS = {"GET", "HEAD"}


def guarded(route: Route) -> Handler:
    """Put the guard before a handler."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if route.method not in _SAFE_METHODS:
            refuse_other_sites(request)
            await read_form(request)
        if route.who is Who.ANYBODY:
            return await route.handler(request)
        token = cookies.session_token(request)
        signed_in = await find_session(request)
        if token is None or signed_in is None:
            raise _ask_to_sign_in(request)
        request[SESSION] = signed_in
        request[VIEWER] = signed_in.viewer
        if route.method not in _SAFE_METHODS:
            await refuse_forgeries(request, token)
        if signed_in.must_change and request.path not in _BEFORE_THE_CHANGE:
            raise _to_page(request, CHANGE_PASSWORD) or web.HTTPForbidden
        if not is_let_in(route.who, signed_in.viewer):
            raise web.HTTPForbidden
        response = await route.handler(request)
        await _keep_alive(request, signed_in)
        return response

    return answer


def is_let_in(who: Who, viewer: Viewer) -> bool:
    """Tell whether a person of this role may come to such a route at all."""
    allowed: Mapping[Who, bool] = {
        Who.ANYBODY: True,
        Who.SIGNED_IN: True,
        Who.SUPERVISORS: viewer.is_supervisor,
        Who.ADMINISTRATORS: viewer.is_administrator,
    }
    return allowed[who]


async def find_session(request: web.Request) -> SignedIn | None:
    """Tell who asks; None = nobody who has signed in. One query, or none."""
    token = cookies.session_token(request)
    if token is None:
        return None
    return await request.app[ACCOUNTS].find_signed_in(token, request.app[NOW_MS]())


async def _keep_alive(request: web.Request, signed_in: SignedIn) -> None:
    # A database that takes no writes now is no reason to send people away.
    with suppress(StorageUnavailable):
        await request.app[ACCOUNTS].keep_alive(signed_in, request.app[NOW_MS]())


def _ask_to_sign_in(request: web.Request) -> web.HTTPException:
    place = f"{SIGN_IN}?next={quote(request.path_qs, safe='/')}"
    return _to_page(request, SIGN_IN if request.path == "/" else place) or web.HTTPUnauthorized()


def _to_page(request: web.Request, place: str) -> web.HTTPException | None:
    """Lead a person to another page; None = it is a script that asks, which cannot be led."""
    return web.HTTPSeeOther(place) if wants_page(request) else None


def wants_page(request: web.Request) -> bool:
    """Tell whether a person is to see the answer as a page, rather than a script a part of one."""
    by_script = "HX-Request" in request.headers
    return "text/html" in request.headers.get(hdrs.ACCEPT, "") and not by_script


def lead_to(place: str) -> web.Response:
    """Answer a form that was sent by leading to a page."""
    return web.Response(status=303, headers={hdrs.LOCATION: place})


def refuse_other_sites(request: web.Request) -> None:
    """Raise 403 when a page of another site has sent a request that changes something."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get(hdrs.ORIGIN)
    if site not in {"same-origin", "none"} or (origin is not None and not _is_own(request, origin)):
        raise web.HTTPForbidden(reason="sent by another site")


def _is_own(request: web.Request, origin: str) -> bool:
    scheme = "https" if is_encrypted(request) else "http"
    return origin.lower() == f"{scheme}://{request.host.lower()}"


async def refuse_forgeries(request: web.Request, token: str) -> None:
    """Raise 403 when a request does not carry the CSRF token that goes with a session or visit."""
    sent = request.headers.get("X-CSRF-Token")
    if sent is None:
        sent = str((await request.post()).get("csrf_token", ""))
    if not cookies.is_csrf_token(token, sent or ""):
        raise web.HTTPForbidden(reason="without the token of its form")
