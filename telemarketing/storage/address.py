"""Where the database is, and how to connect to it: what differs between SQLite and PostgreSQL.

In: an address as the settings hold it. Out: SQLAlchemy engines for one purpose each. It connects to
nothing by itself and never shows a password.
"""

from enum import Enum
from pathlib import Path
from stat import S_ISDIR
from urllib.parse import quote

from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from telemarketing.errors import StorageError

_BUSY_TIMEOUT_MS = 5000
_CONNECT_TIMEOUT_S = 10.0
_STATEMENT_TIMEOUT_S = 60.0
_FORMS = "sqlite:///relative.db, sqlite:////absolute.db or postgresql://user:password@host/name"


class Purpose(Enum):
    """What the connections of an engine are for."""

    WRITING = "writing"
    READING = "reading"
    MIGRATING = "migrating"
    """Writing, with SQLite's foreign keys off: rebuilding a table must not empty the others."""


class Address:
    """A database's address; shown without its password.

    Args:
        url: see `telemarketing.storage.engine.Database`.

    Raises:
        StorageError: the address is of another form.
    """

    path: Path | None
    """The file of SQLite; None = PostgreSQL."""

    def __init__(self, url: str) -> None:
        """See the class."""
        self._url = _parse(url)
        is_file = self._url.get_backend_name() == "sqlite"
        self.path = Path(self._url.database or "") if is_file else None

    def __str__(self) -> str:
        # A password may stand in the query as well, where nobody hides it.
        return str(self.path or self._url.set(query={}).render_as_string(hide_password=True))

    def is_there(self) -> bool:
        """Tell whether the file exists; of PostgreSQL this is not known before connecting: True.

        Raises:
            StorageError: a folder has that name.
            OSError: this user may not look.
        """
        if self.path is None:
            return True
        try:
            mode = self.path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return False
        if S_ISDIR(mode):
            raise StorageError(f"{self} is a folder: name a file in it in database.url")
        return True

    def engine(self, purpose: Purpose, connections: int) -> AsyncEngine:
        """Make an engine that holds at most so many connections, and opens them when needed."""
        if self.path is None:
            return _postgresql_engine(self._url, purpose, connections)
        return _sqlite_engine(self.path, purpose, connections)


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError:
        url = None
    if url is None or url.drivername not in {"sqlite", "postgresql"}:
        raise StorageError(f"the database's address is not understood: write it as {_FORMS}")
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        raise StorageError("the database's address names no file: write sqlite:////path/to/file.db")
    return url


def _postgresql_engine(url: URL, purpose: Purpose, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        # A server that has restarted since is no reason to fail.
        pool_pre_ping=True,
        connect_args={
            "timeout": _CONNECT_TIMEOUT_S,
            "command_timeout": None if purpose is Purpose.MIGRATING else _STATEMENT_TIMEOUT_S,
            "server_settings": {
                "application_name": "telemarketing",
                # A page is short work: to compile it, or to start processes for it, takes longer.
                "jit": "off",
                "max_parallel_workers_per_gather": "0",
            },
        },
    )
    if purpose is Purpose.READING:
        # A page reads with several statements, and they must see the same rows.
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


def _sqlite_engine(path: Path, purpose: Purpose, connections: int) -> AsyncEngine:
    # mode=rw: a mistyped path must be an error, not a new empty database.
    mode = "rwc" if purpose is Purpose.MIGRATING else "rw"
    engine = create_async_engine(
        URL.create(
            "sqlite+aiosqlite",
            database=f"file:{quote(str(path))}",
            query={"mode": mode, "uri": "true"},
        ),
        pool_size=connections,
        max_overflow=0,
        hide_parameters=True,
        # None: the driver begins no transactions of its own, which would begin too late and lose
        # what another connection wrote in between.
        connect_args={"isolation_level": None, "timeout": _BUSY_TIMEOUT_MS / 1000},
    )
    pragmas = _pragmas(purpose)
    begin = "BEGIN" if purpose is Purpose.READING else "BEGIN IMMEDIATE"

    @event.listens_for(engine.sync_engine, "connect")
    def _set_up(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _pragmas(purpose: Purpose) -> tuple[str, ...]:
    if purpose is Purpose.READING:
        # Half a MB each: pages are as fast as with the usual 2 MB, for the system keeps the file.
        return ("query_only = ON", "cache_size = -512")
    foreign_keys = "OFF" if purpose is Purpose.MIGRATING else "ON"
    # WAL is a property of the file, kept from its first writer on.
    return ("journal_mode = WAL", "synchronous = FULL", f"foreign_keys = {foreign_keys}")
