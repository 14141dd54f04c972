"""What a sound file is: its length, whether there is any sound, and who can play it.

In: its name, size and first bytes. Out: figures and media types. It decodes nothing.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

HEAD_BYTES = 4096
"""How much of the beginning of a file `measure` wants to see."""

_RIFF_AT_LEAST = 60
"""A WAV whose sound cannot be told is empty up to here: the longest header that Asterisk writes."""
_EVEN_RATE = {1, 6, 7, 0x31}
"""Formats in which each second has the same bytes: PCM, A-law, mu-law, GSM."""

_PLAYABLE = {
    ".wav": "audio/wav",
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
}
"""By extension, what browsers play. `.WAV` is Asterisk's name for GSM in WAV, which none does."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What is in a file."""

    has_sound: bool
    duration_ms: int | None
    """None = not a WAV, or one in which it cannot be told."""


def media_type(file: str) -> str:
    """Name the media type by the extension, whose capitals count."""
    return _PLAYABLE.get(PurePosixPath(file).suffix, "application/octet-stream")


def is_playable(file: str) -> bool:
    """Tell whether browsers play a file of this name."""
    return PurePosixPath(file).suffix in _PLAYABLE


def measure(head: bytes, size_bytes: int) -> Sound:
    """Tell what a file holds, by the size it has: a recorder may have died before writing its own.

    Args:
        head: the first `HEAD_BYTES` of it, or all.
        size_bytes: of the whole file.
    """
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return Sound(size_bytes > 0, None)
    bytes_a_second = 0
    for name, start, length in _chunks(head):
        if name == b"fmt " and length >= 16:
            fields = head[start : start + 12].ljust(12, b"\0")
            code, _channels, _rate, rate_bytes = struct.unpack("<HHII", fields)
            bytes_a_second = rate_bytes if code in _EVEN_RATE else 0
        elif name == b"data":
            sound_bytes = max(0, size_bytes - start)
            if not bytes_a_second:
                return Sound(sound_bytes > 0, None)
            return Sound(sound_bytes > 0, sound_bytes * 1000 // bytes_a_second)
    return Sound(size_bytes > _RIFF_AT_LEAST, None)


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """The parts of a WAV: name, where its content begins, how long it says to be."""
    place = 12
    while place + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, place)
        yield name, place + 8, length
        place += 8 + length + length % 2
