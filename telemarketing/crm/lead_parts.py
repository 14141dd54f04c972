"""What a lead's card has several of: further contact persons, and telephone numbers.

In: a viewer and what was typed. Out: what to tell open panels, and under which change it can be
taken back. A number belongs to one lead at most, and a colleague's mobile to none.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from telemarketing import phones
from telemarketing.crm.lead_edits import Edited, FieldChanged, require_full_access, undo_edit
from telemarketing.crm.lead_values import BadValue, Fault, NumberTaken, read_text
from telemarketing.errors import NotFound
from telemarketing.model.changes import LeadChanged
from telemarketing.model.lead import LeadContact
from telemarketing.model.viewer import Viewer
from telemarketing.storage import lead_cards, lead_contacts, lead_edits, lead_owners
from telemarketing.storage.engine import Database, Transaction
from telemarketing.storage.lead_edits import Edit, NewEdit

CONTACT = "contact"
PHONE = "phone"
CONTACT_FIELDS = ("full_name", "position", "phone", "email")

Normalise = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote into one field."""

    field: str
    value: str
    was: str
    """What stood there before, as that person saw it."""


@dataclass(frozen=True, slots=True)
class _Change:
    """Who changes what of a lead, and when."""

    viewer: Viewer
    lead_id: int
    at: int


async def add_contact(
    database: Database,
    viewer: Viewer,
    lead_id: int,
    typed: Mapping[str, str],
    at: int,
    normalise: Normalise,
) -> Edited:
    """Add a further person to a lead.

    Args:
        database: where leads are kept.
        viewer: who writes.
        lead_id: whose card.
        typed: `full_name`, `position`, `phone`, `email`.
        at: epoch milliseconds.
        normalise: a number -> E.164; None = not understood.

    Raises:
        NotFound: no such lead, or the viewer may not see the whole of it.
        BadValue: a field cannot be as it is.
    """
    read = {name: _read(name, typed.get(name, ""), normalise) for name in CONTACT_FIELDS}
    change = _Change(viewer, lead_id, at)
    async with database.writing() as tx:
        await _lock(tx, change)
        contact = _to_contact({"id": 0, **read})
        added = await lead_contacts.add_contact(tx, lead_id, contact)
        return await _keep(tx, change, CONTACT, None, asdict(replace(contact, id=added)))


async def edit_contact(
    database: Database,
    viewer: Viewer,
    lead_id: int,
    contact_id: int,
    written: Written,
    at: int,
    normalise: Normalise,
) -> Edited:
    """Write one field of what is known of a further person; raises also `FieldChanged`."""
    if written.field not in CONTACT_FIELDS:
        raise NotFound(f"a contact has no field {written.field}")
    value = _read(written.field, written.value, normalise)
    change = _Change(viewer, lead_id, at)
    async with database.writing() as tx:
        await _lock(tx, change)
        before = asdict(await _get_contact(tx, lead_id, contact_id))
        stored = before[written.field]
        if value == stored:
            return Edited(await _version(tx, lead_id), (value,), None, ())
        if stored not in {written.was, _read_or_keep(written, normalise)}:
            raise FieldChanged(written.field, await _version(tx, lead_id), (stored,), None)
        after = before | {written.field: value}
        await lead_contacts.update_contact(tx, _to_contact(after))
        edited = await _keep(tx, change, CONTACT, before, after)
        return replace(edited, values=(value,))


async def remove_contact(
    database: Database, viewer: Viewer, lead_id: int, contact_id: int, at: int
) -> Edited:
    """Take a further person off a lead's card; raises as `edit_contact`."""
    change = _Change(viewer, lead_id, at)
    async with database.writing() as tx:
        await _lock(tx, change)
        before = await _get_contact(tx, lead_id, contact_id)
        await lead_contacts.remove_contact(tx, contact_id)
        return await _keep(tx, change, CONTACT, asdict(before), None)


async def add_phone(
    database: Database, viewer: Viewer, lead_id: int, typed: str, at: int, normalise: Normalise
) -> Edited:
    """Let a number belong to a lead: its calls are the lead's from now on.

    Raises:
        NotFound: no such lead, or the viewer may not see the whole of it.
        BadValue: it is no number, or a colleague's.
        NumberTaken: another lead has it.
    """
    number = normalise(typed)
    if number is None:
        raise BadValue(PHONE, Fault.NO_NUMBER)
    change = _Change(viewer, lead_id, at)
    async with database.writing() as tx:
        await _lock(tx, change)
        await _take_number(tx, lead_id, number)
        return await _keep(tx, change, PHONE, None, number)


