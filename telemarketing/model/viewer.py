"""Whoever looks at the panel, and how much of a thing may be shown."""

from dataclasses import dataclass
from enum import IntEnum

from telemarketing.model.operator import Role


@dataclass(frozen=True, slots=True)
class Viewer:
    """A signed-in person; what it may see and do follows from this alone."""

    id: int
    """The operator's id."""
    full_name: str
    role: Role
    department_id: int | None
    """None = in no department: a supervisor then sees what an operator sees."""

    @property
    def is_administrator(self) -> bool:
        """May see and do everything."""
        return self.role is Role.ADMINISTRATOR

    @property
    def is_supervisor(self) -> bool:
        """May see and do what the department's operators may; administrators too."""
        return self.role is not Role.OPERATOR


class Access(IntEnum):
    """How much of a lead somebody may see; comparable, more is greater."""

    NONE = 0
    """To this person it does not exist."""
    LIMITED = 1
    """Somebody else's lead with whom this person is or was in a call: title, status, whose it is,
    the last three contacts, and the own calls with it."""
    FULL = 2
    """Everything, and it may be changed."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who has to do with a lead, or with a call that has none."""

    responsible_id: int | None
    """Of the lead; None = nobody is."""
    responsible_department_id: int | None
    participants: frozenset[int]
    """Operators who dialled, were rung or talked."""
    departments: frozenset[int]
    """Theirs."""
    is_lead: bool = True
    """False: a call without a lead, which is nobody's by being unassigned."""

    def access_of(self, viewer: Viewer) -> Access:
        """Tell how much this person may see; `storage/visibility.py` says the same in SQL."""
        if viewer.is_administrator:
            return Access.FULL
        takes_part = viewer.id in self.participants
        if self.is_lead and self.responsible_id in {None, viewer.id}:
            return Access.FULL
        if viewer.role is Role.SUPERVISOR and viewer.department_id is not None:
            if self.is_lead and self.responsible_department_id == viewer.department_id:
                return Access.FULL
            takes_part = takes_part or viewer.department_id in self.departments
        if not takes_part:
            return Access.NONE
        return Access.LIMITED if self.is_lead else Access.FULL
