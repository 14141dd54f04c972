"""The current time, in UTC; the only reader of the system clock.

Instants travel through the program as integer epoch milliseconds (UTC).
"""

import time
from datetime import UTC, datetime


def now_ms() -> int:
    """Return the current instant in epoch milliseconds."""
    return time.time_ns() // 1_000_000


def to_iso(at_ms: int) -> str:
    """Return an instant as ISO 8601 with milliseconds and zone, `2026-11-21T08:15:00.250+00:00`."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")


def to_iso_or_none(at_ms: int | None) -> str | None:
    """Return the same of an instant that may not have come."""
    return None if at_ms is None else to_iso(at_ms)
