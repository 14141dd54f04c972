"""What the commands have in common: settings, database, what people type, and how a command ends.

In: arguments as typed, exceptions with a sentence for a person. Out: plain values; that sentence on
stderr, and an exit code that a script can act on (docs/operations.md explains the codes).

The commands import settings, database and daemon inside their functions: these take seconds on a
slow machine, which `--help` and a mistyped option should not cost, and a Ctrl-C meanwhile finds
click ready for it.
"""

from __future__ import annotations

import asyncio
import errno
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from telemarketing import clock
from telemarketing.errors import AmiError, ConfigError, StorageError, TelemarketingError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from telemarketing.config import Settings
    from telemarketing.storage.engine import Database

DEFAULT_CONFIG = Path("/etc/telemarketing/config.toml")

_EXIT_CODES: tuple[tuple[type[TelemarketingError], int], ...] = (
    (ConfigError, 3),
    (StorageError, 4),
    (AmiError, 5),
    (TelemarketingError, 1),
)

_DAYS_AGO = {"today": 0, "yesterday": 1}
_YEARS = range(1971, 3000)
_ROW_ID_DIGITS = 18
"""More do not fit into 64 bits."""

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
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            click.echo(f"telemarketing: the output cannot be written: {error.strerror}", err=True)
            ctx.exit(exit_code(TelemarketingError()))


def exit_code(error: TelemarketingError) -> int:
    """Give the code that tells a script what kind of cure is needed."""
    return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))


class LocalTime(click.ParamType[int]):
    """A day or moment in the machine's zone (or that it names); becomes epoch milliseconds."""

    name = "day"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read `2026-11-22`, `2026-11-22T08:30`, `today` or `yesterday`."""
        if isinstance(value, int):
            return value
        if value in _DAYS_AGO:
            return midnight(_DAYS_AGO[str(value)])
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f'"{value}" is no day like 2026-11-22 or 2026-11-22T08:30', param, ctx)
        if moment.year not in _YEARS:
            self.fail(f"the year {moment.year} is no year of telephone calls", param, ctx)
        return int(moment.astimezone().timestamp() * 1000)


class RowId(click.ParamType[int]):
    """The number that a list shows as id."""

    name = "id"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read what was typed."""
        if not is_row_id(str(value)):
            self.fail(f'"{value}" is no id; the lists show ids', param, ctx)
        return int(str(value))


def is_row_id(text: str) -> bool:
    """Tell whether a text is a whole number that a database can hold."""
    return text.isascii() and text.isdecimal() and len(text) <= _ROW_ID_DIGITS


def midnight(days_ago: int = 0) -> int:
    """Give the instant at which a day began in the machine's zone."""
    today = datetime.fromtimestamp(clock.now_ms() / 1000)  # noqa: DTZ006 - the machine's own zone
    day = today.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)
    return int(day.astimezone().timestamp() * 1000)


# Whether a file can be read is told by whoever reads it, in its own words and with its exit code.
SETTINGS_PATH = click.Path(readable=False, path_type=Path)
config_option = click.option(
    "--config",
    "config_path",
    type=SETTINGS_PATH,
    default=DEFAULT_CONFIG,
    envvar="TELEMARKETING_CONFIG",
    show_default=True,
    show_envvar=True,
    help="Settings file.",
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="One JSON object a line, times in UTC."
)


def load_settings(path: Path, *, with_secrets: bool = False) -> Settings:
    """Read the settings, as a rule without the secrets of PBXs.

    Raises:
        ConfigError: one line for each thing that is wrong.
    """
    from telemarketing.config_load import load

    return load(path, with_secrets=with_secrets)


def with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Run something on the database of the settings, and close it.

    Raises:
        StorageError: it cannot be used; `telemarketing migrate` may not have run.
    """
    from telemarketing.storage.engine import Database

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
    from telemarketing.assembly import make_numbering

    return make_numbering(settings).normalise(number) or number


def print_objects(objects: Iterable[dict[str, Any]]) -> None:
    """Write one JSON object a line, letters as they are."""
    for one in objects:
        click.echo(json.dumps(one, ensure_ascii=False))
