"""A possible buyer."""

from dataclasses import dataclass
from enum import StrEnum


class StatusKind(StrEnum):
    """What a status means to the rules; its name is the users' own."""

    INITIAL = "initial"
    INTERMEDIATE = "intermediate"
    FINAL_GOOD = "final_good"
    FINAL_BAD = "final_bad"


@dataclass(frozen=True, slots=True)
class LeadStatus:
    """One row of the dictionary of lead statuses."""

    id: int
    name: str
    kind: StatusKind
    position: int


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as lists show it."""

    id: int
    title: str
    phone: str | None
    """E.164, or the raw form of a number that cannot be understood."""
    status: LeadStatus
    source: str
    """Name of the source, `исходящий звонок`."""
    responsible_id: int | None
    responsible: str | None
    """Full name; None = nobody yet."""
    responsible_settled: bool
    """False while the first incoming call still rings: the answer or the end settles it."""
    created_at: int
    """Epoch milliseconds."""
    call_count: int


@dataclass(frozen=True, slots=True)
class LeadContact:
    """A further person at the same client."""

    id: int
    full_name: str
    position: str
    phone: str
    """E.164, or as it was typed; '' = none."""
    email: str


@dataclass(frozen=True, slots=True)
class LeadCard:
    """All that people write about a lead; texts are '' where nobody has."""

    lead: Lead
    department_id: int | None
    """Of the responsible; None = nobody is, or in no department."""
    person_name: str
    position: str
    company: str
    address: str
    email: str
    messengers: str
    interest: str
    note: str
    amount_minor: int | None
    """In the smallest unit of the currency."""
    currency: str | None
    """ISO 4217; given exactly when there is an amount."""
    phones: tuple[str, ...]
    """All numbers of the lead, the first being `lead.phone`; E.164 or raw."""
    contacts: tuple[LeadContact, ...]
    version: int
    """Grows with every change by a person."""
