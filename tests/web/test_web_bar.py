"""The counters on top of every page."""

from telemarketing.crm.call_log import CallLog
from telemarketing.model.pbx import PbxState
from tests.make import ended, make_incoming
from tests.planning import RULES
from tests.web.panel import NOON, PanelUnderTest


async def test_the_counters_lead_to_what_waits(panel: PanelUnderTest) -> None:
    """A missed call counts for whoever may call back, with the way to its list."""
    missed = ended(make_incoming("101", started_at=NOON - 3_600_000))
    await CallLog(panel.database, RULES).record([missed])
    visitor = await panel.signed_in(panel.people.operator)

    answer = await visitor.get("/bar")

    assert answer.status == 200
    missed_counter = answer.text.split('href="/callbacks#missed"')[1].split("</a>")[0]
    assert "<b>1</b>" in missed_counter


async def test_the_bar_says_whether_every_pbx_is_linked(panel: PanelUnderTest) -> None:
    """One of two that is not followed is enough for the warning."""
    visitor = await panel.signed_in(panel.people.operator)
    linked = PbxState("main", "following", NOON, NOON, (), (), 0, None)
    panel.pbx_states = [linked]
    assert "PBX connected" in (await visitor.get("/bar")).text

    panel.pbx_states = [linked, PbxState("second", "connecting", None, None, (), (), 0, None)]

    assert "PBX not connected" in (await visitor.get("/bar")).text
