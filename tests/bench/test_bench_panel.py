"""The benchmarks of the panel measure what they say: small sizes, the same parts."""

import asyncio
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bench.chart import Line, draw
from bench.filled import fill
from bench.filled_rows import LIVE_CALLS, PEOPLE_COUNT
from bench.panel_mix import FLOOR, STEPS, work
from bench.panel_pages import twenty
from bench.panel_people import add_crowd, sign_in
from bench.panel_probes import probes
from bench.processes import running
from bench.quantiles import quantile
from bench.readers import Heard, listen, port_of, speak, stream_requests
from bench.stream import multiply, read_sessions, wire
from telemarketing.ami.parsing import parse_event
from telemarketing.ami.wire import Framer, Sieve, parse_message
from telemarketing.calls.tracker import Tracker
from telemarketing.clock import now_ms
from telemarketing.model.call import Call
from telemarketing.model.changes import CallEnded, LinkChanged
from telemarketing.model.operator import Role
from telemarketing.model.viewer import Viewer
from telemarketing.phones import Numbering
from telemarketing.storage.call_pages import list_call_page
from telemarketing.storage.calls import CallFilter
from telemarketing.storage.engine import Database
from telemarketing.storage.leads import LeadFilter, list_leads
from telemarketing.storage.search import read_search
from telemarketing.web.server import Panel, make_app
from tests.calls.stream import directory
from tests.make import MONDAY
from tests.web.panel import PanelUnderTest, running_panel

_LEADS, _CALLS = 300, 1500
_EVERYBODY = Viewer(PEOPLE_COUNT + 1, "администратор", Role.ADMINISTRATOR, None)


@pytest.fixture
def filled_url(database_url: str) -> str:
    """A small database of years of work."""
    fill(database_url, _LEADS, _CALLS, MONDAY)
    return database_url


async def test_a_filled_database_is_one_of_the_program(filled_url: str) -> None:
    """The program reads it: all leads, their calls, and each lead is found by its own number."""
    database = Database(filled_url)
    await database.open()
    async with database.reading() as tx:
        leads = await list_leads(tx, LeadFilter(visible_to=_EVERYBODY), _LEADS + 1)
        calls = await list_call_page(tx, _EVERYBODY, CallFilter(live=False), _CALLS + 1)
        live = await list_call_page(tx, _EVERYBODY, CallFilter(live=True), _CALLS + 1)
        number = leads[7].phone
        assert number is not None
        search = read_search(number, Numbering("UA").normalise)
        found = await list_leads(tx, LeadFilter(visible_to=_EVERYBODY, search=search), 2)
    await database.close()
    assert len(leads) == _LEADS
    assert leads[0].created_at == MONDAY
    assert (len(calls.calls), len(live.calls)) == (_CALLS - LIVE_CALLS, LIVE_CALLS)
    assert [lead.id for lead in found] == [leads[7].id]


def test_a_filled_database_has_the_indexes_of_a_migrated_one(
    migrated_file: Path, tmp_path: Path
) -> None:
    """They are dropped while rows come in, and made again as they were."""

    def indexes(path: Path) -> set[str]:
        with closing(sqlite3.connect(path)) as connection:
            rows = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'index'")
            return {" ".join(sql.split()) for (sql,) in rows if sql}

    path = tmp_path / "filled.db"
    shutil.copy(migrated_file, path)
    fill(f"sqlite:///{path}", _LEADS, _CALLS, MONDAY)
    assert indexes(path) == indexes(migrated_file)


def test_each_probe_is_a_call_of_its_lead() -> None:
    """Every call dials the number of its lead, is answered, and lasts as long as is said."""
    events, owners = probes(leads=2, calls_each=3)
    calls = _follow(wire(events))
    assert {call.linkedid for call in calls} == owners.keys()
    numbers = {owners[call.linkedid]: call.number for call in calls}
    assert numbers == {0: "+380501900000", 1: "+380501900001"}
    assert Counter(owners.values()) == {0: 3, 1: 3}
    assert all(call.talk_ms > 1500 for call in calls)


def test_probes_are_nobody_of_the_busy_hour() -> None:
    """No call that is watched has a number or a linkedid of the calls around it."""
    events, owners = probes(leads=2, calls_each=2)
    calls = _follow(wire(events))
    others = _follow(wire(multiply(read_sessions(), 60, 50.0)))
    assert not {call.linkedid for call in others} & owners.keys()
    assert not {call.number for call in others} & {call.number for call in calls}


