"""The page of operators: who sees whose figures, and that each figure opens the list it counts."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import insert, select

from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import CallOperator
from telemarketing.storage.tables import leads, planned_calls
from tests.call_world import SHORT_TALK_MS, any_calls, is_short
from tests.make import DAY_MS, MONDAY, answered, ended, make_call, make_incoming
from tests.people import Person
from tests.web.panel import NOON, PanelUnderTest, Visitor

COLLEAGUES = (CallOperator("103", 0, 0),)
PLAN = {
    "kind": "planned",
    "state": "open",
    "has_time": True,
    "zone": "Europe/Kyiv",
    "note": "",
    "created_at": 1,
}
ROW = re.compile(r"<tr( class=\"table-sum\"| id=\"figures-[^\"]+\")>(.*?)</tr>", re.DOTALL)
LINK = re.compile(r'<a href="(/calls[^"]+)">([^<]+)</a>')


async def page_of(panel: PanelUnderTest, person: Person, query: str = "") -> tuple[Visitor, str]:
    """The page as somebody gets it."""
    client = await panel.signed_in(person)
    answer = await client.get(f"/operators{query}")
    assert answer.status == 200
    return client, answer.text


async def length_of_list(client: Visitor, address: str) -> int:
    """How many calls a list has, all its pages together."""
    count, next_page = 0, address
    while next_page:
        text = (await client.get(next_page)).text
        count += text.count('<tr id="call-')
        older = re.search(r'rel="next" href="([^"]+)"', text)
        next_page = unescape(older[1]) if older else ""
    return count


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("who", ["operator", "supervisor", "administrator"])
async def test_every_figure_opens_a_list_of_its_length(
    panel: PanelUnderTest, seed: int, who: str
) -> None:
    """In a world made by chance, whoever looks: the number is the length of the list behind it."""
    await CallLog(panel.database).record(any_calls(seed, 70, since=NOON - 3 * DAY_MS))
    person: Person = getattr(panel.people, who)
    client, text = await page_of(panel, person, "?period=week")
    links = [(unescape(address), int(number)) for address, number in LINK.findall(text)]
    assert len(links) > 10
    for address, number in dict(links).items():
        assert await length_of_list(client, address) == number, address


async def test_everybody_sees_whom_he_or_she_stands_for(panel: PanelUnderTest) -> None:
    """An operator own days, a supervisor the department, the administrator all."""
    people = panel.people
    _, own = await page_of(panel, people.operator)
    assert "My figures" in own
    assert "Сидоренко" not in own
    _, department = await page_of(panel, people.supervisor)
    assert "Иваненко И. И." in unescape(department).replace("\xa0", " ")
    assert "Петренко" not in department
    _, everybody = await page_of(panel, people.administrator)
    assert "Петренко" in everybody


async def test_whose_figures_may_not_be_seen_is_not_there(panel: PanelUnderTest) -> None:
    """To a supervisor a stranger is as if there were no such person; an operator gets the own."""
    stranger = panel.people.stranger.id
    client = await panel.signed_in(panel.people.supervisor)
    assert (await client.get(f"/operators?operator={stranger}")).status == 404
    _, own = await page_of(panel, panel.people.operator, f"?operator={stranger}")
    assert "Петренко" not in own


async def test_days_of_one_person(panel: PanelUnderTest) -> None:
    """Line by line each day of the week, the latest first, with its own calls."""
    calls = [
        ended(answered(make_call(number=f"+3804412300{n:02d}", started_at=NOON - n * DAY_MS)), ms)
        for n, ms in enumerate((60_000, 600_000))
    ]
    await CallLog(panel.database).record(calls)
    _, text = await page_of(
        panel, panel.people.supervisor, f"?operator={panel.people.operator.id}&period=week"
    )
    lines = [re.sub(r"<[^>]+>|\s+", " ", row) for _, row in ROW.findall(text)]
    assert len(lines) == 8
    assert "Monday, 24 November" in lines[0].replace("\xa0", " ")
    for line, air in zip(lines, ("1:00", "10:00", "0:00"), strict=False):
        assert f" {air} " in line
    assert " 11:00 " in lines[-1]


async def test_a_day_ends_at_midnight_of_the_office(panel: PanelUnderTest) -> None:
    """A call at 23:59 in Kyiv is yesterday's, though it is the same day in UTC."""
    midnight = MONDAY - 10 * 3_600_000
    await CallLog(panel.database).record(
        [
            ended(make_call(number="+380441230001", started_at=midnight - 1)),
            ended(make_call(number="+380441230002", started_at=midnight)),
        ]
    )
    client, _ = await page_of(panel, panel.people.operator)
    for period, number in {"today": "00-02", "yesterday": "00-01"}.items():
        text = (await client.get(f"/calls?period={period}")).text
        assert re.findall(r"123-(00-0\d)", text.split("<tbody")[1])[0] == number


