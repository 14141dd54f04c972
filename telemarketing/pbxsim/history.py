"""A week of finished calls, as call tracking would have told them had it been there.

In: an office, the present instant, a seed. Out: `Call` values in order of their beginning, for the
demo to store by the rules of the product. Only people of the simulation are in them; it stores
nothing and needs no PBX.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath
from random import Random

from telemarketing.model.call import Call, CallOperator, Direction, Disposition
from telemarketing.pbxsim import group, inbound, internal, outbound
from telemarketing.pbxsim.casting import GROUP, INTERNAL, OUTBOUND, Casting
from telemarketing.pbxsim.office import FIRST_OF_HISTORY, WITHHELD, Office, as_the_trunk_says
from telemarketing.pbxsim.pace import Pace
from telemarketing.pbxsim.recording_names import Kind, recording_path
from telemarketing.pbxsim.script import Scene, Script

_DAYS = 7
_OPEN_HOUR, _CLOSE_HOUR = 9, 18
_OPEN_SINCE = timedelta(hours=3)
"""On the last day, whenever it is looked at, people have been at work for so long at the least."""
_CALLS_PER_PERSON_AND_DAY = 24
_SETUP_MS = 1100
"""From the first channel to the first ringing, or to a refusal."""
_BREATH_MS = 4000
"""Between two calls of one person, at the least."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a scene ends."""

    disposition: Disposition
    cause: int
    """Q.850, of the outside channel."""
    rings: bool = True


_OUTCOMES: dict[Scene, _Outcome] = {
    outbound.answered: _Outcome(Disposition.ANSWERED, 16),
    outbound.client_hangs_up: _Outcome(Disposition.ANSWERED, 16),
    outbound.no_answer: _Outcome(Disposition.NO_ANSWER, 0),
    outbound.provider_gives_up: _Outcome(Disposition.NO_ANSWER, 19),
    outbound.busy: _Outcome(Disposition.BUSY, 17, rings=False),
    outbound.rejected: _Outcome(Disposition.BUSY, 21),
    outbound.cancelled: _Outcome(Disposition.CANCELLED, 127),
    outbound.failed: _Outcome(Disposition.FAILED, 1, rings=False),
    inbound.answered: _Outcome(Disposition.ANSWERED, 16),
    inbound.client_hangs_up: _Outcome(Disposition.ANSWERED, 16),
    inbound.missed: _Outcome(Disposition.CANCELLED, 127),
    inbound.no_answer: _Outcome(Disposition.NO_ANSWER, 19),
    inbound.busy: _Outcome(Disposition.BUSY, 17, rings=False),
    group.answered: _Outcome(Disposition.ANSWERED, 16),
    group.missed: _Outcome(Disposition.CANCELLED, 127),
    group.no_answer: _Outcome(Disposition.NO_ANSWER, 19),
    internal.answered: _Outcome(Disposition.ANSWERED, 16),
    internal.no_answer: _Outcome(Disposition.NO_ANSWER, 19),
}


def week_of_history(
    office: Office, *, until: int, seed: int, pbx: str = "main", recordings: Path | None = None
) -> list[Call]:
    """Tell the calls of the last seven days: about 24 for each person and day.

    Args:
        office: who works there, and in which zone it is open from 9 to 18, every day; the last day
            is longer, if need be, so that now is after three hours of work.
        until: epoch milliseconds of now; no call ends after it.
        seed: the same one gives the same calls for the same `until`.
        pbx: under whose name they are stored.
        recordings: folder in which the files of answered calls would lie; None = no recordings.
    """
    rng = Random(f"{seed} history")  # noqa: S311 - a demo, no secret
    casting = Casting(office, Pace(), rng, FIRST_OF_HISTORY)
    calls: list[Call] = []
    for opens_at, closes_at in _office_days(office, until):
        free_at = dict.fromkeys(office.extensions, opens_at)
        for at in _beginnings(office, opens_at, closes_at, rng):
            if not any(free <= at for free in free_at.values()):
                continue
            scene, script = casting.next_call(_free_then(free_at, at))
            linkedid = f"{at // 1000}.{len(calls) * 4}"
            call = finished_call(
                office, scene, script, pbx=pbx, linkedid=linkedid, at=at, recordings=recordings
            )
            if scene is inbound.busy or call.ended_at is None or call.ended_at > until:
                continue
            free_at.update(dict.fromkeys(script.extensions, call.ended_at + _BREATH_MS))
            casting.has_ended(scene, script)
            calls.append(call)
    return calls


