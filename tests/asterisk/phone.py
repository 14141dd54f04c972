"""SIP phones of the test suite: they place calls, answer them as they are told, and keep the truth.

In: what a phone shall do (methods of a call, or a script for calls that come in). Out: SIP over UDP
to one PBX, and for each call the moments that this phone itself saw. A phone knows nothing of AMI.
"""

import asyncio
import secrets
import socket
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, Self

from tests.asterisk import sip

SIP_PORT = 5060
_WAIT_S = 15.0
_EPOCH_MINUS_MONOTONIC_S = time.time() - time.monotonic()

_BUZZ = (b"\x00" * 8 + b"\x80" * 8) * 10
"""20 ms of u-law, loud."""
_REASONS = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    404: "Not Found",
    480: "Temporarily Unavailable",
    481: "Call Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    503: "Service Unavailable",
    603: "Decline",
}


def now_ms() -> int:
    """Return epoch milliseconds that only ever run forward, at the pace of the monotonic clock."""
    return round((_EPOCH_MINUS_MONOTONIC_S + time.monotonic()) * 1000)


class Unexpected(AssertionError):
    """A call went otherwise than the test had arranged."""


@dataclass(slots=True)
class CallTimes:
    """What one phone saw of one call; instants in epoch milliseconds."""

    invited_at: int
    """INVITE sent, or received."""
    ringing_at: int | None = None
    """First 180, sent or received."""
    progress_at: int | None = None
    """First 183 (early media), sent or received."""
    answered_at: int | None = None
    """200 to the INVITE, sent or received."""
    ended_at: int | None = None
    """BYE, CANCEL or refusal, sent or received."""
    ended_by: Literal["this", "other"] | None = None
    """Which side ended it: this phone, or the one behind the PBX (or the PBX)."""
    code: int | None = None
    """Final response to the INVITE."""


class Call:
    """One dialog of a phone with the PBX; see PlacedCall and ReceivedCall."""

    def __init__(self, phone: "Phone", call_id: str, own: sip.Party, other: sip.Party) -> None:
        self.phone = phone
        self.id = call_id
        self.times = CallTimes(now_ms())
        self._own = own
        self._other = other
        self._remote_target = ""
        self._sequence = 0
        self._progressed = asyncio.Event()
        self._answered = asyncio.Event()
        self._ended = asyncio.Event()

    @property
    def is_up(self) -> bool:
        """Answered and not yet over."""
        return self.times.answered_at is not None and self.times.ended_at is None

    @property
    def is_over(self) -> bool:
        """Nothing more will happen."""
        return self.times.ended_at is not None

    async def rings(self) -> None:
        """Wait until the called side rings, or sends early media.

        Raises:
            Unexpected: the call ended, or nothing happened in time.
        """
        await self._reached(self._progressed, "ring")

    async def answered(self) -> None:
        """Wait for the answer; raises like `rings`."""
        await self._reached(self._answered, "be answered")

    async def ended(self) -> None:
        """Wait for the end; raises Unexpected when it does not come in time."""
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._ended.wait()
        except TimeoutError:
            raise Unexpected(f"{self!r} did not end") from None

    def hang_up(self) -> None:
        """Send BYE; the call is over for this phone."""
        if self.is_up:
            self._send_request("BYE")
            self._end("this")

    def receive(self, request: sip.Request) -> None:
        """Take a request that belongs to this dialog."""
        match request.method:
            case "BYE":
                self.phone.respond(request, 200, self._own)
                self._end("other")
            case "INVITE":  # hold, or a change of the media's address
                self.phone.respond(request, 200, self._own, with_media=True)
            case "ACK":
                pass
            case _:
                self.phone.respond(request, 200, self._own)

    def abandon(self) -> None:
        """Forget the call without a word to the PBX."""
        if not self.is_over:
            self._end("this")

    def _mark_ringing(self) -> None:
        if self.times.ringing_at is None:
            self.times.ringing_at = now_ms()
        self._progressed.set()

    def _mark_progress(self) -> None:
        if self.times.progress_at is None:
            self.times.progress_at = now_ms()
        self._progressed.set()

    def _mark_answered(self) -> None:
        self.times.answered_at = now_ms()
        self.times.code = 200
        self._progressed.set()
        self._answered.set()

    def _end(self, by: Literal["this", "other"], code: int | None = None) -> None:
        if self.is_over:
            return
        self.times.ended_at = now_ms()
        self.times.ended_by = by
        self.times.code = self.times.code or code
        self._ended.set()

    async def _reached(self, event: asyncio.Event, what: str) -> None:
        waiters = [asyncio.ensure_future(each.wait()) for each in (event, self._ended)]
        try:
            await asyncio.wait(waiters, timeout=_WAIT_S, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
        if not event.is_set():
            raise Unexpected(f"{self!r} did not {what}")

    def _send_request(self, method: str, body: bytes = b"") -> None:
        """Send a request inside the dialog."""
        self._sequence += 1
        self.phone.send(self._request(method, self._remote_target, self._sequence, body=body))

    def _request(
        self, method: str, uri: str, sequence: int, *, branch: str = "", body: bytes = b""
    ) -> sip.Request:
        headers = (
            ("Via", self.phone.via(branch or sip.BRANCH_COOKIE + secrets.token_hex(8))),
            ("Max-Forwards", "70"),
            ("From", self._own.written()),
            ("To", self._other.written()),
            ("Call-ID", self.id),
            ("CSeq", f"{sequence} {method}"),
            ("Contact", self.phone.contact),
        )
        return sip.Request(method, uri, sip.Headers(headers), body)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.phone.user}: {self.times}>"


