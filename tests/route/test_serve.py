"""The whole way, in the daemon's own process: from a PBX's socket to the lead in the database.

The PBXs here are scripted servers that speak AMI over TCP, so that they can misbehave.
"""

import asyncio
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from telemarketing.model.call import Disposition
from tests.ami.server import AmiServer, silence
from tests.daemon import Daemon
from tests.serving import SELLER, address, calls_when, copies, daemon_on, one_is_over, recorded

_PATIENCE_S = 15

pytestmark = pytest.mark.process


async def test_a_recorded_call_becomes_a_call_and_a_lead(tmp_path: Path, database_url: str) -> None:
    """Bytes of a real Asterisk go in; the call, its lead and its responsible come out."""
    async with (
        AmiServer() as server,
        daemon_on(tmp_path, database_url, address("main", server)) as daemon,
    ):
        await daemon.start()
        server.say(recorded("outbound/answered"))
        (call,) = await calls_when(database_url, one_is_over)
        (lead,) = await daemon.ask("leads", "--json")

        assert call.disposition is Disposition.ANSWERED
        assert lead["title"] == lead["phone"] == call.number
        assert lead["responsible"] == SELLER
        assert await daemon.stop() == 0
        assert str(call.number) not in daemon.log_text()


async def test_a_pbx_that_is_away_or_refuses_us_does_not_disturb_the_others(
    tmp_path: Path, database_url: str
) -> None:
    """One PBX is switched off, one refuses the secret, the third is followed as ever."""
    async with AmiServer() as good, AmiServer() as refusing:
        async with AmiServer() as gone:
            away = address("away", gone)
        pbxs = (address("good", good), replace(address("refusing", refusing), secret="wrong"), away)
        async with daemon_on(tmp_path, database_url, *pbxs) as daemon:
            await daemon.launch()
            await daemon.reaches("following", "good")
            await daemon.reaches("refused", "refusing")
            good.say(recorded("inbound/answered"))
            (call,) = await calls_when(database_url, one_is_over)

            assert call.pbx == "good"
            log = daemon.log_text()
            assert "login refused" in log
            assert "wrong" not in log
            assert refusing.count("Login") == 1


async def test_garbage_and_cut_messages_do_not_stop_the_daemon(
    tmp_path: Path, database_url: str
) -> None:
    """Random bytes, half an event, a reconnect: the next call is stored as if nothing had been."""
    async with (
        AmiServer() as server,
        daemon_on(tmp_path, database_url, address("main", server)) as daemon,
    ):
        await daemon.start()
        server.say(bytes(range(256)) * 40, b"\r\n\r\n", b"Event: Hangup\r\nUniqueid: 1.1\r\nLin")
        server.hang_up()
        await server.connected(2)
        await daemon.reaches("following")
        server.say(recorded("outbound/busy"))
        (call,) = await calls_when(database_url, one_is_over)

        assert call.disposition is Disposition.BUSY


async def test_a_silent_pbx_does_not_delay_the_stop(tmp_path: Path, database_url: str) -> None:
    """SIGTERM ends the daemon within 10 s with exit code 0, though a PBX answers nothing."""
    async with AmiServer() as server:
        server.answers = dict.fromkeys(server.answers, silence)
        async with daemon_on(tmp_path, database_url, address("main", server)) as daemon:
            await daemon.launch()
            await server.heard("Login")
            async with asyncio.timeout(10):
                assert await daemon.stop() == 0


async def test_a_locked_database_does_not_delay_the_stop(
    tmp_path: Path, migrated_file: Path
) -> None:
    """SIGTERM ends the daemon within 10 s with exit code 0, though what waits cannot be stored."""
    path = tmp_path / "telemarketing.db"
    shutil.copy(migrated_file, path)
    async with (
        AmiServer() as server,
        daemon_on(tmp_path, f"sqlite:///{path}", address("main", server)) as daemon,
    ):
        await daemon.start()
        with closing(sqlite3.connect(path, isolation_level=None)) as holder:
            holder.execute("BEGIN EXCLUSIVE")
            server.say(recorded("outbound/answered"))
            await daemon.logs("another program holds the database locked")
            async with asyncio.timeout(10):
                assert await daemon.stop() == 0

    assert "stopped with calls that the database did not take" in daemon.log_text()


async def test_a_restarted_daemon_joins_what_goes_on(tmp_path: Path, database_url: str) -> None:
    """A call began before a kill; after the restart the PBX no longer names it: end estimated."""
    began, _, rest = recorded("outbound/answered").partition(b"Event: Hangup\r\n")
    assert rest
    async with (
        AmiServer() as server,
        daemon_on(tmp_path, database_url, address("main", server)) as daemon,
    ):
        await daemon.start()
        server.say(began)
        await calls_when(database_url, lambda calls: any(call.answered_at for call in calls))
        await daemon.kill()
        await daemon.start()
        (call,) = await calls_when(database_url, one_is_over)

        assert call.end_estimated
        assert call.disposition is Disposition.ANSWERED


async def test_a_burst_is_stored_whole(tmp_path: Path, database_url: str) -> None:
    """Hundreds of calls at once: every one is a call, and each number one lead."""
    count = 300
    async with (
        AmiServer() as server,
        daemon_on(tmp_path, database_url, address("main", server)) as daemon,
    ):
        await daemon.start()
        server.say(*copies("outbound/answered", count, numbers=5))
        calls = await calls_when(
            database_url,
            lambda calls: len(calls) == count and all(call.ended_at for call in calls),
        )
        leads = await daemon.ask("leads", "--json", "--limit", "1000")

    assert sum(lead["call_count"] for lead in leads) == count
    assert len(leads) == len({call.number for call in calls})


@pytest.mark.postgresql
@pytest.mark.parametrize("kind", ["postgresql"])
async def test_two_daemons_on_one_postgresql_make_one_lead_of_one_number(
    tmp_path: Path, database_url: str
) -> None:
    """Each follows a PBX of its own; the same client calls through both at once."""
    first_folder, second_folder = tmp_path / "one", tmp_path / "two"
    first_folder.mkdir()
    second_folder.mkdir()
    async with (
        AmiServer() as one,
        AmiServer() as two,
        daemon_on(first_folder, database_url, address("one", one)) as first,
    ):
        second = Daemon(second_folder, database_url, [address("two", two)])
        await asyncio.gather(first.start(), second.start())
        try:
            for pbx in (one, two):
                pbx.say(*copies("inbound/answered", 20, numbers=4))
            await calls_when(
                database_url,
                lambda calls: len(calls) == 40 and all(call.ended_at for call in calls),
            )
            leads = await first.ask("leads", "--json")
        finally:
            await second.close()

    assert sorted(lead["call_count"] for lead in leads) == [10, 10, 10, 10]
    assert {lead["responsible"] for lead in leads} == {SELLER}
