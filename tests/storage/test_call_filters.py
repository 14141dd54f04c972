"""Pages of calls: whose list has what, what filters leave of it, and that paging is whole."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import Call, CallOperator, Direction, Disposition
from telemarketing.model.viewer import Viewer
from telemarketing.storage.call_pages import list_call_page
from telemarketing.storage.calls import CallFilter
from telemarketing.storage.engine import Database, Transaction
from tests.call_world import (
    COLLEAGUE,
    SELLER,
    SHORT_TALK_MS,
    STRANGER,
    SUPERVISOR,
    World,
    had,
    is_short,
    make_people,
    make_world,
    only,
)
from tests.make import DAY_MS, MONDAY, answered, ended, make_call, make_incoming

Truth = Callable[[Call], bool]

FILTERS: dict[CallFilter, Truth] = {
    CallFilter(): lambda call: True,
    CallFilter(direction=Direction.INBOUND): lambda call: call.direction is Direction.INBOUND,
    CallFilter(outside=True): lambda call: call.direction is not Direction.INTERNAL,
    CallFilter(disposition=Disposition.BUSY): lambda call: call.disposition is Disposition.BUSY,
    CallFilter(answered=True): lambda call: call.disposition is Disposition.ANSWERED,
    CallFilter(answered=False): lambda call: (
        call.disposition is not Disposition.ANSWERED and call.ended_at is not None
    ),
    CallFilter(talk_below_ms=SHORT_TALK_MS): is_short,
    CallFilter(talk_from_ms=SHORT_TALK_MS): lambda call: (
        call.talk_ms >= SHORT_TALK_MS and call.direction is not Direction.INTERNAL
    ),
    CallFilter(live=True): lambda call: call.ended_at is None,
    CallFilter(since=MONDAY + DAY_MS, until=MONDAY + 2 * DAY_MS): lambda call: (
        MONDAY + DAY_MS <= call.started_at < MONDAY + 2 * DAY_MS
    ),
    CallFilter(talk_below_ms=SHORT_TALK_MS, direction=Direction.OUTBOUND, since=MONDAY + DAY_MS): (
        lambda call: (
            is_short(call)
            and call.direction is Direction.OUTBOUND
            and call.started_at >= MONDAY + DAY_MS
        )
    ),
}


@pytest.fixture
async def world(database: Database) -> World:
    """Some days of calls."""
    return await make_world(database, seed=1)


@pytest.fixture
async def tx(database: Database, world: World) -> AsyncIterator[Transaction]:
    """To read them."""
    async with database.reading() as tx:
        yield tx


async def all_pages(
    tx: Transaction, viewer: Viewer, wanted: CallFilter, limit: int = 7
) -> list[Call]:
    """A whole list, page after page."""
    page = await list_call_page(tx, viewer, wanted, limit)
    found = [stored.call for stored in page.calls]
    while page.older is not None:
        page = await list_call_page(tx, viewer, wanted, limit, before=page.older)
        found += [stored.call for stored in page.calls]
    return found


async def test_everybody_has_the_own_list(tx: Transaction, world: World) -> None:
    """Operators page through calls they had, a supervisor the department's, administrators all."""
    expected = {
        world.viewers[SELLER]: world.of(SELLER),
        world.viewers[STRANGER]: world.of(STRANGER),
        world.viewers[SUPERVISOR]: world.of(SELLER, COLLEAGUE, SUPERVISOR),
        world.administrator: list(world.calls),
    }
    for viewer, calls in expected.items():
        assert await all_pages(tx, viewer, CallFilter()) == calls


@pytest.mark.parametrize("who", [SELLER, SUPERVISOR, "administrator"])
async def test_filters_leave_what_they_say(tx: Transaction, world: World, who: str) -> None:
    """Each filter and a combination, for everybody, page by page, against plain Python."""
    viewer = world.viewers.get(who, world.administrator)
    whole = await all_pages(tx, viewer, CallFilter())
    for wanted, is_wanted in FILTERS.items():
        assert await all_pages(tx, viewer, wanted, limit=4) == only(whole, is_wanted), wanted


async def test_an_operators_calls_are_those_the_operator_had(tx: Transaction, world: World) -> None:
    """A supervisor asks for one person; of a stranger, for calls the department took part in."""
    supervisor = world.viewers[SUPERVISOR]
    for extension in (SELLER, COLLEAGUE):
        wanted = CallFilter(operator_id=world.viewers[extension].id)
        assert await all_pages(tx, supervisor, wanted) == world.of(extension)
    department = {SELLER, COLLEAGUE, SUPERVISOR}
    shared = CallFilter(operator_id=world.viewers[STRANGER].id)
    found = await all_pages(tx, supervisor, shared)
    for call in only(world.of(STRANGER), lambda call: call not in found):
        assert not department & {one.extension for one in call.operators}


async def test_the_border_of_a_short_talk(database: Database) -> None:
    """6:59.999 is short and 7:00.000 is not; unanswered and internal calls never are."""
    viewers = await make_people(database)
    last_short, first_long = (
        ended(answered(make_call(started_at=MONDAY + talk_ms)), talk_ms)
        for talk_ms in (SHORT_TALK_MS - 1, SHORT_TALK_MS)
    )
    internal = ended(
        answered(make_call(direction=Direction.INTERNAL, number=None, raw_number=None)), 5000
    )
    talking = answered(make_call())
    await CallLog(database).record([last_short, first_long, internal, talking, ended(make_call())])
    async with database.reading() as tx:
        short = await all_pages(tx, viewers[SELLER], CallFilter(talk_below_ms=SHORT_TALK_MS))
        long = await all_pages(tx, viewers[SELLER], CallFilter(talk_from_ms=SHORT_TALK_MS))
    assert short == [last_short]
    assert long == [first_long]


