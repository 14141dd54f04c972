"""GET and POST /sign-in, POST /sign-out: how a browser gets its session, and gives it up.

In: login and password. Out: a cookie, and the page that was wanted. The same answer for an unknown
login and a wrong password, after the same time.
"""

from urllib.parse import urlsplit

from aiohttp import hdrs, web

from telemarketing.web import cookies
from telemarketing.web.auth import ACCOUNTS, SESSION, SIGN_IN, find_session, refuse_forgeries
from telemarketing.web.keys import NOW_MS
from telemarketing.web.render import page
from telemarketing.web.routes import Route, Who


async def show(request: web.Request) -> web.Response:
    """Show the form, or lead on whoever has signed in already."""
    if await find_session(request) is not None:
        raise web.HTTPSeeOther(_wanted(request.query.get("next", "")))
    return _form(request, login="", wanted=request.query.get("next", ""))


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Begin a session."""
    await refuse_forgeries(request, cookies.visit_token(request))
    form = await request.post()
    login, password = str(form.get("login", "")), str(form.get("password", ""))
    browser = request.headers.get(hdrs.USER_AGENT, "")
    now = request.app[NOW_MS]()
    token = await request.app[ACCOUNTS].sign_in(login, password, browser, now)
    if token is None:
        return _form(request, login=login, wanted=str(form.get("next", "")), status=422)
    response = _lead_to(_wanted(str(form.get("next", ""))))
    cookies.set_session(request, response, token)
    return response


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End this browser's session."""
    session = request[SESSION]
    await request.app[ACCOUNTS].sign_out(session.viewer.id, session.token_hash)
    response = _lead_to(SIGN_IN)
    cookies.remove_session(request, response)
    return response


def _form(request: web.Request, *, login: str, wanted: str, status: int = 200) -> web.Response:
    shown = {"login": login, "wanted": wanted, "problem": status != 200}
    response = page(request, "sign_in/page.html", shown, status)
    cookies.set_visit(request, response)
    return response


def _lead_to(place: str) -> web.Response:
    return web.Response(status=303, headers={hdrs.LOCATION: place})


def _wanted(place: str) -> str:
    """A place of the panel's own, or the first page: nobody is led elsewhere by a link."""
    parts = urlsplit(place)
    own = place.startswith("/") and not place.startswith(("//", "/\\"))
    return place if own and not parts.netloc and place.isprintable() else "/"


ROUTES = (
    Route("GET", SIGN_IN, show, Who.ANYBODY),
    Route("POST", SIGN_IN, sign_in, Who.ANYBODY),
    Route("POST", "/sign-out", sign_out),
)
