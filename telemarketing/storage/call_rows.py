"""Calls as rows of three tables, and back.

In: rows of `calls`, or calls. Out: calls, or rows. Knows nothing of leads.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import FromClause, Row, delete

from telemarketing.model.call import Call, CallOperator, Direction, Disposition
from telemarketing.storage.engine import Transaction, upsert
from telemarketing.storage.tables import call_operators, call_recordings

Values = dict[str, Any]
"""A row to be written: column -> value."""


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call as one query gave it."""

    row: Row[Any]
    """The first of its rows, with all columns of `calls`."""
    call: Call
    operator_ids: tuple[int | None, ...]
    """Whose the extensions of `call.operators` are, in the same order; None = nobody's."""


PARTS = (
    call_operators.c.position.label("operator_position"),
    call_operators.c.extension,
    call_operators.c.operator_id,
    call_operators.c.ring_ms.label("operator_ring_ms"),
    call_operators.c.talk_ms.label("operator_talk_ms"),
    call_recordings.c.position.label("recording_position"),
    call_recordings.c.path,
)
"""To be selected beside all columns of `calls`: one query reads calls with their parts, a row for
each pair of an operator and a recording."""


def join_parts(of_calls: FromClause) -> FromClause:
    """Join the tables of `PARTS` to something that has a column `id` of calls."""
    return of_calls.outerjoin(call_operators, call_operators.c.call_id == of_calls.c.id).outerjoin(
        call_recordings, call_recordings.c.call_id == of_calls.c.id
    )


def to_call_rows(rows: Iterable[Row[Any]]) -> list[CallRow]:
    """Unite the rows of each call, in the order in which the calls come first."""
    by_call: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        by_call[row.id].append(row)
    return [_to_call_row(of_one) for of_one in by_call.values()]


def _to_call_row(rows: list[Row[Any]]) -> CallRow:
    first = rows[0]
    operators = {row.operator_position: row for row in rows if row.operator_position is not None}
    recordings = {row.recording_position: row.path for row in rows if row.path is not None}
    call = Call(
        pbx=first.pbx,
        linkedid=first.linkedid,
        direction=Direction(first.direction),
        number=first.number,
        raw_number=first.raw_number,
        withheld=first.withheld,
        did=first.did,
        placed_by=first.placed_by,
        answered_by=first.answered_by,
        operators=tuple(
            CallOperator(part.extension, part.operator_ring_ms, part.operator_talk_ms)
            for _, part in sorted(operators.items())
        ),
        disposition=Disposition(first.disposition),
        started_at=first.started_at,
        answered_at=first.answered_at,
        ended_at=first.ended_at,
        ring_ms=first.ring_ms,
        talk_ms=first.talk_ms,
        hangup_cause=first.hangup_cause,
        transferred=first.transferred,
        recordings=tuple(path for _, path in sorted(recordings.items())),
        seen_from_start=first.seen_from_start,
        end_estimated=first.end_estimated,
    )
    return CallRow(first, call, tuple(part.operator_id for _, part in sorted(operators.items())))


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
        written = ("extension", "operator_id", "ring_ms", "talk_ms", "started_at")
        await tx.execute(upsert(tx, call_operators, ("call_id", "position"), written), rows)


async def update_recordings(tx: Transaction, rows: Sequence[Values]) -> None:
    """Write rows of `call_recordings` over those at the same position. One statement, or none."""
    if rows:
        written = ("path", "state", "file", "size_bytes", "duration_ms", "looked_at")
        await tx.execute(upsert(tx, call_recordings, ("call_id", "position"), written), rows)


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
