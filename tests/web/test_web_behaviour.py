"""What the panel's scripts do in the real browser: live pages, autosave, keys, sound."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from tests.browser.chromium import chromium
from tests.web.stage import Stage, running_stage

pytestmark = [pytest.mark.process, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """The real Chromium."""
    async with chromium() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """A server of this test."""
    async with running_stage(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def person(browser: Browser, stage: Stage) -> AsyncIterator[BrowserContext]:
    """Somebody with a browser of their own; a script that fails there fails the test."""
    faults: list[str] = []
    context = await browser.new_context(base_url=stage.base, permissions=["notifications"])
    context.set_default_timeout(10_000)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context
    await context.close()
    assert faults == []


@pytest_asyncio.fixture(loop_scope="module")
async def page(person: BrowserContext, stage: Stage) -> Page:
    """A tab of theirs, with the stream open."""
    opened = await person.new_page()
    await opened.goto("/")
    await until(lambda: bool(stage.streams))
    return opened


async def until(true: Callable[[], bool]) -> None:
    """Wait for something on the server's side."""
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - the server under test knows nothing of tests
            await asyncio.sleep(0.01)


async def test_a_topic_reaches_every_tab_over_one_stream(
    person: BrowserContext, page: Page, stage: Stage
) -> None:
    """Two tabs share one stream; when the tab that holds it is closed, the other one takes over."""
    second = await person.new_page()
    await second.goto("/")
    stage.shown = 1
    await stage.tell("calls lead-7")
    await expect(page.locator("#calls")).to_have_text("1")
    await expect(second.locator("#calls")).to_have_text("1")
    assert stage.asked.count("/live") == 1

    await page.close()
    await until(lambda: stage.asked.count("/live") == 2)
    stage.shown = 2
    await until(lambda: len(stage.streams) > 0)
    await stage.tell("calls")

    await expect(second.locator("#calls")).to_have_text("2")


async def test_a_burst_is_asked_for_twice(page: Page, stage: Stage) -> None:
    """Of thirty changes at once, the first and the last state are asked for, none between."""
    await page.wait_for_load_state("networkidle")
    before = stage.asked.count("/calls")
    for number in range(1, 31):
        stage.shown = number
        await stage.tell("calls")

    await expect(page.locator("#calls")).to_have_text("30")
    assert stage.asked.count("/calls") - before <= 3


async def test_a_lost_stream_greys_the_page_and_repairs_itself(page: Page, stage: Stage) -> None:
    """Without a connection the page says since when; with it, it shows what has changed."""
    await stage.disconnect()
    await expect(page.locator("html[data-stale]")).to_have_count(1)
    await expect(page.get_by_role("alert").first).to_have_text(
        re.compile(r"No connection since \d\d:\d\d:\d\d; the data are of that moment\.")
    )
    stage.shown = 5

    await stage.connect()

    await expect(page.locator("html[data-stale]")).to_have_count(0)
    await expect(page.locator("#calls")).to_have_text("5")


async def test_silence_is_a_lost_stream(person: BrowserContext, stage: Stage) -> None:
    """A stream that says nothing for twelve seconds is as good as none."""
    page = await person.new_page()
    await page.clock.install()
    await page.goto("/")
    await until(lambda: bool(stage.streams))

    stage.silent = True
    await page.clock.fast_forward(13_000)
    await expect(page.locator("html[data-stale]")).to_have_count(1)

    stage.silent = False
    await expect(page.locator("html[data-stale]")).to_have_count(0)


async def test_who_was_signed_out_is_led_to_the_sign_in(page: Page, stage: Stage) -> None:
    """When the session has ended, the page goes where one signs in, and knows the way back."""
    stage.signed_in = False
    await stage.disconnect()
    await stage.connect()

    await page.wait_for_url("**/sign-in?next=%2F")


async def test_reloading_keeps_what_is_being_typed(page: Page, stage: Stage) -> None:
    """A section that reloads keeps the focus and the half-typed word in it."""
    await page.locator("#typed").press_sequentially("hal")
    stage.shown = 3
    await stage.tell("form")
    await expect(page.locator("#form b")).to_have_text("3")
    await page.keyboard.type("f")

    await expect(page.locator("#typed")).to_have_value("half")


