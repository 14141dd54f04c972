"""Callbacks and reminders in a real Chromium: keys, undo, two tabs, the title of a tab."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.reminders import fire_due_reminders
from telemarketing.model.changes import NoticesChanged
from telemarketing.model.planned_call import PlanKind, PlanState
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate
from tests.browser.chromium import Look, browsing
from tests.browser.visits import signed_in
from tests.make import DAY_MS, MONDAY, answered, ended, make_call
from tests.planning import HOUR_MS, RULES, all_planned, lead_of
from tests.web.panel import NOON, PanelUnderTest, running_panel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

NUMBER = "+380441234567"
ENGLISH = Look("en")


@pytest_asyncio.fixture(loop_scope="session")
async def panel(tmp_path: Path) -> AsyncIterator[PanelUnderTest]:
    """A panel of its own, with a lead of the operator's."""
    url = f"sqlite:///{tmp_path}/callbacks.db"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    await database.open()
    async with running_panel(database, tmp_path) as running:
        await CallLog(database).record([ended(answered(make_call(started_at=MONDAY - DAY_MS)))])
        yield running
    await database.close()


async def test_proposals_are_taken_and_dismissed_by_one_key(
    browser: Browser, panel: PanelUnderTest
) -> None:
    """T takes the first, X dismisses the next; an undo brings it back."""
    calls = [
        ended(make_call(number=f"+38044555000{n}", started_at=NOON - HOUR_MS + n)) for n in (1, 2)
    ]
    await CallLog(panel.database, RULES).record(calls)
    async with signed_in(browser, panel, panel.people.operator, ENGLISH) as page:
        await page.goto("/callbacks")
        await expect(page.locator("#proposed .row-link")).to_have_count(2)
        await page.keyboard.press("t")
        await expect(page.locator("#today .row-link")).to_have_count(1)
        await page.keyboard.press("x")
        await expect(page.locator("#proposed")).to_have_count(0)
        states = {one.state for one in await all_planned(panel.database, PlanKind.RETRY)}
        assert states == {PlanState.OPEN, PlanState.DISMISSED}
        await page.locator(".toast [data-undo]").last.click()
        await expect(page.locator("#proposed .row-link")).to_have_count(1)


async def test_a_key_in_a_row_means_that_row(browser: Browser, panel: PanelUnderTest) -> None:
    """J walks to the second proposal, X dismisses it and not the first."""
    calls = [
        ended(make_call(number=f"+38044555000{n}", started_at=NOON - HOUR_MS + n)) for n in (1, 2)
    ]
    await CallLog(panel.database, RULES).record(calls)
    async with signed_in(browser, panel, panel.people.operator, ENGLISH) as page:
        await page.goto("/callbacks")
        await expect(page.locator("#proposed .row-link")).to_have_count(2)
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("x")
        await expect(page.locator("#proposed .row-link")).to_have_count(1)
        (left,) = [
            one for one in await all_planned(panel.database) if one.state is PlanState.PROPOSED
        ]
        assert left.phone == "+380445550001"


async def test_typed_time_is_explained_planned_and_reminded_of_in_every_tab(
    browser: Browser, panel: PanelUnderTest
) -> None:
    """The notice comes by itself, counts in the title, and seen in one tab is gone from both."""
    lead_id = await lead_of(panel.database, NUMBER)
    async with signed_in(browser, panel, panel.people.operator, ENGLISH) as page:
        await page.goto(f"/leads/{lead_id}")
        typed = page.locator(f"#typed-{lead_id}")
        await typed.fill("in 20 min")
        await expect(page.locator(f"#said-{lead_id}")).to_contain_text("12:20")
        await typed.press("Enter")
        await expect(page.locator(".toast")).to_contain_text("12:20")
        await expect(page.locator(f"#plan-{lead_id} .list")).to_contain_text("12:20")
        other = await page.context.new_page()
        await other.goto("/leads")

        panel.now_ms = NOON + 10 * 60_000
        assert len(await fire_due_reminders(panel.database, panel.now_ms, 10)) == 1
        panel.live.publish(NoticesChanged(panel.people.operator.id))

        await expect(page.locator("[data-notice]")).to_contain_text("12:20")
        await expect(other.locator("[data-notice]")).to_contain_text("12:20")
        await expect(page).to_have_title(re.compile(r"^\(1\) "))
        await page.locator("[data-notice] [aria-label=Seen]").click()
        await expect(page.locator("[data-notice]")).to_have_count(0)
        await expect(other.locator("[data-notice]")).to_have_count(0)


async def test_what_somebody_changed_meanwhile_is_told_once(
    browser: Browser, panel: PanelUnderTest
) -> None:
    """The press changes nothing; the page shows what is there by now."""
    lead_id = await lead_of(panel.database, NUMBER)
    visitor = await panel.signed_in(panel.people.operator)
    await visitor.post(f"/leads/{lead_id}/callbacks", data={"typed": "today 17:00"})
    (plan,) = await all_planned(panel.database)
    moved: dict[str, str | int] = {"version": plan.version, "when": "tomorrow 10:00"}
    token = await panel.accounts.begin_session(panel.people.supervisor.id, "", panel.now_ms)
    # Not `signed_in`: a refused request is an error to the console, and no fault.
    async with browsing(browser, ENGLISH, panel.url) as context:
        name = f"telemarketing-{urlsplit(panel.url).port}"
        await context.add_cookies([{"name": name, "value": token, "url": panel.url}])
        page = await context.new_page()
        # Without the stream, this tab does not hear of the other's change.
        await page.route("**/live", lambda route: route.abort())
        await page.goto("/callbacks")
        button = page.locator("#today [data-key=KeyD]")
        await expect(button).to_be_visible()
        await visitor.post(f"/callbacks/{plan.id}/move", data=moved)
        await button.click()
        await expect(page.locator(".toast")).to_contain_text("meanwhile")
        await expect(page.locator(".toast")).to_have_count(1)
        await expect(page.locator("#later .row-link")).to_have_count(1)