async def test_pages_are_whole_while_calls_come_in(database: Database, world: World) -> None:
    """New calls between two pages neither repeat nor hide anything on the way to older ones."""
    viewer = world.viewers[SELLER]
    found: list[Call] = []
    before = None
    while True:
        async with database.reading() as tx:
            page = await list_call_page(tx, viewer, CallFilter(), 5, before=before)
        found += [stored.call for stored in page.calls]
        if (before := page.older) is None:
            break
        arrival = make_call(number="+380501112233", started_at=MONDAY + 9 * DAY_MS)
        await CallLog(database).record([ended(arrival)])
    assert found == world.of(SELLER)


async def test_there_and_back_again(tx: Transaction, world: World) -> None:
    """The way to newer calls shows the same pages; at its end stands the first page, full."""
    viewer = world.administrator
    first = await list_call_page(tx, viewer, CallFilter(), 10)
    second = await list_call_page(tx, viewer, CallFilter(), 10, before=first.older)
    third = await list_call_page(tx, viewer, CallFilter(), 10, before=second.older)
    assert first.newer is None
    assert third.newer is not None
    back = await list_call_page(tx, viewer, CallFilter(), 10, after=third.newer)
    assert back == second
    assert await list_call_page(tx, viewer, CallFilter(), 10, after=back.newer) == first


async def test_a_call_of_many_people_stands_once(database: Database) -> None:
    """Two of the department in one call, one of them with two telephones: one row."""
    viewers = await make_people(database)
    call = ended(make_incoming(SELLER, COLLEAGUE))
    call = replace(call, operators=(*call.operators, CallOperator(SELLER, 10, 0)))
    await CallLog(database).record([call])
    async with database.reading() as tx:
        for person in (SELLER, SUPERVISOR):
            page = await list_call_page(tx, viewers[person], CallFilter(), 10)
            assert len(page.calls) == 1


async def test_who_took_over_sees_the_call(database: Database) -> None:
    """A transferred call is in the lists of both who talked, and a stranger's stays empty."""
    viewers = await make_people(database)
    talked = ended(answered(make_incoming(SELLER, COLLEAGUE)))
    moved = replace(
        talked,
        transferred=True,
        operators=(CallOperator(SELLER, 4000, 30_000), CallOperator(COLLEAGUE, 2000, 30_000)),
    )
    await CallLog(database).record([moved])
    async with database.reading() as tx:
        for person, calls in {SELLER: [moved], COLLEAGUE: [moved], STRANGER: []}.items():
            assert await all_pages(tx, viewers[person], CallFilter()) == calls
            assert await all_pages(tx, viewers[person], CallFilter(number=moved.number)) == calls
            assert await all_pages(tx, viewers[person], CallFilter(digits=("1234567",))) == calls


async def test_whose_phone_only_rang_had_no_call(database: Database) -> None:
    """A call that a colleague answered is not in the list of those who were rung beside."""
    viewers = await make_people(database)
    await CallLog(database).record([ended(answered(make_incoming(SELLER, COLLEAGUE)))])
    async with database.reading() as tx:
        assert await all_pages(tx, viewers[COLLEAGUE], CallFilter()) == []
        assert len(await all_pages(tx, viewers[SELLER], CallFilter())) == 1


async def test_any_part_of_a_number_finds_calls(tx: Transaction, world: World) -> None:
    """Three digits or two, anywhere in the number; a withheld number is never found."""
    for digits in ("004412300", "12300", "07", "999"):
        found = await all_pages(tx, world.administrator, CallFilter(digits=(digits,)))
        assert found == only(world.calls, lambda call: digits in (call.number or ""))  # noqa: B023


async def test_a_number_shows_all_that_one_may_see(tx: Transaction, world: World) -> None:
    """Asked for a number, the list has every visible call of it, and nothing of strangers."""
    for number in {call.number for call in world.calls if call.number}:
        mine = only(world.of(SELLER), lambda call: call.number == number)  # noqa: B023
        found = await all_pages(tx, world.viewers[SELLER], CallFilter(number=number))
        assert [call for call in found if had(call, SELLER)] == mine
        assert {call.number for call in found} <= {number}


async def test_a_far_search_goes_on_from_where_it_ended(database: Database, world: World) -> None:
    """A page that looked far enough says how far, and the next one finds what is older."""
    wanted = CallFilter(until=MONDAY + 3 * DAY_MS, disposition=Disposition.BUSY)
    viewer = world.administrator
    async with database.reading() as tx:
        page = await list_call_page(tx, viewer, wanted, 5, deepest=10)
        found = list(page.calls)
        searched_to = [page.searched_to]
        while page.older is not None:
            page = await list_call_page(tx, viewer, wanted, 5, before=page.older, deepest=10)
            found += page.calls
            searched_to.append(page.searched_to)
    assert [stored.call for stored in found] == only(
        world.calls, lambda call: call.disposition is Disposition.BUSY
    )
    assert any(searched_to)
    assert searched_to[-1] is None
