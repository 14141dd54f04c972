"""Facts about calls that wait to be stored.

In: facts, from the call flow, without ever waiting. Out: one transaction for all that wait (so a
burst costs one commit), and after it, never before, the facts and what they changed are published.
Each fact holds all that is known of its call, so only the latest of each call waits: a database
that is away for hours costs memory by the call, and nothing is lost.
"""

import asyncio
from collections.abc import Callable
from itertools import islice

import structlog

from telemarketing.backoff import Backoff
from telemarketing.crm.call_log import CallLog
from telemarketing.errors import StorageError, StorageUnavailable
from telemarketing.model.call import CallKey
from telemarketing.model.changes import CallConsequence, CallEnded, CallFact

log = structlog.get_logger(__name__)

Publish = Callable[[CallFact | CallConsequence], None]


class Journal:
    """The one road from call tracking into the database.

    Args:
        call_log: stores snapshots and tells what they changed.
        publish: takes each fact once it is stored; must not wait.
        retry_first_s: longest pause after the first refusal of the database, doubled after each
            further.
        retry_most_s: the longest pause.
        batch_limit: calls in one transaction at most.
    """

    def __init__(
        self,
        call_log: CallLog,
        publish: Publish,
        *,
        retry_first_s: float = 0.2,
        retry_most_s: float = 5.0,
        batch_limit: int = 200,
    ) -> None:
        """See the class."""
        self._call_log = call_log
        self._publish = publish
        self._retry = Backoff(retry_first_s, retry_most_s)
        self._batch_limit = batch_limit
        self._waiting: dict[CallKey, CallFact] = {}
        self._sweeps: list[tuple[str, frozenset[str], int]] = []
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._unavailable_since: float | None = None

    @property
    def waiting_count(self) -> int:
        """How many calls have something that is not stored yet."""
        return len(self._waiting)

    def add(self, fact: CallFact) -> None:
        """Take a fact; it is stored soon, with whatever else waits by then.

        It takes the place of an earlier fact of its call that still waits; what was an end stays
        one, though a recording is named after it.
        """
        waiting = self._waiting.get(fact.call.key)
        self._waiting[fact.call.key] = (
            CallEnded(fact.call) if isinstance(waiting, CallEnded) else fact
        )
        self._work_arrived()

    def add_sweep(self, pbx: str, live_linkedids: frozenset[str], at: int) -> None:
        """Close, after all that waits, the stored calls of a PBX that no longer live there.

        Args:
            pbx: name of the PBX, of which a complete list of channels has just come.
            live_linkedids: its calls that do live.
            at: epoch milliseconds of that list.
        """
        self._sweeps.append((pbx, live_linkedids, at))
        self._work_arrived()

    def _work_arrived(self) -> None:
        self._idle.clear()
        self._wake.set()

    async def drained(self) -> None:
        """Wait until everything that was added is stored."""
        await self._idle.wait()

    async def run(self) -> None:
        """Store for ever; ends by being cancelled."""
        while True:
            await self._wake.wait()
            try:
                await self._store_what_waits()
            except StorageError as error:
                # Also one that is no passing fault: when even a refused call cannot be set aside,
                # somebody has taken our rights or tables away, and may give them back.
                self._report_unavailable(error)
                await asyncio.sleep(self._retry.next_s())
                continue
            self._report_available()
            self._retry.begin_again()
            if not self._waiting and not self._sweeps:
                self._wake.clear()
                self._idle.set()

    async def _store_what_waits(self) -> None:
        while self._waiting:
            batch = list(islice(self._waiting.values(), self._batch_limit))
            try:
                changes = await self._call_log.record([fact.call for fact in batch])
            except StorageUnavailable:
                raise
            except StorageError as error:
                log.debug("batch refused, storing its calls one by one", reason=str(error))
                await self._store_one_by_one(batch)
            else:
                self._stored(batch, changes)
        while self._sweeps:
            for change in await self._call_log.close_vanished(*self._sweeps[0]):
                self._publish(change)
            del self._sweeps[0]

    async def _store_one_by_one(self, batch: list[CallFact]) -> None:
        """One call that the database refuses must not hold up the others."""
        for fact in batch:
            try:
                changes = await self._call_log.record([fact.call])
            except StorageUnavailable:
                raise
            except StorageError as error:
                await self._call_log.set_aside(fact.call, str(error))
                log.error(
                    "call refused by the database and set aside for the administrator",
                    pbx=fact.call.pbx,
                    linkedid=fact.call.linkedid,
                    reason=str(error),
                )
                changes = []
            self._stored([fact], changes)

    def _stored(self, batch: list[CallFact], changes: list[CallConsequence]) -> None:
        for fact in batch:
            if self._waiting[fact.call.key] is fact:
                del self._waiting[fact.call.key]
            self._publish(fact)
        for change in changes:
            self._publish(change)

    def _report_unavailable(self, error: StorageError) -> None:
        if self._unavailable_since is None:
            self._unavailable_since = asyncio.get_running_loop().time()
            log.error(
                "database takes no writes; calls wait in memory and are stored when it does",
                reason=str(error),
                waiting=len(self._waiting),
            )

    def _report_available(self) -> None:
        if self._unavailable_since is not None:
            away_s = asyncio.get_running_loop().time() - self._unavailable_since
            self._unavailable_since = None
            log.info("database takes writes again; all that waited is stored", away_s=round(away_s))
