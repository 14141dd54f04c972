r"""Recorded AMI sessions: what a PBX said, as text that any tool can read and make.

A session file is the bytes of the wire. Its first line is a comment, `# what was done, by which
version`; each message ends with one header more than Asterisk sent, `ReceivedAt: 1795314603.812`,
the epoch seconds of its arrival. Secrets are taken out while writing. In: framed messages, or the
path of a file. Out: the file, or its messages in order. Reading is generous: the raw dump of any
other tool will do, with LF or CRLF, without comment, stamps or end.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from telemarketing.ami.stamps import parse_stamp
from telemarketing.ami.wire import Framer, Message, parse_message
from telemarketing.errors import CaptureError

_HIDDEN = b"***"
_SECRET_HEADER = re.compile(
    rb"(?im)^((?:[\w-]*(?:secret|passw|challenge|token)[\w-]*|key|receivedhash|expectedresponse"
    rb"|authorization): ).+?(?=\r?$)"
)
_SECRET_VARIABLE = re.compile(rb"(?im)^Variable: [^\r\n]*(?:secret|pass|token|\bpin\b)")
_VALUE = re.compile(rb"(?m)^(Value: ).+?(?=\r?$)")
_SECRET_APPLICATION = re.compile(rb"(?im)^Application: (?:VM)?Authenticate\r?$")
_APPLICATION_ARGUMENTS = re.compile(rb"(?m)^(AppData: ).+?(?=\r?$)")

_REFUSAL = b"Response: Error"
_CHUNK_BYTES = 64 * 1024
_NO_MESSAGE = re.compile(rb"(?:#|Asterisk Call Manager/|\xef\xbb\xbf#)[^\n]*(?:\n|$)")


class SessionWriter:
    """Writes a session file; what was written is complete whenever the program is stopped.

    The file is for its owner only. One that has recorded nothing, or only refusals, is removed at
    the end of `with`, so that the next try may have its name.

    Args:
        path: a file that does not exist yet.
        title: what was done, by which version; becomes the first line.
        secrets: values that are blotted out wherever they stand, if they have 8 characters or
            more: blotting out a secret like `101` would destroy the recording and hide nothing.

    Raises:
        CaptureError: the file exists, or its folder cannot be written.
    """

    def __init__(self, path: Path, title: str, secrets: Collection[str] = ()) -> None:
        self._path = path
        self._secrets = [secret.encode() for secret in secrets if len(secret) >= 8]
        self.message_count = 0
        """Messages written; a refusal (`Response: Error`) is written, but does not count."""
        try:
            path.touch(mode=0o600, exist_ok=False)
            # Unbuffered: a session that is interrupted leaves whole messages behind.
            self._file = path.open("ab", buffering=0)
        except FileExistsError:
            raise CaptureError(f"{path} exists already: choose another name") from None
        except OSError as error:
            raise CaptureError(f"{path} cannot be written: {error.strerror}") from error
        try:
            self._append(f"# {' '.join(title.split())}\r\n".encode())
        except CaptureError:
            self._close()
            raise

    def write(self, raw: bytes, received_at: int) -> None:
        """Append one framed message; `received_at` is epoch milliseconds.

        Raises:
            CaptureError: the disk refuses it.
        """
        message = without_secrets(raw.strip(b"\r\n"), self._secrets)
        if message:
            stamp = f"\r\nReceivedAt: {received_at / 1000:.3f}\r\n\r\n"
            self._append(message + stamp.encode())
            self.message_count += not message.startswith(_REFUSAL)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    def _close(self) -> None:
        self._file.close()
        if not self.message_count:
            self._path.unlink(missing_ok=True)

    def _append(self, text: bytes) -> None:
        try:
            while text:
                text = text[self._file.write(text) :]
        except OSError as error:
            raise CaptureError(f"{self._path} cannot be written: {error.strerror}") from error


def without_secrets(raw: bytes, secrets: Collection[bytes] = ()) -> bytes:
    """Blot out of one framed message what opens doors: secrets, passwords, challenges, keys."""
    raw = _SECRET_HEADER.sub(rb"\1" + _HIDDEN, raw)
    if _SECRET_VARIABLE.search(raw):
        raw = _VALUE.sub(rb"\1" + _HIDDEN, raw)
    if _SECRET_APPLICATION.search(raw):
        raw = _APPLICATION_ARGUMENTS.sub(rb"\1" + _HIDDEN, raw)
    for secret in secrets:
        raw = raw.replace(secret, _HIDDEN)
    return raw


def read_session(path: Path) -> Iterator[Message]:
    """Yield every event and response of a session file, or of a raw dump, in order.

    Each message has the instant of its own header ReceivedAt, else Timestamp, else that of the
    message before it; what stands before the first known instant has that one. A last message
    whose last line was cut off is left out. The file is read piece by piece.

    Raises:
        CaptureError: it cannot be read, or holds no AMI message at all.
    """
    received_at: int | None = None
    undated: list[Message] = []
    found = False
    for raw in _framed(path):
        message = parse_message(raw, 0)
        if "Event" not in message.headers and "Response" not in message.headers:
            continue
        found = True
        received_at = _instant(message.headers, received_at)
        if received_at is None:
            undated.append(message)
            continue
        for earlier in undated:
            yield earlier._replace(received_at=received_at)
        undated.clear()
        yield message._replace(received_at=received_at)
    yield from undated
    if not found:
        raise CaptureError(f"{path} holds no message of Asterisk's manager interface")


def _framed(path: Path) -> Iterator[bytes]:
    framer = Framer()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield from map(_message_only, framer.feed(chunk))
    except OSError as error:
        raise CaptureError(f"{path} cannot be read: {error.strerror}") from error
    rest = framer.rest()
    if rest.endswith(b"\n"):
        yield _message_only(rest.strip(b"\r\n").replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))


def _message_only(raw: bytes) -> bytes:
    """Take comments and greetings off the front."""
    raw = raw.lstrip(b"\r\n")
    while found := _NO_MESSAGE.match(raw):
        raw = raw[found.end() :].lstrip(b"\r\n")
    return raw


def _instant(headers: dict[str, str], before: int | None) -> int | None:
    for name in ("ReceivedAt", "Timestamp"):
        if (stamped_at := parse_stamp(headers.get(name))) is not None:
            return stamped_at
    return before
