"""The link to one PBX: logged in, watched, and made again whenever it is lost.

In: address and account as plain values. Out: by `receive()`, the tracked events of all sessions in
one order, each connect's list of live channels among them, each loss of the connection as LinkLost.
Built on panoramisk: its Manager makes the connection, its protocol (see `session.py`) numbers and
writes the actions; its reconnecting, pinging and dispatching are not used, because they send
actions twice, never notice a silent peer and mix up the order. It must not read settings.
"""

import asyncio
import ssl
from enum import StrEnum

import structlog
from panoramisk import Manager

from telemarketing.ami.actions import Action, ListCommands, Login, Ping, refuse_line_breaks
from telemarketing.ami.events import LinkLost
from telemarketing.ami.faults import NO_ANSWER, why_not_connected
from telemarketing.ami.inbox import Inbox
from telemarketing.ami.rights import Rights
from telemarketing.ami.rights_log import RightsLog
from telemarketing.ami.session import AmiSession, Response, Save
from telemarketing.ami.wire import Message
from telemarketing.backoff import Backoff
from telemarketing.clock import now_ms
from telemarketing.errors import AmiActionFailed, AmiLoginRefused, AmiUnreachable

_REFUSED_MOST = 15
"""A refused login is tried again after `refused_retry_s`, at the longest after 15 times that."""


class LinkState(StrEnum):
    """What the link is doing."""

    DISCONNECTED = "disconnected"
    """Waiting for the next try."""
    CONNECTING = "connecting"
    LOGGING_IN = "logging in"
    SYNCING = "syncing"
    """Logged in; events flow, the list of live channels is being asked for."""
    FOLLOWING = "following"
    REFUSED = "refused"
    """Asterisk refused the login; a person must look at it, the next try is far off."""
    CLOSED = "closed"


