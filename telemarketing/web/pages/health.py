"""GET /healthz and /readyz: for monitoring, without sign-in and without a word about anybody.

In: nothing. Out: JSON, and a status that a script can act on.
"""

import structlog
from aiohttp import web

from telemarketing.errors import StorageError
from telemarketing.storage.state import read_state
from telemarketing.web.keys import DATABASE, PBX_STATES, WORKINGS
from telemarketing.web.routes import Route, Who

log = structlog.get_logger(__name__)


async def alive(_request: web.Request) -> web.Response:
    """Answer at all: the event loop runs."""
    return _answer({"alive": True}, 200)


async def ready(request: web.Request) -> web.Response:
    """Tell whether the daemon can do its work: 200, or 503 when the database does not answer."""
    try:
        async with request.app[DATABASE].reading() as tx:
            await read_state(tx)
        database = True
    except StorageError as error:
        log.warning("not ready: database away", reason=str(error))
        database = False
    states = request.app[PBX_STATES]()
    content: dict[str, bool | int] = {
        "ready": database,
        "database": database,
        "pbxs": len(states),
        "pbxs_following": sum(one.state == "following" for one in states),
        "calls_waiting": request.app[WORKINGS].waiting_count(),
    }
    return _answer(content, 200 if database else 503)


def _answer(content: dict[str, bool | int], status: int) -> web.Response:
    return web.json_response(content, status=status, headers={"Cache-Control": "no-store"})


ROUTES = (
    Route("GET", "/healthz", alive, Who.ANYBODY),
    Route("GET", "/readyz", ready, Who.ANYBODY),
)
