"""The page for administrators, and what monitoring asks."""

from sqlalchemy import text

from telemarketing.logs import LoggedError
from telemarketing.model.pbx import Comparison, PbxState
from telemarketing.storage.refused_calls import add_refused_call
from tests.make import MONDAY, make_call
from tests.web.panel import PanelUnderTest

GOOD = PbxState("main", "following", MONDAY, None, (), (), 7, Comparison(MONDAY, 6, 8))
BAD = PbxState("kyiv", "refused", None, None, ("read: dialplan",), ("originate",), 0, None)


async def test_the_state_of_every_pbx_is_told_in_words(panel: PanelUnderTest) -> None:
    """With a light beside them, and what is wrong with the account."""
    panel.pbx_states = [GOOD, BAD]
    administrator = await panel.signed_in(panel.people.administrator)

    page = (await administrator.get("/system")).text

    assert "Connected, in step" in page
    assert "6 here, 8 there" in page
    assert "check user, secret and permit" in page
    assert "missing: read: dialplan" in page
    assert "more than needed: originate" in page
    assert page.count("dot--good") == 1


async def test_what_went_wrong_is_shown_until_the_next_start(panel: PanelUnderTest) -> None:
    """Calls that the database refused, with the reason, and errors of the log."""
    panel.errors = [LoggedError(panel.now_ms, "database away", (("reason", "disk full"),))]
    panel.waiting_count = 12
    async with panel.database.writing() as tx:
        await add_refused_call(tx, make_call(linkedid="1795.1"), "number <too> long")
    administrator = await panel.signed_in(panel.people.administrator)

    page = (await administrator.get("/system")).text

    assert "1795.1" in page
    assert "number &lt;too&gt; long" in page
    assert "database away" in page
    assert "disk full" in page
    assert ">12<" in page


async def test_the_page_asks_for_itself_in_part(panel: PanelUnderTest) -> None:
    """The fragment is the live element alone."""
    administrator = await panel.signed_in(panel.people.administrator)

    fragment = (await administrator.get("/system", headers={"HX-Request-Type": "partial"})).text

    assert fragment.lstrip().startswith("<div")
    assert "<html" not in fragment


async def test_monitoring_needs_no_sign_in_and_learns_nothing_of_anybody(
    panel: PanelUnderTest,
) -> None:
    """Ready while the database answers; how many PBXs are followed is told, and no name."""
    panel.pbx_states = [GOOD, BAD]
    panel.waiting_count = 3
    visitor = await panel.visitor()

    assert (await visitor.get("/healthz")).json == {"alive": True}
    ready = await visitor.get("/readyz")
    assert ready.status == 200
    assert ready.json == {
        "ready": True,
        "database": True,
        "pbxs": 2,
        "pbxs_following": 1,
        "calls_waiting": 3,
    }


async def test_without_its_database_the_daemon_is_alive_but_not_ready(
    panel: PanelUnderTest,
) -> None:
    """Pages then say that in a sentence, with what to do."""
    visitor, person = await panel.visitor(), await panel.signed_in(panel.people.operator)
    async with panel.database.writing() as tx:
        await tx.execute(text("DROP TABLE alembic_version"))

    assert (await visitor.get("/healthz")).status == 200
    assert (await visitor.get("/readyz")).status == 503
    assert (await person.get("/me")).status == 200
