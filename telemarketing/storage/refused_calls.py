"""Calls that the database would not take as they are, kept whole for the administrator.

In: a call and what the database said about it. Out: which ones there are, and why.
"""

import json
from dataclasses import asdict, dataclass

from sqlalchemy import func, select

from telemarketing.model.call import Call
from telemarketing.storage.engine import Transaction, upsert
from telemarketing.storage.tables import refused_calls


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """A call that stands in no list, because the database did not take it."""

    pbx: str
    linkedid: str
    reason: str
    """In the database's words."""


async def list_refused_calls(tx: Transaction, limit: int) -> list[RefusedCall]:
    """Give some of them, the newest first, as far as linkedids tell. One query."""
    found = await tx.execute(
        select(refused_calls.c.pbx, refused_calls.c.linkedid, refused_calls.c.reason)
        .order_by(refused_calls.c.linkedid.desc(), refused_calls.c.pbx)
        .limit(limit)
    )
    return [RefusedCall(*row) for row in found]


async def count_refused_calls(tx: Transaction) -> int:
    """Tell how many there are. One query."""
    return await tx.scalar(select(func.count()).select_from(refused_calls)) or 0


async def add_refused_call(tx: Transaction, call: Call, reason: str) -> None:
    """Keep a call; a later snapshot of it replaces an earlier one. One statement."""
    statement = upsert(tx, refused_calls, ("pbx", "linkedid"), ("reason", "snapshot"))
    await tx.execute(
        statement,
        {
            "pbx": _storable(call.pbx),
            "linkedid": _storable(call.linkedid),
            "reason": _storable(reason),
            # ASCII only: escapes keep what no text column takes.
            "snapshot": json.dumps(asdict(call)),
        },
    )


def _storable(text: str) -> str:
    """Without what PostgreSQL (NUL) or UTF-8 (halves of characters) cannot hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
