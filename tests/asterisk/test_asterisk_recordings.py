"""Recordings of real Asterisks: named, found, complete, and heard by whoever may."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from telemarketing import clock
from telemarketing.crm.accounts import Accounts
from telemarketing.crm.operators import add_operator
from telemarketing.crm.passwords import Passwords
from telemarketing.model.operator import Role
from telemarketing.model.recording import Recording, RecordingState
from telemarketing.storage.calls import CallFilter, StoredCall, list_calls
from telemarketing.storage.engine import Database
from telemarketing.storage.recordings import list_recordings
from tests.asterisk.office import Department, Office
from tests.asterisk.pbx import Pbx
from tests.asterisk.phone import Refuse, Talk
from tests.daemon import Daemon, address_of
from tests.media.test_media_audio import wav
from tests.web.panel import Visitor

PATIENCE_S = 15
TALK_S = 1.5
SNIPPET_DID = "380443011101"
LOG_DID = "380443010101"


@dataclass
class Listening:
    """A daemon that follows an Asterisk and serves its panel, and whoever may sign in there."""

    pbx: Pbx
    office: Office
    daemon: Daemon
    database: Database
    seller: Visitor
    stranger: Visitor

    @property
    def department(self) -> Department:
        return self.office.departments[0]

    async def call_in(self, did: str) -> None:
        """A client calls, and it is over."""
        await self.department.client().call(did).ended()

    async def only_call(self) -> tuple[StoredCall, list[Recording]]:
        """The one call there is, once it is stored as ended, with its recordings."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                async with self.database.reading() as tx:
                    stored = await list_calls(tx, CallFilter(live=False), 10)
                    known = await list_recordings(tx, [one.id for one in stored])
                if stored:
                    (call,) = stored
                    return call, list(known.get(call.id, ()))
                await asyncio.sleep(0.02)

    async def only_recording(self, *states: RecordingState) -> tuple[StoredCall, Recording]:
        """The one recording of the one call, once it is in one of these states."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                call, recordings = await self.only_call()
                if recordings and recordings[0].state in states:
                    (recording,) = recordings
                    return call, recording
                await asyncio.sleep(0.02)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


async def _employ(database: Database, full_name: str, extension: str) -> str:
    """Let somebody work here in a department of their own, and give a token of their session."""
    operator = await add_operator(
        database,
        full_name=full_name,
        extensions=[extension],
        valid_from=0,
        department=f"Отдел {extension}",
        role=Role.OPERATOR,
    )
    accounts = Accounts(database, Passwords(time_cost=1, memory_kib=8), 43_200)
    now = clock.now_ms()
    login, password = f"operator-{extension}", "correct horse battery"
    await accounts.set_password(operator.id, login, password, now, must_change=False)
    return await accounts.begin_session(operator.id, "", now)


@pytest.fixture
async def listening(pbx: Pbx, office: Office, tmp_path: Path) -> AsyncIterator[Listening]:
    """All of it, with nothing called yet."""
    url = f"sqlite:///{tmp_path}/telemarketing.db"
    async with AsyncExitStack() as stack:
        daemon = Daemon(tmp_path, url, [address_of(pbx)])
        stack.push_async_callback(daemon.close)
        port = _free_port()
        settings = daemon.config.read_text().replace("port = 0", f"port = {port}")
        daemon.config.write_text(f'{settings}[recordings]\nroots = ["{pbx.recordings}"]\n')
        await daemon.ask("migrate")
        database = Database(url)
        await database.open()
        stack.push_async_callback(database.close)
        tokens = [
            await _employ(database, "Иваненко Иван", "101"),
            await _employ(database, "Петренко Пётр", "171"),
        ]
        await daemon.start()
        visitors = [Visitor(f"http://127.0.0.1:{port}/", token) for token in tokens]
        for visitor in visitors:
            await stack.enter_async_context(visitor.session)
        yield Listening(pbx, office, daemon, database, *visitors)


@pytest.mark.asterisk
@pytest.mark.parametrize("did", ["380443001101", SNIPPET_DID], ids=["freepbx", "shipped"])
async def test_a_talk_is_heard_by_who_had_it(listening: Listening, did: str) -> None:
    """Named by MixMonitor and by the log, it is one recording; ready at once; played by Range."""
    listening.department.operator(1).script = Talk(0.3, TALK_S)
    await listening.call_in(did)
    over_at = clock.now_ms()

    call, recording = await listening.only_recording(RecordingState.READY)

    assert clock.now_ms() - over_at < 3000
    assert recording.path.startswith("/")
    assert recording.file is not None
    assert Path(recording.file).is_relative_to(listening.pbx.recordings)
    assert recording.duration_ms == pytest.approx(TALK_S * 1000, abs=400)
    audio = f"/calls/{call.id}/recordings/0/audio"
    part = await listening.seller.get(audio, headers={"Range": "bytes=44-1043"})
    whole = await listening.seller.get(audio)
    assert (part.status, part.body) == (206, whole.body[44:1044])
    assert whole.headers["Content-Type"] == "audio/wav"
    assert len(set(whole.body[44:])) > 2  # not silence
    assert "data-player" in (await listening.seller.get(f"/calls/{call.id}/recordings")).text
    assert (await listening.stranger.get(audio)).status == 404


@pytest.mark.asterisk
async def test_an_unanswered_call_leaves_an_empty_file(listening: Listening) -> None:
    """With the option b nothing is recorded before the answer, and nothing is said of it."""
    listening.department.operator(1).script = Refuse(486, 0.3)
    await listening.call_in("380443001101")

    call, recording = await listening.only_recording(RecordingState.EMPTY)

    assert recording.size_bytes is not None
    assert recording.size_bytes <= 60
    shown = await listening.seller.get(f"/calls/{call.id}/recordings")
    assert re.sub(r"<[^>]*>|\s", "", shown.text) == ""


@pytest.mark.asterisk
async def test_a_name_that_the_log_alone_tells_is_found(listening: Listening) -> None:
    """The record comes as the call ends, or just after it; its bare name lies in the day's folder.

    The file appears a moment after the call, as where another program converts it.
    """
    listening.department.operator(1).script = Talk(0.1, 0.3)
    await listening.call_in(LOG_DID)
    call, expected = await listening.only_recording(RecordingState.EXPECTED)
    assert re.fullmatch(r"log-[0-9.]+\.wav", expected.path)
    began = datetime.fromtimestamp(call.call.started_at / 1000, ZoneInfo("Europe/Kyiv"))
    folder = listening.pbx.recordings / f"{began:%Y/%m/%d}"
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    await asyncio.to_thread((folder / expected.path).write_bytes, wav(2))

    _, recording = await listening.only_recording(RecordingState.READY)

    assert recording.file == str(folder / expected.path)
    assert recording.duration_ms == 2000
