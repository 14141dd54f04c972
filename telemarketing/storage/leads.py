"""Leads and the telephone numbers that are theirs.

In: numbers, new leads. Out: who owns a number. It decides nothing: when a number makes a lead, and
who answers for it, comes from `crm`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, update

from telemarketing.model.lead import StatusKind
from telemarketing.storage.engine import Transaction, insert
from telemarketing.storage.tables import lead_sources, lead_statuses, leads, phones


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
) -> dict[str, OwnedLead | None]:
    """Tell which lead owns each number, None = none, and keep others from giving it one.

    Whoever asks second for the same number waits for the first one's commit, also when the number
    has never been seen. Two statements, or none.
    """
    if not numbers:
        return {}
    ordered = sorted(numbers)
    await tx.execute(
        insert(tx, phones).on_conflict_do_nothing(index_elements=[phones.c.number]),
        [{"number": number} for number in ordered],
    )
    found = await tx.execute(
        select(phones.c.number, leads.c.id, leads.c.responsible_id, leads.c.responsible_settled)
        .select_from(phones.outerjoin(leads))
        .where(phones.c.number.in_(ordered))
        # In one order everywhere, lest two programs wait for each other's rows.
        .order_by(phones.c.number)
        .with_for_update(of=phones)
    )
    return {
        number: None
        if lead_id is None
        else OwnedLead(lead_id, Responsibility(responsible_id, settled))
        for number, lead_id, responsible_id, settled in found
    }


async def add_leads(tx: Transaction, new: Sequence[NewLead]) -> dict[str, int]:
    """Make leads in the initial status; their numbers must be locked and nobody's.

    Returns:
        The leads' ids by phone. Two statements, or none.
    """
    if not new:
        return {}
    statement = insert(tx, leads).values(
        status_id=_initial_status,
        source_id=select(lead_sources.c.id)
        .where(lead_sources.c.code == bindparam("source"))
        .scalar_subquery(),
    )
    made = await tx.execute(
        statement.returning(leads.c.phone, leads.c.id),
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
        update(phones).where(phones.c.number == bindparam("owned")).values(lead_id=bindparam("by")),
        [{"owned": phone, "by": lead_id} for phone, lead_id in ids.items()],
    )
    return ids


_initial_status = (
    select(lead_statuses.c.id)
    .where(lead_statuses.c.kind == StatusKind.INITIAL.value)
    .scalar_subquery()
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
