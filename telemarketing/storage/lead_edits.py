"""What people changed on the cards of leads.

In: one change, its values as text. Out: the history of changes, newest first. It does not know what
the values mean.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, insert, or_, select

from telemarketing.errors import NotFound
from telemarketing.storage.engine import Transaction
from telemarketing.storage.lead_walks import Place
from telemarketing.storage.tables import lead_edits, operators


@dataclass(frozen=True, slots=True)
class NewEdit:
    """A change that has just been made."""

    lead_id: int
    operator_id: int
    edited_at: int
    """Epoch milliseconds."""
    field: str
    before: str
    """JSON, like `after`."""
    after: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A change as the history shows it."""

    id: int
    lead_id: int
    operator_id: int
    """Who made it."""
    operator: str
    """Full name."""
    edited_at: int
    """Epoch milliseconds."""
    field: str
    before: str
    """JSON, like `after`."""
    after: str


async def add_edit(tx: Transaction, edit: NewEdit) -> int:
    """Keep a change and return its id. One statement."""
    added = await tx.execute(
        insert(lead_edits)
        .values(
            lead_id=edit.lead_id,
            operator_id=edit.operator_id,
            edited_at=edit.edited_at,
            field=edit.field,
            before=edit.before,
            after=edit.after,
        )
        .returning(lead_edits.c.id)
    )
    return int(added.scalar_one())


async def list_edits(
    tx: Transaction, lead_id: int, limit: int, before: Place | None = None
) -> list[Edit]:
    """Give a page of the changes of a lead, the newest first. One query.

    Args:
        tx: any transaction.
        lead_id: whose.
        limit: how many at most.
        before: (edited_at, id) of the last one of the page before; None = the first page.
    """
    page = _edits.where(lead_edits.c.lead_id == lead_id)
    if before is not None:
        at, edit_id = before
        page = page.where(
            lead_edits.c.edited_at <= at,
            or_(lead_edits.c.edited_at < at, lead_edits.c.id < edit_id),
        )
    found = await tx.execute(_newest_first(page).limit(limit))
    return [_to_edit(row) for row in found]


async def get_edit(tx: Transaction, lead_id: int, edit_id: int) -> Edit:
    """Read one change of a lead; NotFound when it has none of this id. One query."""
    found = await tx.execute(
        _edits.where(lead_edits.c.lead_id == lead_id, lead_edits.c.id == edit_id)
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound(f"lead {lead_id} has no change {edit_id}: look at its history")
    return _to_edit(row)


async def find_last_edit(tx: Transaction, lead_id: int, field: str) -> Edit | None:
    """Give the newest change of a field; None = nobody has changed it. One query."""
    found = await tx.execute(
        _newest_first(
            _edits.where(lead_edits.c.lead_id == lead_id, lead_edits.c.field == field)
        ).limit(1)
    )
    row = found.one_or_none()
    return None if row is None else _to_edit(row)


_edits = select(lead_edits, operators.c.full_name).join_from(
    lead_edits, operators, operators.c.id == lead_edits.c.operator_id
)


def _newest_first(edits: Select[Any]) -> Select[Any]:
    return edits.order_by(lead_edits.c.edited_at.desc(), lead_edits.c.id.desc())


def _to_edit(row: Row[Any]) -> Edit:
    return Edit(
        row.id,
        row.lead_id,
        row.operator_id,
        row.full_name,
        row.edited_at,
        row.field,
        row.before,
        row.after,
    )
