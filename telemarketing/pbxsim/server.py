"""The manager interface of the simulated PBX: TCP on loopback, any number of clients.

In: actions of clients, events of the PBX. Out: both sent in one order to everybody who is logged
in. It waits for no client: whoever reads too slowly is cut off, as Asterisk does it.
"""

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from random import Random
from typing import Self

from telemarketing.pbxsim.actions import AMI_VERSION, Headers, refusal, response

_BEHIND_MOST_BYTES = 4 * 1024 * 1024
"""So much may wait for a client beyond the kernel's buffers; then it is cut off."""

_REFUSED_STAYS_S = 1.0
"""For so long Asterisk holds a connection after a refused login."""
_BOOTED = (
    b"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 1\r\nLastReload: 1\r\n"
    b"Status: Fully Booted\r\n\r\n"
)


class ManagerServer:
    """Starts and stops with `async with`.

    Args:
        answer: the whole answer to an action of a client that is logged in.
        port: 0 = any free one.
        username: of the one account there is.
        secret: of that account.
        rng: makes the challenges of MD5 logins.
    """

    def __init__(
        self,
        answer: Callable[[Headers], bytes],
        *,
        port: int,
        username: str,
        secret: str,
        rng: Random,
    ) -> None:
        """See the class."""
        self.port = port
        self._answer = answer
        self._username = username
        self._secret = secret
        self._rng = rng
        self._followers: set[asyncio.StreamWriter] = set()
        self._connected: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self._waiting: list[bytes] = []

    async def __aenter__(self) -> Self:
        """Listen; raises OSError when the port is taken."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Send what is waiting and end every connection; waits for no client."""
        self._server.close()
        self._send_waiting()
        serving = list(self._connected.values())
        for writer, task in self._connected.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def follower_count(self) -> int:
        """How many clients are logged in."""
        return len(self._followers)

    def say(self, event: bytes) -> None:
        """Send an event to all who are logged in, together with the others of this moment."""
        if not self._followers:
            return
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._send_waiting)
        self._waiting.append(event)

    def drop_connections(self) -> None:
        """Close every connection without a word, as a restart of Asterisk does; listens on."""
        for writer in self._connected:
            writer.close()

    def _send_waiting(self) -> None:
        events = b"".join(self._waiting)
        self._waiting.clear()
        for writer in [one for one in self._followers if not one.is_closing()]:
            writer.write(events)
            if writer.transport.get_write_buffer_size() > _BEHIND_MOST_BYTES:
                writer.transport.abort()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connected[writer] = asyncio.create_task(self._serve(reader, writer))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(f"Asterisk Call Manager/{AMI_VERSION}\r\n".encode())
            if await self._log_in(reader, writer):
                await self._obey(reader, writer)
        except (ConnectionError, ValueError, asyncio.IncompleteReadError):
            return  # gone, or no end of its line: Asterisk closes as well
        finally:
            self._followers.discard(writer)
            del self._connected[writer]
            writer.close()

    async def _log_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Talk with a client until it is logged in; False when it may not or will not be."""
        challenge = str(self._rng.randrange(10**8, 10**9))
        while True:
            action = await _read_action(reader)
            match action.get("action", "").lower():
                case "challenge" if action.get("authtype", "").upper() == "MD5":
                    writer.write(response(action, Challenge=challenge))
                case "challenge":
                    writer.write(refusal(action, "Must specify AuthType"))
                case "login":
                    if self._is_right(action, challenge):
                        break
                    writer.write(refusal(action, "Authentication failed"))
                    await asyncio.sleep(_REFUSED_STAYS_S)
                    return False
                case "logoff":
                    writer.write(_goodbye(action))
                    return False
                case _:
                    writer.write(refusal(action, "Permission denied"))
        self._send_waiting()
        writer.write(response(action, Message="Authentication accepted") + _BOOTED)
        self._followers.add(writer)
        return True

    async def _obey(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            action = await _read_action(reader)
            if action.get("action", "").lower() == "logoff":
                writer.write(_goodbye(action))
                return
            self._send_waiting()
            writer.write(self._answer(action))

    def _is_right(self, action: Headers, challenge: str) -> bool:
        said, right = action.get("secret", ""), self._secret
        if action.get("authtype", "").upper() == "MD5":
            digest = hashlib.md5((challenge + self._secret).encode(), usedforsecurity=False)
            said, right = action.get("key", ""), digest.hexdigest()
        return action.get("username") == self._username and hmac.compare_digest(
            said.encode(), right.encode()
        )


async def _read_action(reader: asyncio.StreamReader) -> Headers:
    """Read the next action, its names in small letters.

    Raises:
        IncompleteReadError: the client is gone.
        ValueError: a line has no end.
    """
    headers: Headers = {}
    while True:
        line = await reader.readline()
        if not line.endswith(b"\n"):
            raise asyncio.IncompleteReadError(line, None)
        name, colon, value = line.decode("utf-8", "backslashreplace").strip().partition(":")
        if colon:
            headers.setdefault(name.lower(), value.strip())
        elif headers:
            return headers


def _goodbye(action: Headers) -> bytes:
    return response(action, "Goodbye", Message="Thanks for all the fish.")
