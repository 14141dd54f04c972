"""Operators, and the telephones that are theirs.

In: extensions, numbers, new operators. Out: operators, and whose a telephone was at what time. What
may overlap with what, `crm.operators` decides.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, insert, or_, select, true, update

from telemarketing.errors import NotFound
from telemarketing.model.operator import ExtensionOwnership, Operator, Role
from telemarketing.model.viewer import Viewer
from telemarketing.storage.engine import Transaction, upsert
from telemarketing.storage.tables import (
    departments,
    operator_extensions,
    operator_mobiles,
    operators,
)


@dataclass(frozen=True, slots=True)
class ExtensionOwner:
    """One operator's ownership of one extension."""

    id: int
    operator_id: int
    full_name: str
    ownership: ExtensionOwnership
    """Ends no later than the operator was disabled."""


async def list_extension_owners(
    tx: Transaction, extensions: Collection[str]
) -> list[ExtensionOwner]:
    """Everybody who ever owned one of these extensions, in order of time. One query, or none."""
    if not extensions:
        return []
    return await _list_owners(tx, operator_extensions.c.extension.in_(sorted(extensions)))


async def list_owners_at(tx: Transaction, at: int) -> list[ExtensionOwner]:
    """Everybody who owns an extension at that instant. One query."""
    return await _list_owners(
        tx,
        operator_extensions.c.valid_from <= at,
        or_(operator_extensions.c.valid_until.is_(None), operator_extensions.c.valid_until > at),
        or_(operators.c.disabled_at.is_(None), operators.c.disabled_at > at),
    )


async def _list_owners(tx: Transaction, *conditions: ColumnElement[bool]) -> list[ExtensionOwner]:
    found = await tx.execute(
        select(operator_extensions, operators.c.full_name, operators.c.disabled_at)
        .join_from(operator_extensions, operators)
        .where(*conditions)
        .order_by(operator_extensions.c.valid_from, operator_extensions.c.id)
    )
    return [
        ExtensionOwner(
            row.id,
            row.operator_id,
            row.full_name,
            ExtensionOwnership(
                row.extension,
                row.pbx or None,
                row.valid_from,
                _earlier(row.valid_until, row.disabled_at),
            ),
        )
        for row in found
    ]


def _earlier(*instants: int | None) -> int | None:
    return min((instant for instant in instants if instant is not None), default=None)


async def list_staff_mobiles(tx: Transaction) -> dict[str, int]:
    """Give the mobiles of all operators who work here, with whose they are. One query."""
    found = await tx.execute(
        select(operator_mobiles.c.number, operator_mobiles.c.operator_id)
        .join_from(operator_mobiles, operators)
        .where(operators.c.disabled_at.is_(None))
        .order_by(operator_mobiles.c.number)
    )
    return {row.number: row.operator_id for row in found}


async def list_names(tx: Transaction, operator_ids: Iterable[int | None]) -> dict[int | None, str]:
    """Give full names by id; None and unknown ids are left out. One query, or none."""
    wanted = sorted(operator_id for operator_id in operator_ids if operator_id is not None)
    if not wanted:
        return {}
    found = await tx.execute(
        select(operators.c.id, operators.c.full_name).where(operators.c.id.in_(wanted))
    )
    return {row.id: row.full_name for row in found}


async def list_operators(tx: Transaction) -> list[Operator]:
    """Give all operators, the disabled ones too, by name. Three queries."""
    return await _list_operators(tx, true())


async def get_operator(tx: Transaction, operator_id: int) -> Operator:
    """Read one operator; NotFound when there is none of this id. Three queries."""
    found = await _list_operators(tx, operators.c.id == operator_id)
    if not found:
        raise NotFound(f"there is no operator {operator_id}: `telemarketing operator list`")
    return found[0]


async def get_viewer(tx: Transaction, operator_id: int) -> Viewer:
    """Give a person as rights know them; NotFound when there is none of this id. One query."""
    found = (await tx.execute(select(operators).where(operators.c.id == operator_id))).one_or_none()
    if found is None:
        raise NotFound(f"there is no operator {operator_id}: `telemarketing operator list`")
    return Viewer(found.id, found.full_name, Role(found.role), found.department_id)


