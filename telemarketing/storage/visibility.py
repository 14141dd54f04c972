"""Who may see what: the conditions that every list carries, and the answer for one thing.

In: a viewer. Out: conditions for WHERE, and audiences by id. The same rule in Python is
`model.viewer.Audience.access_of`; a test holds the two equal.

- An administrator sees everything.
- A supervisor sees leads of the department and nobody's, and what the department took part in.
- An operator sees own leads and nobody's, and what he or she took part in.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true

from telemarketing.model.call import CallKey
from telemarketing.model.operator import Role
from telemarketing.model.viewer import Access, Audience, Viewer
from telemarketing.storage.engine import Transaction
from telemarketing.storage.tables import (
    call_operators,
    calls,
    lead_participants,
    leads,
    operators,
    planned_calls,
)

_responsible = operators.alias("responsible")
_Person = tuple[int | None, int | None]
"""An operator and the department; None = nobody, in none."""


def fully_visible_leads(viewer: Viewer) -> ColumnElement[bool]:
    """Say in SQL, of `leads`, which ones the viewer may see and change wholly."""
    if viewer.is_administrator:
        return true()
    return or_(leads.c.responsible_id.is_(None), leads.c.responsible_id.in_(own_people(viewer)))


def visible_leads(viewer: Viewer) -> ColumnElement[bool]:
    """Say in SQL, of `leads`, which ones the viewer may see at all."""
    if viewer.is_administrator:
        return true()
    took_part = exists(
        select(lead_participants.c.lead_id).where(
            lead_participants.c.lead_id == leads.c.id,
            lead_participants.c.operator_id.in_(own_people(viewer)),
        )
    )
    return or_(fully_visible_leads(viewer), took_part)


def visible_calls(viewer: Viewer) -> ColumnElement[bool]:
    """Say in SQL, of `calls`, which ones the viewer may see, and hear."""
    if viewer.is_administrator:
        return true()
    took_part = exists(
        select(call_operators.c.call_id).where(
            call_operators.c.call_id == calls.c.id,
            call_operators.c.operator_id.in_(own_people(viewer)),
        )
    )
    of_own_lead = exists(
        select(leads.c.id).where(leads.c.id == calls.c.lead_id, fully_visible_leads(viewer))
    )
    return or_(took_part, of_own_lead)


def visible_planned_calls(viewer: Viewer) -> ColumnElement[bool]:
    """Say in SQL, of `planned_calls`, which ones the viewer may see and change."""
    if viewer.is_administrator:
        return true()
    of_own_lead = exists(
        select(leads.c.id)
        .where(leads.c.id == planned_calls.c.lead_id, fully_visible_leads(viewer))
        .correlate(planned_calls)
    )
    return or_(planned_calls.c.operator_id.in_(own_people(viewer)), of_own_lead)


def own_people(viewer: Viewer) -> Select[tuple[int]] | list[int]:
    """Whoever counts as oneself: a supervisor stands for the whole department."""
    if viewer.role is not Role.SUPERVISOR or viewer.department_id is None:
        return [viewer.id]
    return (
        select(operators.c.id)
        .where(or_(operators.c.department_id == viewer.department_id, operators.c.id == viewer.id))
        .correlate(None)
    )


async def list_own_people(tx: Transaction, viewer: Viewer) -> list[int]:
    """Give the ids of those who count as oneself, in order. One query, or none."""
    people = own_people(viewer)
    return people if isinstance(people, list) else sorted(await tx.scalars(people))


async def find_lead_access(tx: Transaction, viewer: Viewer, lead_id: int) -> Access:
    """Tell how much of a lead the viewer may see; NONE also when there is none. One query."""
    audience = (await list_lead_audiences(tx, [lead_id])).get(lead_id)
    return Access.NONE if audience is None else audience.access_of(viewer)


async def may_see_call(tx: Transaction, viewer: Viewer, call_id: int) -> bool:
    """Tell whether the viewer may see a call, and hear it. One query."""
    found = await tx.scalar(
        select(calls.c.id).where(and_(calls.c.id == call_id, visible_calls(viewer)))
    )
    return found is not None


async def list_lead_audiences(tx: Transaction, lead_ids: Collection[int]) -> dict[int, Audience]:
    """Tell who has to do with leads; ids that are none are left out. One query, or none."""
    if not lead_ids:
        return {}
    found = await tx.execute(
        select(
            leads.c.id,
            leads.c.responsible_id,
            _responsible.c.department_id.label("responsible_department_id"),
            lead_participants.c.operator_id,
            operators.c.department_id,
        )
        .select_from(leads)
        .outerjoin(_responsible, _responsible.c.id == leads.c.responsible_id)
        .outerjoin(lead_participants, lead_participants.c.lead_id == leads.c.id)
        .outerjoin(operators, operators.c.id == lead_participants.c.operator_id)
        .where(leads.c.id.in_(sorted(lead_ids)))
    )
    responsible: dict[int, tuple[int | None, int | None]] = {}
    people: defaultdict[int, list[_Person]] = defaultdict(list)
    for row in found:
        responsible[row.id] = row.responsible_id, row.responsible_department_id
        people[row.id].append((row.operator_id, row.department_id))
    return {
        lead_id: Audience(*responsible[lead_id], *_participants(of_one))
        for lead_id, of_one in people.items()
    }


async def list_call_audiences(
    tx: Transaction, keys: Collection[CallKey]
) -> dict[CallKey, tuple[Audience, int | None]]:
    """Tell who took part in calls, and of which lead they are; unknown keys are left out.

    A call of a lead may be seen by whoever sees it fully, so ask for that audience too.
    One query, or none.
    """
    if not keys:
        return {}
    pbxs, linkedids = ({key[part] for key in keys} for part in (0, 1))
    found = await tx.execute(
        select(
            calls.c.pbx,
            calls.c.linkedid,
            calls.c.lead_id,
            call_operators.c.operator_id,
            operators.c.department_id,
        )
        .select_from(calls)
        .outerjoin(call_operators, call_operators.c.call_id == calls.c.id)
        .outerjoin(operators, operators.c.id == call_operators.c.operator_id)
        .where(calls.c.pbx.in_(pbxs), calls.c.linkedid.in_(linkedids))
    )
    people: defaultdict[CallKey, list[_Person]] = defaultdict(list)
    lead_ids: dict[CallKey, int | None] = {}
    for row in found:
        people[row.pbx, row.linkedid].append((row.operator_id, row.department_id))
        lead_ids[row.pbx, row.linkedid] = row.lead_id
    return {
        key: (Audience(None, None, *_participants(of_one), is_lead=False), lead_ids[key])
        for key, of_one in people.items()
        if key in keys
    }


def _participants(
    people: Iterable[_Person],
) -> tuple[frozenset[int], frozenset[int]]:
    known = [(person, department) for person, department in people if person is not None]
    departments = (department for _, department in known if department is not None)
    return frozenset(person for person, _ in known), frozenset(departments)


async def list_call_keys(tx: Transaction, call_ids: Collection[int]) -> list[CallKey]:
    """Give the keys of calls; ids that are none are left out. One query, or none."""
    if not call_ids:
        return []
    found = await tx.execute(
        select(calls.c.pbx, calls.c.linkedid).where(calls.c.id.in_(sorted(call_ids)))
    )
    return [(row.pbx, row.linkedid) for row in found]


async def list_planned_call_audiences(
    tx: Transaction, lead_ids: Collection[int]
) -> dict[int, Audience]:
    """Tell whose work the planned calls of leads are, or were. One query, or none."""
    if not lead_ids:
        return {}
    found = await tx.execute(
        select(planned_calls.c.lead_id, operators.c.id, operators.c.department_id)
        .join_from(planned_calls, operators, operators.c.id == planned_calls.c.operator_id)
        .where(planned_calls.c.lead_id.in_(sorted(lead_ids)))
        .distinct()
    )
    people: defaultdict[int, list[_Person]] = defaultdict(list)
    for row in found:
        people[row.lead_id].append((row.id, row.department_id))
    return {
        lead_id: Audience(None, None, *_participants(of_one), is_lead=False)
        for lead_id, of_one in people.items()
    }
