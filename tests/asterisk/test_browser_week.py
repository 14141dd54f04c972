"""The week of 200 cold calls in the browser: right figures, which open what they count."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.asterisk.desk import Desk, at_work, daemon_with_panel, employ, was_not_reloaded
from tests.asterisk.office import Office
from tests.asterisk.pbx import Pbx
from tests.asterisk.week import COLLEAGUE, SELLER, call_back, dial_the_week

pytestmark = [pytest.mark.asterisk, pytest.mark.browser]

DEPARTMENT = ("--department", "Продажи")
PATIENCE_MS = 15_000


@pytest.fixture
async def desk(
    pbx: Pbx, office: Office, tmp_path: Path, migrated_file: Path
) -> AsyncIterator[Desk]:
    """The supervisor's; the seller and a colleague have extensions 101 and 102."""
    async with AsyncExitStack() as stack:
        daemon, url = await stack.enter_async_context(
            daemon_with_panel(pbx, tmp_path, migrated_file)
        )
        await employ(daemon, SELLER, "seller", "--extension", "101", *DEPARTMENT)
        await employ(daemon, COLLEAGUE, "colleague", "--extension", "102", *DEPARTMENT)
        password = await employ(
            daemon, "Руденко Ольга", "rudenko", "--role", "supervisor", *DEPARTMENT
        )
        await daemon.start()
        context = await stack.enter_async_context(at_work(url, "rudenko", password))
        yield Desk(daemon, office.departments[0], context)


async def rows(page: Page, address: str, *, column: str = "") -> list[str]:
    """Walk over all pages of a list.

    Args:
        page: of the tab.
        address: of the first page.
        column: of names; the whole one, which a short one has for its title, stands for the row.

    Returns:
        The rows, by their id or by that name.
    """
    await page.goto(address)
    found: list[str] = []
    while True:
        found += await page.evaluate(_ROWS, column)
        older = page.locator("nav.pager a[rel=next]")
        if not await older.count():
            return found
        async with page.expect_navigation():
            await older.click()


_ROWS = """(column) => {
  const heads = [...document.querySelectorAll('#content thead th')];
  const cell = heads.findIndex((head) => head.textContent.trim() === column);
  return [...document.querySelectorAll('#content tbody tr[id]')]
    .map((row) => column ? row.cells[cell].querySelector('[title]')?.title ?? '' : row.id);
}"""


async def figures(page: Page, line: str) -> dict[str, tuple[str, str | None]]:
    """Give the figures of one line of the table of operators, with the addresses behind them."""
    cells = await page.locator(f"{line} td[data-label]").evaluate_all(_CELLS)
    return {name: (shown, address) for name, shown, address in cells}


_CELLS = """(cells) => cells.map((cell) =>
  [cell.dataset.label, cell.innerText.trim(), cell.querySelector('a')?.getAttribute('href')])"""


@pytest.mark.parametrize("pbx", [22], indirect=True, ids="asterisk-{}".format)
async def test_the_week_as_a_supervisor_sees_it(desk: Desk) -> None:
    """200 leads of one seller, 205 calls, 195 talks; five retries pending of ten."""
    callbacks = await desk.tab("/callbacks")
    proposed = callbacks.locator("#proposed .count")

    unreached = await dial_the_week(desk.department, desk.daemon)
    await expect(proposed).to_have_text("10", timeout=PATIENCE_MS)
    await call_back(desk.department, unreached[2:7])
    await expect(proposed).to_have_text("5", timeout=PATIENCE_MS)
    await expect(callbacks.locator("#proposed tr[id]")).to_have_count(5)
    assert await was_not_reloaded(callbacks)

    page = await desk.tab("/operators")
    seller = await figures(page, "tr:has([title^=Иваненко])")
    colleague = await figures(page, "tr:has([title^=Петренко])")
    together = await figures(page, "tr.table-sum")
    assert shown(seller) == ["204", "4", "200", "194", "10", "200"]
    assert shown(colleague) == ["1", "1", "0", "1", "0", "0"]
    assert shown(together) == ["205", "5", "200", "195", "10", "200"]
    for line in (seller, colleague, together):
        for number, address in line.values():
            if address and not address.startswith("/callbacks"):
                assert len(set(await rows(page, address))) == int(number), address

    responsible = await rows(page, "/leads", column="Responsible")
    assert responsible == [SELLER] * 200
    assert len(set(await rows(page, "/calls"))) == 205
    assert len(set(await rows(page, "/calls?direction=outbound&result=answered"))) == 190
    assert len(set(await rows(page, "/calls?direction=outbound&result=unanswered"))) == 10
    inbound = await rows(page, "/calls?direction=inbound", column="Operator")
    assert sorted(inbound) == [SELLER] * 4 + [COLLEAGUE]


def shown(line: dict[str, tuple[str, str | None]]) -> list[str]:
    """Give the counts alone, without shares, lengths and callbacks."""
    names = ("Calls", "In", "Out", "Answered", "Nobody talked", "New leads")
    return [line[name][0] for name in names]
