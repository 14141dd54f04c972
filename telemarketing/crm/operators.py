"""The people of the panel and their telephones: who may get which, from when on.

In: what an administrator asks for. Out: operators, or a refusal that names the field and the cure.
Also the list of telephones for call tracking.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from telemarketing import clock, phones
from telemarketing.errors import Refused
from telemarketing.model.operator import ExtensionOwnership, Operator, Role
from telemarketing.storage import operators
from telemarketing.storage.engine import Database, Transaction, Turn, take_turns
from telemarketing.storage.operators import ExtensionOwner

_EXTENSION = re.compile(r"[0-9]{2,}")
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class StaffTelephones:
    """The telephones of our operators at one instant."""

    extensions: frozenset[tuple[str | None, str]]
    """(name of the PBX, extension); None = on every PBX."""
    mobiles: dict[str, str]
    """Mobile in E.164 -> an extension of the same person; who has no extension is left out."""


async def add_operator(
    database: Database,
    *,
    full_name: str,
    extensions: Sequence[str],
    valid_from: int,
    department: str | None = None,
    role: Role = Role.OPERATOR,
    mobiles: Sequence[str] = (),
    pbx: str | None = None,
    take_over: bool = False,
) -> Operator:
    """Add a person who works in the panel.

    Args:
        database: where operators are kept.
        full_name: family name, first name, patronymic.
        extensions: internal numbers, 2 to 6 digits each.
        valid_from: epoch milliseconds from which they are this person's; an extension that its
            former owner has given up later than that, from then on.
        department: its name; a new one is made.
        role: what the person may do.
        mobiles: own mobiles in E.164, which then never become leads.
        pbx: name of the PBX of the extensions; None = they are the same person's on every PBX.
        take_over: an extension that is somebody else's becomes this person's from `valid_from` on;
            earlier calls, and those that are stored already, stay the former owner's.

    Raises:
        Refused: a field cannot be as it is; the text names it and the cure. Nothing is stored.
        StorageError: see `Database.writing`.
    """
    full_name = " ".join(full_name.split())
    wanted = [
        ExtensionOwnership(extension, pbx, valid_from, None)
        for extension in dict.fromkeys(extensions)
    ]
    _check_forms(full_name, wanted, mobiles)
    async with database.writing() as tx:
        await take_turns(tx, Turn.OPERATORS)
        wanted = await _make_way(tx, wanted, take_over=take_over)
        await _refuse_taken_mobiles(tx, mobiles)
        operator_id = await operators.add_operator(tx, full_name, department, role)
        await operators.add_extensions(tx, operator_id, wanted)
        await operators.add_mobiles(tx, operator_id, list(dict.fromkeys(mobiles)))
        return await operators.get_operator(tx, operator_id)


async def disable_operator(database: Database, operator_id: int, at: int) -> Operator:
    """Let a person work here no longer: calls from then on are nobody's, all history stays.

    Disabling again changes nothing.

    Args:
        database: where operators are kept.
        operator_id: who.
        at: epoch milliseconds of the last working moment.

    Raises:
        NotFound: there is no such operator.
        StorageError: see `Database.writing`.
    """
    async with database.writing() as tx:
        await take_turns(tx, Turn.OPERATORS)
        operator = await operators.get_operator(tx, operator_id)
        if operator.disabled_at is not None:
            return operator
        await operators.update_disabled(tx, operator_id, at)
        return await operators.get_operator(tx, operator_id)


async def list_operators(database: Database) -> list[Operator]:
    """Give everybody, the disabled ones too, by name."""
    async with database.reading() as tx:
        return await operators.list_operators(tx)


async def staff_telephones(database: Database, at: int) -> StaffTelephones:
    """Give the telephones that are our operators' at an instant (epoch milliseconds)."""
    async with database.reading() as tx:
        owners = await operators.list_owners_at(tx, at)
        mobiles = await operators.list_staff_mobiles(tx)
    first_extensions: dict[int, str] = {}
    for owner in owners:
        first_extensions.setdefault(owner.operator_id, owner.ownership.extension)
    return StaffTelephones(
        frozenset((owner.ownership.pbx, owner.ownership.extension) for owner in owners),
        {
            number: first_extensions[operator_id]
            for number, operator_id in mobiles.items()
            if operator_id in first_extensions
        },
    )