class PlacedCall(Call):
    """A call that this phone placed."""

    def __init__(self, phone: "Phone", dialled: str, caller: str) -> None:
        uri = f"sip:{dialled}@{phone.pbx_host}"
        own = sip.Party(caller, secrets.token_hex(6))
        super().__init__(phone, secrets.token_hex(12), own, sip.Party(f"<{uri}>", ""))
        self.dialled = dialled
        self._uri = uri
        self._branch = sip.BRANCH_COOKIE + secrets.token_hex(8)
        self._cancelled = False

    def invite(self) -> None:
        """Send the INVITE."""
        self._sequence = 1
        body = sip.sdp(self.phone.host, self.phone.media_port)
        self.phone.send(self._request("INVITE", self._uri, 1, branch=self._branch, body=body))

    def hang_up(self) -> None:
        """Send BYE, or CANCEL when nobody has answered yet."""
        if self.is_over or self.is_up:
            super().hang_up()
        else:
            self._cancelled = True
            self.phone.send(self._request("CANCEL", self._uri, 1, branch=self._branch))
            self._end("this", 487)

    def take_response(self, response: sip.Response) -> None:
        """Take a response to a request of this call."""
        if response.method != "INVITE" or response.code == 100:
            return
        if response.code >= 300:
            self._refused(response)
            return
        self._other = sip.Party.read(response.headers["To"])
        if response.code >= 200:
            self._accepted(response)
        elif not self.is_over:
            self._mark_ringing() if response.code == 180 else self._mark_progress()

    def _accepted(self, response: sip.Response) -> None:
        self._remote_target = sip.uri_of(response.headers["Contact"]) or self._uri
        self.phone.send(self._request("ACK", self._remote_target, self._invite_number(response)))
        if self._cancelled:  # the answer and our CANCEL crossed
            self._send_request("BYE")
        elif self.times.answered_at is None:
            self._mark_answered()

    def _refused(self, response: sip.Response) -> None:
        self._other = sip.Party.read(response.headers["To"])
        self.phone.send(self._request("ACK", self._uri, 1, branch=self._branch))
        self._end("other", response.code)

    @staticmethod
    def _invite_number(response: sip.Response) -> int:
        return int(response.headers["CSeq"].split()[0])


