"""The dictionary of lead statuses."""

import pytest
from sqlalchemy import insert, select

from telemarketing.errors import StorageError
from telemarketing.storage.engine import Database
from telemarketing.storage.tables import lead_statuses


async def test_the_first_statuses_are_those_of_the_product(database: Database) -> None:
    """The dictionary that ships: names, kinds and order."""
    async with database.reading() as tx:
        shipped = await tx.execute(
            select(lead_statuses.c.name, lead_statuses.c.kind).order_by(lead_statuses.c.position)
        )
    assert shipped.all() == [
        ("Установление контакта", "initial"),
        ("Выявление потребностей", "intermediate"),
        ("Презентация", "intermediate"),
        ("Работа с возражениями", "intermediate"),
        ("Лид сконвертирован", "final_good"),
        ("Некорректный контакт", "final_bad"),
        ("Предложение неактуально", "final_bad"),
    ]


async def test_there_is_one_initial_status(database: Database) -> None:
    """A second initial status is refused, whatever its name."""
    another = {"name": "Другой", "kind": "initial", "position": 9, "colour": "#000000"}
    with pytest.raises(StorageError):
        async with database.writing() as tx:
            await tx.execute(insert(lead_statuses), another)
