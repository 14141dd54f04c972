"""The page of calls: whose list, filters in the address, paging, short talks, and the CSV file."""

import csv
import io
import re
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import Call, CallOperator, Disposition
from telemarketing.storage.tables import leads
from telemarketing.web.periods import Period, day_begins_at, near_period, read_period
from tests.make import DAY_MS, MONDAY, answered, ended, make_call, make_incoming
from tests.people import Person
from tests.web.panel import NOON, PanelUnderTest

KYIV = ZoneInfo("Europe/Kyiv")
HOUR_MS = 3_600_000


def talk(number: str, talk_ms: int, started_at: int = NOON - 2 * HOUR_MS) -> Call:
    """A call of extension 101 to a client, over."""
    return ended(
        answered(make_call(number=number, raw_number=number, started_at=started_at)), talk_ms
    )


async def rows(panel: PanelUnderTest, person: Person, query: str = "") -> list[str]:
    """The rows of the list as text, without tags."""
    client = await panel.signed_in(person)
    answer = await client.get(f"/calls/list{query}")
    assert answer.status == 200
    found = re.findall(r'<tr id="call-\d+">(.*?)</tr>', answer.text, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", row).replace("\xa0", " ").split()) for row in found]


async def test_who_sees_a_call(panel: PanelUnderTest) -> None:
    """Its operator, the supervisor and the administrator; neither a colleague nor a stranger."""
    await CallLog(panel.database).record([talk("+380441234567", 60_000)])
    seen = {person.login: len(await rows(panel, person)) for person in panel.people}
    assert seen == {
        "ivanenko": 1,
        "sydorenko": 0,
        "petrenko": 0,
        "kovalenko": 1,
        "melnyk": 1,
    }


async def test_who_took_over_sees_the_call(panel: PanelUnderTest) -> None:
    """A stranger to whom a call was transferred has it in the list, with the mark."""
    call = talk("+380441234567", 60_000)
    parts = (CallOperator("101", 0, 30_000), CallOperator("102", 1000, 30_000))
    await CallLog(panel.database).record([replace(call, operators=parts, transferred=True)])
    client = await panel.signed_in(panel.people.stranger)
    answer = await client.get("/calls")
    assert "+380\xa044\xa0123-45-67" in answer.text
    assert "Transferred" in answer.text


async def test_the_chip_of_short_talks(panel: PanelUnderTest) -> None:
    """6:59 has it and 7:00 has not; an unanswered call has a word of its own and no chip."""
    await CallLog(panel.database).record(
        [
            talk("+380441234567", 419_999),
            talk("+380441234568", 420_000, NOON - 3 * HOUR_MS),
            ended(make_call(number="+380441234569", started_at=NOON - 4 * HOUR_MS)),
        ]
    )
    short, long, unanswered = await rows(panel, panel.people.operator)
    assert "6:59" in short
    assert "&lt; 7 min" in short
    assert "7:00" in long
    assert "&lt; 7 min" not in long
    assert "No answer" in unanswered
    assert "&lt; 7 min" not in unanswered


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", ["01", "02", "03", "04"]),
        ("?direction=inbound", ["02"]),
        ("?direction=outside&result=answered", ["01", "03"]),
        ("?result=short", ["01"]),
        ("?result=long", ["03"]),
        ("?result=unanswered", ["02", "04"]),
        ("?result=no_answer&direction=outbound", ["04"]),
        ("?period=today", ["01", "02"]),
        ("?period=yesterday", ["03"]),
        ("?period=week", ["01", "02", "03", "04"]),
        ("?period=own&from=2025-11-23&to=2025-11-22", ["03", "04"]),
        ("?number=044%20123-00-03", ["03"]),
        ("?number=123002", []),
        ("?number=3000", ["01", "02", "03", "04"]),
        ("?number=abc", []),
        ("?summary=none", ["01", "03"]),
        ("?operator=x&direction=up&result=great&before=1&period=never", ["01", "02", "03", "04"]),
    ],
)
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_filters_stand_in_the_address(
    panel: PanelUnderTest, query: str, numbers: list[str]
) -> None:
    """Each filter and combinations; what is not understood filters nothing."""
    await CallLog(panel.database).record(
        [
            talk("+380441230001", 60_000),
            ended(make_incoming("101", number="+380441230002", started_at=NOON - 3 * HOUR_MS)),
            talk("+380441230003", 600_000, NOON - DAY_MS),
            ended(make_call(number="+380441230004", started_at=NOON - 2 * DAY_MS)),
        ]
    )
    found = await rows(panel, panel.people.operator, query)
    assert [re.search(r"123-00-(\d\d)", row)[1] for row in found] == numbers  # type: ignore[index]


