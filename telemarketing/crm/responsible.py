"""Who answers for a lead, as its calls tell.

In: calls of one lead, in order, and whose the extensions are. Out: who is responsible. Pure.

- An outgoing call that makes a lead makes its caller responsible, at once.
- An incoming call leaves it open while it rings. Its answer settles it: whoever answered. Its end
  without an answer settles it too: nobody, and the lead is for everyone who was rung.
- Nobody is responsible for a lead until somebody is; from then on no call changes it.
"""

from telemarketing.crm.extensions import ExtensionOwners
from telemarketing.model.call import Call, Direction
from telemarketing.storage.lead_owners import Responsibility


def first_responsibility(call: Call, owners: ExtensionOwners) -> Responsibility:
    """Say who answers for the lead that a call makes."""
    if call.direction is Direction.OUTBOUND:
        placed_by = owners.find(call, call.placed_by)
        return Responsibility(placed_by, settled=True)
    return later_responsibility(Responsibility(None, settled=False), call, owners)


def later_responsibility(
    current: Responsibility, call: Call, owners: ExtensionOwners
) -> Responsibility:
    """Say who answers for a lead after one more of its calls, or after more of one is known."""
    if current.operator_id is not None or call.direction is not Direction.INBOUND:
        return current
    if call.answered_at is not None:
        answered_by = owners.find(call, call.answered_by)
        return Responsibility(answered_by, settled=True)
    return Responsibility(None, settled=current.settled or call.ended_at is not None)
