"""One sound file of one call."""

from dataclasses import dataclass
from enum import StrEnum


class RecordingState(StrEnum):
    """What became of a file that the PBX named."""

    EXPECTED = "expected"
    """The call goes on, or the file is not complete yet."""
    READY = "ready"
    EMPTY = "empty"
    """It is there and has no sound."""
    MISSING = "missing"
    """The call is over for long and no such file is there."""
    UNREADABLE = "unreadable"
    """It is there, but a folder of its path or itself may not be read."""
    OUTSIDE = "outside"
    """The path leads out of the configured folders; it is never opened."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A file, as the PBX named it, and what is known of it."""

    call_id: int
    position: int
    """0, 1, ... in the order in which the recordings began."""
    path: str
    """As the PBX wrote it; data, never opened as it is."""
    state: RecordingState
    file: str | None
    """Where it is, absolute and inside one of the roots; None until it was found."""
    size_bytes: int | None
    duration_ms: int | None
    looked_at: int | None
    """Epoch milliseconds of the last look; None = never."""
