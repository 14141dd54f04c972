"""The one bounded queue between the socket and the one consumer.

In: framed events with their moment of arrival, and the loss of the link, in order. Out: batches, in
the same order. Nothing is ever dropped: above the high-water mark `full` asks the session to stop
reading, and TCP holds the PBX back. Events wait as bytes, because decoded they take six times the
memory.
"""

import asyncio
from collections import deque
from itertools import islice

from telemarketing.ami.events import LinkLost
from telemarketing.ami.wire import Message, parse_message

BATCH_AT_MOST = 1000


class Inbox:
    """A queue of events; `limit` is the high-water mark, half of it the low-water mark."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._waiting: deque[tuple[int, bytes] | LinkLost] = deque()
        self._something = asyncio.Event()
        self._closed = False
        self.full = False
        """The high-water mark was reached, and the low one not yet again."""

    def put(self, received_at: int, events: list[bytes]) -> None:
        """Append framed events of one chunk; they are taken even above the mark."""
        self._waiting.extend([(received_at, raw) for raw in events])
        self._note_arrival()

    def put_lost(self, lost: LinkLost) -> None:
        """Append the end of a session, behind everything it brought."""
        self._waiting.append(lost)
        self._note_arrival()

    async def take(self) -> list[Message | LinkLost]:
        """Return the next 1..BATCH_AT_MOST entries; an empty list = closed, nothing will come."""
        await self._something.wait()
        batch = list(islice(self._waiting, BATCH_AT_MOST))
        for _ in batch:
            self._waiting.popleft()
        if not self._waiting and not self._closed:
            self._something.clear()
        if len(self._waiting) <= self._limit // 2:
            self.full = False
        return [
            entry if isinstance(entry, LinkLost) else parse_message(entry[1], entry[0])
            for entry in batch
        ]

    def close(self) -> None:
        """Let the consumer finish what waits, then see the end."""
        self._closed = True
        self._something.set()

    def _note_arrival(self) -> None:
        if self._waiting:
            self._something.set()
        if len(self._waiting) >= self._limit:
            self.full = True
