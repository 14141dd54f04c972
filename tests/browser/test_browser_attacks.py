"""What callers, colleagues and PBXs write, in a real Chromium: shown as text, and never run."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Error

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.call_notes import write_summary
from telemarketing.crm.lead_edits import edit_lead
from telemarketing.crm.lead_parts import add_contact
from telemarketing.crm.operators import add_operator
from telemarketing.logs import LoggedError
from telemarketing.model.pbx import PbxState
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate
from tests.browser.chromium import Look
from tests.browser.visits import signed_in
from tests.make import MONDAY, answered, ended, make_incoming
from tests.web.panel import PanelUnderTest, running_panel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

MARKUP = "\"'><img src=x onerror=\"document.title='pwned'\"></script><script>pwned=1</script>"
ATTRIBUTES = "' autofocus onfocus='pwned=1' hx-get='/me' hx-trigger='load' x=\""
TEMPLATE = "{{ 7 * 7 }}{% raw %}${pwned=1}</style><style>*{display:none}"
EVIL = f"{MARKUP}{ATTRIBUTES}{TEMPLATE}"
NUMBER = "+380442000001"
STRANGE = """[
    typeof pwned,
    document.title === "pwned",
    document.querySelectorAll("img[src=x], script:not([src]), style, [onfocus]").length,
    document.body.textContent.includes("49{% raw %}"),
]"""


@dataclass(frozen=True, slots=True)
class Attacked:
    """A panel whose every text is markup."""

    panel: PanelUnderTest
    lead_id: int
    call_id: int


@pytest_asyncio.fixture(loop_scope="session")
async def attacked(tmp_path: Path) -> AsyncIterator[Attacked]:
    """All that comes from people, callers and PBXs would run, if it were not shown as text."""
    url = f"sqlite:///{tmp_path}/attacked.db"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    await database.open()
    try:
        async with running_panel(database, tmp_path) as panel:
            yield await _attack(panel)
    finally:
        await database.close()


async def _attack(panel: PanelUnderTest) -> Attacked:
    database, viewer = panel.database, panel.people.administrator.viewer
    await add_operator(
        database,
        full_name=f"Evil {MARKUP}"[:90],
        extensions=["199"],
        valid_from=MONDAY,
        department=ATTRIBUTES,
    )
    talk = ended(answered(make_incoming("101", "199", number=NUMBER, raw_number=EVIL), by="199"))
    withheld = make_incoming("101", number=None, raw_number=EVIL, did=EVIL, pbx=MARKUP)
    live = make_incoming("101", number=None, raw_number=EVIL, did=EVIL)
    await CallLog(database).record(
        [replace(talk, recordings=(f"/x/{MARKUP}.wav",)), ended(withheld), live]
    )
    async with database.reading() as tx:
        found = await list_calls(tx, CallFilter(number=NUMBER), 1)
    (stored,) = found
    assert stored.lead_id is not None
    texts = ("person_name", "position", "company", "address", "messengers", "interest", "note")
    for field in texts:
        await edit_lead(database, viewer, stored.lead_id, field, EVIL[:200], "", MONDAY)
    await edit_lead(database, viewer, stored.lead_id, "title", MARKUP, NUMBER, MONDAY)
    contact = {"full_name": MARKUP, "position": ATTRIBUTES, "phone": "+380501112233"}
    await add_contact(database, viewer, stored.lead_id, contact, MONDAY, lambda raw: raw)
    await write_summary(database, viewer, stored.id, EVIL, "", MONDAY)
    panel.pbx_states = [PbxState(MARKUP, "following", 1, 1, (EVIL,), (EVIL,), 1, None)]
    panel.errors = [LoggedError(MONDAY, EVIL, ((MARKUP, EVIL),))]
    visitor = await panel.signed_in(panel.people.administrator)
    form: dict[str, str | int] = {"typed": "in 10 min", "note": EVIL}
    planned = await visitor.post(f"/leads/{stored.lead_id}/callbacks", data=form)
    assert planned.status == 200
    return Attacked(panel, stored.lead_id, stored.id)


async def test_nothing_that_was_written_is_run(browser: Browser, attacked: Attacked) -> None:
    """On every page; the policy has nothing to refuse, for nothing of it becomes markup."""
    panel, lead_id = attacked.panel, attacked.lead_id
    paths = [
        "/",
        "/leads",
        f"/leads/{lead_id}",
        f"/leads?q={MARKUP}",
        "/calls",
        f"/calls?number={MARKUP}",
        "/callbacks",
        "/operators",
        "/system",
        "/me",
    ]
    async with signed_in(browser, panel, panel.people.administrator, Look()) as page:
        for path in paths:
            await page.goto(path)
            await page.wait_for_load_state("networkidle" if "?" in path else "load")
            strange = await page.evaluate(STRANGE)
            assert strange == ["undefined", False, 0, False], path
        await page.goto("/leads")
        assert "<script>pwned=1" in await page.inner_text("main")


async def test_no_part_of_a_page_has_markup_of_others(attacked: Attacked) -> None:
    """Whatever htmx asks for besides; a toast is text in a header."""
    visitor = await attacked.panel.signed_in(attacked.panel.people.administrator)
    lead = f"/leads/{attacked.lead_id}"
    parts = [
        *(f"{lead}/{part}" for part in ("edits", "card", "history", "live", "limited")),
        *(f"{lead}/callbacks", "/now", "/callbacks/due", "/notices", "/bar"),
        *(f"/calls/{attacked.call_id}/recordings", f"/leads/list?q={quote(MARKUP)}"),
        *(f"/search?q={quote(MARKUP)}", f"/callbacks/when?typed={quote(MARKUP)}"),
        *(f"/nowhere/{quote(MARKUP)}", f"/leads/{quote(MARKUP)}", f"/sign-in?next={quote(EVIL)}"),
    ]
    for path in parts:
        text = (await visitor.get(path)).text
        assert "<script>pwned" not in text, path
        assert "<img src=x" not in text, path
        assert "' autofocus" not in text, path


async def test_the_policy_holds_where_all_else_fails(browser: Browser, attacked: Attacked) -> None:
    """Chromium itself refuses scripts, styles and markup that somebody put into a page."""
    panel = attacked.panel
    token = await panel.accounts.begin_session(panel.people.operator.id, "", panel.now_ms)
    context = await browser.new_context(base_url=panel.url)
    await context.add_cookies(
        [
            {
                "name": f"telemarketing-{panel.url[:-1].rpartition(':')[2]}",
                "value": token,
                "url": panel.url,
            }
        ]
    )
    page = await context.new_page()
    await page.goto("/leads")
    for sink in (
        "document.body.innerHTML = '<b>x</b>'",
        "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
        "document.write('<b>x</b>')",
        "new DOMParser().parseFromString('<b>x</b>', 'text/html')",
        "document.createElement('script').text = 'pwned = 1'",
        "document.body.setAttribute('onclick', 'pwned = 1')",
        "setTimeout('pwned = 1')",
        "trustedTypes.createPolicy('panel', {})",
        "trustedTypes.createPolicy('other', {})",
    ):
        with pytest.raises(Error, match=r"TypeError|TrustedHTML|policy"):
            await page.evaluate(sink)
    await page.evaluate(
        """() => {
            const style = document.createElement("style");
            style.textContent = "body { display: none }";
            document.head.append(style);
            document.body.setAttribute("style", "display: none");
        }"""
    )
    state = "[typeof pwned, getComputedStyle(document.body).display === 'none']"
    assert await page.evaluate(state) == ["undefined", False]
    await context.close()
