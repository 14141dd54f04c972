"""Recordings in the database: whose they are, which are looked for, how many there are."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import pytest
from sqlalchemy import insert, text
from sqlalchemy.event import listen, remove

from telemarketing.crm.accounts import Accounts
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.passwords import Passwords
from telemarketing.model.call import Call
from telemarketing.model.recording import Recording, RecordingState
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database, Transaction
from telemarketing.storage.recordings import (
    count_states,
    find_recording,
    list_calls_to_look_for,
    list_expected,
    list_recordings,
    update_looked_at,
    update_to_expected,
    update_unreadable_to_expected,
)
from telemarketing.storage.tables import call_recordings
from tests.make import DAY_MS, MONDAY, answered, ended, make_call
from tests.people import People, add_people


async def add_calls(database: Database, *calls: Call) -> list[int]:
    """Store calls; returns their ids."""
    await CallLog(database).record(calls)
    async with database.reading() as tx:
        ids = {row.call.linkedid: row.id for row in await list_calls(tx, CallFilter(), 100)}
    return [ids[call.linkedid] for call in calls]


def recorded(*paths: str) -> Call:
    """A talk of 101 that is over."""
    return replace(ended(answered(make_call())), recordings=paths)


async def set_state(database: Database, call_id: int, states: Mapping[int, RecordingState]) -> None:
    """Let looks have told these states, by position."""
    async with database.writing() as tx:
        known = (await list_recordings(tx, [call_id]))[call_id]
        await update_looked_at(
            tx,
            [
                replace(known[position], state=state, file="/rec/a", looked_at=MONDAY)
                for position, state in states.items()
            ],
        )


async def recordings_of(database: Database, call_id: int) -> tuple[Recording, ...]:
    """All of a call."""
    async with database.reading() as tx:
        return (await list_recordings(tx, [call_id])).get(call_id, ())


async def plan_of(database: Database, ask: Callable[[Transaction], Awaitable[object]]) -> str:
    """How the database means to find what a function asks it for."""
    async with database.reading() as tx:
        asked: list[str] = []

        def note(*event: object) -> None:
            asked.append(str(event[2]))

        listen(tx.sync_connection, "before_cursor_execute", note)
        await ask(tx)
        remove(tx.sync_connection, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN" if tx.dialect.name == "sqlite" else "EXPLAIN"
        return str((await tx.exec_driver_sql(f"{explain} {asked[0]}")).all())


async def states_of(database: Database, call_id: int) -> list[RecordingState]:
    """Of all recordings of a call."""
    return [one.state for one in await recordings_of(database, call_id)]


@pytest.fixture
async def people(database: Database) -> People:
    """Who works here."""
    return await add_people(
        database, Accounts(database, Passwords(time_cost=1, memory_kib=8), 43_200)
    )


async def test_recordings_come_with_their_calls_in_order(database: Database) -> None:
    """Of several calls at once, each with its own; a call without any is left out."""
    first, second, none = await add_calls(
        database, recorded("/b.wav", "/a.wav"), recorded("/c.wav"), recorded()
    )
    async with database.reading() as tx:
        found = await list_recordings(tx, [none, second, first])
        assert await list_recordings(tx, []) == {}

    assert {call_id: [one.path for one in of_one] for call_id, of_one in found.items()} == {
        first: ["/b.wav", "/a.wav"],
        second: ["/c.wav"],
    }
    assert found[second][0] == Recording(
        second, 0, "/c.wav", RecordingState.EXPECTED, None, None, None, None
    )


async def test_a_stranger_finds_no_recording(database: Database, people: People) -> None:
    """Whoever took part, a supervisor of theirs and an administrator hear it; nobody else."""
    call = recorded("/a.wav")
    (call_id,) = await add_calls(database, call)
    async with database.reading() as tx:
        heard = {
            person.login: await find_recording(tx, person.viewer, call_id, 0) for person in people
        }
        beyond = await find_recording(tx, people.administrator.viewer, call_id, 1)

    assert {login for login, found in heard.items() if found is not None} == {
        "ivanenko",
        "kovalenko",
        "melnyk",
    }
    assert beyond is None
    found = heard["ivanenko"]
    assert found is not None
    assert (found.started_at, found.ended_at) == (call.started_at, call.ended_at)
    assert found.recording.path == "/a.wav"


async def test_only_calls_that_are_over_are_looked_for(database: Database) -> None:
    """A live call has no complete file; what was found or given up is not looked for again."""
    live, over, looked, done, _ = await add_calls(
        database,
        replace(answered(make_call()), recordings=("/live.wav",)),
        recorded("/a.wav", "/b.wav"),
        recorded("/c.wav"),
        recorded("/d.wav"),
        recorded(),
    )
    await set_state(database, looked, {0: RecordingState.EXPECTED})
    await set_state(database, done, {0: RecordingState.READY})
    async with database.reading() as tx:
        assert await list_calls_to_look_for(tx, never_looked=False) == [over, looked]
        assert await list_calls_to_look_for(tx, never_looked=True) == [over]
        expected = await list_expected(tx, [live, over, done])

    assert [one.recording.path for one in expected] == ["/a.wav", "/b.wav"]


async def test_a_look_does_not_overrule_another(database: Database) -> None:
    """What another daemon found stands, and so does a path that has changed meanwhile."""
    (call_id,) = await add_calls(database, recorded("/a.wav", "/b.wav"))
    known = await recordings_of(database, call_id)
    await set_state(database, call_id, {0: RecordingState.READY})
    missing = [replace(one, state=RecordingState.MISSING) for one in known]
    async with database.writing() as tx:
        await update_looked_at(tx, [missing[0], replace(missing[1], path="/c.wav")])
        await update_looked_at(tx, [])

    assert await states_of(database, call_id) == [RecordingState.READY, RecordingState.EXPECTED]


async def test_what_was_given_up_is_expected_when_somebody_asks(database: Database) -> None:
    """Missing, unreadable and outside files are looked for anew; ready and empty ones are not."""
    (call_id,) = await add_calls(database, recorded("/a", "/b", "/c", "/d", "/e"))
    states = [state for state in RecordingState if state is not RecordingState.EXPECTED]
    await set_state(database, call_id, dict(enumerate(states)))
    async with database.writing() as tx:
        assert await update_to_expected(tx, call_id) == 3

    recordings = await recordings_of(database, call_id)
    assert [one.state for one in recordings if one.looked_at is not None] == [
        RecordingState.READY,
        RecordingState.EMPTY,
    ]
    assert {one.state for one in recordings if one.looked_at is None} == {RecordingState.EXPECTED}


async def test_what_could_not_be_read_is_expected_after_a_start(database: Database) -> None:
    """Of calls of the time asked for, unreadable files get another chance."""
    new, old = await add_calls(
        database,
        recorded("/a.wav", "/b.wav"),
        replace(recorded("/c.wav"), started_at=MONDAY - DAY_MS),
    )
    await set_state(database, new, {0: RecordingState.UNREADABLE, 1: RecordingState.MISSING})
    await set_state(database, old, {0: RecordingState.UNREADABLE})
    async with database.writing() as tx:
        assert await update_unreadable_to_expected(tx, MONDAY) == 1

    assert await states_of(database, new) == [RecordingState.EXPECTED, RecordingState.MISSING]
    assert await states_of(database, old) == [RecordingState.UNREADABLE]


async def test_states_are_counted_since_an_instant(database: Database) -> None:
    """Older calls are left out, and so are states that no recording has."""
    new, old = await add_calls(
        database,
        recorded("/a.wav", "/b.wav", "/c.wav"),
        replace(recorded("/d.wav"), started_at=MONDAY - 1),
    )
    await set_state(database, new, {0: RecordingState.MISSING})
    await set_state(database, old, {0: RecordingState.READY})
    async with database.reading() as tx:
        assert await count_states(tx, MONDAY) == {
            RecordingState.MISSING: 1,
            RecordingState.EXPECTED: 2,
        }
        assert await count_states(tx, MONDAY + DAY_MS) == {}


async def test_expected_files_are_found_among_many_without_reading_all(database: Database) -> None:
    """Of 20,000 recordings that are ready nothing is read to find the one that is expected."""
    calls = await add_calls(database, recorded("/a.wav"), recorded("/b.wav"))
    async with database.writing() as tx:
        await tx.execute(
            insert(call_recordings),
            [
                {"call_id": calls[0], "position": n, "path": "x", "state": "ready"}
                for n in range(1, 20_001)
            ],
        )
        await tx.execute(text("ANALYZE call_recordings"))
    steps = await plan_of(database, lambda tx: list_calls_to_look_for(tx, never_looked=True))

    assert "ix_call_recordings_expected" in steps
