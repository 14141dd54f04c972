"""What a look at a sound file means for the recording of a call.

In: what was seen on the disk, and what is stored. Out: the recording's new state, stored, and the
change to be told after it. It touches no disk.
"""

from collections.abc import Sequence
from dataclasses import replace

from telemarketing.errors import NotFound
from telemarketing.media.finder import Forbidden, Seen, Sight, Unseen
from telemarketing.model.changes import Change, RecordingChanged
from telemarketing.model.recording import Recording, RecordingState
from telemarketing.model.viewer import Viewer
from telemarketing.storage import recordings
from telemarketing.storage.engine import Database
from telemarketing.storage.recordings import RecordingOfCall

STEADY_MS = 500
"""A file with sound is complete when two looks, so far apart, saw the same size."""
EMPTY_MS = 1_000
"""One without sound gets more time: there is nothing in it to show that it is being written."""

Look = tuple[RecordingOfCall, Sight]


def judge(before: Recording, sight: Sight, now: int, *, given_up: bool) -> Recording:
    """Tell what a recording is after one more look; the call is over. Pure.

    Args:
        before: what is known from earlier looks.
        sight: what this one told.
        now: its instant, epoch milliseconds.
        given_up: the file has had its time to come.
    """
    looked = replace(before, looked_at=now, file=None, size_bytes=None, duration_ms=None)
    match sight:
        case Seen():
            seen = replace(
                looked,
                file=sight.file,
                size_bytes=sight.size_bytes,
                duration_ms=sight.duration_ms,
            )
            return replace(seen, state=_state_of(before, sight, now))
        case Unseen() if not given_up:
            return looked
        case Unseen():
            lost = RecordingState.OUTSIDE if sight.elsewhere else RecordingState.MISSING
            return replace(looked, state=lost)
        case Forbidden():
            return replace(looked, state=RecordingState.OUTSIDE)
        case _:
            return replace(looked, state=RecordingState.UNREADABLE, file=sight.what)


def _state_of(before: Recording, seen: Seen, now: int) -> RecordingState:
    is_same = before.file == seen.file and before.size_bytes == seen.size_bytes
    steady_ms = now - before.looked_at if is_same and before.looked_at is not None else 0
    if steady_ms < (STEADY_MS if seen.has_sound else EMPTY_MS):
        return RecordingState.EXPECTED
    return RecordingState.READY if seen.has_sound else RecordingState.EMPTY


async def record_looks(
    database: Database, looks: Sequence[Look], now: int, wait_ms: int
) -> tuple[list[Recording], list[RecordingChanged]]:
    """Store what looks told, in one transaction of one statement.

    Args:
        database: where calls are kept.
        looks: of expected recordings of calls that are over.
        now: their instant, epoch milliseconds.
        wait_ms: how long after a call its file may still come.

    Returns:
        The recordings as they are now, in the same order, and what changed for people.

    Raises:
        StorageUnavailable: the database cannot take it now; look again later.
    """
    judged = [
        judge(of.recording, sight, now, given_up=_is_given_up(of, now, wait_ms))
        for of, sight in looks
    ]
    async with database.writing() as tx:
        await recordings.update_looked_at(tx, judged)
    changed = {
        (of.recording.call_id, of.lead_id)
        for (of, _), after in zip(looks, judged, strict=True)
        if after.state is not of.recording.state
    }
    return judged, [RecordingChanged(*one) for one in sorted(changed, key=lambda one: one[0])]


async def search_again(database: Database, viewer: Viewer, call_id: int) -> list[Change]:
    """Let the files of a call be looked for anew that were given up: somebody says they are there.

    Raises:
        NotFound: there is no such call, or the viewer may not hear it.
        StorageUnavailable: the database cannot take it now.
    """
    async with database.writing() as tx:
        call = await recordings.find_recorded_call(tx, viewer, call_id)
        if call is None:
            raise NotFound(f"there is no call {call_id}")
        if not await recordings.update_to_expected(tx, call_id):
            return []
    return [RecordingChanged(call_id, call.lead_id)]


def _is_given_up(of: RecordingOfCall, now: int, wait_ms: int) -> bool:
    return of.ended_at is not None and now - of.ended_at > wait_ms
