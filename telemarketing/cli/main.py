"""The command `telemarketing`: what an administrator can ask for.

In: arguments. Out: text for people or JSON on stdout, faults on stderr. It reads the settings and
delegates; it decides nothing about calls. Lists and operators have files of their own.
"""

import asyncio
import json
from pathlib import Path

import click
import structlog

from telemarketing import app, logs
from telemarketing.call_form import call_form
from telemarketing.cli.command import Commands, config_option, json_option
from telemarketing.cli.lists import call_table, calls, leads
from telemarketing.cli.operators import operator
from telemarketing.config import PbxSettings, exposed_secrets, load
from telemarketing.errors import ConfigError

log = structlog.get_logger(__name__)

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
    settings = load(config_path)
    logs.configure(settings.log.level, settings.log.format)
    if (warning := exposed_secrets(config_path)) is not None:
        log.warning(warning)
    asyncio.run(app.serve(settings))


@main.command("check-config")
@config_option
def check_config(config_path: Path) -> None:
    """Check the settings file, without connecting to anything."""
    settings = load(config_path, with_secrets=False)
    try:
        load(config_path)
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
    """Make the database, or bring it to the schema of this version."""
    settings = load(config_path, with_secrets=False)
    # No other command pays for the import of Alembic.
    from telemarketing.storage import migrate as migration  # noqa: PLC0415

    done = migration.migrate(settings.database.url.get_secret_value(), backup_folder)
    if done.before == done.after:
        click.echo(f"The database has schema {done.after} already.")
        return
    click.echo(f"The database has schema {done.after} now (before: {done.before or 'none'}).")
    if done.backup_path is not None:
        click.echo(f"As it was: {done.backup_path}")


@main.command()
@config_option
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--pbx", "name", help="Name of the PBX; may be left out when there is one.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="When to end.")
def capture(config_path: Path, out: Path, name: str | None, seconds: float | None) -> None:
    """Record a PBX's events to OUT, with arrival times and without secrets; Ctrl-C ends it."""
    settings = load(config_path)
    logs.configure(settings.log.level, settings.log.format)
    pbx = _chosen(settings.pbx, name)
    count = asyncio.run(app.capture(pbx, out, seconds))
    click.echo(f"{count} messages in {out}")


@main.command()
@click.argument("session", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="Settings file; without it every setting has its default.",
)
@json_option
def replay(session: Path, config_path: Path | None, as_json: bool) -> None:
    """Show the calls in a recorded session; neither PBX nor database is touched."""
    settings = load(config_path, with_secrets=False) if config_path is not None else None
    replayed = app.replay(session, settings)
    if as_json:
        for call in replayed:
            click.echo(json.dumps(call_form(call), ensure_ascii=False))
    else:
        click.echo(call_table(replayed))


main.add_command(calls)
main.add_command(leads)
main.add_command(operator)


def _chosen(pbxs: tuple[PbxSettings, ...], name: str | None) -> PbxSettings:
    named = [pbx for pbx in pbxs if name in (None, pbx.name)]
    if len(named) != 1:
        known = ", ".join(pbx.name for pbx in pbxs)
        raise click.UsageError(f"Name one PBX by --pbx: {known}.")
    return named[0]
