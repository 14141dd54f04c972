"""The page Now: live calls of those whom one may see, the own call in full, today in figures."""

import re
from dataclasses import replace
from html import unescape

from sqlalchemy import insert, update

from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import Call, CallOperator, Direction, Disposition
from telemarketing.storage.tables import call_notes, leads, planned_calls
from tests.make import DAY_MS, answered, ended, make_call, make_incoming
from tests.people import Person
from tests.web.panel import NOON, PanelUnderTest

NUMBER = "+380441234567"
SHOWN = "+380 44 123-45-67"


def talking(call: Call, by: str = "101") -> Call:
    """The call at the moment of its first talk, as call tracking says it."""
    return replace(answered(call, by), disposition=Disposition.ANSWERED)


async def text_of(panel: PanelUnderTest, person: Person, path: str = "/now") -> str:
    """What somebody reads there, without tags."""
    client = await panel.signed_in(person)
    answer = await client.get(path)
    assert answer.status == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


async def test_nobody_is_on_the_line(panel: PanelUnderTest) -> None:
    """Without calls the page says so, to everybody."""
    for person in panel.people:
        assert "Nobody is on the line." in await text_of(panel, person, "/")


async def test_the_own_call_in_full(panel: PanelUnderTest) -> None:
    """Who it is at first glance: title, status, whose lead, last contacts, planned call, card."""
    before = talking(make_call(number=NUMBER, started_at=NOON - DAY_MS))
    log = CallLog(panel.database)
    await log.record([ended(before, 275_000)])
    await log.record([talking(make_incoming("101", number=NUMBER, started_at=NOON - 60_000))])
    operator = panel.people.operator
    async with panel.database.writing() as tx:
        await tx.execute(update(leads).values(title="Ромашка – окна"))
        await tx.execute(
            insert(call_notes).values(
                call_id=1, summary="просил смету", operator_id=operator.id, written_at=1, version=1
            )
        )
        await tx.execute(
            insert(planned_calls).values(
                lead_id=1,
                operator_id=operator.id,
                kind="planned",
                state="open",
                due_at=NOON + 3_600_000,
                has_time=True,
                zone="Europe/Kyiv",
                note="обсудить договор",
                created_at=1,
            )
        )
    text = await text_of(panel, operator)
    for sentence in (
        "Inbound Talking our number +380 44 333-44-55 0:56 Ромашка – окна +380 44 123-45-67",
        "First contact your lead",
        "Planned call: today 13:00 обсудить договор",
        "Open the card",
        "yesterday 12:00 Outbound Talked 4:35 Иваненко И. И. просил смету",
    ):
        assert sentence in text


async def test_an_unknown_caller(panel: PanelUnderTest) -> None:
    """The number is the title, and the page says that this call has made the lead."""
    ringing = make_incoming("101", number=NUMBER, started_at=NOON - 5000)
    await CallLog(panel.database).record([ringing])
    text = await text_of(panel, panel.people.operator)
    assert f"Inbound Ringing our number +380 44 333-44-55 0:05 {SHOWN}" in text
    assert "New number: the lead was made by this call." in text
    assert "nobody's lead yet" in text


async def test_a_withheld_number(panel: PanelUnderTest) -> None:
    """It is said in words, and there is no card to open."""
    call = make_incoming("101", number=None, raw_number=None, withheld=True, started_at=NOON)
    await CallLog(panel.database).record([call])
    text = await text_of(panel, panel.people.operator)
    assert "number withheld" in text
    assert "Open the card" not in text


async def test_whose_phone_rang_beside_has_no_own_card(panel: PanelUnderTest) -> None:
    """When a colleague answers, the call leaves the front of the others and stays in the list."""
    ringing = make_incoming("101", "103", number=NUMBER, started_at=NOON - 9000)
    await CallLog(panel.database).record([talking(ringing)])
    assert 'id="own-1"' in (await (await panel.signed_in(panel.people.operator)).get("/now")).text
    beside = (await (await panel.signed_in(panel.people.colleague)).get("/now")).text
    assert 'id="own-1"' not in beside
    assert 'id="live-1"' in beside


