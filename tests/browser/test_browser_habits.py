"""What hands do without thinking: press what a row offers, unfold filters, look at a password."""

import pytest
from playwright.async_api import Browser, expect

from tests.browser.chromium import PHONE, Look, browsing
from tests.browser.visits import signed_in
from tests.browser.world import World

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_filters_of_a_phone_stay_unfolded_while_one_chooses(
    browser: Browser, world: World
) -> None:
    """They hide until asked for; a choice keeps them there and is counted on their button."""
    operator = world.panel.people.operator
    async with signed_in(browser, world.panel, operator, Look("en", size=PHONE)) as page:
        await page.goto("/calls")
        result = page.locator("#filter-result")
        await expect(result).to_be_hidden()
        await page.locator("[data-fold]").click()
        await result.select_option("short")
        await page.wait_for_url("**/calls?result=short")
        await expect(page.locator("[data-fold]")).to_contain_text("1")
        await expect(page.locator("[data-fold]")).to_have_attribute("aria-expanded", "true")
        await expect(result).to_be_visible()


async def test_a_press_in_a_row_of_now_does_not_open_the_lead(
    browser: Browser, world: World
) -> None:
    """The row's link covers its own row and neither its buttons nor the page around it."""
    operator = world.panel.people.operator
    async with signed_in(browser, world.panel, operator, Look("en")) as page:
        await page.goto("/")
        row = page.locator("#due-now li").last
        await row.get_by_role("button", name="Move").click()
        await expect(page.locator("dialog[open] [name=typed]")).to_be_focused()
        await page.keyboard.press("Escape")
        await page.locator("h2").first.click()
        assert page.url.rstrip("/") == world.panel.url.rstrip("/")
        await row.click()
        await page.wait_for_url("**/leads/*")


async def test_a_password_can_be_looked_at(browser: Browser, world: World) -> None:
    """And hidden again."""
    async with browsing(browser, Look("en"), world.panel.url) as context:
        page = await context.new_page()
        await page.goto("/sign-in")
        password = page.locator("[name=password]")
        await page.get_by_label("Show the password").check()
        await expect(password).to_have_attribute("type", "text")
        await page.get_by_label("Show the password").uncheck()
        await expect(password).to_have_attribute("type", "password")
