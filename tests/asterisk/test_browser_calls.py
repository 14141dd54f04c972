"""What a person sees of calls of a real Asterisk, in a real browser, while they happen."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Response, expect

from tests.asterisk.desk import (
    REMIND_BEFORE_S,
    Desk,
    at_work,
    daemon_with_panel,
    employ,
    undisturbed,
    was_not_reloaded,
    watch,
)
from tests.asterisk.office import Client, Office
from tests.asterisk.pbx import Pbx
from tests.asterisk.phone import Answer, Call, ReceivedCall, Refuse, now_ms

pytestmark = [pytest.mark.asterisk, pytest.mark.browser]

SOON_MS = 1000
"""From what happens at the PBX to what the browser shows."""
_CHIME_MS = 2000


@pytest.fixture
async def desk(
    pbx: Pbx, office: Office, tmp_path: Path, migrated_file: Path
) -> AsyncIterator[Desk]:
    """The seller's, of extension 101; nobody has called yet."""
    async with AsyncExitStack() as stack:
        stack.enter_context(undisturbed(pbx))
        daemon, url = await stack.enter_async_context(
            daemon_with_panel(pbx, tmp_path, migrated_file)
        )
        password = await employ(daemon, "Иваненко Иван", "ivanenko", "--extension", "101")
        await daemon.start()
        context = await stack.enter_async_context(at_work(url, "ivanenko", password))
        yield Desk(daemon, office.departments[0], context)


async def ring(desk: Desk, client: Client) -> ReceivedCall:
    """The client calls the seller, whose phone rings."""
    client.call(desk.department.direct_did(1))
    received = await desk.department.operator(1).incoming()
    await received.rings()
    return received


async def hang_up_in_mid_second(call: Call) -> int:
    """End a talk when its whole seconds cannot be in doubt; give its length in ms."""
    answered_at = call.times.answered_at
    assert answered_at is not None
    await asyncio.sleep((500 - now_ms() + answered_at) % 1000 / 1000)
    call.hang_up()
    assert call.times.ended_at is not None
    return call.times.ended_at - answered_at


def seconds(shown: str) -> int:
    """Read a length, `1:05`."""
    minutes, rest = shown.split(":")
    return int(minutes) * 60 + int(rest)


async def runs(timer: Locator, since: int) -> None:
    """It shows how long ago that was, and goes on."""
    shown = await timer.inner_text()
    assert abs(seconds(shown) - (now_ms() - since) / 1000) < 1.5
    await expect(timer).not_to_have_text(shown)


async def dial(desk: Desk, client: Client) -> None:
    """The seller calls the client, whose script ends the call."""
    await desk.department.operator(1).call(client.national).ended()


async def lead_of(page: Page) -> str:
    """Give the address of the only lead, from the list of leads."""
    await page.goto("/leads")
    address = await page.locator("#lead-list tbody a.row-link").get_attribute("href")
    assert address is not None
    return address


async def test_a_call_is_seen_and_then_heard(desk: Desk) -> None:
    """It rings on the page within a second, is a lead, talks, ends as it was, and plays."""
    now, leads = await desk.tab("/"), await desk.tab("/leads")
    client = desk.department.client()
    rung_at = await watch(now, "#now [id^=own-]", client.number[1:])
    listed_at = await watch(leads, "#lead-list tbody tr", client.number[1:])

    call = await ring(desk, client)

    began_at = call.times.ringing_at
    assert began_at is not None
    assert await rung_at() - began_at < SOON_MS
    assert await listed_at() - began_at < SOON_MS
    own = now.locator("#now > section[id^=own-]")
    await expect(own.locator(".outcome")).to_have_text("Ringing")

    talking_at = await watch(now, "#now [id^=own-] .outcome.good")
    call.answer()
    speaking = asyncio.create_task(call.speak(30))
    assert call.times.answered_at is not None
    assert await talking_at() - call.times.answered_at < SOON_MS
    await expect(own.locator(".outcome")).to_have_text("Talking")
    await runs(own.get_by_role("timer"), call.times.answered_at)
    await own.get_by_role("link", name="Open the card").click()
    await runs(now.locator("#content [id^=live-] .timer"), call.times.answered_at)
    await now.evaluate("window.isSamePage = true")

    talk_ms = await hang_up_in_mid_second(call)
    await speaking
    assert await was_not_reloaded(leads)
    line = now.locator("#lead-history li[id^=call-]")
    await expect(line.locator(".timeline-head")).to_contain_text("Inbound")
    await expect(line.locator(".outcome")).to_have_text("Talked")
    assert seconds(await line.locator("strong").inner_text()) == talk_ms // 1000
    await expect(line.locator(".chip--short")).to_have_text("< 7 min")
    await expect(now.locator("#content [id^=live-] .timer")).to_have_count(0)
    await plays(now, line.locator("[data-player]"), talk_ms)
    assert await was_not_reloaded(now)