async def undo(database: Database, viewer: Viewer, lead_id: int, edit_id: int, at: int) -> Edited:
    """Take one change of a card back, whatever it was; this is a change of its own.

    Raises:
        NotFound: no such change or lead, or the viewer may not see the whole of the lead.
        FieldChanged: it was changed again since; the text says by whom.
        BadValue: what was there before cannot come back.
    """
    async with database.reading() as tx:
        await require_full_access(tx, viewer, lead_id)
        edit = await lead_edits.get_edit(tx, lead_id, edit_id)
    if edit.field not in {CONTACT, PHONE}:
        return await undo_edit(database, viewer, edit, at)
    change = _Change(viewer, lead_id, at)
    async with database.writing() as tx:
        await _lock(tx, change)
        before, after = json.loads(edit.before), json.loads(edit.after)
        if edit.field == PHONE:
            await _undo_phone(tx, edit, before, after)
        else:
            await _undo_contact(tx, edit, before, after)
        return await _keep(tx, change, edit.field, after, before)


async def _undo_phone(tx: Transaction, edit: Edit, before: str | None, after: str | None) -> None:
    if after is None:
        await _take_number(tx, edit.lead_id, before or "")
    elif not await lead_owners.remove_number(tx, edit.lead_id, after):
        raise await _changed_again(tx, edit)


async def _undo_contact(
    tx: Transaction,
    edit: Edit,
    before: dict[str, str | int] | None,
    after: dict[str, str | int] | None,
) -> None:
    there = {one.id: one for one in await lead_contacts.list_contacts(tx, edit.lead_id)}
    contact_id = int((before or after or {})["id"])
    now = there.get(contact_id)
    if (None if now is None else asdict(now)) != after:
        raise await _changed_again(tx, edit)
    if before is None:
        await lead_contacts.remove_contact(tx, contact_id)
    elif after is None:
        await lead_contacts.add_contact(tx, edit.lead_id, _to_contact(before))
    else:
        await lead_contacts.update_contact(tx, _to_contact(before))


async def _changed_again(tx: Transaction, edit: Edit) -> FieldChanged:
    last = await lead_edits.find_last_edit(tx, edit.lead_id, edit.field)
    return FieldChanged(
        edit.field, await _version(tx, edit.lead_id), (), None if last is None else last.operator
    )


def _to_contact(kept: Mapping[str, str | int]) -> LeadContact:
    texts = (str(kept[name]) for name in ("full_name", "position", "phone", "email"))
    return LeadContact(int(kept["id"]), *texts)


def _read(field: str, typed: str, normalise: Normalise) -> str:
    if field != PHONE:
        return read_text(field, typed)
    number = " ".join(typed.split())
    if number and not phones.is_dialable(normalise(number) or _undressed(number)):
        raise BadValue(PHONE, Fault.NO_NUMBER)
    return normalise(number) or number


def _read_or_keep(written: Written, normalise: Normalise) -> str:
    try:
        return _read(written.field, written.was, normalise)
    except BadValue:
        return written.was


def _undressed(number: str) -> str:
    return "".join(sign for sign in number if sign not in " ().-/")


async def _take_number(tx: Transaction, lead_id: int, number: str) -> None:
    owner = (await lead_owners.list_owners_for_update(tx, [number]))[number]
    if owner.is_staff:
        raise BadValue(PHONE, Fault.OURS)
    if owner.lead is not None:
        if owner.lead.id == lead_id:
            raise BadValue(PHONE, Fault.ALREADY_HERE)
        raise NumberTaken(owner.lead.id)
    await lead_owners.add_number(tx, lead_id, number)


async def _get_contact(tx: Transaction, lead_id: int, contact_id: int) -> LeadContact:
    for contact in await lead_contacts.list_contacts(tx, lead_id):
        if contact.id == contact_id:
            return contact
    raise NotFound(f"lead {lead_id} has no contact {contact_id}: load the card again")


async def _lock(tx: Transaction, change: _Change) -> None:
    await require_full_access(tx, change.viewer, change.lead_id)
    await lead_cards.lock_lead(tx, change.lead_id)


async def _version(tx: Transaction, lead_id: int) -> int:
    version = (await lead_cards.lock_lead(tx, lead_id))["version"]
    return version if isinstance(version, int) else 0


async def _keep(
    tx: Transaction, change: _Change, field: str, before: object, after: object
) -> Edited:
    version = await lead_cards.update_lead(tx, change.lead_id, {})
    kept = NewEdit(
        change.lead_id,
        change.viewer.id,
        change.at,
        field,
        json.dumps(before, ensure_ascii=False),
        json.dumps(after, ensure_ascii=False),
    )
    edit_id = await lead_edits.add_edit(tx, kept)
    return Edited(version, (), edit_id, (LeadChanged(change.lead_id),))
