"""The version of the schema: what the database has, and whether this program may use it."""

import re
from collections.abc import Sequence

from sqlalchemy import Connection, inspect, select

from telemarketing.errors import SchemaTooNew, SchemaTooOld, StorageError
from telemarketing.storage.tables import SCHEMA_VERSION, metadata, schema_version

_OUR_VERSIONS = re.compile(r"[0-9]{4}")
"""Other programs that use Alembic have a table of the same name, with hexadecimal versions."""
_NAMED_AT_MOST = 5


def find_version(connection: Connection) -> str | None:
    """Return the version that the database has, `0001`; None = it has no tables of ours."""
    if not inspect(connection).has_table(schema_version.name):
        return None
    return connection.scalar(select(schema_version.c.version_num))


def refuse_others(version: str | None, address: str) -> None:
    """Make sure that no other program has written the database, nor a newer one of this name.

    Raises:
        SchemaTooNew: a newer program wrote it.
        StorageError: a program of another name did.
    """
    if version is None:
        return
    if _OUR_VERSIONS.fullmatch(version) is None:
        raise _foreign(address, [schema_version.name])
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"{address} has schema {version} of a newer telemarketing and this one knows "
            f"{SCHEMA_VERSION}: install the newer version, or restore a backup made before it"
        )


def refuse_foreign_tables(connection: Connection, address: str) -> None:
    """Make sure that nobody else lives where our tables are to be made.

    In a file of SQLite nobody else may; a schema of PostgreSQL may be shared, as long as no table
    has the name of one of ours.

    Raises:
        StorageError: somebody does; nothing was touched.
    """
    foreign = set(inspect(connection).get_table_names())
    if connection.dialect.name == "postgresql":
        foreign &= {schema_version.name, *metadata.tables}
    if foreign:
        raise _foreign(address, sorted(foreign))


def _foreign(address: str, tables: Sequence[str]) -> StorageError:
    named = ", ".join(tables[:_NAMED_AT_MOST]) + (", ..." if len(tables) > _NAMED_AT_MOST else "")
    return StorageError(
        f"{address} has tables of another program ({named}): "
        "name a database of telemarketing's own in database.url"
    )


def check_version(version: str | None, address: str) -> None:
    """Make sure that this program may work on a database of that version.

    Raises:
        SchemaTooNew, StorageError: as for `refuse_others`.
        SchemaTooOld: `telemarketing migrate` has to run first.
    """
    refuse_others(version, address)
    if version != SCHEMA_VERSION:
        found = f"has schema {version}" if version else "has no tables yet"
        raise SchemaTooOld(
            f"{address} {found} and this telemarketing needs {SCHEMA_VERSION}: "
            "restart the daemon, which sees to it, or stop it and run `telemarketing migrate`"
        )
