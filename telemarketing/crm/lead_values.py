"""What people type into the fields of a lead's card, and what is stored of it.

In: text. Out: a value for the database, or a refusal that says which field is wrong and how. Pure.
"""

import re
import unicodedata
from decimal import Decimal
from enum import Enum, auto

from babel.numbers import get_currency_precision

from telemarketing.crm.plain_text import clean
from telemarketing.errors import Refused

DEFAULT_CURRENCY = "UAH"

_LINE_LENGTH = 200
_TEXT_LENGTH = 10_000
_LONGEST_TYPED = 2 * _TEXT_LENGTH
"""Whatever is longer is not even looked at."""
_AMOUNT_LENGTH = 100
_MOST_MINOR = 10**15
_LENGTHS = {
    "title": _LINE_LENGTH,
    "person_name": _LINE_LENGTH,
    "position": _LINE_LENGTH,
    "company": _LINE_LENGTH,
    "address": 2 * _LINE_LENGTH,
    "email": _LINE_LENGTH,
    "messengers": _LINE_LENGTH,
    "interest": 2 * _LINE_LENGTH,
    "note": _TEXT_LENGTH,
    "summary": _TEXT_LENGTH,
    "full_name": _LINE_LENGTH,
}
_TEXTS = {"note", "summary"}
"""Fields of several lines."""

_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>.]+(\.[^\s@,;<>.]+)+")
_AMOUNT = re.compile(r"\D*?(\d(?:[\d .,'’]*\d)?)\D*", re.ASCII)
_FIGURE = re.compile(
    r"(?P<whole>\d{1,3}(?P<sign>[ .,'’])\d{3}(?:(?P=sign)\d{3})*|\d+)"
    r"(?:[.,](?P<fraction>\d{1,2}))?",
    re.ASCII,
)
"""Groups of three digits with one sign between them, or none, and a fraction."""
_WORD = re.compile(r"[^\W\d_]+|[₴$€₽£₸]")
_CURRENCIES = {
    "UAH": ("uah", "₴", "грн", "гривна", "гривны", "гривен", "гривня", "гривні", "гривень"),
    "USD": ("usd", "$", "дол", "долл", "долар", "доларів", "доллар", "доллара", "долларов", "us"),
    "EUR": ("eur", "€", "евро", "євро"),
    "PLN": ("pln", "zł", "злотый", "злотых", "злотий", "злотих"),
    "RUB": ("rub", "₽", "руб", "рубль", "рубля", "рублей", "рублів"),
    "KZT": ("kzt", "₸", "тенге"),
    "GBP": ("gbp", "£", "фунт", "фунтов", "фунтів"),
}
_CODES = {word: code for code, words in _CURRENCIES.items() for word in words}
# Asked for at import: the first question reads a file, for which no page should wait.
_PRECISIONS = {code: get_currency_precision(code) for code in _CURRENCIES}
_THOUSANDS = {"тыс": 1000, "тис": 1000, "k": 1000, "к": 1000, "млн": 1_000_000, "mln": 1_000_000}

Amount = tuple[int, str]
"""In the smallest unit of the currency, and its code of ISO 4217."""


class Fault(Enum):
    """Why a value cannot be taken."""

    EMPTY = auto()
    TOO_LONG = auto()
    NO_EMAIL = auto()
    NO_AMOUNT = auto()
    NO_SUCH = auto()
    """A choice that is not there, or not any more."""
    NO_NUMBER = auto()
    OURS = auto()
    """The number is a colleague's mobile."""
    TAKEN = auto()
    """The number is another lead's."""
    ALREADY_HERE = auto()


_SENTENCES = {
    Fault.EMPTY: "it is empty; write something",
    Fault.TOO_LONG: "it is too long; shorten it",
    Fault.NO_EMAIL: "this is no e-mail address; write it like name@example.com",
    Fault.NO_AMOUNT: "this is no amount; write it like 12 500,50 UAH",
    Fault.NO_SUCH: "this choice is not there any more; load the page again",
    Fault.NO_NUMBER: "this is no telephone number; write it like 044 123-45-67",
    Fault.OURS: "this is the mobile of a colleague; write the client's number",
    Fault.TAKEN: "this number belongs to another lead; look there",
    Fault.ALREADY_HERE: "this lead has this number already",
}


class BadValue(Refused):
    """What was typed into one field cannot be stored."""

    def __init__(self, field: str, fault: Fault) -> None:
        """See the class."""
        super().__init__(f"{field}: {_SENTENCES[fault]}")
        self.field = field
        self.fault = fault


class NumberTaken(BadValue):
    """The number belongs to another lead."""

    def __init__(self, lead_id: int) -> None:
        """See the class."""
        super().__init__("phone", Fault.TAKEN)
        self.lead_id = lead_id


def read_text(field: str, typed: str) -> str:
    """Give a text as it is stored: without blanks around it and signs that nobody sees.

    Raises:
        BadValue: it is too long, an empty title or name, or no e-mail address.
    """
    if len(typed) > _LONGEST_TYPED:
        raise BadValue(field, Fault.TOO_LONG)
    text = clean(typed)
    text = text.strip() if field in _TEXTS else " ".join(text.split())
    if len(text) > _LENGTHS[field]:
        raise BadValue(field, Fault.TOO_LONG)
    if not text and field in {"title", "full_name"}:
        raise BadValue(field, Fault.EMPTY)
    if field == "email" and text and not _EMAIL.fullmatch(text):
        raise BadValue(field, Fault.NO_EMAIL)
    return text


def read_amount(typed: str, currency: str | None = None) -> Amount | None:
    """Understand an amount of money: `12 500,50 грн`, `$1,200`, `15 тыс`; None = nothing was typed.

    Args:
        typed: anything.
        currency: the one that is meant when none is named; None = `DEFAULT_CURRENCY`.

    Raises:
        BadValue: it is none, is negative, or is finer than the currency's smallest unit.
    """
    if len(typed) > _AMOUNT_LENGTH:
        raise BadValue("amount", Fault.NO_AMOUNT)
    typed = unicodedata.normalize("NFKC", typed).strip().lower()
    if not typed:
        return None
    found = _AMOUNT.fullmatch(typed)
    if found is None or "-" in typed or "−" in typed:
        raise BadValue("amount", Fault.NO_AMOUNT)
    code, factor = _read_words(typed, currency or DEFAULT_CURRENCY)
    minor = (_read_figure(found[1]) * factor).scaleb(_PRECISIONS.get(code, 2))
    if minor != minor.to_integral_value() or minor > _MOST_MINOR:
        raise BadValue("amount", Fault.NO_AMOUNT)
    return int(minor), code


def _read_words(typed: str, currency: str) -> tuple[str, int]:
    factor = 1
    for word in _WORD.findall(typed):
        if word in _THOUSANDS:
            factor *= _THOUSANDS[word]
        elif word in _CODES:
            currency = _CODES[word]
        else:
            raise BadValue("amount", Fault.NO_AMOUNT)
    return currency, factor


def _read_figure(figure: str) -> Decimal:
    found = _FIGURE.fullmatch(figure)
    if found is None:
        raise BadValue("amount", Fault.NO_AMOUNT)
    return Decimal(f"{re.sub(r'[^0-9]', '', found['whole'])}.{found['fraction'] or 0}")


def read_id(field: str, typed: str) -> int | None:
    """Give the id that a choice stands for; '' is None.

    Raises:
        BadValue: it is none.
    """
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < len(str(2**63))):
        raise BadValue(field, Fault.NO_SUCH)
    return int(typed)
