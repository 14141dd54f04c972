"""How numbers, times, money and phones look to a person; pure, by language and time zone.

In: what the database holds (epoch milliseconds, milliseconds, minor units, E.164). Out: text with
non-breaking spaces where a line must not break. It knows no templates; `render.py` offers these
functions to them as filters.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import phonenumbers
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal, get_currency_precision
from phonenumbers import NumberParseException, PhoneNumberFormat

from telemarketing.web.languages import translations

NBSP = "\u00a0"
NOTHING = "–"
"""Stands where a figure cannot be told, like a share of nothing."""

_LOCALES = {"ru": "ru", "uk": "uk", "en": "en_GB"}
_DAY_FORMATS = {"ru": "dd.MM.yyyy", "uk": "dd.MM.yyyy", "en": "d MMM yyyy"}
_LONG_DAY_FORMATS = {"ru": "EEEE, d MMMM", "uk": "EEEE, d MMMM", "en": "EEEE, d MMMM"}
_GROUPS = {"+380": (2, 3, 2, 2), "+7": (3, 3, 2, 2)}
"""How the digits behind the country's code are read aloud: city or network, then 3-2-2."""


def show_phone(number: str) -> str:
    """Show a number in E.164, `+380 44 123-45-67`; anything else (raw, internal) as it is."""
    for code, groups in _GROUPS.items():
        rest = number.removeprefix(code)
        if rest != number and len(rest) == sum(groups):
            return f"{code}{NBSP}{_in_groups(rest, groups)}"
    try:
        parsed = phonenumbers.parse(number)
    except NumberParseException:
        return number
    shown = phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    return _unbroken(shown)


def _in_groups(digits: str, groups: tuple[int, ...]) -> str:
    parts = []
    for size in groups:
        parts.append(digits[:size])
        digits = digits[size:]
    return f"{parts[0]}{NBSP}{'-'.join(parts[1:])}"


def _unbroken(text: str) -> str:
    return text.replace(" ", NBSP)


def show_duration(duration_ms: int) -> str:
    """Show a length cut to whole seconds, `4:35` or `1:02:07`."""
    minutes, seconds = divmod(max(duration_ms, 0) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


@dataclass(frozen=True, slots=True)
class Formats:
    """What depends on who reads, and where and when."""

    language: str
    zone: ZoneInfo
    now_ms: int

    def local(self, at_ms: int) -> datetime:
        """Return an instant on the office's clock."""
        return datetime.fromtimestamp(at_ms / 1000, self.zone)

    def clock(self, at_ms: int) -> str:
        """Show hour and minute, `14:30`."""
        return f"{self.local(at_ms):%H:%M}"

    def day(self, on: date) -> str:
        """Show a date, `21.11.2026` or `21 Nov 2026`."""
        return self._date(on, _DAY_FORMATS)

    def long_day(self, on: date) -> str:
        """Show a date as a heading, `Saturday, 21 November`."""
        return self._date(on, _LONG_DAY_FORMATS)

    def _date(self, on: date, patterns: dict[str, str]) -> str:
        pattern = patterns[self.language]
        return _unbroken(format_date(on, pattern, _LOCALES[self.language]))

    def moment(self, at_ms: int) -> str:
        """Show an instant: `today 14:30`, up to two days away by word, else with its date."""
        local = self.local(at_ms)
        day = self._near_day(local.date() - self.local(self.now_ms).date())
        return f"{day}{NBSP}{local:%H:%M}" if day else self.full_moment(at_ms)

    def near_day(self, at_ms: int) -> str:
        """Show the day of an instant: `tomorrow`, up to two days away by word, else its date."""
        on = self.local(at_ms).date()
        return self._near_day(on - self.local(self.now_ms).date()) or self.day(on)

    def full_moment(self, at_ms: int) -> str:
        """Show an instant with its date, `21.11.2026, 14:30`."""
        local = self.local(at_ms)
        return f"{self.day(local.date())}, {local:%H:%M}"

    def _near_day(self, distance: timedelta) -> str | None:
        gettext = translations(self.language).gettext
        names = {
            -2: gettext("two days ago"),
            -1: gettext("yesterday"),
            0: gettext("today"),
            1: gettext("tomorrow"),
            2: gettext("in two days"),
        }
        # English has no word for these two, and a date is shorter than the phrase.
        if self.language == "en" and abs(distance.days) > 1:
            return None
        return names.get(distance.days)

    def late(self, duration_ms: int) -> str:
        """Show by how much, for a person in a hurry: `10 min`, `2 h 10 min`, `3 d`."""
        gettext = translations(self.language).gettext
        if days := duration_ms // 86_400_000:
            return _unbroken(gettext("%(days)s d") % {"days": days})
        return self.total(duration_ms)

    def total(self, duration_ms: int) -> str:
        """Show a sum of lengths, cut to minutes: `18 h 40 min`, `40 min`."""
        gettext = translations(self.language).gettext
        hours, minutes = divmod(max(duration_ms, 0) // 60_000, 60)
        if not hours:
            return _unbroken(gettext("%(minutes)s min") % {"minutes": minutes})
        parts = {"hours": self.number(hours), "minutes": minutes}
        return _unbroken(gettext("%(hours)s h %(minutes)s min") % parts)

    def number(self, number: int) -> str:
        """Show a whole number with groups, `12 500` or `12,500`."""
        return format_decimal(number, locale=_LOCALES[self.language])

    def percent(self, part: int, whole: int) -> str:
        """Show a share rounded to whole percents, `65 %` or `65%`; of nothing: a dash."""
        if not whole:
            return NOTHING
        share = (200 * part + whole) // (2 * whole)
        return f"{share}%" if self.language == "en" else f"{share}{NBSP}%"

    def money(self, minor: int, currency: str) -> str:
        """Show an amount of minor units (kopecks, cents) of an ISO 4217 currency, `12 500,00 ₴`."""
        amount = Decimal(minor).scaleb(-get_currency_precision(currency))
        return format_currency(amount, currency, locale=_LOCALES[self.language])
