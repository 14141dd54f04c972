"""A week in the life of an office, for the pages to show: the same for every run.

In: an empty database and a folder for sound. Out: a running panel whose clock stands at Monday noon
in Kyiv, with calls that go on, calls of a week, cards that were filled in, and plans.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import select

from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import Call, CallOperator, Direction
from telemarketing.model.changes import LeadCreated
from telemarketing.model.viewer import Access
from telemarketing.pbxsim.history import week_of_history
from telemarketing.pbxsim.office import Office
from telemarketing.pbxsim.recorder import write_wav
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate
from telemarketing.storage.tables import leads
from telemarketing.storage.visibility import list_lead_audiences
from tests.make import answered, make_call, make_incoming
from tests.planning import RULES
from tests.web.panel import NOON, PanelUnderTest, running_panel

KNOWN = "+380441234567"
"""Whose card is filled in; talks with the operator right now."""
UNKNOWN = "+380671230000"
"""Rings the operator's colleague for the first time."""


@dataclass(frozen=True, slots=True)
class World:
    """What stands in the database, by the names that tests use."""

    panel: PanelUnderTest
    known_lead_id: int
    limited_lead_id: int
    """Somebody else's, with whom the stranger was in a call."""
    calls: tuple[Call, ...]
    """All that are over."""


@asynccontextmanager
async def world(folder: Path) -> AsyncIterator[World]:
    """Make it, and let its panel run."""
    url = f"sqlite:///{folder}/world.db"
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    await database.open()
    try:
        async with running_panel(database, folder) as panel:
            calls = _week(panel)
            log = CallLog(database, RULES)
            await log.record(calls)
            facts = await log.record(_live_calls())
            (known,) = (
                fact.lead_id
                for fact in facts
                if isinstance(fact, LeadCreated) and fact.phone == KNOWN
            )
            yield World(panel, known, await _limited_lead(panel), tuple(calls))
    finally:
        await database.close()


async def _limited_lead(panel: PanelUnderTest) -> int:
    stranger = panel.people.stranger.viewer
    async with panel.database.reading() as tx:
        ids = (await tx.scalars(select(leads.c.id).order_by(leads.c.id))).all()
        audiences = await list_lead_audiences(tx, ids)
    return next(
        lead_id
        for lead_id, audience in audiences.items()
        if audience.access_of(stranger) is Access.LIMITED
    )


def _week(panel: PanelUnderTest) -> list[Call]:
    office = Office(extensions=("101", "103", "102"), zone=ZoneInfo("Europe/Kyiv"))
    calls = week_of_history(office, until=NOON, seed=3, recordings=panel.recordings)
    recorded = [call for call in calls if call.recordings][-12:]
    for call in recorded:
        write_wav(Path(call.recordings[0]), call.talk_ms, Random(call.linkedid))  # noqa: S311 - noises
    kept = {call.key for call in recorded}
    return [call if call.key in kept else replace(call, recordings=()) for call in calls]


def _live_calls() -> list[Call]:
    talking = answered(make_call(number=KNOWN, raw_number="0441234567", started_at=NOON - 450_000))
    ringing = make_incoming(
        "103", number=UNKNOWN, raw_number="380671230000", started_at=NOON - 7_000
    )
    internal = make_call(
        direction=Direction.INTERNAL,
        number=None,
        raw_number=None,
        placed_by="102",
        operators=(CallOperator("102", 0, 0),),
        started_at=NOON - 3_000,
    )
    return [talking, ringing, internal]
