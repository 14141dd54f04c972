"""Names of statuses and sources that the product ships, and those that users made."""

import pytest
from sqlalchemy import select

from telemarketing.storage.engine import Database
from telemarketing.storage.tables import lead_sources, lead_statuses
from telemarketing.web.shipped_names import show_name


@pytest.fixture
async def shipped(database: Database) -> list[str]:
    """The names that a fresh database has."""
    async with database.reading() as tx:
        statuses = (await tx.scalars(select(lead_statuses.c.name))).all()
        sources = (await tx.scalars(select(lead_sources.c.name))).all()
    return [*statuses, *sources]


def test_a_reader_of_russian_sees_the_shipped_names(shipped: list[str]) -> None:
    """Every name that a fresh database has is known, and is shown as it stands there."""
    for name in shipped:
        assert show_name(name, "ru") == name
        assert show_name(name, "uk") not in {name, show_name(name, "en")}
        assert show_name(name, "en").isascii()


@pytest.mark.parametrize("language", ["ru", "uk", "en"])
def test_a_name_of_the_users_is_shown_as_it_is(language: str) -> None:
    """Nobody's own words are translated."""
    assert show_name("Горячий клиент", language) == "Горячий клиент"
