"""What the benchmarks read off a real Chromium is what the panel did."""

import asyncio
from pathlib import Path

import pytest

from bench.panel_cards import open_cards
from bench.panel_first_load import load_page
from telemarketing.clock import now_ms
from telemarketing.crm.call_log import CallLog
from telemarketing.model.changes import CallEnded, LeadCreated
from telemarketing.storage.call_pages import list_call_page
from telemarketing.storage.calls import CallFilter
from telemarketing.storage.engine import Database
from telemarketing.web.assets import Assets
from tests.browser.chromium import chromium
from tests.make import answered, ended, make_call
from tests.web.panel import running_panel

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_card_notes_when_a_call_has_come_into_it(
    database: Database, tmp_path: Path
) -> None:
    """By the clock of the machine, after it was published; the calls of before are told apart."""
    async with running_panel(database, tmp_path) as panel:
        log = CallLog(database)
        (created, *_) = await log.record([ended(answered(make_call()))])
        assert isinstance(created, LeadCreated)
        person = panel.people.operator.id
        tokens = [await panel.accounts.begin_session(person, "", panel.now_ms) for _ in range(2)]
        async with open_cards(panel.url.rstrip("/"), [created.lead_id], tokens) as cards:
            before = await cards.seen()
            call = ended(answered(make_call(started_at=panel.now_ms)))
            changes = await log.record([call])
            published_at = now_ms()
            for change in (CallEnded(call), *changes):
                panel.live.publish(change)
            await cards.wait_for(2)
            read_at, seen = now_ms(), await cards.seen()
            assert await cards.fetch() > 0
        async with database.reading() as tx:
            found = await list_call_page(tx, panel.people.operator.viewer, CallFilter(), 1)
    ((call_id, at_ms),) = seen.items() - before.items()
    assert call_id == found.calls[0].id
    assert published_at - 1 <= at_ms <= read_at + 1


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_first_load_counts_all_that_the_page_needs(
    database: Database, tmp_path: Path
) -> None:
    """Style, scripts and icons came over the wire, packed, and the page with them."""
    async with running_panel(database, tmp_path) as panel, chromium() as browser:
        wire, floor = await load_page(browser, panel.url.rstrip("/"), "/sign-in", "")
        assets = await asyncio.to_thread(Assets)
    assert assets.first_load_bytes() < wire < assets.first_load_bytes() * 2
    assert floor < wire
