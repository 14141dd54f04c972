"""Phone numbers: one spelling for each."""

import pytest

from telemarketing.phones import Numbering, is_internal, is_withheld, mask


@pytest.fixture
def kyiv() -> Numbering:
    """A PBX in Kyiv that dials 9 for an outside line."""
    return Numbering("UA", outside_prefixes=["9"], area_code="44")


@pytest.mark.parametrize(
    "written",
    [
        "0441234567",
        "380441234567",
        "+380441234567",
        "+38 044 123-45-67",
        "00380441234567",
        "(044) 123 45 67",
        "1234567",
        "90441234567",
        "900380441234567",
        "91234567",
    ],
)
def test_every_spelling_of_a_number_is_one_number(kyiv: Numbering, written: str) -> None:
    """National, international, with 00, with the outside-line prefix, local: all are one."""
    assert kyiv.normalise(written) == "+380441234567"


def test_the_outside_prefix_is_stripped_only_when_it_is_configured() -> None:
    """Without the setting, a leading 9 is part of the number, which then makes no sense."""
    assert Numbering("UA").normalise("90441234567") is None


@pytest.mark.parametrize("written", ["101", "*72", "*8101", "103", "123456", "#31#"])
def test_short_numbers_and_feature_codes_are_internal_first(kyiv: Numbering, written: str) -> None:
    """Up to six digits, or anything with * or #, is nobody outside."""
    assert kyiv.normalise(written) is None
    assert is_internal(written)


@pytest.mark.parametrize(
    "written", ["", "+", "anonymous", "<unknown>", "0800FLOWERS", "0000000", "0441234"]
)
def test_what_is_no_number_is_not_made_into_one(kyiv: Numbering, written: str) -> None:
    """Letters never become digits, and nonsense stays without E.164."""
    assert kyiv.normalise(written) is None


@pytest.mark.parametrize(
    "written", ["84951234567", "+7 495 123-45-67", "74951234567", "0074951234567"]
)
def test_russian_spellings_under_region_ru(written: str) -> None:
    """8, 7, +7 and 00 before the area code are the same subscriber."""
    assert Numbering("RU").normalise(written) == "+74951234567"


def test_810_is_the_way_abroad_from_russia() -> None:
    """Region RU dials 8 10 before a foreign number."""
    assert Numbering("RU").normalise("810380441234567") == "+380441234567"


@pytest.mark.parametrize(
    ("region", "prefix", "dialled", "meant"),
    [
        ("RU", "9", "989161234567", "+79161234567"),  # +98 916 123 45 67 is in Iran
        ("KZ", "9", "987712932741", "+77712932741"),
        ("RU", "9", "9810380441234567", "+380441234567"),
    ],
)
def test_a_national_number_behind_the_outside_prefix_is_no_foreign_one(
    region: str, prefix: str, dialled: str, meant: str
) -> None:
    """Prefix and number together may look like another country's number; who dials it is home."""
    assert Numbering(region, outside_prefixes=[prefix]).normalise(dialled) == meant


def test_a_foreign_number_keeps_its_country(kyiv: Numbering) -> None:
    """A number with + is never forced into the region."""
    assert kyiv.normalise("+44 20 7946 0958") == "+442079460958"


def test_an_unknown_region_is_refused() -> None:
    """A wrong setting is found at the start, not at the first call."""
    with pytest.raises(ValueError, match="XX"):
        Numbering("XX")


@pytest.mark.parametrize("said", [None, "", "  ", "anonymous", "Anonymous", "Unavailable"])
def test_hidden_callers_are_recognised(said: str | None) -> None:
    """Withheld numbers come under several words, or under none."""
    assert is_withheld(said)


def test_masking_leaves_two_digits_of_a_phone_and_short_numbers_whole() -> None:
    """Logs tell apart two clients, but nobody can call them; extensions stay readable."""
    assert mask("call from +380441234567 to 101") == "call from +**********67 to 101"
