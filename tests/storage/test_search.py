"""Finding leads by any part of a number or a name, on both databases."""

from collections.abc import AsyncIterator

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.lead_edits import edit_lead
from telemarketing.crm.lead_parts import add_contact, add_phone, remove_contact
from telemarketing.model.operator import Operator
from telemarketing.phones import Numbering
from telemarketing.storage.engine import Database, Transaction
from telemarketing.storage.leads import LeadFilter, list_leads
from telemarketing.storage.operators import get_viewer
from telemarketing.storage.search import Search, fold, fold_all, read_search
from tests.make import MONDAY, make_call

normalise = Numbering("UA", area_code="44").normalise

ROMASHKA = "ООО «Ромашка» – окна"
CARDS = {
    "+380441234567": {"title": ROMASHKA, "person_name": "Семёнов Пётр"},
    "+380671112233": {"title": "Об'єкт 100% _готово_", "email": "Olena@Example.org"},
    "+380509998877": {"title": "Їжак і Ґава", "note": 'сказал: "дорого", 12 500 грн\nоб окнах'},
}


@pytest.fixture
async def tx(database: Database, call_log: CallLog, seller: Operator) -> AsyncIterator[Transaction]:
    """Three leads with words on their cards, and one that is a number alone."""
    numbers = [*CARDS, "+380931234500"]
    await call_log.record(
        [make_call(number=number, started_at=MONDAY - at) for at, number in enumerate(numbers)]
    )
    async with database.reading() as tx:
        viewer = await get_viewer(tx, seller.id)
        ids = {lead.phone: lead.id for lead in await list_leads(tx, LeadFilter(), 10)}
    for number, card in CARDS.items():
        for field, value in card.items():
            was = number if field == "title" else ""
            await edit_lead(database, viewer, ids[number], field, value, was, MONDAY)
    async with database.reading() as tx:
        yield tx


async def found(tx: Transaction, typed: str) -> list[str]:
    """Give the numbers of the leads that are found."""
    search = read_search(typed, normalise)
    assert search is not None
    return [lead.phone or "" for lead in await list_leads(tx, LeadFilter(search=search), 10)]


FIRST, SECOND, THIRD, FOURTH = *CARDS, "+380931234500"


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("РОМАШКА", [FIRST]),
        ("семенов", [FIRST]),
        ("СЕМЁНОВ пЁТР", [FIRST]),
        ("пётр ромашка", [FIRST]),
        ("пётр котёл", []),
        ("'Ромашка'", [FIRST]),
        ("об’єкт", [SECOND]),
        ("Обєкт", [SECOND]),
        ("100%", [SECOND]),
        ("_готово_", [SECOND]),
        ("OLENA@example", [SECOND]),
        ("їжак", [THIRD]),
        ("12500", [THIRD]),
        ("дорого окнах", [THIRD]),
        # The other keyboard: the same keys, another language.
        ("hjvfirf", [FIRST]),
        ("JLENA@учфьзду", []),
        ("];fr", [THIRD]),
        ("ыемёнов", []),
        # Numbers, whole and in parts, as people write them.
        ("+380441234567", [FIRST]),
        ("044 123-45-67", [FIRST]),
        ("(044) 123-45", [FIRST]),
        ("044123", [FIRST]),
        ("1234567", [FIRST]),
        ("4567", [FIRST]),
        ("12345", [FIRST, FOURTH]),
        ("+38 (093) 123", [FOURTH]),
        ("80931234500", [FOURTH]),
        ("0931234500 ", [FOURTH]),
        ("0449", []),
        # What would be a language of the database's own, were it not quoted.
        ('" OR 1=1', []),
        ("ромаш*", []),
        ("NEAR(ромашка окна)", []),
        ("ром%ка", []),
        ("рома_ка", []),
        ("\\", []),
        ("\x00ромашка\n", [FIRST]),
        # Too short for the index.
        ("же", []),
        ("їж", [THIRD]),
        ("пё", [FIRST]),
        ("ок дор", [THIRD]),
    ],
)
async def test_leads_are_found(tx: Transaction, typed: str, expected: list[str]) -> None:
    """All words have to be there, in any case, spelling, keyboard or writing of a number."""
    assert await found(tx, typed) == expected


async def test_nothing_to_look_for() -> None:
    """Blanks and marks that are no part of a name narrow nothing."""
    assert read_search("  ", normalise) is None
    assert read_search("«»", normalise) is None


async def test_a_word_is_found_however_frequent_it_is(tx: Transaction) -> None:
    """Whether the index is asked or the list is walked, the same leads are found."""
    for typed in ("380", "12345", "ромашка", "окна"):
        wanted = LeadFilter(search=read_search(typed, normalise))
        by_index = await list_leads(tx, wanted, 10)
        assert by_index
        assert await list_leads(tx, wanted, 10, few=0) == by_index
        assert await list_leads(tx, wanted, 10, few=1) == by_index


async def test_what_is_written_is_found_at_once_and_what_is_gone_is_not(
    database: Database, call_log: CallLog, seller: Operator
) -> None:
    """Further people and numbers are a part of the text by which a lead is found."""
    await call_log.record([make_call()])
    async with database.reading() as tx:
        viewer = await get_viewer(tx, seller.id)
        (lead,) = await list_leads(tx, LeadFilter(), 10)
    typed = {"full_name": "Ткаченко Зоя", "phone": "0671110000"}
    await add_contact(database, viewer, lead.id, typed, MONDAY, normalise)
    await add_phone(database, viewer, lead.id, "093 555 44 33", MONDAY, normalise)
    async with database.reading() as tx:
        for word in ("ткаченко", "0671110000", "5554433"):
            assert await found(tx, word) == [lead.phone]
    await remove_contact(database, viewer, lead.id, 1, MONDAY)
    async with database.reading() as tx:
        assert await found(tx, "ткаченко") == []
        assert await found(tx, "5554433") == [lead.phone]


def test_folding() -> None:
    """Both sides of a search are brought to one spelling."""
    assert fold("  Ёлка «Д'Артаньян»  ") == "елка дартаньян"
    assert fold("тел. +38 (044) 123-45-67, доб. 12") == "тел. +380441234567, доб. 12"
    assert fold("И\u0306од") == "йод"
    assert fold_all(["044", "", "123", "044"]) == "044\n123"


def test_a_number_is_read_as_its_beginning_too() -> None:
    """`044123` stands for every number whose E.164 form begins with +38044123."""
    assert read_search("044 123", normalise) == Search((("044123", "38044123"),))
    assert read_search("8 (495) 12", Numbering("RU").normalise) == Search((("849512", "749512"),))
