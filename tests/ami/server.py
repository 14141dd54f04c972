"""A small scriptable manager interface over real TCP, and a link that follows it.

It greets, logs in, lists commands and channels and answers pings as a real Asterisk was seen to.
What a test is about it overrides: an answer, the greeting, silence, a cut.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Self

from telemarketing.ami.events import LinkLost
from telemarketing.ami.link import AmiLink
from telemarketing.ami.wire import Message

PATIENCE_S = 10
"""How long a test waits for what must come; only a failing one waits so long."""

Headers = dict[str, str]
Answer = Callable[[Headers], bytes]

COMMANDS = {
    "CoreShowChannels": "List currently active channels.  (Priv: system,reporting,all)",
    "ListCommands": "List available manager commands.  (Priv: <none>)",
    "Ping": "Keepalive command.  (Priv: <none>)",
}


def message(headers: Headers) -> bytes:
    """One message as it goes over the wire."""
    return "".join(f"{key}: {value}\r\n" for key, value in headers.items()).encode() + b"\r\n"


def event(name: str, privilege: str = "call,all", /, **headers: str) -> bytes:
    """One event with a header Privilege."""
    return message({"Event": name, "Privilege": privilege, **headers})


def newchannel(counter: int) -> bytes:
    """A Newchannel whose Uniqueid tells its place in a row of them."""
    return event("Newchannel", Channel=f"PJSIP/101-{counter:08x}", Uniqueid=f"1795314603.{counter}")


def response(action: Headers, **headers: str) -> bytes:
    """The successful response to an action."""
    return message({"Response": "Success", "ActionID": action["ActionID"], **headers})


def denied(action: Headers) -> bytes:
    """The response to an action the account has no right to."""
    return response(action, Response="Error", Message="Permission denied")


def silence(_action: Headers) -> bytes:
    """No answer at all."""
    return b""


class AmiServer:
    """A PBX on a port of its own; starts with `async with`."""

    def __init__(self, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.port = port
        self.greeting = b"Asterisk Call Manager/11.0.0\r\n"
        self.secret = "correct"
        self.tells_boot = True
        self.channels: list[str] = []
        """Uniqueids of the channels that live now."""
        self.commands = dict(COMMANDS)
        self.answers: dict[str, Answer] = {
            "Login": self._login,
            "ListCommands": lambda action: response(action, **self.commands),
            "CoreShowChannels": self._list_channels,
            "Ping": lambda action: response(action, Ping="Pong"),
        }
        self.actions: list[Headers] = []
        """Every action ever received, in order."""
        self.connection_count = 0
        self._tls = tls
        self._writers: list[asyncio.StreamWriter] = []
        self._happened = asyncio.Condition()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", self.port, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        await self._server.wait_closed()

    @property
    def writer(self) -> asyncio.StreamWriter:
        """The newest connection."""
        return self._writers[-1]

    def say(self, *pieces: bytes) -> None:
        """Send bytes to the newest connection."""
        self.writer.write(b"".join(pieces))

    def hang_up(self) -> None:
        """Close the newest connection after what was said; bytes on the way still arrive."""
        self.writer.close()

    def count(self, name: str) -> int:
        """How often an action of this name was received."""
        return sum(action.get("Action") == name for action in self.actions)

    async def heard(self, name: str, times: int = 1) -> Headers:
        """Wait until an action was received so many times and return the newest."""
        await self.until(lambda: self.count(name) >= times)
        return [action for action in self.actions if action.get("Action") == name][-1]

    async def connected(self, times: int) -> None:
        """Wait until so many connections were made in all."""
        await self.until(lambda: self.connection_count >= times)

    async def until(self, happened: Callable[[], bool]) -> None:
        """Wait until something is so; looked at whenever a connection or action comes."""
        async with asyncio.timeout(PATIENCE_S), self._happened:
            await self._happened.wait_for(happened)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        writer.write(self.greeting)
        try:
            async with self._happened:
                self.connection_count += 1
                self._happened.notify_all()
            while block := await reader.readuntil(b"\r\n\r\n"):
                lines = block.decode().rstrip("\r\n").split("\r\n")
                action = dict(line.split(": ", 1) for line in lines)
                async with self._happened:
                    self.actions.append(action)
                    self._happened.notify_all()
                writer.write(self.answers.get(action["Action"], response)(action))
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def _login(self, action: Headers) -> bytes:
        if action.get("Secret") != self.secret:
            return response(action, Response="Error", Message="Authentication failed")
        booted = event("FullyBooted", "system,all", Status="Fully Booted")
        return response(action, Message="Authentication accepted") + booted * self.tells_boot

    def _list_channels(self, action: Headers) -> bytes:
        action_id = action["ActionID"]
        items = [
            message({"Event": "CoreShowChannel", "ActionID": action_id, "Uniqueid": uniqueid})
            for uniqueid in self.channels
        ]
        end = {"Event": "CoreShowChannelsComplete", "ActionID": action_id, "EventList": "Complete"}
        return response(action, EventList="start") + b"".join(items) + message(end)


class Follower:
    """A link that runs, and its consumer."""

    def __init__(self, link: AmiLink, running: "asyncio.Task[None]") -> None:
        self.link = link
        self.running = running
        self._received: list[Message | LinkLost] = []

    async def next(self, count: int) -> list[Message | LinkLost]:
        """Wait for the next events and return exactly so many."""
        async with asyncio.timeout(PATIENCE_S):
            while len(self._received) < count:
                batch = await self.link.receive()
                assert batch, f"the link closed after {self._received}"
                self._received += batch
        taken, self._received = self._received[:count], self._received[count:]
        return taken

    async def until_lost(self) -> list[Message | LinkLost]:
        """Wait for the loss of the link and return what came before it."""
        before: list[Message | LinkLost] = []
        while not isinstance(entry := (await self.next(1))[0], LinkLost):
            before.append(entry)
        return before

    async def ended(self) -> None:
        """Wait until `run()` has returned."""
        async with asyncio.timeout(PATIENCE_S):
            await self.running


def names(entries: list[Message | LinkLost]) -> list[str]:
    """`Newchannel` and the like; `LinkLost` for the loss of the link."""
    return [
        "LinkLost" if isinstance(entry, LinkLost) else entry.headers["Event"] for entry in entries
    ]


def uniqueids(entries: list[Message | LinkLost]) -> list[str]:
    """The channels of a row of events."""
    return [entry.headers["Uniqueid"] for entry in entries if isinstance(entry, Message)]


@asynccontextmanager
async def follow(port: int, **changes: object) -> AsyncIterator[Follower]:
    """A running link to the PBX on that port of this machine, quick to try again."""
    settings: dict[str, Any] = {
        "pbx": "main",
        "host": "127.0.0.1",
        "port": port,
        "username": "telemarketing",
        "secret": "correct",
        "retry_first_s": 0.01,
        **changes,
    }
    link = AmiLink(**settings)
    running = asyncio.create_task(link.run())
    follower = Follower(link, running)
    try:
        yield follower
    finally:
        link.close()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.wait([running])
