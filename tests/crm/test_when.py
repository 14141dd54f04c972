"""What people type as the time of a call."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemarketing.crm.when import Moment, Problem, moment_of, read_when
from telemarketing.crm.working_hours import ClockChange, WorkingHours

KYIV = ZoneInfo("Europe/Kyiv")


def instant(text: str, zone: ZoneInfo = KYIV) -> int:
    """Epoch milliseconds of a local time, `2026-11-22 10:00`."""
    return round(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


SUNDAY_TEN = instant("2026-11-22 10:00")


def read(text: str, now: int = SUNDAY_TEN) -> str | Problem:
    """What is understood, as the clocks of Kyiv show it; a day alone without a time."""
    moment = read_when(text, now, KYIV)
    if isinstance(moment, Problem):
        return moment
    local = datetime.fromtimestamp(moment.due_at / 1000, KYIV)
    return f"{local:%Y-%m-%d %H:%M}" if moment.has_time else f"{local:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("чт 14:30", "2026-11-26 14:30"),
        ("14:30 чт", "2026-11-26 14:30"),
        ("в пятницу в полдень", "2026-11-27 12:00"),
        ("в следующий понедельник 11:00", "2026-11-23 11:00"),
        ("завтра", "2026-11-23"),
        ("завтра в 10", "2026-11-23 10:00"),
        ("в 10.30 завтра", "2026-11-23 10:30"),
        ("завтра 17ч", "2026-11-23 17:00"),
        ("послезавтра в 9 утра", "2026-11-24 09:00"),
        ("сегодня", "2026-11-22"),
        ("сегодня 17", "2026-11-22 17:00"),
        ("в 18.30", "2026-11-22 18:30"),
        ("через 30 мин", "2026-11-22 10:30"),
        ("через полчаса", "2026-11-22 10:30"),
        ("через 1,5 часа", "2026-11-22 11:30"),
        ("через полтора часа", "2026-11-22 11:30"),
        ("через 1 ч 30 мин", "2026-11-22 11:30"),
        ("через 3 дня", "2026-11-25"),
        ("через неделю", "2026-11-29"),
        ("через 2 недели в 11", "2026-12-06 11:00"),
        ("на следующей неделе", "2026-11-23"),
        ("через месяц", "2026-12-22"),
        ("25.11 9:00", "2026-11-25 09:00"),
        ("25.11 9.30", "2026-11-25 09:30"),
        ("25.11.26 в 9", "2026-11-25 09:00"),
        ("25 ноября 14:00", "2026-11-25 14:00"),
        ("1-го декабря", "2026-12-01"),
        ("30 числа в 10", "2026-11-30 10:00"),
        ("5-го", "2026-12-05"),
        ("Завтра,  14:30!", "2026-11-23 14:30"),
    ],
)
def test_russian_is_understood(text: str, understood: str) -> None:
    """A day, a time, a length ahead or a date, in any order."""
    assert read(text) == understood


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("за 2 години", "2026-11-22 12:00"),
        ("за півгодини", "2026-11-22 10:30"),
        ("через 2 год", "2026-11-22 12:00"),
        ("за 15 хвилин", "2026-11-22 10:15"),
        ("за тиждень", "2026-11-29"),
        ("завтра о 10", "2026-11-23 10:00"),
        ("сьогодні 17:00", "2026-11-22 17:00"),
        ("післязавтра", "2026-11-24"),
        ("у п’ятницю о 15:00", "2026-11-27 15:00"),
        ("середа 10:00", "2026-11-25 10:00"),
        ("неділя 11:00", "2026-11-22 11:00"),
        ("наступного тижня", "2026-11-23"),
        ("25 листопада 9:00", "2026-11-25 09:00"),
    ],
)
def test_ukrainian_is_understood(text: str, understood: str) -> None:
    """Also with its own apostrophe, and `неділя` being a Sunday and no week."""
    assert read(text) == understood


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("in 2 h", "2026-11-22 12:00"),
        ("in half an hour", "2026-11-22 10:30"),
        ("+30 min", "2026-11-22 10:30"),
        ("mon 10:00", "2026-11-23 10:00"),
        ("next Tuesday 9am", "2026-11-24 09:00"),
        ("tomorrow at 5 pm", "2026-11-23 17:00"),
        ("today noon", "2026-11-22 12:00"),
        ("in a week", "2026-11-29"),
        ("next week", "2026-11-23"),
        ("Nov 25 14:00", "2026-11-25 14:00"),
        ("2026-12-01 10:00", "2026-12-01 10:00"),
    ],
)
def test_english_is_understood(text: str, understood: str) -> None:
    """The buttons beside the field send English too, whatever the language of the screen."""
    assert read(text) == understood


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ("вс 14:30", "2026-11-22 14:30"),
        ("вс 9:00", "2026-11-29 09:00"),
        ("вс", "2026-11-29"),
        ("пн", "2026-11-23"),
    ],
)
def test_a_weekday_is_the_next_one_in_the_future(text: str, understood: str) -> None:
    """On a Sunday at ten, Sunday 14:30 is today, Sunday 9:00 and Sunday are in a week."""
    assert read(text) == understood


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", Problem.EMPTY),
        ("  ", Problem.EMPTY),
        ("в 9:00", Problem.PAST),
        ("21.11", Problem.PAST),
        ("22.11.2025", Problem.PAST),
        ("через 0 мин", Problem.PAST),
        ("30.02", Problem.NO_SUCH_DAY),
        ("31.11.2026", Problem.NO_SUCH_DAY),
        ("через 900 дней", Problem.TOO_FAR),
        ("25.11.2031", Problem.TOO_FAR),
        ("перезвонить", Problem.NOT_UNDERSTOOD),
        ("17", Problem.NOT_UNDERSTOOD),
        ("завтра завтра", Problem.NOT_UNDERSTOOD),
        ("10:00 11:00", Problem.NOT_UNDERSTOOD),
        ("завтра в 25:00", Problem.NOT_UNDERSTOOD),
        ("через полтора дня", Problem.NOT_UNDERSTOOD),
        ("через 2 ч завтра", Problem.NOT_UNDERSTOOD),
        ("завтра " * 50, Problem.NOT_UNDERSTOOD),
    ],
)
def test_what_cannot_be_planned_for_is_refused_with_the_reason(text: str, problem: Problem) -> None:
    """Nothing is guessed, and nothing lands in the past."""
    assert read(text) is problem


def test_a_day_without_a_year_is_the_next_one_unless_it_has_just_passed() -> None:
    """In November, January is next year's, and yesterday is a slip of the finger."""
    assert read("15.01") == "2027-01-15"
    assert read("29.02") == "2028-02-29"
    assert read("20.11") is Problem.PAST


