"""Answers when something goes wrong: a page with a sentence and what to do; the log has the reason.

In: whatever a handler raises. Out: a response, and one line of the log for a fault of ours.
"""

import secrets

import structlog
from aiohttp import hdrs, web

from telemarketing.errors import NotFound, Refused, StorageUnavailable
from telemarketing.web.auth import wants_page
from telemarketing.web.render import page
from telemarketing.web.routes import Handler
from telemarketing.web.security import add_headers, is_safe
from telemarketing.web.well_formed import is_well_formed

log = structlog.get_logger(__name__)

_LEAST_FAULT = 400


_NUMBER = web.RequestKey("number", str)
"""Stands in the log, in the answer's headers and on the page, so that people can name it."""


@web.middleware
async def answer_faults(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer whatever happens."""
    request[_NUMBER] = secrets.token_hex(4)
    with structlog.contextvars.bound_contextvars(request=request[_NUMBER]):
        return await _answer(request, handler)


async def complete(request: web.Request, response: web.StreamResponse) -> None:
    """Give every response its headers, just before they are sent."""
    add_headers(request, response)
    response.headers[hdrs.SERVER] = "telemarketing"
    response.headers["X-Request-Id"] = request.get(_NUMBER, "")


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    if not is_well_formed(request):
        # Not a page: making one needs the address.
        return web.Response(status=400, text="This request cannot be understood.\n")
    try:
        if not is_safe(request):
            log.info("refused", path=request.path, reason="not encrypted")
            return _explain(request, 403, "plain")
        return await handler(request)
    except web.HTTPException as answer:
        if answer.status < _LEAST_FAULT:
            raise
        if answer.status == web.HTTPForbidden.status_code:
            log.info("refused", path=request.path, reason=answer.reason)
        return _explain(request, answer.status, str(answer.status))
    except NotFound:
        return _explain(request, 404, "404")
    except Refused as refused:
        log.info("refused", path=request.path, reason=str(refused))
        return _explain(request, 422, "422")
    except StorageUnavailable as error:
        log.warning("not answered: database away", path=request.path, reason=str(error))
        return _explain(request, 503, "503")
    except Exception:
        log.exception("not answered: a fault of ours", path=request.path)
        return _explain(request, 500, "500")


def _explain(request: web.Request, status: int, kind: str) -> web.Response:
    shown = {"kind": kind, "status": status, "number": request[_NUMBER]}
    template = "error/page.html" if wants_page(request) else "error/_sentence.html"
    response = page(request, template, shown, status)
    response.headers[hdrs.CACHE_CONTROL] = "no-store"
    return response
