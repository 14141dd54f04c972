"""The table of routes: every address of the panel, and who may come there.

In: nothing. Out: routes, which each page lists in its constant `ROUTES`; `server.py` adds them up.
A test walks the whole table with people who may not, so a route without a rule cannot be made:
`who` guards the door, and the name of a parameter in the path (`{lead_id}`) says which object has
to be checked behind it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum, auto

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Who(Enum):
    """Who may come to an address at all."""

    ANYBODY = auto()
    """Also without signing in."""
    SIGNED_IN = auto()
    SUPERVISORS = auto()
    """And administrators."""
    ADMINISTRATORS = auto()


@dataclass(frozen=True, slots=True)
class Route:
    """One address and method."""

    method: str
    """GET, POST, PATCH or DELETE; all but GET need the CSRF token."""
    path: str
    """As aiohttp reads it. Parameters are ids, and have the names that the test of rights knows:
    `lead_id`, `contact_id`, `edit_id`, `call_id`, `position`, `planned_call_id`, `notice_id`,
    `operator_id`."""
    handler: Handler
    who: Who = Who.SIGNED_IN
