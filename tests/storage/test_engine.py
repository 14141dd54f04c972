"""Opening databases, transactions, and what becomes of them when something breaks."""

import asyncio
import os
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update

from telemarketing.crm.call_log import CallLog
from telemarketing.errors import SchemaTooNew, SchemaTooOld, StorageError, StorageUnavailable
from telemarketing.storage.address import Address
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database, Transaction
from telemarketing.storage.faults import what_went_wrong
from telemarketing.storage.tables import departments, schema_version
from tests.make import ended, make_call
from tests.postgresql import Server


async def names(tx: Transaction) -> list[str]:
    """All departments, the rows that these tests write."""
    return list(await tx.scalars(select(departments.c.name).order_by(departments.c.name)))


async def test_a_database_that_was_never_migrated_is_refused_with_the_cure(
    empty_url: str, tmp_path: Path
) -> None:
    """Without a schema, opening says what to run, and creates nothing."""
    with pytest.raises(SchemaTooOld, match="telemarketing migrate"):
        await Database(empty_url).open()
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - a folder of this test alone


async def test_a_newer_schema_is_refused(database: Database, database_url: str) -> None:
    """A database of a newer program is left alone, with one sentence that says what to install."""
    async with database.writing() as tx:
        await tx.execute(update(schema_version).values(version_num="9999"))
    with pytest.raises(SchemaTooNew, match=r"9999.*install the newer version"):
        await Database(database_url).open()


async def test_an_older_schema_is_refused(database: Database, database_url: str) -> None:
    """A database of an older program has to be migrated first."""
    async with database.writing() as tx:
        await tx.execute(update(schema_version).values(version_num="0000"))
    with pytest.raises(SchemaTooOld, match=r"0000.*telemarketing migrate"):
        await Database(database_url).open()


@pytest.mark.parametrize(
    "url", ["mysql://a:secret@b/c", "/var/x.db", "sqlite://", "sqlite:///:memory:"]
)
def test_an_address_of_another_form_is_refused_without_showing_it(url: str) -> None:
    """The forms that are understood are named; what was written may hold a password."""
    with pytest.raises(StorageError, match="sqlite:////") as refusal:
        Database(url)
    assert "secret" not in str(refusal.value)


async def test_a_server_that_is_away_is_unavailable_and_its_password_stays_secret() -> None:
    """Nobody listens at the port: try again later, says an error without the password."""
    database = Database("postgresql://someone:secret@127.0.0.1:1/nothing")
    with pytest.raises(StorageUnavailable, match=r"someone.*: start PostgreSQL, or") as refusal:
        await database.open()
    assert "secret" not in str(refusal.value)


async def test_a_server_of_no_name_is_said() -> None:
    """A host that no DNS knows is a mistake in the address, not a server that is away."""
    with pytest.raises(StorageUnavailable, match="name is not known: correct the host"):
        await Database("postgresql://someone@no such host/nothing").open()


async def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """An address that names a folder is said to need a file in it."""
    with pytest.raises(StorageError, match="is a folder: name a file in it"):
        await Database(f"sqlite:///{tmp_path}").open()


@contextmanager
def as_another_user() -> Iterator[None]:
    """Do without the rights of root, who may open everything; an ordinary user has none to lose."""
    own = os.geteuid()
    os.seteuid(65534 if own == 0 else own)
    try:
        yield
    finally:
        os.seteuid(own)


async def test_a_file_of_another_user_is_said_with_the_cure(
    migrated_file: Path, tmp_path: Path
) -> None:
    """Who may not look into the folder is told as whom to run the command."""
    folder = tmp_path / "private"
    folder.mkdir()
    shutil.copy(migrated_file, folder / "telemarketing.db")
    folder.chmod(0)
    try:
        with (
            as_another_user(),
            pytest.raises(StorageUnavailable, match="sudo -u telemarketing telemarketing"),
        ):
            await Database(f"sqlite:///{folder}/telemarketing.db").open()
    finally:
        folder.chmod(0o700)


@pytest.mark.parametrize(
    "url", ["postgresql://u:hunter2@host/db", "postgresql://u@host/db?password=hunter2"]
)
def test_an_address_is_shown_without_its_password(url: str) -> None:
    """Wherever the password stands in it."""
    assert "hunter2" not in str(Address(url))


@pytest.mark.postgresql
async def test_a_database_that_does_not_exist_is_no_passing_fault(
    postgresql_server: Server,
) -> None:
    """Waiting does not cure a wrong name."""
    with pytest.raises(StorageError, match='"nowhere" does not exist; make it with') as refusal:
        await Database(postgresql_server.url("nowhere")).open()
    assert not isinstance(refusal.value, StorageUnavailable)


async def test_no_update_is_lost_between_two_daemons(database: Database, database_url: str) -> None:
    """Two hundred read-and-write transactions from two programs at once all count."""
    async with database.writing() as tx:
        await tx.execute(insert(departments).values(id=1, name="0"))
    other = Database(database_url)
    await other.open()

    async def count_up(which: Database) -> None:
        for _ in range(50):
            async with which.writing() as tx:
                name = await tx.scalar(select(departments.c.name).with_for_update())
                await tx.execute(update(departments).values(name=str(int(name or "") + 1)))

    await asyncio.gather(*(count_up(which) for which in (database, other) * 2))
    await other.close()
    async with database.reading() as tx:
        assert await names(tx) == ["200"]


