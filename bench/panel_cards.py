"""Cards of leads in a real Chromium, which notes by its own clock when a call has come into them.

In: a panel and sessions. Out: for each call the instant at which it stood on its card, and beside
it how long the same browser takes to fetch the same piece of a card by itself.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from bench.panel_people import cookie
from tests.browser.chromium import DESK, Look, browsing, chromium

_LOOK = Look("ru", "light", DESK)

# A call comes into the history when it is over; an observer runs before anything is painted.
_WATCH = """() => {
  const seen = new Map();
  const look = () => {
    for (const row of document.querySelectorAll('#lead-history li[id^="call-"]')) {
      const id = Number(row.id.slice(5));
      if (!seen.has(id)) seen.set(id, performance.timeOrigin + performance.now());
    }
  };
  look();
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
  globalThis.callsSeen = () => [...seen];
}"""

_FETCH = """async (address) => {
  const began = performance.now();
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  await answer.text();
  return [performance.now() - began, answer.status];
}"""


class Cards:
    """Open cards, each in a browser window of its own."""

    def __init__(self, pages: Sequence[Page], fetching: Page, fragment: str) -> None:
        """See the class; made by `open_cards`."""
        self._pages = pages
        self._fetching = fetching
        self._fragment = fragment

    async def fetch(self) -> float:
        """Fetch the history of a card without showing it; give the milliseconds it took."""
        took_ms, status = await self._fetching.evaluate(_FETCH, self._fragment)
        assert status == 200, f"{self._fragment} was answered with {status}"
        return float(took_ms)

    async def wait_for(self, calls_each: int) -> None:
        """Wait until so many calls have come into each card, those of before included."""
        for page in self._pages:
            await page.wait_for_function("(count) => callsSeen().length >= count", arg=calls_each)

    async def seen(self) -> dict[int, float]:
        """Give the calls that have come into cards: id -> epoch milliseconds."""
        seen: dict[int, float] = {}
        for page in self._pages:
            of_page: list[Any] = await page.evaluate("() => callsSeen()")
            seen |= {int(call_id): float(at_ms) for call_id, at_ms in of_page}
        return seen


@asynccontextmanager
async def open_cards(
    panel_url: str, lead_ids: Sequence[int], tokens: Sequence[str]
) -> AsyncIterator[Cards]:
    """Open the card of each lead, in the session of the same place; one session more fetches."""
    async with chromium() as browser, AsyncExitStack() as stack:
        contexts = [
            await stack.enter_async_context(_window(browser, panel_url, token)) for token in tokens
        ]
        pages = []
        for context, lead_id in zip(contexts, lead_ids, strict=False):
            page = await context.new_page()
            await page.goto(f"/leads/{lead_id}", wait_until="load")
            await page.wait_for_selector("#lead-history")
            await page.evaluate(_WATCH)
            pages.append(page)
        fetching = await contexts[-1].new_page()
        # A page without a stream of its own, which asks for nothing by itself.
        await fetching.goto("/healthz")
        yield Cards(pages, fetching, f"/leads/{lead_ids[0]}/history")


@asynccontextmanager
async def _window(browser: Browser, panel_url: str, token: str) -> AsyncIterator[BrowserContext]:
    async with browsing(browser, _LOOK, panel_url) as context:
        name, _, value = cookie(panel_url, token).partition("=")
        await context.add_cookies([{"name": name, "value": value, "url": panel_url}])
        yield context
