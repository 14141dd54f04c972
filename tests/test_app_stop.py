"""How the daemon stops."""

import asyncio
from typing import cast
from zoneinfo import ZoneInfo

from telemarketing import clock
from telemarketing.ami.events import LinkLost
from telemarketing.ami.link import AmiLink, LinkState
from telemarketing.ami.wire import Message
from telemarketing.app import Daemon
from telemarketing.callflow import CallFlow
from telemarketing.calls.tracker import Tracker
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.journal import Journal
from telemarketing.jobs.loop import JobLoop
from telemarketing.jobs.recordings import RecordingWatch
from telemarketing.live import Live
from telemarketing.media.finder import Finder
from telemarketing.media.roots import Roots
from telemarketing.storage.calls import CallFilter, list_calls
from telemarketing.storage.engine import Database
from tests.calls.stream import directory


class LateLink:
    """A link that still holds what a PBX said when it is closed."""

    def __init__(self, *messages: Message) -> None:
        self.pbx = "main"
        self.state = LinkState.FOLLOWING
        self._closed = asyncio.Event()
        self._batches: list[list[Message | LinkLost]] = [[message] for message in messages]

    async def run(self) -> None:
        """Last until it is closed."""
        await self._closed.wait()

    async def reached(self, *_states: LinkState) -> LinkState:
        """Wait for a change of state that never comes."""
        await asyncio.Event().wait()
        return self.state

    async def receive(self) -> list[Message | LinkLost]:
        """Give what waits, piece by piece, once it is closed."""
        await self._closed.wait()
        await asyncio.to_thread(str)
        return self._batches.pop(0) if self._batches else []

    def close(self) -> None:
        """Say that nothing more will come."""
        self._closed.set()


async def test_what_the_links_had_received_is_stored_before_the_stop(database: Database) -> None:
    """A call that ended just before SIGTERM, its events not yet followed, is stored."""
    channel = {"Uniqueid": "1795310698.1", "Channel": "PJSIP/provider-1"}
    link = LateLink(
        Message(1_795_310_698_000, {"Event": "Newchannel", "CallerIDNum": "0441234567", **channel}),
        Message(1_795_310_699_000, {"Event": "Hangup", **channel}),
    )
    journal = Journal(CallLog(database), lambda _fact: None)
    flow = CallFlow("main", link, Tracker("main", directory()), journal)
    stop = asyncio.Event()
    stop.set()
    live = Live()
    finder = Finder(Roots([]), ZoneInfo("Europe/Kyiv"))
    daemon = Daemon(
        links={"main": cast("AmiLink", link)},
        flows=[flow],
        journal=journal,
        jobs=JobLoop(),
        recordings=RecordingWatch(database, finder, live, clock.now_ms, wait_s=60),
        live=live,
        panel=None,
    )
    await daemon.run(stop)

    async with database.reading() as tx:
        (row,) = await list_calls(tx, CallFilter(), 10)
    assert row.call.ended_at == 1_795_310_699_000
