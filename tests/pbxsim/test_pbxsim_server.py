"""The manager interface of the simulated PBX, as clients of all kinds meet it."""

import asyncio
import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from telemarketing.ami.link import LinkState
from telemarketing.pbxsim import outbound
from telemarketing.pbxsim.actions import Headers
from telemarketing.pbxsim.script import Script
from telemarketing.pbxsim.simulation import Simulation
from tests.ami.server import follow
from tests.pbxsim.ear import PATIENCE_S, SECRET, listening


class Client:
    """Somebody who types actions by hand."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def read(self) -> Headers:
        """The next message."""
        async with asyncio.timeout(PATIENCE_S):
            block = await self.reader.readuntil(b"\r\n\r\n")
        lines = block.decode().strip("\r\n").split("\r\n")
        return dict(line.split(": ", 1) for line in lines)

    async def ask(self, **headers: str) -> Headers:
        """Send an action and return what comes next."""
        lines = "".join(f"{key}: {value}\r\n" for key, value in headers.items())
        self.writer.write(lines.encode() + b"\r\n")
        return await self.read()

    async def log_in(self, secret: str = SECRET) -> Headers:
        """Log in and return the response."""
        return await self.ask(Action="Login", Username="telemarketing", Secret=secret)

    async def closed(self) -> bytes:
        """Wait for the end of the connection and return what came before it."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.read()


@asynccontextmanager
async def client(simulation: Simulation) -> AsyncIterator[Client]:
    """A connection that has been greeted."""
    reader, writer = await asyncio.open_connection("127.0.0.1", simulation.port)
    async with asyncio.timeout(PATIENCE_S):
        assert await reader.readline() == b"Asterisk Call Manager/11.0.0\r\n"
    try:
        yield Client(reader, writer)
    finally:
        writer.close()


async def test_a_wrong_secret_is_refused_in_the_words_of_asterisk() -> None:
    """The link takes it for what it is: a person must look at it."""
    async with Simulation(secret="another") as simulation:
        async with follow(simulation.port) as follower:
            async with asyncio.timeout(PATIENCE_S):
                await follower.link.reached(LinkState.REFUSED)

        assert simulation.server.follower_count == 0


@pytest.mark.process
async def test_after_a_wrong_secret_the_connection_is_closed() -> None:
    """As Asterisk does it, after a second."""
    async with Simulation(secret=SECRET) as simulation, client(simulation) as typing:
        refused = await typing.log_in("wrong")

        assert refused == {"Response": "Error", "Message": "Authentication failed"}
        assert await typing.closed() == b""


@pytest.mark.parametrize(("secret", "said"), [(SECRET, "Success"), ("wrong", "Error")])
async def test_a_login_by_challenge_needs_the_right_secret(secret: str, said: str) -> None:
    """The secret itself does not go over the wire."""
    async with Simulation(secret=SECRET) as simulation, client(simulation) as typing:
        given = await typing.ask(Action="Challenge", AuthType="MD5")
        key = hashlib.md5((given["Challenge"] + secret).encode()).hexdigest()  # noqa: S324
        login = {"Action": "Login", "Username": "telemarketing", "AuthType": "MD5", "Key": key}

        assert (await typing.ask(**login))["Response"] == said


async def test_before_the_login_nothing_is_told() -> None:
    """Neither answers nor events."""
    async with Simulation(secret=SECRET) as simulation, client(simulation) as typing:
        await outbound.busy(simulation.pbx, Script(("101",), "0501000001", 0, 0))

        assert (await typing.ask(Action="Ping"))["Message"] == "Permission denied"


async def test_an_unknown_action_gets_an_error_with_its_action_id() -> None:
    """And the connection lives on."""
    async with Simulation(secret=SECRET) as simulation, client(simulation) as typing:
        assert (await typing.log_in())["Message"] == "Authentication accepted"
        assert (await typing.read())["Event"] == "FullyBooted"

        unknown = await typing.ask(Action="MakeCoffee", ActionID="7")
        assert unknown["Response"] == "Error"
        assert unknown["ActionID"] == "7"
        assert unknown["Message"].startswith("Invalid/unknown command: MakeCoffee.")
        assert (await typing.ask(Nonsense="1"))["Message"] == "Missing action in request"
        assert (await typing.ask(Action="ping", ActionID="8"))["Ping"] == "Pong"
        assert (await typing.ask(Action="CoreSettings"))["AMIversion"] == "11.0.0"
        assert (await typing.ask(Action="CoreStatus"))["CoreCurrentCalls"] == "0"
        assert (await typing.ask(Action="Logoff"))["Response"] == "Goodbye"
        assert await typing.closed() == b""


