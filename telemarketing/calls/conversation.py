"""One conversation: its legs, and what they add up to.

In: legs that the tracker keeps up to date. Out: the frozen `Call` that all other stations know.
Every rule about direction, number, ringing and disposition stands here, once.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from telemarketing import phones
from telemarketing.calls.bridges import talking_legs
from telemarketing.calls.causes import outcome_of_attempt
from telemarketing.calls.dialled import number_in
from telemarketing.calls.directory import Directory, Side
from telemarketing.calls.legs import Leg
from telemarketing.model.call import Call, CallOperator, Direction, Disposition
from telemarketing.model.recording import same_file

_CANCEL_CAUSE = 127
"""With which PJSIP reports the CANCEL of a caller."""

_UNIQUEID_AT_MOST = 150
"""Characters that Asterisk itself allows; int() refuses a few thousand."""


@dataclass(slots=True)
class Conversation:
    """The legs of one human conversation, or of the attempt at one."""

    pbx: str
    linkedid: str
    directory: Directory
    seen_from_start: bool
    legs: dict[str, Leg] = field(default_factory=dict)
    """By uniqueid, in order of creation."""
    people: list[Leg] = field(default_factory=list)
    """Those of the legs that are somebody, in the same order."""
    live_leg_count: int = 0
    recordings: list[str] = field(default_factory=list)
    last_at: int = 0
    """The latest instant that any event told of."""
    talking_since: int | None = None
    talk_ms: int = 0
    answered_at: int | None = None
    answered_by: str | None = None
    hung_up_while_waiting: bool = False
    """Whoever called gave up: its far end hung up before anybody talked, while an attempt ran."""
    end_estimated: bool = False
    told: Hashable | None = None
    """What the world was last told of, see `noticeable`; None = not yet understood."""

    @property
    def origin(self) -> Leg | None:
        """Whoever began it: the first leg that is somebody."""
        return self.people[0] if self.people else None

    @property
    def live(self) -> bool:
        """Some channel still lives."""
        return self.live_leg_count > 0

    def add(self, leg: Leg, *, in_order: bool) -> None:
        """Take a new leg in; out of order when it was found in mid-call."""
        self.legs[leg.uniqueid] = leg
        self.live_leg_count += 1
        if not in_order:
            self.legs = dict(sorted(self.legs.items(), key=lambda one: creation_order(one[0])))
            self.people = [leg for leg in self.legs.values() if leg.side is not Side.PLUMBING]
        elif leg.side is not Side.PLUMBING:
            self.people.append(leg)

    def add_recording(self, path: str) -> bool:
        """Take in that the PBX named a sound file; False = none, or one that is known already."""
        if not path or any(same_file(path, known) for known in self.recordings):
            return False
        self.recordings.append(path)
        return True

    def end_leg(self, leg: Leg, at: int, cause: int | None) -> None:
        """A channel of it is gone, for the first time."""
        was_bridged = leg.bridge_id is not None
        leg.end(at, cause)
        self.live_leg_count -= 1
        self.last_at = max(self.last_at, at)
        if was_bridged:
            self.update_talk(at)

    @property
    def direction(self) -> Direction:
        """From the endpoints alone: who began it, and whether anybody outside takes part."""
        people = self.people
        if not people:
            return Direction.INTERNAL
        if people[0].side is Side.OUTSIDE:
            return Direction.INBOUND
        if any(leg.side is Side.OUTSIDE for leg in people):
            return Direction.OUTBOUND
        return Direction.OUTBOUND if self._dialled_outside(people) else Direction.INTERNAL

    def _dialled_outside(self, people: list[Leg]) -> bool:
        """An operator alone on the line who dialled what no telephone of ours is called."""
        dialled = people[0].exten
        return (
            len(people) == 1
            and phones.is_dialable(dialled)
            and not phones.is_internal(dialled)
            and not self.directory.looks_internal(dialled)
        )

    def understood(self) -> bool:
        """Enough is known to tell the world: who calls, and whom or from which number."""
        people = self.people
        if not people:
            return False
        if people[0].side is Side.OUTSIDE and people[0].caller_number is not None:
            return True
        return any(leg.dialled for leg in people[1:])

    def gives_up(self, origin: Leg, cause: int | None) -> bool:
        """Tell whether the far end of `origin`, in hanging up now, gives up waiting.

        It waits while a phone rings, or while an IVR or queue keeps it. Before any of that a
        hang-up is the dialplan's own refusal (Busy, Congestion), unless it is a SIP CANCEL.
        """
        if self.answered_at is not None:
            return False
        attempts = [leg for leg in self.people if leg.dialled]
        if any(leg.dial_status is None and leg.ended_at is None for leg in attempts):
            return True
        kept = origin.answered or cause == _CANCEL_CAUSE
        return not attempts and kept and self.direction is Direction.INBOUND

    def update_talk(self, at: int) -> bool:
        """Work out again who talks; True when the two sides talk for the first time.

        A PBX whose clock is set back in mid-call must not make any second count twice.
        """
        at = self.last_at = max(self.last_at, at)
        talking = talking_legs(self.legs.values(), self.direction)
        for leg in self.legs.values():
            leg.set_talking(leg.uniqueid in talking, at)
        if not talking:
            if self.talking_since is not None:
                self.talk_ms += max(0, at - self.talking_since)
                self.talking_since = None
            return False
        if self.talking_since is None:
            self.talking_since = at
        if self.answered_at is not None:
            return False
        self.answered_at = at
        self.answered_by = self._first_talker(talking)
        return True

    def _first_talker(self, talking: set[str]) -> str | None:
        """The called one of ours where there is one (internal calls have two)."""
        ours = [leg for leg in self.people if leg.uniqueid in talking and leg.extension]
        called = [leg for leg in ours if leg.dialled]
        return (called or ours)[0].extension if ours else None

    def snapshot(self) -> Call:
        """Say what is known of the call now."""
        direction = self.direction
        people = self.people
        origin = people[0] if people else None
        raw_number, number = self._outside_numbers(direction, people)
        ended_at = None if self.live else self.last_at
        return Call(
            pbx=self.pbx,
            linkedid=self.linkedid,
            direction=direction,
            number=number,
            raw_number=raw_number,
            withheld=direction is Direction.INBOUND and phones.is_withheld(raw_number),
            did=self._did(direction, people),
            placed_by=origin.extension if origin and direction is not Direction.INBOUND else None,
            answered_by=self.answered_by,
            operators=self._operators(people),
            disposition=self._disposition(direction, people),
            started_at=min(leg.created_at for leg in self.legs.values()),
            answered_at=self.answered_at,
            ended_at=ended_at,
            ring_ms=self._ring_ms(direction, people),
            talk_ms=self.talk_ms + (self.last_at - self.talking_since if self.talking_since else 0),
            hangup_cause=self._hangup_cause(people),
            transferred=False,
            recordings=tuple(self.recordings),
            seen_from_start=self.seen_from_start,
            end_estimated=self.end_estimated,
        )

    @staticmethod
    def _did(direction: Direction, people: list[Leg]) -> str | None:
        if direction is not Direction.INBOUND or not phones.is_dialable(people[0].exten):
            return None
        return people[0].exten

    def _outside_numbers(
        self, direction: Direction, people: list[Leg]
    ) -> tuple[str | None, str | None]:
        """The outside party: (as the PBX said it, E.164)."""
        if direction is Direction.INTERNAL or not people:
            return None, None
        normalise = self.directory.normalise
        if direction is Direction.INBOUND:
            raw = people[0].caller_number
            return raw, None if phones.is_withheld(raw) else normalise(raw or "")
        candidates = self._dialled_numbers(people)
        for candidate in candidates:
            if (number := normalise(candidate)) is not None:
                return candidate, number
        return (candidates[0] if candidates else None), None

    def _dialled_numbers(self, people: list[Leg]) -> list[str]:
        """What the operator dialled, then what the PBX made of it for the trunk."""
        dialled = people[0].exten
        of_trunk = [
            number
            for leg in people
            if leg.side is Side.OUTSIDE
            and (number := number_in(leg.dial_string) or leg.caller_number)
        ]
        if phones.is_dialable(dialled) and not phones.is_internal(dialled):
            return [dialled, *of_trunk]
        return [*of_trunk, dialled] if phones.is_dialable(dialled) else of_trunk

    def noticeable(self) -> Hashable:
        """Give what a reader would notice the change of; running times always change.

        Cheaper than a snapshot, and as telling: the same call with the same of these is the same.
        """
        return (
            self.direction,
            self.people[0].caller_number if self.people else None,
            sum(leg.dialled for leg in self.people),
            sum(leg.first_ring_at is not None for leg in self.people),
            self.answered_at,
            self.talking_since is None,
            len(self.recordings),
        )

    def _operators(self, people: list[Leg]) -> tuple[CallOperator, ...]:
        """Everybody of ours who called, was called or talked.

        A phone that was called and gave no sign (switched off) has no ringing, but its owner has a
        missed call all the same.
        """
        ring: dict[str, int] = {}
        talk: dict[str, int] = {}
        for leg in people:
            if leg.extension is not None:
                extension = leg.extension
                ring[extension] = ring.get(extension, 0) + leg.rung_ms(self.last_at)
                talk[extension] = talk.get(extension, 0) + leg.talked_ms(self.last_at)
        return tuple(CallOperator(who, ring[who], talk[who]) for who in ring)

    def _called(self, direction: Direction, people: list[Leg]) -> list[Leg]:
        """The legs that somebody called: ours inbound and internal, outside ones outbound."""
        side = Side.OUTSIDE if direction is Direction.OUTBOUND else Side.OURS
        return [leg for leg in people if leg.dialled and leg.side is side]

    def _ring_ms(self, direction: Direction, people: list[Leg]) -> int:
        first = [leg.first_ring_at for leg in self._called(direction, people) if leg.first_ring_at]
        until = self.answered_at if self.answered_at is not None else self.last_at
        return max(0, until - min(first)) if first else 0

    def _hangup_cause(self, people: list[Leg]) -> int | None:
        """Of the outside channel, the last one where several were tried."""
        causes = [leg.cause for leg in people if leg.side is Side.OUTSIDE and leg.cause is not None]
        return causes[-1] if causes else None

    def _disposition(self, direction: Direction, people: list[Leg]) -> Disposition:
        if self.answered_at is not None:
            return Disposition.ANSWERED
        if self.live or not people or self.end_estimated:
            return Disposition.UNKNOWN
        if self.hung_up_while_waiting:
            return Disposition.CANCELLED
        # A Local channel tells why the PBX gave up on it; the phone behind it knows CANCEL only.
        tubes = [leg for leg in self.legs.values() if leg.side is Side.PLUMBING and leg.dialled]
        outcomes = [
            outcome
            for leg in (*tubes, *self._called(direction, people))
            if (outcome := outcome_of_attempt(leg.dial_status, leg.cause)) is not None
        ]
        if not outcomes:
            return self._never_called(direction, people)
        if direction is Direction.OUTBOUND:
            # Trunks tried in turn: the last one speaks for the number.
            return outcomes[-1]
        for strongest in (Disposition.NO_ANSWER, Disposition.BUSY, Disposition.CANCELLED):
            if strongest in outcomes:
                return strongest
        return Disposition.FAILED

    def _never_called(self, direction: Direction, people: list[Leg]) -> Disposition:
        """Nobody was called: an invalid number, an unknown DID, an IVR or an empty queue."""
        if not self.seen_from_start:
            return Disposition.UNKNOWN
        if direction is Direction.INBOUND and people[0].answered:
            return Disposition.NO_ANSWER
        return Disposition.FAILED


def creation_order(uniqueid: str) -> tuple[int, int]:
    """Give the sort key of `1795310698.8` or `pbx-one-1795310698.8`: second, counter."""
    epoch, _, counter = uniqueid.rpartition(".")
    second = epoch.rpartition("-")[2]
    if not (second.isdecimal() and counter.isdecimal()) or len(uniqueid) > _UNIQUEID_AT_MOST:
        return 0, 0
    return int(second), int(counter)
