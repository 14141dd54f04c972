"""Opening our own database, and its transactions.

In: an address. Out: connections with a transaction begun, for the functions of the other files of
`storage`, which need not know whether it is SQLite or PostgreSQL. It knows no table.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from enum import IntEnum
from functools import cache

from sqlalchemy import Table, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from telemarketing.errors import SchemaTooOld
from telemarketing.storage.address import Address, Purpose
from telemarketing.storage.faults import what_went_wrong
from telemarketing.storage.schema import check_version, find_version

Transaction = AsyncConnection
"""A connection inside a transaction, as the functions of `storage` take it."""

Upsert = postgresql.Insert | sqlite.Insert

_CLOSE_TIMEOUT_S = 1.0

# The first number is ours, lest another program on the same database takes the same lock.
_TAKE_TURN = text("SELECT pg_advisory_xact_lock(32286, :turn)")


class Database:
    """Our own database; create it anywhere, `open()` and `close()` it in one event loop.

    Args:
        url: `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://user:pw@host/name`.
        readers: connections for `reading()`; further readers wait for one of them.

    Raises:
        StorageError: the address is of another form.
    """

    def __init__(self, url: str, readers: int = 2) -> None:
        """See the class."""
        self._address = Address(url)
        self._writer: AsyncEngine = self._address.engine(Purpose.WRITING, 1)
        self._reader: AsyncEngine = self._address.engine(Purpose.READING, readers)

    async def open(self) -> None:
        """Connect and make sure that the schema is the one of this program.

        Raises:
            SchemaTooOld: there is no database yet, or `telemarketing migrate` has to run.
            SchemaTooNew: a newer program wrote it.
            StorageUnavailable: it cannot be reached now.
            StorageError: it cannot be used (login refused, not a database, ...).
        """
        try:
            is_there = await asyncio.to_thread(self._address.is_there)
        except OSError as error:
            raise what_went_wrong(error, self._address) from error
        if not is_there:
            raise SchemaTooOld(
                f"there is no database at {self._address}: run `telemarketing migrate`"
            )
        try:
            async with self.reading() as tx:
                version = await tx.run_sync(find_version)
            check_version(version, str(self._address))
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Close all connections; transactions still open are rolled back."""
        for engine in (self._writer, self._reader):
            # A server that hangs is left behind: nothing of it is worth waiting for.
            with suppress(TimeoutError):
                async with asyncio.timeout(_CLOSE_TIMEOUT_S):
                    await engine.dispose()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """Give a transaction that may write: committed at the end, else rolled back.

        One at a time per Database; further ones wait in the order in which they came.

        Raises:
            StorageUnavailable: the write cannot be taken now; nothing of it is stored.
            StorageError: the database refuses it (a constraint, a broken file).
        """
        async with self._transaction(self._writer) as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """Give a transaction that sees one state of the database, whatever is written meanwhile.

        Raises:
            StorageUnavailable: the database cannot be read now.
            StorageError: it cannot be read at all.
        """
        async with self._transaction(self._reader) as tx:
            yield tx

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[Transaction]:
        try:
            async with engine.connect() as tx:
                try:
                    await tx.begin()
                    yield tx
                    await tx.commit()
                except BaseException:
                    # BaseException, for a cancelled task must not leave its transaction open. Where
                    # that fails, the connection is lost, and the transaction with it.
                    with suppress(SQLAlchemyError, OSError):
                        await tx.rollback()
                    raise
        except (SQLAlchemyError, OSError, UnicodeError, OverflowError) as error:
            raise what_went_wrong(error, self._address) from error


class Turn(IntEnum):
    """Kinds of work that only one transaction at a time may do."""

    MIGRATION = 1
    CALLS = 2
    OPERATORS = 3


async def take_turns(tx: Transaction, turn: Turn) -> None:
    """Wait until nobody else is in a transaction of this kind, and keep them out of it.

    What is read after it cannot be changed by another of its kind, and no two of them can wait for
    each other's rows. One statement on PostgreSQL, none on SQLite.
    """
    # On SQLite a writing transaction is alone already.
    if tx.dialect.name == "postgresql":
        await tx.execute(_TAKE_TURN, {"turn": turn.value})


def upsert(tx: Transaction, table: Table, key: Sequence[str], written: Sequence[str]) -> Upsert:
    """Make an INSERT that writes over the row of the same key, in the words of the database.

    Args:
        tx: the transaction that will run it.
        table: where to.
        key: columns that make a row the same row; a unique constraint has to name them.
        written: columns to take from the new row; none = the old row stays as it is.
    """
    return _upsert(tx.dialect.name, table, tuple(key), tuple(written))


@cache
def _upsert(dialect: str, table: Table, key: tuple[str, ...], written: tuple[str, ...]) -> Upsert:
    # Cached, for building it costs more than running it.
    statement: Upsert = (
        postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    )
    if not written:
        return statement.on_conflict_do_nothing(index_elements=key)
    new_row = {name: statement.excluded[name] for name in written}
    return statement.on_conflict_do_update(index_elements=key, set_=new_row)
