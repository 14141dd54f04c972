"""Rows -> columns that people can read in a terminal.

In: texts. Out: one text of aligned columns. Knows nothing of what the rows mean.
"""

from collections.abc import Sequence
from datetime import datetime


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align rows under their titles; every row has as many cells as there are titles."""
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in (titles, *rows)
    ]
    return "\n".join(lines)


def local_time(at_ms: int | None) -> str:
    """Show an instant (epoch milliseconds) in the machine's zone; None = ``."""
    if at_ms is None:
        return ""
    return datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def minutes(duration_ms: int) -> str:
    """Show a duration cut to whole seconds: 419,960 ms -> `6:59`."""
    whole_s = duration_ms // 1000
    return f"{whole_s // 60}:{whole_s % 60:02}"
