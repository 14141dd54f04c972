"""What the errors of the database drivers mean to the callers of `storage`.

In: an exception of SQLAlchemy, a driver or the operating system. Out: `StorageUnavailable` when the
same write may succeed later, `StorageError` when it will not, each with a sentence for people that
names the cure.
"""

import socket
import sqlite3
from collections.abc import Iterator

from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from telemarketing.errors import StorageError, StorageUnavailable
from telemarketing.storage.address import Address

_OTHER_USER = (
    "run the command as the daemon's user, `sudo -u telemarketing telemarketing ...`, "
    "or give this user the file and its folder"
)
_SQLITE_FOR_NOW = {
    sqlite3.SQLITE_FULL: "the disk is full: make space",
    sqlite3.SQLITE_BUSY: "another program holds the database locked",
    sqlite3.SQLITE_LOCKED: "another connection holds the database locked",
    sqlite3.SQLITE_PROTOCOL: "another program holds the database locked",
    sqlite3.SQLITE_IOERR: "the disk does not read or write: look at the kernel's log",
    sqlite3.SQLITE_CANTOPEN: f"this user may not open the file: {_OTHER_USER}",
    sqlite3.SQLITE_READONLY: "the file may not be written: see that its disk is not read-only, or "
    + _OTHER_USER,
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
_POSTGRESQL_FOR_GOOD = {
    "28": "correct user and password in database.url; without a password the user of the system "
    "has to be the one of the database, `sudo -u telemarketing telemarketing ...`",
    "3D": "make it with `createdb`, or correct the name in database.url",
    "42501": "make the user of database.url the owner of the database",
}
"""By SQLSTATE, or its first two characters, the class of the condition."""


def what_went_wrong(error: BaseException, address: Address) -> StorageError:
    """Say an error of the database in our own terms.

    Args:
        error: what was raised while working with it.
        address: where the database is.
    """
    for cause in _causes(error):
        reason = _reason_for_now(cause, address)
        if reason is not None:
            return StorageUnavailable(f"{address} cannot be used now: {reason}")
    cures = (_by_state(_POSTGRESQL_FOR_GOOD, cause) for cause in _causes(error))
    cure = next(filter(None, cures), None)
    return StorageError(f"{address}: {_first_line(error)}{f'; {cure}' if cure else ''}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what the driver raised, and what that was made from."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = getattr(seen, "orig", None) or seen.__cause__


def _reason_for_now(cause: BaseException, address: Address) -> str | None:
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE_FOR_NOW.get(code & 0xFF)
    if (reason := _by_state(_POSTGRESQL_FOR_NOW, cause)) is not None:
        return reason
    if isinstance(cause, NoFreeConnection):
        return "all its connections are busy"
    if isinstance(cause, DBAPIError) and cause.connection_invalidated:
        return "the connection was lost"
    if isinstance(cause, OSError):
        return _no_file(cause) if address.path is not None else _no_server(cause)
    if isinstance(cause, InterfaceError):
        return _first_line(cause) or "the server does not answer"
    return None


def _by_state(sentences: dict[str, str], cause: BaseException) -> str | None:
    state = getattr(cause, "sqlstate", None)
    if not isinstance(state, str):
        return None
    return sentences.get(state) or sentences.get(state[:2])


def _no_file(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "its folder is not there: make it, or correct database.url"
    if isinstance(error, PermissionError):
        return f"this user may not do that: {_OTHER_USER}"
    return error.strerror or _first_line(error)


def _no_server(error: OSError) -> str:
    said = _first_line(error)
    if isinstance(error, socket.gaierror):
        return "the server's name is not known: correct the host in database.url"
    if isinstance(error, TimeoutError):
        return "the server does not answer in time: look at its load, and the network to it"
    # asyncio's text names an address and an errno for each try; asyncpg's is a sentence.
    if error.errno is None and said and "[Errno" not in said:
        return said
    return "no server answers: start PostgreSQL, or correct host and port in database.url"


def _first_line(error: BaseException) -> str:
    """What happened, without the statement and the values that SQLAlchemy appends."""
    happened = getattr(error, "orig", None) or error
    return next(iter(str(happened).splitlines()), "")
