"""A week of cold calls on a real Asterisk: 200 unknown numbers, 190 of them answer.

In: a department whose first two phones are the seller's and a colleague's, and the daemon that
follows. Out: the clients who were not reached, five of whom may then call back.
"""

import asyncio
from collections.abc import Callable

from tests.asterisk.office import Client, Department
from tests.asterisk.phone import Answer, ReceivedCall, Refuse, Script
from tests.daemon import Daemon

SELLER = "Иваненко Иван Иванович"
COLLEAGUE = "Петренко Пётр Петрович"
_RING_S = 0.15
_TALK_S = 0.5
"""A PBX that waits for its processor must not get answer and hang-up at once."""
_AT_ONCE = 6


async def rings_out(call: ReceivedCall) -> None:
    """Ring until the provider gives up."""
    call.ring()
    await asyncio.sleep(0.3)
    call.refuse(480)


_UNANSWERED: list[Script] = [rings_out, Refuse(486), Refuse(603), Refuse(404), Refuse(503)] * 2
_SPELLINGS: list[Callable[[str], str]] = [
    lambda number: number,
    lambda number: number.removeprefix("+"),
    lambda number: "0" + number.removeprefix("+380"),
    lambda number: "00" + number.removeprefix("+"),
    lambda number: number,
]


async def dial_the_week(department: Department, daemon: Daemon) -> list[Client]:
    """Dial all 200, while the daemon is killed once; give the ten who were not reached."""
    answering: Script = Answer(_RING_S, _TALK_S)
    await _dial_many(department, [answering] * 95)
    unreached = await _dial_many(department, _UNANSWERED[:5])
    await _talk_across_a_kill(department, daemon, 5)
    unreached += await _dial_many(department, _UNANSWERED[5:])
    await _dial_many(department, [answering] * 90)
    return unreached


async def call_back(department: Department, clients: list[Client]) -> None:
    """Each calls in under another spelling; the seller answers, the last time a colleague."""
    for seat in (1, 2):
        department.operator(seat).script = Answer(_RING_S, _TALK_S)
    for place, (client, spelt) in enumerate(zip(clients, _SPELLINGS, strict=True)):
        seat = 2 if place == len(clients) - 1 else 1
        shown_as = f"<sip:{spelt(client.number)}@provider.invalid>"
        await client.call(department.direct_did(seat), shown_as=shown_as).ended()


async def _dial(department: Department, script: Script) -> Client:
    """The seller dials a client whose script ends the call."""
    client = department.client(script)
    await department.operator(1).call(client.national).ended()
    return client


async def _dial_many(department: Department, scripts: list[Script]) -> list[Client]:
    """Dial clients, a few at once, as several sellers with one extension would."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(script: Script) -> Client:
        async with gate:
            return await _dial(department, script)

    return await asyncio.gather(*(one(script) for script in scripts))


async def _talk_across_a_kill(department: Department, daemon: Daemon, count: int) -> None:
    """Talks go on while the daemon is killed and comes back; then the seller hangs up."""
    clients = [department.client(Answer(_RING_S)) for _ in range(count)]
    calls = [department.operator(1).call(client.national) for client in clients]
    for call in calls:
        await call.answered()
    await daemon.kill()
    await daemon.start()
    for call in calls:
        call.hang_up()
    for call in calls:
        await call.ended()
