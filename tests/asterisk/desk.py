"""A desk in the office: a telephone, and a real browser with the panel of the running daemon.

In: a real Asterisk and its phones. Out: tabs of somebody who has signed in through the form, and
the moments at which these tabs showed something, by the browser's own clock.
"""

import re
import shutil
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

from tests.asterisk.office import Department
from tests.asterisk.pbx import Pbx
from tests.browser.chromium import Look, browsing, chromium
from tests.daemon import Daemon, address_of

REMIND_BEFORE_S = 956
"""Of a call that is planned in 16 minutes the reminder comes after four seconds."""
_PATIENT_RING_S = 20
_USUAL_RING_S = 2
_OWN_PASSWORD = "four words of one's own"

_WATCH = """([selector, digits]) => {
  window.seenAt = new Promise((seen) => {
    const look = () => {
      const shown = [...document.querySelectorAll(selector)].some((one) => one.checkVisibility()
        && one.textContent.replace(/\\D/g, '').includes(digits));
      if (!shown) return;
      watcher.disconnect();
      seen(Date.now());
    };
    const watcher = new MutationObserver(look);
    watcher.observe(document, { subtree: true, childList: true, attributes: true });
    look();
  });
}"""


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at work, with as many tabs as wanted."""

    daemon: Daemon
    department: Department
    context: BrowserContext

    async def tab(self, path: str) -> Page:
        """Open a tab and wait until it is live."""
        page = await self.context.new_page()
        await page.goto(path)
        await page.locator("#bar .dot--good").wait_for()
        await page.evaluate("window.isSamePage = true")
        return page

    async def put_in_front(self, page: Page) -> None:
        """Bring a tab to the front, and let no other believe to have the focus."""
        for each in self.context.pages:
            session = await self.context.new_cdp_session(each)
            await session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
            await each.bring_to_front()
        await page.bring_to_front()


async def watch(page: Page, selector: str, digits: str = "") -> Callable[[], Awaitable[int]]:
    """Let a tab note when it first shows something.

    Args:
        page: of the tab.
        selector: which element, visible.
        digits: that it holds, whatever stands between them.

    Returns:
        What waits for that moment, in epoch milliseconds of the browser's clock.
    """
    await page.evaluate(_WATCH, [selector, digits])

    async def seen_at() -> int:
        await page.locator(selector).filter(visible=True).first.wait_for()
        at: int = await page.evaluate("window.seenAt")
        return at

    return seen_at


async def was_not_reloaded(page: Page) -> bool:
    """Tell whether it is still the document that was opened."""
    return bool(await page.evaluate("window.isSamePage === true"))


@asynccontextmanager
async def daemon_with_panel(
    pbx: Pbx, folder: Path, migrated_file: Path
) -> AsyncIterator[tuple[Daemon, str]]:
    """A daemon that is to serve its panel at an address that stays; not started yet."""
    port = _free_port()
    sections = (
        f'\n[recordings]\nroots = ["{pbx.recordings}"]\n'
        f"\n[callbacks]\nremind_before_s = {REMIND_BEFORE_S}\n"
    )
    path = shutil.copy(migrated_file, folder / "telemarketing.db")
    url = f"sqlite:///{path}"
    daemon = Daemon(folder, url, [address_of(pbx)], port=port, more=sections)
    try:
        yield daemon, f"http://127.0.0.1:{port}/"
    finally:
        await daemon.close()


async def employ(daemon: Daemon, full_name: str, login: str, *options: str) -> str:
    """Add somebody as the administrator does; give the password that is shown once."""
    printed = await daemon.command("operator", "add", full_name, "--login", login, *options)
    shown = re.search(rf"Signs in as {login} with (\S+),", printed)
    assert shown, printed
    return shown[1]


@asynccontextmanager
async def at_work(url: str, login: str, password: str) -> AsyncIterator[BrowserContext]:
    """Sign in through the form, choose an own password as is asked, and be there."""
    async with chromium() as browser, _english(browser, url) as context:
        page = await context.new_page()
        await page.goto("/")
        await page.fill("[name=login]", login)
        await page.fill("[name=password]", password)
        await page.press("[name=password]", "Enter")
        await page.fill("[name=present]", password)
        await page.fill("[name=wanted]", _OWN_PASSWORD)
        await page.press("[name=wanted]", "Enter")
        await page.locator("#content").wait_for()
        await page.close()
        yield context


@asynccontextmanager
async def _english(browser: Browser, url: str) -> AsyncIterator[BrowserContext]:
    """A browser whose errors fail the test; that a server is away is none of the page's."""
    errors: list[str] = []
    async with browsing(browser, Look(language="en"), url) as context:
        context.on("weberror", lambda error: errors.append(str(error.error)))
        yield context
    assert not errors, errors


@contextmanager
def undisturbed(pbx: Pbx) -> Iterator[None]:
    """Let phones ring until somebody does something, and no call outlive a test that failed.

    Other tests want to wait less.
    """
    pbx.cli(f"dialplan set global RING_TIME {_PATIENT_RING_S}")
    try:
        yield
    finally:
        pbx.cli(f"dialplan set global RING_TIME {_USUAL_RING_S}")
        pbx.cli("channel request hangup all")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port
