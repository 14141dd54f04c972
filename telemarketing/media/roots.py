"""The folders in which sound files may be opened, and the only way to open one.

In: the settings' folders; a path below one of them. Out: an open regular file that truly lies
there, or why not. Nothing else is ever opened, whatever symbolic links say, and whatever changes on
the disk meanwhile: a file is first pinned without being opened (O_PATH), then it is asked where the
pinned thing is, and that very thing is opened. Every function here may block on a slow disk.
"""

import os
import posixpath
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from types import TracebackType
from typing import Self

_PIN = os.O_PATH | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class NotOpened(Enum):
    """Why there is no open file, when no person's rights are to blame."""

    ABSENT = auto()
    """No such file, or its disk does not answer."""
    OUTSIDE = auto()
    """A symbolic link leads out of the root."""
    NO_FILE = auto()
    """A folder, device, pipe or socket."""


@dataclass(frozen=True, slots=True)
class Denied:
    """It is there, and we may not read it."""

    what: str
    """The folder that does not let us pass, or the file itself."""


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A regular file inside a root, open for reading; to be closed by whoever got it."""

    fd: int
    path: str
    """Absolute, below the root as the settings write it; as the file system spells it."""
    size_bytes: int

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self.fd)


Opening = OpenFile | Denied | NotOpened


class Roots:
    """Folders below which sound files lie.

    Args:
        folders: absolute; one that is not there yet may come later, and one may be a symbolic link.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        """See the class."""
        self.folders = tuple(folders)
        self.prefixes = tuple(posixpath.normpath(folder) for folder in folders)
        """The same as text."""

    def open(self, root: str, tail: str) -> Opening:
        """Open a file below a root.

        Args:
            root: one of `prefixes`.
            tail: from there on; may be anything.
        """
        path = posixpath.join(root, tail)
        if root not in self.prefixes:
            return NotOpened.OUTSIDE
        try:
            folder = os.open(root, _PIN | os.O_DIRECTORY)
        except PermissionError:
            return Denied(_what_denies(root))
        except OSError:
            return NotOpened.ABSENT
        try:
            return _open_below(folder, path)
        finally:
            os.close(folder)


def _open_below(folder: int, path: str) -> Opening:
    try:
        pinned = os.open(path, _PIN)
    except PermissionError:
        return Denied(_what_denies(path))
    except (OSError, ValueError):
        # Too long a name, a loop of links, a stale handle, a NUL: there is no such file.
        return NotOpened.ABSENT
    try:
        if not _place_of(pinned).startswith(_place_of(folder).rstrip("/") + "/"):
            return NotOpened.OUTSIDE
        if not stat.S_ISREG(os.fstat(pinned).st_mode):
            return NotOpened.NO_FILE
        fd = os.open(f"/proc/self/fd/{pinned}", _READ)
        return OpenFile(fd, path, os.fstat(fd).st_size)
    except PermissionError:
        return Denied(path)
    except OSError:
        return NotOpened.ABSENT
    finally:
        os.close(pinned)


def _place_of(fd: int) -> str:
    """Where an open thing is, all links followed, as the kernel knows it."""
    return str(Path(f"/proc/self/fd/{fd}").readlink())


def _what_denies(path: str) -> str:
    """Find the first folder from the top that does not let us pass."""
    folders = Path(path).parents
    for folder in reversed(folders):
        if not os.access(folder, os.X_OK, effective_ids=True):
            return str(folder)
    return path
