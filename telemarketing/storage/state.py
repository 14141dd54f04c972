"""What an administrator wants to know of the database itself.

In: nothing. Out: its kind, size and schema. It reads no row of ours.
"""

from dataclasses import dataclass

from sqlalchemy import select, text

from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import schema_version

_SIZE = {
    "sqlite": text("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"),
    "postgresql": text("SELECT pg_database_size(current_database())"),
}


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The database as a whole."""

    kind: str
    """`sqlite` or `postgresql`."""
    size_bytes: int
    """Without SQLite's write-ahead log."""
    schema: str
    """Number of its newest migration."""


async def read_state(tx: Transaction) -> DatabaseState:
    """Read kind, size and schema. Two queries."""
    kind = tx.dialect.name
    size = await tx.scalar(_SIZE[kind])
    schema = await tx.scalar(select(schema_version.c.version_num))
    return DatabaseState(kind, int(size or 0), str(schema))
