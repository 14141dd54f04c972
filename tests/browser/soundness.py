"""What every page has to be in every language, theme and size: nothing cut, nothing untranslated.

In: a page of a real Chromium that shows something. Out: nothing, or an assertion that names what is
wrong and where; the screenshot is kept either way.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from playwright.async_api import Page

import telemarketing.web

_ROOT = Path(__file__).parents[2]
SCREENSHOTS = _ROOT / "build" / "screenshots"
_AXE = _ROOT / "build" / "front" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_LOCALE = Path(next(iter(telemarketing.web.__path__))) / "locale"

_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .slice(0, 5)
    .map((one) => one.outerHTML.slice(0, 120));
}"""

_CUT = """() => [...document.querySelectorAll('button, .button, .chip, h1, h2, th, label')]
  .filter((one) => one.checkVisibility() && getComputedStyle(one).overflowX !== 'visible'
    && getComputedStyle(one).textOverflow !== 'ellipsis'
    && !one.closest('.visually-hidden') && one.scrollWidth > one.clientWidth + 1)
  .slice(0, 5)
  .map((one) => one.outerHTML.slice(0, 120))"""

# In a table's row, the row itself opens what it names; buttons in it stand above.
_COVERED = """() => [...document.querySelectorAll('main :is(a, button, select, input, textarea)')]
  .filter((one) => one.checkVisibility() && !one.closest('.visually-hidden, dialog, .segments'))
  .filter((one) => {
    const box = one.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const frame = document.querySelector('.rail')?.getBoundingClientRect();
    const floor = frame && frame.top > 100 ? frame.top : innerHeight;
    const scroller = one.closest('.table-box, .tabs')?.getBoundingClientRect();
    if (box.top < 56 || box.bottom > floor || x < 0 || x > innerWidth) return false;
    if (scroller && (box.bottom > scroller.bottom || box.top < scroller.top + 44)) return false;
    if (scroller && x > scroller.right) return false;
    const hit = document.elementFromPoint(x, y);
    return !(one.contains(hit) || hit?.contains(one) || hit?.closest('label')?.control === one);
  })
  .slice(0, 5)
  .map((one) => one.outerHTML.slice(0, 120))"""

_TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!['SCRIPT', 'STYLE', 'TEMPLATE'].includes(parent.tagName)) {
      found.push(walker.currentNode.textContent);
    }
  }
  for (const one of document.querySelectorAll('[title], [aria-label], [placeholder], [alt]')) {
    for (const name of ['title', 'aria-label', 'placeholder', 'alt']) {
      if (one.hasAttribute(name)) found.push(one.getAttribute(name));
    }
  }
  found.push(document.title);
  return found.map((text) => text.trim().replace(/\\s+/g, ' ')).filter((text) => text);
}"""


async def assert_sound(page: Page, name: str, language: str) -> None:
    """Keep a screenshot; assert that nothing overflows, is untranslated or breaks a rule of axe."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SCREENSHOTS / f"{name}.png")
    untranslated = set(await page.evaluate(_TEXTS)) & _sentences_translated_otherwise(language)
    faults = {
        "wider than the window": await page.evaluate(_TOO_WIDE),
        "text that is cut": await page.evaluate(_CUT),
        "covered by something else": await page.evaluate(_COVERED),
        "English sentences": sorted(untranslated),
        "out of reach for some": await _violations(page),
    }
    found = {what: where for what, where in faults.items() if where}
    assert not found, f"{name}: {json.dumps(found, indent=2, ensure_ascii=False)}"


@cache
def _sentences_translated_otherwise(language: str) -> frozenset[str]:
    """The English sentences that must not be seen in another language."""
    if language == "en":
        return frozenset()
    with (_LOCALE / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    return frozenset(
        re.sub(r"\s+", " ", message.id)
        for message in catalogue
        if isinstance(message.id, str) and message.id and message.string != message.id
    )


@cache
def _axe() -> str:
    return _AXE.read_text()


async def _violations(page: Page) -> list[str]:
    await page.evaluate(_axe())
    options = {"runOnly": {"type": "tag", "values": _RULES}, "resultTypes": ["violations"]}
    result: dict[str, Any] = await page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{one['id']}: {node['html'][:160]} ({node['failureSummary'][:300]})"
        for one in result["violations"]
        for node in one["nodes"][:3]
    ]
