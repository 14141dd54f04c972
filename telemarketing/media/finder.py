"""Finds the file of a recording that a PBX named.

In: the name and when its call began. Out: the open file, or what a look at it told. It reads the
disk and may block there, so it is for threads; it decides nothing about what that means for a call.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from telemarketing.media.audio import HEAD_BYTES, measure
from telemarketing.media.names import Place, place_of, places, readable
from telemarketing.media.roots import Denied, NotOpened, OpenFile, Opening, Roots


@dataclass(frozen=True, slots=True)
class Seen:
    """The file is there, complete or not."""

    file: str
    """Absolute; bytes that are no UTF-8 stand in it as `\\xNN`."""
    size_bytes: int
    has_sound: bool
    duration_ms: int | None
    """None = it cannot be told from this kind of file."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """There is no such file now."""

    elsewhere: bool
    """The PBX named a place outside our roots, and a file of that name is not inside either."""


@dataclass(frozen=True, slots=True)
class Forbidden:
    """It leads out of the roots, or means no file that could ever be inside."""


Sight = Seen | Unseen | Forbidden | Denied


class Finder:
    """Looks below the roots.

    Args:
        roots: where files may be opened.
        zone: of the office, in which a PBX names its folders of days; UTC is tried too.
    """

    def __init__(self, roots: Roots, zone: ZoneInfo) -> None:
        """See the class."""
        self._roots = roots
        self._zone = zone

    def look(self, named: str, started_at: int) -> Sight:
        """Look at a recording.

        Args:
            named: as the PBX wrote it.
            started_at: of its call, epoch milliseconds.
        """
        opening, elsewhere = self._search(named, started_at)
        if isinstance(opening, OpenFile):
            with opening:
                return _seen(opening)
        if isinstance(opening, Denied):
            return Denied(readable(opening.what))
        return Unseen(elsewhere) if opening is NotOpened.ABSENT else Forbidden()

    def open(self, file: str | None, named: str, started_at: int) -> OpenFile | None:
        """Open a recording for whoever may hear it; None = it cannot be had.

        Args:
            file: where it was found last; it may have been moved or converted since.
            named: as the PBX wrote it.
            started_at: of its call, epoch milliseconds.
        """
        known = self._first(place_of(file, self._roots.prefixes)) if file else None
        if not isinstance(known, OpenFile):
            known, _ = self._search(named, started_at)
        return known if isinstance(known, OpenFile) else None

    def _search(self, named: str, started_at: int) -> tuple[Opening, bool]:
        where = places(named, self._roots.prefixes, self._days(started_at))
        if not where.exact:
            return NotOpened.OUTSIDE, where.elsewhere
        opening = self._first(where.exact)
        if opening is NotOpened.ABSENT:
            opening = self._first(where.renamed)
        return opening, where.elsewhere

    def _first(self, where: Iterable[Place]) -> Opening:
        """Open the first that can be; else tell the gravest of what stood in the way."""
        told: Opening = NotOpened.ABSENT
        for root, tail in where:
            opening = self._roots.open(root, tail)
            if isinstance(opening, OpenFile):
                return opening
            if told is NotOpened.ABSENT or isinstance(opening, Denied):
                told = opening
        return told

    def _days(self, started_at: int) -> list[str]:
        try:
            began = datetime.fromtimestamp(started_at / 1000, UTC)
            local = began.astimezone(self._zone)
        except (ValueError, OverflowError, OSError):
            return []
        return list(dict.fromkeys(f"{one:%Y/%m/%d}" for one in (local, began)))


def _seen(file: OpenFile) -> Sight:
    try:
        head = os.pread(file.fd, HEAD_BYTES, 0)
    except OSError:
        # A disk, or a server of files, that fails in this moment.
        return Unseen(elsewhere=False)
    sound = measure(head, file.size_bytes)
    return Seen(readable(file.path), file.size_bytes, sound.has_sound, sound.duration_ms)
