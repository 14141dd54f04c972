"""Which lead a call belongs to; an unknown number makes one.

In: calls that are about to be stored, in one transaction with them. Out: the lead of each, and what
was made or changed. It never touches a lead's status, nor a responsible who is there already.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from telemarketing.crm.extensions import ExtensionOwners
from telemarketing.crm.responsible import first_responsibility, later_responsibility
from telemarketing.model.call import Call, CallKey, Direction
from telemarketing.model.changes import LeadChanged, LeadCreated, LeadFact
from telemarketing.storage import lead_owners
from telemarketing.storage.call_snapshots import KnownCall
from telemarketing.storage.engine import Transaction
from telemarketing.storage.lead_owners import NewLead, OwnedLead, Responsibility

_SOURCES = {Direction.INBOUND: "inbound_call", Direction.OUTBOUND: "outbound_call"}


@dataclass(frozen=True, slots=True)
class Attached:
    """What attaching calls came to."""

    lead_ids: Mapping[CallKey, int]
    """Calls that are not named have no lead."""
    facts: Sequence[LeadFact]


async def attach(
    tx: Transaction,
    calls: Sequence[Call],
    known: Mapping[CallKey, KnownCall],
    owners: ExtensionOwners,
) -> Attached:
    """Find or make the leads of calls and settle who answers for them.

    Args:
        tx: the transaction that stores the calls.
        calls: as they will be stored.
        known: what is stored of them; a call keeps its lead as long as its number stays.
        owners: of every extension in `calls`.

    Returns:
        Their leads. Five statements at most, none when every call has its lead and nothing changes.
    """
    kept = {call.key: lead for call in calls if (lead := _kept_lead(call, known)) is not None}
    numbers = {call.counterpart for call in calls if call.counterpart and call.key not in kept}
    number_owners = await lead_owners.list_owners_for_update(tx, numbers)
    parties = _Parties(owners)
    for call in sorted(calls, key=lambda call: (call.started_at, call.key)):
        if call.key in kept:
            parties.follow(call, kept[call.key])
        elif call.counterpart and not (owner := number_owners[call.counterpart]).is_staff:
            parties.join(call, owner.lead)
    made = await lead_owners.add_leads(tx, parties.new_leads())
    await lead_owners.update_responsible(tx, parties.changes())
    return parties.attached(made)


def _kept_lead(call: Call, known: Mapping[CallKey, KnownCall]) -> OwnedLead | None:
    stored = known.get(call.key)
    if stored is None or stored.lead is None or stored.call.counterpart != call.counterpart:
        return None
    return stored.lead


@dataclass(slots=True)
class _Parties:
    """The outside parties of one batch: leads, and numbers that will be leads."""

    owners: ExtensionOwners
    founders: dict[str, Call] = field(default_factory=dict)
    """The call that makes the lead, by number."""
    founded: dict[str, Responsibility] = field(default_factory=dict)
    before: dict[int, Responsibility] = field(default_factory=dict)
    after: dict[int, Responsibility] = field(default_factory=dict)
    members: dict[CallKey, int | str] = field(default_factory=dict)
    """Calls by lead, or by the number whose lead is to be made."""
    joined: set[int] = field(default_factory=set)
    """Leads with a call more than before."""

    def follow(self, call: Call, lead: OwnedLead) -> None:
        """Take what more is known of a call of a lead."""
        current = self.after.get(lead.id, lead.responsibility)
        self.before.setdefault(lead.id, lead.responsibility)
        self.after[lead.id] = later_responsibility(current, call, self.owners)
        self.members[call.key] = lead.id

    def join(self, call: Call, lead: OwnedLead | None) -> None:
        """Take a call whose number belongs to a lead, or to none yet."""
        if lead is not None:
            self.follow(call, lead)
            self.joined.add(lead.id)
            return
        number = call.counterpart or ""
        current = self.founded.get(number)
        if current is None:
            self.founders[number] = call
            self.founded[number] = first_responsibility(call, self.owners)
        else:
            self.founded[number] = later_responsibility(current, call, self.owners)
        self.members[call.key] = number

    def new_leads(self) -> list[NewLead]:
        return [
            NewLead(number, _SOURCES[call.direction], self.founded[number], call.started_at)
            for number, call in self.founders.items()
        ]

    def changes(self) -> dict[int, Responsibility]:
        return {lead: now for lead, now in self.after.items() if now != self.before[lead]}

    def attached(self, made: Mapping[str, int]) -> Attached:
        facts: list[LeadFact] = [
            LeadCreated(made[number], number, call.pbx, call.linkedid)
            for number, call in self.founders.items()
        ]
        facts += [LeadChanged(lead_id) for lead_id in sorted(self.joined | set(self.changes()))]
        lead_ids = {
            key: made[party] if isinstance(party, str) else party
            for key, party in self.members.items()
        }
        return Attached(lead_ids, facts)
