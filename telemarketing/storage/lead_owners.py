"""Leads and the telephone numbers that are theirs.

In: numbers, new leads. Out: who owns a number. It decides nothing: when a number makes a lead, and
who answers for it, comes from `crm`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, exists, func, insert, select, update

from telemarketing.model.lead import StatusKind
from telemarketing.storage.engine import Transaction, upsert
from telemarketing.storage.search import fold
from telemarketing.storage.tables import (
    lead_participants,
    lead_sources,
    lead_statuses,
    lead_texts,
    leads,
    operator_mobiles,
    operators,
    phones,
)


@dataclass(frozen=True, slots=True)
class Responsibility:
    """Who answers for a lead."""

    operator_id: int | None
    """None = nobody yet."""
    settled: bool
    """False while the first incoming call still rings."""


@dataclass(frozen=True, slots=True)
class OwnedLead:
    """A lead that owns a number, and who answers for it."""

    id: int
    responsibility: Responsibility


@dataclass(frozen=True, slots=True)
class NumberOwner:
    """Whose an outside number is."""

    lead: OwnedLead | None
    """None = no lead's."""
    is_staff: bool
    """It is the mobile of an operator who works here."""


@dataclass(frozen=True, slots=True)
class NewLead:
    """A lead to be made of a call; what is not named here stays empty."""

    phone: str
    """Also its title."""
    source: str
    """Code of the source, `inbound_call`."""
    responsibility: Responsibility
    created_at: int
    """Epoch milliseconds."""


async def list_owners_for_update(
    tx: Transaction, numbers: Collection[str]
) -> dict[str, NumberOwner]:
    """Tell whose each number is, and keep others from giving it to a lead.

    Whoever asks second for the same number waits for the first one's commit, also when the number
    has never been seen. Two statements, or none.
    """
    if not numbers:
        return {}
    ordered = sorted(numbers)
    await tx.execute(
        upsert(tx, phones, ("number",), ()), [{"number": number} for number in ordered]
    )
    found = await tx.execute(
        select(
            phones.c.number,
            leads.c.id,
            leads.c.responsible_id,
            leads.c.responsible_settled,
            _is_staff,
        )
        .select_from(phones.outerjoin(leads))
        .where(phones.c.number.in_(ordered))
        # In one order everywhere, lest two programs wait for each other's rows.
        .order_by(phones.c.number)
        .with_for_update(of=phones)
    )
    return {
        number: NumberOwner(
            None
            if lead_id is None
            else OwnedLead(lead_id, Responsibility(responsible_id, settled)),
            is_staff,
        )
        for number, lead_id, responsible_id, settled, is_staff in found
    }


_is_staff = exists(
    select(operators.c.id)
    .join_from(operators, operator_mobiles)
    .where(operator_mobiles.c.number == phones.c.number, operators.c.disabled_at.is_(None))
).label("is_staff")


async def add_leads(tx: Transaction, new: Sequence[NewLead]) -> dict[str, int]:
    """Make leads in the initial status; their numbers must be locked and nobody's.

    Returns:
        The leads' ids by phone. Three statements, or none.
    """
    if not new:
        return {}
    made = await tx.execute(
        _insert_lead.returning(leads.c.phone, leads.c.id),
        [
            {
                "title": lead.phone,
                "phone": lead.phone,
                "source": lead.source,
                "responsible_id": lead.responsibility.operator_id,
                "responsible_settled": lead.responsibility.settled,
                "created_at": lead.created_at,
            }
            for lead in new
        ],
    )
    ids = {phone: lead_id for phone, lead_id in made if phone is not None}
    await tx.execute(
        insert(lead_texts),
        [{"lead_id": lead_id, "folded": fold(phone)} for phone, lead_id in ids.items()],
    )
    await tx.execute(
        update(phones).where(phones.c.number == bindparam("owned")).values(lead_id=bindparam("by")),
        [{"owned": phone, "by": lead_id} for phone, lead_id in ids.items()],
    )
    return ids


async def add_number(tx: Transaction, lead_id: int, number: str) -> None:
    """Let a number, which must be locked and nobody's, belong to a lead. One statement."""
    await tx.execute(update(phones).where(phones.c.number == number).values(lead_id=lead_id))


async def remove_number(tx: Transaction, lead_id: int, number: str) -> bool:
    """Let a number be nobody's again; False = it is not this lead's, or the one it is known by."""
    removed = await tx.execute(
        update(phones)
        .where(
            phones.c.number == number,
            phones.c.lead_id == lead_id,
            ~exists(select(leads.c.id).where(leads.c.id == lead_id, leads.c.phone == number)),
        )
        .values(lead_id=None)
    )
    return removed.rowcount == 1


async def add_participants(tx: Transaction, pairs: Collection[tuple[int, int]]) -> None:
    """Note who was in a call of which lead; what is noted already stays. One statement, or none.

    Args:
        tx: a writing transaction.
        pairs: (lead, operator) ids.
    """
    if pairs:
        await tx.execute(
            upsert(tx, lead_participants, ("lead_id", "operator_id"), ()).values(
                lead_created_at=select(leads.c.created_at)
                .where(leads.c.id == bindparam("of_lead"))
                .scalar_subquery()
            ),
            [
                {"lead_id": lead_id, "operator_id": operator_id, "of_lead": lead_id}
                for lead_id, operator_id in sorted(pairs)
            ],
        )


_insert_lead = insert(leads).values(
    status_id=select(lead_statuses.c.id)
    .where(lead_statuses.c.kind == StatusKind.INITIAL.value)
    .scalar_subquery(),
    source_id=select(lead_sources.c.id)
    .where(lead_sources.c.code == bindparam("source"))
    .scalar_subquery(),
)


async def update_responsible(tx: Transaction, changes: Mapping[int, Responsibility]) -> None:
    """Settle who answers for leads; one that has a responsible keeps it, whatever is asked.

    Args:
        tx: a writing transaction.
        changes: by id of the lead. One statement, or none.
    """
    if not changes:
        return
    await tx.execute(
        update(leads)
        .where(leads.c.id == bindparam("of_lead"))
        .values(
            responsible_id=func.coalesce(leads.c.responsible_id, bindparam("operator")),
            responsible_settled=leads.c.responsible_settled | bindparam("settled"),
        ),
        [
            {"of_lead": lead_id, "operator": wanted.operator_id, "settled": wanted.settled}
            for lead_id, wanted in sorted(changes.items())
        ],
    )
