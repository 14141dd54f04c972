"""GET /notices: the reminders that a person has not seen, on every page.

In: the viewer. Out: a fragment; `notices.js` rings, counts in title and icon, and tells the system.
Seeing one is in `callback_actions.py`.
"""

from aiohttp import web

from telemarketing.storage.notices import list_unseen
from telemarketing.web.keys import DATABASE, viewer_of
from telemarketing.web.render import page
from telemarketing.web.routes import Route

_LIMIT = 5
_MOST = 100


async def show(request: web.Request) -> web.Response:
    """Show the newest, and how many more there are."""
    async with request.app[DATABASE].reading() as tx:
        notices = await list_unseen(tx, viewer_of(request), _MOST)
    shown = {"notices": notices[:_LIMIT], "more_count": max(len(notices) - _LIMIT, 0)}
    return page(request, "notices/_notices.html", shown)


ROUTES = (Route("GET", "/notices", show),)
