"""The week before a demo: many calls, all of them possible."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from telemarketing.model.call import Call, Direction, Disposition
from telemarketing.pbxsim.history import week_of_history
from telemarketing.pbxsim.office import FIRST_OF_HISTORY, Office, client_number
from telemarketing.phones import Numbering

KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 11, 22, 14, 30, tzinfo=KYIV)
OFFICE = Office(extensions=("101", "102", "103"), zone=KYIV)


def week(seed: int = 1, now: datetime = NOW) -> list[Call]:
    """The week before an instant."""
    until = round(now.timestamp() * 1000)
    return week_of_history(OFFICE, until=until, seed=seed, recordings=Path("/monitor"))


def local(at: int) -> datetime:
    """An instant on the clock of the office."""
    return datetime.fromtimestamp(at / 1000, KYIV)


@pytest.mark.parametrize("seed", range(5))
def test_a_week_has_some_hundreds_of_calls(seed: int) -> None:
    """In order of their beginning, each with a key of its own."""
    calls = week(seed)

    assert 300 <= len(calls) <= 600
    assert all(one.started_at < later.started_at for one, later in pairwise(calls))
    assert len({call.key for call in calls}) == len(calls)


def test_the_same_seed_gives_the_same_week() -> None:
    """And another one another."""
    assert week() == week()
    assert week() != week(seed=2)


@pytest.mark.parametrize("hour", [8, 14, 23])
def test_people_work_from_nine_to_six_on_the_clock_of_the_office(hour: int) -> None:
    """On six days, also across a change of the clocks; today since three hours, at any hour."""
    now = datetime(2026, 3, 31, hour, 0, tzinfo=KYIV)
    calls = week(now=now)

    assert {local(call.started_at).date() for call in calls} == {
        now.date() - timedelta(days=ago) for ago in range(7)
    }
    before = [call for call in calls if local(call.started_at).date() < now.date()]
    assert all(time(9) <= local(call.started_at).time() < time(18) for call in before)
    today = [local(call.started_at) for call in calls[len(before) :]]
    assert now - timedelta(hours=max(3, hour - 9)) <= today[0] < now - timedelta(hours=1)
    assert all((call.ended_at or 0) <= now.timestamp() * 1000 for call in calls)


def test_nobody_is_on_two_calls_at_once() -> None:
    """Nor rung while talking."""
    calls = week()
    for extension in OFFICE.extensions:
        mine = [call for call in calls if extension in {one.extension for one in call.operators}]
        assert len(mine) > 100
        assert all((one.ended_at or 0) < later.started_at for one, later in pairwise(mine))


def test_a_week_has_calls_of_every_kind() -> None:
    """What the panel tells apart is all there to be seen."""
    calls = week()

    assert {call.direction for call in calls} == set(Direction)
    assert {call.disposition for call in calls} == set(Disposition) - {Disposition.UNKNOWN}
    assert any(call.withheld for call in calls)
    assert any(len(call.operators) == 3 for call in calls)
    talks_ms = [call.talk_ms for call in calls if call.disposition is Disposition.ANSWERED]
    short = [talk_ms for talk_ms in talks_ms if talk_ms < 420_000]
    assert 0.5 < len(short) / len(talks_ms) < 0.95
    assert len(talks_ms) > 100


def test_somebody_who_was_called_in_vain_calls_back_later() -> None:
    """And somebody who called in vain is called back."""
    calls = week()
    in_vain = {
        direction: {
            call.number: call.started_at
            for call in reversed(calls)
            if call.direction is direction and call.disposition is not Disposition.ANSWERED
        }
        for direction in (Direction.OUTBOUND, Direction.INBOUND)
    }
    back = {
        direction: [
            call
            for call in calls
            if call.direction is not direction
            and call.disposition is Disposition.ANSWERED
            and in_vain[direction].get(call.number, call.started_at) < call.started_at
            and call.number
        ]
        for direction in in_vain
    }

    assert all(len(found) > 5 for found in back.values())


def test_the_numbers_are_read_as_they_are_written() -> None:
    """What the PBX says becomes the number; nobody of the living call centre is in it."""
    normalise = Numbering("UA").normalise
    strangers = {f"+38{client_number(index)}" for index in range(FIRST_OF_HISTORY)}

    for call in week():
        outside = call.direction is not Direction.INTERNAL and not call.withheld
        assert call.number == (normalise(call.raw_number or "") if outside else None)
        assert (call.number is not None) == outside
        assert call.number not in strangers


def test_answered_calls_and_no_others_have_recordings() -> None:
    """Named by the clock of the PBX, in the folder of their day."""
    for call in week():
        assert len(call.recordings) == (call.disposition is Disposition.ANSWERED)
        for path in call.recordings:
            began = local(call.started_at)
            assert path.startswith(f"/monitor/{began:%Y/%m/%d}/")
            assert path.endswith(f"-{began:%Y%m%d-%H%M%S}-{call.linkedid}.wav")


def test_the_times_of_a_call_fit_each_other() -> None:
    """Ringing before the talk, the talk before the end."""
    for call in week():
        assert call.ended_at is not None
        assert call.ended_at <= NOW.astimezone(UTC).timestamp() * 1000
        if call.answered_at is not None:
            assert call.answered_at - call.ring_ms >= call.started_at
            assert call.ended_at - call.answered_at == call.talk_ms > 0
        else:
            assert call.talk_ms == 0
