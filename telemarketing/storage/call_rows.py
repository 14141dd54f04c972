"""Calls as rows of three tables, and back.

In: rows of `calls`, or calls. Out: calls, or rows. Knows nothing of leads.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, delete, select

from telemarketing.model.call import Call, CallOperator, Direction, Disposition
from telemarketing.storage.engine import Transaction, insert
from telemarketing.storage.tables import call_operators, call_recordings

Values = dict[str, Any]
"""A row to be written: column -> value."""


@dataclass(frozen=True, slots=True)
class CallParts:
    """What stands of calls in the tables beside `calls`, by id of the call."""

    operators: Mapping[int, Sequence[Row[Any]]]
    """Rows of `call_operators`, in order."""
    recordings: Mapping[int, Sequence[Row[Any]]]
    """Rows of `call_recordings`, in order."""


async def list_parts(tx: Transaction, call_ids: Collection[int]) -> CallParts:
    """Read the parts of all these calls. Two queries, or none for no calls."""
    if not call_ids:
        return CallParts({}, {})
    operators = await tx.execute(
        select(call_operators)
        .where(call_operators.c.call_id.in_(call_ids))
        .order_by(call_operators.c.call_id, call_operators.c.position)
    )
    recordings = await tx.execute(
        select(call_recordings)
        .where(call_recordings.c.call_id.in_(call_ids))
        .order_by(call_recordings.c.call_id, call_recordings.c.position)
    )
    return CallParts(_by_call(operators.all()), _by_call(recordings.all()))


def _by_call(rows: Sequence[Row[Any]]) -> Mapping[int, Sequence[Row[Any]]]:
    by_call: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_call[row.call_id].append(row)
    return by_call


def to_call(row: Row[Any], parts: CallParts) -> Call:
    """Make the call of a row that has all columns of `calls`."""
    return Call(
        pbx=row.pbx,
        linkedid=row.linkedid,
        direction=Direction(row.direction),
        number=row.number,
        raw_number=row.raw_number,
        withheld=row.withheld,
        did=row.did,
        placed_by=row.placed_by,
        answered_by=row.answered_by,
        operators=tuple(
            CallOperator(part.extension, part.ring_ms, part.talk_ms)
            for part in parts.operators.get(row.id, ())
        ),
        disposition=Disposition(row.disposition),
        started_at=row.started_at,
        answered_at=row.answered_at,
        ended_at=row.ended_at,
        ring_ms=row.ring_ms,
        talk_ms=row.talk_ms,
        hangup_cause=row.hangup_cause,
        transferred=row.transferred,
        recordings=tuple(part.path for part in parts.recordings.get(row.id, ())),
        seen_from_start=row.seen_from_start,
        end_estimated=row.end_estimated,
    )


def to_values(call: Call) -> Values:
    """Make the row of `calls`, but for its `id` and `lead_id`."""
    return {
        "pbx": call.pbx,
        "linkedid": call.linkedid,
        "direction": call.direction.value,
        "number": call.number,
        "raw_number": call.raw_number,
        "withheld": call.withheld,
        "did": call.did,
        "placed_by": call.placed_by,
        "answered_by": call.answered_by,
        "disposition": call.disposition.value,
        "started_at": call.started_at,
        "answered_at": call.answered_at,
        "ended_at": call.ended_at,
        "ring_ms": call.ring_ms,
        "talk_ms": call.talk_ms,
        "hangup_cause": call.hangup_cause,
        "transferred": call.transferred,
        "seen_from_start": call.seen_from_start,
        "end_estimated": call.end_estimated,
    }


async def update_operators(tx: Transaction, rows: Sequence[Values]) -> None:
    """Write rows of `call_operators` over those at the same position. One statement, or none."""
    if rows:
        statement = insert(tx, call_operators)
        written = {
            name: statement.excluded[name]
            for name in ("extension", "operator_id", "ring_ms", "talk_ms")
        }
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=[call_operators.c.call_id, call_operators.c.position], set_=written
            ),
            rows,
        )


async def update_recordings(tx: Transaction, rows: Sequence[Values]) -> None:
    """Write rows of `call_recordings` over those at the same position. One statement, or none."""
    if rows:
        statement = insert(tx, call_recordings)
        await tx.execute(
            statement.on_conflict_do_update(
                index_elements=[call_recordings.c.call_id, call_recordings.c.position],
                set_={"path": statement.excluded.path},
            ),
            rows,
        )


async def forget_parts(tx: Transaction, call_id: int, operator_count: int, path_count: int) -> None:
    """Remove the parts of a call beyond so many, when a later snapshot has fewer."""
    await tx.execute(
        delete(call_operators).where(
            call_operators.c.call_id == call_id, call_operators.c.position >= operator_count
        )
    )
    await tx.execute(
        delete(call_recordings).where(
            call_recordings.c.call_id == call_id, call_recordings.c.position >= path_count
        )
    )
