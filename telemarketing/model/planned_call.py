"""A call that is to be made, and the notice before it."""

from dataclasses import dataclass
from enum import StrEnum

from telemarketing.model.lead import LeadStatus


class PlanKind(StrEnum):
    """How a planned call came about."""

    PLANNED = "planned"
    """A person planned it."""
    MISSED = "missed"
    """The service: the client called and nobody answered. It waits until somebody has talked."""
    RETRY = "retry"
    """The service: nobody answered us; a proposal until a person takes it."""


class PlanState(StrEnum):
    """How far a planned call has come."""

    PROPOSED = "proposed"
    """Waits to be taken or dismissed; does not count as overdue."""
    OPEN = "open"
    DONE = "done"
    """Somebody talked, or said so."""
    DISMISSED = "dismissed"
    """A proposal that nobody wanted."""
    CANCELLED = "cancelled"
    """A person took it off the list."""


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A call that is to be made, with what lists show of its lead."""

    id: int
    lead_id: int
    lead_title: str
    phone: str | None
    """The lead's, E.164 or raw."""
    lead_status: LeadStatus
    operator_id: int | None
    """Whose work it is; None = everybody's."""
    operator: str | None
    """Full name."""
    kind: PlanKind
    state: PlanState
    due_at: int
    """Epoch milliseconds; without a time, the first instant of the day in `zone`."""
    has_time: bool
    """False: some time on that day."""
    zone: str
    """In which it was planned, `Europe/Kyiv`."""
    note: str
    created_at: int
    attempt_count: int
    """Attempts since that were not answered."""
    talked_at: int | None
    """When the client last began to talk with one of us since; None = not since."""
    closed_at: int | None
    closed_by_call: bool
    """A talk closed it, without anybody's click."""
    version: int

    @property
    def placing(self) -> "Placing":
        """What of it people change."""
        return Placing(self.state, self.operator_id, self.due_at, self.has_time)


@dataclass(frozen=True, slots=True)
class Placing:
    """How far a planned call has come, whose it is and when: all that people change of it."""

    state: PlanState
    operator_id: int | None
    """None = everybody's."""
    due_at: int
    """Epoch milliseconds; without a time, the first instant of the day."""
    has_time: bool


@dataclass(frozen=True, slots=True)
class Notice:
    """A reminder that has fired and that its person has not seen yet."""

    id: int
    operator_id: int
    planned_call: PlannedCall
    fired_at: int
    """Epoch milliseconds."""
    late: bool
    """The daemon was down when it was due."""
