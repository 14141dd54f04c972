"""The daemon under test, as an administrator runs it: the command, a settings file, a database.

In: PBXs and the address of a database. Out: a process that says by systemd's protocol when it is
ready and in step; it can be stopped or killed, and started again on the same database.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tests.asterisk.pbx import AMI_PORT, Pbx

_COMMAND = str(Path(sys.executable).with_name("telemarketing"))
_PATIENCE_S = 20.0

_SETTINGS = """
[database]
url = "{url}"

[numbers]
region = "UA"
outside_prefixes = ["9"]

[panel]
port = {port}

[log]
level = "info"
format = "json"
"""

_PBX = """
[[pbx]]
name = "{name}"
host = "{host}"
port = {port}
username = "telemarketing"
secret = "{secret}"
"""


@dataclass(frozen=True, slots=True)
class PbxAddress:
    """What the settings say of one PBX."""

    name: str
    host: str
    port: int
    secret: str


def address_of(pbx: Pbx) -> PbxAddress:
    """A real Asterisk, as the user with the least rights."""
    return PbxAddress(f"asterisk-{pbx.version}", pbx.host, AMI_PORT, pbx.telemarketing_secret)


def write_settings(
    path: Path, url: str, pbxs: Sequence[PbxAddress], port: int = 0, more: str = ""
) -> None:
    """Write the settings of an office in Ukraine whose daemon logs for machines."""
    written = [_SETTINGS.format(url=url, port=port), *(_PBX.format(**asdict(pbx)) for pbx in pbxs)]
    path.write_text("".join(written) + more)
    path.chmod(0o600)


class Daemon:
    """`telemarketing serve` on a settings file of its own.

    Args:
        folder: where settings, log and the socket of systemd's protocol are.
        url: address of the database; need not exist yet.
        pbxs: whom to follow.
        port: where the panel listens; 0 = anywhere, and elsewhere after each start.
        more: further sections of the settings.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        pbxs: Sequence[PbxAddress],
        *,
        port: int = 0,
        more: str = "",
    ) -> None:
        self.config = folder / "config.toml"
        self._log = folder / "daemon.log"
        self._notify_path = folder / "notify"
        self._process: asyncio.subprocess.Process | None = None
        self._message = ""
        self._names = [pbx.name for pbx in pbxs]
        write_settings(self.config, url, pbxs, port, more)
        self._notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._notified.bind(str(self._notify_path))

    async def start(self) -> None:
        """Start it and wait until it follows every PBX."""
        await self.launch()
        await self.reaches("following")

    async def launch(self) -> None:
        """Start it and wait until it is ready, wherever its PBXs are."""
        self._forget_messages()
        environment = os.environ | {"NOTIFY_SOCKET": str(self._notify_path)}
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                _COMMAND, "serve", "--config", str(self.config), stderr=log, env=environment
            )
        await self._told("READY=1")

    def _forget_messages(self) -> None:
        """What an earlier process has said is over."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._notified.recv(4096)

    async def reaches(self, state: str, *names: str) -> None:
        """Wait until the daemon reports this state for these PBXs, without names for all."""
        await self._told(*(f"{name}: {state}" for name in names or self._names))

    async def _told(self, *words: str) -> None:
        """Wait until one of the daemon's messages to systemd holds all of these words."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_PATIENCE_S):
                while not all(word in self._message for word in words):
                    self._message = (await loop.sock_recv(self._notified, 4096)).decode()
        except TimeoutError:
            raise AssertionError(f"not {words}: {self._message}\n{self.log_text()}") from None

    async def stop(self) -> int:
        """Stop it by SIGTERM and return its exit code."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End it by SIGKILL, as the kernel does when memory is short."""
        await self._end(signal.SIGKILL)

    async def close(self) -> None:
        """Stop it if it runs, and leave nothing open."""
        if self._process is not None:
            await self.stop()
        self._notified.close()

    async def logs(self, words: str) -> None:
        """Wait until its log says this."""
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                if words in self.log_text():
                    return
                await asyncio.sleep(0.02)

    def log_text(self) -> str:
        """Return everything it has logged."""
        return self._log.read_text() if self._log.exists() else ""

    async def ask(self, *arguments: str) -> list[dict[str, Any]]:
        """Run another command on the same settings and return the JSON objects it printed."""
        printed = await self.command(*arguments)
        return [json.loads(line) for line in printed.splitlines() if line.startswith("{")]

    async def command(self, *arguments: str) -> str:
        """Run another command on the same settings and return what it printed."""
        process = await asyncio.create_subprocess_exec(
            _COMMAND,
            *arguments,
            "--config",
            str(self.config),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, errors = await process.communicate()
        assert process.returncode == 0, errors.decode()
        return out.decode()

    async def _end(self, signum: signal.Signals) -> int:
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signum)
        async with asyncio.timeout(_PATIENCE_S):
            code = await self._process.wait()
        self._process = None
        self._message = ""
        return code
