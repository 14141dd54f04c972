"""The page of callbacks, its parts on other pages, and what people do there."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.model.changes import PlannedCallsChanged
from telemarketing.model.planned_call import PlanKind, PlannedCall, PlanState
from telemarketing.storage.engine import Database
from tests.make import DAY_MS, MONDAY, answered, ended, make_call, make_incoming
from tests.people import People, Person
from tests.planning import HOUR_MS, MINUTE_MS, RULES, all_planned, instant, lead_of
from tests.web.panel import NOON, Answer, PanelUnderTest, Visitor

NUMBER = "+380441234567"


@dataclass(frozen=True, slots=True)
class Desk:
    """A signed-in operator, and a lead that is his."""

    panel: PanelUnderTest
    visitor: Visitor
    lead_id: int

    async def plan(self, **fields: str) -> Answer:
        return await self.visitor.post(f"/leads/{self.lead_id}/callbacks", data=fields)

    async def only(self, kind: PlanKind = PlanKind.PLANNED) -> PlannedCall:
        (found,) = await all_planned(self.panel.database, kind)
        return found

    async def act(self, call: PlannedCall, verb: str, **fields: str | int) -> Answer:
        sent: Mapping[str, str | int] = {"version": call.version, **fields}
        return await self.visitor.post(f"/callbacks/{call.id}/{verb}", data=sent)

    async def hear(self, *calls: object) -> None:
        """Let calls become known to the daemon."""
        await CallLog(self.panel.database, RULES).record(list(calls))  # type: ignore[arg-type]


@pytest.fixture
async def desk(panel: PanelUnderTest, people: People) -> Desk:
    """The operator at noon on Monday; the lead was talked with on Sunday."""
    call = ended(answered(make_call(started_at=MONDAY - DAY_MS)))
    await CallLog(panel.database).record([call])
    lead_id = await lead_of(panel.database, NUMBER)
    return Desk(panel, await panel.signed_in(people.operator), lead_id)


def toast(answer: Answer) -> dict[str, str]:
    """The sentence that the browser shows for some seconds, and its undo."""
    shown: dict[str, str] = json.loads(answer.headers["HX-Trigger"])["toast"]
    return shown


def groups_in(text: str) -> list[str]:
    """The groups of the list, in order."""
    return re.findall(r'<tbody id="(\w+)"', text)


async def test_a_typed_time_is_planned_and_shown_on_card_and_page(desk: Desk) -> None:
    """With its note; the toast says when, and takes it back."""
    answer = await desk.plan(typed="завтра в 10", note="о цене")

    call = await desk.only()
    assert (answer.status, call.due_at) == (200, instant("2025-11-25 10:00"))
    assert "о цене" in answer.text
    page = await desk.visitor.get("/callbacks")
    assert groups_in(page.text) == ["later"]
    assert "о цене" in page.text
    assert toast(answer)["text"].startswith("Planned: tomorrow")
    undone = await desk.visitor.post(toast(answer)["undo"])
    assert (undone.status, (await desk.only()).state) == (200, PlanState.CANCELLED)


@pytest.mark.parametrize(
    ("fields", "due", "has_time"),
    [
        ({"when": "in 1 h"}, "2025-11-24 13:00", True),
        ({"when": "today 17:00"}, "2025-11-24 17:00", True),
        ({"when": "tomorrow 10:00"}, "2025-11-25 10:00", True),
        ({"when": "mon 10:00"}, "2025-12-01 10:00", True),
        ({"when": "in a week"}, "2025-12-01 00:00", False),
        ({"on": "2025-11-27", "at": "14:30"}, "2025-11-27 14:30", True),
        ({"on": "2025-11-27", "at": ""}, "2025-11-27 00:00", False),
        ({"when": "in 1 h", "typed": "завтра"}, "2025-11-24 13:00", True),
    ],
)
async def test_usual_times_and_own_dates_are_planned(
    desk: Desk, fields: dict[str, str], due: str, has_time: bool
) -> None:
    """A pressed button counts before what is typed."""
    assert (await desk.plan(**fields)).status == 200
    call = await desk.only()
    assert (call.due_at, call.has_time) == (instant(due), has_time)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Say when"),
        ({"typed": "как-нибудь"}, "Not understood"),
        ({"typed": "сегодня 9:00"}, "over already"),
        ({"typed": "30.02"}, "no such day"),
        ({"on": "2025-11-01"}, "over already"),
        ({"on": "скоро"}, "Not understood"),
        ({"typed": "завтра", "operator": "999"}, "your department"),
        ({"typed": "завтра", "note": "а" * 2001}, "too long"),
    ],
)
async def test_what_cannot_be_planned_is_refused_in_words_and_kept(
    desk: Desk, fields: dict[str, str], sentence: str
) -> None:
    """The form comes back with the sentence at the field and with what was typed."""
    answer = await desk.plan(**fields)
    assert answer.status == 422
    assert sentence in answer.text
    assert all(value in answer.text for value in fields.values() if value != "999")
    assert await all_planned(desk.panel.database) == []


async def test_what_is_typed_is_explained_while_it_is_typed(desk: Desk) -> None:
    """In words, with the day; a time that the clocks skip or repeat is said."""
    said = await desk.visitor.get("/callbacks/when", params={"typed": "чт 14:30"})
    assert "Thursday, 27" in said.text.replace("\xa0", " ")
    assert "14:30" in said.text
    assert (
        "Not understood"
        in (await desk.visitor.get("/callbacks/when", params={"typed": "чт чт"})).text
    )
    skipped = await desk.visitor.get("/callbacks/when", params={"typed": "29.03.2026 3:30"})
    assert "04:30" in skipped.text
    assert "skip" in skipped.text
    assert (await desk.visitor.get("/callbacks/when")).text.strip() == ""


async def test_the_page_groups_by_what_is_due(desk: Desk) -> None:
    """Overdue with how long in words, today, later; a day alone is not overdue on that day."""
    for typed in ("in 1 h", "today 17:00", "сегодня", "завтра"):
        await desk.plan(typed=typed)
    desk.panel.now_ms = NOON + 3 * HOUR_MS + 10 * MINUTE_MS

    page = await desk.visitor.get("/callbacks")

    assert groups_in(page.text) == ["overdue", "today", "later"]
    assert "overdue by 2 h 10 min" in page.text.replace("\xa0", " ")
    assert page.text.count('id="callback-') == 4


@pytest.mark.parametrize(
    ("verb", "fields", "state"),
    [
        ("done", {}, PlanState.DONE),
        ("drop", {}, PlanState.CANCELLED),
        ("move", {"when": "in 10 min"}, PlanState.OPEN),
        ("move", {"when": "tomorrow 10:00"}, PlanState.OPEN),
        ("move", {"typed": "чт 14:30"}, PlanState.OPEN),
    ],
)
async def test_one_press_and_one_more_to_take_it_back(
    desk: Desk, verb: str, fields: dict[str, str], state: PlanState
) -> None:
    """Done, put off, moved, dropped; everybody who may see it is told each time."""
    await desk.plan(typed="in 1 h")
    before = await desk.only()

    with desk.panel.live.follow() as follower:
        answer = await desk.act(before, verb, **fields)
        changes, _ = await follower.read()

    after = await desk.only()
    assert (answer.status, answer.text, after.state) == (200, "", state)
    assert PlannedCallsChanged(desk.lead_id) in changes
    assert after.placing != before.placing
    assert (await desk.visitor.post(toast(answer)["undo"])).status == 200
    assert (await desk.only()).placing == before.placing


async def test_a_change_to_what_somebody_has_changed_is_told_and_not_done(desk: Desk) -> None:
    """Two tabs show the same row; the second press finds it changed."""
    await desk.plan(typed="in 1 h")
    call = await desk.only()
    await desk.act(call, "move", when="tomorrow 10:00")

    answer = await desk.act(call, "done")

    assert answer.status == 409
    assert "meanwhile" in toast(answer)["text"]
    assert (await desk.only()).state is PlanState.OPEN


async def test_the_dialog_moves_and_keeps_what_was_refused(desk: Desk) -> None:
    """A time that is over comes back with its sentence; the note saves itself beside."""
    await desk.plan(typed="in 1 h", note="старая")
    call = await desk.only()

    shown = await desk.visitor.get(f"/callbacks/{call.id}/move")
    assert 'value="старая"' in shown.text or ">старая<" in shown.text
    refused = await desk.act(call, "move", typed="вчера")
    assert (refused.status, "вчера" in refused.text) == (422, True)

    path = f"/callbacks/{call.id}"
    written: dict[str, str | int] = {
        "field": "note",
        "value": "новая",
        "was": "старая",
        "version": call.version,
    }
    assert (await desk.visitor.patch(path, data=written)).json == {"version": 2, "value": "новая"}
    stale = await desk.visitor.patch(path, data=written)
    assert (stale.status, stale.json) == (409, {"version": 2, "value": "новая"})
    long = await desk.visitor.patch(path, data={**written, "was": "новая", "value": "а" * 2001})
    assert (long.status, "too long" in long.json["problem"]) == (422, True)


async def test_a_missed_call_and_a_proposal_stand_in_groups_of_their_own(desk: Desk) -> None:
    """A proposal is taken or dismissed by one press; a missed call of nobody's can be taken."""
    unknown = "+380445550011"
    await desk.hear(ended(make_incoming("101", number=unknown, started_at=NOON - HOUR_MS)))
    await desk.hear(ended(make_call(started_at=NOON - HOUR_MS)))

    page = await desk.visitor.get("/callbacks")
    assert groups_in(page.text) == ["missed", "proposed"]

    retry = await desk.only(PlanKind.RETRY)
    assert (await desk.act(retry, "take")).status == 200
    assert (await desk.only(PlanKind.RETRY)).state is PlanState.OPEN
    missed = await desk.only(PlanKind.MISSED)
    await desk.act(missed, "take")
    assert (await desk.only(PlanKind.MISSED)).operator_id == desk.panel.people.operator.id