async def test_the_lists_of_channels_tell_who_talks_with_whom() -> None:
    """Both know the same bridge and each other; Status tells the variables as well."""
    simulation = Simulation(secret=SECRET, talked_s=[500.5])
    async with simulation, client(simulation) as typing:
        await typing.log_in()
        await typing.read()

        started = await typing.ask(Action="CoreShowChannels", ActionID="1")
        operator, line, complete = [await typing.read() for _ in range(3)]
        await typing.ask(Action="Status", AllVariables="true")
        status = await typing.read()

    assert started["EventList"] == "start"
    assert complete["Event"] == "CoreShowChannelsComplete"
    assert complete["ListItems"] == "2"
    assert operator["CallerIDNum"] == line["ConnectedLineNum"] == "380443000000"
    assert operator["ConnectedLineNum"] == line["CallerIDNum"] == operator["Exten"]
    assert operator["BridgeId"] == line["BridgeId"] != ""
    assert operator["Uniqueid"] == operator["Linkedid"] == line["Linkedid"]
    assert operator["Duration"][:4] == "00:0"
    assert operator["Duration"][4:] >= "8:20"
    assert status["Event"] == "Status"
    assert status["Variable"]


async def test_half_of_what_is_said_is_of_no_use_as_with_a_real_asterisk(tmp_path: Path) -> None:
    """Load on it weighs as much; the Cdr comes last, and names the file without its folder."""
    simulation = Simulation(secret=SECRET, recordings=tmp_path)
    async with simulation, client(simulation) as typing:
        await typing.log_in()
        await outbound.answered(simulation.pbx, Script(("101",), "0501000001", 0.01, 0.01))
        assert (await typing.read())["Event"] == "FullyBooted"
        heard = [await typing.read() for _ in range(simulation.pbx.event_count)]

    varset_count = sum(one["Event"] == "VarSet" for one in heard)
    assert len(heard) > 50
    assert 0.4 < varset_count / len(heard) < 0.6
    assert [one["Event"] for one in heard[-3:]] == ["Hangup", "Hangup", "Cdr"]
    assert heard[-1]["Disposition"] == "ANSWERED"
    (recording,) = (one["Value"] for one in heard if one.get("Variable") == "MIXMONITOR_FILENAME")
    assert heard[-1]["RecordingFile"] == Path(recording).name
    assert all("Timestamp" in one for one in heard)


async def test_every_client_hears_everything() -> None:
    """In the same order, from one moment on."""
    async with (
        Simulation(secret=SECRET) as simulation,
        listening(simulation) as one,
        listening(simulation) as other,
    ):
        await outbound.answered(simulation.pbx, Script(("101",), "0501000001", 0.02, 0.02))
        await one.only_call()
        await other.only_call()

        assert [message.headers for message in one.messages if "Timestamp" in message.headers] == [
            message.headers for message in other.messages if "Timestamp" in message.headers
        ]


async def test_a_client_that_does_not_read_is_cut_off_and_holds_up_nobody() -> None:
    """The others hear each call as if it were not there."""
    async with Simulation(secret=SECRET) as simulation:
        async with stalled(simulation), listening(simulation) as ear:
            assert simulation.server.follower_count == 2
            calls = 0
            while simulation.server.follower_count == 2:
                await outbound.busy(simulation.pbx, Script(("101",), "0501000001", 0, 0))
                calls += 1
                assert calls < 5000, "it was never cut off"
                await ear.ended(calls)

        assert ear.losses == 0


@asynccontextmanager
async def stalled(simulation: Simulation) -> AsyncIterator[None]:
    """A client that logs in and never reads again."""
    loop = asyncio.get_running_loop()
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.setblocking(False)
        await loop.sock_connect(sock, ("127.0.0.1", simulation.port))
        login = f"Action: Login\r\nUsername: telemarketing\r\nSecret: {SECRET}\r\n\r\n"
        await loop.sock_sendall(sock, login.encode())
        yield
