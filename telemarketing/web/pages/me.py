"""/me: what a person sets for oneself: language, appearance, reminders, password, own browsers.

In: forms, each saved by itself. Out: the page, and rows of `preferences`, `accounts` and `sessions`
of nobody but the viewer.
"""

from aiohttp import web

from telemarketing.crm.accounts import WrongPassword
from telemarketing.crm.passwords import SHORTEST, PasswordFault, find_fault
from telemarketing.crm.reminders import choose_reminders
from telemarketing.errors import NotFound, Refused
from telemarketing.storage.accounts import find_account
from telemarketing.storage.preferences import find_preferences
from telemarketing.storage.sessions import list_sessions
from telemarketing.web.auth import ACCOUNTS, CHANGE_PASSWORD, SESSION, THROTTLE, lead_to, wants_page
from telemarketing.web.browsers import show_browser
from telemarketing.web.keys import DATABASE, NOW_MS, OFFICE, viewer_of
from telemarketing.web.languages import LANGUAGES, translations
from telemarketing.web.render import FRAME, add_toast, page
from telemarketing.web.routes import Route
from telemarketing.web.security import client_address

_LEAD_MINUTES = (0, 5, 10, 15, 30, 60, 120)
"""How early a person may be reminded."""
_THEMES = {"system": None, "light": "light", "dark": "dark"}


async def show(request: web.Request) -> web.Response:
    """Show the page."""
    viewer, now = viewer_of(request), request.app[NOW_MS]()
    async with request.app[DATABASE].reading() as tx:
        preferences = await find_preferences(tx, viewer.id)
        account = await find_account(tx, viewer.id)
        sessions = await list_sessions(tx, viewer.id, now)
    default_ms = request.app[OFFICE].remind_before_ms
    chosen_ms = preferences.remind_before_ms
    shown = {
        "login": account.login if account else "",
        "password_changed_at": account.password_changed_at if account else now,
        "remind_minutes": "" if chosen_ms is None else chosen_ms // 60_000,
        "default_minutes": default_ms // 60_000,
        "lead_minutes": _LEAD_MINUTES,
        "sound": preferences.sound is not False,
        "sessions": [(one, show_browser(one.browser)) for one in sessions],
        "own_session": request[SESSION].token_hash,
        "done": request.query.get("done", ""),
    }
    return page(request, "me/page.html", shown)


async def set_language(request: web.Request) -> web.Response:
    """Choose the language of the screens."""
    wanted = str((await request.post()).get("language", ""))
    if wanted not in LANGUAGES:
        raise Refused(f"language: {wanted!r} is none of {', '.join(LANGUAGES)}")
    await request.app[ACCOUNTS].choose_language(viewer_of(request).id, wanted)
    response = _saved(request)
    response.headers["HX-Refresh"] = "true"
    return response


async def set_theme(request: web.Request) -> web.Response:
    """Choose light, dark, or as the system has it."""
    wanted = str((await request.post()).get("theme", ""))
    if wanted not in _THEMES:
        raise Refused(f"theme: {wanted!r} is none of {', '.join(_THEMES)}")
    await request.app[ACCOUNTS].choose_theme(viewer_of(request).id, _THEMES[wanted])
    return _saved(request)


async def set_reminders(request: web.Request) -> web.Response:
    """Choose how early reminders come, and whether they ring."""
    form = await request.post()
    minutes = str(form.get("remind_minutes", ""))
    if minutes and minutes not in {str(one) for one in _LEAD_MINUTES}:
        raise Refused(f"remind_minutes: {minutes!r} is none of {_LEAD_MINUTES}")
    await choose_reminders(
        request.app[DATABASE],
        viewer_of(request).id,
        remind_before_ms=int(minutes) * 60_000 if minutes else None,
        office_ms=request.app[OFFICE].remind_before_ms,
        sound="sound" in form,
        now=request.app[NOW_MS](),
    )
    response = _saved(request)
    gettext = translations(request.app[FRAME](request)["language"]).gettext
    add_toast(response, gettext("Saved"))
    return response


async def end_session(request: web.Request) -> web.Response:
    """End one of the own sessions, or all but this one."""
    wanted = str((await request.post()).get("session", ""))
    viewer, accounts = viewer_of(request), request.app[ACCOUNTS]
    if wanted == "others":
        await accounts.sign_out_everywhere(viewer.id, keep=request[SESSION].token_hash)
    elif not wanted.isalnum() or not await accounts.sign_out(viewer.id, wanted):
        raise NotFound("there is no such session")
    return lead_to("/me?done=session#browsers")


async def show_password(request: web.Request) -> web.Response:
    """Show the form for another password."""
    return await _password_form(request)


async def change_password(request: web.Request) -> web.Response:
    """Take another password; all other browsers are signed out."""
    form = await request.post()
    present, wanted = str(form.get("present", "")), str(form.get("wanted", ""))
    session, now = request[SESSION], request.app[NOW_MS]()
    viewer = session.viewer
    address = client_address(request)
    async with request.app[THROTTLE].attempt(f"operator {viewer.id}", address) as one:
        if one.wait_s:
            return await _password_form(request, "present", "wait", one.wait_s)
        try:
            await request.app[ACCOUNTS].change_password(
                viewer.id, present, wanted, now, session.token_hash
            )
        except WrongPassword:
            one.wrong = True
            return await _password_form(request, "present", "wrong")
        except Refused:
            problem = await _what_is_wrong(request, wanted)
            return await _password_form(request, "wanted", problem)
    return lead_to("/me?done=password")


async def _what_is_wrong(request: web.Request, wanted: str) -> str:
    fault = find_fault(wanted, await _own_login(request))
    names = {
        PasswordFault.TOO_SHORT: "short",
        PasswordFault.TOO_LONG: "long",
        PasswordFault.IS_LOGIN: "login",
    }
    return "same" if fault is None else names[fault]


async def _own_login(request: web.Request) -> str:
    return await request.app[ACCOUNTS].find_login(viewer_of(request).id) or ""


async def _password_form(
    request: web.Request, field: str = "", problem: str = "", wait_s: int = 0
) -> web.Response:
    shown = {
        "login": await _own_login(request),
        "field_name": field,
        "problem": problem,
        "wait_s": wait_s,
        "shortest": SHORTEST,
        "must_change": request[SESSION].must_change,
    }
    status = 429 if wait_s else 422 if problem else 200
    return page(request, "me/password.html", shown, status)


def _saved(request: web.Request) -> web.Response:
    return lead_to("/me") if wants_page(request) else web.Response(status=204)


ROUTES = (
    Route("GET", "/me", show),
    Route("POST", "/me/language", set_language),
    Route("POST", "/me/theme", set_theme),
    Route("POST", "/me/reminders", set_reminders),
    Route("POST", "/me/sessions/end", end_session),
    Route("GET", CHANGE_PASSWORD, show_password),
    Route("POST", CHANGE_PASSWORD, change_password),
)
