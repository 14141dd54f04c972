"""Further people at the same client.

In: what was typed about them, checked. Out: contacts. Rules are `crm.lead_parts`'.
"""

from sqlalchemy import delete, insert, select, update

from telemarketing.model.lead import LeadContact
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import lead_contacts


async def list_contacts(tx: Transaction, lead_id: int) -> list[LeadContact]:
    """Give the further people of a lead, in the order in which they were added. One query."""
    found = await tx.execute(
        select(lead_contacts).where(lead_contacts.c.lead_id == lead_id).order_by(lead_contacts.c.id)
    )
    return [LeadContact(row.id, row.full_name, row.position, row.phone, row.email) for row in found]


async def add_contact(tx: Transaction, lead_id: int, contact: LeadContact) -> int:
    """Add a person and return the id; `contact.id` 0 = a new one, else the one it had."""
    values = _values(contact) | {"lead_id": lead_id}
    if contact.id:
        values["id"] = contact.id
    added = await tx.execute(insert(lead_contacts).values(values).returning(lead_contacts.c.id))
    return int(added.scalar_one())


async def update_contact(tx: Transaction, contact: LeadContact) -> None:
    """Write what is known of a person. One statement."""
    await tx.execute(
        update(lead_contacts).where(lead_contacts.c.id == contact.id).values(_values(contact))
    )


async def remove_contact(tx: Transaction, contact_id: int) -> None:
    """Forget a person. One statement."""
    await tx.execute(delete(lead_contacts).where(lead_contacts.c.id == contact_id))


def _values(contact: LeadContact) -> dict[str, str | int]:
    return {
        "full_name": contact.full_name,
        "position": contact.position,
        "phone": contact.phone,
        "email": contact.email,
    }
