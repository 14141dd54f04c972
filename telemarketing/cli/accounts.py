"""Passwords on the command line: for one person, and for an administrator who is locked out.

In: who, a login, a password typed twice or on stdin. Out: what was done; a password that was made
is shown once. The rules are `crm.accounts`'.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from telemarketing import clock
from telemarketing.cli.command import config_option, load_settings, with_database
from telemarketing.cli.operators import identify

if TYPE_CHECKING:
    from telemarketing.config import Settings
    from telemarketing.crm.accounts import Accounts, ResetDone
    from telemarketing.storage.engine import Database


@click.command()
@config_option
@click.argument("who")
@click.option("--login", help="What to sign in with; may be left out by whoever has one.")
@click.option("--stdin", "from_stdin", is_flag=True, help="Read one line instead of asking twice.")
@click.option(
    "--must-change/--keep",
    default=True,
    show_default=True,
    help="Whether the person has to choose another one at the next sign-in.",
)
def password(
    config_path: Path, who: str, login: str | None, from_stdin: bool, must_change: bool
) -> None:
    """Give WHO (id or full name) a password for the panel; ends all sessions."""
    settings = load_settings(config_path)
    typed = _read_password(from_stdin=from_stdin)

    async def changed(database: Database) -> str:
        accounts = _accounts(database, settings)
        operator_id = await identify(database, who)
        known = login or await accounts.find_login(operator_id)
        if known is None:
            raise click.UsageError("This person cannot sign in yet: name a login by --login.")
        at = clock.now_ms()
        await accounts.set_password(operator_id, known, typed, at, must_change=must_change)
        return known

    known = with_database(settings, changed)
    then = ", and has to choose another password then" if must_change else ""
    click.echo(f"{who} signs in as {known}{then}. All sessions are ended.")


@click.command("reset-administrator")
@config_option
@click.option("--login", default="administrator", show_default=True, help="Whose.")
@click.option("--name", default="Administrator", show_default=True, help="Of a new person.")
def reset_administrator(config_path: Path, login: str, name: str) -> None:
    """Make or re-enable an administrator.

    The way in when everybody is locked out; the daemon may run meanwhile.
    """
    settings = load_settings(config_path)

    async def reset(database: Database) -> ResetDone:
        return await _accounts(database, settings).reset_administrator(login, name, clock.now_ms())

    done = with_database(settings, reset)
    what = "new administrator" if done.is_new else "administrator"
    click.echo(f"Operator {done.person.id}: {done.person.full_name}, {what}.")
    click.echo(
        f"Signs in as {done.login} with {done.password}, to be changed then; not shown again."
    )


def _accounts(database: Database, settings: Settings) -> Accounts:
    from telemarketing.crm.accounts import Accounts
    from telemarketing.crm.passwords import Passwords

    return Accounts(database, Passwords(), settings.panel.session_s)


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed
