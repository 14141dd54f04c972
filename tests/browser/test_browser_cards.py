"""Two people at one card, in a real browser."""

import pytest
from playwright.async_api import Browser, expect

from telemarketing.crm.lead_edits import edit_lead
from telemarketing.storage.leads import list_statuses
from tests.browser.chromium import Look
from tests.browser.visits import signed_in
from tests.browser.world import World
from tests.web.panel import NOON

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]


async def test_a_conflict_about_a_choice_is_told_by_names(browser: Browser, world: World) -> None:
    """Whoever chose at the same time as somebody else reads what the other chose, and decides."""
    panel, person = world.panel, world.panel.people.operator
    async with panel.database.reading() as tx:
        was, theirs, mine = (str(status.id) for status in (await list_statuses(tx))[:3])
    lead_id = world.known_lead_id
    async with signed_in(browser, panel, person, Look("ru"), tolerated=("409",)) as page:
        await page.goto(f"/leads/{lead_id}")
        choice = page.locator("select[name=status]")
        await expect(choice).to_have_value(was)
        boss = panel.people.supervisor.viewer
        await edit_lead(panel.database, boss, lead_id, "status", theirs, was, NOON)

        await choice.select_option(mine)

        conflict = page.locator("[data-state=conflict]")
        await expect(conflict.locator("q")).to_have_text("Выявление потребностей")
        await conflict.locator("[data-take=theirs]").click()
        await expect(choice).to_have_value(theirs)
    await edit_lead(panel.database, person.viewer, lead_id, "status", was, theirs, NOON)
