"""Builders of what the tests are about: calls as call tracking would tell them, moment by moment.

Each builder has the defaults of an ordinary call; a test names only what it is about.
"""

import itertools
from dataclasses import replace
from typing import TypedDict, Unpack

from telemarketing.model.call import Call, CallOperator, Direction, Disposition

MONDAY = 1_763_971_200_000
"""2025-11-24 08:00:00 UTC, when nobody in the tests has called yet."""

DAY_MS = 86_400_000

_linkedids = (f"{MONDAY // 1000}.{counter}" for counter in itertools.count())


class Changes(TypedDict, total=False):
    """Fields of a call that a test is about."""

    pbx: str
    linkedid: str
    direction: Direction
    number: str | None
    raw_number: str | None
    withheld: bool
    did: str | None
    placed_by: str | None
    operators: tuple[CallOperator, ...]
    started_at: int


def make_call(**changes: Unpack[Changes]) -> Call:
    """An outgoing call of extension 101 that has just begun to ring, under a new linkedid."""
    call = Call(
        pbx="main",
        linkedid=next(_linkedids),
        direction=Direction.OUTBOUND,
        number="+380441234567",
        raw_number="0441234567",
        withheld=False,
        did=None,
        placed_by="101",
        answered_by=None,
        operators=(CallOperator("101", 0, 0),),
        disposition=Disposition.UNKNOWN,
        started_at=MONDAY,
        answered_at=None,
        ended_at=None,
        ring_ms=0,
        talk_ms=0,
        hangup_cause=None,
        transferred=False,
        recordings=(),
    )
    return replace(call, **changes)


def make_incoming(*rung: str, **changes: Unpack[Changes]) -> Call:
    """An incoming call that has just begun to ring these extensions."""
    ordinary: Changes = {
        "direction": Direction.INBOUND,
        "did": "+380443334455",
        "placed_by": None,
        "operators": tuple(CallOperator(extension, 0, 0) for extension in rung),
    }
    return make_call(**(ordinary | changes))


def answered(call: Call, by: str = "101", ring_ms: int = 4000) -> Call:
    """The same call at the moment of its first talk."""
    return replace(
        call,
        answered_by=by,
        answered_at=call.started_at + ring_ms,
        ring_ms=ring_ms,
        operators=tuple(
            replace(operator, ring_ms=0 if operator.extension == call.placed_by else ring_ms)
            for operator in call.operators
        ),
    )


def ended(call: Call, talk_ms: int = 60_000) -> Call:
    """The same call after its last channel is gone."""
    if call.answered_at is None:
        return replace(
            call,
            disposition=Disposition.NO_ANSWER,
            ended_at=call.started_at + 30_000,
            ring_ms=30_000,
            hangup_cause=19,
        )
    return replace(
        call,
        disposition=Disposition.ANSWERED,
        ended_at=call.answered_at + talk_ms,
        talk_ms=talk_ms,
        hangup_cause=16,
        operators=tuple(
            replace(operator, talk_ms=talk_ms if operator.extension == call.answered_by else 0)
            for operator in call.operators
        ),
    )
