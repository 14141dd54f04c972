"""Texts that were made to do harm: what is left of them, and that it takes no time."""

import time

import pytest

from telemarketing.crm.lead_values import BadValue, Fault, read_amount, read_text
from telemarketing.crm.passwords import LONGEST_LOGIN, fold_login
from telemarketing.crm.plain_text import clean

HEAP_OF_MARKS = "а" + "\u0301" * 100_000 + "\u0316" * 100_000
"""Two hundred thousand accents on one letter: sorting them takes Python minutes."""


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("a\u200bb\ufeff", "ab"),
        ("\u202egpj.exe\u2066", "gpj.exe"),
        ("a\ud800\udcffb\0", "ab"),
        ("1\r\n2\r3\t", "1\n2\n3\t"),
        ("и\u0306", "й"),
        ("👩\u200d🔧", "👩\u200d🔧"),
        ("\u200d\u200c", ""),
    ],
)
def test_signs_that_nobody_sees_are_left_out(typed: str, expected: str) -> None:
    """Nothing that turns the text around it, breaks a database, or makes two texts look alike."""
    assert clean(typed) == expected


@pytest.mark.parametrize("typed", ["\u200b", "\u2060\u200d", " \u00ad ", " \u200d "])
def test_a_title_that_nobody_sees_is_empty(typed: str) -> None:
    """A lead with it could not be pressed in any list."""
    with pytest.raises(BadValue) as refused:
        read_text("title", typed)

    assert refused.value.fault is Fault.EMPTY


@pytest.mark.parametrize("read", [clean, fold_login], ids=lambda read: read.__name__)
def test_a_heap_of_accents_takes_no_time(read: object) -> None:
    """Whoever sends it must not stop the daemon for everybody."""
    assert callable(read)
    began = time.process_time()
    folded = read(HEAP_OF_MARKS)

    assert time.process_time() - began < 1
    assert len(folded) < LONGEST_LOGIN


@pytest.mark.parametrize("typed", [HEAP_OF_MARKS, "x" * 1_000_000])
def test_a_text_without_end_is_refused_at_once(typed: str) -> None:
    """It is not even looked at."""
    with pytest.raises(BadValue) as refused:
        read_text("note", typed)

    assert refused.value.fault is Fault.TOO_LONG


@pytest.mark.parametrize("typed", ["1" + " млн" * 100_000, "9" * 500_000, HEAP_OF_MARKS])
def test_an_amount_without_end_is_refused_at_once(typed: str) -> None:
    """A million millions a hundred thousand times is not worked out."""
    began = time.process_time()
    with pytest.raises(BadValue):
        read_amount(typed)

    assert time.process_time() - began < 1


def test_a_login_without_end_is_a_short_one() -> None:
    """Wrong tries are counted by login, in memory."""
    assert len(fold_login("я" * 1_000_000)) == LONGEST_LOGIN + 1
    assert fold_login("ivan\0enko") == "ivanenko"
