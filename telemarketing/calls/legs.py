"""One channel's part in a call: when it was made, rang, was answered, talked and ended.

In: instants, told by the tracker. Out: sums of ringing and talk. Times are epoch milliseconds of
the PBX. Knows nothing of the other legs.
"""

from dataclasses import dataclass

from telemarketing.calls.directory import Side


@dataclass(slots=True)
class Leg:
    """A live or finished channel within its conversation."""

    uniqueid: str
    name: str
    side: Side
    extension: str | None
    """Which of our telephones it is; None outside and in the plumbing."""
    exten: str
    """What was dialled on it at its creation."""
    caller_number: str | None
    created_at: int
    dialled: bool = False
    """Somebody called it; False: it came by itself."""
    dialled_at: int | None = None
    """None = it was not dialled, or nobody saw when."""
    dial_string: str = ""
    dial_status: str | None = None
    bridge_id: str | None = None
    answered: bool = False
    """The channel is Up; that alone is no talk (an IVR does it too)."""
    first_ring_at: int | None = None
    ringing_since: int | None = None
    ring_ms: int = 0
    first_talk_at: int | None = None
    talking_since: int | None = None
    talk_ms: int = 0
    ended_at: int | None = None
    cause: int | None = None

    def dial(self, at: int, dial_string: str) -> None:
        """Somebody calls it, for the first time or again."""
        self.dialled = True
        self.dialled_at = at
        self.dial_string = dial_string
        self.dial_status = None

    def end_attempt(self, at: int, dial_status: str) -> None:
        """The attempt to call it is over.

        A queue that runs out of time says NOANSWER and then CANCEL: the first is the reason.
        """
        self.dialled = True
        if self.dial_status is None:
            self.dial_status = dial_status
        if dial_status != "ANSWER":
            self.stop_ringing(at)

    def belongs_to(self, extension: str) -> None:
        """It turns out to be a telephone of ours, though it is reached through a trunk."""
        self.side = Side.OURS
        self.extension = extension

    def start_ringing(self, at: int) -> None:
        """It begins to ring, unless it already does, has been answered or is gone."""
        if self.answered or self.ringing_since is not None or self.ended_at is not None:
            return
        self.ringing_since = at
        if self.first_ring_at is None:
            self.first_ring_at = at

    def stop_ringing(self, at: int) -> None:
        """It was answered, given up or is gone."""
        if self.ringing_since is not None:
            self.ring_ms += max(0, at - self.ringing_since)
            self.ringing_since = None

    def answer(self, at: int) -> None:
        """The channel is Up.

        A called phone of which no ringing was told rang from the moment it was called.
        """
        if self.ended_at is not None:
            return
        if self.dialled_at is not None and self.first_ring_at is None:
            self.ringing_since = self.first_ring_at = self.dialled_at
        self.stop_ringing(at)
        self.answered = True

    def set_talking(self, talking: bool, at: int) -> None:
        """It hears, or no longer hears, the other party."""
        if talking and self.talking_since is None:
            self.talking_since = at
            if self.first_talk_at is None:
                self.first_talk_at = at
        elif not talking and self.talking_since is not None:
            self.talk_ms += max(0, at - self.talking_since)
            self.talking_since = None

    def end(self, at: int, cause: int | None) -> None:
        """The channel is gone."""
        self.stop_ringing(at)
        self.set_talking(False, at)
        self.bridge_id = None
        self.ended_at = at
        self.cause = cause

    def rung_ms(self, at: int) -> int:
        """How long it has rung until an instant."""
        return self.ring_ms + (max(0, at - self.ringing_since) if self.ringing_since else 0)

    def talked_ms(self, at: int) -> int:
        """How long it has talked until an instant."""
        return self.talk_ms + (max(0, at - self.talking_since) if self.talking_since else 0)
