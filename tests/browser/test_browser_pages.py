"""Every page, as each of those who may come there sees it, in both languages, themes and sizes."""

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import LOOKS, Look, browsing
from tests.browser.soundness import assert_sound
from tests.browser.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_the_sign_in_is_sound(browser: Browser, world: World, look: Look) -> None:
    """Before anybody has signed in, and after a wrong password."""
    async with browsing(browser, look, world.panel.url) as context:
        page = await context.new_page()
        await page.goto("/sign-in")
        await assert_sound(page, f"sign-in-{look.name}", look.language)
        await page.fill("[name=login]", "ivanenko")
        await page.fill("[name=password]", "wrong password")
        await page.press("[name=password]", "Enter")
        await page.wait_for_selector("[role=alert], .problem")
        assert await page.input_value("[name=login]") == "ivanenko"
        await assert_sound(page, f"sign-in-wrong-{look.name}", look.language)
