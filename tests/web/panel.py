"""The panel under test: on a real TCP port, with people who visit it.

A visitor speaks HTTP as a browser does: keeps cookies, sends the CSRF token and the Origin.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, Unpack
from zoneinfo import ZoneInfo

import aiohttp
from aiohttp import web

from telemarketing.crm.accounts import Accounts
from telemarketing.crm.passwords import Passwords
from telemarketing.live import Live
from telemarketing.logs import LoggedError
from telemarketing.media.roots import Roots
from telemarketing.model.pbx import PbxState
from telemarketing.phones import Numbering
from telemarketing.storage.engine import Database
from telemarketing.web.cookies import csrf_token
from telemarketing.web.keys import Office, Workings
from telemarketing.web.render import RENDERER
from telemarketing.web.server import Panel, Program, make_app
from tests.make import MONDAY
from tests.people import People, Person, add_people

NOON = MONDAY + 2 * 3_600_000
"""Monday, 12:00 in Kyiv: when the tests look at the panel."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response that has been read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever was sent
        return json.loads(self.body)


class Sent(TypedDict, total=False):
    """What goes with a request, as aiohttp has it."""

    params: Mapping[str, str | int]
    data: Mapping[str, str | int]
    """A form."""
    json: Any
    headers: Mapping[str, str]


class Visitor:
    """A browser; follows no redirects, so that a test sees them."""

    def __init__(self, base: str, token: str | None = None) -> None:
        self.token = token
        """Of the session: the value of the cookie; None = not signed in."""
        port = base.rstrip("/").rpartition(":")[2]
        cookies = {f"telemarketing-{port}": token} if token else {}
        headers = {"Origin": base.rstrip("/"), "Accept-Language": "en"}
        if token:
            headers["X-CSRF-Token"] = csrf_token(token)
        self.session = aiohttp.ClientSession(
            base, headers=headers, cookies=cookies, cookie_jar=aiohttp.CookieJar(unsafe=True)
        )

    async def get(self, path: str, **options: Unpack[Sent]) -> Answer:
        return await self.ask("GET", path, **options)

    async def post(self, path: str, **options: Unpack[Sent]) -> Answer:
        return await self.ask("POST", path, **options)

    async def patch(self, path: str, **options: Unpack[Sent]) -> Answer:
        return await self.ask("PATCH", path, **options)

    async def delete(self, path: str, **options: Unpack[Sent]) -> Answer:
        return await self.ask("DELETE", path, **options)

    async def ask(self, method: str, path: str, **options: Unpack[Sent]) -> Answer:
        """Send a request and read the answer."""
        async with self.session.request(method, path, allow_redirects=False, **options) as got:
            return Answer(got.status, got.headers, await got.read())


class PanelUnderTest:
    """A panel that listens, and the world behind it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.live = Live()
        self.now_ms = NOON
        """What its clock shows; a test may set it."""
        self.pbx_states: list[PbxState] = []
        self.waiting_count = 0
        """Calls that its daemon has not stored yet."""
        self.errors: list[LoggedError] = []
        """What its daemon has logged."""
        self.recordings = folder / "recordings"
        """The one folder in which sound files may be opened."""
        self.accounts = Accounts(database, Passwords(time_cost=1, memory_kib=8), 43_200)
        self.people: People
        self.app: web.Application
        self._server: Panel
        self._visitors = AsyncExitStack()

    @property
    def url(self) -> str:
        """Where it listens, `http://127.0.0.1:40123/`."""
        return self._server.url

    @property
    def stylesheet(self) -> str:
        """Address of a static file."""
        return self.app[RENDERER].assets.url("css/panel.css")

    def program(self) -> Program:
        """What a daemon would give it."""
        return Program(
            database=self.database,
            live=self.live,
            accounts=self.accounts,
            office=Office(
                zone=ZoneInfo("Europe/Kyiv"),
                day_begins="09:00",
                day_ends="18:00",
                working_days=(1, 2, 3, 4, 5),
                short_talk_ms=420_000,
                remind_before_ms=900_000,
                normalise=Numbering("UA").normalise,
            ),
            now_ms=lambda: self.now_ms,
            pbx_states=lambda: self.pbx_states,
            workings=Workings(
                version="1.2.3",
                started_at=MONDAY,
                waiting_count=lambda: self.waiting_count,
                recent_errors=lambda: self.errors,
            ),
            roots=Roots([self.recordings]),
            trusted_proxies=("127.0.0.1", "::1"),
            beat_s=0.2,
        )

    async def start(self) -> None:
        """Let people work here, and listen."""
        self.recordings.mkdir()
        self.people = await add_people(self.database, self.accounts)
        self.app = await make_app(self.program())
        self._server = Panel(self.app, "127.0.0.1", 0)
        await self._server.start()

    async def stop_listening(self) -> None:
        """Stop as the daemon stops it, while visitors are there."""
        await self._server.stop()

    async def stop(self) -> None:
        """Send all visitors away, and stop listening."""
        await self._visitors.aclose()
        await self._server.stop()

    async def visitor(self) -> Visitor:
        """Somebody who has not signed in."""
        return await self._enter(Visitor(self.url))

    async def signed_in(self, person: Person) -> Visitor:
        """A browser of somebody who has signed in."""
        browser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
        token = await self.accounts.begin_session(person.id, browser, self.now_ms)
        return await self._enter(Visitor(self.url, token))

    async def _enter(self, visitor: Visitor) -> Visitor:
        await self._visitors.enter_async_context(visitor.session)
        return visitor


@asynccontextmanager
async def running_panel(database: Database, folder: Path) -> AsyncIterator[PanelUnderTest]:
    """A panel on a database in which nobody works yet."""
    panel = PanelUnderTest(database, folder)
    await panel.start()
    try:
        yield panel
    finally:
        await panel.stop()
