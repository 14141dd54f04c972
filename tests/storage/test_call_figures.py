"""What operators did, in figures: against plain Python, and against the lists behind them."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import Call, Direction, Disposition
from telemarketing.storage.call_figures import (
    CallFigures,
    count_new_leads,
    list_call_figures,
    sum_call_figures,
)
from telemarketing.storage.call_pages import list_call_page
from telemarketing.storage.calls import CallFilter
from telemarketing.storage.engine import Database
from tests.call_world import (
    COLLEAGUE,
    SELLER,
    SHORT_TALK_MS,
    STRANGER,
    SUPERVISOR,
    is_short,
    make_people,
    make_world,
    talk_of,
)
from tests.make import DAY_MS, MONDAY, answered, ended, make_call, make_incoming

SINCE, UNTIL = MONDAY + DAY_MS // 2, MONDAY + 2 * DAY_MS
"""A part of the days of a world, so that something is left out on both sides."""
PEOPLE = (SELLER, COLLEAGUE, STRANGER, SUPERVISOR)


def naive(calls: Iterable[Call], extension: str | None = None) -> CallFigures:
    """The figures by plain Python: of one person, or of all these calls."""
    kept = [
        call
        for call in calls
        if SINCE <= call.started_at < UNTIL and call.direction is not Direction.INTERNAL
    ]
    talk = {
        call.key: call.talk_ms if extension is None else talk_of(call, extension) for call in kept
    }
    talked = [call for call in kept if call.disposition is Disposition.ANSWERED]
    return CallFigures(
        inbound=sum(call.direction is Direction.INBOUND for call in kept),
        outbound=sum(call.direction is Direction.OUTBOUND for call in kept),
        answered=len(talked),
        talking=sum(call.ended_at is None for call in talked),
        unanswered=sum(call not in talked and call.ended_at is not None for call in kept),
        short=sum(map(is_short, kept)),
        air_ms=sum(talk.values()),
        short_air_ms=sum(talk[call.key] for call in kept if is_short(call)),
    )


@pytest.mark.parametrize("seed", range(4))
async def test_figures_are_what_a_patient_person_would_count(database: Database, seed: int) -> None:
    """Of each person the own talk; of all together each call once, whoever shared it."""
    world = await make_world(database, seed, count=80)
    ids = [world.viewers[one].id for one in PEOPLE]
    async with database.reading() as tx:
        found = await list_call_figures(tx, ids, SINCE, UNTIL, SHORT_TALK_MS)
        together = await sum_call_figures(tx, ids, SINCE, UNTIL, SHORT_TALK_MS)
        everything = await sum_call_figures(tx, None, SINCE, UNTIL, SHORT_TALK_MS)
    for extension in PEOPLE:
        expected = naive(world.of(extension), extension)
        assert found.get(world.viewers[extension].id, CallFigures()) == expected
    assert together == naive(world.of(*PEOPLE))
    assert everything == naive(world.calls)


@pytest.mark.parametrize("seed", range(3))
async def test_every_figure_is_the_length_of_its_list(database: Database, seed: int) -> None:
    """What a figure counts is what the list behind it shows, for one person and for all."""
    world = await make_world(database, seed, count=80)
    supervisor = world.viewers[SUPERVISOR]
    department = [world.viewers[one].id for one in (SELLER, COLLEAGUE, SUPERVISOR)]
    async with database.reading() as tx:
        for person in department:
            figures = await list_call_figures(tx, [person], SINCE, UNTIL, SHORT_TALK_MS)
            for wanted, count in lists(figures.get(person, CallFigures()), person):
                assert len((await list_call_page(tx, supervisor, wanted, 100)).calls) == count
        for viewer, ids in ((supervisor, department), (world.administrator, None)):
            total = await sum_call_figures(tx, ids, SINCE, UNTIL, SHORT_TALK_MS)
            for wanted, count in lists(total, None):
                assert len((await list_call_page(tx, viewer, wanted, 100)).calls) == count


def lists(figures: CallFigures, person: int | None) -> list[tuple[CallFilter, int]]:
    """The list behind each figure, with its length."""

    def of(**narrower: object) -> CallFilter:
        return CallFilter(
            operator_id=person,
            outside=True,
            since=SINCE,
            until=UNTIL,
            **narrower,  # type: ignore[arg-type]
        )

    return [
        (of(), figures.calls),
        (of(direction=Direction.INBOUND), figures.inbound),
        (of(direction=Direction.OUTBOUND), figures.outbound),
        (of(answered=True), figures.answered),
        (of(answered=False), figures.unanswered),
        (of(talk_below_ms=SHORT_TALK_MS), figures.short),
    ]


async def test_averages(database: Database) -> None:
    """With short talks and without; where nothing was answered there is no average."""
    viewers = await make_people(database)
    talks = [
        ended(answered(make_call(number=f"+38044000000{ms % 7}")), ms) for ms in (60_000, 600_000)
    ]
    await CallLog(database).record([*talks, ended(make_call())])
    async with database.reading() as tx:
        found = await list_call_figures(
            tx, [viewers[SELLER].id], MONDAY, MONDAY + DAY_MS, SHORT_TALK_MS
        )
    figures = found[viewers[SELLER].id]
    assert (figures.calls, figures.answered, figures.short) == (3, 2, 1)
    assert (figures.average_ms, figures.average_of_long_ms) == (330_000, 600_000)
    assert (CallFigures().average_ms, CallFigures().average_of_long_ms) == (None, None)


async def test_a_talk_that_goes_on_spoils_no_average(database: Database) -> None:
    """It counts as a call that was answered; its length, not known yet, counts nowhere."""
    viewers = await make_people(database)
    over = ended(answered(make_call(number="+380440000001")), 600_000)
    rings_no_more = answered(make_call(number="+380440000002"))
    goes_on = replace(rings_no_more, disposition=Disposition.ANSWERED, talk_ms=1_000)
    await CallLog(database).record([over, goes_on])
    async with database.reading() as tx:
        day = MONDAY, MONDAY + DAY_MS, SHORT_TALK_MS
        own = (await list_call_figures(tx, [viewers[SELLER].id], *day))[viewers[SELLER].id]
        total = await sum_call_figures(tx, None, *day)
    for figures in (own, total):
        assert (figures.calls, figures.answered, figures.talks, figures.short) == (2, 2, 1, 0)
        assert (figures.average_ms, figures.average_of_long_ms) == (600_000, 600_000)
    assert total.air_ms == 600_000


async def test_new_leads_of_a_day(database: Database) -> None:
    """Leads count for who answers for them, on the day on which they were made."""
    viewers = await make_people(database)
    calls = [
        make_call(number="+380440000001"),
        make_call(number="+380440000002", started_at=MONDAY + 1),
        make_call(number="+380440000003", started_at=MONDAY + DAY_MS),
        make_incoming(COLLEAGUE, number="+380440000004"),
    ]
    await CallLog(database).record(calls)
    people = [viewer.id for viewer in viewers.values()]
    async with database.reading() as tx:
        found = await count_new_leads(tx, people, MONDAY, MONDAY + DAY_MS)
    assert found == {viewers[SELLER].id: 2}


async def test_nobodys_figures_are_nothing(database: Database) -> None:
    """Without people and without calls everything is zero."""
    async with database.reading() as tx:
        assert await list_call_figures(tx, [], 0, 1, SHORT_TALK_MS) == {}
        assert await sum_call_figures(tx, None, 0, 1, SHORT_TALK_MS) == CallFigures()
        assert await count_new_leads(tx, [], 0, 1) == {}
