"""Looks for the sound files of calls that are over, until each is ready or given up.

In: ended calls, as open panels are told of them too, and whatever the database says is still
expected, so a restart forgets nothing. Out: the recordings' states, stored, and the changes told.
It does not run on the beat of `loop.py`: the first looks follow the end of a call within a second,
the last ones are ten minutes apart, and while nothing is expected nothing runs. Disks may be slow:
all looking is done in a thread.
"""

import asyncio
import posixpath
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from telemarketing.crm.recordings import Look, record_looks
from telemarketing.errors import StorageError
from telemarketing.live import Follower, Live
from telemarketing.media.finder import Finder
from telemarketing.model.changes import CallChanged, CallEnded, Change, RecordingChanged
from telemarketing.model.recording import Recording, RecordingState
from telemarketing.storage import recordings
from telemarketing.storage.engine import Database
from telemarketing.storage.recordings import RecordingOfCall

log = structlog.get_logger(__name__)

_BATCH = 200
_GROWTH = 1.5
_REREAD_S = 60.0
"""How often the database is asked for ends that nobody told, such as estimated ones."""


@dataclass(slots=True)
class _Turn:
    """When a call's files are looked for next, on the loop's clock, and after what pause."""

    at_s: float
    pause_s: float


class RecordingWatch:
    """Follows expected files.

    Args:
        database: where calls are kept.
        finder: looks at the disk.
        live: tells what has been stored, and is told of each recording that changed.
        now_ms: the current instant, epoch milliseconds.
        wait_s: how long after a call its file may still come.
        gather_s: how long the ends of other calls may gather before a look at all of them.
        pause_first_s: between the first two looks; each further pause is half as long again.
        pause_most_s: the longest pause.
        pause_after_fault_s: until the next try when the database is away.
    """

    def __init__(
        self,
        database: Database,
        finder: Finder,
        live: Live,
        now_ms: Callable[[], int],
        *,
        wait_s: float,
        gather_s: float = 0.2,
        pause_first_s: float = 0.7,
        pause_most_s: float = 600.0,
        pause_after_fault_s: float = 5.0,
    ) -> None:
        """See the class."""
        self._database = database
        self._finder = finder
        self._live = live
        self._now_ms = now_ms
        self._wait_ms = int(wait_s * 1000)
        self._gather_s = gather_s
        self._pause_first_s = pause_first_s
        self._pause_most_s = pause_most_s
        self._pause_after_fault_s = pause_after_fault_s
        self._turns: dict[int, _Turn] = {}
        self._warned_of: set[str] = set()
        self._just_started = True

    @property
    def waiting_count(self) -> int:
        """How many calls have a file that is looked for."""
        return len(self._turns)

    async def run(self) -> None:
        """Look for ever; ends by being cancelled."""
        with self._live.follow() as follower:
            while True:
                pause_s = await self._look_safely()
                with suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await _something_to_look_for(follower)
                        await asyncio.sleep(self._gather_s)

    async def _look_safely(self) -> float:
        """The same as `_look`; what goes wrong is said, and only delays the search."""
        try:
            return await self._look()
        except StorageError as error:
            log.warning("recordings are not looked for now", reason=str(error))
            self._just_started = True
        except Exception:
            # A fault of ours that one file brings out may cost its recording, not the search.
            log.exception("recordings are not looked for now, for a fault of the program")
        return self._pause_after_fault_s

    async def _look(self) -> float:
        """Look at all whose turn it is; return for how many seconds there is nothing to do."""
        await self._hear_of_new()
        clock = asyncio.get_running_loop().time
        while due := [call_id for call_id, turn in self._turns.items() if turn.at_s <= clock()]:
            await self._look_for(due[:_BATCH])
        soonest = min((turn.at_s - clock() for turn in self._turns.values()), default=_REREAD_S)
        return min(max(soonest, 0), _REREAD_S)

    async def _hear_of_new(self) -> None:
        if self._just_started:
            # Whoever mends the rights of a folder restarts us, to belong to another group.
            async with self._database.writing() as tx:
                since = self._now_ms() - self._wait_ms
                await recordings.update_unreadable_to_expected(tx, since)
        async with self._database.reading() as tx:
            call_ids = await recordings.list_calls_to_look_for(
                tx, never_looked=not self._just_started
            )
        self._just_started = False
        now_s = asyncio.get_running_loop().time()
        for call_id in call_ids:
            self._turns[call_id] = _Turn(now_s, self._pause_first_s)

    async def _look_for(self, call_ids: Sequence[int]) -> None:
        async with self._database.reading() as tx:
            expected = await recordings.list_expected(tx, call_ids)
        looks = await asyncio.to_thread(self._look_at, expected)
        judged, changes = await record_looks(self._database, looks, self._now_ms(), self._wait_ms)
        self._plan(call_ids, judged)
        for change in changes:
            self._live.publish(change)
            self._warn_of(judged)

    def _warn_of(self, judged: Sequence[Recording]) -> None:
        """Say once for a folder what denies, for its rights make every call of a day silent."""
        for one in judged:
            if one.state is not RecordingState.UNREADABLE or one.file is None:
                continue
            folder = posixpath.dirname(one.file)
            if folder not in self._warned_of:
                self._warned_of.add(folder)
                log.warning(
                    "a recording may not be read",
                    call_id=one.call_id,
                    denies=one.file,
                    cure="let the user of telemarketing read it, as a rule by the group asterisk, "
                    "then restart telemarketing",
                )

    def _look_at(self, expected: Sequence[RecordingOfCall]) -> list[Look]:
        """Runs in a thread: everything here may wait for a disk."""
        return [(of, self._finder.look(of.recording.path, of.started_at)) for of in expected]

    def _plan(self, call_ids: Sequence[int], judged: Sequence[Recording]) -> None:
        still = {one.call_id for one in judged if one.state is RecordingState.EXPECTED}
        now_s = asyncio.get_running_loop().time()
        for call_id in call_ids:
            turn = self._turns[call_id]
            if call_id in still:
                turn.at_s = now_s + turn.pause_s
                turn.pause_s = min(turn.pause_s * _GROWTH, self._pause_most_s)
            else:
                del self._turns[call_id]


async def _something_to_look_for(follower: Follower) -> None:
    """Wait until a recorded call has ended, or a person wants a file to be looked for again."""
    while True:
        changes, missed = await follower.read()
        if missed or any(_calls_for_a_look(change) for change in changes):
            return


def _calls_for_a_look(change: Change) -> bool:
    if isinstance(change, CallEnded | CallChanged):
        return change.call.ended_at is not None and bool(change.call.recordings)
    return isinstance(change, RecordingChanged)
