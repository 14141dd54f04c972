"""One running Asterisk of the test suite.

In: a version. Out: a PBX on a loopback network of its own, 127.x.y.0/24: itself at .1, the phone
of extension 101 at .101, the provider at .200. Nothing of it can be seen from other machines, and
several run side by side. It places no calls; the phones do.
"""

import random
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.asterisk.build import asterisk_root

DEPARTMENTS = range(8)
"""Department d: extensions 1d1-1d6, a ring group, queues and DIDs of its own."""
PLACES = range(1, 7)
UNREGISTERED_PLACE = 5

AMI_PORT = 5038
_TEMPLATES = Path(__file__).parent / "config"
_SHIPPED = Path(__file__).parents[2] / "config/asterisk"
_READY_WITHIN_S = 20.0
_STOPPED_WITHIN_S = 5.0


class Pbx:
    """An Asterisk from `start` to `stop`; also a context manager.

    Args:
        version: 22 or 16.
    """

    def __init__(self, version: int) -> None:
        self.version = version
        self.telemarketing_secret = secrets.token_hex(16)
        """Of the AMI user `telemarketing`, as config/asterisk/ makes it."""
        self.capture_secret = secrets.token_hex(16)
        """Of the AMI user `capture`, who may read and write everything."""
        self._root = asterisk_root(version)
        self._reservation, self.network = _reserve_network()
        self.host = f"{self.network}.1"
        self.home = Path(tempfile.mkdtemp(prefix="pbx-", dir=self._root / "tmp"))
        """The instance's own folder, as the host sees it."""
        self._home_inside = "/" + str(self.home.relative_to(self._root))
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def recordings(self) -> Path:
        """Where MixMonitor writes, as the host sees it."""
        return self.home / "spool" / "monitor"

    def start(self) -> None:
        """Start Asterisk and return when it is fully booted (about 1 s)."""
        self._write_configuration()
        # Were the test run killed, Asterisk would otherwise live on.
        command = ["setpriv", "--pdeathsig", "KILL", *self._inside("asterisk", "-f")]
        with (self.home / "log" / "console").open("wb") as console:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=console, stderr=subprocess.STDOUT
            )
        self._wait_until_booted()

    def stop(self) -> None:
        """Stop Asterisk at once and remove what it wrote."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(_STOPPED_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        shutil.rmtree(self.home, ignore_errors=True)
        self._reservation.close()

    def cli(self, command: str) -> str:
        """Run one command of Asterisk's console and return what it printed (30 ms, blocking)."""
        done = subprocess.run(
            self._inside("asterisk", "-rx", command), capture_output=True, text=True, check=True
        )
        return done.stdout

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _inside(self, *command: str) -> list[str]:
        program, *options = command
        configuration = f"{self._home_inside}/etc/asterisk.conf"
        return ["chroot", str(self._root), program, "-C", configuration, *options]

    def _wait_until_booted(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + _READY_WITHIN_S
        control = self.home / "run" / "asterisk.ctl"
        while time.monotonic() < deadline and self._process.poll() is None:
            if control.exists() and self._answers():
                return
            time.sleep(0.02)
        console = (self.home / "log" / "console").read_text(errors="replace")
        raise RuntimeError(f"Asterisk {self.version} did not boot: {console[-2000:]}")

    def _answers(self) -> bool:
        asked = subprocess.run(
            self._inside("asterisk", "-rx", "core waitfullybooted"),
            capture_output=True,
            text=True,
            check=False,
        )
        return "fully booted" in asked.stdout

    def _write_configuration(self) -> None:
        for folder in ("etc", "lib", "cache", "spool", "run", "log"):
            (self.home / folder).mkdir(exist_ok=True)
        values = {
            "HOME": self._home_inside,
            "MODULES": self._modules(),
            "NETWORK": self.network,
            "HOST": self.host,
            "AMI_PORT": str(AMI_PORT),
            "CAPTURE_SECRET": self.capture_secret,
        }
        values["PHONES"] = "\n".join(
            _phone(self.network, department, place)
            for department in DEPARTMENTS
            for place in PLACES
        )
        values["QUEUES"] = "\n".join(
            _filled(_TEMPLATES / "queues-department.conf", {"DEPARTMENT": str(department)})
            for department in DEPARTMENTS
        )
        for template in _TEMPLATES.glob("*.conf"):
            (self.home / "etc" / template.name).write_text(_filled(template, values))
        account = (_SHIPPED / "manager.d-telemarketing.conf").read_text()
        account = account.replace("CHANGE-ME", self.telemarketing_secret)
        (self.home / "etc" / "telemarketing.conf").write_text(account)
        recording = (_SHIPPED / "extensions-recording.conf").read_text()
        (self.home / "etc" / "telemarketing-recording.conf").write_text(recording)

    def _modules(self) -> str:
        (found,) = self._root.glob("usr/lib/**/asterisk/modules")
        return "/" + str(found.relative_to(self._root))


def _phone(network: str, department: int, place: int) -> str:
    extension = f"1{department}{place}"
    registered = place != UNREGISTERED_PLACE
    contact = f"contact = sip:{extension}@{network}.{extension}:5060" if registered else ""
    values = {"EXTENSION": extension, "NETWORK": network, "CONTACT": contact}
    return _filled(_TEMPLATES / "pjsip-phone.conf", values)


def _filled(template: Path, values: dict[str, str]) -> str:
    text = template.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def _reserve_network() -> tuple[socket.socket, str]:
    """Take a /24 of 127/8 that no other PBX has; it is ours while the socket is open."""
    while True:
        network = f"127.{random.randint(1, 254)}.{random.randint(0, 255)}"  # noqa: S311
        reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            reservation.bind((f"{network}.254", 5060))
        except OSError:
            reservation.close()
            continue
        return reservation, network
