"""How the connection to one Asterisk stands."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many calls lived at the end of a list of channels: by our count, and by the PBX's."""

    at: int
    """Epoch milliseconds."""
    here: int
    there: int


@dataclass(frozen=True, slots=True)
class PbxState:
    """One PBX, as the page for administrators shows it."""

    name: str
    state: str
    """`connecting`, `in_step`, `refused`, ...: the link's own words, see `ami.link.LinkState`."""
    connected_since: int | None
    """Epoch milliseconds of the present session's login; None = not connected."""
    last_heard_at: int | None
    """Epoch milliseconds of the last message; None = never."""
    missing_rights: tuple[str, ...]
    excess_rights: tuple[str, ...]
    live_calls_here: int
    """As call tracking knows them."""
    comparison: Comparison | None
    """With the PBX's last list of channels; None = it has sent none since it was connected."""
