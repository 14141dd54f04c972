"""One TCP connection to one PBX: panoramisk's protocol with its receiving half replaced.

In: chunks of bytes from asyncio, actions from the link. Out: tracked events into the inbox, answers
to whoever waits for them, and what steers the link. `data_received` is synchronous from end to end
and raises nothing, so order is kept and no chunk is lost. It does not wait, decide or reconnect:
that is the link's.
"""

import asyncio
from collections.abc import Callable, Mapping

import structlog
from panoramisk.actions import Action as NumberedAction
from panoramisk.ami_protocol import AMIProtocol

from telemarketing.ami.actions import Action, CoreShowChannels, refuse_line_breaks
from telemarketing.ami.inbox import Inbox
from telemarketing.ami.rights import Rights
from telemarketing.ami.wire import Framer, Sieve, parse_message
from telemarketing.clock import now_ms
from telemarketing.errors import AmiActionFailed, AmiUnreachable, CaptureError, TelemarketingError

_BANNER = b"Asterisk Call Manager/"
_BANNER_LIMIT_BYTES = 1024

Response = dict[str, str]
Save = Callable[[bytes, int], None]
"""Takes each framed message and its arrival in epoch milliseconds; may raise CaptureError."""


class AmiSession(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """A connection from its first byte to its last; panoramisk numbers and writes the actions."""

    def __init__(
        self,
        pbx: str,
        inbox: Inbox,
        on_rights: Callable[[Rights], None],
        save: Save | None,
    ) -> None:
        self._log = structlog.get_logger(__name__).bind(pbx=pbx)
        self._inbox = inbox
        self._on_rights = on_rights
        self._save = save
        self._framer = Framer()
        self._sieve = Sieve()
        self._banner = b""
        loop = asyncio.get_running_loop()
        self._clock_s = loop.time
        self._greeting: asyncio.Future[Response] = loop.create_future()
        self._list_end: asyncio.Future[Response] = loop.create_future()
        self._listed: set[str] = set()
        self._end_reason: TelemarketingError | None = None
        self._tell_trouble_at = 1
        self.encoding = "utf-8"
        self.rights = Rights()
        self.booted = asyncio.Event()
        """FullyBooted has come; whoever acts on it clears it."""
        self.ended = asyncio.Event()
        self.paused = False
        """Nothing is read, because the inbox is full."""
        self._heard_s = self._clock_s()
        self._resumed_s = 0.0

    @property
    def end_reason(self) -> TelemarketingError:
        """Why the session ended: as a rule AmiUnreachable."""
        return self._end_reason or AmiUnreachable("the PBX closed the connection")

    @property
    def silent_s(self) -> float:
        """For how long the PBX has said nothing; 0 while nobody listens."""
        return 0.0 if self.paused else self._clock_s() - self._heard_s

    def data_received(self, data: bytes) -> None:
        """Take a chunk; called by asyncio, whose transport would die of anything raised here."""
        self._heard_s = self._clock_s()
        if not self._greeting.done():
            data = self._after_banner(data)
        messages = self._framer.feed(data)
        received_at = now_ms()
        if self._save is not None:
            self._record(self._save, messages, received_at)
        events, control = self._sieve.select(messages)
        if events:
            self._inbox.put(received_at, events)
        for raw in control:
            self._steer(parse_message(raw, received_at).headers)
        if sightings := self._sieve.take_sightings():
            self.rights.sighted(sightings)
            self._on_rights(self.rights)
        self._tell_trouble()
        if self._inbox.full and not self.paused:
            self._pause()

    def resume(self) -> None:
        """Read on, if reading was paused and the inbox has room again."""
        if self.paused and not self._inbox.full:
            self._log.info("reading again")
            self.paused = False
            self._heard_s = self._resumed_s = self._clock_s()
            self.transport.resume_reading()

    def send(self, data: Mapping[str, str], as_list: bool = False) -> asyncio.Future[Response]:
        """Write an action; refuses what would be read as two headers (Refused)."""
        refuse_line_breaks(data)
        future: asyncio.Future[Response] = super().send(data, as_list)
        return future

    async def greeting(self, timeout_s: float) -> None:
        """Wait for the banner; raises AmiActionFailed when it does not come."""
        name = "greeting (perhaps this port is for TLS)"
        await self._patiently(self._greeting, name, timeout_s)

    async def ask(self, action: Action, timeout_s: float) -> Response:
        """Send an action and return the headers of its response, be it Success or Error.

        Raises:
            AmiActionFailed: not answered in time, or the connection ended. It is never sent
                again: whether Asterisk has done it cannot be known.
            Refused: one of its values holds a line break.
        """
        numbered = NumberedAction(action.headers())
        name = numbered["Action"]
        if self.ended.is_set():
            raise AmiActionFailed(f"{name}: there is no connection to the PBX")
        try:
            return await self._patiently(self.send(numbered), name, timeout_s)
        finally:
            self.responses.pop(numbered.id, None)

    async def list_channels(self, timeout_s: float) -> bool:
        """Ask for every live channel; the list is in the inbox, whole, when this returns.

        Returns:
            False when the account may not ask; nothing is in the inbox then.

        Raises:
            AmiActionFailed: as for `ask`.
        """
        self._listed.clear()
        self._list_end = asyncio.get_running_loop().create_future()
        response = await self.ask(CoreShowChannels(), timeout_s)
        listed = response["Response"] == "Success"
        if listed:
            await self._patiently(self._list_end, "CoreShowChannels", timeout_s)
            self.rights.channels_listed(frozenset(self._listed))
        else:
            self.rights.listing_denied()
        self._on_rights(self.rights)
        return listed

    def abort(self, reason: TelemarketingError) -> None:
        """End the connection at once; what was not read yet is gone."""
        self._end_reason = self._end_reason or reason
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what waits for an answer; called by asyncio once, whoever ended it."""
        if exc is not None and self._end_reason is None:
            self._end_reason = AmiUnreachable(f"the connection broke: {exc}")
        self.close()

    def close(self) -> None:
        """Fail what is pending; panoramisk's own would keep it, to be sent again."""
        pending = [numbered.future for numbered in self.responses.values()]
        for future in (self._greeting, self._list_end, *pending):
            future.cancel()
        self.responses.clear()
        self.ended.set()

    async def _patiently(
        self, answer: asyncio.Future[Response], name: str, timeout_s: float
    ) -> Response:
        """Wait for an answer; the time in which nothing is read does not count."""
        asked_s = self._clock_s()
        while not answer.done():
            left_s = timeout_s
            if not self.paused:
                left_s -= self._clock_s() - max(asked_s, self._resumed_s)
            if left_s <= 0:
                answer.cancel()
                raise AmiActionFailed(f"{name}: no answer within {timeout_s:g} s")
            await asyncio.wait([answer], timeout=left_s)
        if answer.cancelled():
            raise AmiActionFailed(f"{name}: the connection ended before the answer came")
        return answer.result()

    def _after_banner(self, data: bytes) -> bytes:
        """Take the greeting off; a peer that greets otherwise is not told the secret."""
        self._banner += data
        greeting, newline, rest = self._banner.partition(b"\n")
        if newline and greeting.startswith(_BANNER):
            self.version = greeting[len(_BANNER) :].strip().decode("ascii", "backslashreplace")
            self._greeting.set_result({})
            return rest
        if newline or len(self._banner) > _BANNER_LIMIT_BYTES:
            shown = self._banner[:60].decode("ascii", "backslashreplace")
            self.abort(AmiUnreachable(f"this is no manager interface, it greets with {shown!r}"))
            self._banner = b""
        return b""

    def _record(self, save: Save, messages: list[bytes], received_at: int) -> None:
        try:
            for raw in messages:
                save(raw, received_at)
        except CaptureError as error:
            self.abort(error)

    def _steer(self, headers: Response) -> None:
        event = headers.get("Event")
        if event is None:
            # Events are never looked up here: an event may carry the ActionID of what caused it.
            numbered = self.responses.pop(headers.get("ActionID"), None)
            if numbered is not None and not numbered.future.done():
                numbered.future.set_result(headers)
        elif event == "FullyBooted":
            self.booted.set()
        elif event == "CoreShowChannel":
            self._listed.add(headers.get("Uniqueid", ""))
        elif not self._list_end.done():
            self._list_end.set_result(headers)

    def _tell_trouble(self) -> None:
        count = self._framer.oversized_count + self._sieve.garbage_count
        if count >= self._tell_trouble_at:
            # Told at 1, 2, 4, 8 ...: a peer that talks nonsense must not fill the log.
            self._tell_trouble_at = count * 2
            self._log.warning(
                "skipped what is no message",
                too_long_count=self._framer.oversized_count,
                garbage_count=self._sieve.garbage_count,
            )

    def _pause(self) -> None:
        self._log.warning("events come faster than they are stored, the PBX must wait")
        self.paused = True
        self.transport.pause_reading()
