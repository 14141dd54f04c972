"""Bringing a database to the schema of this program, or making a new one.

In: an address. Out: what was done. Forward only, in one transaction, one program at a time; a file
of SQLite is copied beside itself first. Synchronous, for a command: it runs an event loop of its
own.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from telemarketing.errors import StorageError
from telemarketing.storage.address import Address, Purpose
from telemarketing.storage.backup import back_up
from telemarketing.storage.engine import Transaction, Turn, take_turns
from telemarketing.storage.faults import what_went_wrong
from telemarketing.storage.schema import find_version, refuse_foreign_tables, refuse_others
from telemarketing.storage.tables import SCHEMA_VERSION

_MIGRATIONS = Path(__file__).with_name("migrations")


@dataclass(frozen=True, slots=True)
class Migrated:
    """What `migrate` did."""

    before: str | None
    """Version of the schema that was found; None = the database was new."""
    after: str
    """Version that it has now."""
    backup_path: Path | None
    """Copy of the SQLite file as it was; None = nothing to keep, or PostgreSQL."""


def migrate(url: str, backup_folder: Path | None = None) -> Migrated:
    """Create the database's tables, or bring them to the newest schema.

    Several programs may call it at once: one works, the others wait and find nothing left to do.

    Args:
        url: see `telemarketing.storage.engine.Database`; a missing SQLite file is created, readable
            by its owner only.
        backup_folder: where the copy of a SQLite file goes; None = beside it.

    Raises:
        SchemaTooNew: a newer program wrote the database; nothing was touched.
        StorageUnavailable: it cannot be reached, locked or written now; nothing was changed.
        StorageError: it cannot be used, or another program's tables are in it.
    """
    address = Address(url)
    try:
        if address.path is not None and not address.is_there():
            address.path.touch(mode=0o600)
        return asyncio.run(_migrate(address, backup_folder))
    except (SQLAlchemyError, CommandError, sqlite3.Error, OSError) as error:
        raise what_went_wrong(error, address) from error


async def _migrate(address: Address, backup_folder: Path | None) -> Migrated:
    if address.path is not None:
        # Whoever may write a file of SQLite changes its journal mode: look first.
        async with _connected(address, Purpose.READING) as tx:
            await tx.run_sync(_find_own_version, address)
    async with _connected(address, Purpose.MIGRATING) as tx:
        await take_turns(tx, Turn.MIGRATION)
        return await tx.run_sync(_migrate_locked, address, backup_folder)


@asynccontextmanager
async def _connected(address: Address, purpose: Purpose) -> AsyncIterator[Transaction]:
    engine = address.engine(purpose, 1)
    try:
        async with engine.begin() as tx:
            yield tx
    finally:
        await engine.dispose()


def _find_own_version(connection: Connection, address: Address) -> str | None:
    version = find_version(connection)
    refuse_others(version, str(address))
    if version is None:
        refuse_foreign_tables(connection, str(address))
    return version


def _migrate_locked(
    connection: Connection, address: Address, backup_folder: Path | None
) -> Migrated:
    before = _find_own_version(connection, address)
    if before == SCHEMA_VERSION:
        return Migrated(before, SCHEMA_VERSION, None)
    backup_path = None
    if before is not None and address.path is not None:
        backup_path = back_up(address.path, backup_folder or address.path.parent, before)
    _upgrade(connection)
    return Migrated(before, SCHEMA_VERSION, backup_path)


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise StorageError(f"rows of table {broken[0]} refer to missing rows: nothing changed")
