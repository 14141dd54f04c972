"""The lists of calls and leads, for people and for scripts.

In: filters, and where the last page ended. Out: one page, as a table in local time or as one JSON
object a line; where the next page goes on is told on stderr, so that it disturbs no script.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from telemarketing.call_form import call_form
from telemarketing.cli.command import (
    LocalTime,
    RowId,
    as_stored,
    config_option,
    is_row_id,
    json_option,
    load_settings,
    print_objects,
    with_database,
)
from telemarketing.cli.table import local_time, minutes, table
from telemarketing.clock import to_iso
from telemarketing.model.call import Call, Direction, Disposition

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from telemarketing.config import Settings
    from telemarketing.model.lead import Lead
    from telemarketing.storage.calls import StoredCall
    from telemarketing.storage.engine import Database, Transaction

Place = tuple[int, int]
"""Where a page ended: the instant by which the list is ordered, and the row's id."""
Row = TypeVar("Row")


class PlaceType(click.ParamType[Place]):
    """The place that an earlier page named, `1795310698000:42`."""

    name = "place"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Place:
        """Read what was typed."""
        at, _, row_id = str(value).partition(":")
        if not (is_row_id(at) and is_row_id(row_id)):
            self.fail("give the place that the page before ended with", param, ctx)
        return int(at), int(row_id)


_since = click.option(
    "--since", type=LocalTime(), help="From 2026-11-22, 2026-11-22T08:30, today, ... on."
)
_until = click.option("--until", type=LocalTime(), help="Before such a day or moment.")
_limit = click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Rows at most."
)
_before = click.option("--before", type=PlaceType(), help="Go on where another page ended.")


@click.command()
@config_option
@click.option("--number", help="Of the outside party, in any spelling.")
@click.option("--extension", help="That dialled, was rung or talked.")
@click.option("--operator", "operator_id", type=RowId(), help="Who dialled, was rung or talked.")
@click.option("--direction", type=click.Choice(Direction, case_sensitive=False))
@click.option("--disposition", type=click.Choice(Disposition, case_sensitive=False))
@click.option("--lead", "lead_id", type=RowId(), help="Calls of this lead.")
@click.option("--live/--ended", default=None, help="Only calls that go on, or that are over.")
@_since
@_until
@_limit
@_before
@json_option
def calls(
    config_path: Path,
    number: str | None,
    limit: int,
    before: Place | None,
    as_json: bool,
    **filters: Any,  # noqa: ANN401 - the fields of CallFilter, by its names
) -> None:
    """List calls, the latest first."""
    from telemarketing.storage.calls import CallFilter, list_calls

    settings = load_settings(config_path)
    wanted = CallFilter(number=number and as_stored(settings, number), **filters)
    page, more = _page(settings, lambda tx: list_calls(tx, wanted, limit + 1, before), limit)
    if as_json:
        print_objects(map(_stored_call_form, page))
    elif page:
        click.echo(_stored_call_table(page))
    else:
        click.echo("No calls.", err=True)
    if more:
        _tell_next(page[-1].place)


@click.command()
@config_option
@click.option("--number", help="Of the lead, in any spelling.")
@click.option("--text", help="A part of the title.")
@click.option("--status", help="Name of the status.")
@click.option("--responsible", "responsible_id", type=RowId(), help="Whose leads: an operator.")
@click.option("--unassigned", is_flag=True, help="Only leads without a responsible.")
@click.option("--visible-to", type=RowId(), help="Only what this operator may see.")
@_since
@_until
@_limit
@_before
@json_option
def leads(
    config_path: Path,
    number: str | None,
    limit: int,
    before: Place | None,
    visible_to: int | None,
    as_json: bool,
    **filters: Any,  # noqa: ANN401 - the fields of LeadFilter, by its names
) -> None:
    """List leads, the newest first."""
    from telemarketing.storage.leads import LeadFilter, list_leads
    from telemarketing.storage.operators import get_viewer

    settings = load_settings(config_path)

    async def read(tx: Transaction) -> list[Lead]:
        viewer = None if visible_to is None else await get_viewer(tx, visible_to)
        numbered = number and as_stored(settings, number)
        wanted = LeadFilter(number=numbered, visible_to=viewer, **filters)
        return await list_leads(tx, wanted, limit + 1, before)

    page, more = _page(settings, read, limit)
    if as_json:
        print_objects(map(_lead_form, page))
    elif page:
        click.echo(_lead_table(page))
    else:
        click.echo("No leads.", err=True)
    if more:
        _tell_next((page[-1].created_at, page[-1].id))


def call_table(calls: Sequence[Call]) -> str:
    """Show calls as a table, in the order they come in."""
    return table(_CALL_TITLES, [_call_cells(call) for call in calls])


def _page(
    settings: Settings, read: Callable[[Transaction], Awaitable[list[Row]]], limit: int
) -> tuple[list[Row], bool]:
    """Read a page and one row more, which tells whether there is another page."""

    async def read_rows(database: Database) -> list[Row]:
        async with database.reading() as tx:
            return await read(tx)

    rows = with_database(settings, read_rows)
    return rows[:limit], len(rows) > limit


def _tell_next(place: Place) -> None:
    click.echo(f"There are more; go on with --before {place[0]}:{place[1]}", err=True)


_CALL_TITLES = (
    "started",
    "pbx",
    "direction",
    "number",
    "extensions",
    "disposition",
    "ring",
    "talk",
)


def _call_cells(call: Call) -> tuple[str, ...]:
    return (
        local_time(call.started_at),
        call.pbx,
        call.direction.value,
        "withheld" if call.withheld else call.number or call.raw_number or "",
        ",".join(operator.extension for operator in call.operators),
        call.disposition.value if call.ended_at is not None else "live",
        minutes(call.ring_ms),
        ("~" if call.end_estimated else "") + minutes(call.talk_ms),
    )


def _stored_call_table(calls: Sequence[StoredCall]) -> str:
    titles = (*_CALL_TITLES, "lead", "responsible")
    return table(
        titles,
        [(*_call_cells(one.call), str(one.lead_id or ""), one.responsible or "") for one in calls],
    )


def _stored_call_form(stored: StoredCall) -> dict[str, Any]:
    form = call_form(stored.call)
    for operator, full_name in zip(form["operators"], stored.operator_names, strict=True):
        operator["full_name"] = full_name
    return form | {
        "id": stored.id,
        "lead_id": stored.lead_id,
        "lead_title": stored.lead_title,
        "responsible": stored.responsible,
    }


def _lead_table(leads: Sequence[Lead]) -> str:
    titles = ("id", "created", "title", "phone", "status", "responsible", "source", "calls")
    return table(
        titles,
        [
            (
                str(lead.id),
                local_time(lead.created_at),
                lead.title,
                lead.phone or "",
                lead.status.name,
                lead.responsible or "",
                lead.source,
                str(lead.call_count),
            )
            for lead in leads
        ],
    )


def _lead_form(lead: Lead) -> dict[str, Any]:
    return {
        "id": lead.id,
        "title": lead.title,
        "phone": lead.phone,
        "status": lead.status.name,
        "status_kind": lead.status.kind.value,
        "source": lead.source,
        "responsible_id": lead.responsible_id,
        "responsible": lead.responsible,
        "responsible_settled": lead.responsible_settled,
        "created_at": to_iso(lead.created_at),
        "call_count": lead.call_count,
    }
