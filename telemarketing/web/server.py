"""The panel's server: the table of all routes, what stands before every handler, start and stop.

In: what the daemon gives (`Program`) and where to listen. Out: answers over HTTP. It makes no pages
and knows no rules.
"""

import asyncio
import ipaddress
import ssl
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from telemarketing.crm.accounts import Accounts
from telemarketing.errors import ConfigError
from telemarketing.live import Live
from telemarketing.media.roots import Roots
from telemarketing.model.pbx import PbxState
from telemarketing.storage.engine import Database
from telemarketing.web import cookies, stream
from telemarketing.web.assets import Assets
from telemarketing.web.auth import ACCOUNTS, SESSION, THROTTLE, guarded
from telemarketing.web.faults import answer_faults, complete
from telemarketing.web.formats import Formats
from telemarketing.web.keys import (
    DATABASE,
    LIVE,
    NOW_MS,
    OFFICE,
    PBX_STATES,
    ROOTS,
    VIEWER,
    WORKINGS,
    Office,
    Workings,
)
from telemarketing.web.languages import LANGUAGES, choose_language
from telemarketing.web.pages import (
    bar,
    callback_actions,
    callbacks,
    calls,
    health,
    lead_card,
    lead_edits,
    leads,
    me,
    notices,
    now,
    operators,
    recordings,
    sign_in,
    system,
)
from telemarketing.web.render import FRAME, RENDERER, Frame, Renderer
from telemarketing.web.routes import Route, Who
from telemarketing.web.security import TRUSTED_PROXIES
from telemarketing.web.throttle import Throttle

log = structlog.get_logger(__name__)

PAGES: Sequence[Sequence[Route]] = (
    bar.ROUTES,
    callback_actions.ROUTES,
    callbacks.ROUTES,
    calls.ROUTES,
    health.ROUTES,
    lead_card.ROUTES,
    lead_edits.ROUTES,
    leads.ROUTES,
    me.ROUTES,
    notices.ROUTES,
    now.ROUTES,
    operators.ROUTES,
    recordings.ROUTES,
    sign_in.ROUTES,
    system.ROUTES,
    stream.ROUTES,  # not a page, but an address like others
)
"""The ROUTES of every page."""

_LARGEST_BODY_BYTES = 1_000_000
_STOP_S = 3.0
_KEEP_ALIVE_S = 75.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What the daemon gives its panel."""

    database: Database
    live: Live
    accounts: Accounts
    office: Office
    now_ms: Callable[[], int]
    pbx_states: Callable[[], Sequence[PbxState]]
    workings: Workings
    roots: Roots
    trusted_proxies: Sequence[str]
    """Addresses or networks."""
    beat_s: float = 5.0
    """How often open streams give a sign of life, and are looked at."""


async def make_app(program: Program) -> web.Application:
    """Make the application; templates, languages and static files are read in a thread.

    Raises:
        TelemarketingError: the build has not brought all files.
    """
    renderer = await asyncio.to_thread(_make_renderer, program.office.zone)
    app = web.Application(middlewares=[answer_faults], client_max_size=_LARGEST_BODY_BYTES)
    app[DATABASE] = program.database
    app[LIVE] = program.live
    app[ACCOUNTS] = program.accounts
    app[THROTTLE] = Throttle()
    app[OFFICE] = program.office
    app[NOW_MS] = program.now_ms
    app[PBX_STATES] = program.pbx_states
    app[WORKINGS] = program.workings
    app[ROOTS] = program.roots
    app[TRUSTED_PROXIES] = [ipaddress.ip_network(one) for one in program.trusted_proxies]
    app[RENDERER] = renderer
    app[FRAME] = _frame
    app.on_response_prepare.append(complete)
    stream.add_streams(app, program.beat_s)
    static = Route("GET", "/static/{version}/{name:.+}", renderer.assets.serve, Who.ANYBODY)
    for route in (static, *(route for routes in PAGES for route in routes)):
        app.router.add_route(route.method, route.path, guarded(route))
    return app


def _make_renderer(zone: ZoneInfo) -> Renderer:
    """Read all files that pages are made of, so that no page has to."""
    for language in LANGUAGES:
        formats = Formats(language, zone, 0)
        formats.day(date.min)
        formats.number(0)
    return Renderer(Assets())


def _frame(request: web.Request) -> Frame:
    """Tell what every page gets."""
    session = request.get(SESSION)
    token = cookies.session_token(request) if session else cookies.visit_token(request)
    accepted = request.headers.get("Accept-Language")
    return {
        "viewer": request.get(VIEWER),
        "csrf_token": cookies.csrf_token(token or ""),
        "language": choose_language(session.language if session else None, accepted),
        "theme": (session.theme if session else None) or "system",
        "now_ms": request.app[NOW_MS](),
        "path": request.path,
        "office": request.app[OFFICE],
    }


class Panel:
    """The panel while it listens.

    Args:
        app: from `make_app`.
        host: name or address to listen on.
        port: 0 = any free one.
        tls: own certificate; None = plain HTTP, as behind a proxy.
    """

    def __init__(
        self, app: web.Application, host: str, port: int, tls: ssl.SSLContext | None = None
    ) -> None:
        """See the class."""
        self.app = app
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            shutdown_timeout=_STOP_S,
            keepalive_timeout=_KEEP_ALIVE_S,
        )
        self._host = host
        self._port = port
        self._tls = tls

    async def start(self) -> None:
        """Listen.

        Raises:
            ConfigError: the address cannot be listened on.
        """
        async with AsyncExitStack() as stack:
            await self._runner.setup()
            stack.push_async_callback(self._runner.cleanup)
            site = web.TCPSite(self._runner, self._host, self._port, ssl_context=self._tls)
            try:
                await site.start()
            except OSError as error:
                raise ConfigError(
                    f"panel.host, panel.port: {self._host}:{self._port} cannot be listened on "
                    f"({error.strerror or error}); choose a free port"
                ) from error
            stack.pop_all()
        # Not as an address: the log hides what follows a name and a colon there, like a password.
        log.info("panel listens", host=self._host, port=self.port, https=self._tls is not None)

    async def stop(self) -> None:
        """Answer what is being asked, end all streams, and listen no more; takes 3 s at most."""
        await self._runner.cleanup()

    @property
    def port(self) -> int:
        """The port it listens on."""
        port: int = self._runner.addresses[0][1]
        return port

    @property
    def url(self) -> str:
        """Where a browser on this machine finds it."""
        return f"{'https' if self._tls else 'http'}://{self._host}:{self.port}/"
