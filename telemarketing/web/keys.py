"""What a page may ask of the program: the only door between the panel and the rest of the daemon.

In: nothing. Out: typed keys of the application and of a request. `server.py` fills the first,
the middlewares of `auth.py` the second.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from aiohttp import web

from telemarketing.live import Live
from telemarketing.logs import LoggedError
from telemarketing.media.roots import Roots
from telemarketing.model.pbx import PbxState
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Database


@dataclass(frozen=True, slots=True)
class Office:
    """How people work here, as the settings say."""

    zone: ZoneInfo
    day_begins: str
    """`09:00`, like `day_ends`."""
    day_ends: str
    working_days: tuple[int, ...]
    """1 = Monday."""
    short_talk_ms: int
    """A talk below it is short."""
    remind_before_ms: int
    normalise: Callable[[str], str | None]
    """What somebody typed -> E.164; None = not understood."""


@dataclass(frozen=True, slots=True)
class Workings:
    """How the daemon itself is, for the page of administrators and for monitoring."""

    version: str
    started_at: int
    """Epoch milliseconds."""
    waiting_count: Callable[[], int]
    """Calls that are not stored yet."""
    recent_errors: Callable[[], Sequence[LoggedError]]
    """The latest first."""


DATABASE = web.AppKey("database", Database)
LIVE = web.AppKey("live", Live)
OFFICE = web.AppKey("office", Office)
NOW_MS: web.AppKey[Callable[[], int]] = web.AppKey("now_ms")
"""The current instant in epoch milliseconds."""
PBX_STATES: web.AppKey[Callable[[], Sequence[PbxState]]] = web.AppKey("pbx_states")
"""The links to all PBXs, as they are now."""
WORKINGS = web.AppKey("workings", Workings)
ROOTS = web.AppKey("roots", Roots)
"""The folders in which sound files may be opened."""

VIEWER = web.RequestKey("viewer", Viewer)
"""Who asks; there on every route but the public ones."""


def viewer_of(request: web.Request) -> Viewer:
    """Give who asks; the route must not be a public one."""
    return request[VIEWER]
