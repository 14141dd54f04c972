"""Many open streams in one cheap process, and the least that writing to them costs.

In: where a panel is, and sessions; or nothing but a pace. Out: how many messages all of them were
sent, and their bytes. A reader looks at nothing but where a message ends.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection

from bench.panel_people import cookie
from bench.processes import pin

_AT_ONCE = 100
"""Connections that are made at the same time: more than that a server need not queue."""
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Heard:
    """What all streams together were sent since the last count."""

    messages: int
    byte_count: int
    open_count: int
    """Streams that were still open."""


class _Reader(asyncio.Protocol):
    """One browser, as far as the network sees it."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.messages = 0
        self.byte_count = 0
        self.is_open = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport  # else it is collected, and the connection with it
        transport.write(self._request)

    def data_received(self, received: bytes) -> None:
        self.messages += received.count(b"\n\n")
        self.byte_count += len(received)
        if self.messages and not self.greeted.done():
            self.greeted.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = False
        if not self.greeted.done():
            self.greeted.set_exception(exc or ConnectionError("no stream was opened"))

    def forget(self) -> None:
        """Count from now on."""
        self.messages = self.byte_count = 0


def listen(
    pipe: "Connection[object, object]", core: int | None, port: int, requests: Sequence[bytes]
) -> None:
    """Open a stream for each request, and hold it.

    The pipe says "open" when all have had their first message; each "count" is answered with a
    `Heard`, and counting begins anew.
    """
    pin(core)
    asyncio.run(_listen(pipe, port, requests))


async def _listen(pipe: "Connection[object, object]", port: int, requests: Sequence[bytes]) -> None:
    loop = asyncio.get_running_loop()
    readers: list[_Reader] = []
    async with asyncio.timeout(_PATIENCE_S):
        for first in range(0, len(requests), _AT_ONCE):
            made = await asyncio.gather(
                *(
                    loop.create_connection(partial(_Reader, one), "127.0.0.1", port)
                    for one in requests[first : first + _AT_ONCE]
                )
            )
            readers += [reader for _, reader in made]
            await asyncio.gather(*(reader.greeted for _, reader in made))
    pipe.send("open")
    while await asyncio.to_thread(pipe.recv):
        heard = Heard(
            sum(one.messages for one in readers),
            sum(one.byte_count for one in readers),
            sum(one.is_open for one in readers),
        )
        for one in readers:
            one.forget()
        pipe.send(heard)


def stream_requests(panel_url: str, tokens: Sequence[str]) -> list[bytes]:
    """Give what a browser sends to open its stream, for each session."""
    host = panel_url.removeprefix("http://")
    return [
        f"GET /live HTTP/1.1\r\nHost: {host}\r\nAccept: text/event-stream\r\n"
        f"Cookie: {cookie(panel_url, token)}\r\n\r\n".encode()
        for token in tokens
    ]


def port_of(panel_url: str) -> int:
    """Give the port of an address."""
    return int(panel_url.rpartition(":")[2])


def speak(
    pipe: "Connection[object, object]",
    core: int | None,
    count: int,
    message: bytes,
    per_s: float,
    lasts_s: float,
) -> None:
    """Be the floor: a server that writes the same bytes to each connection, and nothing else.

    The pipe gives the port, takes one go when all connections are there, and gives the CPU seconds
    that the writing took.
    """
    pin(core)
    asyncio.run(_speak(pipe, count, message, per_s, lasts_s))


async def _speak(
    pipe: "Connection[object, object]", count: int, message: bytes, per_s: float, lasts_s: float
) -> None:
    writers: list[asyncio.StreamWriter] = []

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(message)
        writers.append(writer)

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    pipe.send(server.sockets[0].getsockname()[1])
    await asyncio.to_thread(pipe.recv)
    assert len(writers) == count, f"{len(writers)} of {count} streams are open"
    began_cpu_s = time.process_time()
    began_s = time.perf_counter()
    for number in range(round(per_s * lasts_s)):
        await asyncio.sleep(began_s + number / per_s - time.perf_counter())
        for writer in writers:
            writer.write(message)
    pipe.send(time.process_time() - began_cpu_s)
