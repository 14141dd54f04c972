"""PostgreSQL goes away while people work, and comes back: told in words, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from telemarketing.model.changes import NoticesChanged
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate
from tests.postgresql import Server, start_server
from tests.web.belongings import Belongings
from tests.web.panel import PanelUnderTest, running_panel
from tests.web.test_web_stream import listening

pytestmark = pytest.mark.postgresql

_PAGES = ("/", "/leads", "/calls", "/callbacks", "/operators", "/system", "/me", "/sign-in")
_PARTS = ("/now", "/bar", "/notices", "/search?q=044", "/leads/1", "/leads/1/history", "/calls.csv")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    """A server of this test alone."""
    server = await asyncio.to_thread(start_server)
    yield server
    await asyncio.to_thread(server.stop)


@pytest.fixture
async def panel(server: Server, tmp_path: Path) -> AsyncIterator[PanelUnderTest]:
    """A panel on it."""
    name = await asyncio.to_thread(server.create)
    await asyncio.to_thread(migrate, server.url(name))
    database = Database(server.url(name))
    await database.open()
    async with running_panel(database, tmp_path) as running:
        yield running
    await database.close()


async def test_people_are_told_and_go_on_when_it_is_back(
    server: Server, panel: PanelUnderTest
) -> None:
    """503 with a sentence, on every page and for every change; open streams stay."""
    own = Belongings(panel, "+380442000001")
    await own.store()
    person = panel.people.administrator
    visitor = await panel.signed_in(person)
    change = {"field": "company", "value": "Ромашка", "was": ""}
    async with listening(panel, person) as stream:
        await asyncio.to_thread(server.halt)
        for path in (*_PAGES, *_PARTS):
            headers = {"Accept": "text/html"} if path in _PAGES else {}
            async with asyncio.timeout(10):
                answer = await visitor.get(path, headers=headers)
            assert answer.status == 503, path
            assert "database" in answer.text, path
        assert (await visitor.patch(f"/leads/{own.lead_id}", data=change)).status == 503
        stranger = await panel.visitor()
        assert (await stranger.get("/sign-in")).status == 200
        assert (await stranger.get("/healthz")).status == 200
        assert (await stranger.get("/readyz")).status == 503

        await asyncio.to_thread(server.start)
        for path in (*_PAGES[:-1], *_PARTS):
            assert (await visitor.get(path)).status == 200, path
        assert (await visitor.patch(f"/leads/{own.lead_id}", data=change)).status == 200
        panel.live.publish(NoticesChanged(person.id))
        while "notices" not in (await stream.hear()).split():
            pass
