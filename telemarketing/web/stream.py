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
from aiohttp import ClientConnectionResetError, HttpVersion11, hdrs, web

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
_BACKLOG_BYTES = 65_536
"""So much may wait for one browser, beside what the kernel takes."""

_STREAMS_OF_SESSION = 10
"""All tabs of a browser share one; those that it has lost without a word are noticed late."""


class Message:
    """What is sent to many browsers, made once."""

    def __init__(self, text: str) -> None:
        """Take the topics, separated by blanks."""
        self.plain = f"data: {text}\n\n".encode()
        self.chunk = b"%x\r\n%b\r\n" % (len(self.plain), self.plain)
        """The same as a chunk of HTTP/1.1."""


_BEAT = Message("beat")
_HELLO = Message("hello")
"""Ask for everything: what has changed before this is not known."""


class Browser:
    """One open stream.

    It is written to straight away, without a task and a queue for each: with thousands of browsers
    these cost more than the sending. What waits is in the buffer of the transport.

    Args:
        viewer: who listens.
        token_hash: of the session.
        transport: of the response, whose headers have been sent.
        chunked: whether the response is, as in HTTP/1.1; proxies may speak HTTP/1.0.
    """

    def __init__(
        self, viewer: Viewer, token_hash: str, transport: asyncio.Transport, *, chunked: bool
    ) -> None:
        """See the class."""
        self.viewer = viewer
        self.token_hash = token_hash
        self._transport = transport
        self._chunked = chunked
        self._over = asyncio.Event()

    def tell(self, message: Message) -> None:
        """Send a message; a browser that is gone, or does not keep up, is let go."""
        if self._transport.is_closing():
            self.end()
        elif self._transport.get_write_buffer_size() > _BACKLOG_BYTES:
            log.info("panel stream cut off: too slow", operator_id=self.viewer.id)
            self._transport.abort()
            self.end()
        else:
            self._transport.write(message.chunk if self._chunked else message.plain)

    def end(self) -> None:
        """Send nothing more."""
        self._over.set()

    async def over(self) -> None:
        """Wait until nothing more is sent."""
        await self._over.wait()


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
        self._browsers: dict[Browser, None] = {}
        """In the order in which they came."""
        self._unsure = False
        """Something has changed that could not be told."""

    @property
    def count(self) -> int:
        """How many browsers listen."""
        return len(self._browsers)

    @contextmanager
    def listening(self, browser: Browser) -> Iterator[None]:
        """Tell a browser of all changes from now on; of too many of a session the oldest goes."""
        of_session = [one for one in self._browsers if one.token_hash == browser.token_hash]
        if len(of_session) >= _STREAMS_OF_SESSION:
            of_session[0].end()
            del self._browsers[of_session[0]]
        self._browsers[browser] = None
        try:
            yield
        finally:
            self._browsers.pop(browser, None)

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
        for_viewers: dict[Viewer, Message | None] = {}
        messages: dict[frozenset[str], Message] = {}
        for browser in self._browsers:
            viewer = browser.viewer
            if viewer not in for_viewers:
                topics = tidings.topics_for(viewer)
                if topics and topics not in messages:
                    messages[topics] = Message(" ".join(sorted(topics)))
                for_viewers[viewer] = messages.get(topics)
            message = for_viewers[viewer]
            if message is not None:
                browser.tell(message)

    def _tell_all(self, message: Message) -> None:
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
    # Not all at once: after a restart everybody comes again.
    retry_ms = random.randint(1000, 4000)  # noqa: S311 - no secret
    with suppress(ClientConnectionResetError):
        await response.prepare(request)
        await response.write(b"retry: %d\n\n" % retry_ms)
        chunked = request.version >= HttpVersion11
        browser = Browser(session.viewer, session.token_hash, transport, chunked=chunked)
        with request.app[STREAMS].listening(browser):
            browser.tell(_HELLO)
            await browser.over()
    return response


ROUTES = (Route("GET", "/live", listen),)
