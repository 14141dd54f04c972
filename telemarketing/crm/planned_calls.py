"""What people do with calls that are to be made: plan, take, move, finish, and take that back.

In: a viewer's wish and the version that he or she has seen. Out: the planned call as it is then,
and what to tell open panels. Nobody overwrites silently what somebody else has changed meanwhile,
and nobody changes what he or she may not see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from telemarketing.crm.plain_text import clean
from telemarketing.crm.reminders import settle_reminder
from telemarketing.crm.when import FARTHEST, Moment
from telemarketing.errors import ChangedMeanwhile, NotFound, Refused
from telemarketing.model.changes import NoticesChanged, PlannedCallsChanged
from telemarketing.model.planned_call import Placing, PlanKind, PlannedCall, PlanState
from telemarketing.model.viewer import Access, Viewer
from telemarketing.storage import notices, planned_calls
from telemarketing.storage.engine import Database, Transaction, Turn, take_turns
from telemarketing.storage.planned_calls import NewPlannedCall
from telemarketing.storage.visibility import find_lead_access

NOTE_LIMIT = 2000
"""Characters."""
_NOTE_TYPED = 2 * NOTE_LIMIT
"""Whatever is longer is not even looked at."""
_FARTHEST_MS = FARTHEST // timedelta(milliseconds=1)
_PENDING = {PlanState.PROPOSED, PlanState.OPEN}


@dataclass(frozen=True, slots=True)
class Plan:
    """A call that a person wants to be made."""

    lead_id: int
    moment: Moment
    zone: str
    """In which the moment was told, `Europe/Kyiv`."""
    note: str
    operator_id: int | None = None
    """Whose work it shall be; None = the planner's own."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of a planned call."""

    planned_call: PlannedCall
    before: Placing | None
    """What it was, to be taken back with `restore`; None = it is new."""
    changes: Sequence[PlannedCallsChanged | NoticesChanged]
    """To be published."""