async def test_both_ways_to_count_short_talks(panel: PanelUnderTest) -> None:
    """One short talk, one long and two unanswered: half of the answered, a quarter of all."""
    numbers = (f"+3804412300{n:02d}" for n in range(4))
    await CallLog(panel.database).record(
        [
            ended(answered(make_call(number=next(numbers))), SHORT_TALK_MS - 1),
            ended(answered(make_call(number=next(numbers))), SHORT_TALK_MS),
            ended(make_call(number=next(numbers))),
            ended(make_call(number=next(numbers))),
        ]
    )
    _, text = await page_of(panel, panel.people.supervisor)
    (total,) = (row for name, row in ROW.findall(text) if "table-sum" in name)
    assert re.findall(r">(\d+)%<", total) == ["50", "25"]


async def test_figures_link_to_what_else_they_count(panel: PanelUnderTest) -> None:
    """New leads lead to the leads of that person and these days, callbacks to that person's."""
    await CallLog(panel.database).record([make_call(number="+380441230001")])
    _, text = await page_of(panel, panel.people.supervisor)
    (address,) = set(re.findall(r'href="(/leads\?[^"]+)"', text))
    query = parse_qs(urlsplit(unescape(address)).query)
    assert query == {"whose": [str(panel.people.operator.id)], "period": ["today"]}


async def test_callbacks_are_counted_as_their_list_has_them(panel: PanelUnderTest) -> None:
    """Own ones and everybody's, those whose time has passed apart; together each counts once."""
    log = CallLog(panel.database)
    await log.record(
        [
            make_call(number="+380441230001"),
            make_call(number="+380441230002", placed_by="103", operators=COLLEAGUES),
            ended(make_incoming("199", number="+380441230003")),
        ]
    )
    async with panel.database.writing() as tx:
        ids = {phone: id_ for id_, phone in await tx.execute(select(leads.c.id, leads.c.phone))}
        owners = {"1": panel.people.operator.id, "2": panel.people.colleague.id, "3": None}
        for last, owner in owners.items():
            for due_at in (NOON - 60_000, NOON + 60_000):
                values = PLAN | {"operator_id": owner, "due_at": due_at}
                lead_id = ids[f"+38044123000{last}"]
                await tx.execute(insert(planned_calls).values(lead_id=lead_id, **values))
    client, text = await page_of(panel, panel.people.supervisor)
    found = dict(re.findall(r'href="(/callbacks[^"]*)">(\d+)<', text.split("</thead>")[1]))
    by_name = {
        f"/callbacks?operator={panel.people.operator.id}": "2",
        f"/callbacks?operator={panel.people.colleague.id}": "2",
        f"/callbacks?operator={panel.people.supervisor.id}": "1",
        "/callbacks": "3",
    }
    assert found == by_name, "the last one of each line is the count of what is overdue"
    for address, overdue in by_name.items():
        behind = (await client.get(address)).text
        assert len(set(re.findall(r'<tr id="(callback-\d+)"', behind))) == 2 * int(overdue)


def test_the_world_has_what_it_is_about() -> None:
    """The calls made by chance have short talks, so that a figure without them could not pass."""
    assert any(map(is_short, any_calls(1, 70, since=NOON - 3 * DAY_MS)))