def _check_forms(
    full_name: str, wanted: Sequence[ExtensionOwnership], mobiles: Sequence[str]
) -> None:
    if not full_name:
        raise Refused("name: it is empty; give family name, first name and patronymic")
    for ownership in wanted:
        extension = ownership.extension
        if not (_EXTENSION.fullmatch(extension) and phones.is_internal(extension)):
            raise Refused(
                f"extension: {extension!r} is not an internal number; "
                "write 2 to 6 digits, for longer ones are outside numbers"
            )
    for number in mobiles:
        if not _E164.fullmatch(number):
            raise Refused(
                f"mobile: {number!r} is not an international number; write it like +380501112233"
            )


async def _make_way(
    tx: Transaction, wanted: Sequence[ExtensionOwnership], *, take_over: bool
) -> list[ExtensionOwnership]:
    """End, wait for, or refuse what stands in the way of new ownerships; return these as they fit.

    Without `take_over` an ownership that has an end is waited for, and an open one refused.
    """
    owners = await operators.list_extension_owners(tx, [one.extension for one in wanted])
    fitting = []
    to_end: set[int] = set()
    for one in wanted:
        fits = one if take_over else _after_what_ends(owners, one)
        for owner in _in_the_way(owners, fits):
            _refuse_unless_given_up(owner, fits, take_over=take_over)
            to_end.add(owner.id)
        fitting.append(fits)
    if to_end:
        await operators.update_extensions_end(tx, to_end, wanted[0].valid_from)
    return fitting


def _after_what_ends(
    owners: Sequence[ExtensionOwner], wanted: ExtensionOwnership
) -> ExtensionOwnership:
    ends = (owner.ownership.valid_until for owner in _in_the_way(owners, wanted))
    return replace(wanted, valid_from=max([wanted.valid_from, *filter(None, ends)]))


def _in_the_way(
    owners: Sequence[ExtensionOwner], wanted: ExtensionOwnership
) -> list[ExtensionOwner]:
    return [owner for owner in owners if _collide(owner.ownership, wanted)]


def _collide(held: ExtensionOwnership, wanted: ExtensionOwnership) -> bool:
    if held.extension != wanted.extension:
        return False
    if held.pbx != wanted.pbx and held.pbx is not None and wanted.pbx is not None:
        return False
    return held.valid_until is None or held.valid_until > wanted.valid_from


def _refuse_unless_given_up(
    owner: ExtensionOwner, wanted: ExtensionOwnership, *, take_over: bool
) -> None:
    held = owner.ownership
    since = clock.to_iso(held.valid_from)
    whose = f"extension: {held.extension} is {owner.full_name}'s since {since}"
    if held.valid_from > wanted.valid_from:
        raise Refused(f"{whose}; choose a later date, or another extension")
    if held.pbx != wanted.pbx:
        raise Refused(
            f"{whose}, on {held.pbx or 'every PBX'}; name the same PBX, or choose another extension"
        )
    if not take_over:
        raise Refused(
            f"{whose}; take it over from then on with `--take-over`, or choose another extension"
        )


async def _refuse_taken_mobiles(tx: Transaction, mobiles: Sequence[str]) -> None:
    staff = await operators.list_staff_mobiles(tx) if mobiles else {}
    names = await operators.list_names(tx, {staff[one] for one in mobiles if one in staff})
    for number in mobiles:
        if number in staff:
            raise Refused(
                f"mobile: {number} is {names[staff[number]]}'s; disable that operator first, "
                "or leave the number out"
            )
