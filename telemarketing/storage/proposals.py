"""What the service itself keeps of calls that are to be made, in few statements for many leads.

In: leads whose calls have just ended. Out: what is pending for them and what their calls tell; then
what of it has changed. It decides nothing: the rules are in `crm.proposals`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import BindParameter, Select, bindparam, func, insert, select, update

from telemarketing.model.call import Direction
from telemarketing.model.planned_call import PlanKind, PlanState
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import calls, leads, planned_calls


@dataclass(frozen=True, slots=True)
class PendingCall:
    """A planned call as far as the rules of proposals go."""

    id: int | None
    """None = not stored yet."""
    lead_id: int
    kind: PlanKind
    state: PlanState
    operator_id: int | None
    due_at: int
    has_time: bool
    created_at: int
    attempt_count: int
    cause_call_id: int | None
    closed_at: int | None = None
    closing_call_id: int | None = None


@dataclass(frozen=True, slots=True)
class LeadCalls:
    """What the ended calls of a lead tell; of an estimated end, only that somebody talked."""

    responsible_id: int | None
    talked_until: int | None
    """Epoch milliseconds of the end of the last talk; None = nobody ever talked."""
    attempt_count: int
    """Attempts of ours in a row that were not answered, since anybody talked."""


async def list_pending_for_update(tx: Transaction, lead_ids: Collection[int]) -> list[PendingCall]:
    """Give what is pending for leads, and keep people from changing it. One query, or none."""
    if not lead_ids:
        return []
    found = await tx.execute(_pending_for_update, {"lead_ids": sorted(lead_ids)})
    return [
        PendingCall(
            id=row.id,
            lead_id=row.lead_id,
            kind=PlanKind(row.kind),
            state=PlanState(row.state),
            operator_id=row.operator_id,
            due_at=row.due_at,
            has_time=row.has_time,
            created_at=row.created_at,
            attempt_count=row.attempt_count,
            cause_call_id=row.cause_call_id,
        )
        for row in found
    ]


async def list_lead_calls(tx: Transaction, lead_ids: Collection[int]) -> Mapping[int, LeadCalls]:
    """Sum up the ended calls of leads. One query, or none."""
    if not lead_ids:
        return {}
    found = await tx.execute(_lead_calls, {"lead_ids": sorted(lead_ids)})
    return {
        row.id: LeadCalls(row.responsible_id, row.talked_until, row.attempt_count) for row in found
    }


async def write_pending(tx: Transaction, pending: Sequence[PendingCall], zone: str) -> None:
    """Store what has changed and what is new. Two statements at most.

    Args:
        tx: a writing transaction, which has read them for update.
        pending: as they are to stand; those without an id are added.
        zone: of the office, for the new ones.
    """
    new = [_values(one) for one in pending if one.id is None]
    if new:
        await tx.execute(insert(planned_calls).values(zone=zone, note=""), new)
    changed = [_values(one) | {"of_id": one.id} for one in pending if one.id is not None]
    if changed:
        await tx.execute(_update_pending, changed)


# Made once: building such statements costs more than running them.
_lead_ids: BindParameter[int] = bindparam("lead_ids", expanding=True)

_pending_for_update = (
    select(planned_calls)
    .where(planned_calls.c.lead_id.in_(_lead_ids), planned_calls.c.closed_at.is_(None))
    .order_by(planned_calls.c.id)
    .with_for_update()
)

_WRITTEN = (
    "state",
    "operator_id",
    "due_at",
    "has_time",
    "attempt_count",
    "cause_call_id",
    "closed_at",
    "closing_call_id",
)


def _values(one: PendingCall) -> dict[str, object]:
    return {name: getattr(one, name) for name in (*_WRITTEN, "lead_id", "kind", "created_at")}


_update_pending = (
    update(planned_calls)
    .where(planned_calls.c.id == bindparam("of_id"))
    .values({name: bindparam(name) for name in _WRITTEN})
    .values(version=planned_calls.c.version + 1)
)


def _last_of_talks(what: str) -> Select[tuple[int]]:
    return select(func.max(calls.c[what])).where(
        calls.c.lead_id == leads.c.id,
        calls.c.answered_at.is_not(None),
        calls.c.ended_at.is_not(None),
    )


_later = calls.alias("later")
_attempts = (
    select(func.count())
    .select_from(_later)
    .where(
        _later.c.lead_id == leads.c.id,
        _later.c.direction == Direction.OUTBOUND.value,
        _later.c.answered_at.is_(None),
        _later.c.ended_at.is_not(None),
        _later.c.end_estimated.is_(False),
        _later.c.started_at > func.coalesce(_last_of_talks("started_at").scalar_subquery(), 0),
    )
)
_lead_calls = select(
    leads.c.id,
    leads.c.responsible_id,
    _last_of_talks("ended_at").scalar_subquery().label("talked_until"),
    _attempts.scalar_subquery().label("attempt_count"),
).where(leads.c.id.in_(_lead_ids))
