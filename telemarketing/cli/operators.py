"""Operators on the command line: who works here, and whose an extension is from which day on.

In: names, extensions, days. Out: what was done, or the list. The rules are `crm.operators`'.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from telemarketing import clock
from telemarketing.cli.command import (
    LocalTime,
    as_stored,
    config_option,
    is_row_id,
    json_option,
    load_settings,
    midnight,
    print_objects,
    with_database,
)
from telemarketing.cli.table import local_day, local_time, table
from telemarketing.errors import NotFound
from telemarketing.model.operator import ExtensionOwnership, Operator, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from telemarketing.config import Settings
    from telemarketing.storage.engine import Database


@click.group()
def operator() -> None:
    """People, and the extensions that are theirs."""


@operator.command()
@config_option
@click.argument("full_name")
@click.option("--extension", "extensions", multiple=True, help="May be given several times.")
@click.option("--pbx", help="Whose extensions; without it they are this person's on every PBX.")
@click.option("--from", "valid_from", type=LocalTime(), help="From when on; without it from today.")
@click.option("--take-over", is_flag=True, help="Extensions of others become this person's.")
@click.option("--mobile", "mobiles", multiple=True, help="Own mobile, in any spelling.")
@click.option("--department", help="Its name.")
@click.option("--login", help="Lets the person into the panel, with a password that is shown once.")
@click.option(
    "--role",
    type=click.Choice(Role, case_sensitive=False),
    default=Role.OPERATOR.value,
    show_default=True,
)
def add(
    config_path: Path,
    full_name: str,
    extensions: tuple[str, ...],
    pbx: str | None,
    valid_from: int | None,
    take_over: bool,
    mobiles: tuple[str, ...],
    department: str | None,
    login: str | None,
    role: Role,
) -> None:
    """Add FULL_NAME: family name, first name, patronymic."""
    from telemarketing.crm import operators
    from telemarketing.crm.accounts import Accounts
    from telemarketing.crm.passwords import Passwords, make_password

    settings = load_settings(config_path)
    password = make_password()
    _check_pbx(settings, pbx)
    written = [as_stored(settings, mobile) for mobile in mobiles]

    async def added(database: Database) -> Operator:
        accounts = Accounts(database, Passwords(), settings.panel.session_s)
        if login is not None:
            await accounts.check_login(login)
        person = await operators.add_operator(
            database,
            full_name=full_name,
            extensions=extensions,
            valid_from=midnight() if valid_from is None else valid_from,
            department=department,
            role=role,
            mobiles=written,
            pbx=pbx,
            take_over=take_over,
        )
        if login is not None:
            await accounts.set_password(person.id, login, password, clock.now_ms())
        return person

    person = with_database(settings, added)
    click.echo(
        f"Operator {person.id}: {person.full_name}. {_owned(person.extensions) or 'No extension.'}"
    )
    if login is not None:
        click.echo(f"Signs in as {login} with {password}, to be changed then; not shown again.")


@operator.command("list")
@config_option
@json_option
def list_(config_path: Path, as_json: bool) -> None:
    """List operators by name, the disabled ones too."""
    from telemarketing.crm.operators import list_operators

    people = with_database(load_settings(config_path), list_operators)
    if as_json:
        print_objects(map(_form, people))
    elif people:
        click.echo(_table(people))
    else:
        click.echo("No operators.", err=True)


@operator.command()
@config_option
@click.argument("who")
@click.option("--from", "at", type=LocalTime(), help="From when on; without it from now.")
def disable(config_path: Path, who: str, at: int | None) -> None:
    """Let WHO (id or full name) work here no longer; all history stays."""
    from telemarketing.crm import operators

    settings = load_settings(config_path)

    async def disabled(database: Database) -> Operator:
        operator_id = await identify(database, who)
        return await operators.disable_operator(
            database, operator_id, clock.now_ms() if at is None else at
        )

    person = with_database(settings, disabled)
    click.echo(
        f"Operator {person.id}: {person.full_name}, disabled {local_time(person.disabled_at)}."
    )


async def identify(database: Database, who: str) -> int:
    """Tell whom an id or a full name means.

    Raises:
        NotFound: nobody, or several people.
    """
    from telemarketing.crm import operators

    if is_row_id(who):
        return int(who)
    named = [one for one in await operators.list_operators(database) if one.full_name == who]
    if len(named) != 1:
        found = "no operator is" if not named else f"{len(named)} operators are"
        raise NotFound(f'{found} called "{who}"; give the id from `telemarketing operator list`')
    return named[0].id


def _check_pbx(settings: Settings, name: str | None) -> None:
    known = [pbx.name for pbx in settings.pbx]
    if name is not None and name not in known:
        raise click.UsageError(f'There is no PBX "{name}"; the settings have: {", ".join(known)}.')


def _owned(ownerships: Sequence[ExtensionOwnership]) -> str:
    return "; ".join(
        one.extension
        + (f" on {one.pbx}" if one.pbx else "")
        + f" since {local_day(one.valid_from)}"
        + (f" until {local_day(one.valid_until)}" if one.valid_until is not None else "")
        for one in ownerships
    )


def _table(people: Sequence[Operator]) -> str:
    titles = ("id", "name", "role", "department", "mobiles", "disabled", "extensions")
    return table(
        titles,
        [
            (
                str(person.id),
                person.full_name,
                person.role.value,
                person.department or "",
                ",".join(person.mobiles),
                local_time(person.disabled_at),
                _owned(person.extensions),
            )
            for person in people
        ],
    )


def _form(person: Operator) -> dict[str, Any]:
    return {
        "id": person.id,
        "full_name": person.full_name,
        "department": person.department,
        "role": person.role.value,
        "disabled_at": clock.to_iso_or_none(person.disabled_at),
        "extensions": [
            {
                "extension": one.extension,
                "pbx": one.pbx,
                "valid_from": clock.to_iso(one.valid_from),
                "valid_until": clock.to_iso_or_none(one.valid_until),
            }
            for one in person.extensions
        ],
        "mobiles": list(person.mobiles),
    }