async def test_a_plan_that_a_talk_closed_is_shown_and_can_be_opened_again(desk: Desk) -> None:
    """It does not vanish silently: page and card say so until the day is over."""
    await desk.plan(typed="in 1 h")
    planned = await desk.only()
    await desk.hear(ended(answered(make_call(started_at=NOON + 50 * MINUTE_MS))))

    page = await desk.visitor.get("/callbacks")
    card = await desk.visitor.get(f"/leads/{desk.lead_id}/callbacks")

    assert groups_in(page.text) == ["closed_by_call"]
    assert "closed by a talk" in card.text
    path = re.search(r'hx-post="(/callbacks/\d+/undo[^"]+)"', card.text)
    assert path is not None
    assert (await desk.visitor.post(path[1].replace("&amp;", "&"))).status == 200
    assert (await desk.only()).placing == planned.placing


async def test_what_is_due_stands_on_the_page_now(desk: Desk) -> None:
    """Overdue and within the hour, and how many wait in all."""
    for typed in ("in 30 min", "in 3 h", "завтра"):
        await desk.plan(typed=typed)
    due = await desk.visitor.get("/callbacks/due")
    assert due.text.count('id="due-') - due.text.count('id="due-now"') - 1 == 1
    assert "2 wait" in due.text


async def statuses(visitor: Visitor, call: PlannedCall) -> set[int]:
    """What a person is answered who tries everything with a planned call and its lead."""
    path = f"/callbacks/{call.id}"
    sent: dict[str, str | int] = {"version": call.version, "when": "tomorrow 10:00"}
    placing = f"state=open&due_at={call.due_at}&has_time=1&operator_id="
    answers = [
        await visitor.get(f"/leads/{call.lead_id}/callbacks"),
        await visitor.post(f"/leads/{call.lead_id}/callbacks", data=sent),
        await visitor.get(f"{path}/move"),
        *[await visitor.post(f"{path}/{verb}", data=sent) for verb in ("done", "drop", "take")],
        await visitor.post(f"{path}/move", data=sent),
        await visitor.post(f"{path}/undo?version={call.version}&{placing}"),
        await visitor.patch(path, data={"field": "note", "value": "x", "was": "", "version": 1}),
    ]
    return {answer.status for answer in answers}


