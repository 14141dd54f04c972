"""What a person typed as the time of a call: `чт 14:30`, `за 2 години`, `25.11 9:00`, `in 2 h`.

In: the text, the present instant and the office's zone. Out: an instant or a day, or why it is
none. Pure; the words of the three languages stand in `when_words.py`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta
from enum import Enum, auto
from zoneinfo import ZoneInfo

from telemarketing.crm import when_words as words
from telemarketing.crm.working_hours import ClockChange, instant_of

_MINUTE_MS = 60_000
_LONGEST = 100
"""Characters; whatever is longer is a note."""
FARTHEST = timedelta(days=2 * 366)
"""Nothing is planned for longer ahead."""
_MISTYPED_WITHIN = timedelta(days=183)
"""A day without a year that passed more recently is meant as it is, and refused."""


class Problem(Enum):
    """Why a text cannot be planned for."""

    EMPTY = auto()
    NOT_UNDERSTOOD = auto()
    NO_SUCH_DAY = auto()
    PAST = auto()
    TOO_FAR = auto()
    """More than two years ahead."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When to call."""

    due_at: int
    """Epoch milliseconds; without a time, the first instant of the day in the zone."""
    has_time: bool
    clock_change: ClockChange = ClockChange.NONE
    """What was settled because clocks change in that night."""


def read_when(text: str, now: int, zone: ZoneInfo) -> Moment | Problem:
    """Understand when to call.

    A weekday is the next one in the future, minutes and hours ahead are elapsed time, days ahead
    are calendar days, and a time without a day is today's.

    Args:
        text: as it was typed.
        now: epoch milliseconds.
        zone: in whose local time the text is meant.
    """
    folded = _folded(text)
    if not folded:
        return Problem.EMPTY
    if len(folded) > _LONGEST:
        return Problem.NOT_UNDERSTOOD
    reading = _Reading(datetime.fromtimestamp(now / 1000, zone))
    try:
        reading.take_all(folded)
        return reading.moment(now, zone)
    except _NotPlannable as reason:
        return reason.problem


def moment_of(day: date, at: time | None, now: int, zone: ZoneInfo) -> Moment | Problem:
    """Make the moment of a day, and of a time on it, if there is one; it must not be past."""
    today = datetime.fromtimestamp(now / 1000, zone).date()
    if day < today:
        return Problem.PAST
    if day - today > FARTHEST:
        return Problem.TOO_FAR
    due_at, clock_change = instant_of(datetime.combine(day, at or time()), zone)
    if at is None:
        return Moment(due_at, has_time=False)
    return Moment(due_at, True, clock_change) if due_at > now else Problem.PAST


def _folded(text: str) -> str:
    folded = text.casefold().replace("ё", "е")
    folded = re.sub("[’ʼ`´]", "'", folded)
    # A comma between digits is part of the number.
    return " ".join(re.sub(r",(?!\d)|(?<!\d),|[;!]|(?<!\S)-(?!\S)", " ", folded).split())


