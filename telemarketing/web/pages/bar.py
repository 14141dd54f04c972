"""GET /bar: the counters on top of every page, and whether the PBXs are linked.

In: nothing. Out: a fragment that is live on every page: what waits for the viewer, each number the
way to exactly that list.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from telemarketing.model.viewer import Viewer
from telemarketing.storage.planned_call_lists import Group, Today, Whose, count_groups
from telemarketing.web.keys import DATABASE, NOW_MS, OFFICE, PBX_STATES, viewer_of
from telemarketing.web.languages import translations
from telemarketing.web.periods import near_period
from telemarketing.web.render import FRAME, page
from telemarketing.web.routes import Route

_FOLLOWING = "following"


@dataclass(frozen=True, slots=True)
class Counter:
    """A number on top, and where it leads."""

    name: str
    count: int
    href: str
    icon: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """How one PBX is linked."""

    name: str
    up: bool


async def show(request: web.Request) -> web.Response:
    """Count what waits."""
    viewer = viewer_of(request)
    now = request.app[NOW_MS]()
    today = near_period("today", request.app[OFFICE].zone, now)
    day = Today(now, today.since, today.until)
    async with request.app[DATABASE].reading() as tx:
        counts = await count_groups(tx, viewer, _whose(viewer), day)
    language = request.app[FRAME](request)["language"]
    links = [Link(pbx.name, pbx.state == _FOLLOWING) for pbx in request.app[PBX_STATES]()]
    counters = _counters(counts, language)
    return page(request, "_bar.html", {"counters": counters, "links": links})


def _whose(viewer: Viewer) -> Whose:
    return Whose(None if viewer.is_supervisor else viewer.id)


def _counters(counts: dict[Group, int], language: str) -> Sequence[Counter]:
    _ = translations(language).gettext
    return [
        Counter(_("Overdue"), counts[Group.OVERDUE], "/callbacks#overdue", "alarm-clock", True),
        Counter(_("Missed"), counts[Group.MISSED], "/callbacks#missed", "phone-missed", True),
        Counter(_("Today"), counts[Group.TODAY], "/callbacks#today", "calendar-clock"),
    ]


ROUTES = (Route("GET", "/bar", show),)
