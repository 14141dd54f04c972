"""When people here call clients: an instant -> the next one that lies in working hours.

In: the office's zone, days and times. Out: instants. Pure; what the clock of the zone skips or
shows twice is settled here for everybody who plans.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo


class ClockChange(Enum):
    """What the clock of a zone does at a local time."""

    NONE = auto()
    SKIPPED = auto()
    """It goes from before that time to after it; meant is as long after the change."""
    REPEATED = auto()
    """It shows that time twice; meant is the first."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """The working week of the office."""

    zone: ZoneInfo
    begins: time
    ends: time
    """Before `begins`: the shift ends on the next day; the same: it works round the clock."""
    days: frozenset[int]
    """On which it begins, 1 = Monday; at least one."""

    def next_from(self, at: int) -> int:
        """Give an instant (epoch milliseconds) itself, or the beginning of the next shift."""
        day = datetime.fromtimestamp(at / 1000, self.zone).date() - timedelta(days=1)
        while True:
            if day.isoweekday() in self.days:
                begins, _ = instant_of(datetime.combine(day, self.begins), self.zone)
                next_day = day + timedelta(days=1 if self.ends <= self.begins else 0)
                ends, _ = instant_of(datetime.combine(next_day, self.ends), self.zone)
                if at < ends:
                    return max(at, begins)
            day += timedelta(days=1)


def instant_of(local: datetime, zone: ZoneInfo) -> tuple[int, ClockChange]:
    """Find the instant at which the clocks of a zone show a local time.

    Args:
        local: without a zone.
        zone: whose clocks.

    Returns:
        Epoch milliseconds, and whether a change of the clocks had to be settled.
    """
    first = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    at = round(first.timestamp() * 1000)
    if first == second:
        return at, ClockChange.NONE
    # In a gap the two readings are in the opposite order.
    return at, ClockChange.REPEATED if first < second else ClockChange.SKIPPED
