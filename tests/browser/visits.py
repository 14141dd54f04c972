"""People who come to the panel in a real browser."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page

from tests.browser.chromium import Look, browsing
from tests.people import Person
from tests.web.panel import PanelUnderTest


@asynccontextmanager
async def signed_in(
    browser: Browser,
    panel: PanelUnderTest,
    person: Person,
    look: Look,
    tolerated: tuple[str, ...] = (),
) -> AsyncIterator[Page]:
    """A page of somebody who has signed in; what it logs as an error fails the test.

    But for what has one of the `tolerated` words: Chromium logs every refusal that it gets.
    """
    token = await panel.accounts.begin_session(person.id, "Chromium", panel.now_ms)
    errors: list[str] = []
    async with browsing(browser, look, panel.url) as context:
        port = urlsplit(panel.url).port
        await context.add_cookies(
            [{"name": f"telemarketing-{port}", "value": token, "url": panel.url}]
        )
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        yield page
    unexpected = [error for error in errors if not any(word in error for word in tolerated)]
    assert not unexpected, unexpected