def finished_call(
    office: Office,
    scene: Scene,
    script: Script,
    *,
    pbx: str,
    linkedid: str,
    at: int,
    recordings: Path | None,
) -> Call:
    """Tell a scene that began at an instant as call tracking tells it when it is over."""
    outcome = _OUTCOMES[scene]
    direction = _direction_of(scene)
    answered = outcome.disposition is Disposition.ANSWERED
    ring_ms = round(script.ring_s * 1000) if outcome.rings else 0
    talk_ms = round(script.talk_s * 1000) if answered else 0
    rung_out_at = at + _SETUP_MS + ring_ms
    withheld = script.number == WITHHELD
    outside = direction is not Direction.INTERNAL
    recorded = answered and recordings is not None
    return Call(
        pbx=pbx,
        linkedid=linkedid,
        direction=direction,
        number=f"+{as_the_trunk_says(script.number)}" if outside and not withheld else None,
        raw_number=_raw_number(direction, script) if outside else None,
        withheld=withheld,
        did=_did(office, scene, script),
        placed_by=script.extensions[0] if direction is not Direction.INBOUND else None,
        answered_by=script.extensions[-1] if answered else None,
        operators=_operators(direction, script, ring_ms, talk_ms),
        disposition=outcome.disposition,
        started_at=at,
        answered_at=rung_out_at if answered else None,
        ended_at=rung_out_at + talk_ms,
        ring_ms=ring_ms,
        talk_ms=talk_ms,
        hangup_cause=outcome.cause if outside else None,
        transferred=False,
        recordings=(f"{recordings}/{_recording(office, scene, script, at, linkedid)}",)
        if recorded
        else (),
    )


def call_in_progress(
    office: Office,
    scene: Scene,
    script: Script,
    *,
    pbx: str,
    linkedid: str,
    at: int,
    answered_at: int,
    recordings: Path | None,
) -> Call:
    """Tell an answered scene as call tracking tells it while its people still talk."""
    finished = finished_call(
        office, scene, script, pbx=pbx, linkedid=linkedid, at=at, recordings=recordings
    )
    return replace(
        finished,
        answered_at=answered_at,
        ended_at=None,
        talk_ms=0,
        hangup_cause=None,
        operators=tuple(replace(one, talk_ms=0) for one in finished.operators),
    )


def _direction_of(scene: Scene) -> Direction:
    """Tell which way a scene goes."""
    if scene in OUTBOUND:
        return Direction.OUTBOUND
    return Direction.INTERNAL if scene in INTERNAL else Direction.INBOUND


_KINDS = {
    Direction.OUTBOUND: Kind.OUTBOUND,
    Direction.INBOUND: Kind.INBOUND,
    Direction.INTERNAL: Kind.INTERNAL,
}


def _operators(
    direction: Direction, script: Script, ring_ms: int, talk_ms: int
) -> tuple[CallOperator, ...]:
    """Who placed the call does not ring; of those who are called the last one talks."""
    last = script.extensions[-1]
    placed_by = None if direction is Direction.INBOUND else script.extensions[0]
    return tuple(
        CallOperator(
            extension,
            0 if extension == placed_by else ring_ms,
            talk_ms if extension in (placed_by, last) else 0,
        )
        for extension in script.extensions
    )


def _recording(
    office: Office, scene: Scene, script: Script, at: int, uniqueid: str
) -> PurePosixPath:
    direction = _direction_of(scene)
    did = _did(office, scene, script)
    return recording_path(
        _KINDS[direction],
        called=did or script.number or script.extensions[-1],
        caller=_raw_number(direction, script) if did else script.extensions[0],
        began_at=at,
        zone=office.zone,
        uniqueid=uniqueid,
    )


def _did(office: Office, scene: Scene, script: Script) -> str | None:
    if _direction_of(scene) is not Direction.INBOUND:
        return None
    return office.main_number if scene in GROUP else office.direct_number(script.extensions[0])


def _raw_number(direction: Direction, script: Script) -> str:
    return script.number if direction is Direction.OUTBOUND else as_the_trunk_says(script.number)


def _free_then(free_at: dict[str, int], at: int) -> Callable[[str], bool]:
    return lambda extension: free_at[extension] <= at


def _office_days(office: Office, until: int) -> Iterator[tuple[int, int]]:
    """The instants between which the office was open, on each day until now."""
    now = datetime.fromtimestamp(until / 1000, office.zone)
    today = now.date()
    for days_ago in reversed(range(_DAYS)):
        day = today - timedelta(days=days_ago)
        opens, closes = (
            datetime(day.year, day.month, day.day, hour, tzinfo=office.zone)
            for hour in (_OPEN_HOUR, _CLOSE_HOUR)
        )
        if not days_ago:
            opens, closes = min(opens, now - _OPEN_SINCE), max(closes, now)
        yield round(opens.timestamp() * 1000), round(closes.timestamp() * 1000)


def _beginnings(office: Office, opens_at: int, closes_at: int, rng: Random) -> Iterator[int]:
    """The instants of a day at which calls begin."""
    count = _CALLS_PER_PERSON_AND_DAY * len(office.extensions)
    at = float(opens_at)
    while True:
        at += rng.expovariate(count / (closes_at - opens_at))
        if at >= closes_at:
            return
        yield int(at)
