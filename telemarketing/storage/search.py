"""Finding leads by any part of a number or a name.

In: what a person typed, and the texts of a lead. Out: what is stored in `lead_texts`, and the
condition that finds it there. SQLite (FTS5, trigrams) and PostgreSQL (pg_trgm) differ here and in
`engine.py` alone. It decides nothing about who may see what.

Both sides are folded alike: lower case, ё = е, no apostrophes or quotation marks, and a number
without the signs between its digits.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import permutations

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    and_,
    column,
    exists,
    func,
    or_,
    select,
    table,
    true,
)

from telemarketing.storage.engine import Transaction, upsert
from telemarketing.storage.tables import lead_contacts, lead_texts, leads, phones

SHORTEST = 3
"""Characters that a trigram index needs."""
FEW = 20_000
"""Fewer leads than these are all looked at and sorted; more of them are so frequent that whoever
walks along a list soon meets a page of them."""
_HANDFUL = 500
TYPED_AT_MOST = 200
"""Characters of a search that are looked at."""

_MARKS = re.compile("['`´‘’ʼʹ′\"«»„“”]")
_NUMBER = re.compile(r"[+(]*\d(?:[ ().\-/\u2010-\u2015]*\d)*\)?")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_NOT_DIGITS = re.compile(r"\D+")

_LATIN = "`qwertyuiop[]asdfghjkl;'zxcvbnm,."
_LAYOUTS = ("ёйцукенгшщзхъфывапролджэячсмитьбю", "'йцукенгшщзхїфівапролджєячсмитьбю")
"""The same keys with a Russian and with a Ukrainian keyboard."""
_RETYPED = [str.maketrans(typed, meant) for typed, meant in permutations((_LATIN, *_LAYOUTS), 2)]

_lead_search = table("lead_search", column("rowid"), column("lead_search"))
"""The FTS5 index over `lead_texts`, kept true by triggers; there is none on PostgreSQL."""


def fold(text: str) -> str:
    """Return a text as it is stored for search, and as a search for it is."""
    plain = _plain(text).replace("ё", "е")
    plain = _NUMBER.sub(_together, _MARKS.sub("", plain))
    return " ".join(plain.split())


def fold_all(texts: Iterable[str]) -> str:
    """Return several texts as one, so that nothing is found across the border of two."""
    folded = (fold(text) for text in texts)
    return "\n".join(dict.fromkeys(filter(None, folded)))


def _plain(text: str) -> str:
    """Without the spellings of one letter, and without signs that a database takes for an end."""
    return _CONTROLS.sub(" ", unicodedata.normalize("NFKC", text).lower())


def _together(number: re.Match[str]) -> str:
    plus = "+" if number[0].startswith("+") else ""
    return plus + _digits(number[0])


def _digits(number: str) -> str:
    return _NOT_DIGITS.sub("", number)


@dataclass(frozen=True, slots=True)
class Search:
    """What somebody looks for; a lead is found when it has every word in one of its readings."""

    words: tuple[tuple[str, ...], ...]
    """Folded: as it was typed, with the other keyboard layout, as the beginning of a number."""

    @property
    def is_short(self) -> bool:
        """Tell whether no word is long enough for the index."""
        return not any(map(_is_long, self.words))

    def is_in(self, texts: Iterable[str]) -> bool:
        """Tell whether these texts alone have every word, as the database looks for them."""
        folded = fold_all(texts)
        return all(any(map(folded.__contains__, readings)) for readings in self.words)


def _is_long(readings: tuple[str, ...]) -> bool:
    return all(len(reading) >= SHORTEST for reading in readings)


def read_search(typed: str, normalise: Callable[[str], str | None]) -> Search | None:
    """Understand what somebody typed.

    Args:
        typed: anything.
        normalise: a whole number -> E.164; None = not understood.

    Returns:
        What to look for; None = nothing.
    """
    typed = _plain(typed[:TYPED_AT_MOST])
    numbers: list[str] = []

    def take(number: re.Match[str]) -> str:
        # What hangs together with letters, as in an e-mail, is a part of a word.
        before, after = typed[: number.start()][-1:], typed[number.end() :][:1]
        if not (before.isspace() or not before) or not (after.isspace() or not after):
            return number[0]
        numbers.append(number[0])
        return " "

    words = _NUMBER.sub(take, typed).split()
    readings = [_number_readings(number, normalise) for number in numbers]
    readings += [_word_readings(word) for word in words]
    found = tuple(dict.fromkeys(filter(None, readings)))
    return Search(found) if found else None


def _number_readings(number: str, normalise: Callable[[str], str | None]) -> tuple[str, ...]:
    digits = _digits(number)
    beginning = _digits(_beginning(number, normalise) or "")
    return tuple(dict.fromkeys(filter(None, (digits, beginning))))


_LONGEST_NUMBER = 15
_FILLERS = ("0", "1", "5")


def _beginning(number: str, normalise: Callable[[str], str | None]) -> str | None:
    """What the E.164 form of every number with this beginning begins with: `044123` -> `+38044123`.

    The rules of a country know whole numbers only, so it is filled up until one is understood.
    """
    digits = _digits(number)
    if digits[:1] not in {"0", "8"} or len(digits) < SHORTEST:
        return normalise(number)
    for length in range(_LONGEST_NUMBER - len(digits)):
        for filler in _FILLERS:
            whole = normalise(digits + filler * length)
            if whole is not None:
                return whole.removesuffix(filler * length) if length else whole
    return None


def _word_readings(word: str) -> tuple[str, ...]:
    typed = fold(word)
    # `...` means nothing on another keyboard, and of two letters anything may become.
    if not any(map(str.isalnum, word)) or len(typed) < SHORTEST:
        return (typed,) if typed else ()
    retyped = (fold(word.translate(layout)) for layout in _RETYPED)
    return tuple(dict.fromkeys((typed, *(one for one in retyped if len(one) >= SHORTEST))))


async def list_handful(tx: Transaction, search: Search, few: int = FEW) -> list[int] | None:
    """Give the leads that are meant; None = they are more than a handful. One query.

    Only of a search with a word that is long enough, like the two functions below.
    """
    handful = min(few, _HANDFUL)
    found = await tx.execute(_found(tx, search).limit(handful))
    lead_ids = [row.lead_id for row in found]
    return None if len(lead_ids) == handful else lead_ids


async def is_rare(tx: Transaction, search: Search, few: int = FEW) -> bool:
    """Tell whether so few leads are meant that all of them can be looked at. One query."""
    some = _found(tx, search).limit(few).subquery()
    return (await tx.scalars(select(func.count()).select_from(some))).one() < few


def found_leads(tx: Transaction, search: Search) -> CTE:
    """Give the leads that are meant, by the index: a table of one column, `lead_id`."""
    return _found(tx, search).cte("found").prefix_with("MATERIALIZED")


def has_words(tx: Transaction, search: Search) -> ColumnElement[bool]:
    """Say in SQL, of `leads`, that it is meant, looking at the texts of each."""
    return exists(
        select(lead_texts.c.lead_id).where(
            lead_texts.c.lead_id == leads.c.id, _each_word(tx, search.words)
        )
    )


def _found(tx: Transaction, search: Search) -> Select[tuple[int]]:
    if tx.dialect.name == "postgresql":
        return select(lead_texts.c.lead_id).where(_each_word(tx, search.words))
    wanted = " AND ".join(_fts_words(readings) for readings in search.words if _is_long(readings))
    found = select(_lead_search.c.rowid.label("lead_id")).where(
        _lead_search.c.lead_search.op("MATCH")(wanted)
    )
    short = [readings for readings in search.words if not _is_long(readings)]
    if short:
        found = found.join(lead_texts, lead_texts.c.lead_id == _lead_search.c.rowid)
        found = found.where(_each_word(tx, short))
    return found


def _fts_words(readings: tuple[str, ...]) -> str:
    """Say in FTS5's own language, where a doubled quotation mark stands for itself."""
    quoted = (reading.replace('"', '""') for reading in readings)
    return "(" + " OR ".join(f'"{one}"' for one in quoted) + ")"


