"""The product's own link and call tracking, listening to a simulated PBX over TCP."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from telemarketing.ami.events import LinkLost
from telemarketing.ami.link import AmiLink, LinkState
from telemarketing.ami.parsing import parse_event
from telemarketing.ami.wire import Message
from telemarketing.calls.tracker import Tracker
from telemarketing.model.call import Call
from telemarketing.model.changes import CallEnded, CallFact
from telemarketing.pbxsim.simulation import Simulation
from tests.calls.stream import directory

SECRET = "correct"
PATIENCE_S = 10


class Ear:
    """What was understood of what the PBX said."""

    def __init__(self, link: AmiLink) -> None:
        self.link = link
        self.tracker = Tracker("main", directory())
        self.facts: list[CallFact] = []
        self.messages: list[Message] = []
        self.losses = 0
        self._heard = asyncio.Condition()

    async def listen(self) -> None:
        """Take in whatever comes until the link closes."""
        while batch := await self.link.receive():
            for message in batch:
                self._take(message)
            async with self._heard:
                self._heard.notify_all()

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until something is so; looked at after each batch of events."""
        async with asyncio.timeout(PATIENCE_S), self._heard:
            await self._heard.wait_for(happened)

    async def ended(self, count: int) -> list[Call]:
        """Wait until so many calls have ended and return them all."""
        await self.until(lambda: len(self._ended()) >= count)
        return self._ended()

    async def only_call(self) -> Call:
        """Wait for the one call; nothing of it may stay in memory."""
        (call,) = await self.ended(1)
        assert self.tracker.live_count == self.tracker.channel_count == 0
        return call

    def _ended(self) -> list[Call]:
        return [fact.call for fact in self.facts if isinstance(fact, CallEnded)]

    def _take(self, message: Message | LinkLost) -> None:
        if isinstance(message, LinkLost):
            self.losses += 1
            self.facts += self.tracker.apply(message)
            return
        self.messages.append(message)
        event = parse_event(message.headers, message.received_at)
        if event is not None:
            self.facts += self.tracker.apply(event)


@asynccontextmanager
async def listening(simulation: Simulation) -> AsyncIterator[Ear]:
    """An ear in step with a simulation that is open."""
    link = AmiLink(
        pbx="main",
        host="127.0.0.1",
        port=simulation.port,
        username="telemarketing",
        secret=SECRET,
        retry_first_s=0.01,
    )
    running = asyncio.create_task(link.run())
    ear = Ear(link)
    hearing = asyncio.create_task(ear.listen())
    try:
        async with asyncio.timeout(PATIENCE_S):
            await link.reached(LinkState.FOLLOWING)
        yield ear
    finally:
        link.close()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(running, hearing)
