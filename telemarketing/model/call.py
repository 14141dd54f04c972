"""One conversation, or the attempt at one, as every station above call tracking knows it."""

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Where a call goes, seen from our PBX."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    INTERNAL = "internal"


class Disposition(StrEnum):
    """How a call ended; UNKNOWN while it is live and when its end was not seen."""

    ANSWERED = "answered"
    """The outside party and a person of ours talked (internal: two of ours)."""
    NO_ANSWER = "no_answer"
    """The PBX or the provider gave up."""
    BUSY = "busy"
    """The called side was busy or rejected the call."""
    FAILED = "failed"
    """It could not be connected."""
    CANCELLED = "cancelled"
    """Whoever called gave up before an answer."""
    UNKNOWN = "unknown"


CallKey = tuple[str, str]
"""What makes a call the same call: name of the PBX, Linkedid of its first channel."""


@dataclass(frozen=True, slots=True)
class CallOperator:
    """One of our extensions in a call: it dialled, was rung or talked."""

    extension: str
    ring_ms: int
    """How long this phone rang, all its rings added; 0 = it was not rung."""
    talk_ms: int
    """How long it was bridged with the other party; 0 = it did not talk."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as it is known at one moment; a later snapshot of the same key replaces it."""

    pbx: str
    """Name of the PBX in the settings."""
    linkedid: str
    """Linkedid of the first channel; with `pbx` the key of the call."""
    direction: Direction
    number: str | None
    """The outside party in E.164; None = withheld, internal, or not understood."""
    raw_number: str | None
    """The outside party as the PBX said it; None = the PBX said nothing, or internal."""
    withheld: bool
    """The outside party hides its number: never a lead, never merged."""
    did: str | None
    """Our own number that was dialled (inbound only)."""
    placed_by: str | None
    """Extension that placed the call (outbound and internal)."""
    answered_by: str | None
    """Extension that was the first to talk; None = nobody has."""
    operators: tuple[CallOperator, ...]
    """Everybody of ours who dialled, was rung or talked, in order of first involvement."""
    disposition: Disposition
    started_at: int
    """Epoch milliseconds, like every `_at`: creation of the first channel."""
    answered_at: int | None
    """First moment of talk."""
    ended_at: int | None
    """Hang-up of the last channel; None = still live."""
    ring_ms: int
    """From the first ringing to the first answer, or to the end."""
    talk_ms: int
    """Time in which the outside party and somebody of ours were bridged with each other."""
    hangup_cause: int | None
    """Q.850 cause of the outside party's channel; None = it had none."""
    transferred: bool
    recordings: tuple[str, ...]
    """Sound files, as the PBX wrote their paths."""
    seen_from_start: bool = True
    """False: the link came up in mid-call; times before that are the PBX's whole seconds."""
    end_estimated: bool = False
    """True: the end was not seen; `ended_at` is the last moment at which it was known to live."""

    @property
    def key(self) -> CallKey:
        """Under which it is stored."""
        return self.pbx, self.linkedid

    @property
    def counterpart(self) -> str | None:
        """Under which number the other party is known: E.164, else raw; None = nobody to know."""
        if self.withheld or self.direction is Direction.INTERNAL:
            return None
        return self.number or self.raw_number
