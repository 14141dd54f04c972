"""Whatever stands in an address of the panel, no page breaks: hypothesis writes the addresses."""

import asyncio
import re
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from telemarketing.web.routes import Who
from telemarketing.web.server import PAGES
from tests.web.belongings import BUILDERS, Belongings
from tests.web.panel import PanelUnderTest, Visitor

pytestmark = pytest.mark.process

_NAMES = """
q status whose source period from to before after since operator direction result number summary
group typed on at next done language
"""
NAMES = _NAMES.split()
"""Every parameter that a page reads."""
_NASTY = """
0 -1 1:1 0:0 2147483648:9223372036854775807 999999999999999:999999999999999999 ٣ ٣:٣ ² 1e9 0x1 +1
9223372036854775807 9223372036854775808 99999999999999999999 own today week mine nobody overdue
later CLOSED_BY_CALL short answered outside none 2026-11-22 0001-01-01 9999-12-31 2026-02-30 24:00
10:00+05:00 10:00Z --12-31 T ' " % _ \\ * ( AND OR NEAR NOT lead_search:x "a"* - ^ {} [ ] İ ß ﷺ ё`
"""
NASTY = [
    *_NASTY.split(),
    *(
        "\0",
        "a\0b",
        "\r\nX:y",
        "\u202e",
        "\u200b",
        "\ud800",
        "👩\u200d🔧",
        " ",
        "чт 14:30",
        "29.02",
    ),
    *("in 99999 months", "через 99999 ч", "31.12.9999", "+380 (44) 123-45-67"),
    *("9" * 200, "9" * 5000, "a" * 5000, "а\u0301\u0316" * 500, "(" * 1000, " " * 5000, "..." * 50),
]

values = st.one_of(
    st.sampled_from(NASTY),
    st.text(max_size=30),
    st.integers().map(str),
    st.dates().map(str),
    st.tuples(st.integers(), st.integers()).map(lambda place: f"{place[0]}:{place[1]}"),
)
queries = st.one_of(
    values.map(lambda value: dict.fromkeys(NAMES, value)),
    st.dictionaries(st.sampled_from(NAMES), values, min_size=1, max_size=4),
)


def in_address(query: dict[str, str]) -> str:
    """A query as a hostile program writes it: half signs too."""
    return "&".join(
        f"{name}={quote(value, errors='surrogatepass', safe='')}" for name, value in query.items()
    )[:7000].rstrip("%")


async def readable_paths(panel: PanelUnderTest) -> list[str]:
    """Every address that may be read, with objects that are there."""
    own = Belongings(panel, "+380442000001")
    await own.store()
    ids = {name: str(await build(own)) for name, build in BUILDERS.items()}
    return [
        re.sub(r"\{(\w+)\}", lambda name: ids[name[1]], route.path)
        for routes in PAGES
        for route in routes
        if route.method == "GET" and route.path != "/live" and route.who is not Who.ANYBODY
    ]


async def status(visitor: Visitor, path: str, query: str, *, fragment: bool) -> int:
    """Ask for a page or a part of it, and read all of it."""
    headers = {"HX-Request-Type": "partial"} if fragment else {}
    async with visitor.session.get(
        f"{path}?{query}", headers=headers, allow_redirects=False
    ) as answer:
        await answer.read()
        return answer.status


async def test_no_query_breaks_a_page(panel: PanelUnderTest) -> None:
    """Every page, for the administrator, who reaches most: an answer or a refusal, no fault."""
    paths = await readable_paths(panel)
    visitor = await panel.signed_in(panel.people.administrator)
    loop = asyncio.get_running_loop()

    @settings(max_examples=120, deadline=None, database=None)
    @given(st.sampled_from(paths), queries, st.booleans())
    def ask(path: str, query: dict[str, str], fragment: bool) -> None:
        asking = status(visitor, path, in_address(query), fragment=fragment)
        assert asyncio.run_coroutine_threadsafe(asking, loop).result(10) < 500

    # Hypothesis knows no event loop, so it lives beside ours.
    await asyncio.to_thread(ask)
