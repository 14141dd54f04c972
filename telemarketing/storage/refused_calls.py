"""Calls that the database would not take as they are, kept whole for the administrator.

In: a call and what the database said about it. Out: nothing yet but rows to look at.
"""

import json
from dataclasses import asdict

from telemarketing.model.call import Call
from telemarketing.storage.engine import Transaction, upsert
from telemarketing.storage.tables import refused_calls


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
