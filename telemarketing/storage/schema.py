"""The version of the schema: what the database has, and whether this program may use it."""

from sqlalchemy import Connection, inspect, select

from telemarketing.errors import SchemaTooNew, SchemaTooOld
from telemarketing.storage.tables import SCHEMA_VERSION, schema_version


def find_version(connection: Connection) -> str | None:
    """Return the version that the database has, `0001`; None = it has no tables of ours."""
    if not inspect(connection).has_table(schema_version.name):
        return None
    return connection.scalar(select(schema_version.c.version_num))


def refuse_newer(version: str | None, address: str) -> None:
    """Raise SchemaTooNew when a newer program than this one wrote the database."""
    if version is not None and version > SCHEMA_VERSION:
        raise SchemaTooNew(
            f"{address} has schema {version} of a newer telemarketing and this one knows "
            f"{SCHEMA_VERSION}: install the newer version, or restore a backup made before it"
        )


def check_version(version: str | None, address: str) -> None:
    """Make sure that this program may work on a database of that version.

    Raises:
        SchemaTooNew: a newer program wrote it.
        SchemaTooOld: `telemarketing migrate` has to run first.
    """
    refuse_newer(version, address)
    if version != SCHEMA_VERSION:
        found = f"has schema {version}" if version else "has no tables yet"
        raise SchemaTooOld(
            f"{address} {found} and this telemarketing needs {SCHEMA_VERSION}: "
            "stop the daemon and run `telemarketing migrate`"
        )