def test_hours_ahead_are_elapsed_time_over_a_change_of_the_clocks() -> None:
    """Two hours after 02:30 in the night to winter time the clocks show 03:30 again."""
    night = instant("2026-10-25 02:30")

    moment = read_when("через 2 часа", night, KYIV)

    assert moment == Moment(night + 2 * 3_600_000, has_time=True)
    assert read("через 2 часа", night) == "2026-10-25 03:30"


def test_a_time_that_the_clocks_skip_is_as_long_after_the_change_and_said() -> None:
    """On 29 March 2026 the clocks of Kyiv go from 03:00 to 04:00."""
    now = instant("2026-03-28 12:00")

    moment = read_when("завтра 3:30", now, KYIV)

    assert moment == Moment(instant("2026-03-29 04:30"), True, ClockChange.SKIPPED)


def test_a_time_that_comes_twice_is_the_first_and_said() -> None:
    """On 25 October 2026 the clocks of Kyiv go from 04:00 back to 03:00."""
    now = instant("2026-10-24 12:00")

    moment = read_when("завтра 3:30", now, KYIV)

    first = round(datetime.fromisoformat("2026-10-25T00:30:00+00:00").timestamp() * 1000)
    assert moment == Moment(first, True, ClockChange.REPEATED)


def test_a_date_alone_is_the_first_instant_of_that_day() -> None:
    """Also from the two fields of a form; today may be chosen, yesterday not."""
    assert moment_of(date(2026, 11, 22), None, SUNDAY_TEN, KYIV) == Moment(
        instant("2026-11-22 00:00"), has_time=False
    )
    assert moment_of(date(2026, 11, 21), None, SUNDAY_TEN, KYIV) is Problem.PAST
    assert moment_of(date(2026, 11, 22), time(10), SUNDAY_TEN, KYIV) is Problem.PAST
    assert moment_of(date(2036, 1, 1), time(10), SUNDAY_TEN, KYIV) is Problem.TOO_FAR


@given(st.text(max_size=60) | st.text("0123456789:. чтвзарнедлюcиmonpa+-", max_size=40))
def test_whatever_is_typed_is_understood_or_refused(text: str) -> None:
    """Nothing raises, and what is understood with a time lies in the future."""
    moment = read_when(text, SUNDAY_TEN, KYIV)
    if isinstance(moment, Moment):
        today = instant("2026-11-22 00:00")
        assert moment.due_at > SUNDAY_TEN if moment.has_time else moment.due_at >= today


OFFICE = WorkingHours(KYIV, time(9), time(18), frozenset({1, 2, 3, 4, 5}))


@pytest.mark.parametrize(
    ("at", "next_at"),
    [
        ("2026-11-20 17:59", "2026-11-20 17:59"),
        ("2026-11-20 18:00", "2026-11-23 09:00"),
        ("2026-11-23 07:00", "2026-11-23 09:00"),
        ("2026-11-22 12:00", "2026-11-23 09:00"),
        ("2026-03-28 12:00", "2026-03-30 09:00"),
        ("2026-10-24 12:00", "2026-10-26 09:00"),
    ],
)
def test_proposals_fall_into_working_hours(at: str, next_at: str) -> None:
    """What falls on an evening or a weekend comes when people are back, also over clock changes."""
    assert OFFICE.next_from(instant(at)) == instant(next_at)


def test_a_night_shift_ends_on_the_next_day() -> None:
    """Who works from 22 to 6 on Fridays can be called for on Saturday at two."""
    night = WorkingHours(KYIV, time(22), time(6), frozenset({5}))
    assert night.next_from(instant("2026-11-21 02:00")) == instant("2026-11-21 02:00")
    assert night.next_from(instant("2026-11-21 06:00")) == instant("2026-11-27 22:00")
