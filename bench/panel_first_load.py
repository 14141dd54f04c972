"""What a browser that comes for the first time loads: every page, with all that it needs.

In: a filled database. Out: bytes over the wire of each page in a real Chromium with an empty cache,
as its network counts them: headers, style, scripts, icons and fragments included. Beside them the
same contents, packed by gzip in one piece.
"""

import asyncio
import gzip
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, CDPSession, Page

from bench.daemon import daemon
from bench.databases import DISK
from bench.filled import fill
from bench.filled_rows import PEOPLE_COUNT
from bench.panel_people import cookie, sign_in
from bench.report import Figure, Section, below
from telemarketing.storage.migrate import migrate
from tests.browser.chromium import DESK, Look, browsing, chromium

TARGET_KB = 100.0
_NOBODY = 9
_LEADS = 2_000
_ADMINISTRATOR = PEOPLE_COUNT + 1
_PAGES = {
    "Sign-in": "/sign-in",
    "Now": "/",
    "Leads": "/leads",
    "Lead card": f"/leads/{_LEADS // 2 + 1}",
    "Calls": "/calls",
    "Callbacks": "/callbacks",
    "Operators": "/operators",
    "System": "/system",
}


def first_load() -> list[Section]:
    """Measure each page, as an administrator, who sees the most."""
    with tempfile.TemporaryDirectory(dir=DISK) as folder:
        url = f"sqlite:///{folder}/first.db"
        migrate(url)
        fill(url, _LEADS, 5 * _LEADS)
        (token,) = sign_in(url, [_ADMINISTRATOR])
        with daemon(Path(folder), url, _NOBODY) as started:
            started.ready_after_s()
            figures = asyncio.run(_figures(started.panel_url, token))
    how = (
        "A real Chromium with an empty cache, as an administrator; bytes as its network counts "
        "them (Network.loadingFinished), headers included, until nothing more comes but the "
        "stream. kB are 10^3 bytes. Floor: the same contents in one piece, by gzip -9."
    )
    return [Section("First load of a page", how, figures)]


async def _figures(panel_url: str, token: str) -> list[Figure]:
    figures = []
    async with chromium() as browser:
        for name, path in _PAGES.items():
            wire, floor = await load_page(browser, panel_url, path, token)
            figures.append(
                Figure(
                    name,
                    f"{wire / 1000:.1f} kB",
                    *below(wire / 1000, TARGET_KB, "kB"),
                    f"{wire / floor:.1f} x the floor of {floor / 1000:.1f} kB",
                )
            )
    return figures


async def load_page(browser: Browser, panel_url: str, path: str, token: str) -> tuple[int, int]:
    """Load a page and give its bytes over the wire, and the least they could be."""
    async with browsing(browser, Look("ru", "light", DESK), panel_url) as context:
        if path != _PAGES["Sign-in"]:
            name, _, value = cookie(panel_url, token).partition("=")
            await context.add_cookies([{"name": name, "value": value, "url": panel_url}])
        page = await context.new_page()
        network = _Network(await context.new_cdp_session(page))
        await network.begin()
        answer = await page.goto(path, wait_until="load")
        assert answer is not None
        assert answer.ok, f"{path} was answered with {answer.status}"
        await _come_to_rest(page, network)
        return network.byte_count, len(gzip.compress(await network.contents(), 9))


async def _come_to_rest(page: Page, network: "_Network") -> None:
    """Wait until nothing has come for a while; the stream, which never ends, does not count."""
    async with asyncio.timeout(20):
        before = -1
        while network.byte_count != before:
            before = network.byte_count
            await page.wait_for_timeout(700)


class _Network:
    """What the browser's own network says of one page."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self.byte_count = 0
        self._finished: list[str] = []

    async def begin(self) -> None:
        """Count from now on, with nothing in the cache."""
        self._session.on("Network.loadingFinished", self._finish)
        await self._session.send("Network.enable")
        await self._session.send("Network.clearBrowserCache")

    def _finish(self, event: dict[str, Any]) -> None:
        self.byte_count += int(event["encodedDataLength"])
        self._finished.append(event["requestId"])

    async def contents(self) -> bytes:
        """Give all that has come, as it was before it was packed."""
        bodies = [
            await self._session.send("Network.getResponseBody", {"requestId": request_id})
            for request_id in self._finished
        ]
        return "\n".join(body["body"] for body in bodies).encode()