async def plays(page: Page, player: Locator, talk_ms: int) -> None:
    """The recording lasts as long as the talk, runs, and goes on from where one wants."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - it must not be built in
    audio = player.locator("audio")
    await player.get_by_role("button", name="Play").click()
    await until(audio, "audio.currentTime > 0.3")
    await player.get_by_role("button", name="Pause").click()
    length_s: float = await audio.evaluate("(audio) => audio.duration")
    assert length_s * 1000 == pytest.approx(talk_ms, abs=500)
    assert seconds(await player.locator("[data-length]").inner_text()) == int(length_s)

    await player.get_by_role("slider").fill("3")
    await until(audio, "!audio.seeking && audio.currentTime === 3")
    await expect(player.locator("[data-at]")).to_have_text("0:03")
    await player.get_by_role("button", name="Play").click()
    await until(audio, "audio.ended")

    parts = [one for one in answers if one.url.endswith("/audio")]
    assert parts
    for part in parts:
        assert part.status == 206
        assert re.match(r"bytes \d+-\d+/\d+", part.headers["content-range"])


async def until(element: Locator, condition: str) -> None:
    """Wait for something that an <audio> comes to by itself."""
    handle = await element.element_handle()
    await element.page.wait_for_function(f"(audio) => {condition}", arg=handle)


async def test_a_missed_call_waits_until_somebody_calls_back(desk: Desk) -> None:
    """List and counter get it without a reload, and lose it when a callback was answered."""
    callbacks = await desk.tab("/callbacks")
    counter = callbacks.locator("#bar .counter", has_text="Missed").locator("b")
    await expect(counter).to_have_text("0")
    client = desk.department.client(Answer(0.1))
    waits_at = await watch(callbacks, "#missed tr", client.number[1:])

    call = await ring(desk, client)
    client.calls[0].hang_up()
    await call.ended()

    assert call.times.ended_at is not None
    assert await waits_at() - call.times.ended_at < SOON_MS
    await expect(counter).to_have_text("1")

    callback = desk.department.operator(1).call(client.national)
    await callback.answered()
    callback.hang_up()
    await expect(callbacks.locator("#missed")).to_have_count(0)
    await expect(counter).to_have_text("0")
    assert await was_not_reloaded(callbacks)


async def test_a_reminder_comes_to_every_tab_and_goes_from_every_tab(desk: Desk) -> None:
    """Planned in words on the card; told in front and behind, by message, title and icon."""
    await dial(desk, desk.department.client(Refuse(486)))
    card = await desk.tab("/leads")
    await card.goto(await lead_of(card))
    front = await desk.tab("/calls")
    told_behind = await watch(card, "#notices [data-notice]")
    told_in_front = await watch(front, "#notices [data-notice]")

    await card.get_by_label("When", exact=True).fill("in 16 min")
    await expect(card.locator("[id^=said-]")).not_to_be_empty()
    asked_at = now_ms()
    await card.get_by_label("When", exact=True).press("Enter")
    await expect(
        card.locator("[id^=plan-of-]").filter(has_text=re.compile(r"\d\d:\d\d"))
    ).to_be_visible()
    await desk.put_in_front(front)
    await card.wait_for_function("() => !document.hasFocus()")

    due_at = asked_at + 16 * 60_000 - REMIND_BEFORE_S * 1000
    for page, told_at in ((card, await told_behind()), (front, await told_in_front())):
        assert 0 <= told_at - due_at < _CHIME_MS + SOON_MS
        await expect(page).to_have_title(re.compile(r"^\(1\) "))
        assert await page.evaluate(_ICON) == "alert"

    await front.get_by_role("button", name="Seen").click()
    for page in (front, card):
        await expect(page.locator("#notices [data-notice]")).to_have_count(0)
        await expect(page).to_have_title(re.compile(r"^[^(]"))
        assert await page.evaluate(_ICON) == "calm"


_ICON = """() => {
  const icon = document.querySelector('link[rel=icon]');
  return icon.href.endsWith(icon.dataset.alert) ? 'alert' : 'calm';
}"""


async def test_a_page_outlives_a_killed_daemon(desk: Desk) -> None:
    """It turns grey and says since when; the daemon back, it shows the talk that goes on."""
    now = await desk.tab("/")
    call = await ring(desk, desk.department.client())
    call.answer()
    own = now.locator("#now > section[id^=own-]")
    await expect(own.locator(".outcome")).to_have_text("Talking")

    await desk.daemon.kill()

    await expect(now.locator("html[data-stale]")).to_be_attached(timeout=12_000)
    await expect(
        now.get_by_role("alert").filter(has_text=re.compile(r"No connection since \d\d:\d\d:\d\d"))
    ).to_be_visible()

    await desk.daemon.start()

    await expect(now.locator("html:not([data-stale])")).to_be_attached(timeout=12_000)
    await expect(own.locator(".outcome")).to_have_text("Talking")
    call.hang_up()
    await expect(own).to_have_count(0)
    assert await was_not_reloaded(now)
