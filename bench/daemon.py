"""The daemon under test, as systemd runs it: the command, a settings file, a notification socket.

In: a database and the port of a PBX. Out: when it was ready, how much memory it holds, and what it
says in its log, which it writes after the commit and never before.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from bench.report import ROOT
from tests.daemon import PbxAddress, write_settings

RUNTIME = ROOT / ".venv-runtime" / "bin" / "python"
"""Python with what users install and nothing else; `make bench` makes it."""
PYTHON = str(RUNTIME if RUNTIME.exists() else sys.executable)
_COMMAND = (PYTHON, "-P", "-m", "telemarketing", "serve", "--config")
_AS_IN_THE_UNIT = {"MALLOC_ARENA_MAX": "2"}
_PATIENCE_S = 60.0


class Daemon:
    """`telemarketing serve`, started when it is made.

    Args:
        folder: for its settings, log and socket.
        url: address of its database.
        ami_port: where on this machine the PBX is; nobody need be there.
    """

    def __init__(self, folder: Path, url: str, ami_port: int) -> None:
        self._log = folder / "daemon.log"
        config = folder / "config.toml"
        write_settings(config, url, [PbxAddress("bench", "127.0.0.1", ami_port, "correct")])
        notify = folder / "notify"
        notify.unlink(missing_ok=True)
        self._notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notified.bind(str(notify))
        self._notified.settimeout(_PATIENCE_S)
        port = _free_port()
        self.panel_url = f"http://127.0.0.1:{port}"
        with self._log.open("wb") as log:
            self.started_s = time.perf_counter()
            self._process = subprocess.Popen(
                [*_COMMAND, config],
                stderr=log,
                env=os.environ
                | {
                    "NOTIFY_SOCKET": str(notify),
                    "TELEMARKETING_PANEL__PORT": str(port),
                    "MALLOC_ARENA_MAX": "2",
                },
            )

    def ready_after_s(self) -> float:
        """Wait for READY=1 and give the time since the start of the process."""
        self._told("READY=1")
        return time.perf_counter() - self.started_s

    def follows(self) -> None:
        """Wait until it is logged in to the PBX and in step with it."""
        self._told("following")

    def resident_mb(self) -> float:
        """Give what it holds of the machine's memory, in MB (10^6 bytes)."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return resident_mb(status)

    def cpu_s(self) -> float:
        """Give the CPU time that it has used so far, of all its threads."""
        after_name = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

    def stored(self) -> dict[str, float]:
        """Give the calls whose end it has committed: linkedid -> epoch seconds, by its log."""
        with self._log.open("rb") as log:
            told = [json.loads(line) for line in log if b'"call stored"' in line]
        return {one["linkedid"]: datetime.fromisoformat(one["time"]).timestamp() for one in told}

    def wait_until_stored(self, count: int) -> dict[str, float]:
        """Wait until so many calls are stored, and give them all."""
        until_s = time.perf_counter() + _PATIENCE_S
        while len(stored := self.stored()) < count:
            assert time.perf_counter() < until_s, f"{len(stored)} of {count} calls were stored"
            time.sleep(0.2)
        return stored

    def stop(self) -> None:
        """Stop it in good order."""
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(_PATIENCE_S)
        self._notified.close()
        assert code == 0, self._log.read_text()[-2000:]

    def _told(self, text: str) -> None:
        while text not in self._notified.recv(4096).decode():
            assert self._process.poll() is None, self._log.read_text()[-2000:]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def resident_mb(status: str) -> float:
    """Read VmRSS out of the text of /proc/PID/status; MB of 10^6 bytes."""
    (line,) = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(line.split()[1]) * 1024 / 1e6


@contextmanager
def daemon(folder: Path, url: str, ami_port: int) -> Iterator[Daemon]:
    """Run the daemon for as long as the block lasts."""
    started = Daemon(folder, url, ami_port)
    try:
        yield started
    finally:
        started.stop()
