"""A database of years of work, made in minutes: what every page of the panel is measured on.

In: an address of a migrated, empty database, and how many leads and calls. Out: the same database
with people, leads, calls, texts for search and planned calls. Rows are made by statements of the
database itself (`filled_rows.py`), for the program's own way, a transaction a call, would take a
day; indexes are made when the rows are there, for the same reason.
"""

import argparse
import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing

import asyncpg
from sqlalchemy import Dialect, Index, Table, make_url
from sqlalchemy.schema import CreateIndex, ExecutableDDLElement

from bench.filled_rows import (
    DEPARTMENTS,
    FIRST_EXTENSION,
    OPERATORS_EACH,
    PEOPLE_COUNT,
    Size,
    statements,
)
from telemarketing.clock import now_ms
from telemarketing.crm.operators import add_operator
from telemarketing.model.operator import Role
from telemarketing.storage import tables
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate

_INDEXED_LATER: Sequence[Table] = (
    tables.leads,
    tables.lead_participants,
    tables.lead_edits,
    tables.phones,
    tables.calls,
    tables.call_operators,
)
_SQLITE_BEFORE = (
    # What is half filled is thrown away, so nothing need survive a crash.
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA cache_size = -500000",
    "PRAGMA temp_store = MEMORY",
)
_SQLITE_NUMBERS = (
    "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
)
_SQLITE_AFTER = ("ANALYZE", "PRAGMA journal_mode = WAL")
_POSTGRESQL_BEFORE = (
    # Foreign keys are right by the making of the rows; five million looks would take minutes.
    "SET session_replication_role = replica",
    "SET maintenance_work_mem = '256MB'",
    "SET work_mem = '256MB'",
    "DROP INDEX ix_lead_texts_folded",
)
_POSTGRESQL_NUMBERS = (
    "WITH numbers (n) AS NOT MATERIALIZED"
    " (SELECT n FROM generate_series(CAST(1 AS bigint), {count}) AS made (n))"
)
_POSTGRESQL_AFTER = (
    "CREATE INDEX ix_lead_texts_folded ON lead_texts USING gin (folded gin_trgm_ops)",
    "SELECT setval(pg_get_serial_sequence('leads', 'id'), max(id)) FROM leads",
    "SELECT setval(pg_get_serial_sequence('calls', 'id'), max(id)) FROM calls",
    # What an old database has from its autovacuum.
    "VACUUM ANALYZE",
    "CHECKPOINT",
)


def fill(url: str, leads: int, calls: int, until: int | None = None) -> None:
    """Fill a migrated, empty database.

    Args:
        url: see `Database`.
        leads: how many.
        calls: how many, a multiple of `leads`.
        until: epoch milliseconds of the last of them; None = now.
    """
    size = Size(leads, calls, until or now_ms())
    asyncio.run(_add_people(url, size.first_at))
    if url.startswith("sqlite:///"):
        _fill_sqlite(url.removeprefix("sqlite:///"), size)
    else:
        asyncio.run(_fill_postgresql(url, size))


async def _add_people(url: str, since: int) -> None:
    """Let people work here, and an administrator, who is the last."""
    database = Database(url)
    await database.open()
    people = [
        (department, role)
        for department in DEPARTMENTS
        for role in (Role.SUPERVISOR, *(Role.OPERATOR,) * OPERATORS_EACH)
    ]
    assert len(people) == PEOPLE_COUNT
    for person_id, (department, role) in enumerate([*people, (None, Role.ADMINISTRATOR)], 1):
        added = await add_operator(
            database,
            full_name=f"{department or ''} {role.value} {person_id}".strip(),
            extensions=[str(FIRST_EXTENSION + person_id)],
            valid_from=since,
            department=department,
            role=role,
        )
        assert added.id == person_id, "rows are made for the people 1, 2, ..."
    await database.close()


def _fill_sqlite(path: str, size: Size) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in (
            *_SQLITE_BEFORE,
            *_without_indexes(
                statements(size, _SQLITE_NUMBERS), make_url("sqlite://").get_dialect()()
            ),
            *_SQLITE_AFTER,
        ):
            began_s = time.monotonic()
            connection.execute(statement)
            _tell(statement, began_s)


async def _fill_postgresql(url: str, size: Size) -> None:
    connection = await asyncpg.connect(url)
    for statement in (
        *_POSTGRESQL_BEFORE,
        *_without_indexes(
            statements(size, _POSTGRESQL_NUMBERS), make_url("postgresql+asyncpg://").get_dialect()()
        ),
        *_POSTGRESQL_AFTER,
    ):
        began_s = time.monotonic()
        await connection.execute(statement)
        _tell(statement, began_s)
    await connection.close()


def _without_indexes(filling: Sequence[str], dialect: Dialect) -> list[str]:
    """Put statements between those that drop the indexes and those that make them again."""
    indexes = sorted(
        (index for table in _INDEXED_LATER for index in table.indexes),
        key=lambda one: str(one.name),
    )
    return [
        *(f"DROP INDEX {index.name}" for index in indexes),
        *filling,
        *(_creating(index, dialect) for index in indexes),
    ]


def _creating(index: Index, dialect: Dialect) -> str:
    creating: ExecutableDDLElement = CreateIndex(index)
    return str(creating.compile(dialect=dialect))


def _tell(statement: str, began_s: float) -> None:
    took_s = time.monotonic() - began_s
    if took_s > 1:
        print(f"{took_s:6.1f} s  {' '.join(statement.split())[:60]}", flush=True)


def main() -> None:
    """Make and fill a database: `python -m bench.filled sqlite:////dev/shm/filled.db`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("url")
    parser.add_argument("--leads", type=int, default=1_000_000)
    parser.add_argument("--calls", type=int, default=5_000_000)
    arguments = parser.parse_args()
    migrate(arguments.url)
    fill(arguments.url, arguments.leads, arguments.calls)


if __name__ == "__main__":
    main()
