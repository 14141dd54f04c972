"""Asterisk's stamps of time: text of a header -> epoch milliseconds. Pure."""

_AFTER_US_S = 4_102_444_800
"""The year 2100; a stamp beyond it is none, and would fit into no calendar."""


def parse_stamp(stamp: str | None) -> int | None:
    """Return the epoch milliseconds that a stamp tells, begun ones left out.

    Args:
        stamp: epoch seconds with up to six decimals, `1795314603.812345`; None = no such header.

    Returns:
        None when it tells no instant between 1970 and 2100.
    """
    try:
        seconds = float(stamp or "")
    except ValueError:
        return None
    if not 0 <= seconds < _AFTER_US_S:
        return None
    # By way of whole microseconds: cut right away, the float of 0.812 s could give 811 ms.
    return round(seconds * 1_000_000) // 1000
