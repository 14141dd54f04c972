"""A recording in a real Chromium: by keyboard alone, from silence to sound, and on by 30 s."""

import asyncio
from pathlib import Path
from random import Random

import pytest
from playwright.async_api import Browser

from telemarketing.model.recording import RecordingState
from telemarketing.pbxsim.recorder import write_wav
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate
from tests.browser.chromium import Look
from tests.browser.visits import signed_in
from tests.web.panel import running_panel
from tests.web.test_web_recordings import add

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

_SOUNDS = "() => document.querySelector('[data-player] audio').currentTime > 0"
_MOVED_ON = "() => document.querySelector('[data-player] audio').currentTime >= 30"


async def test_whoever_talked_hears_it_on_the_card(browser: Browser, tmp_path: Path) -> None:
    """The first sound comes within a second, by the clock of the player; a leap needs no reload."""
    url = f"sqlite:///{tmp_path}/telemarketing.db"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    await database.open()
    try:
        async with running_panel(database, tmp_path) as panel:
            file = panel.recordings / "a.wav"
            await asyncio.to_thread(write_wav, file, 65_000, Random(1))  # noqa: S311 - a noise
            await add(panel, a=(RecordingState.READY, str(file)))
            async with signed_in(browser, panel, panel.people.operator, Look()) as page:
                await page.goto("/leads/1")
                await page.locator("[data-player] [data-play]").focus()
                loop = asyncio.get_running_loop()
                pressed_at = loop.time()
                await page.keyboard.press("Enter")
                await page.wait_for_function(_SOUNDS, polling=20)
                assert loop.time() - pressed_at < 1
                await page.locator("[data-player] [data-place]").focus()
                await page.keyboard.press("Shift+ArrowRight")
                await page.wait_for_function(_MOVED_ON)
    finally:
        await database.close()
