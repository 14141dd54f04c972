"""Making databases and bringing them to the newest schema, on SQLite and on PostgreSQL."""

import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text, update

from telemarketing.errors import SchemaTooNew, StorageError, StorageUnavailable
from telemarketing.storage import migrations
from telemarketing.storage.address import Address, Purpose
from telemarketing.storage.backup import back_up
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import Migrated, migrate
from telemarketing.storage.tables import SCHEMA_VERSION, metadata, schema_version


def test_a_fresh_database_gets_the_newest_schema(empty_url: str) -> None:
    """Migrating a database that has nothing makes all tables and keeps no backup."""
    assert migrate(empty_url) == Migrated(None, SCHEMA_VERSION, None)


def test_migrating_again_does_nothing(database_url: str) -> None:
    """A database of the newest schema is left as it is, without a backup."""
    assert migrate(database_url) == Migrated(SCHEMA_VERSION, SCHEMA_VERSION, None)


@pytest.mark.process
def test_several_programs_may_migrate_at_once(empty_url: str) -> None:
    """One of four makes the tables, the others wait and find them."""
    migrating = (
        "import sys; from telemarketing.storage.migrate import migrate;"
        "print(migrate(sys.argv[1]).before)"
    )
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", migrating, empty_url], stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    before = [program.communicate()[0].strip() for program in programs]

    assert sorted(before) == sorted(["None", *[SCHEMA_VERSION] * 3])


def test_the_version_of_the_program_is_that_of_its_last_migration() -> None:
    """`SCHEMA_VERSION` names the newest file of migrations, and every one has four digits."""
    (folder,) = migrations.__path__
    scripts = ScriptDirectory(folder)
    assert scripts.get_current_head() == SCHEMA_VERSION
    assert all(re.fullmatch("[0-9]{4}", one.revision) for one in scripts.walk_revisions())


async def test_the_migrations_make_the_tables_of_the_program(database: Database) -> None:
    """Columns, types, keys, indexes and checks are those that `tables.py` describes."""
    async with database.reading() as tx:
        assert await tx.run_sync(differences) == []
        assert await tx.run_sync(checks) == {
            (table.name, str(constraint.name))
            for table in metadata.tables.values()
            for constraint in table.constraints
            if constraint.__visit_name__ == "table_or_column_check_constraint"
        }


def differences(connection: Connection) -> list[object]:
    """What Alembic would change to come from the database to `tables.py`.

    The index of texts is another thing in each database, and no table of SQLAlchemy's.
    """

    def compared(_: object, name: str | None, *__: object) -> bool:
        return name is None or not name.startswith(("lead_search", "ix_lead_texts_folded"))

    opts = {"compare_type": True, "include_object": compared}
    context = MigrationContext.configure(connection, opts=opts)
    return list(compare_metadata(context, metadata))


def checks(connection: Connection) -> set[tuple[str, str]]:
    """Names of the check constraints, by table; Alembic does not compare those."""
    inspector = inspect(connection)
    return {
        (table, str(check["name"]))
        for table in metadata.tables
        for check in inspector.get_check_constraints(table)
    }


@pytest.fixture
async def url_of_version(
    database: Database, database_url: str, request: pytest.FixtureRequest
) -> str:
    """Address of a database that another version of the program wrote."""
    async with database.writing() as tx:
        await tx.execute(update(schema_version).values(version_num=request.param))
    await database.close()
    return database_url


@pytest.mark.parametrize("url_of_version", ["9999"], indirect=True)
def test_a_newer_schema_is_left_alone(url_of_version: str, tmp_path: Path) -> None:
    """A database of a newer program is refused in one sentence, and not even copied."""
    with pytest.raises(SchemaTooNew, match=r"9999.*install the newer version"):
        migrate(url_of_version)
    assert backups(tmp_path) == []


@pytest.mark.parametrize("url_of_version", ["0000"], indirect=True)
def test_an_upgrade_that_fails_leaves_the_database_and_its_copy(
    url_of_version: str, kind: str, tmp_path: Path
) -> None:
    """A schema that no migration starts from is copied first, refused, and stays as it was."""
    for _ in range(2):
        with pytest.raises(StorageError, match="0000"):
            migrate(url_of_version)
    assert bool(backups(tmp_path)) == (kind == "sqlite")


def backups(folder: Path) -> list[Path]:
    """Copies of the database that were made before an upgrade."""
    return list(folder.glob("*-schema-*"))