class ReceivedCall(Call):
    """A call that came in."""

    def __init__(self, phone: "Phone", invite: sip.Request) -> None:
        to = sip.Party.read(invite.headers["To"])
        own = sip.Party(to.address, secrets.token_hex(6))
        caller = sip.Party.read(invite.headers["From"])
        super().__init__(phone, invite.headers["Call-ID"], own, caller)
        self.dialled = sip.user_of(invite.uri)
        """The number in the request: whom the PBX wants at this phone."""
        self.caller = sip.user_of(sip.uri_of(caller.address))
        self.script: asyncio.Future[None] | None = None
        self._invite = invite
        self._remote_target = sip.uri_of(invite.headers["Contact"])

    def ring(self) -> None:
        """Send 180."""
        self._respond(180)
        self._mark_ringing()

    def send_early_media(self) -> None:
        """Send 183 with a media description: the caller hears us before the answer."""
        self._respond(183, with_media=True)
        self._mark_progress()

    def answer(self) -> None:
        """Send 200: the two sides talk."""
        self._respond(200, with_media=True)
        self._mark_answered()

    async def speak(self, seconds: float) -> None:
        """Send a buzz to the PBX, packet by packet, for as long as it lasts or until the end."""
        address = sip.media_address(self._invite.body)
        for number in range(int(seconds * 50)):
            if self.is_over:
                return
            self.phone.send_sound(sip.rtp(number, _BUZZ), address)
            await asyncio.sleep(0.02)

    def refuse(self, code: int) -> None:
        """Send a final refusal: 486 busy, 603 declined, 480, 404, 503."""
        self._respond(code)
        self._end("this", code)

    def hang_up(self) -> None:
        """Send BYE, or decline when it has not been answered."""
        if self.is_over or self.is_up:
            super().hang_up()
        else:
            self.refuse(603)

    def receive(self, request: sip.Request) -> None:
        """Take a request: the caller may give up before the answer."""
        if request.method != "CANCEL":
            super().receive(request)
            return
        self.phone.respond(request, 200, self._own)
        if self.times.answered_at is None and not self.is_over:
            self._respond(487)
            self._end("other", 487)

    def _respond(self, code: int, *, with_media: bool = False) -> None:
        self.phone.respond(self._invite, code, self._own, with_media=with_media)

    def _end(self, by: Literal["this", "other"], code: int | None = None) -> None:
        super()._end(by, code)
        if self.script is not None and self.script is not asyncio.current_task():
            self.script.cancel()


Script = Callable[[ReceivedCall], Awaitable[None]]
"""What a phone does with a call that comes in; cancelled when the call ends before the script."""


class Phone(asyncio.DatagramProtocol):
    """One SIP endpoint at an address of its own.

    Args:
        user: extension, or the provider's name.
        host: own address on loopback, by which the PBX knows who it is.
        pbx_host: address of the PBX.
    """

    def __init__(self, user: str, host: str, pbx_host: str) -> None:
        self.user = user
        self.host = host
        self.pbx_host = pbx_host
        self.contact = f"<sip:{user}@{host}:{SIP_PORT}>"
        self.script: Script = ringing_for_ever
        """What it does with calls that come in."""
        self.calls: list[Call] = []
        """Every call of this phone, in order."""
        self._incoming: asyncio.Queue[ReceivedCall] = asyncio.Queue()
        self._calls_by_id: dict[str, Call] = {}
        self._scripts: set[asyncio.Future[None]] = set()
        self._failures: list[Exception] = []
        self._answers: dict[tuple[str, str], bytes] = {}
        self._transport: asyncio.DatagramTransport | None = None
        # What the PBX sends here as sound is left to the kernel, which drops it.
        self._media = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._media.bind((host, 0))
        self.media_port: int = self._media.getsockname()[1]

    @classmethod
    async def open(cls, user: str, host: str, pbx_host: str) -> Self:
        """Take the address and listen there."""
        phone = cls(user, host, pbx_host)
        loop = asyncio.get_running_loop()
        address = (host, SIP_PORT)
        phone._transport, _ = await loop.create_datagram_endpoint(lambda: phone, address)
        return phone

    def call(self, number: str, *, caller: str | None = None) -> PlacedCall:
        """Dial a number and return at once.

        Args:
            number: what is dialled, as it is.
            caller: the From header without its tag; None = this phone's own user.
        """
        own = f'"{self.user}" <sip:{self.user}@{self.host}>'
        call = PlacedCall(self, number, caller or own)
        self._keep(call)
        call.invite()
        return call

    async def incoming(self) -> ReceivedCall:
        """Wait for the next call that comes in.

        Raises:
            Unexpected: none came in time.
        """
        try:
            async with asyncio.timeout(_WAIT_S):
                return await self._incoming.get()
        except TimeoutError:
            raise Unexpected(f"nobody called {self.user}") from None

    def forget(self) -> None:
        """Return to a phone that rings for ever and has had no calls."""
        self.script = ringing_for_ever
        self.calls.clear()
        self._incoming = asyncio.Queue()

    async def close(self) -> None:
        """Leave the address.

        Raises:
            ExceptionGroup: scripts failed.
        """
        for call in self.calls:
            call.abandon()
        await asyncio.gather(*self._scripts, return_exceptions=True)
        if self._transport is not None:
            self._transport.close()
        self._media.close()
        if self._failures:
            raise ExceptionGroup(f"scripts of {self.user} failed", self._failures)

    def via(self, branch: str) -> str:
        """Return the Via header of a request of ours."""
        return f"SIP/2.0/UDP {self.host}:{SIP_PORT};branch={branch};rport"

    def send(self, message: sip.Request | sip.Response) -> None:
        """Send one message to the PBX."""
        self._send(message.encoded())

    def send_sound(self, packet: bytes, address: tuple[str, int]) -> None:
        """Send one packet of RTP from where this phone says it has its microphone."""
        self._media.sendto(packet, address)

    def respond(
        self, request: sip.Request, code: int, own: sip.Party, *, with_media: bool = False
    ) -> None:
        """Answer a request; a repetition of the request gets the same answer again."""
        headers = request.headers
        pairs = [
            *headers.copied("Via", "From"),
            ("To", sip.Party(own.address, "" if code == 100 else own.tag).written()),
            *headers.copied("Call-ID", "CSeq"),
            ("Contact", self.contact),
            ("Allow", "INVITE, ACK, CANCEL, BYE, OPTIONS"),
        ]
        body = sip.sdp(self.host, self.media_port) if with_media else b""
        response = sip.Response(code, _REASONS[code], sip.Headers(tuple(pairs)), body).encoded()
        self._answers[sip.branch_of(headers), request.method] = response
        self._send(response)

    def datagram_received(self, datagram: bytes, _address: object) -> None:
        """asyncio: one SIP message has come."""
        message = sip.parse(datagram)
        call = self._calls_by_id.get(message.headers["Call-ID"])
        if isinstance(message, sip.Response):
            if isinstance(call, PlacedCall):
                call.take_response(message)
        elif answer := self._answers.get((sip.branch_of(message.headers), message.method)):
            self._send(answer)
        elif call is not None:
            call.receive(message)
        elif message.method == "INVITE":
            self._ringing(message)
        elif message.method != "ACK":
            self.respond(message, 481, sip.Party.read(message.headers["To"]))

    def _ringing(self, invite: sip.Request) -> None:
        call = ReceivedCall(self, invite)
        self._keep(call)
        self.respond(invite, 100, sip.Party.read(invite.headers["To"]))
        call.script = asyncio.ensure_future(self.script(call))
        call.script.add_done_callback(self._script_done)
        self._scripts.add(call.script)
        self._incoming.put_nowait(call)

    def _script_done(self, script: asyncio.Future[None]) -> None:
        self._scripts.discard(script)
        error = None if script.cancelled() else script.exception()
        if isinstance(error, Exception):
            self._failures.append(error)

    def _keep(self, call: Call) -> None:
        self.calls.append(call)
        self._calls_by_id[call.id] = call

    def _send(self, datagram: bytes) -> None:
        if self._transport is not None:
            self._transport.sendto(datagram, (self.pbx_host, SIP_PORT))


