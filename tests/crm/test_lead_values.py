"""What people type into the fields of a card, and what is stored of it."""

import pytest

from telemarketing.crm.lead_values import BadValue, Fault, read_amount, read_id, read_text


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", None),
        ("  ", None),
        ("12 500,50 грн", (1_250_050, "UAH")),
        ("12\u00a0500,50\u00a0₴", (1_250_050, "UAH")),
        ("₴12,500.50", (1_250_050, "UAH")),
        ("UAH\u00a012,500.50", (1_250_050, "UAH")),
        ("12500", (1_250_000, "UAH")),
        ("12,500", (1_250_000, "UAH")),
        ("12.500", (1_250_000, "UAH")),
        ("1.234.567,8", (123_456_780, "UAH")),
        ("1,5", (150, "UAH")),
        ("0", (0, "UAH")),
        ("$1,200", (120_000, "USD")),
        ("1200 долларов", (120_000, "USD")),
        ("100 євро", (10_000, "EUR")),
        ("99,90 zł", (9_990, "PLN")),
        ("15 тыс", (1_500_000, "UAH")),
        ("1,5 млн руб.", (150_000_000, "RUB")),
        ("20k$", (2_000_000, "USD")),
    ],
)
def test_amounts_are_understood(typed: str, expected: tuple[int, str] | None) -> None:
    """As people write them in three languages, with or without a currency."""
    assert read_amount(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "много",
        "12 попугаев",
        "-5",
        "1,2,3 и 4",
        "10 0,005 eur",
        "10,0051",
        "1,500.000,5",
        "1e5",
        "9" * 16,
        "грн",
    ],
)
def test_what_is_no_amount_is_refused(typed: str) -> None:
    """Nothing is guessed: the sentence names the field and shows how to write it."""
    with pytest.raises(BadValue, match="amount: this is no amount; write it like"):
        read_amount(typed)


def test_the_currency_that_was_there_stays() -> None:
    """A bare figure over an amount in dollars is in dollars."""
    assert read_amount("300", "USD") == (30_000, "USD")
    assert read_amount("300 грн", "USD") == (30_000, "UAH")


def test_texts_are_cleaned() -> None:
    """Blanks around a line and signs that nobody sees are gone; a note keeps its lines."""
    assert read_text("company", "  ООО \n «Ромашка»\x00 ") == "ООО «Ромашка»"
    assert read_text("note", " первая\r\nвторая  \n") == "первая\nвторая"


@pytest.mark.parametrize(
    ("field", "typed", "fault"),
    [
        ("title", "  ", Fault.EMPTY),
        ("full_name", "", Fault.EMPTY),
        ("company", "x" * 201, Fault.TOO_LONG),
        ("note", "x" * 10_001, Fault.TOO_LONG),
        ("email", "olena", Fault.NO_EMAIL),
        ("email", "olena@example", Fault.NO_EMAIL),
        ("email", "a@example.org, b@example.org", Fault.NO_EMAIL),
    ],
)
def test_what_cannot_be_stored_is_refused(field: str, typed: str, fault: Fault) -> None:
    """Each refusal knows its field and its reason."""
    with pytest.raises(BadValue) as refused:
        read_text(field, typed)
    assert (refused.value.field, refused.value.fault) == (field, fault)


def test_a_choice_is_an_id() -> None:
    """Nothing chosen is None; what is no id at all is refused."""
    assert read_id("responsible", "") is None
    assert read_id("responsible", "12") == 12
    for typed in ("x", "-1", "1.5", "٣", "9" * 30):
        with pytest.raises(BadValue):
            read_id("responsible", typed)