async def test_a_reader_sees_one_state(database: Database) -> None:
    """What is committed during a reading transaction is not seen in it, nor held up by it."""
    async with database.reading() as tx:
        assert await names(tx) == []
        async with database.writing() as writer:
            await writer.execute(insert(departments).values(name="new"))
        assert await names(tx) == []
    async with database.reading() as tx:
        assert await names(tx) == ["new"]


async def test_a_reader_cannot_write(database: Database) -> None:
    """A reading transaction refuses to write."""
    with pytest.raises(StorageError):
        async with database.reading() as tx:
            await tx.execute(insert(departments).values(name="never"))


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_page_starts_no_processes_in_the_server(database: Database) -> None:
    """Parallel workers and compilation take longer than the short statements of a page."""
    async with database.reading() as tx:
        for setting, value in {"max_parallel_workers_per_gather": "0", "jit": "off"}.items():
            assert await tx.scalar(text(f"SHOW {setting}")) == value


async def test_an_exception_takes_back_what_was_written(database: Database) -> None:
    """A transaction that fails in its middle leaves nothing, and its exception goes through."""

    async def fail() -> None:
        async with database.writing() as tx:
            await tx.execute(insert(departments).values(name="never"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    async with database.reading() as tx:
        assert await names(tx) == []


async def test_a_cancelled_task_leaves_the_database_usable(database: Database) -> None:
    """Cancelled between two statements: nothing stored, and the next writer need not wait."""
    written = asyncio.Event()

    async def interrupted() -> None:
        async with database.writing() as tx:
            await tx.execute(insert(departments).values(name="never"))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(interrupted())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await assert_usable(database)


SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000000)"
    " SELECT max(i) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


async def test_a_task_cancelled_inside_a_statement_leaves_the_database_usable(
    database: Database, kind: str
) -> None:
    """Cancelled while the database works: nothing stored, and writing goes on."""
    written = asyncio.Event()

    async def interrupted() -> None:
        async with database.writing() as tx:
            await tx.execute(insert(departments).values(name="never"))
            asyncio.get_running_loop().call_soon(written.set)
            await tx.execute(text(SLOW[kind]))

    task = asyncio.create_task(interrupted())
    await written.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await assert_usable(database)


async def assert_usable(database: Database) -> None:
    """What was interrupted is not there, and a new row is."""
    async with asyncio.timeout(10):
        async with database.writing() as tx:
            await tx.execute(insert(departments).values(name="after"))
        async with database.reading() as tx:
            assert await names(tx) == ["after"]


@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_a_full_disk_harms_nothing_and_passes(database: Database, call_log: CallLog) -> None:
    """When the file cannot grow, a batch is unavailable as a whole; with space it is stored."""
    async with database.writing() as tx:
        pages = await tx.scalar(text("PRAGMA page_count"))
        await tx.execute(text(f"PRAGMA max_page_count = {pages}"))
    calls = [ended(make_call(number=f"+38044{counter:07d}")) for counter in range(200)]
    with pytest.raises(StorageUnavailable, match="disk is full"):
        await call_log.record(calls)
    async with database.writing() as tx:
        assert await tx.scalar(text("PRAGMA integrity_check")) == "ok"
        assert await list_calls(tx, CallFilter(), limit=1) == []
        await tx.execute(text("PRAGMA max_page_count = 100000"))
    await call_log.record(calls)
    async with database.reading() as tx:
        assert len(await list_calls(tx, CallFilter(), limit=1000)) == 200


@pytest.mark.parametrize("kind", ["postgresql"], indirect=True)
async def test_a_server_that_restarts_is_unavailable_meanwhile(
    database: Database, call_log: CallLog, postgresql_server: Server
) -> None:
    """A crash of the server makes the next write unavailable, and its return cures it."""
    call = ended(make_call())
    await call_log.record([call])
    await asyncio.to_thread(postgresql_server.halt)
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            await call_log.record([ended(make_call())])
    await asyncio.to_thread(postgresql_server.start)
    await call_log.record([ended(make_call())])
    async with database.reading() as tx:
        assert len(await list_calls(tx, CallFilter(), limit=10)) == 2


@pytest.mark.postgresql
async def test_a_server_that_hangs_does_not_hold_up_the_stop(
    postgresql_server: Server, migrated_template: str
) -> None:
    """A server that answers nothing any more is left behind, and not waited for."""
    name = postgresql_server.create(template=migrated_template)
    database = Database(postgresql_server.url(name))
    async with database.writing() as tx:
        process = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
    os.kill(process, signal.SIGSTOP)
    try:
        async with asyncio.timeout(5):
            await database.close()
    finally:
        os.kill(process, signal.SIGCONT)
        postgresql_server.drop(name)


def test_a_locked_file_is_a_passing_fault(migrated_file: Path, tmp_path: Path) -> None:
    """Another program that holds the file locked makes a write unavailable, not impossible."""
    path = tmp_path / "locked.db"
    path.write_bytes(migrated_file.read_bytes())
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as holder,
        closing(sqlite3.connect(path, timeout=0)) as waiting,
    ):
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            waiting.execute("INSERT INTO departments (name) VALUES ('never')")
    fault = what_went_wrong(locked.value, Address(f"sqlite:///{path}"))
    assert isinstance(fault, StorageUnavailable)
    assert "locked" in str(fault)
