"""Every page, as each of those who may come there sees it, in both languages, themes and sizes."""

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import LOOKS, Look, browsing
from tests.browser.soundness import assert_sound
from tests.browser.visits import signed_in
from tests.browser.world import World
from tests.people import Person

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


PAGES = {
    "now": ("operator", "/"),
    "now-supervisor": ("supervisor", "/"),
    "leads": ("operator", "/leads"),
    "leads-nothing-found": ("operator", "/leads?q=zzzzzz"),
    "card": ("operator", "/leads/{known}"),
    "card-limited": ("stranger", "/leads/{limited}"),
    "calls": ("supervisor", "/calls"),
    "calls-short": ("operator", "/calls?talk=short"),
    "calls-none": ("operator", "/calls?number=0000000"),
    "callbacks": ("operator", "/callbacks"),
    "callbacks-supervisor": ("supervisor", "/callbacks"),
    "operators": ("supervisor", "/operators?period=week"),
    "operators-own": ("operator", "/operators"),
    "system": ("administrator", "/system"),
    "me": ("operator", "/me"),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
async def test_a_page_is_sound(browser: Browser, world: World, look: Look, name: str) -> None:
    """With a week of calls behind it, and one that goes on."""
    who, path = PAGES[name]
    person: Person = getattr(world.panel.people, who)
    async with signed_in(browser, world.panel, person, look) as page:
        await page.goto(path.format(known=world.known_lead_id, limited=world.limited_lead_id))
        await page.wait_for_function(_SETTLED)
        await assert_sound(page, f"{name}-{look.name}", look.language)


_SETTLED = """() => document.querySelector('#bar .connection')
  && !document.querySelector('.htmx-request, [hx-trigger~=load]:empty:not(#notices)')"""
