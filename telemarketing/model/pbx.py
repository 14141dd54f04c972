"""How the connection to one Asterisk stands."""

from dataclasses import dataclass


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
    live_calls_there: int | None
    """As the PBX's last list of channels told; None = not asked yet."""
