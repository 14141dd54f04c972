"""The card of a lead over HTTP: in full, reduced, edited in place, and its two histories."""

import asyncio
import json
import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.model.changes import LeadChanged
from tests.make import MONDAY, answered, ended, make_call, make_incoming
from tests.people import People
from tests.web.panel import NOON, Answer, PanelUnderTest, Visitor

CARD = "/leads/1"
NUMBER = "+380441234567"


@pytest.fixture(autouse=True)
async def leads(panel: PanelUnderTest, people: People) -> None:
    """A lead of the operator with a short talk, and nobody's lead."""
    log = CallLog(panel.database)
    await log.record([ended(answered(make_call()), talk_ms=419_960)])
    await log.record([ended(make_incoming("101", number="+380441112233"))])


def words(answer: Answer) -> str:
    """What a person reads, without tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


async def write(visitor: Visitor, field: str, value: str, was: str = "") -> Answer:
    """Write a field as the script does."""
    form = {"field": field, "value": value, "was": was, "version": "1"}
    return await visitor.patch(CARD, data=form)


def toast(answer: Answer) -> dict[str, Any]:
    """The sentence that the browser shows for some seconds."""
    said: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])["toast"]
    return said


async def test_the_whole_card(panel: PanelUnderTest, people: People) -> None:
    """Fields, numbers and the call: direction, result, talk cut to seconds, the short mark, who."""
    visitor = await panel.signed_in(people.operator)
    answer = await visitor.get(CARD)
    assert answer.status == 200
    text = words(answer)
    for part in ("+380 44 123-45-67", "Outbound", "Talked", "6:59", "< 7 min", "Иваненко И. И."):
        assert part in text.replace("\u00a0", " "), part
    assert "The title is still a number" in text


async def test_a_field_is_saved_shown_and_told(panel: PanelUnderTest, people: People) -> None:
    """As JSON for the script; others hear of it, and their card has it."""
    visitor = await panel.signed_in(people.operator)
    with panel.live.follow() as follower:
        saved = await write(visitor, "amount", "12 500,50 грн")
        async with asyncio.timeout(5):
            changes, _ = await follower.read()
    assert (saved.status, saved.json) == (200, {"version": 2, "value": "UAH12,500.50"})
    assert changes == [LeadChanged(1)]
    supervisor = await panel.signed_in(people.supervisor)
    assert "UAH12,500.50" in (await supervisor.get(f"{CARD}/card")).text


async def test_two_people_and_one_field(panel: PanelUnderTest, people: People) -> None:
    """409 with what the other wrote; a different field is no conflict."""
    operator = await panel.signed_in(people.operator)
    supervisor = await panel.signed_in(people.supervisor)
    assert (await write(operator, "company", "Ромашка")).status == 200
    assert (await write(supervisor, "interest", "окна")).status == 200
    refused = await write(supervisor, "company", "Лютик")
    assert (refused.status, refused.json) == (409, {"version": 3, "value": "Ромашка"})
    assert (await write(supervisor, "company", "Лютик", was="Ромашка")).status == 200


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", " ", "This may not be empty."),
        ("email", "olena", "This is no e-mail address. Write it like name@example.com."),
        ("amount", "много", "This is no amount. Write it like 12 500,50 UAH."),
        ("company", "x" * 201, "This is too long. Shorten it."),
        ("status", "77", "This cannot be chosen any more. Load the page again."),
    ],
)
async def test_what_cannot_be_stored_is_said_at_the_field(
    panel: PanelUnderTest, people: People, field: str, value: str, sentence: str
) -> None:
    """422 with a sentence in the reader's language; nothing is stored."""
    visitor = await panel.signed_in(people.operator)
    refused = await write(visitor, field, value, was=NUMBER if field == "title" else "1")
    assert (refused.status, refused.json) == (422, {"problem": sentence})


