"""How numbers, times and phones look to a person."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemarketing.web.formats import NBSP, NOTHING, Formats, show_duration, show_phone

KYIV = ZoneInfo("Europe/Kyiv")
HOUR_MS = 3_600_000


def at(text: str) -> int:
    """An instant by Kyiv's clock, in epoch milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=KYIV).timestamp() * 1000)


NOW = at("2026-11-22T12:00")
READERS = {language: Formats(language, KYIV, NOW) for language in ("ru", "uk", "en")}


def plain(text: str) -> str:
    """The same with ordinary blanks, for the eye of whoever reads the test."""
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+380441234567", "+380 44 123-45-67"),
        ("+380671112233", "+380 67 111-22-33"),
        ("+74951234567", "+7 495 123-45-67"),
        ("+4915112345678", "+49 1511 2345678"),
        ("+375291234567", "+375 29 123-45-67"),
        ("101", "101"),
        ("+38044", "+380 44"),
        ("*72", "*72"),
        ("", ""),
    ],
)
def test_phone(number: str, shown: str) -> None:
    """A number in E.164 is grouped as people say it; what is no number stays as it is."""
    assert plain(show_phone(number)) == shown


@given(st.text(max_size=20))
def test_any_text_for_a_phone(number: str) -> None:
    """No raw number breaks a page."""
    assert isinstance(show_phone(number), str)


@pytest.mark.parametrize(
    ("duration_ms", "shown"),
    [
        (0, "0:00"),
        (-250, "0:00"),
        (59_999, "0:59"),
        (275_000, "4:35"),
        (419_999, "6:59"),
        (420_000, "7:00"),
        (3_599_999, "59:59"),
        (3_727_000, "1:02:07"),
        (360_000_000, "100:00:00"),
    ],
)
def test_duration(duration_ms: int, shown: str) -> None:
    """A length is cut to whole seconds, so that 6:59.999 is not seven minutes."""
    assert show_duration(duration_ms) == shown


@pytest.mark.parametrize(
    ("when", "ru", "uk", "en"),
    [
        ("2026-11-22T09:05", "сегодня 09:05", "сьогодні 09:05", "today 09:05"),
        ("2026-11-21T14:30", "вчера 14:30", "вчора 14:30", "yesterday 14:30"),
        ("2026-11-20T00:00", "позавчера 00:00", "позавчора 00:00", "20 Nov 2026, 00:00"),
        ("2026-11-19T23:59", "19.11.2026, 23:59", "19.11.2026, 23:59", "19 Nov 2026, 23:59"),
        ("2026-11-23T10:00", "завтра 10:00", "завтра 10:00", "tomorrow 10:00"),
        ("2026-11-24T10:00", "послезавтра 10:00", "післязавтра 10:00", "24 Nov 2026, 10:00"),
    ],
)
def test_moment(when: str, ru: str, uk: str, en: str) -> None:
    """Up to two days away a moment has a word for its day, beyond that its date."""
    shown = {language: plain(reader.moment(at(when))) for language, reader in READERS.items()}

    assert shown == {"ru": ru, "uk": uk, "en": en}


def test_moment_over_the_change_of_clocks() -> None:
    """On the day with 25 hours, yesterday is still the day before, by the office's clock."""
    reader = Formats("en", KYIV, at("2026-10-25T23:30"))

    assert plain(reader.moment(at("2026-10-24T23:45"))) == "yesterday 23:45"
    assert plain(reader.moment(at("2026-10-25T00:15"))) == "today 00:15"


def test_moment_goes_by_the_office_and_not_by_utc() -> None:
    """Half past eleven in the evening of UTC is tomorrow in Kyiv."""
    instant = int(datetime(2026, 11, 22, 23, 30, tzinfo=UTC).timestamp() * 1000)

    assert plain(READERS["en"].moment(instant)) == "tomorrow 01:30"


@pytest.mark.parametrize(
    ("duration_ms", "ru", "uk", "en"),
    [
        (0, "0 мин", "0 хв", "0 min"),
        (59_999, "0 мин", "0 хв", "0 min"),
        (40 * 60_000, "40 мин", "40 хв", "40 min"),
        (18 * HOUR_MS + 40 * 60_000, "18 ч 40 мин", "18 год 40 хв", "18 h 40 min"),
        (1234 * HOUR_MS, "1 234 ч 0 мин", "1 234 год 0 хв", "1,234 h 0 min"),
    ],
)
def test_total(duration_ms: int, ru: str, uk: str, en: str) -> None:
    """Sums of time are told in hours and minutes, never in decimal minutes."""
    shown = [plain(reader.total(duration_ms)) for reader in READERS.values()]

    assert shown == [ru, uk, en]


def test_late() -> None:
    """How late something is counts in days as soon as there is one."""
    assert plain(READERS["ru"].late(2 * HOUR_MS + 600_000)) == "2 ч 10 мин"
    assert plain(READERS["ru"].late(3 * 24 * HOUR_MS + 5)) == "3 дн."


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(13, 20, "65 %"), (1, 3, "33 %"), (1, 200, "1 %"), (1, 201, "0 %"), (7, 7, "100 %")],
)
def test_percent(part: int, whole: int, shown: str) -> None:
    """A share is rounded to whole percents; English puts no blank before the sign."""
    assert READERS["uk"].percent(part, whole) == shown.replace(" ", NBSP)
    assert READERS["en"].percent(part, whole) == shown.replace(" ", "")


def test_percent_of_nothing() -> None:
    """A share of no calls is not zero."""
    assert READERS["ru"].percent(0, 0) == NOTHING


def test_money() -> None:
    """Amounts come in minor units of their own currency."""
    assert plain(READERS["uk"].money(1_250_000, "UAH")) == "12 500,00 ₴"
    assert plain(READERS["ru"].money(1_250_000, "UAH")) == "12 500,00 ₴"
    assert plain(READERS["ru"].money(5, "USD")) == "0,05 $"
    assert plain(READERS["ru"].money(1500, "JPY")) == "1 500 ¥"


def test_days() -> None:
    """A date is short in a table, and long as a heading."""
    day = date(2026, 11, 21)

    assert [plain(reader.day(day)) for reader in READERS.values()] == [
        "21.11.2026",
        "21.11.2026",
        "21 Nov 2026",
    ]
    assert [plain(reader.long_day(day)) for reader in READERS.values()] == [
        "суббота, 21 ноября",
        "субота, 21 листопада",
        "Saturday, 21 November",
    ]


def test_nothing_breaks_inside_a_figure() -> None:
    """No figure has a place where a browser may break the line, save after a date's comma."""
    reader = READERS["ru"]
    figures = [
        show_phone("+380441234567"),
        reader.moment(NOW),
        reader.total(HOUR_MS),
        reader.percent(1, 2),
        reader.money(100_000_000, "UAH"),
        reader.number(1_000_000),
    ]

    assert not [figure for figure in figures if " " in figure]
