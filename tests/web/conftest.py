"""A running panel for every test that asks, on each of the two databases."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from telemarketing.storage.engine import Database
from tests.people import People
from tests.web.panel import PanelUnderTest, running_panel


@pytest.fixture
async def panel(database: Database, tmp_path: Path) -> AsyncIterator[PanelUnderTest]:
    """A panel on a real port, in whose database the five of `people` work."""
    async with running_panel(database, tmp_path) as running:
        yield running


@pytest.fixture
def people(panel: PanelUnderTest) -> People:
    """Who works here: operator, colleague, stranger, supervisor, administrator."""
    return panel.people