async def _list_operators(tx: Transaction, wanted: ColumnElement[bool]) -> list[Operator]:
    people = await tx.execute(
        select(operators, departments.c.name.label("department"))
        .select_from(operators.outerjoin(departments))
        .where(wanted)
        .order_by(operators.c.full_name, operators.c.id)
    )
    extensions: defaultdict[int, list[ExtensionOwnership]] = defaultdict(list)
    for row in await tx.execute(
        select(operator_extensions)
        .join_from(operator_extensions, operators)
        .where(wanted)
        .order_by(operator_extensions.c.valid_from, operator_extensions.c.id)
    ):
        extensions[row.operator_id].append(
            ExtensionOwnership(row.extension, row.pbx or None, row.valid_from, row.valid_until)
        )
    mobiles: defaultdict[int, list[str]] = defaultdict(list)
    for row in await tx.execute(
        select(operator_mobiles)
        .join_from(operator_mobiles, operators)
        .where(wanted)
        .order_by(operator_mobiles.c.number)
    ):
        mobiles[row.operator_id].append(row.number)
    return [
        Operator(
            row.id,
            row.full_name,
            row.department,
            Role(row.role),
            row.disabled_at,
            tuple(extensions[row.id]),
            tuple(mobiles[row.id]),
        )
        for row in people
    ]


async def add_operator(tx: Transaction, full_name: str, department: str | None, role: Role) -> int:
    """Add a person without telephones, and the department if it is new; return the id."""
    department_id = None
    if department is not None:
        await tx.execute(upsert(tx, departments, ("name",), ()), {"name": department})
        department_id = select(departments.c.id).where(departments.c.name == department)
    added = await tx.execute(
        insert(operators)
        .values(
            full_name=full_name,
            role=role.value,
            department_id=None if department_id is None else department_id.scalar_subquery(),
        )
        .returning(operators.c.id)
    )
    return int(added.scalar_one())


async def add_extensions(
    tx: Transaction, operator_id: int, ownerships: Sequence[ExtensionOwnership]
) -> None:
    """Give an operator extensions. One statement, or none."""
    if ownerships:
        await tx.execute(
            insert(operator_extensions),
            [
                {
                    "operator_id": operator_id,
                    "extension": ownership.extension,
                    "pbx": ownership.pbx or "",
                    "valid_from": ownership.valid_from,
                    "valid_until": ownership.valid_until,
                }
                for ownership in ownerships
            ],
        )


async def add_mobiles(tx: Transaction, operator_id: int, numbers: Sequence[str]) -> None:
    """Give an operator mobiles, whoever had them before. One statement, or none."""
    if numbers:
        await tx.execute(
            upsert(tx, operator_mobiles, ("number",), ("operator_id",)),
            [{"number": number, "operator_id": operator_id} for number in numbers],
        )


async def update_extensions_end(tx: Transaction, ids: Collection[int], at: int) -> None:
    """End ownerships of extensions at an instant; one that begins no earlier was never one.

    Two statements, or none.
    """
    if ids:
        await _end_extensions(tx, operator_extensions.c.id.in_(sorted(ids)), at)


async def update_disabled(tx: Transaction, operator_id: int, at: int) -> None:
    """Disable an operator from an instant on, who owns no extension after it. Three statements."""
    await tx.execute(update(operators).where(operators.c.id == operator_id).values(disabled_at=at))
    await _end_extensions(tx, operator_extensions.c.operator_id == operator_id, at)


async def update_to_administrator(tx: Transaction, operator_id: int) -> None:
    """Let a person work here, as administrator; what was given up stays so. One statement."""
    await tx.execute(
        update(operators)
        .where(operators.c.id == operator_id)
        .values(role=Role.ADMINISTRATOR.value, disabled_at=None)
    )


async def _end_extensions(tx: Transaction, which: ColumnElement[bool], at: int) -> None:
    await tx.execute(
        delete(operator_extensions).where(which, operator_extensions.c.valid_from >= at)
    )
    until = operator_extensions.c.valid_until
    await tx.execute(
        update(operator_extensions)
        .where(which, or_(until.is_(None), until > at))
        .values(valid_until=at)
    )