@pytest.mark.parametrize("name", ["missing/x.db", "letter.txt/x.db"])
def test_a_folder_that_is_missing_is_said(tmp_path: Path, name: str) -> None:
    """A database cannot be made where there is no folder."""
    (tmp_path / "letter.txt").touch()
    with pytest.raises(StorageUnavailable, match="its folder is not there: make it, or correct"):
        migrate(f"sqlite:///{tmp_path}/{name}")


def test_a_folder_is_not_migrated(tmp_path: Path) -> None:
    """An address that names a folder is said to need a file in it."""
    with pytest.raises(StorageError, match="is a folder: name a file in it"):
        migrate(f"sqlite:///{tmp_path}")


FOREIGN = "CREATE TABLE notes (id INTEGER)", "CREATE TABLE calls (id INTEGER)"


@pytest.fixture
async def url_of_another_program(empty_url: str, request: pytest.FixtureRequest) -> str:
    """Address of a database in which another program has made tables."""
    engine = Address(empty_url).engine(Purpose.MIGRATING, 1)
    async with engine.begin() as tx:
        for statement in request.param:
            await tx.execute(text(statement))
    await engine.dispose()
    return empty_url


@pytest.mark.parametrize("url_of_another_program", [FOREIGN], indirect=True)
def test_tables_of_another_program_are_refused(url_of_another_program: str, kind: str) -> None:
    """Where a table of somebody else has the name of one of ours, none is made; twice the same."""
    named = "calls, notes" if kind == "sqlite" else "calls"
    for _ in range(2):
        with pytest.raises(StorageError, match=f"tables of another program \\({named}\\): name a"):
            migrate(url_of_another_program)


def test_a_file_of_another_program_is_not_touched(tmp_path: Path) -> None:
    """Not even its journal mode changes, which is kept in the file."""
    path = tmp_path / "notes.db"
    with closing(sqlite3.connect(path)) as notes:
        notes.execute(FOREIGN[0])
    before = path.read_bytes()
    with pytest.raises(StorageError, match=r"another program \(notes\)"):
        migrate(f"sqlite:///{path}")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("url_of_another_program", [FOREIGN[:1]], indirect=True)
def test_a_schema_of_postgresql_may_be_shared(url_of_another_program: str, kind: str) -> None:
    """Tables of other names are no hindrance on a server; a file is one program's alone."""
    if kind == "postgresql":
        assert migrate(url_of_another_program).after == SCHEMA_VERSION
    else:
        with pytest.raises(StorageError, match=r"another program \(notes\)"):
            migrate(url_of_another_program)


@pytest.mark.parametrize("url_of_version", ["3f2a9c0d1b7e"], indirect=True)
def test_versions_of_another_program_are_refused(url_of_version: str, tmp_path: Path) -> None:
    """Another program that uses Alembic is no newer version of this one."""
    with pytest.raises(StorageError, match=r"another program \(alembic_version\)") as refusal:
        migrate(url_of_version)
    assert not isinstance(refusal.value, SchemaTooNew)
    assert backups(tmp_path) == []


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Some other file is neither read as a database nor overwritten."""
    path = tmp_path / "letter.txt"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(StorageError, match="not a database"):
        migrate(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear Sir")


def test_a_database_is_for_its_owner_only(tmp_path: Path) -> None:
    """A new file, full of telephone numbers, cannot be read by others."""
    migrate(f"sqlite:///{tmp_path}/telemarketing.db")
    assert (tmp_path / "telemarketing.db").stat().st_mode & 0o077 == 0


def test_a_copy_has_what_is_still_in_the_log_of_writes(migrated_file: Path, tmp_path: Path) -> None:
    """A database in use is copied whole, with what its WAL alone holds, for the owner's eyes."""
    path = tmp_path / "telemarketing.db"
    path.write_bytes(migrated_file.read_bytes())
    with closing(sqlite3.connect(path)) as user:
        user.execute("INSERT INTO departments (name) VALUES ('Продажи')")
        user.commit()
        copy = back_up(path, tmp_path, "0001")
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT name FROM departments").fetchall() == [("Продажи",)]
    assert copy.name.startswith("telemarketing-schema-0001-")
    assert copy.stat().st_mode & 0o077 == 0


def test_a_copy_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """No half a copy is mistaken for a whole one."""
    path = tmp_path / "letter.db"
    path.write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(sqlite3.DatabaseError):
        back_up(path, tmp_path, "0001")
    assert list(tmp_path.iterdir()) == [path]