class _NotPlannable(Exception):
    """Ends the reading of a text; never leaves this module."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class _Reading:
    """What has been understood of a text so far."""

    def __init__(self, local_now: datetime) -> None:
        self._local_now = local_now
        self._today = local_now.date()
        self._day: date | None = None
        self._weekday: int | None = None
        self._time: time | None = None
        self._ahead_ms: int | None = None

    def take_all(self, text: str) -> None:
        """Understand every part of a folded text, in any order."""
        while text:
            text = text[self._take_part(text) :].lstrip()

    def moment(self, now: int, zone: ZoneInfo) -> Moment | Problem:
        if self._ahead_ms is not None:
            if self._day or self._weekday or self._time:
                return Problem.NOT_UNDERSTOOD
            due_at = now + self._ahead_ms
            if self._ahead_ms > FARTHEST / timedelta(milliseconds=1):
                return Problem.TOO_FAR
            return Moment(due_at, has_time=True) if due_at > now else Problem.PAST
        if self._weekday is not None:
            return self._next_weekday(self._weekday, now, zone)
        return moment_of(self._day or self._today, self._time, now, zone)

    def _next_weekday(self, weekday: int, now: int, zone: ZoneInfo) -> Moment | Problem:
        day = self._today + timedelta(days=(weekday - self._today.isoweekday()) % 7)
        if day == self._today:
            later_today = moment_of(day, self._time, now, zone)
            if self._time is not None and isinstance(later_today, Moment):
                return later_today
            day += timedelta(days=7)
        return moment_of(day, self._time, now, zone)

    def _take_part(self, text: str) -> int:
        """Understand the beginning of a text; gives how many characters that was."""
        if ahead := words.AHEAD.match(text):
            return self._take_lengths(text, ahead.end())
        for pattern, take in self._rules():
            if found := pattern.match(text):
                take(found)
                return found.end()
        raise _NotPlannable(Problem.NOT_UNDERSTOOD)

    def _rules(self) -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], None]]]:
        """What may come next; a number alone is an hour only where a day has been named."""
        rules: list[tuple[re.Pattern[str], Callable[[re.Match[str]], None]]] = [
            (words.TODAY, lambda _: self._take_day(self._today)),
            (words.TOMORROW, lambda _: self._take_day(self._today + timedelta(days=1))),
            (words.DAY_AFTER, lambda _: self._take_day(self._today + timedelta(days=2))),
            (words.NEXT_WEEK, lambda _: self._take_day(self._next_monday())),
            (words.WEEKDAY, self._take_weekday),
            (words.ISO_DATE, self._take_date),
            (words.HALF_OF_DAY, self._take_half_of_day),
            (words.NOON, lambda _: self._take_time(12, 0)),
            (words.TIME, self._take_clock),
            (words.TIME_AFTER_AT, self._take_clock),
            (words.WORDED_DATE, self._take_worded_date),
            (words.MONTH_FIRST, self._take_worded_date),
            (words.DAY_OF_MONTH, self._take_day_of_month),
        ]
        if self._time is not None:
            rules.append((words.HOUR_WORD, lambda _: None))
        if self._day is None and self._weekday is None:
            rules.append((words.DATE, self._take_date))
        else:
            rules += [(words.DOTTED_TIME, self._take_clock), (words.BARE_HOUR, self._take_clock)]
        return rules

    def _take_lengths(self, text: str, at: int) -> int:
        found = words.LENGTH.match(text, at)
        if found is None:
            raise _NotPlannable(Problem.NOT_UNDERSTOOD)
        while found is not None:
            self._take_length(found)
            at = found.end() + (text[found.end() : found.end() + 1] == " ")
            found = words.LENGTH.match(text, at)
        return at

    def _take_length(self, found: re.Match[str]) -> None:
        amount = _amount(found)
        minutes = {"minutes": 1, "hours": 60}.get(found.lastgroup or "")
        if minutes is not None:
            self._ahead_ms = (self._ahead_ms or 0) + round(amount * minutes * _MINUTE_MS)
            return
        if amount != int(amount):
            raise _NotPlannable(Problem.NOT_UNDERSTOOD)
        if amount > FARTHEST.days:
            raise _NotPlannable(Problem.TOO_FAR)
        if found["months"]:
            self._take_day(_months_after(self._today, int(amount)))
        else:
            days = int(amount) * (7 if found["weeks"] else 1)
            self._take_day(self._today + timedelta(days=days))

    def _take_day(self, day: date) -> None:
        if self._day is not None or self._weekday is not None:
            raise _NotPlannable(Problem.NOT_UNDERSTOOD)
        self._day = day

    def _take_weekday(self, found: re.Match[str]) -> None:
        self._take_day(self._today)
        self._day, self._weekday = None, int((found.lastgroup or "")[1:])

    def _next_monday(self) -> date:
        return self._today + timedelta(days=8 - self._today.isoweekday())

    def _take_date(self, found: re.Match[str]) -> None:
        self._take_calendar_day(found["y"], int(found["m"]), int(found["d"]))

    def _take_worded_date(self, found: re.Match[str]) -> None:
        month = next(month for month in range(1, 13) if found[f"m{month}"])
        self._take_calendar_day(found["y"], month, int(found["d"]))

    def _take_calendar_day(self, year: str | None, month: int, day: int) -> None:
        if year is not None:
            self._take_day(_date(int(year) + (2000 if len(year) == 2 else 0), month, day))
            return
        # A 29th of February may be some years away.
        for candidate in range(self._today.year, self._today.year + 5):
            try:
                this = date(candidate, month, day)
            except ValueError:
                continue
            if self._today - this < _MISTYPED_WITHIN:
                self._take_day(this)
                return
        raise _NotPlannable(Problem.NO_SUCH_DAY)

    def _take_day_of_month(self, found: re.Match[str]) -> None:
        day = int(found["d"])
        month = self._today.replace(day=1)
        if day < self._today.day:
            month = _months_after(month, 1)
        self._take_day(_date(month.year, month.month, day))

    def _take_clock(self, found: re.Match[str]) -> None:
        minute = found.groupdict().get("min")
        self._take_time(int(found["h"]), int(minute or 0))

    def _take_half_of_day(self, found: re.Match[str]) -> None:
        hour = int(found["h"]) % 12 + (12 if found["pm"] else 0)
        self._take_time(hour, int(found["min"] or 0))

    def _take_time(self, hour: int, minute: int) -> None:
        if self._time is not None:
            raise _NotPlannable(Problem.NOT_UNDERSTOOD)
        self._time = time(hour, minute)


def _amount(found: re.Match[str]) -> float:
    if found["number"]:
        return float(found["number"].replace(",", "."))
    if found["one_and_a_half"]:
        return 1.5
    return 0.5 if found["half"] else 1.0


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise _NotPlannable(Problem.NO_SUCH_DAY) from None


def _months_after(day: date, months: int) -> date:
    """The same day so many months later; where that month is shorter, its last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year >= MAXYEAR:
        raise _NotPlannable(Problem.TOO_FAR)
    last = (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
