"""Phone numbers: one spelling for each, by the rules of the place where the PBX stands.

In: what the PBX, a file or a person wrote. Out: E.164, or None when no rule makes sense of it; the
caller keeps the raw form. Knows no database and no settings object.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

_WITHHELD = frozenset(
    {"anonymous", "unknown", "unavailable", "restricted", "private", "withheld", "asserted", "+"}
)
_PUNCTUATION = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")
_INTERNAL_AT_MOST = 6
"""Numbers of up to six digits are somebody's extension before they are a subscriber's number."""


class Numbering:
    """How numbers are read at one place.

    Args:
        region: two letters of the country whose national form is dialled, `UA`.
        outside_prefixes: digits dialled for an outside line, `9`; stripped only as a second try.
        area_code: code of the place for seven-digit local numbers, `44`; None = not used here.
    """

    def __init__(
        self, region: str, outside_prefixes: Sequence[str] = (), area_code: str | None = None
    ) -> None:
        """See the class."""
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError(f"unknown region {region!r}")
        self._region = region
        self._outside_prefixes = tuple(sorted(outside_prefixes, key=len, reverse=True))
        self._area_code = area_code
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
        self._national_prefix = (metadata.national_prefix if metadata else None) or "0"
        self.normalise = lru_cache(maxsize=20_000)(self._normalise)
        """`normalise(raw) -> str | None`: E.164 of what was written; 20 us, cached."""

    def _normalise(self, raw: str) -> str | None:
        number = _PUNCTUATION.sub("", raw)
        if not is_dialable(number) or is_internal(number):
            return None
        if number.startswith("00"):
            # Under some regions (RU) 00 is no international prefix, yet people write it everywhere.
            return self._valid("+" + number[2:])
        if number.startswith("+"):
            return self._valid(number)
        for candidate in self._readings(number):
            if (found := self._valid(candidate)) is not None:
                return found
        return None

    def _readings(self, number: str) -> list[str]:
        """The tries, in order.

        National, national behind a prefix, international without +, without the prefix, local.
        """
        # 9 89161234567 is a Russian mobile, and also a mobile of Iran (+98) without its plus: who
        # dials a prefix is at home.
        home = [
            number.removeprefix(prefix)
            for prefix in self._outside_prefixes
            if number.startswith(prefix + self._national_prefix)
        ]
        readings = [number, *home, "+" + number]
        for prefix in self._outside_prefixes:
            if number.startswith(prefix) and len(number) > len(prefix):
                rest = number.removeprefix(prefix)
                readings += ["+" + rest[2:] if rest.startswith("00") else rest, "+" + rest]
                readings += self._local(rest)
        return readings + self._local(number)

    def _local(self, number: str) -> list[str]:
        """Behind the area code stands a subscriber's number, never another national prefix."""
        if not self._area_code or number.startswith(self._national_prefix):
            return []
        return [f"{self._area_code}{number}"]

    def _valid(self, candidate: str) -> str | None:
        try:
            parsed = phonenumbers.parse(candidate, self._region)
        except NumberParseException:
            return None
        if not phonenumbers.is_valid_number(parsed):
            return None
        return phonenumbers.format_number(parsed, PhoneNumberFormat.E164)


def is_withheld(raw: str | None) -> bool:
    """Tell whether the caller hides its number (or the PBX got none)."""
    return raw is None or not raw.strip() or raw.strip().lower() in _WITHHELD


def is_dialable(number: str) -> bool:
    """Tell whether it is digits with an optional +; letters would silently become digits."""
    digits = number.removeprefix("+")
    return bool(digits) and digits.isascii() and digits.isdigit()


def is_internal(number: str) -> bool:
    """Tell whether a dialled string is an extension or a feature code before anything else."""
    if "*" in number or "#" in number:
        return True
    return number.isascii() and number.isdigit() and len(number) <= _INTERNAL_AT_MOST


def mask(text: str) -> str:
    """Hide all but the last two digits of every run of seven or more, for logs: `+*********67`."""
    return _LONG_DIGITS.sub(lambda run: "*" * (len(run[0]) - 2) + run[0][-2:], text)


_LONG_DIGITS = re.compile(r"\d{7,}")