async def test_who_sees_a_live_call(panel: PanelUnderTest) -> None:
    """Supervisor and administrator with operator and extension; a stranger never."""
    await CallLog(panel.database).record(
        [talking(make_call(number=NUMBER, started_at=NOON - 9000))]
    )
    for person in (panel.people.supervisor, panel.people.administrator):
        text = await text_of(panel, person)
        assert f"Talking 0:05 Иваненко И. И. 101 Outbound {SHOWN}" in text
    for person in (panel.people.colleague, panel.people.stranger):
        assert SHOWN not in await text_of(panel, person)


async def test_who_is_handed_a_call_sees_it(panel: PanelUnderTest) -> None:
    """A stranger to whom a call is transferred has the card of it, though the lead is another's."""
    call = talking(make_call(number=NUMBER, started_at=NOON - 60_000))
    parts = (CallOperator("101", 0, 50_000), CallOperator("102", 2000, 4000))
    await CallLog(panel.database).record([replace(call, operators=parts, transferred=True)])
    text = await text_of(panel, panel.people.stranger)
    assert "lead of Иваненко Иван Иванович" in text
    assert SHOWN in text


async def test_a_timer_has_its_mark_at_the_limit(panel: PanelUnderTest) -> None:
    """The running time counts from the answer, and knows the limit of short talks."""
    call = talking(make_call(number=NUMBER, started_at=NOON - 60_000))
    await CallLog(panel.database).record([call])
    client = await panel.signed_in(panel.people.supervisor)
    text = (await client.get("/now")).text
    assert f'data-since="{call.answered_at}" data-mark-ms="420000"' in text


async def test_the_day_of_the_department(panel: PanelUnderTest) -> None:
    """Each total counts today's calls of the department once, and opens their list."""
    shared = talking(make_incoming("101", "103", number=NUMBER, started_at=NOON - 3_600_000))
    parts = (CallOperator("101", 4000, 60_000), CallOperator("103", 4000, 60_000))
    await CallLog(panel.database).record(
        [
            replace(ended(shared, 120_000), operators=parts),
            ended(make_call(number="+380441230001", started_at=NOON - 7_200_000)),
            ended(make_call(number="+380441230002", started_at=NOON - DAY_MS)),
            ended(make_incoming("102", number="+380441230003", started_at=NOON - 7_200_000)),
        ]
    )
    client = await panel.signed_in(panel.people.supervisor)
    page = (await client.get("/now")).text
    figures = dict(re.findall(r'tile-name">([^<]+)</span><span class="tile-figure">([^<]+)<', page))
    assert {name: text.replace("\xa0", " ") for name, text in figures.items()} == {
        "Talking now": "0",
        "Calls today": "2",
        "Answered": "1",
        "Air time": "2 min",
        "Below 7 min": "100%",
        "Missed, not called back": "0",
    }
    address = re.search(r'href="(/calls\?[^"]*result=short[^"]*)"', page)
    assert address is not None
    behind = await client.get(address[1].replace("&amp;", "&"))
    assert behind.text.count('<tr id="call-') == 1


async def test_the_last_talks_can_be_summed_up(panel: PanelUnderTest) -> None:
    """Right after a talk there is a place for its summary; unanswered calls have none."""
    await CallLog(panel.database).record(
        [
            ended(talking(make_call(number=NUMBER, started_at=NOON - 600_000))),
            ended(make_call(number="+380441230001", started_at=NOON - 300_000)),
            ended(
                talking(
                    make_call(
                        direction=Direction.INTERNAL,
                        number=None,
                        raw_number=None,
                        started_at=NOON - 300_000,
                    )
                )
            ),
        ]
    )
    client = await panel.signed_in(panel.people.operator)
    page = (await client.get("/now")).text
    (field,) = re.findall(
        r'<div class="field" data-autosave="/calls/\d+/summary".*?</div>', page, re.DOTALL
    )
    assert "123-45-67" in field
