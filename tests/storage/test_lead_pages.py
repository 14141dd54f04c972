"""Pages of leads: nobody misses one that may be seen and nobody sees another, whatever the way."""

import itertools
from collections.abc import Awaitable, Callable
from random import Random

import pytest

from telemarketing.crm.accounts import Accounts
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.lead_edits import edit_lead
from telemarketing.crm.passwords import Passwords
from telemarketing.model.call import CallOperator, Direction
from telemarketing.model.lead import Lead
from telemarketing.model.viewer import Access, Viewer
from telemarketing.phones import Numbering
from telemarketing.storage.engine import Database, Transaction
from telemarketing.storage.lead_walks import Place
from telemarketing.storage.leads import LeadFilter, list_last_calls, list_leads, list_sources
from telemarketing.storage.search import read_search
from telemarketing.storage.visibility import list_lead_audiences
from tests.make import MONDAY, answered, ended, make_call, make_incoming
from tests.people import People, Person, add_people

normalise = Numbering("UA").normalise
INBOUND = 2


@pytest.fixture
async def people(database: Database) -> People:
    """One of each kind."""
    return await add_people(database, Accounts(database, Passwords(time_cost=1, memory_kib=8), 60))


@pytest.fixture
async def leads(database: Database, call_log: CallLog, people: People) -> list[Lead]:
    """Sixty leads of everybody and nobody, several made in one instant; some changed hands."""
    random = Random(7)  # noqa: S311 - the same leads every time
    extensions = ("101", "103", "102", "999")
    await call_log.record(
        [
            make_call(
                number=f"+38044{number:07d}",
                direction=Direction.INBOUND if number % 5 == 0 else Direction.OUTBOUND,
                placed_by=(extension := random.choice(extensions)),
                operators=(CallOperator(extension, 0, 0),),
                started_at=MONDAY + number // 3,
            )
            for number in range(60)
        ]
    )
    administrator = people.administrator.viewer
    async with database.reading() as tx:
        made = await list_leads(tx, LeadFilter(), 100)
    for lead in random.sample(made, 25):
        was = str(lead.responsible_id or "")
        whose = str(random.choice([person.id for person in people]))
        await edit_lead(database, administrator, lead.id, "responsible", whose, was, MONDAY)
        status = str(random.choice([1, 2, 3]))
        await edit_lead(
            database, administrator, lead.id, "status", status, str(lead.status.id), MONDAY
        )
    async with database.reading() as tx:
        return await list_leads(tx, LeadFilter(), 100)


Narrowed = Callable[[Person], LeadFilter]
FILTERS: dict[str, Narrowed] = {
    "all": lambda _: LeadFilter(),
    "mine": lambda person: LeadFilter(responsible_id=person.id),
    "of another": lambda person: LeadFilter(responsible_id=person.id % 5 + 1),
    "nobody's": lambda _: LeadFilter(unassigned=True),
    "status": lambda _: LeadFilter(status_id=2),
    "source": lambda _: LeadFilter(source_id=INBOUND),
    "made": lambda _: LeadFilter(since=MONDAY + 3, until=MONDAY + 11),
    "search": lambda _: LeadFilter(search=read_search("00000", normalise)),
    "search in status": lambda _: LeadFilter(search=read_search("3804", normalise), status_id=1),
    "short search": lambda _: LeadFilter(search=read_search("1", normalise)),
}


def matches(lead: Lead, wanted: LeadFilter) -> bool:
    """The same filters in plain Python."""
    words = wanted.search.words if wanted.search else ()
    return (
        wanted.responsible_id in {None, lead.responsible_id}
        and not (wanted.unassigned and lead.responsible_id is not None)
        and wanted.status_id in {None, lead.status.id}
        and (wanted.source_id is None or lead.source == "входящий звонок")
        and (wanted.since is None or lead.created_at >= wanted.since)
        and (wanted.until is None or lead.created_at < wanted.until)
        and all(any(reading in (lead.phone or "") for reading in word) for word in words)
    )