async def test_a_script_in_an_answer_does_not_run(page: Page) -> None:
    """Whatever reaches the page through an answer, no script of it runs."""
    await page.click("#bad")
    await expect(page.locator("#calls")).to_have_text("0")

    assert await page.title() == "Stage · telemarketing"


async def test_a_field_saves_itself_and_takes_it_back(page: Page, stage: Stage) -> None:
    """A pause in typing is enough to save; one press brings the old value back."""
    await page.fill("#edit-company", "New ")
    await expect(page.locator("#state-company")).to_contain_text("Saved")
    assert stage.company == "New"
    assert stage.tokens == {"the token"}
    await expect(page.locator("#edit-company")).to_have_value("New")

    await page.get_by_role("button", name="Undo").click()

    await until(lambda: stage.company == "Old")
    await expect(page.locator("#edit-company")).to_have_value("Old")


@pytest.mark.parametrize(("choice", "kept"), [("Take theirs", "Theirs"), ("Keep mine", "Mine")])
async def test_two_people_edit_one_field(page: Page, stage: Stage, choice: str, kept: str) -> None:
    """Nobody overwrites another unseen: both values are shown, and one is chosen."""
    stage.company = "Theirs"
    await page.fill("#edit-company", "Mine")
    await expect(page.locator("#state-company")).to_contain_text("Theirs")
    assert stage.company == "Theirs"

    await page.get_by_role("button", name=choice).click()

    await expect(page.locator("#edit-company")).to_have_value(kept)
    await until(lambda: stage.company == kept)


async def test_a_refused_value_stays_with_its_sentence(page: Page, stage: Stage) -> None:
    """What the server refuses stays in the field, and the field says why."""
    await page.fill("#edit-company", "?")

    await expect(page.locator("#state-company")).to_have_text("Too short.")
    await expect(page.locator("#edit-company")).to_have_attribute("aria-invalid", "true")
    assert stage.company == "Old"

    await page.fill("#edit-company", "Old")
    await expect(page.locator("#state-company")).to_be_hidden()
    await expect(page.locator("#edit-company")).not_to_have_attribute("aria-invalid", "true")


async def test_what_is_typed_without_a_connection_is_sent_later(page: Page, stage: Stage) -> None:
    """A lost connection keeps the text in the browser, says so, and sends it when it is back."""
    await stage.disconnect()
    await page.fill("#edit-company", "Typed in the tunnel")
    await expect(page.locator("#state-company")).to_contain_text("Kept on this computer")

    await stage.connect()

    await until(lambda: stage.company == "Typed in the tunnel")
    await expect(page.locator("#state-company")).to_contain_text("Saved")


async def test_a_draft_outlives_its_tab(person: BrowserContext, page: Page, stage: Stage) -> None:
    """Text that could not be sent is found again by the next tab, and sent by it."""
    await stage.disconnect()
    await page.fill("#edit-company", "Unsent")
    await page.fill("#when", "Thu 14:30")
    await expect(page.locator("#state-company")).to_contain_text("Kept on this computer")
    await page.close()
    await stage.connect()

    second = await person.new_page()
    await second.goto("/")

    await until(lambda: stage.company == "Unsent")
    await expect(second.locator("#when")).to_have_value("Thu 14:30")
    await second.press("#when", "Enter")
    await until(lambda: stage.planned == ["Thu 14:30"])
    # The draft goes when the answer is there, which a reload would cut off.
    await second.wait_for_function("() => !Object.keys(localStorage).join().includes('draft:')")
    await second.reload()
    await expect(second.locator("#when")).to_have_value("")


