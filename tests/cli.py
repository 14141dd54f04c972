"""Typing commands as an administrator does."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner, Result

from telemarketing.cli.main import main


def run(*arguments: str | Path) -> Result:
    """Run a command; an exception that is no orderly end fails the test."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def write_settings(path: Path, database_url: str, more: str = "") -> Path:
    """Write a settings file with one PBX, closed to others, and give its path."""
    path.write_text(
        f'[database]\nurl = "{database_url}"\n\n[[pbx]]\nname = "main"\nsecret = "s3cret"\n{more}'
    )
    path.chmod(0o600)
    return path


@contextmanager
def time_zone(name: str) -> Iterator[None]:
    """Let this process live in another zone."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = name
    time.tzset()
    try:
        yield
    finally:
        os.environ.pop("TZ") if before is None else os.environ.update(TZ=before)
        time.tzset()
