"""The daemon's process between scripted PBXs and a database: what tests of the whole way share."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from telemarketing.crm.operators import add_operator
from telemarketing.model.call import Call
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from tests.ami.server import AmiServer
from tests.daemon import Daemon, PbxAddress

SCENARIOS = Path(__file__).parent / "scenarios"
SELLER = "Иваненко Иван Иванович"
_PATIENCE_S = 15


def recorded(case: str) -> bytes:
    """What a real Asterisk sent during a case."""
    return (SCENARIOS / f"{case}.22.ami").read_bytes()


def address(name: str, server: AmiServer) -> PbxAddress:
    """Where a scripted PBX is, with the secret that it takes."""
    return PbxAddress(name, "127.0.0.1", server.port, server.secret)


@asynccontextmanager
async def daemon_on(folder: Path, url: str, *pbxs: PbxAddress) -> AsyncIterator[Daemon]:
    """A daemon with operator 101 and a migrated database, not started yet."""
    database = Database(url)
    await database.open()
    await add_operator(database, full_name=SELLER, extensions=["101"], valid_from=0)
    await database.close()
    daemon = Daemon(folder, url, pbxs)
    try:
        yield daemon
    finally:
        await daemon.close()


async def calls_when(url: str, happened: Callable[[list[Call]], bool]) -> list[Call]:
    """Read the stored calls until they are as expected."""
    database = Database(url)
    await database.open()
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                async with database.reading() as tx:
                    calls = [row.call for row in await list_calls(tx, CallFilter(), 1000)]
                if happened(calls):
                    return calls
                await asyncio.sleep(0.02)
    finally:
        await database.close()


def one_is_over(calls: list[Call]) -> bool:
    """There is one call, and it has ended."""
    return [call.ended_at is not None for call in calls] == [True]


def copies(case: str, count: int, numbers: int) -> list[bytes]:
    """The same recorded call so many times over, with so many different numbers."""
    session = recorded(case)
    return [
        session.replace(b"1795", b"%d" % (2000 + n)).replace(b"0501", b"0%d" % (501 + n % numbers))
        for n in range(count)
    ]
