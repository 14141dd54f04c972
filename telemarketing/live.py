"""Tells whoever follows that something has changed, after it is stored.

In: changes, published without ever waiting. Out: batches of them, to each follower apart. It keeps
nothing: who was not there reads the database. It knows no browser.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from telemarketing.model.changes import Change

_FOLLOWER_LIMIT = 10_000


class Follower:
    """Changes on their way to one reader."""

    def __init__(self) -> None:
        """See the class."""
        self._waiting: list[Change] = []
        self._missed = False
        self._arrived = asyncio.Event()

    def take(self, change: Change) -> None:
        """Let it wait to be read; beyond a limit only that something was missed is known."""
        if len(self._waiting) >= _FOLLOWER_LIMIT:
            self._waiting.clear()
            self._missed = True
        self._waiting.append(change)
        self._arrived.set()

    async def read(self, gather_s: float = 0.0) -> tuple[list[Change], bool]:
        """Wait for changes and take all that wait.

        Args:
            gather_s: how long to wait for more, once the first has come.

        Returns:
            The changes in order, and whether others before them were missed: everything may have
            changed then.
        """
        await self._arrived.wait()
        if gather_s:
            await asyncio.sleep(gather_s)
        self._arrived.clear()
        changes, missed = self._waiting, self._missed
        self._waiting, self._missed = [], False
        return changes, missed


class Live:
    """The place where what is stored becomes known to open panels."""

    def __init__(self) -> None:
        """See the class."""
        self._followers: set[Follower] = set()

    def publish(self, change: Change) -> None:
        """Tell every follower; never waits. To be called after the commit, never before."""
        for follower in self._followers:
            follower.take(change)

    @contextmanager
    def follow(self) -> Iterator[Follower]:
        """Give what receives every change from now on."""
        follower = Follower()
        self._followers.add(follower)
        try:
            yield follower
        finally:
            self._followers.discard(follower)
