"""What the stamps of events and recordings tell."""

import pytest

from telemarketing.ami.stamps import parse_stamp


def test_every_millisecond_survives_its_text() -> None:
    """No float between the stamp and the instant moves it to a neighbour."""
    for at in range(1_795_314_603_000, 1_795_314_604_000):
        assert parse_stamp(f"{at / 1000:.3f}") == at


def test_microseconds_are_cut() -> None:
    """An instant has begun its millisecond, however late in it."""
    assert parse_stamp("1795314603.812999") == 1_795_314_603_812


@pytest.mark.parametrize("stamp", [None, "", "soon", "nan", "inf", "1e999", "-1", "4102444800"])
def test_what_is_no_instant_is_none(stamp: str | None) -> None:
    """What fits into no calendar is no stamp."""
    assert parse_stamp(stamp) is None
