"""Snapshots that are left out, come twice or come together must not change what is stored."""

import itertools
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.operators import add_operator
from telemarketing.model.call import Call, CallOperator, Disposition
from telemarketing.model.lead import Lead
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from telemarketing.storage.leads import LeadFilter, list_leads
from tests.make import MONDAY, answered, ended, make_call, make_incoming

pytestmark = pytest.mark.process  # for its length

Story = tuple[Call, ...]
"""One call as it becomes known, snapshot by snapshot."""


@st.composite
def stories(draw: st.DrawFn, counter: int) -> Story:
    """A call of any kind: its number may come late, more phones may ring, it may be seen late."""
    number = draw(st.sampled_from(["+380440000001", "+380440000002", None]))
    make = draw(st.sampled_from([make_call, make_incoming]))
    first = replace(
        make(
            linkedid=f"7.{counter}",
            number=number,
            raw_number=number,
            withheld=number is None,
            operators=(CallOperator("101", 0, 0),),
            started_at=MONDAY + counter * 1000,
        ),
        seen_from_start=draw(st.booleans()),
    )
    story = [first]
    if number is not None and draw(st.booleans()):
        story.insert(0, replace(first, number=None, raw_number=None))
    if draw(st.booleans()):
        more = (*first.operators, CallOperator("102", 0, 0))
        story.append(replace(first, operators=more))
    if draw(st.booleans()):
        story.append(answered(story[-1], by=draw(st.sampled_from(["101", "102", "999"]))))
    story.append(replace(story[-1], recordings=("/var/spool/a.wav",)))
    story.append(ended(story[-1], talk_ms=draw(st.integers(0, 500_000))))
    return tuple(story)


@st.composite
def runs(draw: st.DrawFn) -> tuple[list[Story], list[list[Call]]]:
    """Three calls one after the other, and their snapshots, thinned, doubled and cut in batches."""
    told = [draw(stories(counter)) for counter in range(3)]
    thinned = [
        snapshot
        for story in told
        for snapshot in story
        for _ in range(1 if snapshot is story[-1] else draw(st.integers(0, 2)))
    ]
    cuts = sorted(draw(st.sets(st.integers(0, len(thinned)))) | {0, len(thinned)})
    return told, [thinned[start:end] for start, end in itertools.pairwise(cuts)]


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(run=runs())
async def test_any_coalescing_gives_the_same_rows(
    run: tuple[list[Story], list[list[Call]]], migrated_file: Path
) -> None:
    """Snapshots one by one, or in any batches with any of the earlier ones left out: same rows."""
    told, batches = run
    one_by_one = [[snapshot] for story in told for snapshot in story]
    assert await stored_after(batches, migrated_file) == await stored_after(
        one_by_one, migrated_file
    )


async def stored_after(
    batches: Sequence[Sequence[Call]], migrated_file: Path
) -> tuple[list[tuple[Call, str | None]], list[Lead]]:
    """All calls with their leads' titles, and all leads, after recording into a new database."""
    with TemporaryDirectory() as folder:
        path = shutil.copy(migrated_file, Path(folder) / "telemarketing.db")
        database = Database(f"sqlite:///{path}")
        await database.open()
        try:
            for extension, name in (("101", "Перший"), ("102", "Друга")):
                await add_operator(
                    database, full_name=name, extensions=[extension], valid_from=MONDAY
                )
            for batch in batches:
                await CallLog(database).record(batch)
            async with database.reading() as tx:
                calls = await list_calls(tx, CallFilter(), limit=100)
                leads = await list_leads(tx, LeadFilter(), limit=100)
        finally:
            await database.close()
    assert all(one.call.disposition is not Disposition.UNKNOWN for one in calls)
    return [(one.call, one.lead_title) for one in calls], leads