async def test_to_a_stranger_it_does_not_exist(desk: Desk, people: People) -> None:
    """Neither planning, nor seeing, nor any change; nor is it in the stranger's list."""
    await desk.plan(typed="in 1 h")
    call = await desk.only()
    stranger = await desk.panel.signed_in(people.stranger)

    assert await statuses(stranger, call) == {404}
    assert groups_in((await stranger.get("/callbacks")).text) == []
    assert await desk.only() == call


@pytest.mark.parametrize(
    "address", ["/callbacks/9999/move", "/callbacks/x/move", "/leads/0/callbacks"]
)
async def test_what_is_not_there_is_answered_so(desk: Desk, address: str) -> None:
    """Also an id that is none."""
    assert (await desk.visitor.get(address)).status == 404


async def test_a_supervisor_sees_the_department_and_gives_work_to_its_people(
    desk: Desk, people: People
) -> None:
    """Everybody's list, one person's list, and planning for a colleague but not for a stranger."""
    await desk.plan(typed="in 1 h")
    supervisor = await desk.panel.signed_in(people.supervisor)

    def path(person: Person) -> str:
        return f"/callbacks?operator={person.id}"

    whole = await supervisor.get("/callbacks")
    assert (groups_in(whole.text), "Иваненко" in whole.text) == (["today"], True)
    assert groups_in((await supervisor.get(path(people.operator))).text) == ["today"]
    assert groups_in((await supervisor.get(path(people.colleague))).text) == []
    assert (await supervisor.get(path(people.stranger))).status == 404
    given: dict[str, str | int] = {"typed": "завтра", "operator": people.colleague.id}
    assert (await supervisor.post(f"/leads/{desk.lead_id}/callbacks", data=given)).status == 200
    assert groups_in((await supervisor.get(path(people.colleague))).text) == ["later"]
    assert (await desk.visitor.get(path(people.colleague))).status == 404


async def test_a_long_group_is_walked_page_by_page(desk: Desk, database: Database) -> None:
    """The page shows twenty of each group; the group alone, fifty at a time."""
    for _ in range(3):
        await desk.hear(
            *[
                ended(make_incoming("101", number=f"+38044{number:07d}", started_at=NOON - HOUR_MS))
                for number in range(120)
            ]
        )
    page = await desk.visitor.get("/callbacks")
    assert page.text.count('id="callback-') == 20
    first = await desk.visitor.get("/callbacks?group=missed")
    further = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert further is not None
    second = await desk.visitor.get(further[1].replace("&amp;", "&"))
    shown = [set(re.findall(r'id="callback-(\d+)"', text)) for text in (first.text, second.text)]
    assert [len(ids) for ids in shown] == [50, 50]
    assert not shown[0] & shown[1]
    assert (await desk.visitor.get("/callbacks?group=nothing")).status == 404
