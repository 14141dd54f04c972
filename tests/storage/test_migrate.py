"""Making databases and bringing them to the newest schema."""

from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate
from telemarketing.storage.tables import SCHEMA_VERSION


async def test_a_new_database_can_be_opened(database: Database) -> None:
    """x."""


def test_a_fresh_database_gets_the_newest_schema(empty_url: str) -> None:
    """Migrating a database that has nothing makes all tables and keeps no backup."""
    migrated = migrate(empty_url)
    assert (migrated.before, migrated.after, migrated.backup_path) == (None, SCHEMA_VERSION, None)