async def test_the_suggested_title(panel: PanelUnderTest, people: People) -> None:
    """Company and interest make a title; it is taken by one key, and taken back by another."""
    visitor = await panel.signed_in(people.operator)
    await write(visitor, "company", "Ромашка")
    await write(visitor, "interest", "окна")
    assert 'data-key="KeyT"' in (await visitor.get(CARD)).text
    taken = await visitor.post(f"{CARD}/title")
    assert "<h1" in taken.text
    assert "Ромашка – окна</h1>" in taken.text
    assert 'data-key="KeyT"' not in taken.text
    back = await visitor.post(toast(taken)["undo"])
    assert "+380\u00a044\u00a0123-45-67</h1>" in back.text


async def test_nobodys_lead_is_taken(panel: PanelUnderTest, people: People) -> None:
    """By a button; who comes second is told that it is somebody's already."""
    operator = await panel.signed_in(people.operator)
    colleague = await panel.signed_in(people.colleague)
    assert "/leads/2/take" in (await colleague.get("/leads/2")).text
    taken = await operator.post("/leads/2/take")
    assert toast(taken)["text"] == "The lead is yours now."
    assert (await colleague.post("/leads/2/take")).status == 404
    assert (await colleague.get("/leads/2")).status == 404


async def test_a_lead_may_be_given_out_of_sight(panel: PanelUnderTest, people: People) -> None:
    """A supervisor gives it to another department, and sees no more of it than a colleague."""
    supervisor = await panel.signed_in(people.supervisor)
    given = await write(
        supervisor, "responsible", str(people.stranger.id), was=str(people.operator.id)
    )
    assert given.status == 200
    live = await supervisor.get(f"{CARD}/card")
    assert (live.status, live.headers["HX-Refresh"]) == (204, "true")
    assert "This is the lead of Петренко Пётр Петрович." in words(await supervisor.get(CARD))


async def test_another_number(panel: PanelUnderTest, people: People) -> None:
    """Whose it is is told to those who may know; what was typed stays in the form."""
    operator = await panel.signed_in(people.operator)
    taken = await operator.post(f"{CARD}/phones", data={"number": "044 111-22-33"})
    assert taken.status == 422
    assert 'value="044 111-22-33"' in taken.text
    assert "This number belongs to another lead." in taken.text
    assert '<a href="/leads/2">' in taken.text
    stranger = await panel.signed_in(people.stranger)
    hidden = await stranger.post("/leads/2/phones", data={"number": NUMBER})
    assert "This number belongs to another lead." in hidden.text
    assert '<a href="/leads/1">' not in hidden.text
    added = await operator.post(f"{CARD}/phones", data={"number": "050 999-88-77"})
    assert "+380\u00a050\u00a0999-88-77" in added.text
    undone = await operator.post(toast(added)["undo"])
    assert "999-88-77" not in undone.text


async def test_contact_persons(panel: PanelUnderTest, people: People) -> None:
    """Added by a form that keeps what was typed, edited in place, removed and brought back."""
    visitor = await panel.signed_in(people.operator)
    wrong = {"full_name": "Зоя", "email": "нет"}
    refused = await visitor.post(f"{CARD}/contacts", data=wrong)
    assert refused.status == 422
    assert 'value="Зоя"' in refused.text
    assert "This is no e-mail address." in refused.text
    added = await visitor.post(f"{CARD}/contacts", data={"full_name": "Зоя", "phone": "0671110000"})
    assert 'id="contact-1"' in added.text
    form = {"field": "contact-1-phone", "value": "067 222 00 00", "was": "+380 67 111-00-00"}
    edited = await visitor.patch(f"{CARD}/contacts/1", data=form)
    assert edited.json["value"] == "+380\u00a067\u00a0222-00-00"
    removed = await visitor.delete(f"{CARD}/contacts/1")
    assert 'id="contact-1"' not in removed.text
    assert 'id="contact-1"' in (await visitor.post(toast(removed)["undo"])).text


