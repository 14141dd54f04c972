"""The databases under test: durable ones, on the real disk, with operators and leads.

In: what is wanted. Out: an address. Everything is stored by the program's own code.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from telemarketing.crm.call_log import CallLog
from telemarketing.crm.operators import add_operator
from telemarketing.model.call import Call
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate
from tests.make import MONDAY, answered, ended, make_call
from tests.postgresql import start_server

KINDS = ("SQLite", "PostgreSQL")
DISK = Path("/var/tmp")  # noqa: S108  # /tmp may be memory, and a commit to memory costs nothing
EXTENSIONS = ("101", "102", "103", "104")
_BATCH = 200


@contextmanager
def new_database(kind: str, folder: Path) -> Iterator[str]:
    """Make an empty, migrated database with a few operators and give its address.

    SQLite is as the daemon opens it (WAL, synchronous FULL), PostgreSQL as it is by itself (fsync
    and synchronous_commit on).
    """
    with ExitStack() as stack:
        if kind == "SQLite":
            url = f"sqlite:///{folder}/telemarketing.db"
        else:
            server = start_server(settings=(), disk=DISK)
            stack.callback(server.stop)
            url = server.url(server.create())
        migrate(url)
        asyncio.run(_add_operators(url))
        yield url


async def _add_operators(url: str) -> None:
    database = Database(url)
    await database.open()
    for extension in EXTENSIONS:
        await add_operator(
            database,
            full_name=f"Оператор {extension}",
            extensions=[extension],
            valid_from=MONDAY,
            department="Продажи",
        )
    await database.close()


def fill(url: str, leads: int) -> None:
    """Store one answered call to each of so many unknown numbers, so that each makes a lead."""
    asyncio.run(_fill(url, leads))


async def _fill(url: str, leads: int) -> None:
    database = Database(url)
    await database.open()
    call_log = CallLog(database)
    for first in range(0, leads, _BATCH):
        numbers = range(first, min(first + _BATCH, leads))
        await call_log.record([_call(number) for number in numbers])
    await database.close()


def _call(number: int) -> Call:
    call = make_call(
        pbx="bench",
        number=f"+38067{number:07d}",
        raw_number=f"067{number:07d}",
        started_at=MONDAY + number * 1000,
    )
    return replace(ended(answered(call)), linkedid=f"{MONDAY // 1000 + number}.{number}")
