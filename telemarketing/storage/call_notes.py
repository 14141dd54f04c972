"""What people write about calls: one summary a call.

In: a call's id and a text. Out: summaries. Who may write, and over whose text, `crm.call_notes`
decides.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from telemarketing.storage.engine import Transaction, upsert
from telemarketing.storage.tables import call_notes, calls, operators


@dataclass(frozen=True, slots=True)
class CallNote:
    """A few words about one call."""

    call_id: int
    summary: str
    author: str
    """Full name of who wrote it last."""
    written_at: int
    """Epoch milliseconds."""
    version: int
    """Grows with every change."""


async def list_notes(tx: Transaction, call_ids: Collection[int]) -> dict[int, CallNote]:
    """Give the summaries of calls; those without one are left out. One query, or none."""
    if not call_ids:
        return {}
    found = await tx.execute(_notes.where(call_notes.c.call_id.in_(sorted(call_ids))))
    return {row.call_id: CallNote(*row) for row in found}


async def lock_call(tx: Transaction, call_id: int) -> int | None:
    """Keep others from writing about a call, also for the first time; give its lead. One query."""
    lead_id: int | None = await tx.scalar(
        select(calls.c.lead_id).where(calls.c.id == call_id).with_for_update()
    )
    return lead_id


async def list_latest_notes(tx: Transaction, lead_id: int, limit: int) -> list[CallNote]:
    """Give the summaries of a lead's newest calls that have one, newest first. One query."""
    found = await tx.execute(
        _notes.join(calls, calls.c.id == call_notes.c.call_id)
        .where(calls.c.lead_id == lead_id, call_notes.c.summary != "")
        .order_by(calls.c.started_at.desc(), calls.c.id.desc())
        .limit(limit)
    )
    return [CallNote(*row) for row in found]


async def update_note(tx: Transaction, note: CallNote, operator_id: int) -> None:
    """Write the summary of a call, the first one too. One statement."""
    written = ("summary", "operator_id", "written_at", "version")
    await tx.execute(
        upsert(tx, call_notes, ("call_id",), written),
        {
            "call_id": note.call_id,
            "summary": note.summary,
            "operator_id": operator_id,
            "written_at": note.written_at,
            "version": note.version,
        },
    )


_notes = select(
    call_notes.c.call_id,
    call_notes.c.summary,
    operators.c.full_name,
    call_notes.c.written_at,
    call_notes.c.version,
).join_from(call_notes, operators, operators.c.id == call_notes.c.operator_id)
