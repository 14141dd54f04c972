"""The format of AMI on the wire: bytes of one direction of a socket -> framed messages -> headers.

In: chunks of bytes, cut anywhere. Out: whole messages; of the events only those that call tracking
understands are ever decoded, because they are a third of what a busy PBX sends. Pure: no socket, no
clock. It must never raise for bytes it does not like, and its cost is linear in them.
"""

import re
from typing import NamedTuple

from telemarketing.ami.parsing import TRACKED_EVENTS, TRACKED_VARIABLES

MESSAGE_LIMIT_BYTES = 256 * 1024
"""The longest message believed; a hundred times what a real Asterisk was seen to send."""

_END = b"\r\n\r\n"
_ANY_END = re.compile(rb"\r\n\r\n|\n\n")
_SEAM_BYTES = len(_END) - 1
"""How much of an end may already have arrived with the chunks before."""

_KNOWN_NAMES_AT_MOST = 1000
"""Asterisk has some 200 event names; a peer that invents more must not fill the memory."""

_SKIP, _KEEP, _VARIABLE, _CONTROL, _BOTH = range(5)
_FOR_THE_LINK_TOO = frozenset({"CoreShowChannel", "CoreShowChannelsComplete"})
_VARIABLES = frozenset(name.encode() for name in TRACKED_VARIABLES)
_VARIABLE_HEADER = b"\r\nVariable: "


class Message(NamedTuple):
    """One event or response."""

    received_at: int
    """Epoch milliseconds of arrival here."""
    headers: dict[str, str]
    """In the order of the wire; of a repeated header the first one."""


class Sighting(NamedTuple):
    """An event name met for the first time on a connection: it proves the right to read it."""

    name: str
    classes: frozenset[str]
    """The read classes of its header Privilege; empty when the event tells none."""
    uniqueid: str | None
    """The channel it is about, if it is about one."""


class Framer:
    """Cuts the bytes of one connection into messages; any cut of the chunks gives the same ones."""

    def __init__(self) -> None:
        self._unfinished = bytearray()
        self._skipping = False
        self.oversized_count = 0
        """Messages given up because they passed MESSAGE_LIMIT_BYTES."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes and return the messages they complete, without their empty line.

        Leading blank lines are still on them. Bare LF LF ends a message too; its lines then come
        out with CRLF. Each byte is looked at once, however finely it is cut.
        """
        unfinished = self._unfinished
        if unfinished:
            seam = max(len(unfinished) - _SEAM_BYTES, 0)
            unfinished += chunk
            if unfinished.find(_END, seam) < 0 and unfinished.find(b"\n\n", seam) < 0:
                self._bound()
                return []
            chunk = bytes(unfinished)
        messages = _split_any(chunk) if b"\n\n" in chunk else chunk.split(_END)
        self._unfinished = bytearray(messages.pop())
        if self._skipping and messages:
            del messages[0]
            self._skipping = False
        if len(chunk) > MESSAGE_LIMIT_BYTES:
            messages = self._without_oversized(messages)
        self._bound()
        return messages

    def rest(self) -> bytes:
        """Return what has come of a message whose end has not; nothing of an oversized one."""
        return b"" if self._skipping else bytes(self._unfinished)

    def _bound(self) -> None:
        if not self._skipping and len(self._unfinished) > MESSAGE_LIMIT_BYTES + _SEAM_BYTES:
            self._skipping = True
            self.oversized_count += 1
        if self._skipping:
            del self._unfinished[:-_SEAM_BYTES]

    def _without_oversized(self, messages: list[bytes]) -> list[bytes]:
        believed = [raw for raw in messages if len(raw) <= MESSAGE_LIMIT_BYTES]
        self.oversized_count += len(messages) - len(believed)
        return believed