async def test_pages_lead_to_each_other(panel: PanelUnderTest) -> None:
    """Older and newer by the links of the page, with the filters kept in them."""
    await CallLog(panel.database).record(
        [talk(f"+3804412300{n:02d}", 1000, MONDAY - n * HOUR_MS) for n in range(60)]
    )
    client = await panel.signed_in(panel.people.operator)
    first = (await client.get("/calls?direction=outbound")).text
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older is not None
    second = (await client.get(older[1].replace("&amp;", "&"))).text
    assert (first.count('<tr id="call-'), second.count('<tr id="call-')) == (50, 10)
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer is not None
    back = (await client.get(newer[1].replace("&amp;", "&"))).text
    assert re.findall(r'<tr id="(call-\d+)', back) == re.findall(r'<tr id="(call-\d+)', first)
    assert "direction=outbound" in older[1]
    assert "direction=outbound" in newer[1]


async def test_only_the_first_page_is_live(panel: PanelUnderTest) -> None:
    """The newest calls ask for themselves when calls change; an older page stands still."""
    client = await panel.signed_in(panel.people.operator)
    assert "live:calls" in (await client.get("/calls/list")).text
    assert "live:calls" not in (await client.get(f"/calls/list?before={MONDAY}:1")).text


async def test_a_choice_of_filters_changes_the_address(panel: PanelUnderTest) -> None:
    """What the form sends is answered with the part that changes, and with a short address."""
    client = await panel.signed_in(panel.people.operator)
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = await client.get("/calls?operator=&direction=inbound&number=", headers=headers)
    assert answer.headers["HX-Push-Url"] == "/calls?direction=inbound"
    assert "<html" not in answer.text
    assert 'id="calls"' in answer.text


async def test_withheld_numbers_are_said_in_words(panel: PanelUnderTest) -> None:
    """Who hides the number is nobody's lead."""
    call = make_incoming("101", number=None, raw_number="anonymous", withheld=True, started_at=NOON)
    await CallLog(panel.database).record([call])
    (row,) = await rows(panel, panel.people.operator)
    assert "number withheld" in row
    assert "Ringing" in row


async def test_the_file_of_a_list(panel: PanelUnderTest) -> None:
    """The filtered list, all its pages, ISO times, and no cell that a spreadsheet would run."""
    await CallLog(panel.database).record(
        [
            talk("+380441234567", 419_999),
            ended(make_incoming("101", number=None, raw_number="*88", started_at=NOON - DAY_MS)),
            ended(make_incoming("102", number="+380441239999", started_at=NOON - DAY_MS)),
        ]
    )
    async with panel.database.writing() as tx:
        await tx.execute(update(leads).where(leads.c.phone == "*88").values(title="=1+1"))
    client = await panel.signed_in(panel.people.operator)
    answer = await client.get("/calls.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    titles, talked, missed = csv.reader(io.StringIO(answer.body.decode("utf-8-sig")))
    assert dict(zip(titles, talked, strict=True)) | {
        "started_at": "2025-11-24T08:00:00.000+00:00",
        "number": "+380441234567",
        "operators": "Иваненко Иван Иванович",
        "disposition": Disposition.ANSWERED.value,
        "talk_s": "419",
    } == dict(zip(titles, talked, strict=True))
    assert dict(zip(titles, missed, strict=True))["lead"] == "'=1+1"
    assert len((await client.get("/calls.csv?result=short")).body.splitlines()) == 2


def test_days_of_the_clock_change() -> None:
    """The last Sundays of March and October have 23 and 25 hours in Kyiv, and nothing is lost."""
    for day, hours in {
        date(2025, 3, 30): 23,
        date(2025, 10, 26): 25,
        date(2025, 11, 24): 24,
    }.items():
        period = Period("own", day, day, KYIV)
        assert period.until - period.since == hours * HOUR_MS
    assert day_begins_at(date(2025, 3, 30), KYIV) == 1_743_285_600_000
    assert day_begins_at(date(2025, 10, 27), KYIV) == 1_761_516_000_000


def test_today_is_the_day_of_the_office() -> None:
    """Half an hour before midnight in Kyiv it is still that day, whatever the day in UTC."""
    before_midnight = day_begins_at(date(2025, 11, 25), KYIV) - HOUR_MS // 2
    assert near_period("today", KYIV, before_midnight).first == date(2025, 11, 24)
    assert near_period("yesterday", KYIV, before_midnight + HOUR_MS).last == date(2025, 11, 24)
    week = near_period("week", KYIV, before_midnight)
    assert (week.first, len(week.days)) == (date(2025, 11, 18), 7)


@pytest.mark.parametrize("to", ["", "2025-13-01", "0001-01-01", "9999-12-31", "yesterday"])
def test_impossible_days_are_left_out(to: str) -> None:
    """Of a range with one good end that day is shown; without any there is no range."""
    now = MONDAY
    period = read_period({"period": "own", "from": "2025-11-20", "to": to}, KYIV, now)
    assert period == Period("own", date(2025, 11, 20), date(2025, 11, 20), KYIV)
    assert read_period({"period": "own", "to": to}, KYIV, now) is None
