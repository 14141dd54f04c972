"""Real databases for every test that asks: an SQLite file and a PostgreSQL server of its own.

Also: operators to be in them, and an event loop in which nothing may block.
A test that takes `database_url` or `database` runs twice, once on each. Both start from a copy of a
database that was migrated once.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.operators import add_operator
from telemarketing.model.operator import Operator
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate
from tests.make import DAY_MS, MONDAY
from tests.postgresql import Server, folder_in_memory, start_server

_ALONE_IN_THEIR_LOOP = [
    "telemarketing.ami.capture",
    "telemarketing.storage.migrate",
    "telemarketing.storage.migrations",
    "telemarketing.storage.backup",
]
"""What runs in an event loop that nobody else is in."""

_KINDS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Set apart what runs on both databases, so that the quick answer of all others comes first."""
    for item in items:
        if "kind" in getattr(item, "fixturenames", ()):
            item.add_marker("database")


@pytest.fixture(autouse=True)
def nothing_blocks() -> Iterator[None]:
    """Fail every test in which our code makes the event loop wait for a file or a socket."""
    with blockbuster_ctx("telemarketing", excluded_modules=_ALONE_IN_THEIR_LOOP) as blocking:
        # To open a connection, asyncpg looks for certificates and passwords in the home folder.
        for function in blocking.functions.values():
            function.can_block_in("asyncpg/connect_utils.py", "_parse_connect_dsn_and_args")
        yield


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A PostgreSQL of this test run, without durability, in memory where there is room."""
    server = start_server(disk=folder_in_memory())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with the newest schema and nobody in it; to be copied, not used."""
    path = tmp_path_factory.mktemp("migrated") / "empty.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_template(postgresql_server: Server) -> str:
    """The same in PostgreSQL: name of a database to be used as a template only."""
    name = "migrated"
    postgresql_server.create(name)
    migrate(postgresql_server.url(name))
    return name


@pytest.fixture(params=_KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Which of the two databases this run of the test is on."""
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a database without any tables; of SQLite, not even the file is there."""
    if kind == "sqlite":
        yield f"sqlite:///{tmp_path}/telemarketing.db"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database_url(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a database of this test alone, with the newest schema and nobody in it."""
    if kind == "sqlite":
        path = tmp_path / "telemarketing.db"
        shutil.copy(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create(template=request.getfixturevalue("migrated_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The database of `database_url`, open."""
    database = Database(database_url)
    await database.open()
    yield database
    async with asyncio.timeout(5):
        await database.close()


@pytest.fixture
async def seller(database: Database) -> Operator:
    """The operator of extension 101 for as long as the tests remember."""
    return await add_operator(
        database,
        full_name="Иваненко Иван Иванович",
        extensions=["101"],
        valid_from=MONDAY - 7 * DAY_MS,
        department="Продажи",
    )


@pytest.fixture
async def colleague(database: Database) -> Operator:
    """The operator of extension 102, with an own mobile, in another department."""
    return await add_operator(
        database,
        full_name="Петренко Пётр Петрович",
        extensions=["102"],
        valid_from=MONDAY - 7 * DAY_MS,
        department="Поддержка",
        mobiles=["+380671112233"],
    )


@pytest.fixture
def call_log(database: Database) -> CallLog:
    """The call log of the database of this test."""
    return CallLog(database)
