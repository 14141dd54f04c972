"""Rows -> columns that people can read in a terminal.

In: texts. Out: one text of aligned columns. Knows nothing of what the rows mean.
"""

import re
from collections.abc import Sequence
from datetime import datetime

_FIGURES = re.compile(r"~?[0-9]+(:[0-9]{2})?")
"""A count, an id, a duration or an estimate of one."""


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Align rows under their titles, figures by their last digit.

    Args:
        titles: of the columns.
        rows: each with as many cells as there are titles.
    """
    columns = [_aligned(column) for column in zip(titles, *rows, strict=True)]
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))


def _aligned(column: Sequence[str]) -> list[str]:
    width = max(map(len, column))
    _, *cells = column
    if all(_FIGURES.fullmatch(cell) for cell in cells if cell):
        return [cell.rjust(width) for cell in column]
    return [cell.ljust(width) for cell in column]


def local_time(at_ms: int | None) -> str:
    """Show an instant (epoch milliseconds) in the machine's zone; None = ``."""
    if at_ms is None:
        return ""
    return datetime.fromtimestamp(at_ms / 1000).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def local_day(at_ms: int) -> str:
    """Show an instant by its day alone when it is the first of that day."""
    return local_time(at_ms).removesuffix(" 00:00:00")


def minutes(duration_ms: int) -> str:
    """Show a duration cut to whole seconds: 419,960 ms -> `6:59`."""
    whole_s = duration_ms // 1000
    return f"{whole_s // 60}:{whole_s % 60:02}"