async def test_history_of_changes(panel: PanelUnderTest, people: People) -> None:
    """Who changed what, in words; taking back what was changed since says by whom."""
    visitor = await panel.signed_in(people.operator)
    await write(visitor, "status", "2", was="1")
    await write(visitor, "note", "первое")
    await write(visitor, "note", "второе", was="первое")
    changes = words(await visitor.get(f"{CARD}/edits"))
    assert changes.index("второе") < changes.index("Status Иваненко Иван Иванович")
    assert "First contact" in changes
    refused = await visitor.post(f"{CARD}/edits/2/undo")
    assert "Иваненко Иван Иванович has changed it since." in toast(refused)["text"]
    assert toast(refused)["undo"] is None


async def test_history_of_calls_is_paged(panel: PanelUnderTest, people: People) -> None:
    """Twenty a page, newest first; what is going on stands apart with its time."""
    log = CallLog(panel.database)
    await log.record(
        [ended(answered(make_call(started_at=MONDAY + at * 1000))) for at in range(1, 25)]
    )
    await log.record([answered(make_call(started_at=NOON - 60_000))])
    visitor = await panel.signed_in(people.operator)
    first = await visitor.get(f"{CARD}/history")
    assert first.text.count('<li id="call-') == 20
    assert f'data-since="{NOON - 56_000}"' in (await visitor.get(f"{CARD}/live")).text
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older is not None
    second = await visitor.get(unescape(older[1]))
    assert second.text.count('<li id="call-') == 5
    ids = re.findall(r'<li id="call-(\d+)', first.text + second.text)
    assert len(set(ids)) == 25


async def test_a_summary_is_written_in_the_history(panel: PanelUnderTest, people: People) -> None:
    """It stands at its call and on top as the lead's description; two writers are told apart."""
    operator = await panel.signed_in(people.operator)
    form = {"field": "summary", "value": "хочет окна", "was": "", "version": "0"}
    written = await operator.patch("/calls/1/summary", data=form)
    assert written.json == {"version": 1, "value": "хочет окна"}
    assert words(await operator.get(CARD)).count("хочет окна") == 2
    supervisor = await panel.signed_in(people.supervisor)
    refused = await supervisor.patch("/calls/1/summary", data=form | {"value": "отказ"})
    assert (refused.status, refused.json["value"]) == (409, "хочет окна")


async def test_the_reduced_card(panel: PanelUnderTest, people: People) -> None:
    """Somebody else's lead after a call with it: title, status, whose it is, last contacts."""
    log = CallLog(panel.database)
    await log.record([ended(make_incoming("102", started_at=MONDAY + 1))])
    await log.record(
        [
            replace(ended(answered(make_call(started_at=MONDAY + at))), talk_ms=60_000 + at)
            for at in range(2, 7)
        ]
    )
    operator = await panel.signed_in(people.operator)
    await write(operator, "company", "Тайная компания")
    await write(operator, "note", "тайна")
    stranger = await panel.signed_in(people.stranger)
    answer = await stranger.get(CARD)
    text = words(answer)
    assert answer.status == 200
    assert "This is the lead of Иваненко Иван Иванович." in text
    assert "First contact" in text
    assert answer.text.count("Outbound") == 3
    assert "айна" not in text
    for hidden in ("data-autosave=", 'hx-post="/leads', "tel:"):
        assert hidden not in answer.text
    for path in ("live", "history", "edits"):
        assert (await stranger.get(f"{CARD}/{path}")).status == 404
    assert (await write(stranger, "company", "Чужое")).status == 404
    assert (await stranger.get(f"{CARD}/limited")).status == 200


async def test_what_is_no_lead(panel: PanelUnderTest, people: People) -> None:
    """Unknown ids, and what is no id at all, are not found."""
    visitor = await panel.signed_in(people.administrator)
    for wrong in ("999", "x", "-1", "1.0", "9" * 30, "٣"):
        assert (await visitor.get(f"/leads/{wrong}")).status == 404, wrong
