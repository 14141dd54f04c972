"""The dictionary of lead statuses."""

from sqlalchemy import select

from telemarketing.model.lead import LeadStatus, StatusKind
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import lead_statuses


async def list_statuses(tx: Transaction) -> list[LeadStatus]:
    """Give all statuses in the order in which people see them. One query."""
    found = await tx.execute(select(lead_statuses).order_by(lead_statuses.c.position))
    return [LeadStatus(row.id, row.name, StatusKind(row.kind), row.position) for row in found]