class AmiLink(Manager):  # type: ignore[misc]  # panoramisk has no types
    """Follows one PBX until `close()`; several links do not disturb each other.

    Args:
        pbx: name of the PBX in the settings, for logs.
        host: name or address of the PBX.
        port: 5038, or 5039 for TLS, by custom.
        username: section of manager.conf.
        secret: its secret; never logged.
        tls: how to check the PBX's certificate; None = plain TCP.
        watchdog_s: after so long without a byte the connection counts as dead.
        ping_every_s: after so long a sign of life is asked for; shorter than `watchdog_s`.
        action_timeout_s: how long to wait for a connection, a greeting, an answer.
        retry_first_s: first wait before connecting again; doubles.
        retry_most_s: longest such wait.
        refused_retry_s: first wait after a refused login; doubles up to 15 times this.
        list_every_s: how often the live channels are listed, so that a lost event is noticed.
        queue_limit: so many waiting events stop the reading until half are consumed.
        save: sees every message of the wire, for a recording.

    Raises:
        Refused: user name or secret hold a line break.
    """

    def __init__(
        self,
        *,
        pbx: str,
        host: str,
        port: int,
        username: str,
        secret: str,
        tls: ssl.SSLContext | None = None,
        watchdog_s: float = 30.0,
        ping_every_s: float = 10.0,
        action_timeout_s: float = 10.0,
        retry_first_s: float = 1.0,
        retry_most_s: float = 60.0,
        refused_retry_s: float = 60.0,
        list_every_s: float = 60.0,
        queue_limit: int = 100_000,
        save: Save | None = None,
    ) -> None:
        super().__init__(host=host, port=port, ssl=tls, protocol_factory=self._new_session)
        self.pbx = pbx
        self._login_action = Login(username, secret)
        refuse_line_breaks(self._login_action.headers())
        self._watchdog_s = watchdog_s
        self._ping_every_s = ping_every_s
        self._action_timeout_s = action_timeout_s
        self._list_every_s = list_every_s
        self._save = save
        self._log = structlog.get_logger(__name__).bind(pbx=pbx)
        self._inbox = Inbox(queue_limit)
        self._retry = Backoff(retry_first_s, retry_most_s)
        self._refused_retry = Backoff(refused_retry_s, refused_retry_s * _REFUSED_MOST)
        self._session: AmiSession | None = None
        self._follower: asyncio.Task[None] | None = None
        self._rights = Rights()
        self._rights_log = RightsLog(pbx)
        self._connected_since: int | None = None
        self._heard_before: int | None = None
        self._closed = False
        self._state = LinkState.DISCONNECTED
        self._state_changed = asyncio.Event()

    @property
    def state(self) -> LinkState:
        """What the link is doing now."""
        return self._state

    @property
    def rights(self) -> Rights:
        """What the account may do, by the present or last session."""
        return self._rights

    @property
    def connected_since(self) -> int | None:
        """Epoch milliseconds of the present session's login; None = not logged in."""
        return self._connected_since

    @property
    def last_heard_at(self) -> int | None:
        """Epoch milliseconds at which the PBX last said something; None = never since the start."""
        if self._session is None or self._connected_since is None:
            return self._heard_before
        return now_ms() - int(self._session.silent_s * 1000)

    async def reached(self, *states: LinkState) -> LinkState:
        """Wait until the link is in one of these states and return which."""
        while self._state not in states:
            await self._state_changed.wait()
        return self._state

    async def run(self) -> None:
        """Follow the PBX until `close()`; a PBX that is away or refuses us does not end it.

        Raises:
            CaptureError: what `save` raised.
        """
        if self._closed:
            return
        self._follower = asyncio.create_task(self._follow_for_ever(), name=f"ami-{self.pbx}")
        try:
            await self._follower
        except asyncio.CancelledError:
            if not self._closed:
                raise
        finally:
            self.close()

    async def receive(self) -> list[Message | LinkLost]:
        """Return the next 1..1000 events, oldest first; for one consumer.

        `LinkLost` stands behind the last event of its session. An empty list: the link was closed
        and everything it brought has been returned.
        """
        batch = await self._inbox.take()
        if self._session is not None:
            self._session.resume()
        return batch

    async def send(self, action: Action) -> Response:
        """Send an action and return the headers of its response.

        Raises:
            AmiActionFailed: not logged in, refused by Asterisk, not answered in time, or the
                connection was lost; it is never sent again.
            Refused: one of its values holds a line break.
        """
        name = action.headers()["Action"]
        if self._session is None or self._state not in (LinkState.SYNCING, LinkState.FOLLOWING):
            raise AmiActionFailed(f"{name}: not logged in to {self.pbx}")
        response = await self._session.ask(action, self._action_timeout_s)
        if response["Response"] != "Success":
            raise AmiActionFailed(f"{name}: {response.get('Message', 'refused without a reason')}")
        return response

    def close(self) -> None:
        """End `run()`, whatever it waits for, and after the rest `receive()`."""
        self._enter(LinkState.CLOSED)
        self._closed = True
        self._inbox.close()
        if self._follower is not None:
            self._follower.cancel()

    def connection_made(self, f: "asyncio.Task[object]") -> None:
        """Do nothing: panoramisk would log in, ping and retry from here on its own."""

    def _new_session(self) -> AmiSession:
        return AmiSession(self.pbx, self._inbox, self._rights_log.tell, self._save)

    async def _follow_for_ever(self) -> None:
        while True:
            try:
                await self._follow_once()
            except AmiLoginRefused as refused:
                self._enter(LinkState.REFUSED)
                wait_s = self._refused_retry.next_s()
                self._log.error("login refused", reason=str(refused), next_try_s=round(wait_s, 1))
            except AmiUnreachable as away:
                self._enter(LinkState.DISCONNECTED)
                wait_s = self._retry.next_s()
                self._log.warning("not connected", reason=str(away), next_try_s=round(wait_s, 1))
            await asyncio.sleep(wait_s)

    async def _follow_once(self) -> None:
        """Live through one session; always ends by raising."""
        session = await self._open()
        self._session = session
        clock_s = asyncio.get_running_loop().time
        try:
            await self._log_in(session)
            began_s = clock_s()
            await self._stay(session)
            self._retry.worked_for(clock_s() - began_s)
            self._inbox.put_lost(LinkLost(now_ms()))
            raise session.end_reason
        finally:
            self._heard_before, self._connected_since = self.last_heard_at, None
            self._session = None
            session.abort(AmiUnreachable("closed by us"))
            await session.ended.wait()

    async def _open(self) -> AmiSession:
        self._enter(LinkState.CONNECTING)
        host, port = self.config["host"], self.config["port"]
        try:
            async with asyncio.timeout(self._action_timeout_s):
                _, session = await self.connect()
        except TimeoutError:
            raise AmiUnreachable(f"{host}:{port}: {NO_ANSWER}") from None
        except (OSError, UnicodeError) as error:
            raise AmiUnreachable(f"{host}:{port}: {why_not_connected(error)}") from error
        assert isinstance(session, AmiSession)  # noqa: S101
        return session

    async def _log_in(self, session: AmiSession) -> None:
        self._enter(LinkState.LOGGING_IN)
        try:
            await session.greeting(self._action_timeout_s)
            response = await session.ask(self._login_action, self._action_timeout_s)
        except AmiActionFailed as failed:
            if session.ended.is_set():
                raise session.end_reason from failed
            raise AmiUnreachable(str(failed)) from failed
        if response["Response"] != "Success":
            raise self._login_failure(response.get("Message", "no reason given"))
        self._log.info("logged in", ami_version=session.version)
        self._refused_retry.begin_again()
        self._rights = session.rights
        self._connected_since = now_ms()

    def _login_failure(self, message: str) -> AmiLoginRefused | AmiUnreachable:
        if "authentication" not in message.lower():
            return AmiUnreachable(f"login: {message}")
        user = self._login_action.username
        return AmiLoginRefused(
            f"{message}: check in manager.conf that [{user}] is there, its secret is the one in "
            f"the settings, and its permit lines allow this host (Asterisk does not say which)"
        )

    async def _stay(self, session: AmiSession) -> None:
        """Keep the session alive and in step until it ends."""
        async with asyncio.TaskGroup() as tasks:
            keepers = [
                tasks.create_task(self._watch(session)),
                tasks.create_task(self._ping(session)),
                tasks.create_task(self._keep_in_step(session)),
            ]
            await session.ended.wait()
            for keeper in keepers:
                keeper.cancel()

    async def _watch(self, session: AmiSession) -> None:
        """Give a connection up that has gone silent."""
        while True:
            silent_s = session.silent_s
            if silent_s >= self._watchdog_s:
                session.abort(AmiUnreachable(f"nothing heard for {silent_s:.1f} s"))
                return
            await asyncio.sleep(self._watchdog_s - silent_s)

    async def _ping(self, session: AmiSession) -> None:
        """Make a silent PBX say something, one question at a time.

        Nothing is asked while it talks: a PBX that has dropped us as too slow would answer with a
        reset, and the backlog that can still be read would be gone.
        """
        while not session.ended.is_set():
            silent_s = session.silent_s
            if silent_s < self._ping_every_s:
                await asyncio.sleep(self._ping_every_s - silent_s)
                continue
            try:
                await session.ask(Ping(), self._action_timeout_s)
            except AmiActionFailed as failed:
                self._log.debug("no pong", reason=str(failed))

    async def _keep_in_step(self, session: AmiSession) -> None:
        """List the live channels now, from time to time, and whenever Asterisk has booted."""
        try:
            while True:
                self._enter(LinkState.SYNCING)
                commands = await session.ask(ListCommands(), self._action_timeout_s)
                session.rights.commands_listed(commands)
                self._rights_log.tell(session.rights)
                await self._list(session)
                self._enter(LinkState.FOLLOWING)
                while not await _happens_within(session.booted, self._list_every_s):
                    await self._list(session)
        except AmiActionFailed as failed:
            session.abort(AmiUnreachable(str(failed)))

    async def _list(self, session: AmiSession) -> None:
        session.booted.clear()
        if session.rights.may_list_channels and not session.paused:
            await session.list_channels(self._action_timeout_s)

    def _enter(self, state: LinkState) -> None:
        if self._closed or self._state is state:
            return
        self._state = state
        self._log.debug("link state", state=state.value)
        self._state_changed.set()
        self._state_changed = asyncio.Event()


async def _happens_within(event: asyncio.Event, timeout_s: float) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            return await event.wait()
    except TimeoutError:
        return False
