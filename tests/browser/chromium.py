"""The real Chromium of the system, driven by Playwright; each session has a profile of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import Browser, BrowserContext, async_playwright

_PATH = "/usr/bin/chromium"
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A test hears by the clock of the player, not by ears.
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
]

DESK = (1366, 768)
PHONE = (390, 844)


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at the panel."""

    language: str = "ru"
    theme: str = "light"
    size: tuple[int, int] = DESK

    @property
    def name(self) -> str:
        """For the file of a screenshot."""
        return f"{self.language}-{self.theme}-{self.size[0]}"


LOOKS = [
    Look(language, theme, size)
    for size in (DESK, PHONE)
    for language in ("ru", "en")
    for theme in ("light", "dark")
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start the browser, and end it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_PATH, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def browsing(browser: Browser, look: Look, base_url: str) -> AsyncIterator[BrowserContext]:
    """A person at a browser of their own: language, theme, window, cookies."""
    context = await browser.new_context(
        base_url=base_url,
        locale={"ru": "ru-RU", "uk": "uk-UA", "en": "en-GB"}[look.language],
        color_scheme="dark" if look.theme == "dark" else "light",
        viewport={"width": look.size[0], "height": look.size[1]},
        timezone_id="Europe/Kyiv",
        reduced_motion="reduce",
    )
    context.set_default_timeout(10_000)
    try:
        yield context
    finally:
        await context.close()
