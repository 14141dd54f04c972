"""Changes of a lead's card by people: one field at a time, each kept, each to be taken back.

In: a viewer, what was typed into a field, and what that person saw there before. Out: the stored
value, and what to tell open panels. Two people who change different fields do not disturb each
other; of two who change the same one, the second is told. Calls never change what people write.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telemarketing.crm.lead_values import BadValue, Fault, read_amount, read_id, read_text
from telemarketing.errors import ChangedMeanwhile, NotFound
from telemarketing.model.changes import LeadChanged
from telemarketing.model.viewer import Access, Viewer
from telemarketing.storage import lead_cards, lead_edits
from telemarketing.storage.engine import Database, Transaction
from telemarketing.storage.lead_cards import Value
from telemarketing.storage.lead_edits import NewEdit
from telemarketing.storage.leads import list_statuses
from telemarketing.storage.visibility import find_lead_access

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    name: (name,)
    for name in (
        "title",
        "person_name",
        "position",
        "company",
        "address",
        "email",
        "messengers",
        "interest",
        "note",
    )
} | {
    "status": ("status_id",),
    "responsible": ("responsible_id",),
    "amount": ("amount_minor", "currency"),
}

FIELDS = frozenset(_COLUMNS)
"""Names of what can be changed on a card, beside contacts and phones."""

Values = tuple[Value, ...]
"""Of the columns of one field."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A change that is stored."""

    version: int
    """Of the lead."""
    values: Values
    """What stands in the field now."""
    edit_id: int | None
    """Under which it can be undone; None = it was so already."""
    changes: Sequence[LeadChanged]
    """To be published."""


class FieldChanged(ChangedMeanwhile):
    """Somebody else changed the same field since the person looked at it."""

    def __init__(self, field: str, version: int, values: Values, by: str | None) -> None:
        """See the class."""
        who = by or "somebody else"
        super().__init__(f"{field}: {who} has changed it meanwhile; choose which is right")
        self.version = version
        self.values = values
        """What stands there now."""
        self.by = by
        """Full name of who changed it last; None = nobody is known to."""


async def edit_lead(
    database: Database, viewer: Viewer, lead_id: int, field: str, value: str, was: str, at: int
) -> Edited:
    """Write one field of a card.

    Args:
        database: where leads are kept.
        viewer: who writes.
        lead_id: whose card.
        field: one of `FIELDS`.
        value: as it was typed; of `status` and `responsible` the id, '' = nobody.
        was: what the person saw in the field before, in the same form.
        at: epoch milliseconds.

    Raises:
        NotFound: there is no such field or lead, or the viewer may not see the whole of it.
        BadValue: it cannot be stored so.
        FieldChanged: `was` is no longer what is stored.
    """
    columns = _COLUMNS.get(field)
    if columns is None:
        raise NotFound(f"a lead has no field {field}")
    async with database.writing() as tx:
        await require_full_access(tx, viewer, lead_id)
        now = await lead_cards.lock_lead(tx, lead_id)
        before = tuple(now[column] for column in columns)
        after = _read(field, value, before)
        if after != before and not _is_what_was_seen(field, was, before):
            raise await _conflict(tx, lead_id, field, now)
        await _check_choice(tx, viewer, field, before, after, at)
        return await _write(tx, viewer, lead_id, field, before, after, at, now)


async def undo_edit(database: Database, viewer: Viewer, edit: lead_edits.Edit, at: int) -> Edited:
    """Bring back what stood in a field before one change; this is a change of its own.

    Raises:
        NotFound: see `edit_lead`.
        BadValue: the viewer may not choose the former value, or it is not there any more.
        FieldChanged: the field was changed again since.
    """
    columns = _COLUMNS[edit.field]
    async with database.writing() as tx:
        await require_full_access(tx, viewer, edit.lead_id)
        now = await lead_cards.lock_lead(tx, edit.lead_id)
        current = tuple(now[column] for column in columns)
        if current != from_json(edit.after):
            raise await _conflict(tx, edit.lead_id, edit.field, now)
        former = from_json(edit.before)
        if edit.field != "responsible" or edit.operator_id != viewer.id or former != (None,):
            # Who took a lead that was nobody's may let it go again, which nobody else may.
            await _check_choice(tx, viewer, edit.field, current, former, at)
        return await _write(tx, viewer, edit.lead_id, edit.field, current, former, at, now)


async def require_full_access(tx: Transaction, viewer: Viewer, lead_id: int) -> None:
    """Refuse, as if there were no such lead, whoever may not see the whole of it."""
    if await find_lead_access(tx, viewer, lead_id) is not Access.FULL:
        raise NotFound(f"there is no lead {lead_id} to be changed by {viewer.full_name}")


def may_give(viewer: Viewer, before: int | None, after: int | None) -> bool:
    """Tell whether somebody may make that person responsible for a lead.

    Supervisors give leads to anybody; an operator takes one that is nobody's.
    """
    return viewer.is_supervisor or before == after or (before is None and after == viewer.id)


def from_json(stored: str) -> Values:
    """Give the values of a field that is kept in `lead_edits`."""
    return tuple(json.loads(stored))


def to_json(values: Sequence[Value]) -> str:
    """Give the form in which values of a field are kept in `lead_edits`."""
    return json.dumps(list(values), ensure_ascii=False)


def _read(field: str, typed: str, before: Values) -> Values:
    if field == "amount":
        currency = before[1]
        return read_amount(typed, currency if isinstance(currency, str) else None) or (None, None)
    if field in {"status", "responsible"}:
        return (read_id(field, typed),)
    return (read_text(field, typed),)


def _is_what_was_seen(field: str, was: str, stored: Values) -> bool:
    try:
        return _read(field, was, stored) == stored
    except BadValue:
        # An empty title, or what an older program stored: compared as it is.
        return (was,) == stored


async def _conflict(
    tx: Transaction, lead_id: int, field: str, now: Mapping[str, Value]
) -> FieldChanged:
    last = await lead_edits.find_last_edit(tx, lead_id, field)
    values = tuple(now[column] for column in _COLUMNS[field])
    return FieldChanged(field, _version(now), values, None if last is None else last.operator)


def _version(now: Mapping[str, Value]) -> int:
    version = now["version"]
    return version if isinstance(version, int) else 0


async def _check_choice(
    tx: Transaction, viewer: Viewer, field: str, before: Values, after: Values, at: int
) -> None:
    if field == "status":
        if after[0] not in {status.id for status in await list_statuses(tx)}:
            raise BadValue(field, Fault.NO_SUCH)
    elif field == "responsible" and before != after:
        former, wanted = (one if isinstance(one, int) else None for (one,) in (before, after))
        people = await lead_cards.list_possible_responsibles(tx, at)
        if not may_give(viewer, former, wanted) or (wanted is not None and wanted not in people):
            raise BadValue(field, Fault.NO_SUCH)


async def _write(
    tx: Transaction,
    viewer: Viewer,
    lead_id: int,
    field: str,
    before: Values,
    after: Values,
    at: int,
    now: Mapping[str, Value],
) -> Edited:
    if before == after:
        return Edited(_version(now), after, None, ())
    columns: dict[str, Value] = dict(zip(_COLUMNS[field], after, strict=True))
    if field == "responsible":
        columns["responsible_settled"] = True
    version = await lead_cards.update_lead(tx, lead_id, columns)
    edit_id = await lead_edits.add_edit(
        tx, NewEdit(lead_id, viewer.id, at, field, to_json(before), to_json(after))
    )
    return Edited(version, after, edit_id, (LeadChanged(lead_id),))