async def ringing_for_ever(call: ReceivedCall) -> None:
    """Ring and never answer."""
    call.ring()


@dataclass(frozen=True, slots=True)
class Answer:
    """Ring, answer, and hang up or wait for the other side to do it."""

    ring_s: float = 0.4
    """From the INVITE to the answer."""
    talk_s: float | None = None
    """From the answer to our hanging up; None = the other side hangs up."""
    rings: bool = True
    """False: the answer comes without a 180 before it."""

    async def __call__(self, call: ReceivedCall) -> None:
        """Run the script."""
        if self.rings:
            call.ring()
        await asyncio.sleep(self.ring_s)
        call.answer()
        if self.talk_s is not None:
            await asyncio.sleep(self.talk_s)
            call.hang_up()


@dataclass(frozen=True, slots=True)
class Talk:
    """Ring, answer, speak, and hang up."""

    ring_s: float
    talk_s: float

    async def __call__(self, call: ReceivedCall) -> None:
        """Run the script."""
        call.ring()
        await asyncio.sleep(self.ring_s)
        call.answer()
        await call.speak(self.talk_s)
        call.hang_up()


@dataclass(frozen=True, slots=True)
class EarlyMedia:
    """Send 183 instead of 180, then answer."""

    ring_s: float = 0.4
    """From the 183 to the answer."""

    async def __call__(self, call: ReceivedCall) -> None:
        """Run the script."""
        call.send_early_media()
        await asyncio.sleep(self.ring_s)
        call.answer()


@dataclass(frozen=True, slots=True)
class Refuse:
    """Refuse with a final response, after ringing or at once."""

    code: int
    ring_s: float | None = None
    """None = at once, without a 180."""

    async def __call__(self, call: ReceivedCall) -> None:
        """Run the script."""
        if self.ring_s is not None:
            call.ring()
            await asyncio.sleep(self.ring_s)
        call.refuse(self.code)