class Sieve:
    """Tells apart, by the first line alone, what is worth reading; one per connection."""

    def __init__(self) -> None:
        self._verdicts: dict[bytes, int] = {}  # by first line, with the CR that ends it
        self._sightings: list[Sighting] = []
        self.garbage_count = 0
        """Messages that are neither event nor response."""

    def select(self, messages: list[bytes]) -> tuple[list[bytes], list[bytes]]:
        """Sort what the framer gave.

        Returns:
            First the tracked events, for the consumer; second what the link itself must see:
            every response, FullyBooted, and the lists of channels (which are in both). Each in
            order.
        """
        events: list[bytes] = []
        control: list[bytes] = []
        verdict_of = self._verdicts.get
        for message in messages:
            raw = message
            verdict = verdict_of(raw[: raw.find(b"\r") + 1])
            if verdict is None:
                raw, verdict = self._look_closer(raw)
            if verdict == _VARIABLE:
                start = raw.find(_VARIABLE_HEADER) + len(_VARIABLE_HEADER)
                if raw[start : raw.find(b"\r\n", start)] in _VARIABLES:
                    events.append(raw)
            elif verdict == _KEEP:
                events.append(raw)
            elif verdict == _CONTROL:
                control.append(raw)
            elif verdict == _BOTH:
                control.append(raw)
                events.append(raw)
        return events, control

    def take_sightings(self) -> list[Sighting]:
        """Return the event names met for the first time since the last call, skipped ones too."""
        sightings, self._sightings = self._sightings, []
        return sightings

    def _look_closer(self, raw: bytes) -> tuple[bytes, int]:
        """Judge a first line never met before, or garbage before an event."""
        raw = _without_garbage(raw)
        first, _, others = raw.partition(b"\r\n")
        kind, _, value = first.partition(b": ")
        if kind not in (b"Event", b"Response"):
            self.garbage_count += bool(raw)
            return raw, _SKIP
        verdict = _CONTROL if kind == b"Response" else _verdict(_decoded(value))
        line = first + b"\r"
        if line in self._verdicts or len(self._verdicts) >= _KNOWN_NAMES_AT_MOST:
            return raw, verdict
        self._verdicts[line] = verdict
        if kind == b"Event":
            headers = parse_message(others, 0).headers
            classes = frozenset(headers.get("Privilege", "").split(",")) - {"all", ""}
            self._sightings.append(Sighting(_decoded(value), classes, headers.get("Uniqueid")))
        return raw, verdict


def parse_message(raw: bytes, received_at: int) -> Message:
    """Decode one framed message; `received_at` is epoch milliseconds."""
    text = _decoded(raw)
    pairs = [line.split(": ", 1) for line in text.split("\r\n")]
    try:
        headers: dict[str, str] = dict(pairs)
    except ValueError:
        return Message(received_at, _first_of_each(text))
    if len(headers) != len(pairs):
        return Message(received_at, _first_of_each(text))
    return Message(received_at, headers)


def _first_of_each(text: str) -> dict[str, str]:
    """Headers one by one: repeated ones, `Key:value`, and lines that are no header at all."""
    headers: dict[str, str] = {}
    for line in text.split("\r\n"):
        key, colon, value = line.partition(":")
        if colon and key:
            headers.setdefault(key, value.removeprefix(" "))
    return headers


def _decoded(raw: bytes) -> str:
    # A byte that is not UTF-8 stays readable as \xNN: nothing is lost, the letters around it stay
    # whole, and neither JSON nor a database ever sees a lone surrogate or a NUL.
    text = raw.decode("utf-8", "backslashreplace")
    return text.replace("\0", "\\x00") if "\0" in text else text


def _split_any(chunk: bytes) -> list[bytes]:
    pieces = []
    start = 0
    for end in _ANY_END.finditer(chunk):
        piece = chunk[start : end.start()]
        pieces.append(piece if end[0] == _END else _with_crlf(piece))
        start = end.end()
    pieces.append(chunk[start:])
    return pieces


def _with_crlf(piece: bytes) -> bytes:
    return piece.replace(b"\r\n", b"\n").removesuffix(b"\r").replace(b"\n", b"\r\n")


def _without_garbage(raw: bytes) -> bytes:
    raw = raw.lstrip(b"\r\n")
    if raw.startswith((b"Event: ", b"Response: ")):
        return raw
    start = raw.find(b"\r\nEvent: ")
    return raw if start < 0 else raw[start + 2 :]


def _verdict(name: str) -> int:
    if name == "FullyBooted":
        return _CONTROL
    if name in _FOR_THE_LINK_TOO:
        return _BOTH
    if name == "VarSet":
        return _VARIABLE
    return _KEEP if name in TRACKED_EVENTS else _SKIP
