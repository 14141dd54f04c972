"""The summary of a call: who may write it, and never over somebody else's words unseen.

In: a viewer and a text. Out: the summary as it is stored, and what to tell open panels. Whoever may
see a call may write its summary: those who took part, the lead's responsible, their supervisors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from telemarketing.crm.lead_values import read_text
from telemarketing.errors import ChangedMeanwhile, NotFound
from telemarketing.model.changes import LeadChanged
from telemarketing.model.viewer import Viewer
from telemarketing.storage import call_notes
from telemarketing.storage.call_notes import CallNote
from telemarketing.storage.engine import Database
from telemarketing.storage.visibility import may_see_call


@dataclass(frozen=True, slots=True)
class Noted:
    """A summary that is stored."""

    summary: str
    version: int
    changes: Sequence[LeadChanged]
    """To be published."""


class NoteChanged(ChangedMeanwhile):
    """Somebody else wrote the summary since the person looked at it."""

    def __init__(self, note: CallNote) -> None:
        """See the class."""
        super().__init__(f"summary: {note.author} has changed it meanwhile; choose which is right")
        self.note = note


async def write_summary(
    database: Database, viewer: Viewer, call_id: int, typed: str, was: str, at: int
) -> Noted:
    """Write what a call was about.

    Args:
        database: where calls are kept.
        viewer: who writes.
        call_id: of which call.
        typed: the text; '' = there is nothing to say.
        was: the text that the person saw before.
        at: epoch milliseconds.

    Raises:
        NotFound: there is no such call, or the viewer may not see it.
        BadValue: the text is too long.
        NoteChanged: `was` is no longer what is stored.
    """
    summary = read_text("summary", typed)
    async with database.writing() as tx:
        if not await may_see_call(tx, viewer, call_id):
            raise NotFound(f"there is no call {call_id} to be described by {viewer.full_name}")
        lead_id = await call_notes.lock_call(tx, call_id)
        note = (await call_notes.list_notes(tx, [call_id])).get(call_id)
        stored, version = (note.summary, note.version) if note else ("", 0)
        if summary == stored:
            return Noted(summary, version, ())
        if note is not None and read_text("summary", was) != stored:
            raise NoteChanged(note)
        written = CallNote(call_id, summary, viewer.full_name, at, version + 1)
        await call_notes.update_note(tx, written, viewer.id)
        changes = () if lead_id is None else (LeadChanged(lead_id),)
        return Noted(summary, version + 1, changes)
