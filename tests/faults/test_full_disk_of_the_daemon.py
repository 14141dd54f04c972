"""The daemon itself on a full disk: it lives, says so, and later stores all that it heard."""

import asyncio
from pathlib import Path

import pytest

from telemarketing.storage.migrate import migrate
from tests.ami.server import AmiServer
from tests.faults.disk import fill
from tests.serving import address, calls_when, copies, daemon_on

pytestmark = pytest.mark.process


async def test_the_daemon_outlives_a_full_disk(small_disk: Path, tmp_path: Path) -> None:
    """Sixty calls pass while no byte can be written; all are stored once the disk has room."""
    url = f"sqlite:///{small_disk}/telemarketing.db"
    await asyncio.to_thread(migrate, url)
    async with (
        AmiServer() as server,
        daemon_on(tmp_path, url, address("main", server)) as daemon,
    ):
        await daemon.start()
        calls = copies("outbound/answered", 61, numbers=61)
        server.say(calls[0])
        await calls_when(url, lambda stored: len(stored) == 1 and bool(stored[0].ended_at))
        ballast = await asyncio.to_thread(fill, small_disk)
        server.say(*calls[1:])
        await daemon.logs("database takes no writes")
        await asyncio.to_thread(ballast.unlink)
        await calls_when(
            url, lambda stored: len(stored) == 61 and all(call.ended_at for call in stored)
        )
        leads = await daemon.ask("leads", "--json", "--limit", "100")

    assert [lead["call_count"] for lead in leads] == [1] * 61
    assert "database takes writes again" in daemon.log_text()
