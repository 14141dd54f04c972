"""Recordings: what is known of the sound files of calls.

In: calls, viewers, and what a look at a file told. Out: recordings. It touches no disk but the
database's, and decides nothing about files. Rows are made with their calls (`call_snapshots.py`).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Join,
    Row,
    and_,
    bindparam,
    func,
    literal_column,
    select,
    update,
)

from telemarketing.model.call import Direction, Disposition
from telemarketing.model.recording import Recording, RecordingState
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import call_recordings, calls
from telemarketing.storage.visibility import visible_calls

# Written out, for SQLite takes the index of expected ones only if it can read the word.
_EXPECTED = call_recordings.c.state == literal_column(f"'{RecordingState.EXPECTED.value}'")


@dataclass(frozen=True, slots=True)
class RecordingOfCall:
    """A recording, with what is asked of its call."""

    recording: Recording
    lead_id: int | None
    started_at: int
    """Epoch milliseconds, like `ended_at`, by the clock of the PBX."""
    ended_at: int | None
    """None = the call goes on."""


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """A call, as far as it says what is to be told of its recordings."""

    id: int
    lead_id: int | None
    direction: Direction
    disposition: Disposition
    answered_at: int | None
    ended_at: int | None
    recordings: tuple[Recording, ...]


async def find_recorded_call(tx: Transaction, viewer: Viewer, call_id: int) -> RecordedCall | None:
    """Give a call with its recordings; None also when the viewer may not hear it. Two queries."""
    found = await tx.execute(select(calls).where(calls.c.id == call_id, visible_calls(viewer)))
    row = found.one_or_none()
    if row is None:
        return None
    return RecordedCall(
        row.id,
        row.lead_id,
        Direction(row.direction),
        Disposition(row.disposition),
        row.answered_at,
        row.ended_at,
        (await list_recordings(tx, [call_id])).get(call_id, ()),
    )


async def list_recordings(
    tx: Transaction, call_ids: Collection[int]
) -> dict[int, tuple[Recording, ...]]:
    """Give the recordings of calls, in their order; calls without any are left out. One query.

    It asks nobody's rights: the ids have to come from a list that did.
    """
    if not call_ids:
        return {}
    found = await tx.execute(
        select(call_recordings)
        .where(call_recordings.c.call_id.in_(sorted(call_ids)))
        .order_by(call_recordings.c.call_id, call_recordings.c.position)
    )
    by_call: defaultdict[int, list[Recording]] = defaultdict(list)
    for row in found:
        by_call[row.call_id].append(_recording(row))
    return {call_id: tuple(of_one) for call_id, of_one in by_call.items()}


async def find_recording(
    tx: Transaction, viewer: Viewer, call_id: int, position: int
) -> RecordingOfCall | None:
    """Give one recording; None also when the viewer may not hear its call. One query."""
    found = await _list(
        tx,
        call_recordings.c.call_id == call_id,
        call_recordings.c.position == position,
        visible_calls(viewer),
    )
    return found[0] if found else None


async def list_expected(tx: Transaction, call_ids: Collection[int]) -> list[RecordingOfCall]:
    """Give the recordings of calls that are over, which have not been found yet. One query."""
    return await _list(
        tx,
        _EXPECTED,
        calls.c.ended_at.is_not(None),
        call_recordings.c.call_id.in_(sorted(call_ids)),
    )


async def list_calls_to_look_for(tx: Transaction, *, never_looked: bool) -> list[int]:
    """Give the ids of the calls, over, of which a file is expected, oldest first. One query.

    Args:
        tx: any transaction.
        never_looked: only those with a file for which nobody has looked yet.
    """
    wanted = [_EXPECTED, calls.c.ended_at.is_not(None)]
    if never_looked:
        wanted.append(call_recordings.c.looked_at.is_(None))
    found = await tx.scalars(
        select(call_recordings.c.call_id)
        .distinct()
        .select_from(_with_calls())
        .where(*wanted)
        .order_by(call_recordings.c.call_id)
    )
    return list(found)


async def update_looked_at(tx: Transaction, looked: Sequence[Recording]) -> None:
    """Store what looks told, of recordings that are still expected under that path.

    Another daemon may have been faster, and then its word stands. One statement, or none.
    """
    if not looked:
        return
    await tx.execute(
        update(call_recordings).where(
            call_recordings.c.call_id == bindparam("of_call"),
            call_recordings.c.position == bindparam("at_position"),
            call_recordings.c.path == bindparam("named"),
            _EXPECTED,
        ),
        [
            {
                "of_call": one.call_id,
                "at_position": one.position,
                "named": one.path,
                "state": one.state.value,
                "file": one.file,
                "size_bytes": one.size_bytes,
                "duration_ms": one.duration_ms,
                "looked_at": one.looked_at,
            }
            for one in looked
        ],
    )


async def update_to_expected(tx: Transaction, call_id: int) -> int:
    """Let the files of a call be looked for anew that were given up, and tell how many."""
    return await _expect(tx, call_recordings.c.call_id == call_id, _given_up())


async def update_unreadable_to_expected(tx: Transaction, since: int) -> int:
    """Let files be looked for anew that could not be read, of calls begun since then, and count.

    Costs a walk over these calls.
    """
    recent = select(calls.c.id).where(calls.c.started_at >= since)
    unreadable = call_recordings.c.state == RecordingState.UNREADABLE.value
    return await _expect(tx, call_recordings.c.call_id.in_(recent), unreadable)


async def count_states(tx: Transaction, since: int) -> dict[RecordingState, int]:
    """Count recordings by state, of calls begun since then, states without any left out.

    Costs a walk over these calls: ask for days, not for years.

    Args:
        tx: any transaction.
        since: epoch milliseconds.
    """
    found = await tx.execute(
        select(call_recordings.c.state, func.count())
        .select_from(_with_calls())
        .where(calls.c.started_at >= since)
        .group_by(call_recordings.c.state)
    )
    return {RecordingState(state): count for state, count in found}


def _given_up() -> ColumnElement[bool]:
    final = (RecordingState.MISSING, RecordingState.UNREADABLE, RecordingState.OUTSIDE)
    return call_recordings.c.state.in_([state.value for state in final])


async def _expect(tx: Transaction, *which: ColumnElement[bool]) -> int:
    done = await tx.execute(
        update(call_recordings)
        .where(*which)
        .values(state=RecordingState.EXPECTED.value, file=None, size_bytes=None, looked_at=None)
    )
    return done.rowcount


async def _list(tx: Transaction, *wanted: ColumnElement[bool]) -> list[RecordingOfCall]:
    found = await tx.execute(
        select(call_recordings, calls.c.lead_id, calls.c.started_at, calls.c.ended_at)
        .select_from(_with_calls())
        .where(and_(*wanted))
        .order_by(call_recordings.c.call_id, call_recordings.c.position)
    )
    return [
        RecordingOfCall(_recording(row), row.lead_id, row.started_at, row.ended_at) for row in found
    ]


def _with_calls() -> Join:
    return call_recordings.join(calls, calls.c.id == call_recordings.c.call_id)


def _recording(row: Row[Any]) -> Recording:
    return Recording(
        row.call_id,
        row.position,
        row.path,
        RecordingState(row.state),
        row.file,
        row.size_bytes,
        row.duration_ms,
        row.looked_at,
    )
