"""The pictures of the README: what a supervisor of the demo sees, in light and in dark.

In: nothing; it starts the demo as everybody does. Out: docs/panel.png and docs/panel-dark.png. No
test; `make picture` takes them anew when the panel looks otherwise.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, expect

from telemarketing.demo.people import PASSWORD
from tests.browser.chromium import Look, browsing, chromium

_DOCS = Path(__file__).parents[2] / "docs"
_PICTURES = {"light": _DOCS / "panel.png", "dark": _DOCS / "panel-dark.png"}
_BYTES_AT_MOST = 200_000
_START_S, _LOOK_AGAIN_S = 30, 0.1
_A_MINUTE_MS = 90_000
"""By then the second of the two who talk at the start has passed the seven minutes."""


@asynccontextmanager
async def _demo() -> AsyncIterator[str]:
    """Let the demo run; gives the address of its panel, once it listens."""
    port = _free_port()
    command = Path(sys.executable).parent / "telemarketing"
    process = await asyncio.create_subprocess_exec(command, "demo", "--port", str(port))
    try:
        async with asyncio.timeout(_START_S):
            while not await _listens(port):  # noqa: ASYNC110 - it is another process
                await asyncio.sleep(_LOOK_AGAIN_S)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True


async def _take(browser: Browser, address: str, theme: str) -> None:
    async with browsing(browser, Look("en", theme), address) as context:
        page = await context.new_page()
        await page.goto("/sign-in")
        await page.fill("[name=login]", "supervisor")
        await page.fill("[name=password]", PASSWORD)
        await page.press("[name=password]", "Enter")
        passed = page.locator("#live .timer[data-marked]")
        await expect(passed).to_have_count(2, timeout=_A_MINUTE_MS)
        await page.screenshot(path=_PICTURES[theme])
    size_bytes = _PICTURES[theme].stat().st_size
    if size_bytes > _BYTES_AT_MOST:
        raise RuntimeError(f"{_PICTURES[theme].name} has {size_bytes} bytes: too many for a README")


async def main() -> None:
    """Take all pictures of one demo at once."""
    async with _demo() as address, chromium() as browser, asyncio.TaskGroup() as tasks:
        for theme in _PICTURES:
            tasks.create_task(_take(browser, address, theme))


if __name__ == "__main__":
    asyncio.run(main())
