"""What the daemon gives its panel."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from telemarketing.ami.link import AmiLink, LinkState
from telemarketing.app_panel import make_panel
from telemarketing.assembly import make_link
from telemarketing.callflow import CallFlow
from telemarketing.calls.tracker import Tracker
from telemarketing.clock import now_ms
from telemarketing.config import PanelSettings, PbxSettings, Settings
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.journal import Journal
from telemarketing.errors import ConfigError
from telemarketing.live import Live
from telemarketing.storage.engine import Database
from telemarketing.web.keys import PBX_STATES
from telemarketing.web.server import Panel
from tests.ami.server import AmiServer
from tests.calls.stream import directory


async def panel_of(
    database: Database, settings: Settings, *links: AmiLink
) -> tuple[Panel, list[CallFlow]]:
    """The panel of a daemon with these links, and the flows of these."""
    journal = Journal(CallLog(database), lambda _fact: None)
    flows = [CallFlow(link.pbx, link, Tracker(link.pbx, directory()), journal) for link in links]
    by_name = {link.pbx: link for link in links}
    return await make_panel(settings, database, Live(), journal, by_name, flows), flows


@asynccontextmanager
async def running(link: AmiLink, flow: CallFlow) -> AsyncIterator[None]:
    """Link and flow at work."""
    tasks = [asyncio.create_task(link.run()), asyncio.create_task(flow.run())]
    try:
        yield
    finally:
        link.close()
        await asyncio.gather(*tasks)


async def test_pages_see_how_each_link_is(database: Database) -> None:
    """Since when it is logged in, when it was heard, and the calls here and in the PBX's list."""
    async with AmiServer() as server, asyncio.timeout(10):
        began = now_ms()
        link = make_link(
            PbxSettings(name="main", port=server.port, secret=SecretStr(server.secret))
        )
        panel, (flow,) = await panel_of(database, Settings(), link)
        (before,) = panel.app[PBX_STATES]()
        async with running(link, flow):
            await link.reached(LinkState.FOLLOWING)
            while True:
                (state,) = panel.app[PBX_STATES]()
                if state.comparison is not None:
                    break
                await asyncio.sleep(0.01)

    assert (before.connected_since, before.last_heard_at) == (None, None)
    assert before.comparison is None
    assert (state.name, state.state) == ("main", "following")
    assert state.connected_since is not None
    assert state.last_heard_at is not None
    assert began <= state.connected_since <= now_ms()
    assert began <= state.last_heard_at <= now_ms()
    assert (state.live_calls_here, state.comparison.here, state.comparison.there) == (0, 0, 0)
    assert link.connected_since is None
    assert link.last_heard_at is not None


@pytest.mark.parametrize("content", [None, "this is no certificate\n"])
async def test_a_certificate_that_cannot_be_used_is_a_fault_of_the_settings(
    database: Database, tmp_path: Path, content: str | None
) -> None:
    """Absent or no PEM: a sentence with the keys, the files and the cure."""
    file = tmp_path / "panel.pem"
    if content is not None:
        file.write_text(content)
    settings = Settings(panel=PanelSettings(certificate_file=file))

    with pytest.raises(
        ConfigError, match=r"panel\.certificate_file, panel\.key_file: .*panel\.pem"
    ):
        await panel_of(database, settings)
