"""Parts of an ordered row of measurements."""

from collections.abc import Sequence


def quantile(ordered: Sequence[float], part: float) -> float:
    """Give the measurement below which this part of them lies; of few, the next greater one."""
    return ordered[min(int(len(ordered) * part), len(ordered) - 1)]
