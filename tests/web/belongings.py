"""One object of each kind that the panel's addresses name, all of them the operator's.

A parameter in a path of the table of routes has its builder here; the test of rights fails for one
that has none.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Table, insert

from telemarketing.crm.call_log import CallLog
from telemarketing.model.changes import LeadCreated
from telemarketing.model.recording import RecordingState
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.recordings import list_recordings, update_looked_at
from telemarketing.storage.tables import (
    lead_contacts,
    lead_edits,
    notices,
    planned_calls,
    reminders,
)
from tests.make import MONDAY, answered, ended, make_incoming
from tests.media.test_media_audio import wav
from tests.web.panel import PanelUnderTest

_HOUR_MS = 3_600_000


@dataclass(slots=True)
class Belongings:
    """A call of the operator with a new client, and what hangs on it."""

    panel: PanelUnderTest
    number: str
    lead_id: int = 0
    call_id: int = 0
    planned_call_id: int = 0

    async def store(self) -> None:
        """Store call, lead and recording; everything else is made when it is asked for."""
        file = self.panel.recordings / "talk.wav"
        file.write_bytes(wav(1))
        call = replace(
            ended(answered(make_incoming("101", number=self.number, raw_number=self.number))),
            recordings=(str(file),),
        )
        changes = await CallLog(self.panel.database).record([call])
        (self.lead_id,) = (one.lead_id for one in changes if isinstance(one, LeadCreated))
        async with self.panel.database.writing() as tx:
            stored = await list_calls(tx, CallFilter(), 1000)
            (self.call_id,) = (row.id for row in stored if row.call.key == call.key)
            ((recording,),) = (await list_recordings(tx, [self.call_id])).values()
            ready = replace(
                recording,
                state=RecordingState.READY,
                file=str(file),
                duration_ms=1000,
                looked_at=MONDAY,
            )
            await update_looked_at(tx, [ready])

    async def add(self, table: Table, **values: object) -> int:
        """Insert a row and give its id."""
        async with self.panel.database.writing() as tx:
            added = await tx.execute(insert(table).values(**values).returning(table.c.id))
            return int(added.scalar_one())


async def _contact(own: Belongings) -> int:
    return await own.add(
        lead_contacts, lead_id=own.lead_id, full_name="Олена", position="", phone="", email=""
    )


async def _edit(own: Belongings) -> int:
    return await own.add(
        lead_edits,
        lead_id=own.lead_id,
        operator_id=own.panel.people.operator.id,
        edited_at=MONDAY,
        field="company",
        before=json.dumps([""]),
        after=json.dumps([""]),
    )


async def _planned_call(own: Belongings) -> int:
    own.planned_call_id = await own.add(
        planned_calls,
        lead_id=own.lead_id,
        operator_id=own.panel.people.operator.id,
        kind="planned",
        state="open",
        due_at=own.panel.now_ms + _HOUR_MS,
        has_time=True,
        zone="Europe/Kyiv",
        note="",
        created_at=MONDAY,
        created_by=own.panel.people.operator.id,
    )
    return own.planned_call_id


async def _notice(own: Belongings) -> int:
    person = own.panel.people.operator.id
    reminder_id = await own.add(
        reminders,
        planned_call_id=await _planned_call(own),
        operator_id=person,
        remind_at=own.panel.now_ms,
        state="fired",
    )
    return await own.add(
        notices,
        reminder_id=reminder_id,
        operator_id=person,
        fired_at=own.panel.now_ms,
        late=False,
    )


async def _lead(own: Belongings) -> int:
    return own.lead_id


async def _call(own: Belongings) -> int:
    return own.call_id


async def _position(_own: Belongings) -> int:
    return 0


async def _operator(own: Belongings) -> int:
    return own.panel.people.operator.id


BUILDERS: Mapping[str, Callable[[Belongings], Awaitable[int]]] = {
    "lead_id": _lead,
    "contact_id": _contact,
    "edit_id": _edit,
    "call_id": _call,
    "position": _position,
    "planned_call_id": _planned_call,
    "notice_id": _notice,
    "operator_id": _operator,
}
"""Name of a parameter -> what makes an object of the operator's, and gives its id."""