async def test_everybody_gets_what_the_rule_says(
    database: Database, people: People, leads: list[Lead]
) -> None:
    """For each person and filter, every way through the indexes gives what plain Python gives."""
    async with database.reading() as tx:
        audiences = await list_lead_audiences(tx, [lead.id for lead in leads])
        assert (await list_sources(tx))[INBOUND] == "входящий звонок"
        for name, person, few in itertools.product(FILTERS, people, (0, 10, 1000)):
            wanted = FILTERS[name](person)
            expected = [
                lead.id
                for lead in leads
                if matches(lead, wanted)
                and audiences[lead.id].access_of(person.viewer) is not Access.NONE
            ]
            found = await list_leads(tx, _seen_by(person.viewer, wanted), 100, few=few)
            assert [lead.id for lead in found] == expected, (name, person.login, few)


def _seen_by(viewer: Viewer, wanted: LeadFilter) -> LeadFilter:
    return LeadFilter(
        search=wanted.search,
        status_id=wanted.status_id,
        source_id=wanted.source_id,
        responsible_id=wanted.responsible_id,
        unassigned=wanted.unassigned,
        since=wanted.since,
        until=wanted.until,
        visible_to=viewer,
    )


def place(lead: Lead) -> Place:
    """Where a lead stands in the list."""
    return lead.created_at, lead.id


Step = Callable[[Lead], Awaitable[list[Lead]]]


async def walk(page: list[Lead], step: Step, *, older: bool) -> list[Lead]:
    """Go from page to page until there are no more."""
    met: list[Lead] = []
    while page:
        met = met + page if older else page + met
        page = await step(page[-1] if older else page[0])
    return met


async def test_pages_are_complete_in_both_directions(
    database: Database, people: People, leads: list[Lead]
) -> None:
    """Page by page towards the older leads and back: each comes once, in order, for everybody."""
    async with database.reading() as tx:
        for person, few in itertools.product(people, (0, 1000)):
            for search in (None, read_search("0000", normalise)):
                wanted = LeadFilter(visible_to=person.viewer, search=search)
                whole = await list_leads(tx, wanted, 100)
                older = _stepper(tx, wanted, few, older=True)
                first = await list_leads(tx, wanted, 7, few=few)
                assert await walk(first, older, older=True) == whole
                newer = _stepper(tx, wanted, few, older=False)
                last = whole[-1:]
                assert await walk(last, newer, older=False) == whole


def _stepper(tx: Transaction, wanted: LeadFilter, few: int, *, older: bool) -> Step:
    async def step(edge: Lead) -> list[Lead]:
        if older:
            return await list_leads(tx, wanted, 7, before=place(edge), few=few)
        return await list_leads(tx, wanted, 7, after=place(edge), few=few)

    return step


async def test_new_leads_do_not_shift_later_pages(
    database: Database, call_log: CallLog, people: People, leads: list[Lead]
) -> None:
    """Whoever reads the second page reads on where the first ended, whatever came meanwhile."""
    wanted = LeadFilter(visible_to=people.administrator.viewer)
    async with database.reading() as tx:
        first = await list_leads(tx, wanted, 20)
    await call_log.record(
        [make_call(number=f"+38067{number:07d}", started_at=MONDAY + 99) for number in range(30)]
    )
    async with database.reading() as tx:
        second = await list_leads(tx, wanted, 20, before=place(first[-1]))
        back = await list_leads(tx, wanted, 20, after=place(second[0]))
    assert first + second == leads[:40]
    assert back == first


async def test_the_last_call_of_each_lead(
    database: Database, call_log: CallLog, people: People
) -> None:
    """The newest one, also when another one of the same instant was stored before."""
    older = ended(answered(make_call()), talk_ms=1000)
    newer = ended(make_incoming("101", started_at=MONDAY + 50))
    await call_log.record([newer, older])
    await call_log.record([make_call(number="+380500000001", started_at=MONDAY + 60)])
    async with database.reading() as tx:
        found = {lead.phone: lead.id for lead in await list_leads(tx, LeadFilter(), 10)}
        last = await list_last_calls(tx, found.values())
    missed, live = last[found["+380441234567"]], last[found["+380500000001"]]
    assert (missed.started_at, missed.disposition.value, missed.live) == (
        MONDAY + 50,
        "no_answer",
        False,
    )
    assert live.live
