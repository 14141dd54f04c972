"""The page of leads: what each person finds there, and how the list is paged and filtered."""

import re
from html import unescape

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.lead_edits import edit_lead
from telemarketing.model.call import CallOperator
from tests.make import MONDAY, answered, ended, make_call, make_incoming
from tests.people import People, Person
from tests.web.panel import NOON, PanelUnderTest

MINE, NOBODYS, COLLEAGUES, STRANGERS = (f"+38044000000{n}" for n in range(1, 5))
ALL = [STRANGERS, COLLEAGUES, NOBODYS, MINE]


@pytest.fixture(autouse=True)
async def leads(panel: PanelUnderTest, people: People) -> None:
    """A lead of the operator, of nobody, of a colleague, of a stranger; the last is the newest."""
    calls = [
        ended(
            answered(
                make_call(
                    number=number,
                    placed_by=extension,
                    operators=(CallOperator(extension, 0, 0),),
                    started_at=MONDAY + at,
                ),
                by=extension,
            )
        )
        for at, number, extension in (
            (1, MINE, "101"),
            (3, COLLEAGUES, "103"),
            (4, STRANGERS, "102"),
        )
    ]
    calls.append(ended(make_incoming("102", number=NOBODYS, started_at=MONDAY + 2)))
    await CallLog(panel.database).record(calls)


async def shown(panel: PanelUnderTest, person: Person, path: str = "/leads") -> list[str]:
    """The phones of the leads that somebody sees there, in their order."""
    visitor = await panel.signed_in(person)
    answer = await visitor.get(path)
    assert answer.status == 200, answer.text
    return numbers_in(answer.text)


def numbers_in(html: str) -> list[str]:
    """The numbers of the leads in a list, without their punctuation."""
    links = re.findall(r'href="/leads/\d+">(.*?)</a>', html)
    return [re.sub(r"[^+\d]", "", unescape(link)) for link in links]


async def test_everybody_sees_what_is_theirs(panel: PanelUnderTest, people: People) -> None:
    """Own leads and nobody's; a supervisor the department's; an administrator all."""
    expected = {
        people.operator: [NOBODYS, MINE],
        people.colleague: [COLLEAGUES, NOBODYS],
        people.stranger: [STRANGERS, NOBODYS],
        people.supervisor: [COLLEAGUES, NOBODYS, MINE],
        people.administrator: ALL,
    }
    assert {person: await shown(panel, person) for person in people} == expected
    found = {person: await shown(panel, person, "/search?q=0440000") for person in people}
    assert found == expected


async def test_filters(panel: PanelUnderTest, people: People) -> None:
    """Each one stands in the address; what is not understood is left out."""
    administrator, operator = people.administrator, people.operator
    for query, expected in (
        ("q=0440000003", [COLLEAGUES]),
        ("q=нет+такого", []),
        ("whose=nobody", [NOBODYS]),
        (f"whose={people.stranger.id}", [STRANGERS]),
        ("status=1", ALL),
        ("status=2", []),
        ("source=2", [NOBODYS]),
        ("period=today", ALL),
        ("period=yesterday", []),
        ("status=x&whose=y&source=-1&before=a:b&after=1", ALL),
    ):
        assert await shown(panel, administrator, f"/leads?{query}") == expected, query
    assert await shown(panel, operator, "/leads?whose=mine") == [MINE]
    assert await shown(panel, operator, f"/leads?whose={people.stranger.id}") == []


async def test_the_form_asks_for_its_part_and_keeps_the_address(
    panel: PanelUnderTest, people: People
) -> None:
    """While somebody types, htmx gets the list alone; the address says what is filtered."""
    visitor = await panel.signed_in(people.operator)
    part = {"HX-Request": "true", "HX-Request-Type": "partial"}
    answer = await visitor.get("/leads?q=0001&status=&whose=mine", headers=part)
    assert "<html" not in answer.text
    assert numbers_in(answer.text) == [MINE]
    assert answer.headers["HX-Push-Url"] == "/leads?q=0001&whose=mine"
    assert 'value="0001"' in answer.text


async def test_nothing_to_show_says_why(panel: PanelUnderTest, people: People) -> None:
    """Of a search that finds nothing, and of a short one, which looks at the newest leads only."""
    visitor = await panel.signed_in(people.operator)
    nothing = await visitor.get("/leads?q=xyzxyz")
    assert "Nothing was found. Try a shorter part" in nothing.text
    short = await visitor.get("/leads?q=00")
    assert "among the newest 2,000 leads only" in short.text
    assert numbers_in(short.text) == [NOBODYS, MINE]


async def test_pages_go_on_and_back(panel: PanelUnderTest, people: People) -> None:
    """Fifty a page; the first one is live, a later one only tells that something new has come."""
    log = CallLog(panel.database)
    many = [f"+38067{number:07d}" for number in range(120)]
    await log.record(
        [make_call(number=number, started_at=MONDAY + 10 + at) for at, number in enumerate(many)]
    )
    visitor = await panel.signed_in(people.administrator)
    met: list[str] = []
    first = answer = await visitor.get("/leads")
    while True:
        met += numbers_in(answer.text)
        older = re.search(r'rel="next" href="([^"]+)"', answer.text)
        if older is None:
            break
        answer = await visitor.get(unescape(older[1]))
    assert met == many[::-1] + ALL
    assert "live:leads" in first.text.split('id="lead-list"')[1][:300]
    assert "live:leads" not in answer.text.split('id="lead-list"')[1][:300]
    newer = re.search(r'rel="prev" href="([^"]+)"', answer.text)
    assert newer is not None
    back = await visitor.get(unescape(newer[1]))
    assert numbers_in(back.text) == (many[::-1] + ALL)[50:100]
    await log.record([make_call(number="+380990000001", started_at=NOON + 1)])
    news = re.search(r'hx-get="(/leads/new\?since=\d+)"', answer.text)
    assert news is not None
    assert "1 new lead" in (await visitor.get(news[1])).text


async def test_of_a_lead_of_others_the_list_tells_little(
    panel: PanelUnderTest, people: People
) -> None:
    """Who was in a call with it sees title, status, whose it is and the last contact."""
    administrator = people.administrator.viewer
    await CallLog(panel.database).record(
        [ended(make_incoming("101", number=STRANGERS, started_at=MONDAY + 50))]
    )
    visitor = await panel.signed_in(people.administrator)
    path = re.findall(r'href="(/leads/\d+)"', (await visitor.get(f"/leads?q={STRANGERS[3:]}")).text)
    lead_id = int(path[0].rpartition("/")[2])
    await edit_lead(panel.database, administrator, lead_id, "title", "Ромашка", STRANGERS, MONDAY)
    operator = await panel.signed_in(people.operator)
    listed = (await operator.get("/leads?q=ромашка")).text
    assert "Ромашка" in listed
    assert "Петренко П. П." in listed.replace("&nbsp;", " ")
    assert "000-00-04" not in listed
    owner = await panel.signed_in(people.stranger)
    assert "000-00-04" in (await owner.get("/leads?q=ромашка")).text
