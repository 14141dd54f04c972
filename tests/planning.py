"""What tests of planned calls share: the rules of the office, whoever sees everything, instants."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select

from telemarketing.crm.proposals import ProposalRules
from telemarketing.crm.working_hours import WorkingHours
from telemarketing.model.operator import Role
from telemarketing.model.planned_call import PlanKind, PlannedCall
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Database
from telemarketing.storage.planned_calls import PLANNED_CALLS, to_planned_call
from telemarketing.storage.tables import leads, planned_calls

KYIV = ZoneInfo("Europe/Kyiv")
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
QUARTER_MS = 15 * MINUTE_MS

RULES = ProposalRules(
    WorkingHours(KYIV, time(9), time(18), frozenset({1, 2, 3, 4, 5})),
    retry_after_ms=(2 * HOUR_MS, 24 * HOUR_MS),
)
"""The office works from nine to six; after two attempts in vain a third one, then no more."""

EVERYBODY = Viewer(0, "Администратор", Role.ADMINISTRATOR, None)


def instant(text: str) -> int:
    """Epoch milliseconds of what the clocks of Kyiv show, `2026-11-22 10:00`."""
    return round(datetime.fromisoformat(text).replace(tzinfo=KYIV).timestamp() * 1000)


async def all_planned(database: Database, kind: PlanKind | None = None) -> list[PlannedCall]:
    """Every planned call, the closed ones too, in the order in which they were made."""
    async with database.reading() as tx:
        rows = await tx.execute(PLANNED_CALLS.order_by(planned_calls.c.id))
        found = [to_planned_call(row) for row in rows]
    return [one for one in found if kind in {None, one.kind}]


async def lead_of(database: Database, number: str) -> int:
    """The id of the lead with this phone."""
    async with database.reading() as tx:
        found = await tx.execute(select(leads.c.id).where(leads.c.phone == number))
        return int(found.scalar_one())
