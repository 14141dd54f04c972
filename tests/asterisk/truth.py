"""The truth about a call: what its SIP endpoints saw, and what was meant by placing it.

In: the calls of the phones that took part, and the intent. Out: a record in the form of
`telemarketing replay --json` with which the product's own can be compared. Nothing here comes from
Asterisk's events or from the product.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from tests.asterisk.phone import Call, PlacedCall

Truth = dict[str, Any]
"""As it stands in a scenario's JSON file."""

_CLIENT = "client"
_EXACT = ("direction", "number", "raw_number", "did", "disposition")
_SECONDS = ("ring_s", "talk_s")
_INSTANTS = ("started_at", "answered_at", "ended_at")


@dataclass(frozen=True, slots=True)
class Intent:
    """What was done on purpose."""

    direction: str
    disposition: str
    number: str | None = None
    """The client in E.164; None = withheld, internal, or not a number."""
    did: str | None = None
    """Our number that the client dialled."""
    raw_number: str | None = None
    """What was dialled, where it is not a number."""
    unreachable: str | None = None
    """Extension that the PBX tried to call though its phone could not hear of it."""


@dataclass(frozen=True, slots=True)
class Participation:
    """One phone's call, and whose it was."""

    who: str
    """Extension, or `client`."""
    call: Call

    @property
    def was_called(self) -> bool:
        """The PBX called this phone."""
        return not isinstance(self.call, PlacedCall)

    def ringing(self) -> tuple[int, int] | None:
        """When it rang: from its 180 (or 183) to its answer or end.

        A phone that answers without having rung counts as ringing since the INVITE: it was called,
        and somebody was waiting. One that is refused or silent without a 180 has not rung.
        """
        times = self.call.times
        if not self.was_called or times.ended_at is None:
            return None
        signs = [at for at in (times.ringing_at, times.progress_at) if at is not None]
        if not signs and times.answered_at is None:
            return None
        return min(signs, default=times.invited_at), times.answered_at or times.ended_at

    def connected(self) -> tuple[int, int] | None:
        """When it was off hook: from its answer to its end."""
        times = self.call.times
        if times.answered_at is None or times.ended_at is None:
            return None
        return times.answered_at, times.ended_at


def truth_of(
    case: str, version: int, what: str, intent: Intent, parts: Sequence[Participation]
) -> Truth:
    """Put together what the phones saw.

    Args:
        case: name of the case, `outbound/answered`.
        version: of the Asterisk between the phones.
        what: one sentence on what was done.
        intent: what could not be seen by a phone.
        parts: every call of every phone that took part, all of them over.
    """
    parts = sorted(parts, key=lambda part: part.call.times.invited_at)
    ended_at = max(part.call.times.ended_at or 0 for part in parts)
    talks = _talks(parts)
    record: Truth = {
        "case": case,
        "version": version,
        "what": what,
        "direction": intent.direction,
        "number": intent.number,
        "did": intent.did,
        "disposition": intent.disposition,
        "operators": _operators(parts, talks),
        "ring_s": _ring_s(parts, ended_at),
        "talk_s": _union_s([span for _, span in talks]),
        "started_at": _iso(parts[0].call.times.invited_at),
        "answered_at": _iso(min(span[0] for _, span in talks)) if talks else None,
        "ended_at": _iso(ended_at),
        "endpoints": [_endpoint(part) for part in parts],
    }
    if intent.raw_number is not None:
        record["raw_number"] = intent.raw_number
    if intent.unreachable is not None:
        record["unreachable"] = intent.unreachable
    return record


def differences(replayed: dict[str, Any], truth: Truth, tolerance_s: float = 0.1) -> list[str]:
    """Compare the product's record of a call with the truth.

    Args:
        replayed: one object of `telemarketing replay --json`.
        truth: of the same call.
        tolerance_s: how far seconds and instants may be apart.

    Returns:
        One line for each difference, none when they agree.
    """
    found = [
        f"{key}: {replayed.get(key)!r}, but truly {truth[key]!r}"
        for key in _EXACT
        if key in truth and _bare(key, replayed.get(key)) != _bare(key, truth[key])
    ]
    found += [
        f"{key}: {replayed.get(key)!r}, but truly {truth[key]!r}"
        for key in (*_SECONDS, *_INSTANTS)
        if not _near(_seconds(replayed.get(key)), _seconds(truth[key]), tolerance_s)
    ]
    return found + _operator_differences(replayed.get("operators", []), truth, tolerance_s)


