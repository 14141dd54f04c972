"""GET /system: for administrators, whether all is well: links, rights, database, errors.

In: the states of the links, the daemon's workings, the database. Out: the page, and its live part.
It changes nothing.
"""

from aiohttp import web

from telemarketing.model.pbx import PbxState
from telemarketing.storage.refused_calls import count_refused_calls, list_refused_calls
from telemarketing.storage.state import read_state
from telemarketing.web.keys import DATABASE, PBX_STATES, WORKINGS
from telemarketing.web.render import page, wants_fragment
from telemarketing.web.routes import Route, Who
from telemarketing.web.stream import STREAMS

_REFUSED_SHOWN = 50
_TONES = {"following": "good", "refused": "bad", "disconnected": "bad", "closed": "bad"}


async def show(request: web.Request) -> web.Response:
    """Show the page, or its live part."""
    async with request.app[DATABASE].reading() as tx:
        database = await read_state(tx)
        refused_count = await count_refused_calls(tx)
        refused_calls = await list_refused_calls(tx, _REFUSED_SHOWN)
    workings = request.app[WORKINGS]
    shown = {
        "links": [(one, _tone(one)) for one in request.app[PBX_STATES]()],
        "database": database,
        "refused_count": refused_count,
        "refused_calls": refused_calls,
        "waiting_count": workings.waiting_count(),
        "stream_count": request.app[STREAMS].count,
        "errors": workings.recent_errors(),
        "version": workings.version,
        "started_at": workings.started_at,
    }
    template = "system/_state.html" if wants_fragment(request) else "system/page.html"
    return page(request, template, shown)


def _tone(link: PbxState) -> str:
    """Say how a link is: a light as well as its words."""
    if link.state == "following" and link.missing_rights:
        return "warn"
    return _TONES.get(link.state, "warn")


ROUTES = (Route("GET", "/system", show, Who.ADMINISTRATORS),)
