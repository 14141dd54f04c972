"""Operators, and the telephones that are theirs.

In: extensions, numbers, new operators. Out: operators, and whose a telephone was at what time.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import operator_extensions, operator_mobiles, operators


@dataclass(frozen=True, slots=True)
class ExtensionOwner:
    """One operator's ownership of one extension."""

    operator_id: int
    extension: str
    pbx: str | None
    """Name of the PBX; None = every PBX."""
    valid_from: int
    """Epoch milliseconds, inclusive."""
    valid_until: int | None
    """Epoch milliseconds, exclusive; None = still. No later than the operator was disabled."""


async def list_extension_owners(
    tx: Transaction, extensions: Collection[str]
) -> list[ExtensionOwner]:
    """Everybody who ever owned one of these extensions. One query, or none."""
    if not extensions:
        return []
    found = await tx.execute(
        select(operator_extensions, operators.c.disabled_at)
        .join_from(operator_extensions, operators)
        .where(operator_extensions.c.extension.in_(sorted(extensions)))
    )
    return [
        ExtensionOwner(
            row.operator_id,
            row.extension,
            row.pbx or None,
            row.valid_from,
            min(
                (until for until in (row.valid_until, row.disabled_at) if until is not None),
                default=None,
            ),
        )
        for row in found
    ]


async def list_staff_mobiles(tx: Transaction, numbers: Collection[str]) -> set[str]:
    """Tell which of these numbers are mobiles of our own people. One query, or none."""
    if not numbers:
        return set()
    found = await tx.scalars(
        select(operator_mobiles.c.number).where(operator_mobiles.c.number.in_(sorted(numbers)))
    )
    return set(found)
