"""What the errors of the database drivers mean to the callers of `storage`.

In: an exception of SQLAlchemy, a driver or the operating system. Out: `StorageUnavailable` when the
same write may succeed later, `StorageError` when it will not, each with a sentence for people.
"""

import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from telemarketing.errors import StorageError, StorageUnavailable

_SQLITE_FOR_NOW = {
    sqlite3.SQLITE_FULL: "the disk is full: make space",
    sqlite3.SQLITE_BUSY: "another program holds the database locked",
    sqlite3.SQLITE_LOCKED: "another connection holds the database locked",
    sqlite3.SQLITE_PROTOCOL: "another program holds the database locked",
    sqlite3.SQLITE_IOERR: "the disk does not read or write: look at the kernel's log",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened: look at its folder's permissions",
    sqlite3.SQLITE_READONLY: "the file cannot be written: look at its permissions and its disk",
    sqlite3.SQLITE_NOMEM: "there is not enough memory",
}
_POSTGRESQL_FOR_NOW = {
    "08": "the connection to the server failed",
    "25006": "the server takes no writes now",
    "40": "another program changed the same rows at the same time",
    "53": "the server has no space, memory or connections left",
    "55": "another program holds the rows locked",
    "57": "the server is starting, stopping or gave up the statement",
    "58": "the server cannot reach its own files",
}
"""By SQLSTATE, or its first two characters, the class of the condition."""


def what_went_wrong(error: BaseException, address: str) -> StorageError:
    """Say an error of the database in our own terms.

    Args:
        error: what was raised while working with it.
        address: where the database is, fit to be shown.
    """
    for cause in _causes(error):
        reason = _reason_for_now(cause)
        if reason is not None:
            return StorageUnavailable(f"{address} cannot be used now: {reason}")
    return StorageError(f"{address}: {_first_line(error)}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what the driver raised, and what that was made from."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = getattr(seen, "orig", None) or seen.__cause__


def _reason_for_now(cause: BaseException) -> str | None:
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE_FOR_NOW.get(code & 0xFF)
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        return _POSTGRESQL_FOR_NOW.get(state) or _POSTGRESQL_FOR_NOW.get(state[:2])
    if isinstance(cause, NoFreeConnection):
        return "all its connections are busy"
    if isinstance(cause, DBAPIError) and cause.connection_invalidated:
        return "the connection was lost"
    if isinstance(cause, InterfaceError | OSError):
        return _first_line(cause) or "the server does not answer"
    return None


def _first_line(error: BaseException) -> str:
    """What happened, without the statement and the values that SQLAlchemy appends."""
    happened = getattr(error, "orig", None) or error
    return next(iter(str(happened).splitlines()), "")
