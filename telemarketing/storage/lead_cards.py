"""One lead with all that people write about it.

In: a lead's id, and values that were checked. Out: the card. What may be written, and by whom,
`crm.lead_edits` decides.
"""

from collections.abc import Mapping

from sqlalchemy import select, update

from telemarketing.errors import NotFound
from telemarketing.model.lead import LeadCard
from telemarketing.storage.engine import Transaction
from telemarketing.storage.lead_contacts import list_contacts
from telemarketing.storage.leads import LEAD_COLUMNS, to_lead
from telemarketing.storage.search import update_lead_text
from telemarketing.storage.tables import leads, operators, phones

Value = str | int | None
"""Of one column of `leads`."""

COLUMNS = (
    "title",
    "status_id",
    "responsible_id",
    "person_name",
    "position",
    "company",
    "address",
    "email",
    "messengers",
    "interest",
    "note",
    "amount_minor",
    "currency",
)
"""What people may change."""


async def get_lead_card(tx: Transaction, lead_id: int) -> LeadCard:
    """Read the card of a lead; NotFound when there is none. Three queries."""
    row = (await tx.execute(LEAD_COLUMNS.where(leads.c.id == lead_id))).one_or_none()
    if row is None:
        raise NotFound(f"there is no lead {lead_id}: look at the list of leads")
    numbers = await tx.scalars(select(phones.c.number).where(phones.c.lead_id == lead_id))
    return LeadCard(
        lead=to_lead(row),
        department_id=row.department_id,
        person_name=row.person_name,
        position=row.position,
        company=row.company,
        address=row.address,
        email=row.email,
        messengers=row.messengers,
        interest=row.interest,
        note=row.note,
        amount_minor=row.amount_minor,
        currency=row.currency,
        phones=tuple(sorted(numbers, key=lambda number: (number != row.phone, number))),
        contacts=tuple(await list_contacts(tx, lead_id)),
        version=row.version,
    )


async def lock_lead(tx: Transaction, lead_id: int) -> dict[str, Value]:
    """Read the columns of `COLUMNS` and `version`, and keep others from changing them.

    NotFound when there is no such lead. One query.
    """
    row = (
        await tx.execute(
            select(leads.c.version, *(leads.c[name] for name in COLUMNS))
            .where(leads.c.id == lead_id)
            .with_for_update()
        )
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no lead {lead_id}: look at the list of leads")
    return dict(row._mapping)


async def update_lead(tx: Transaction, lead_id: int, values: Mapping[str, Value]) -> int:
    """Write columns of a lead, count its version on, and let it be found by them.

    Returns:
        The new version. Five statements.
    """
    version = await tx.scalar(
        update(leads)
        .where(leads.c.id == lead_id)
        .values(**values, version=leads.c.version + 1)
        .returning(leads.c.version)
    )
    await update_lead_text(tx, lead_id)
    return int(version or 0)


async def list_possible_responsibles(tx: Transaction, at: int) -> dict[int, str]:
    """Give the names of everybody who works here, by id, in order of names. One query."""
    found = await tx.execute(
        select(operators.c.id, operators.c.full_name)
        .where(operators.c.disabled_at.is_(None) | (operators.c.disabled_at > at))
        .order_by(operators.c.full_name, operators.c.id)
    )
    return {row.id: row.full_name for row in found}
