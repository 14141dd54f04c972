"""Reminders before a person's eyes: on every page, until they are seen, done or put off."""

import re

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.reminders import fire_due_reminders
from telemarketing.model.changes import NoticesChanged
from tests.make import DAY_MS, MONDAY, answered, ended, make_call
from tests.people import People
from tests.planning import HOUR_MS, MINUTE_MS, lead_of
from tests.web.panel import NOON, PanelUnderTest, Visitor


async def planned(panel: PanelUnderTest, people: People, typed: str) -> Visitor:
    """The operator, who has planned to call a lead."""
    await CallLog(panel.database).record([ended(answered(make_call(started_at=MONDAY - DAY_MS)))])
    lead_id = await lead_of(panel.database, "+380441234567")
    visitor = await panel.signed_in(people.operator)
    await visitor.post(f"/leads/{lead_id}/callbacks", data={"typed": typed, "note": "о цене"})
    return visitor


async def fire(panel: PanelUnderTest) -> None:
    """Let everything fire that is due by the panel's clock."""
    await fire_due_reminders(panel.database, panel.now_ms, limit=100)


async def test_a_reminder_is_shown_with_what_to_do_and_only_to_its_person(
    panel: PanelUnderTest, people: People
) -> None:
    """Who, when, about what; nothing before its time, and nothing to others."""
    visitor = await planned(panel, people, "in 1 h")
    assert (await visitor.get("/notices")).text.strip() == ""
    panel.now_ms = NOON + 45 * MINUTE_MS
    await fire(panel)

    shown = (await visitor.get("/notices")).text.replace("\xa0", " ")

    assert len(re.findall("data-notice=", shown)) == 1
    assert 'data-notice-title="Call +380 44 123-45-67 at 13:00"' in shown
    assert "о цене" in shown
    assert "late" not in shown
    for other in (people.colleague, people.supervisor, people.administrator):
        assert (await (await panel.signed_in(other)).get("/notices")).text.strip() == ""


async def test_what_should_have_come_while_nothing_ran_says_that_it_is_late(
    panel: PanelUnderTest, people: People
) -> None:
    """In words, and not by its colour alone."""
    visitor = await planned(panel, people, "in 1 h")
    panel.now_ms = NOON + 2 * HOUR_MS
    await fire(panel)
    assert "late: the program was not running" in (await visitor.get("/notices")).text


async def test_seen_in_one_tab_it_is_gone_from_all(panel: PanelUnderTest, people: People) -> None:
    """The other tabs are told; nobody else can take it away."""
    visitor = await planned(panel, people, "in 10 min")
    await fire(panel)
    found = re.search(r'data-notice="(\d+)"', (await visitor.get("/notices")).text)
    assert found is not None
    path = f"/notices/{found[1]}/seen"

    assert (await (await panel.signed_in(people.colleague)).post(path)).status == 404
    with panel.live.follow() as follower:
        assert (await visitor.post(path)).status == 204
        changes, _ = await follower.read()

    assert changes == [NoticesChanged(people.operator.id)]
    other_tab = await panel.signed_in(people.operator)
    assert (await other_tab.get("/notices")).text.strip() == ""


async def test_put_off_from_the_notice_it_comes_again(
    panel: PanelUnderTest, people: People
) -> None:
    """The notice goes at once, and the next one comes at the new time."""
    visitor = await planned(panel, people, "in 10 min")
    await fire(panel)
    path = re.search(r'hx-post="(/callbacks/\d+/move)"', (await visitor.get("/notices")).text)
    assert path is not None

    await visitor.post(path[1], data={"version": 1, "when": "in 1 h"})

    assert (await visitor.get("/notices")).text.strip() == ""
    panel.now_ms = NOON + 45 * MINUTE_MS
    await fire(panel)
    assert "data-notice=" in (await visitor.get("/notices")).text


async def test_many_reminders_are_five_and_a_number(panel: PanelUnderTest, people: People) -> None:
    """A day's worth of them after a downtime does not fill the screen."""
    visitor = await planned(panel, people, "in 10 min")
    lead_id = await lead_of(panel.database, "+380441234567")
    for _ in range(6):
        await visitor.post(f"/leads/{lead_id}/callbacks", data={"typed": "in 10 min"})
    await fire(panel)
    shown = (await visitor.get("/notices")).text
    assert (shown.count("data-notice="), "2 more reminders" in shown) == (5, True)