async def test_keys_work_in_any_layout_but_not_while_typing(page: Page, stage: Stage) -> None:
    """The key is known by its place on the keyboard; in a field it is a letter."""
    await page.focus("#typed")
    await page.keyboard.press("d")
    await page.keyboard.press("Escape")
    assert stage.shown == 0

    russian = {"code": "KeyD", "key": "в", "bubbles": True}
    await page.dispatch_event("body", "keydown", russian)
    await until(lambda: stage.shown == 1)

    await page.keyboard.press("/")
    await expect(page.locator("input[name=q]")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.keyboard.press("Shift+Slash")
    await expect(page.locator("#keys li", has_text="Leads")).to_contain_text("G L")


async def test_walking_over_rows(page: Page) -> None:
    """J and K move from row to row, and stop at both ends."""
    at = []
    for key in "jjjjk":
        await page.keyboard.press(key)
        at.append(await page.evaluate("document.activeElement.id"))

    assert at == ["row-0", "row-1", "row-2", "row-2", "row-1"]


async def test_dialogs(page: Page) -> None:
    """A dialog takes the focus, keeps other keys out, and gives the focus back."""
    await page.focus("#open")
    await page.keyboard.press("o")
    await expect(page.locator("#inside")).to_be_focused()
    await page.keyboard.press("Escape")

    await expect(page.locator("#box")).to_be_hidden()
    await expect(page.locator("#open")).to_be_focused()


async def test_what_was_done_can_be_taken_back(page: Page, stage: Stage) -> None:
    """A sentence tells what was done; its button undoes it, and live parts show it at once."""
    await page.click("#do")
    await expect(page.locator(".toast")).to_contain_text("Done")
    await page.get_by_role("button", name="Undo").click()

    await expect(page.locator(".toast")).to_contain_text("Taken back")
    assert stage.shown == 0


async def test_a_time_runs_by_the_clock_of_the_server(
    person: BrowserContext, page: Page, stage: Stage
) -> None:
    """A browser whose clock is an hour wrong shows the same time, and the mark at seven minutes."""
    stage.ahead_ms = 3_600_000
    await page.reload()

    await expect(page.get_by_role("timer")).to_have_text(re.compile(r"6:5[89]|7:0\d"))
    await expect(page.locator(".timer[data-marked]")).to_have_text(re.compile(r"7:0\d"))


async def test_recordings(page: Page) -> None:
    """One recording plays at a time, by mouse and keys; where it was left, it goes on."""
    first, second = page.locator("#player-a"), page.locator("#player-b")
    await first.get_by_role("button").click()
    await expect(first.locator("[data-at]")).to_have_text("0:01")
    await page.keyboard.press("ArrowRight")
    await expect(first.locator("[data-at]")).to_have_text(re.compile("0:0[6-9]"))

    await second.get_by_role("button").click()
    await expect(second).to_have_attribute("data-playing", "")
    await expect(first).not_to_have_attribute("data-playing", "")

    await page.reload()
    await first.get_by_role("button").click()
    await expect(first.locator("[data-at]")).to_have_text(re.compile("0:0[6-9]"))


async def test_a_recording_that_is_missing(page: Page) -> None:
    """A file that is not there is told in words."""
    await page.locator("#player-c").get_by_role("button").click()

    await expect(page.locator("#player-c")).to_contain_text("cannot be played")
    await expect(page.locator("#player-c").get_by_role("alert")).to_be_visible()


async def test_a_reminder_rings_once_over_all_tabs(
    person: BrowserContext, page: Page, stage: Stage
) -> None:
    """Title and icon of every tab tell of it; the system's notification comes once."""
    rung: list[str] = []
    await person.expose_function("toldSystem", lambda *told: rung.extend(told))
    await person.add_init_script(
        "globalThis.Notification = class { static permission = 'granted';"
        " constructor(title) { toldSystem(title); } };"
    )
    second = await person.new_page()
    await page.reload()
    await second.goto("/")
    await until(lambda: bool(stage.streams))
    stage.notices.append(17)

    await stage.tell("notices")

    for tab in (page, second):
        await expect(tab).to_have_title("(1) Stage · telemarketing")
        await expect(tab.locator('link[rel="icon"]')).to_have_attribute("href", re.compile("alert"))
    await until(lambda: rung == ["Call"])
    stage.notices.clear()
    await stage.tell("notices")
    await expect(page).to_have_title("Stage · telemarketing")
    assert rung == ["Call"]
