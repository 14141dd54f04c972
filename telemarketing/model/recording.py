"""One sound file of one call."""

from dataclasses import dataclass
from enum import StrEnum


class RecordingState(StrEnum):
    """What became of a file that the PBX named."""

    EXPECTED = "expected"
    """The call goes on, or the file is not there or not complete yet."""
    READY = "ready"
    EMPTY = "empty"
    """It is there and has no sound."""
    MISSING = "missing"
    """The call is over for long and no such file is there."""
    UNREADABLE = "unreadable"
    """It is there, but a folder of its path or itself may not be read."""
    OUTSIDE = "outside"
    """The path leads out of the configured folders, or to what is no file; it is never opened."""


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
    """Where it is, absolute and inside one of the roots; None until it was found. UNREADABLE: what
    may not be read, the file itself or a folder on the way to it."""
    size_bytes: int | None
    duration_ms: int | None
    looked_at: int | None
    """Epoch milliseconds of the last look; None = never."""


def same_file(one: str, other: str) -> bool:
    """Tell whether two names that a PBX gave mean one file: its log leaves out the folders."""
    return one == other or f"/{one}".endswith(f"/{other}") or f"/{other}".endswith(f"/{one}")