class PlannedCalls:
    """The work of people with planned calls.

    Args:
        database: where they are kept.
        remind_before_ms: how early to remind people who did not choose.
        now_ms: the clock, in epoch milliseconds.
    """

    def __init__(
        self, database: Database, remind_before_ms: int, now_ms: Callable[[], int]
    ) -> None:
        """See the class."""
        self._database = database
        self._remind_before_ms = remind_before_ms
        self._now_ms = now_ms

    async def plan(self, viewer: Viewer, plan: Plan) -> Changed:
        """Plan a call.

        Raises:
            NotFound: the viewer may not see the lead.
            Refused: the note is too long, or the person is none whose work the viewer may plan.
        """
        note = _read_note(plan.note)
        operator_id = viewer.id if plan.operator_id is None else plan.operator_id
        now = self._now_ms()
        async with self._database.writing() as tx:
            if await find_lead_access(tx, viewer, plan.lead_id) is Access.NONE:
                raise NotFound(f"there is no lead {plan.lead_id}")
            await _check_worker(tx, viewer, operator_id)
            moment = plan.moment
            planned_call_id = await planned_calls.add_planned_call(
                tx,
                NewPlannedCall(
                    lead_id=plan.lead_id,
                    operator_id=operator_id,
                    due_at=moment.due_at,
                    has_time=moment.has_time,
                    zone=plan.zone,
                    note=note,
                    created_at=now,
                    created_by=viewer.id,
                ),
            )
            placing = Placing(PlanState.OPEN, operator_id, moment.due_at, moment.has_time)
            return await self._settled(tx, viewer, planned_call_id, placing, None, now)

    async def finish(self, viewer: Viewer, planned_call_id: int, version: int) -> Changed:
        """Say that it is done; raises as `move` does."""
        return await self._change(
            viewer, planned_call_id, version, lambda was: replace(was, state=PlanState.DONE)
        )

    async def drop(self, viewer: Viewer, planned_call_id: int, version: int) -> Changed:
        """Take it off the list, a proposal as dismissed; raises as `move` does."""
        return await self._change(viewer, planned_call_id, version, _dropped)

    async def take(self, viewer: Viewer, planned_call_id: int, version: int) -> Changed:
        """Accept a proposal, and make everybody's work one's own; raises as `move` does."""
        return await self._change(
            viewer,
            planned_call_id,
            version,
            lambda was: replace(
                was, state=PlanState.OPEN, operator_id=was.operator_id or viewer.id
            ),
        )

    async def move(
        self,
        viewer: Viewer,
        planned_call_id: int,
        version: int,
        moment: Moment,
        operator_id: int | None = None,
    ) -> Changed:
        """Give it another time, and perhaps to somebody else; a proposal is taken by that.

        Args:
            viewer: who wants it.
            planned_call_id: which.
            version: that the viewer has seen.
            moment: when to call instead.
            operator_id: whose work it shall be; None = whose it is, or if nobody's, the viewer's.

        Raises:
            NotFound: the viewer may not see it.
            ChangedMeanwhile: somebody has changed it since, or it is closed.
            Refused: the person is none whose work the viewer may plan.
        """

        def moved(was: Placing) -> Placing:
            whose = operator_id or was.operator_id or viewer.id
            return Placing(PlanState.OPEN, whose, moment.due_at, moment.has_time)

        return await self._change(viewer, planned_call_id, version, moved)

    async def restore(
        self, viewer: Viewer, planned_call_id: int, version: int, placing: Placing
    ) -> Changed:
        """Take back what was done: let it be as it was, if nobody has changed it since.

        Raises:
            NotFound: the viewer may not see it, or it cannot have been so.
            ChangedMeanwhile: somebody has changed it since, or the service proposes it anew by now.
        """
        now = self._now_ms()
        if not 0 <= placing.due_at <= now + _FARTHEST_MS:
            raise NotFound(f"planned call {planned_call_id} was never due at {placing.due_at}")
        async with self._database.writing() as tx:
            # The service must not propose the same for this lead in between.
            await take_turns(tx, Turn.CALLS)
            was = await _get(tx, viewer, planned_call_id)
            if placing.operator_id not in {None, was.operator_id}:
                await _check_worker(tx, viewer, placing.operator_id)
            if was.closed_at is not None and await _is_proposed_anew(tx, was):
                raise ChangedMeanwhile(f"planned call {planned_call_id} is proposed anew")
            return await self._write(tx, viewer, was, version, placing, now)

    async def write_note(
        self, viewer: Viewer, planned_call_id: int, note: str, seen_note: str
    ) -> Changed:
        """Say in words what the call is about.

        Args:
            viewer: who writes.
            planned_call_id: which.
            note: 2,000 characters at most.
            seen_note: what stood there before the viewer's eyes.

        Raises:
            NotFound: the viewer may not see it.
            Refused: it is too long.
            ChangedMeanwhile: another note stands there by now.
        """
        wanted = _read_note(note)
        async with self._database.writing() as tx:
            was = await _get(tx, viewer, planned_call_id)
            is_seen = was.note == seen_note
            if not is_seen or not await planned_calls.update_note(
                tx, planned_call_id, was.version, wanted
            ):
                raise ChangedMeanwhile(f"the note of planned call {planned_call_id} was changed")
            now_is = await _get(tx, viewer, planned_call_id)
            return Changed(now_is, was.placing, [PlannedCallsChanged(was.lead_id)])

    async def see(self, viewer: Viewer, notice_id: int) -> NoticesChanged:
        """Take a notice from all tabs of its person; NotFound when it is somebody else's."""
        async with self._database.writing() as tx:
            if not await notices.mark_seen(tx, notice_id, viewer.id, self._now_ms()):
                raise NotFound(f"there is no notice {notice_id}")
        return NoticesChanged(viewer.id)

    async def _change(
        self,
        viewer: Viewer,
        planned_call_id: int,
        version: int,
        wish: Callable[[Placing], Placing],
    ) -> Changed:
        now = self._now_ms()
        async with self._database.writing() as tx:
            was = await _get(tx, viewer, planned_call_id)
            if was.state not in _PENDING:
                raise ChangedMeanwhile(f"planned call {planned_call_id} is closed")
            wanted = wish(was.placing)
            if wanted.operator_id not in {None, was.operator_id}:
                await _check_worker(tx, viewer, wanted.operator_id)
            return await self._write(tx, viewer, was, version, wanted, now)

    async def _write(
        self,
        tx: Transaction,
        viewer: Viewer,
        was: PlannedCall,
        version: int,
        wanted: Placing,
        now: int,
    ) -> Changed:
        closed = None if wanted.state in _PENDING else (now, viewer.id)
        if not await planned_calls.update_planned_call(tx, was.id, version, wanted, closed):
            raise ChangedMeanwhile(f"planned call {was.id} was changed meanwhile")
        return await self._settled(tx, viewer, was.id, wanted, was.placing, now)

    async def _settled(
        self,
        tx: Transaction,
        viewer: Viewer,
        planned_call_id: int,
        placing: Placing,
        before: Placing | None,
        now: int,
    ) -> Changed:
        relieved = await settle_reminder(tx, planned_call_id, placing, now, self._remind_before_ms)
        planned_call = await _get(tx, viewer, planned_call_id)
        return Changed(
            planned_call,
            before,
            [
                PlannedCallsChanged(planned_call.lead_id),
                *(NoticesChanged(operator_id) for operator_id in sorted(relieved)),
            ],
        )


def _read_note(typed: str) -> str:
    note = clean(typed[: _NOTE_TYPED + 1]).strip()
    if len(note) > NOTE_LIMIT or len(typed) > _NOTE_TYPED:
        raise Refused(f"note: it is too long; write {NOTE_LIMIT} characters at most")
    return note


def _dropped(was: Placing) -> Placing:
    is_proposal = was.state is PlanState.PROPOSED
    return replace(was, state=PlanState.DISMISSED if is_proposal else PlanState.CANCELLED)


async def _get(tx: Transaction, viewer: Viewer, planned_call_id: int) -> PlannedCall:
    found = await planned_calls.find_planned_call(tx, viewer, planned_call_id)
    if found is None:
        raise NotFound(f"there is no planned call {planned_call_id}")
    return found


async def _is_proposed_anew(tx: Transaction, was: PlannedCall) -> bool:
    if was.kind is PlanKind.PLANNED:
        return False
    return await planned_calls.has_pending(tx, was.lead_id, was.kind)


async def _check_worker(tx: Transaction, viewer: Viewer, operator_id: int | None) -> None:
    """Refuse work for others: it may be planned for oneself, and by a supervisor for the own."""
    if operator_id == viewer.id:
        return
    if operator_id not in await planned_calls.list_workers(tx, viewer):
        raise Refused("operator: not somebody of your department; choose one of the list")
