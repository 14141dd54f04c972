"""People who work in the panel, and the telephones that are theirs."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


@dataclass(frozen=True, slots=True)
class ExtensionOwnership:
    """An extension is somebody's from one instant to another: history stays with its maker."""

    extension: str
    pbx: str | None
    """Name of the PBX; None = this extension on every PBX."""
    valid_from: int
    """Epoch milliseconds, inclusive."""
    valid_until: int | None
    """Epoch milliseconds, exclusive; None = still."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A person of ours."""

    id: int
    full_name: str
    """As it is shown: family name, first name, patronymic."""
    department: str | None
    role: Role
    disabled_at: int | None
    """Epoch milliseconds; None = works here. Calls after it belong to nobody."""
    extensions: tuple[ExtensionOwnership, ...]
    mobiles: tuple[str, ...]
    """Own mobile numbers in E.164 (follow-me); they never become leads."""
