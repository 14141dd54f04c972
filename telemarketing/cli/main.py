"""The command `telemarketing`: what an administrator can ask for.

In: arguments. Out: text for people or JSON on stdout, faults on stderr. It reads the settings and
delegates; it decides nothing about calls. Lists and operators have files of their own.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from telemarketing.call_form import call_form
from telemarketing.cli.accounts import password, reset_administrator
from telemarketing.cli.command import (
    SETTINGS_PATH,
    Commands,
    config_option,
    json_option,
    load_settings,
    print_objects,
)
from telemarketing.cli.demo import demo
from telemarketing.cli.lists import call_table, calls, leads
from telemarketing.cli.operators import operator
from telemarketing.errors import AmiUnreachable, ConfigError

if TYPE_CHECKING:
    from telemarketing.config import PbxSettings

EPILOG = """\b
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 settings, 4 database, 5 PBX."""


@click.group(cls=Commands, epilog=EPILOG)
@click.version_option(package_name="telemarketing", message="%(package)s %(version)s")
def main() -> None:
    """Follow every call of an Asterisk PBX and make a lead of every unknown number."""


@main.command()
@config_option
def serve(config_path: Path) -> None:
    """Run the daemon until SIGTERM or SIGINT."""
    import structlog

    from telemarketing import app, logs
    from telemarketing.config_load import exposed_secrets

    settings = load_settings(config_path, with_secrets=True)
    logs.configure(settings.log.level, settings.log.format)
    if (warning := exposed_secrets(config_path)) is not None:
        structlog.get_logger(__name__).warning(warning)
    asyncio.run(app.serve(settings))


@main.command("check-config")
@config_option
def check_config(config_path: Path) -> None:
    """Check the settings file; connect to nothing."""
    from telemarketing.config_load import exposed_secrets

    settings = load_settings(config_path)
    try:
        load_settings(config_path, with_secrets=True)
    except ConfigError as missing_secret:
        # Credentials are given to the service alone: here their absence proves nothing.
        click.echo(f"Warning: {missing_secret}", err=True)
    if (warning := exposed_secrets(config_path)) is not None:
        click.echo(f"Warning: {warning}", err=True)
    names = ", ".join(f"{pbx.name} ({pbx.host}:{pbx.port})" for pbx in settings.pbx)
    click.echo(f"{config_path} can be used. PBXs: {names}.")
    click.echo("Not checked: whether a PBX answers and accepts its secret, and the database.")


@main.command()
@config_option
@click.option(
    "--backup-folder",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Where the copy of a SQLite file goes; as a rule beside it.",
)
def migrate(config_path: Path, backup_folder: Path | None) -> None:
    """Make the database, or bring it up to date."""
    from telemarketing.storage import migrate as migration

    settings = load_settings(config_path)
    done = migration.migrate(settings.database.url.get_secret_value(), backup_folder)
    if done.before == done.after:
        click.echo(f"The database has schema {done.after} already.")
        return
    click.echo(f"The database has schema {done.after} now (before: {done.before or 'none'}).")
    if done.backup_path is not None:
        click.echo(f"As it was: {done.backup_path}")


@main.command()
@config_option
@click.argument("out", type=click.Path(readable=False, path_type=Path))
@click.option("--pbx", "name", help="Name of the PBX; may be left out when there is one.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="When to end.")
def capture(config_path: Path, out: Path, name: str | None, seconds: float | None) -> None:
    """Record a PBX's events in a file.

    OUT has phone numbers and times of arrival, but no secrets. Ctrl-C ends it.
    """
    from telemarketing import app, logs

    settings = load_settings(config_path, with_secrets=True)
    logs.configure(settings.log.level, settings.log.format)
    pbx = _chosen(settings.pbx, name)
    count = asyncio.run(app.capture(pbx, out, seconds))
    if not count:
        raise AmiUnreachable(f"{pbx.name} said nothing, so nothing was recorded; the log says why")
    click.echo(f"{count} messages in {out}")


@main.command()
@click.argument("session_file", type=click.Path(readable=False, path_type=Path))
@click.option(
    "--config",
    "config_path",
    type=SETTINGS_PATH,
    help="Settings file; without it every setting has its default.",
)
@json_option
def replay(session_file: Path, config_path: Path | None, as_json: bool) -> None:
    """Show the calls in a recording.

    Neither PBX nor database is touched.
    """
    from telemarketing import app

    settings = load_settings(config_path) if config_path is not None else None
    replayed = app.replay(session_file, settings)
    if as_json:
        print_objects(map(call_form, replayed))
    elif replayed:
        click.echo(call_table(replayed))
    else:
        click.echo("No calls.", err=True)


main.add_command(calls)
main.add_command(demo)
main.add_command(leads)
main.add_command(operator)
main.add_command(reset_administrator)
operator.add_command(password)


def _chosen(pbxs: tuple[PbxSettings, ...], name: str | None) -> PbxSettings:
    named = [pbx for pbx in pbxs if name in (None, pbx.name)]
    if len(named) != 1:
        known = ", ".join(pbx.name for pbx in pbxs)
        raise click.UsageError(f"Name one PBX by --pbx: {known}.")
    return named[0]
