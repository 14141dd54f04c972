"""A copy of a SQLite file that others may be reading and writing."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from telemarketing import clock


def back_up(path: Path, folder: Path, version: str) -> Path:
    """Copy a database as it is at one moment; the copy is whole and on disk, or not there at all.

    Args:
        path: the file of SQLite.
        folder: where the copy goes, named by schema and time, readable by its owner only.
        version: of the schema.

    Returns:
        The copy's path.

    Raises:
        OSError, sqlite3.Error: no copy could be made; nothing is left behind.
    """
    stamp = datetime.fromtimestamp(clock.now_ms() / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
    target = folder / f"{path.stem}-schema-{version}-{stamp}{path.suffix}"
    unfinished = target.with_name(f"{target.name}.part")
    try:
        unfinished.touch(mode=0o600)
        with closing(sqlite3.connect(path)) as original, closing(sqlite3.connect(unfinished)) as to:
            original.backup(to)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        return unfinished.rename(target)
    finally:
        unfinished.unlink(missing_ok=True)
