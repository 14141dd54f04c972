"""Spans of days that a list or a table is about, as addresses name them and as instants.

In: `period`, `from` and `to` of an address, the zone of the office, the present instant. Out: days,
and the instants at which they begin and end there; a clock change makes one of 23 or 25 hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

_NEAR = {"today": (0, 0), "yesterday": (1, 1), "week": (6, 0), "month": (29, 0)}
"""How many days ago they begin and end; the week and the month end with today."""
OWN = "own"
CODES = (*_NEAR, OWN)
_EARLIEST, _LATEST = date(1990, 1, 1), date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Some days in a row, both ends inclusive."""

    code: str
    """One of `CODES`."""
    first: date
    last: date
    zone: ZoneInfo

    @property
    def since(self) -> int:
        """First instant, in epoch milliseconds."""
        return day_begins_at(self.first, self.zone)

    @property
    def until(self) -> int:
        """First instant after it."""
        return day_begins_at(self.last + timedelta(days=1), self.zone)

    @property
    def days(self) -> list[date]:
        """All of them, in order."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def query(self) -> dict[str, str]:
        """What an address says to get it."""
        if self.code != OWN:
            return {"period": self.code}
        return {"period": OWN, "from": self.first.isoformat(), "to": self.last.isoformat()}


def day_begins_at(day: date, zone: ZoneInfo) -> int:
    """Return the first instant of a day, in epoch milliseconds."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000


def near_period(code: str, zone: ZoneInfo, now_ms: int) -> Period:
    """Return one of the named periods, `today`."""
    today = datetime.fromtimestamp(now_ms / 1000, zone).date()
    begin, end = _NEAR[code]
    return Period(code, today - timedelta(days=begin), today - timedelta(days=end), zone)


def one_day(day: date, zone: ZoneInfo) -> Period:
    """Return a day as a period of its own."""
    return Period(OWN, day, day, zone)


def read_period(query: Mapping[str, str], zone: ZoneInfo, now_ms: int) -> Period | None:
    """Understand an address; None = it names no period, or one without any day.

    Of an own period one end may be missing: it is one day then. Its ends may stand in any order.
    """
    code = query.get("period", "")
    if code in _NEAR:
        return near_period(code, zone, now_ms)
    ends = sorted(filter(None, (_read_day(query.get(name, "")) for name in ("from", "to"))))
    return Period(OWN, ends[0], ends[-1], zone) if code == OWN and ends else None


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if _EARLIEST <= day <= _LATEST else None
