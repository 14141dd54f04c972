"""One browser and one office for all tests of this folder, in one event loop."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import chromium
from tests.browser.world import World
from tests.browser.world import world as made_world


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """The real Chromium."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """The office, at Monday noon; tests that change it undo what they did, or make their own."""
    async with made_world(tmp_path_factory.mktemp("world")) as made:
        yield made
