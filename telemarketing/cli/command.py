"""What the commands have in common: settings, database, what people type, and how a command ends.

In: arguments as typed, exceptions with a sentence for a person. Out: plain values; that sentence on
stderr, and an exit code that a script can act on (docs/operations.md explains the codes).
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from telemarketing.config import Settings
from telemarketing.errors import AmiError, ConfigError, StorageError, TelemarketingError
from telemarketing.phones import Numbering
from telemarketing.storage.engine import Database

DEFAULT_CONFIG = Path("/etc/telemarketing/config.toml")

_EXIT_CODES: tuple[tuple[type[TelemarketingError], int], ...] = (
    (ConfigError, 3),
    (StorageError, 4),
    (AmiError, 5),
    (TelemarketingError, 1),
)

T = TypeVar("T")


class Commands(click.Group):
    """Commands whose expected errors end in one sentence and an exit code, not a traceback."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        """Run the chosen command."""
        try:
            return super().invoke(ctx)
        except TelemarketingError as error:
            click.echo(f"telemarketing: {error}", err=True)
            ctx.exit(exit_code(error))


def exit_code(error: TelemarketingError) -> int:
    """Give the code that tells a script what kind of cure is needed."""
    return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))


class LocalTime(click.ParamType[int]):
    """A day or moment in the machine's zone (or that it names); becomes epoch milliseconds."""

    name = "day"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read `2026-11-22` or `2026-11-22T08:30`."""
        if isinstance(value, int):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f'"{value}" is no day like 2026-11-22 or 2026-11-22T08:30', param, ctx)
        return int(moment.astimezone().timestamp() * 1000)


config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    default=DEFAULT_CONFIG,
    envvar="TELEMARKETING_CONFIG",
    show_default=True,
    show_envvar=True,
    help="Settings file.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line, times in UTC."
)


def with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run something on the database of the settings, and close it.

    Raises:
        StorageError: it cannot be used; `telemarketing migrate` may not have run.
    """
    database = Database(settings.database.url.get_secret_value())

    async def opened() -> T:
        await database.open()
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(opened())


def as_stored(settings: Settings, number: str) -> str:
    """Give a typed number the form under which it is stored: E.164, or as it is."""
    numbers = settings.numbers
    numbering = Numbering(numbers.region, numbers.outside_prefixes, numbers.area_code)
    return numbering.normalise(number) or number