def _follow(stream: bytes) -> list[Call]:
    """The calls in a stream, by the program's own parser and tracker."""
    tracker = Tracker("bench", directory())
    events, _ = Sieve().select(Framer().feed(stream))
    calls = []
    for raw in events:
        event = parse_event(parse_message(raw, 0).headers, 0)
        assert event is not None
        calls += [fact.call for fact in tracker.apply(event) if isinstance(fact, CallEnded)]
    return calls


@pytest.mark.process
async def test_people_at_work_visit_every_kind_of_page(filled_url: str, tmp_path: Path) -> None:
    """All of them are answered with a page, and each answer is measured."""
    database = Database(filled_url)
    await database.open()
    under_test = PanelUnderTest(database, tmp_path)
    under_test.now_ms = MONDAY
    panel = Panel(await make_app(under_test.program()), "127.0.0.1", 0)
    await panel.start()
    people = twenty()
    tokens = await asyncio.to_thread(sign_in, filled_url, [person for person, _ in people])
    workers = [(role, token) for (_, role), token in zip(people, tokens, strict=True)]
    under_test.now_ms = now_ms()
    try:
        times = await work(panel.url.rstrip("/"), workers[-6:], 4.0, 0.0)
    finally:
        await panel.stop()
        await database.close()
    assert FLOOR in times
    assert len(times.keys() & {step.kind for step in STEPS}) > len(STEPS) / 2
    assert all(of_kind == sorted(of_kind) and of_kind[0] > 0 for of_kind in times.values())


@pytest.mark.process
async def test_readers_hear_what_open_pages_are_told(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    """Each person of a crowd holds a stream, and every message of every stream is counted."""
    async with running_panel(database, tmp_path) as panel:
        panel.now_ms = now_ms()
        people = await asyncio.to_thread(add_crowd, database_url, 25)
        tokens = await asyncio.to_thread(sign_in, database_url, people)
        requests = stream_requests(panel.url.rstrip("/"), tokens)
        with running(listen, port_of(panel.url.rstrip("/")), requests) as readers:
            assert await asyncio.to_thread(readers.recv) == "open"
            messages, open_count = 0, 0
            panel.live.publish(LinkChanged("main"))
            while messages < 25:
                readers.send("count")
                heard = await asyncio.to_thread(readers.recv)
                assert isinstance(heard, Heard)
                messages += heard.messages
                open_count = heard.open_count
            assert open_count == 25


@pytest.mark.process
def test_the_floor_of_streams_writes_what_it_says() -> None:
    """Ten messages to each of three sockets are thirty, and their bytes."""
    message = b"x" * 38 + b"\n\n"
    with running(speak, 3, message, 100.0, 0.1) as server:
        port = server.recv()
        assert isinstance(port, int)
        with running(listen, port, [b"please\n"] * 3) as readers:
            assert readers.recv() == "open"
            server.send("go")
            assert isinstance(server.recv(), float)
            readers.send("count")
            heard = readers.recv()
    assert heard == Heard(33, 33 * 40, 3), "each was greeted too"


def test_a_quantile_leaves_its_part_below() -> None:
    """Of a hundred, one is above the 99th percentile; of one, it is all of them."""
    assert quantile(range(100), 0.99) == 99
    assert quantile(range(200), 0.5) == 100
    assert quantile([7.0], 0.99) == 7.0


def test_a_chart_shows_each_line_where_its_values_are() -> None:
    """Twice as much is higher up, and the target is a line of its own."""
    sizes = [10, 100, 1000]
    lines = [Line("low & fast", sizes, [10, 20, 40]), Line("high", sizes, [100, 200, 400], True)]
    picture = ET.fromstring(draw("growth", "leads", "ms", lines, 150))  # noqa: S314
    circles = [one for one in picture if one.tag.endswith("circle")]
    heights = [float(one.attrib["cy"]) for one in circles]
    assert heights == sorted(heights, reverse=True)
    texts = {one.text for one in picture if one.tag.endswith("text")}
    assert {"low & fast: 40", "high: 400", "target 150 ms"} <= texts