def _each_word(tx: Transaction, words: Iterable[tuple[str, ...]]) -> ColumnElement[bool]:
    has = _has_by_like if tx.dialect.name == "postgresql" else _has_by_instr
    return and_(true(), *(or_(*map(has, readings)) for readings in words))


def _has_by_like(reading: str) -> ColumnElement[bool]:
    # What pg_trgm's index understands.
    return lead_texts.c.folded.contains(reading, autoescape=True)


def _has_by_instr(reading: str) -> ColumnElement[bool]:
    return func.instr(lead_texts.c.folded, reading) > 0


async def update_lead_text(tx: Transaction, lead_id: int) -> None:
    """Let a lead be found by what stands on its card now. Four statements."""
    card = (await tx.execute(select(*_CARD_TEXTS).where(leads.c.id == lead_id))).one()
    contacts = await tx.execute(
        select(
            lead_contacts.c.full_name,
            lead_contacts.c.position,
            lead_contacts.c.phone,
            lead_contacts.c.email,
        )
        .where(lead_contacts.c.lead_id == lead_id)
        .order_by(lead_contacts.c.id)
    )
    numbers = await tx.scalars(
        select(phones.c.number).where(phones.c.lead_id == lead_id).order_by(phones.c.number)
    )
    texts = [*card, *numbers, *(text for contact in contacts for text in contact)]
    await tx.execute(
        upsert(tx, lead_texts, ("lead_id",), ("folded",)),
        {"lead_id": lead_id, "folded": fold_all(text or "" for text in texts)},
    )


_CARD_TEXTS = (
    leads.c.title,
    leads.c.phone,
    leads.c.person_name,
    leads.c.position,
    leads.c.company,
    leads.c.address,
    leads.c.email,
    leads.c.messengers,
    leads.c.interest,
    leads.c.note,
)
