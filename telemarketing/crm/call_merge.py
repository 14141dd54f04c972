"""What is known of a call when it was seen twice: by two daemons, or before and after a restart.

In: what is stored and what is seen now. Out: one call, the better knowledge of both. Pure.

Three cases:

- `seen` lags behind what is stored (another daemon was faster): what is stored stays.
- `seen` was followed from its start: it replaces what is stored.
- `seen` was found in mid-call (`seen_from_start` False): the stored beginning is better than what
  the PBX can still tell of it, and only what happened since is new.
"""

from dataclasses import replace

from telemarketing.model.call import Call, CallOperator, Disposition
from telemarketing.model.recording import same_file


def merge(stored: Call, seen: Call) -> Call:
    """Unite a stored call with a snapshot of the same key; doing it again changes nothing.

    Talk that a daemon saw begin and, after a restart, found going on is taken to have gone on in
    between: `talk_ms` then runs from the stored `answered_at`.
    """
    if _lags(stored, seen):
        return stored
    if seen.seen_from_start:
        return seen
    known = _earlier_beginning(stored, seen)
    blind_ms = _talk_before_link_ms(stored, seen)
    answered = known.answered_at is not None
    ended = seen.ended_at is not None
    return replace(
        known,
        operators=_united_operators(stored, seen, blind_ms),
        disposition=Disposition.ANSWERED if ended and answered else seen.disposition,
        ended_at=seen.ended_at,
        end_estimated=seen.end_estimated,
        ring_ms=max(stored.ring_ms, seen.ring_ms),
        talk_ms=max(stored.talk_ms, seen.talk_ms + blind_ms),
        hangup_cause=stored.hangup_cause if seen.hangup_cause is None else seen.hangup_cause,
        transferred=stored.transferred or seen.transferred,
        recordings=_united_recordings(stored.recordings, seen.recordings),
    )


def _united_recordings(stored: tuple[str, ...], seen: tuple[str, ...]) -> tuple[str, ...]:
    """The stored ones first, each file once, though the PBX's log names it without its folder."""
    new = [path for path in seen if not any(same_file(path, known) for known in stored)]
    return stored + tuple(dict.fromkeys(new))


def vanished(stored: Call, at: int) -> Call:
    """End a call whose end nobody saw.

    Args:
        stored: the call as it was last known, still live.
        at: epoch milliseconds at which it was known to be gone.

    Returns:
        The ended call, its end and talk estimates: an answered one is taken to have talked till
        then, and of any other nobody knows how it went on.
    """
    if stored.answered_at is None:
        return replace(stored, ended_at=at, end_estimated=True, disposition=Disposition.UNKNOWN)
    talk_ms = max(stored.talk_ms, at - stored.answered_at)
    return replace(
        stored,
        ended_at=at,
        end_estimated=True,
        disposition=Disposition.ANSWERED,
        talk_ms=talk_ms,
        operators=tuple(
            replace(operator, talk_ms=max(operator.talk_ms, talk_ms))
            if operator.extension == stored.answered_by
            else operator
            for operator in stored.operators
        ),
    )


def _lags(stored: Call, seen: Call) -> bool:
    """Tell whether `seen` knows less of how far the call has come than what is stored."""
    if stored.ended_at is not None and not stored.end_estimated:
        end_is_seen = seen.ended_at is not None and not seen.end_estimated
        return not end_is_seen or (stored.seen_from_start and not seen.seen_from_start)
    # An estimated end proves nothing: the call may be found alive, or its real end be told.
    if stored.ended_at is not None or seen.ended_at is not None or not seen.seen_from_start:
        return False
    return stored.answered_at is not None and seen.answered_at is None


def _earlier_beginning(stored: Call, seen: Call) -> Call:
    """The stored call, with what it did not know of its beginning taken from `seen`."""
    answered_at, answered_by = _first_answer(stored, seen)
    # Nobody saw the beginning: the PBX's own word, read later, is the better founded one.
    first, second = (stored, seen) if stored.seen_from_start else (seen, stored)
    party = second if _knows_party_better(second, first) else first
    return replace(
        stored,
        direction=first.direction,
        number=party.number,
        raw_number=party.raw_number,
        withheld=party.withheld,
        did=first.did or second.did,
        placed_by=first.placed_by or second.placed_by,
        started_at=first.started_at if first is stored else min(stored.started_at, seen.started_at),
        answered_at=answered_at,
        answered_by=answered_by,
    )


def _knows_party_better(second: Call, first: Call) -> bool:
    if first.number is not None or first.direction is not second.direction:
        return False
    return second.number is not None or (first.raw_number is None and second.raw_number is not None)


def _first_answer(stored: Call, seen: Call) -> tuple[int | None, str | None]:
    """When the call was answered first, and by whom; the stored answer was seen, not read later."""
    if stored.answered_at is None:
        return seen.answered_at, seen.answered_by
    return stored.answered_at, stored.answered_by or seen.answered_by


def _talk_before_link_ms(stored: Call, seen: Call) -> int:
    """The talk between the stored answer and the moment from which `seen` counts its own."""
    if stored.answered_at is None or seen.answered_at is None:
        return 0
    return seen.answered_at - stored.answered_at


def _united_operators(stored: Call, seen: Call, blind_ms: int) -> tuple[CallOperator, ...]:
    """Everybody of both, the stored ones first; nobody loses ringing or talk."""
    united = {operator.extension: operator for operator in stored.operators}
    for operator in seen.operators:
        talked_on = operator.extension == stored.answered_by == seen.answered_by
        talk_ms = operator.talk_ms + (blind_ms if talked_on else 0)
        known = united.get(operator.extension, operator)
        united[operator.extension] = CallOperator(
            operator.extension,
            max(known.ring_ms, operator.ring_ms),
            max(known.talk_ms, talk_ms),
        )
    return tuple(united.values())
