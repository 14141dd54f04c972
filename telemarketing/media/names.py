"""What a PBX calls a recording -> the places where that file may lie. Pure: touches no disk.

In: the name from MIXMONITOR_FILENAME or from the PBX's log: an absolute path, on a PBX that may see
the folder elsewhere than we do; a path relative to its folder of recordings; or a bare name. Out:
paths below our roots, the likeliest first. What comes from a PBX is data: a name that can only mean
a place outside, or no file at all, has no places.
"""

import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LONGEST = 4096
_DATED = re.compile(r"(?:^|/)(\d{4}/\d\d/\d\d/[^/]+)\Z")
_DAY_IN_NAME = re.compile(r"-(\d{4})(\d\d)(\d\d)-\d{6}-")
_LOST_BYTE = re.compile(r"\\x([89a-f][0-9a-f])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

EXTENSIONS = (
    ".wav",
    ".WAV",
    ".mp3",
    ".ogg",
    ".opus",
    ".gsm",
    ".ulaw",
    ".alaw",
    ".g722",
    ".sln",
    ".sln16",
    ".raw",
)
"""That a file may have in truth: Asterisk adds or changes them (`wav49` becomes `WAV`, none becomes
`raw`), and some offices turn finished recordings into mp3."""

Place = tuple[str, str]
"""A root, and the path below it."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where to look for one recording."""

    exact: tuple[Place, ...]
    """Under the very name."""
    renamed: tuple[Place, ...]
    """Under the name with another extension."""
    elsewhere: bool
    """The PBX named an absolute path that is not below any root of ours."""


def places(named: str, roots: Sequence[str], days: Sequence[str]) -> Places:
    """List the places of a recording.

    Args:
        named: as the PBX wrote it.
        roots: our folders of recordings, absolute.
        days: `2026/11/22`, the folders in which a bare name may lie; that in the name goes first.
    """
    if not named or len(named) > _LONGEST or _CONTROL.search(named):
        return Places((), (), elsewhere=True)
    found: dict[Place, None] = {}
    elsewhere = False
    for spelling in spellings(named):
        path = re.sub("^//+", "/", posixpath.normpath(spelling))
        own = list(_own_places(path, roots))
        elsewhere = elsewhere or (path.startswith("/") and not own)
        for tail in _tails(path, days):
            own += [(root, tail) for root in roots]
        found.update(dict.fromkeys(own))
    renamed = {(root, other): None for root, tail in found for other in _renamed(tail)}
    return Places(tuple(found), tuple(renamed), elsewhere)


def place_of(file: str, roots: Sequence[str]) -> list[Place]:
    """Give the places that a stored path of ours means; none = it is below no root any more."""
    paths = [posixpath.normpath(spelling) for spelling in spellings(file)]
    return [place for path in paths for place in _own_places(path, roots)]


def spellings(text: str) -> tuple[str, ...]:
    r"""Give a name as it reads, and with the bytes that were no UTF-8 and became `\xNN`."""
    restored = _LOST_BYTE.sub(lambda found: chr(0xDC00 + int(found[1], 16)), text)
    return (text,) if restored == text else (text, restored)


def readable(path: str) -> str:
    r"""Write a path of the file system as text that databases take; `spellings` reads it back."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _own_places(path: str, roots: Sequence[str]) -> Iterator[Place]:
    for root in roots:
        prefix = root.rstrip("/") + "/"
        if path.startswith(prefix):
            yield root, path[len(prefix) :]


def _tails(path: str, days: Sequence[str]) -> Iterator[str]:
    """What may hold below any root: of a path the end from its date on, of a name its days."""
    if not path.startswith("/"):
        if path.startswith("../") or path in {".", ".."}:
            return
        if "/" not in path:
            in_name = ["/".join(day.groups()) for day in _DAY_IN_NAME.finditer(path)]
            yield from (f"{day}/{path}" for day in (*in_name, *days))
        yield path
    if (dated := _DATED.search(path)) is not None:
        yield dated[1]


def _renamed(tail: str) -> Iterator[str]:
    stem, extension = posixpath.splitext(tail)
    if extension not in (*EXTENSIONS, ".wav49", ".wav16"):
        stem = tail
    yield from (stem + other for other in EXTENSIONS if stem + other != tail)