def _operator_differences(
    replayed: Sequence[dict[str, Any]], truth: Truth, tolerance_s: float
) -> list[str]:
    told = {operator["extension"]: operator for operator in replayed}
    true = {operator["extension"]: operator for operator in truth["operators"]}
    # No phone can say whether the PBX tried it in vain; at most it may be told, with no seconds.
    if truth.get("unreachable") in told:
        true[truth["unreachable"]] = {"ring_s": 0.0, "talk_s": 0.0}
    if sorted(true) != sorted(operator["extension"] for operator in replayed):
        return [f"operators: {list(told)}, but truly {list(true)}"]
    found = [
        f"{key} of {extension}: {told[extension][key]!r}, but truly {operator[key]!r}"
        for extension, operator in true.items()
        for key in _SECONDS
        if not _near(told[extension][key], operator[key], tolerance_s)
    ]
    order = list(told)
    return found + [
        f"operators: {later} stands before {earlier}, who was first"
        for earlier, later in _certain_order(truth, tolerance_s)
        if order.index(later) < order.index(earlier)
    ]


def _certain_order(truth: Truth, tolerance_s: float) -> Iterator[tuple[str, str]]:
    """Neighbours in order of first involvement, where the order is beyond doubt."""
    since: dict[str, int] = {}
    for endpoint in truth["endpoints"]:
        if endpoint["who"] != _CLIENT:
            since.setdefault(endpoint["who"], endpoint["invited_at"])
    for earlier, later in pairwise(since):
        if since[later] - since[earlier] > tolerance_s * 1000:
            yield earlier, later


def _talks(parts: Sequence[Participation]) -> list[tuple[str, tuple[int, int]]]:
    """Who of ours was connected with the other side, and when.

    The other side of an operator is the client; in an internal call, any other operator.
    """
    clients = [part for part in parts if part.who == _CLIENT]
    found = []
    for part in parts:
        others = clients or [other for other in parts if other.who != part.who]
        for other in others if part.who != _CLIENT else ():
            span = _overlap(part.connected(), other.connected())
            if span is not None:
                found.append((part.who, span))
    return found


def _operators(
    parts: Sequence[Participation], talks: Sequence[tuple[str, tuple[int, int]]]
) -> list[dict[str, Any]]:
    extensions = dict.fromkeys(part.who for part in parts if part.who != _CLIENT)
    return [
        {
            "extension": extension,
            "ring_s": _union_s(
                [span for part in parts if part.who == extension and (span := part.ringing())]
            ),
            "talk_s": _union_s([span for who, span in talks if who == extension]),
        }
        for extension in extensions
    ]


def _ring_s(parts: Sequence[Participation], ended_at: int) -> float:
    """From the first ringing to the first answer of somebody called, or to the end."""
    rings = [span for part in parts if (span := part.ringing())]
    if not rings:
        return 0.0
    answers = [part.call.times.answered_at for part in parts if part.was_called]
    until = min((at for at in answers if at is not None), default=ended_at)
    return (until - min(start for start, _ in rings)) / 1000


def _overlap(one: tuple[int, int] | None, other: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or other is None:
        return None
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return (start, end) if start < end else None


def _union_s(spans: Sequence[tuple[int, int]]) -> float:
    total_ms, covered_until = 0, 0
    for start, end in sorted(spans):
        total_ms += max(0, end - max(start, covered_until))
        covered_until = max(covered_until, end)
    return total_ms / 1000


def _endpoint(part: Participation) -> dict[str, Any]:
    role = "called" if part.was_called else "placed"
    return {"who": part.who, "role": role, **asdict(part.call.times)}


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")


def _seconds(value: float | str | None) -> float | None:
    return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else value


def _near(one: float | None, other: float | None, tolerance_s: float) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= tolerance_s


def _bare(key: str, value: str | None) -> str | None:
    """A DID is told with or without its +; a number only in E.164."""
    return value.removeprefix("+") if key == "did" and value else value
