"""The two cookies of the panel, and the CSRF token that follows from them.

In: requests and responses. Out: who the browser says it is. A session's token is in one cookie, a
visit's (before the sign-in) in the other; the CSRF token is made of either by HMAC, so a page of
somebody else's, which sends the cookie but cannot read it, does not know it.
"""

import hashlib
import hmac
import secrets

from aiohttp import web

from telemarketing.web.security import is_encrypted

VISIT = web.RequestKey("visit", str)
"""Token of a visit that began with this request."""

_SESSION_NAME = "telemarketing"
_VISIT_NAME = "telemarketing-visit"


def session_token(request: web.Request) -> str | None:
    """Give the token of the session that the browser claims."""
    return request.cookies.get(_name(request, _SESSION_NAME)) or None


def visit_token(request: web.Request) -> str:
    """Give the token of the visit, a new one at the first request of it."""
    known = request.cookies.get(_name(request, _VISIT_NAME)) or request.get(VISIT)
    if not known:
        known = secrets.token_urlsafe(32)
        request[VISIT] = known
    return known


def csrf_token(token: str) -> str:
    """Give what a form has to send back, of the token of its session or visit."""
    return hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()


def is_csrf_token(token: str, sent: str) -> bool:
    """Tell whether a form has sent the right one, in the same time for all wrong ones."""
    return hmac.compare_digest(csrf_token(token).encode(), sent.encode())


def set_session(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Let the browser keep a session until it is closed; the server decides when it ends."""
    _set(request, response, _SESSION_NAME, token)


def set_visit(request: web.Request, response: web.StreamResponse) -> None:
    """Let the browser keep the token of a visit that began with this request."""
    if VISIT in request:
        _set(request, response, _VISIT_NAME, request[VISIT])


def remove_session(request: web.Request, response: web.StreamResponse) -> None:
    """Let the browser forget its session."""
    response.del_cookie(
        _name(request, _SESSION_NAME), path="/", secure=is_encrypted(request), httponly=True
    )


def _set(request: web.Request, response: web.StreamResponse, name: str, token: str) -> None:
    response.set_cookie(
        _name(request, name),
        token,
        path="/",
        secure=is_encrypted(request),
        httponly=True,
        samesite="Lax",
    )


def _name(request: web.Request, name: str) -> str:
    """Browsers take the prefix with HTTPS alone; the port keeps panels of one machine apart."""
    return f"__Host-{name}" if is_encrypted(request) else f"{name}-{request.url.port}"
