"""Calls by key: what the rules read before they store a snapshot, and storing it.

In: keys and calls. Out: calls. It decides nothing: which lead a call has, and whose an extension
is, come from `crm`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from telemarketing.model.call import Call, CallKey
from telemarketing.model.recording import RecordingState
from telemarketing.storage import call_rows
from telemarketing.storage.engine import Transaction, upsert
from telemarketing.storage.lead_owners import OwnedLead, Responsibility
from telemarketing.storage.tables import calls, leads

_NEVER_LOOKED_FOR: call_rows.Values = {
    "state": RecordingState.EXPECTED.value,
    "file": None,
    "size_bytes": None,
    "duration_ms": None,
    "looked_at": None,
}


@dataclass(frozen=True, slots=True)
class KnownCall:
    """A stored call and its lead."""

    call: Call
    lead: OwnedLead | None
    """None = the call has none."""
    operators: Mapping[str, int | None]
    """Extensions in the call, and whose they were when they were first seen in it."""


@dataclass(frozen=True, slots=True)
class CallToStore:
    """A call as it is to stand in the database."""

    call: Call
    lead_id: int | None
    operator_ids: tuple[int | None, ...]
    """Whose the extensions of `call.operators` are, in the same order; None = nobody's."""
    before: Call | None
    """What is stored now; None = nothing."""

    @property
    def lost_parts(self) -> bool:
        """More operators or recordings are stored than the call has now."""
        return self.before is not None and (
            len(self.before.operators) > len(self.call.operators)
            or len(self.before.recordings) > len(self.call.recordings)
        )


async def list_known(tx: Transaction, keys: Collection[CallKey]) -> dict[CallKey, KnownCall]:
    """Read calls; keys that are not stored are left out. One query."""
    pbxs, linkedids = ({key[part] for key in keys} for part in (0, 1))
    # Not (pbx, linkedid) IN (...): SQLite reads the whole table for it. What this form finds too
    # much, one linkedid on two PBXs, is dropped.
    found = await _list_known(tx, calls.c.pbx.in_(pbxs) & calls.c.linkedid.in_(linkedids))
    return {key: known for key, known in found.items() if key in keys}


async def list_known_live(tx: Transaction, pbx: str) -> dict[CallKey, KnownCall]:
    """The same for all calls of one PBX whose end is not stored."""
    return await _list_known(tx, (calls.c.pbx == pbx) & calls.c.ended_at.is_(None))


async def _list_known(tx: Transaction, wanted: ColumnElement[bool]) -> dict[CallKey, KnownCall]:
    found = await tx.execute(
        select(calls, leads.c.responsible_id, leads.c.responsible_settled, *call_rows.PARTS)
        .select_from(call_rows.join_parts(calls).outerjoin(leads, leads.c.id == calls.c.lead_id))
        .where(wanted)
    )
    return {one.call.key: _known(one) for one in call_rows.to_call_rows(found)}


def _known(one: call_rows.CallRow) -> KnownCall:
    row = one.row
    lead = None
    if row.lead_id is not None:
        lead = OwnedLead(row.lead_id, Responsibility(row.responsible_id, row.responsible_settled))
    extensions = (operator.extension for operator in one.call.operators)
    return KnownCall(one.call, lead, dict(zip(extensions, one.operator_ids, strict=True)))


async def add_or_update(tx: Transaction, changed: Sequence[CallToStore]) -> dict[CallKey, int]:
    """Store calls; a stored call of the same key is overwritten. One to three statements.

    Returns:
        Their ids.

    Raises:
        StorageError: at commit or now, when the database refuses a value of one of them.
    """
    rows = [call_rows.to_values(one.call) | {"lead_id": one.lead_id} for one in changed]
    stored = await tx.execute(
        upsert(tx, calls, ("pbx", "linkedid"), tuple(rows[0])).returning(
            calls.c.pbx, calls.c.linkedid, calls.c.id
        ),
        rows,
    )
    ids = {(pbx, linkedid): call_id for pbx, linkedid, call_id in stored}
    await call_rows.update_operators(
        tx, [values for one in changed for values in _operators(one, ids[one.call.key])]
    )
    await call_rows.update_recordings(
        tx, [values for one in changed for values in _recordings(one, ids[one.call.key])]
    )
    for one in changed:
        if one.lost_parts:
            counts = len(one.call.operators), len(one.call.recordings)
            await call_rows.forget_parts(tx, ids[one.call.key], *counts)
    return ids


def _operators(one: CallToStore, call_id: int) -> list[call_rows.Values]:
    before = one.before
    if before is not None and (before.operators, before.started_at) == (
        one.call.operators,
        one.call.started_at,
    ):
        return []
    return [
        {
            "call_id": call_id,
            "position": position,
            "extension": operator.extension,
            "operator_id": operator_id,
            "ring_ms": operator.ring_ms,
            "talk_ms": operator.talk_ms,
            "started_at": one.call.started_at,
        }
        for position, (operator, operator_id) in enumerate(
            zip(one.call.operators, one.operator_ids, strict=True)
        )
    ]


def _recordings(one: CallToStore, call_id: int) -> list[call_rows.Values]:
    """Rows of the recordings whose path is new at its position: those are looked for anew."""
    known = () if one.before is None else one.before.recordings
    return [
        {"call_id": call_id, "position": position, "path": path, **_NEVER_LOOKED_FOR}
        for position, path in enumerate(one.call.recordings)
        if known[position : position + 1] != (path,)
    ]
