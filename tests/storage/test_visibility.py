"""Who may see what, said in SQL and in Python: both the same, in every small world."""

import itertools
from dataclasses import dataclass

import pytest
from sqlalchemy import insert, select

from telemarketing.model.call import CallKey
from telemarketing.model.operator import Role
from telemarketing.model.viewer import Access, Audience, Viewer
from telemarketing.storage.engine import Database, Transaction
from telemarketing.storage.tables import (
    call_operators,
    calls,
    departments,
    lead_participants,
    leads,
    operators,
)
from telemarketing.storage.visibility import (
    find_lead_access,
    fully_visible_leads,
    list_call_audiences,
    list_lead_audiences,
    may_see_call,
    visible_calls,
    visible_leads,
)
from tests.make import MONDAY

PEOPLE = {1: 1, 2: 1, 3: 2, 4: None}
"""Department by operator: two colleagues, one of another department, one of none."""


@dataclass(frozen=True, slots=True)
class World:
    """All leads and calls that can be made of these people."""

    viewers: list[Viewer]
    lead_ids: list[int]
    call_ids: dict[int, CallKey]


@pytest.fixture
async def world(database: Database) -> World:
    """Every responsible with every set of participants, with a call each; calls without leads."""
    async with database.writing() as tx:
        await tx.execute(insert(departments), [{"id": n, "name": f"{n}"} for n in (1, 2, 3)])
        await tx.execute(
            insert(operators),
            [
                {"id": n, "full_name": f"{n}", "department_id": department, "role": "operator"}
                for n, department in PEOPLE.items()
            ],
        )
        lead_ids, call_ids = await _add_everything(tx)
    viewers = [
        Viewer(viewer_id, "", role, department)
        for role in Role
        for viewer_id, department in [*PEOPLE.items(), (5, 3)]
    ]
    return World(viewers, lead_ids, call_ids)


async def _add_everything(tx: Transaction) -> tuple[list[int], dict[int, CallKey]]:
    lead_ids: list[int] = []
    call_ids: dict[int, CallKey] = {}
    sets = [people for size in range(4) for people in itertools.combinations(PEOPLE, size)]
    for responsible, participants in itertools.product((None, *PEOPLE), sets):
        lead_id = await _add_lead(tx, responsible, participants)
        lead_ids.append(lead_id)
        # Of one call not all take part that have to do with the lead.
        call_id, key = await _add_call(tx, len(call_ids), lead_id, participants[:1])
        call_ids[call_id] = key
    for participants in sets:
        call_id, key = await _add_call(tx, len(call_ids), None, participants)
        call_ids[call_id] = key
    return lead_ids, call_ids


async def _add_lead(tx: Transaction, responsible: int | None, participants: tuple[int, ...]) -> int:
    added = await tx.execute(
        insert(leads)
        .values(
            title="x",
            status_id=1,
            source_id=1,
            responsible_id=responsible,
            responsible_settled=True,
            created_at=MONDAY,
        )
        .returning(leads.c.id)
    )
    lead_id = int(added.scalar_one())
    if participants:
        await tx.execute(
            insert(lead_participants),
            [
                {"lead_id": lead_id, "operator_id": one, "lead_created_at": MONDAY}
                for one in participants
            ],
        )
    return lead_id


async def _add_call(
    tx: Transaction, number: int, lead_id: int | None, participants: tuple[int, ...]
) -> tuple[int, CallKey]:
    key = ("main", f"{number}.1")
    added = await tx.execute(
        insert(calls)
        .values(
            pbx=key[0],
            linkedid=key[1],
            lead_id=lead_id,
            direction="inbound" if lead_id else "internal",
            withheld=False,
            disposition="answered",
            started_at=MONDAY,
            ring_ms=0,
            talk_ms=0,
            transferred=False,
            seen_from_start=True,
            end_estimated=False,
        )
        .returning(calls.c.id)
    )
    call_id = int(added.scalar_one())
    if participants:
        await tx.execute(
            insert(call_operators),
            [
                {
                    "call_id": call_id,
                    "position": place,
                    "extension": f"10{one}",
                    "operator_id": one,
                    "ring_ms": 0,
                    "talk_ms": 0,
                }
                for place, one in enumerate(participants)
            ],
        )
    return call_id, key


async def test_leads_are_shown_by_the_same_rule_in_sql_and_in_python(
    database: Database, world: World
) -> None:
    """For every viewer of every role, every lead has the same access both ways."""
    async with database.reading() as tx:
        audiences = await list_lead_audiences(tx, world.lead_ids)
        for viewer in world.viewers:
            fully = set(await tx.scalars(select(leads.c.id).where(fully_visible_leads(viewer))))
            at_all = set(await tx.scalars(select(leads.c.id).where(visible_leads(viewer))))
            by_sql = {
                lead_id: Access.FULL
                if lead_id in fully
                else Access.LIMITED
                if lead_id in at_all
                else Access.NONE
                for lead_id in world.lead_ids
            }
            by_python = {key: found.access_of(viewer) for key, found in audiences.items()}

            assert by_python == by_sql, viewer


async def test_calls_are_shown_by_the_same_rule_in_sql_and_in_python(
    database: Database, world: World
) -> None:
    """A call is seen by who took part, and by whoever sees its lead fully."""
    async with database.reading() as tx:
        lead_audiences = await list_lead_audiences(tx, world.lead_ids)
        call_audiences = await list_call_audiences(tx, set(world.call_ids.values()))

        def may_see(viewer: Viewer, audience: Audience, lead_id: int | None) -> bool:
            of_lead = lead_audiences[lead_id].access_of(viewer) if lead_id else Access.NONE
            return audience.access_of(viewer) is not Access.NONE or of_lead is Access.FULL

        for viewer in world.viewers:
            by_sql = set(await tx.scalars(select(calls.c.id).where(visible_calls(viewer))))
            by_python = {
                call_id
                for call_id, key in world.call_ids.items()
                if may_see(viewer, *call_audiences[key])
            }

            assert by_python == by_sql, viewer


async def test_one_lead_and_one_call_are_judged_as_the_lists_are(
    database: Database, world: World
) -> None:
    """What is asked of one thing is what the lists say of it, and nothing is of what is not."""
    viewer = Viewer(2, "", Role.SUPERVISOR, 1)
    async with database.reading() as tx:
        seen = set(await tx.scalars(select(leads.c.id).where(visible_leads(viewer))))
        heard = set(await tx.scalars(select(calls.c.id).where(visible_calls(viewer))))
        for lead_id in world.lead_ids[::7]:
            access = await find_lead_access(tx, viewer, lead_id)
            assert (access is not Access.NONE) == (lead_id in seen)
        for call_id in list(world.call_ids)[::7]:
            assert await may_see_call(tx, viewer, call_id) == (call_id in heard)
        assert await find_lead_access(tx, viewer, 10**6) is Access.NONE
        assert not await may_see_call(tx, viewer, 10**6)
