"""What the service itself proposes: whom to call back, and when to try again.

In: calls that are being stored, in one transaction with them. Out: planned calls made, moved and
closed, and what to tell open panels. It looks only at calls that have just ended: one that is
recorded again changes nothing, whoever records it.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from telemarketing.crm.working_hours import WorkingHours
from telemarketing.model.call import Call, Direction
from telemarketing.model.changes import NoticesChanged, PlannedCallsChanged
from telemarketing.model.planned_call import PlanKind, PlanState
from telemarketing.storage import notices, proposals, reminders
from telemarketing.storage.engine import Transaction
from telemarketing.storage.proposals import LeadCalls, PendingCall

DONE_AHEAD_MS = 3_600_000
"""A call is the doing of whatever is due until so long after its end."""


@dataclass(frozen=True, slots=True)
class ProposalRules:
    """What to propose, as the settings say."""

    hours: WorkingHours
    """In which proposed attempts fall."""
    retry_after_ms: tuple[int, ...]
    """After the first, second, ... attempt in a row without an answer; then no more."""


@dataclass(frozen=True, slots=True)
class EndedCall:
    """A call of a lead that has just ended."""

    id: int
    lead_id: int
    call: Call
    ended_at: int
    placed_by_id: int | None
    """The operator who placed it; None = nobody of ours, or nobody knows."""

    @property
    def is_talk(self) -> bool:
        """The client and somebody of ours talked."""
        return self.call.answered_at is not None

    @property
    def is_attempt(self) -> bool:
        """We called, and nobody answered."""
        return not self.is_talk and self.call.direction is Direction.OUTBOUND

    @property
    def is_miss(self) -> bool:
        """The client called, and nobody answered."""
        return not self.is_talk and self.call.direction is Direction.INBOUND


def has_just_ended(call: Call, before: Call | None) -> bool:
    """Tell whether this snapshot is the first to show that a call has ended, and how.

    An estimated end without a talk is none: nobody saw how the call went on.
    """
    return _tells_its_end(call) and (before is None or not _tells_its_end(before))


def _tells_its_end(call: Call) -> bool:
    return call.ended_at is not None and (call.answered_at is not None or not call.end_estimated)


async def propose(
    tx: Transaction, ended: Sequence[EndedCall], rules: ProposalRules
) -> list[PlannedCallsChanged | NoticesChanged]:
    """Make, move and close planned calls, as calls that have just ended tell.

    Args:
        tx: the transaction that has stored them.
        ended: no call twice.
        rules: what to propose.

    Returns:
        What changed. One query when nothing is pending and everybody has talked; six statements at
        most, however many calls.
    """
    by_lead: defaultdict[int, list[EndedCall]] = defaultdict(list)
    for one in sorted(ended, key=lambda one: (one.ended_at, one.id)):
        by_lead[one.lead_id].append(one)
    pending: defaultdict[int, list[PendingCall]] = defaultdict(list)
    for item in await proposals.list_pending_for_update(tx, by_lead):
        pending[item.lead_id].append(item)
    unanswered = {one.lead_id for one in ended if not one.is_talk}
    told = await proposals.list_lead_calls(tx, unanswered)
    changed: list[PendingCall] = []
    for lead_id, calls in by_lead.items():
        work = _LeadWork(lead_id, calls, rules, pending[lead_id])
        work.close()
        if lead_id in told:
            work.add_miss(told[lead_id])
            work.add_attempts(told[lead_id])
        changed += work.changed()
    if not changed:
        return []
    return await _write(tx, changed, rules, max(one.ended_at for one in ended))


async def _write(
    tx: Transaction, changed: Sequence[PendingCall], rules: ProposalRules, at: int
) -> list[PlannedCallsChanged | NoticesChanged]:
    await proposals.write_pending(tx, changed, rules.hours.zone.key)
    put_away = [
        item.id for item in changed if item.id is not None and item.state is not PlanState.OPEN
    ]
    await reminders.cancel_reminders(tx, put_away)
    relieved = await notices.mark_seen_of(tx, put_away, at)
    return [
        *(PlannedCallsChanged(lead_id) for lead_id in sorted({one.lead_id for one in changed})),
        *(NoticesChanged(operator_id) for operator_id in sorted(relieved)),
    ]


class _LeadWork:
    """What is to be done for one lead, while its calls are gone through."""

    def __init__(
        self,
        lead_id: int,
        calls: Sequence[EndedCall],
        rules: ProposalRules,
        pending: Sequence[PendingCall],
    ) -> None:
        self._lead_id = lead_id
        self._calls = calls
        self._rules = rules
        self._before = pending
        self._items = list(pending)

    def changed(self) -> list[PendingCall]:
        return [item for item in self._items if item not in self._before]

    def close(self) -> None:
        """Take off what a talk has done."""
        for talk in self._calls:
            if talk.is_talk:
                self._items = [
                    replace(
                        item,
                        state=PlanState.DONE,
                        closed_at=talk.ended_at,
                        closing_call_id=talk.id,
                    )
                    if item.closed_at is None and _does(talk, item)
                    else item
                    for item in self._items
                ]

    def add_miss(self, told: LeadCalls) -> None:
        """Let a client who was not heard wait to be called back, once."""
        if self._find(PlanKind.MISSED) is not None:
            return
        since = told.talked_until or 0
        for missed in self._calls:
            if missed.is_miss and missed.ended_at > since:
                self._items.append(
                    PendingCall(
                        id=None,
                        lead_id=self._lead_id,
                        kind=PlanKind.MISSED,
                        state=PlanState.OPEN,
                        operator_id=told.responsible_id,
                        due_at=missed.ended_at,
                        has_time=True,
                        created_at=missed.ended_at,
                        attempt_count=0,
                        cause_call_id=missed.id,
                    )
                )
                return

    def add_attempts(self, told: LeadCalls) -> None:
        """Count attempts that were not answered, and propose the next one."""
        since = told.talked_until or 0
        attempts = [one for one in self._calls if one.is_attempt and one.ended_at > since]
        if not attempts:
            return
        self._items = [_counted(item, attempts) for item in self._items]
        retry = self._find(PlanKind.RETRY)
        if retry is not None and _waits_for_later(retry, attempts[-1]):
            self._replace(retry, replace(retry, attempt_count=told.attempt_count))
        else:
            self._replace(retry, self._next_attempt(retry, attempts[-1], told))

    def _next_attempt(
        self, retry: PendingCall | None, last: EndedCall, told: LeadCalls
    ) -> PendingCall | None:
        if told.attempt_count > len(self._rules.retry_after_ms):
            if retry is None:
                return None
            return replace(
                retry,
                state=PlanState.DISMISSED,
                closed_at=last.ended_at,
                closing_call_id=last.id,
            )
        pause_ms = self._rules.retry_after_ms[told.attempt_count - 1]
        return PendingCall(
            id=None if retry is None else retry.id,
            lead_id=self._lead_id,
            kind=PlanKind.RETRY,
            state=PlanState.PROPOSED,
            operator_id=last.placed_by_id or told.responsible_id,
            due_at=self._rules.hours.next_from(last.ended_at + pause_ms),
            has_time=True,
            created_at=last.ended_at if retry is None else retry.created_at,
            attempt_count=told.attempt_count,
            cause_call_id=last.id,
        )

    def _find(self, kind: PlanKind) -> PendingCall | None:
        pending = (one for one in self._items if one.kind is kind and one.closed_at is None)
        return next(pending, None)

    def _replace(self, old: PendingCall | None, new: PendingCall | None) -> None:
        self._items = [one for one in self._items if one is not old]
        if new is not None:
            self._items.append(new)


def _does(talk: EndedCall, item: PendingCall) -> bool:
    """Tell whether a talk was what had been planned.

    What the service proposed is done by any talk. What a person planned is done by a talk at its
    time, and not when it was planned during that talk.
    """
    if item.kind is not PlanKind.PLANNED:
        return item.created_at <= talk.ended_at
    ahead_ms = DONE_AHEAD_MS if item.has_time else 0
    began_at = talk.call.answered_at or 0
    return item.created_at < began_at and item.due_at <= talk.ended_at + ahead_ms


def _waits_for_later(retry: PendingCall, attempt: EndedCall) -> bool:
    """A retry that a person took for later is not what this attempt was."""
    return retry.state is PlanState.OPEN and retry.due_at > attempt.ended_at + DONE_AHEAD_MS


def _counted(item: PendingCall, attempts: Iterable[EndedCall]) -> PendingCall:
    """Count the attempts since something was to be done; a retry counts its own way."""
    if item.closed_at is not None or item.kind is PlanKind.RETRY:
        return item
    since = sum(item.created_at <= one.call.started_at for one in attempts)
    return replace(item, attempt_count=item.attempt_count + since)
