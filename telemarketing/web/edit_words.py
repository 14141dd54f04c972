"""Changes of a lead's card in words: what the history of changes shows.

In: changes as they are kept. Out: lines with names instead of ids, in the reader's language.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from telemarketing.crm.lead_edits import from_json
from telemarketing.crm.lead_parts import CONTACT, PHONE
from telemarketing.storage.engine import Transaction
from telemarketing.storage.lead_edits import Edit
from telemarketing.storage.leads import list_statuses
from telemarketing.storage.operators import list_names
from telemarketing.web.formats import Formats, show_phone
from telemarketing.web.render import FRAME


@dataclass(frozen=True, slots=True)
class EditLine:
    """A change as people read it."""

    edit: Edit
    before: str
    """'' = nothing was there."""
    after: str


async def show_edits(
    request: web.Request, tx: Transaction, edits: Sequence[Edit]
) -> list[EditLine]:
    """Say changes in words. Two queries, if statuses or people were changed."""
    statuses: Mapping[int | None, str] = {}
    if any(edit.field == "status" for edit in edits):
        statuses = {status.id: status.name for status in await list_statuses(tx)}
    people = await list_names(tx, _people_in(edits))
    frame = request.app[FRAME](request)
    formats = Formats(frame["language"], frame["office"].zone, frame["now_ms"])

    def say(field: str, kept: str) -> str:
        if field in {CONTACT, PHONE}:
            return _say_part(field, json.loads(kept))
        values = from_json(kept)
        if field == "amount":
            return say_amount(formats, *values)
        (value,) = values
        names = {"status": statuses, "responsible": people}.get(field)
        if names is None:
            return str(value or "")
        return names.get(value if isinstance(value, int) else None, "")

    return [
        EditLine(edit, say(edit.field, edit.before), say(edit.field, edit.after)) for edit in edits
    ]


def say_amount(formats: Formats, minor: object, currency: object) -> str:
    """Show an amount as the reader writes it; '' = there is none."""
    if not (isinstance(minor, int) and isinstance(currency, str)):
        return ""
    return formats.money(minor, currency)


def _people_in(edits: Sequence[Edit]) -> set[int | None]:
    kept = (
        text for edit in edits if edit.field == "responsible" for text in (edit.before, edit.after)
    )
    return {value for text in kept for value in from_json(text) if isinstance(value, int)}


def _say_part(field: str, kept: object) -> str:
    if field == PHONE:
        return show_phone(str(kept)) if kept else ""
    if not isinstance(kept, dict):
        return ""
    texts = (kept["full_name"], kept["position"], show_phone(kept["phone"]), kept["email"])
    return ", ".join(filter(None, texts))
