"""GET /live: tells open pages, by server-sent events, which topics have changed.

In: changes from `live.Live`, after their commit. Out: one message for each batch of them and each
browser, with the topics of what its viewer may see; a page then asks for itself again, so a topic
holds nothing worth reading. A browser that does not keep up is cut off, and repairs itself when it
comes again.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress

import structlog
from aiohttp import ClientConnectionResetError, hdrs, web

from telemarketing.errors import StorageError
from telemarketing.live import Follower
from telemarketing.model.changes import Change
from telemarketing.model.viewer import Viewer
from telemarketing.storage.sessions import list_signed_in
from telemarketing.web.auth import SESSION
from telemarketing.web.keys import DATABASE, LIVE, NOW_MS
from telemarketing.web.routes import Route
from telemarketing.web.topics import Tidings, read_tidings

log = structlog.get_logger(__name__)

_GATHER_S = 0.05
"""Changes that come so soon after one another are one message."""
_BACKLOG = 64
"""Messages that may wait for one browser."""

_BEAT = b"data: beat\n\n"
_HELLO = b"data: hello\n\n"
"""Ask for everything: what has changed before this is not known."""


class Browser:
    """One open stream."""

    def __init__(self, viewer: Viewer, token_hash: str, transport: asyncio.Transport) -> None:
        """See the class."""
        self.viewer = viewer
        self.token_hash = token_hash
        self._transport = transport
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue(_BACKLOG)

    def tell(self, message: bytes) -> None:
        """Let a message wait to be sent; a browser that does not keep up is cut off."""
        try:
            self._waiting.put_nowait(message)
        except asyncio.QueueFull:
            log.info("panel stream cut off: too slow", operator_id=self.viewer.id)
            self._transport.abort()

    def end(self) -> None:
        """Send nothing more."""
        with suppress(asyncio.QueueFull):
            self._waiting.put_nowait(None)
            return
        self._transport.abort()

    async def next_message(self) -> bytes | None:
        """Wait for what is to be sent; None = the stream ends."""
        return await self._waiting.get()


class Streams:
    """All open streams, and what feeds them.

    Args:
        app: whose database, clock and changes they are.
        beat_s: how often to give a sign of life, and to look whose session is over.
    """

    def __init__(self, app: web.Application, beat_s: float) -> None:
        """See the class."""
        self._app = app
        self._beat_s = beat_s
        self._browsers: set[Browser] = set()
        self._unsure = False
        """Something has changed that could not be told."""

    @property
    def count(self) -> int:
        """How many browsers listen."""
        return len(self._browsers)

    @contextmanager
    def listening(self, browser: Browser) -> Iterator[None]:
        """Tell a browser of all changes from now on."""
        self._browsers.add(browser)
        try:
            yield
        finally:
            self._browsers.discard(browser)

    def end(self) -> None:
        """Let every browser go."""
        for browser in self._browsers:
            browser.end()

    async def tell_changes(self, follower: Follower) -> None:
        """Tell browsers of changes, for ever."""
        while True:
            changes, missed = await follower.read(_GATHER_S)
            if not self._browsers:
                continue
            try:
                await self._tell(changes, missed=missed)
            except Exception:
                log.exception("open panels were not told what has changed; they ask anew")
                self._unsure = True

    async def _tell(self, changes: list[Change], *, missed: bool) -> None:
        if missed:
            self._tell_all(_HELLO)
            return
        try:
            tidings = await read_tidings(self._app[DATABASE], changes)
        except StorageError as error:
            log.warning("open panels cannot be told what has changed", reason=str(error))
            self._unsure = True
            return
        self._send(tidings)

    def _send(self, tidings: Tidings) -> None:
        for_viewers: dict[Viewer, bytes | None] = {}
        messages: dict[frozenset[str], bytes] = {}
        for browser in self._browsers:
            viewer = browser.viewer
            if viewer not in for_viewers:
                topics = tidings.topics_for(viewer)
                if topics and topics not in messages:
                    messages[topics] = f"data: {' '.join(sorted(topics))}\n\n".encode()
                for_viewers[viewer] = messages.get(topics)
            message = for_viewers[viewer]
            if message is not None:
                browser.tell(message)

    def _tell_all(self, message: bytes) -> None:
        for browser in self._browsers:
            browser.tell(message)

    async def beat(self) -> None:
        """Give a sign of life, and let go whose session is over, for ever."""
        while True:
            await asyncio.sleep(self._beat_s)
            if not self._browsers:
                continue
            try:
                await self.check_sessions()
            except StorageError as error:
                log.warning("sessions of open panels cannot be checked", reason=str(error))
                self._tell_all(_BEAT)
            except Exception:
                log.exception("sessions of open panels could not be checked")
                self._tell_all(_BEAT)
            else:
                self._tell_all(_HELLO if self._unsure else _BEAT)
                self._unsure = False

    async def check_sessions(self) -> None:
        """Let go whose session is over; who has another role now is told by that. One query.

        Raises:
            StorageError: the database cannot be asked now.
        """
        hashes = {browser.token_hash for browser in self._browsers}
        async with self._app[DATABASE].reading() as tx:
            signed_in = await list_signed_in(tx, self._app[NOW_MS]())
        for browser in self._browsers:
            if browser.token_hash in signed_in:
                browser.viewer = signed_in[browser.token_hash]
            elif browser.token_hash in hashes:
                browser.end()


STREAMS = web.AppKey("streams", Streams)


def add_streams(app: web.Application, beat_s: float) -> None:
    """Let an application tell browsers of changes while it runs."""
    app[STREAMS] = Streams(app, beat_s)
    app.cleanup_ctx.append(_feed)
    app.on_shutdown.append(_end)


async def _feed(app: web.Application) -> AsyncIterator[None]:
    streams = app[STREAMS]
    with app[LIVE].follow() as follower:
        tasks = [
            asyncio.create_task(streams.tell_changes(follower), name="panel changes"),
            asyncio.create_task(streams.beat(), name="panel beat"),
        ]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _end(app: web.Application) -> None:
    app[STREAMS].end()


async def listen(request: web.Request) -> web.StreamResponse:
    """Answer GET /live, until the browser, the session or the panel ends."""
    session = request[SESSION]
    transport = request.transport
    response = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "text/event-stream",
            hdrs.CACHE_CONTROL: "no-cache, no-store",
            "X-Accel-Buffering": "no",
        }
    )
    if transport is None:
        return web.Response()
    browser = Browser(session.viewer, session.token_hash, transport)
    # Not all at once: after a restart everybody comes again.
    retry_ms = random.randint(1000, 4000)  # noqa: S311 - no secret
    with request.app[STREAMS].listening(browser), suppress(ClientConnectionResetError):
        await response.prepare(request)
        await response.write(b"retry: %d\n%b" % (retry_ms, _HELLO))
        while (message := await browser.next_message()) is not None:
            await response.write(message)
    return response


ROUTES = (Route("GET", "/live", listen),)
