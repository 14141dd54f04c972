"""Whatever stands in a form, nothing breaks: every address that writes, with every nonsense."""

import io
import re
import time
from urllib.parse import quote

import pytest

from telemarketing.web.routes import Who
from telemarketing.web.server import PAGES
from tests.web.belongings import BUILDERS, Belongings
from tests.web.panel import PanelUnderTest, Visitor
from tests.web.test_web_attacks_queries import NASTY

pytestmark = pytest.mark.process

FIELDS = (
    *("value", "was", "version", "number", "full_name", "position", "phone", "email"),
    *("typed", "on", "at", "note", "operator", "when", "remind_minutes", "sound"),
)
CARD = (
    *("title", "person_name", "position", "company", "address", "email", "messengers", "interest"),
    *("note", "status", "responsible", "amount", "contact-1-phone", "full_name", "phone"),
)
"""What can be written by itself."""
ENDING = {"/sign-out", "/me/sessions/end", "/me/password"}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ENDLESS = [
    *("x" * 200_000, "я" + "\u0301" * 30_000 + "\u0316" * 30_000, "1" * 200_000),
    *("a." * 100_000 + "@", "(" * 60_000, "- " * 50_000, "1, " * 50_000),
]
"""What regular expressions and Unicode may take too long for."""


def body(fields: dict[str, str]) -> str:
    """A form as a hostile program writes it: half signs too."""
    return "&".join(
        f"{name}={quote(value, errors='surrogatepass', safe='')}" for name, value in fields.items()
    )


async def writable(panel: PanelUnderTest) -> list[tuple[str, str]]:
    """Every address that changes something, with objects that are there."""
    own = Belongings(panel, "+380442000001")
    await own.store()
    ids = {name: str(await build(own)) for name, build in BUILDERS.items()}
    return [
        (route.method, re.sub(r"\{(\w+)\}", lambda name: ids[name[1]], route.path))
        for routes in PAGES
        for route in routes
        if route.method != "GET" and route.who is not Who.ANYBODY and route.path not in ENDING
    ]


async def test_no_form_breaks_an_address(panel: PanelUnderTest) -> None:
    """It is stored, refused in a sentence or not there; afterwards all pages are there."""
    visitor = await panel.signed_in(panel.people.administrator)
    broken = []
    for method, path in await writable(panel):
        names = CARD if method == "PATCH" else ("",)
        for number, value in enumerate(NASTY):
            form = body(dict.fromkeys(FIELDS, value) | {"field": names[number % len(names)]})
            if (answered := await status(visitor, method, path, form)) >= 500:
                broken.append(f"{answered} {method} {path} {value[:50]!r}")
    pages = ("/", "/leads", "/leads/1", "/leads/1/edits", "/calls", "/callbacks", "/me")
    broken += [f"{path} afterwards" for path in pages if (await visitor.get(path)).status != 200]

    assert not broken, "\n".join(broken)


async def test_no_endless_text_holds_others_up(panel: PanelUnderTest) -> None:
    """What nobody could have typed is refused within a second, whatever it is made of."""
    visitor = await panel.signed_in(panel.people.administrator)
    slow = []
    for method, path in await writable(panel):
        for text in ENDLESS:
            for name in ("value", "note", "number", "typed"):
                began = time.process_time()
                form = body({"field": name, name: text, "full_name": "x", "was": ""})
                answered = await status(visitor, method, path, form)
                if answered >= 500 or time.process_time() - began > 1:
                    slow.append(f"{answered} {method} {path} {name} {text[:10]!r}")

    assert not slow, "\n".join(slow)


async def status(visitor: Visitor, method: str, path: str, form: str) -> int:
    """Send a form, and read the answer."""
    sent = io.BytesIO(form.encode())
    async with visitor.session.request(
        method, path, data=sent, headers=_FORM, allow_redirects=False
    ) as answer:
        await answer.read()
        return answer.status


async def test_no_value_breaks_a_card(panel: PanelUnderTest) -> None:
    """Every field takes or refuses every nonsense, and the card can be read again."""
    own = Belongings(panel, "+380442000001")
    await own.store()
    visitor = await panel.signed_in(panel.people.administrator)
    path = f"/leads/{own.lead_id}"
    for value in NASTY:
        for field in CARD:
            form = body({"field": field, "value": value, "was": ""})
            assert await status(visitor, "PATCH", path, form) in {200, 404, 409, 422}, value
    assert (await visitor.get(path)).status == 200
