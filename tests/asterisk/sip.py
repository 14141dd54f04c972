"""SIP messages as values: bytes of a datagram <-> requests and responses.

Only the grammar, and only as much of it as Asterisk and the phones of these tests speak (UDP, one
message in a datagram, no folded or compact headers). No sockets, no state.
"""

import re
import struct
from dataclasses import dataclass
from typing import Self

BRANCH_COOKIE = "z9hG4bK"


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers of one message, in order; a name may repeat."""

    pairs: tuple[tuple[str, str], ...]

    def __getitem__(self, name: str) -> str:
        """First value of a header, `""` when there is none; names ignore case."""
        values = self.all(name)
        return values[0] if values else ""

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order."""
        wanted = name.lower()
        return [value for known, value in self.pairs if known.lower() == wanted]

    def copied(self, *names: str) -> list[tuple[str, str]]:
        """Those headers as they stand, as a response has to repeat them."""
        return [(name, value) for name in names for value in self.all(name)]


@dataclass(frozen=True, slots=True)
class Request:
    """INVITE, ACK, BYE, CANCEL, ..."""

    method: str
    uri: str
    headers: Headers
    body: bytes = b""

    def encoded(self) -> bytes:
        """Return the datagram."""
        return _encoded(f"{self.method} {self.uri} SIP/2.0", self.headers, self.body)


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a request: 1xx provisional, 2xx yes, 3xx-6xx no."""

    code: int
    reason: str
    headers: Headers
    body: bytes = b""

    def encoded(self) -> bytes:
        """Return the datagram."""
        return _encoded(f"SIP/2.0 {self.code} {self.reason}", self.headers, self.body)

    @property
    def method(self) -> str:
        """Method of the request that is answered."""
        return self.headers["CSeq"].split()[-1]


def parse(datagram: bytes) -> Request | Response:
    """Read one datagram.

    Raises:
        ValueError: it is not SIP.
    """
    head, _, body = datagram.partition(b"\r\n\r\n")
    start, *lines = head.decode().split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = Headers(tuple((name.strip(), value.strip()) for name, _, value in pairs))
    first, second, rest = start.split(" ", 2)
    if first == "SIP/2.0":
        return Response(int(second), rest, headers, body)
    if rest == "SIP/2.0":
        return Request(first, second, headers, body)
    raise ValueError(f"not SIP: {start!r}")


def branch_of(headers: Headers) -> str:
    """Return what ties a response to its request: the branch of the topmost Via."""
    return _parameter(headers["Via"], "branch")


def tag_of(address: str) -> str:
    """Return the tag of a From or To header, `""` when it has none yet."""
    return _parameter(address, "tag")


def uri_of(address: str) -> str:
    """Return the URI of a From, To or Contact header."""
    inside = re.search(r"<([^>]*)>", address)
    return inside[1] if inside else address.partition(";")[0].strip()


def user_of(uri: str) -> str:
    """Return the part before the @, `""` when there is none."""
    user, at, _ = uri.removeprefix("sip:").partition("@")
    return user if at else ""


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a dialog: what stands in From or To."""

    address: str
    tag: str

    @classmethod
    def read(cls, header: str) -> Self:
        """Read a From or To header."""
        return cls(re.sub(r";\s*tag=[^;>]*", "", header), tag_of(header))

    def written(self) -> str:
        """Return it as a header's value."""
        return f"{self.address};tag={self.tag}" if self.tag else self.address


def sdp(host: str, port: int) -> bytes:
    """Return an offer, or an answer, of one u-law stream at this address."""
    lines = (
        "v=0",
        f"o=- 1 1 IN IP4 {host}",
        "s=-",
        f"c=IN IP4 {host}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0",
        "a=rtpmap:0 PCMU/8000",
        "a=sendrecv",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def media_address(body: bytes) -> tuple[str, int]:
    """Return where a description wants sound to be sent."""
    lines = dict(
        line.split("=", 1) for line in body.decode().splitlines() if line[:2] in {"c=", "m="}
    )
    return lines["c"].split()[-1], int(lines["m"].split()[1])


def rtp(number: int, sound: bytes) -> bytes:
    """Return one packet of u-law sound of a stream, the first with number 0."""
    return struct.pack("!BBHII", 0x80, 0, number, number * len(sound), 0x7E57) + sound


def _encoded(start: str, headers: Headers, body: bytes) -> bytes:
    lines = [start, *(f"{name}: {value}" for name, value in headers.pairs)]
    if body:
        lines.append("Content-Type: application/sdp")
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def _parameter(value: str, name: str) -> str:
    # Parameters of the header stand after the URI's closing bracket.
    found = re.search(rf";\s*{name}=([^;,\s]*)", value.rpartition(">")[2])
    return found[1] if found else ""
