"""The watch over expected files: from the end of a call to a player, or to a sentence."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from telemarketing import clock
from telemarketing.crm.call_log import CallLog
from telemarketing.jobs.recordings import RecordingWatch
from telemarketing.live import Follower, Live
from telemarketing.media.finder import Finder
from telemarketing.media.roots import Roots
from telemarketing.model.call import Call
from telemarketing.model.changes import CallEnded, RecordingChanged
from telemarketing.model.recording import Recording, RecordingState
from telemarketing.storage.engine import Database
from telemarketing.storage.recordings import list_recordings, update_to_expected
from tests.make import answered, ended, make_call
from tests.media.test_media_audio import wav

PATIENCE_S = 10


class Watched:
    """A watch, the disk and the database under it, and what it told."""

    def __init__(self, database: Database, root: Path, wait_s: float = 3600) -> None:
        self.database = database
        self.root = root
        self.live = Live()
        self.ahead_ms = 0
        """How far its clock is ahead of the calls."""
        self.watch = RecordingWatch(
            database,
            Finder(Roots([root]), ZoneInfo("Europe/Kyiv")),
            self.live,
            lambda: clock.now_ms() + self.ahead_ms,
            wait_s=wait_s,
            gather_s=0.01,
            pause_first_s=0.5,
            pause_after_fault_s=0.05,
        )

    async def end(self, *paths: str) -> Call:
        """Let a talk with these recordings end now, be stored and told."""
        call = answered(make_call(started_at=clock.now_ms() - 64_000))
        call = replace(ended(call), recordings=paths)
        await CallLog(self.database).record([call])
        self.live.publish(CallEnded(call))
        return call

    async def rename(self, before: str, after: str) -> None:
        """Take a table away, or bring it back."""
        async with self.database.writing() as tx:
            await tx.execute(text(f"ALTER TABLE {before} RENAME TO {after}"))

    async def recordings(self) -> list[Recording]:
        """All that are stored."""
        async with self.database.reading() as tx:
            ids = list(await tx.scalars(text("SELECT id FROM calls")))
            return [one for of_one in (await list_recordings(tx, ids)).values() for one in of_one]

    async def when(self, happened: Callable[[Recording], bool]) -> Recording:
        """Read the one recording until it is as expected."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                (one,) = await self.recordings()
                if happened(one):
                    return one
                await asyncio.sleep(0.02)

    async def told(self, follower: Follower) -> list[RecordingState]:
        """Wait until something changed, and read in which states recordings are."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                changes, _ = await follower.read()
                if any(isinstance(change, RecordingChanged) for change in changes):
                    return [one.state for one in await self.recordings()]


@asynccontextmanager
async def running(watched: Watched) -> AsyncIterator[Follower]:
    """Let the watch run while the context lasts; gives what open panels are told."""
    task = asyncio.create_task(watched.watch.run())
    try:
        with watched.live.follow() as follower:
            yield follower
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
def watched(database: Database, tmp_path: Path) -> Watched:
    """A watch over a folder that is there and empty."""
    root = tmp_path / "rec"
    root.mkdir()
    return Watched(database, root)


async def test_a_file_is_ready_within_two_seconds_of_the_end(watched: Watched) -> None:
    """It is looked at twice, told once, and its length is known."""
    (watched.root / "a.wav").write_bytes(wav(3))
    loop = asyncio.get_running_loop()
    async with running(watched) as told:
        await watched.end("a.wav")
        began = loop.time()
        assert await watched.told(told) == [RecordingState.READY]

    assert loop.time() - began < 2
    (ready,) = await watched.recordings()
    assert (ready.file, ready.duration_ms) == (str(watched.root / "a.wav"), 3000)
    assert watched.watch.waiting_count == 0


async def test_a_file_that_comes_late_is_found(watched: Watched) -> None:
    """Nothing is told while it is not there; once it is, it becomes ready."""
    async with running(watched) as told:
        await watched.end("a.wav")
        await watched.when(lambda one: one.looked_at is not None)
        (watched.root / "a.wav").write_bytes(wav(1))
        assert await watched.told(told) == [RecordingState.READY]


async def test_a_growing_file_is_not_ready(watched: Watched) -> None:
    """As long as each look finds more of it, it is expected."""
    sound = wav(60)
    file = watched.root / "a.wav"
    file.write_bytes(sound[:1000])
    async with running(watched) as told:
        await watched.end("a.wav")
        for size in (1000, 2000):
            seen = await watched.when(lambda one, size=size: one.size_bytes == size)  # type: ignore[misc]
            assert seen.state is RecordingState.EXPECTED
            file.write_bytes(sound[: size + 1000])
        assert await watched.told(told) == [RecordingState.READY]


async def test_what_was_expected_before_a_restart_is_looked_for_after_it(watched: Watched) -> None:
    """A new watch knows from the database what the old one was waiting for."""
    async with running(watched) as told:
        await watched.end("a.wav")
        await watched.when(lambda one: one.looked_at is not None)
    (watched.root / "a.wav").write_bytes(wav(1))

    again = Watched(watched.database, watched.root)
    async with running(again) as told:
        assert await again.told(told) == [RecordingState.READY]


async def test_a_file_that_does_not_come_is_missing(watched: Watched) -> None:
    """After its time, and not before, the search ends, and that is told."""
    async with running(watched) as told:
        await watched.end("a.wav")
        await watched.when(lambda one: one.looked_at is not None)
        watched.ahead_ms = 3_601_000
        assert await watched.told(told) == [RecordingState.MISSING]
    assert watched.watch.waiting_count == 0


async def test_a_header_without_sound_is_empty(watched: Watched) -> None:
    """What an unanswered call leaves is no recording."""
    (watched.root / "a.wav").write_bytes(wav(0))
    async with running(watched) as told:
        await watched.end("a.wav")
        assert await watched.told(told) == [RecordingState.EMPTY]


async def test_a_path_outside_is_told_at_once(watched: Watched) -> None:
    """Nobody has to wait for what is never opened."""
    async with running(watched) as told:
        await watched.end("/etc/passwd")
        assert await watched.told(told) == [RecordingState.OUTSIDE]


async def test_a_person_may_let_it_be_looked_for_again(watched: Watched) -> None:
    """A file that came after it was given up becomes ready."""
    watched.ahead_ms = 3_601_000
    async with running(watched) as told:
        await watched.end("a.wav")
        assert await watched.told(told) == [RecordingState.MISSING]
        (watched.root / "a.wav").write_bytes(wav(1))
        (missing,) = await watched.recordings()
        async with watched.database.writing() as tx:
            await update_to_expected(tx, missing.call_id)
        watched.live.publish(RecordingChanged(missing.call_id, None))
        await watched.when(lambda one: one.state is RecordingState.READY)


async def test_many_calls_are_looked_for_at_once(watched: Watched) -> None:
    """Five hundred ends in a row are ready in a handful of transactions."""
    (watched.root / "a.wav").write_bytes(wav(1))
    talk = answered(make_call(started_at=clock.now_ms() - 64_000))
    calls = [replace(ended(talk), linkedid=f"5.{n}", recordings=("a.wav",)) for n in range(500)]
    await CallLog(watched.database).record(calls)
    told: set[int] = set()
    async with running(watched) as follower, asyncio.timeout(PATIENCE_S):
        while len(told) < len(calls):
            changes, _ = await follower.read()
            told |= {change.call_id for change in changes if isinstance(change, RecordingChanged)}

    assert {one.state for one in await watched.recordings()} == {RecordingState.READY}


async def test_a_database_that_is_away_delays_the_search(watched: Watched) -> None:
    """It is said, and the search goes on when the database is back, though nobody calls."""
    (watched.root / "a.wav").write_bytes(wav(1))
    await watched.end("a.wav")
    await watched.rename("call_recordings", "gone")
    with capture_logs() as lines:
        async with running(watched) as told:
            async with asyncio.timeout(PATIENCE_S):
                while not lines:  # noqa: ASYNC110 - the log has no event to wait for
                    await asyncio.sleep(0.01)
            await watched.rename("gone", "call_recordings")
            assert await watched.told(told) == [RecordingState.READY]

    assert {line["event"] for line in lines} == {"recordings are not looked for now"}
