"""Which open panels want to know of a change: changes in, topics for each viewer out.

In: a batch of changes, as they were published. Out: for any viewer, the topics under which pages
wait for them, of what the viewer may see and of nothing else. A few queries a batch, however many
people look.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from telemarketing.model.call import CallKey
from telemarketing.model.changes import (
    CallAnswered,
    CallChanged,
    CallEnded,
    CallStarted,
    Change,
    LeadChanged,
    LeadCreated,
    LinkChanged,
    NoticesChanged,
    PlannedCallsChanged,
    RecordingChanged,
)
from telemarketing.model.viewer import Access, Audience, Viewer
from telemarketing.storage.engine import Database
from telemarketing.storage.visibility import (
    list_call_audiences,
    list_call_keys,
    list_lead_audiences,
    list_planned_call_audiences,
)


@dataclass(frozen=True, slots=True)
class _Telling:
    """Topics for whoever may see something as this audience is."""

    audience: Audience
    topics: frozenset[str]
    least: Access = Access.LIMITED


class Tidings:
    """What a batch of changes means to each viewer."""

    def __init__(
        self, for_all: frozenset[str], tellings: Collection[_Telling], notified: Collection[int]
    ) -> None:
        """See the class; made by `read_tidings`."""
        self._for_all = for_all
        self._tellings = tellings
        self._notified = frozenset(notified)

    def topics_for(self, viewer: Viewer) -> frozenset[str]:
        """Give the topics that this viewer is told; none, as a rule."""
        topics = set(self._for_all)
        if viewer.id in self._notified:
            topics.add("notices")
        for telling in self._tellings:
            if telling.topics <= topics:
                continue
            if telling.audience.access_of(viewer) >= telling.least:
                topics |= telling.topics
        return frozenset(topics)


async def read_tidings(database: Database, changes: Iterable[Change]) -> Tidings:
    """Ask who has to do with what has changed. Up to four queries.

    Raises:
        StorageError: the database cannot be asked now.
    """
    sorted_out = _sort(changes)
    tellings: list[_Telling] = []
    if sorted_out.needs_queries:
        tellings = await _ask(database, sorted_out)
    for_all = frozenset({"system"}) if sorted_out.links else frozenset[str]()
    return Tidings(for_all, tellings, sorted_out.notified)


@dataclass(slots=True)
class _Sorted:
    call_keys: set[CallKey]
    call_ids: set[int]
    leads: dict[int, set[str]]
    """Lead -> topics beside its own."""
    planned: set[int]
    """Leads whose planned calls have changed."""
    notified: set[int]
    links: bool

    @property
    def needs_queries(self) -> bool:
        return bool(self.call_keys or self.call_ids or self.leads)


def _sort(changes: Iterable[Change]) -> _Sorted:
    found = _Sorted(set(), set(), {}, set(), set(), links=False)
    for change in changes:
        match change:
            case CallStarted() | CallChanged() | CallAnswered() | CallEnded():
                found.call_keys.add(change.call.key)
            case LeadCreated() | LeadChanged():
                found.leads.setdefault(change.lead_id, set()).add("leads")
            case PlannedCallsChanged():
                found.leads.setdefault(change.lead_id, set())
                found.planned.add(change.lead_id)
            case RecordingChanged():
                found.call_ids.add(change.call_id)
                if change.lead_id is not None:
                    found.leads.setdefault(change.lead_id, set())
            case NoticesChanged():
                found.notified.add(change.operator_id)
            case LinkChanged():
                found.links = True
    return found


async def _ask(database: Database, wanted: _Sorted) -> list[_Telling]:
    async with database.reading() as tx:
        keys = wanted.call_keys | set(await list_call_keys(tx, wanted.call_ids))
        calls = await list_call_audiences(tx, keys)
        of_calls = {lead_id for _, lead_id in calls.values() if lead_id is not None}
        leads = await list_lead_audiences(tx, wanted.leads.keys() | of_calls)
        planned = await list_planned_call_audiences(tx, wanted.planned)
    tellings = [
        _Telling(leads[lead_id], frozenset(topics | {f"lead-{lead_id}"}))
        for lead_id, topics in wanted.leads.items()
        if lead_id in leads
    ]
    callback_topic = frozenset({"callbacks"})
    for audience, lead_id in calls.values():
        # The history on the card of a lead is made of its calls.
        topics = frozenset({"calls"} if lead_id is None else {"calls", f"lead-{lead_id}"})
        tellings.append(_Telling(audience, topics))
        if lead_id in leads:
            # Whoever sees a lead fully sees all of its calls.
            tellings.append(_Telling(leads[lead_id], topics, Access.FULL))
    for lead_id in wanted.planned:
        if lead_id in planned:
            tellings.append(_Telling(planned[lead_id], callback_topic))
        if lead_id in leads:
            tellings.append(_Telling(leads[lead_id], callback_topic))
    return tellings
