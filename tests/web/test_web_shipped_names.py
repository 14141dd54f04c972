"""Names of statuses and sources that the product ships, and those that users made."""

import pytest
from sqlalchemy import select

from telemarketing.storage.engine import Database
from telemarketing.storage.tables import lead_sources, lead_statuses
from telemarketing.web.shipped_names import show_name


async def test_a_reader_of_russian_sees_the_shipped_names(database: Database) -> None:
    """Every name that a fresh database has is known, and is shown as it stands there."""
    async with database.reading() as tx:
        statuses = (await tx.scalars(select(lead_statuses.c.name))).all()
        sources = (await tx.scalars(select(lead_sources.c.name))).all()

    for name in (*statuses, *sources):
        assert show_name(name, "ru") == name
        assert show_name(name, "en") != name
        assert show_name(name, "uk") not in {name, show_name(name, "en")} or name == "Презентация"


@pytest.mark.parametrize("language", ["ru", "uk", "en"])
def test_a_name_of_the_users_is_shown_as_it_is(language: str) -> None:
    """Nobody's own words are translated."""
    assert show_name("Горячий клиент", language) == "Горячий клиент"
