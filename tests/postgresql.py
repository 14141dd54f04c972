"""A PostgreSQL server for one run of the tests: on the loopback, fast, gone afterwards."""

import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

FAST = ("fsync=off", "full_page_writes=off", "autovacuum=off")
_MEMORY = Path("/dev/shm")  # noqa: S108 - start_server() makes a folder of its own in it
_ROOM_BYTES = 1_000_000_000
"""What all tests together need at most; containers often have no more than 64 MB there."""
_INSTALL = "PostgreSQL's server programs are missing: apt-get install postgresql"


@dataclass
class Server:
    """A running server; everybody on this machine may log in as its superuser."""

    programs: Path
    folder: Path
    port: int
    settings: tuple[str, ...] = FAST
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        """Address of one of its databases."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, name: str | None = None, template: str = "template0") -> str:
        """Make a database and return its name."""
        name = name or f"test_{next(self._numbers)}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Remove a database and throw out whoever still uses it."""
        self.sql(f'DROP DATABASE "{name}" WITH (FORCE)')

    def sql(self, statement: str, database: str = "postgres") -> None:
        """Run one statement as the superuser."""
        address = f"host=127.0.0.1 port={self.port} user=postgres dbname={database}"
        command = [
            str(self.programs / "psql"),
            "-qX",
            "-v",
            "ON_ERROR_STOP=1",
            "-c",
            statement,
            address,
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=30)

    def start(self) -> None:
        """Start it, again if it was stopped; it keeps its port and what it stores."""
        settings = [
            f"port={self.port}",
            "listen_addresses=127.0.0.1",
            f"unix_socket_directories={self.folder}",
            *self.settings,
        ]
        options = " ".join(f"-c {setting}" for setting in settings)
        self._control("start", "-o", options, "-l", str(self.folder / "log"))

    def stop(self) -> None:
        """Stop it without ceremony and remove all it had."""
        self.halt()
        shutil.rmtree(self.folder)

    def halt(self) -> None:
        """Stop it as a crash would; `start` brings it back."""
        self._control("stop", "-m", "immediate")

    def _control(self, *arguments: str) -> None:
        cluster = self.folder / "cluster"
        _run(self.programs / "pg_ctl", "-s", "-w", "-D", str(cluster), *arguments)


def start_server(settings: tuple[str, ...] = FAST, disk: Path | None = None) -> Server:
    """Make a cluster in a new folder and start it (about 2 s).

    Args:
        settings: `name=value` of postgresql.conf; none = durable, as PostgreSQL is by itself.
        disk: in which folder its own is made; None = where temporary files are.

    Raises:
        RuntimeError: PostgreSQL is not installed; the text says what to install.
    """
    folder = Path(tempfile.mkdtemp(prefix="telemarketing-postgresql-", dir=disk))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    server = Server(_find_programs(), folder, _free_port(), settings)
    _run(
        server.programs / "initdb",
        *("-D", str(folder / "cluster"), "-U", "postgres", "-A", "trust"),
        *("--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"),
    )
    server.start()
    return server


def folder_in_memory() -> Path | None:
    """Where a new database costs a tenth of the time; None = there is no room in memory."""
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < _ROOM_BYTES:
        return None
    return _MEMORY


def _find_programs() -> Path:
    on_path = shutil.which("initdb")
    if on_path is not None:
        return Path(on_path).resolve().parent
    found = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise RuntimeError(_INSTALL)
    return max(found, key=lambda path: float(path.parts[-3])).parent


def _run(program: Path, *arguments: str) -> None:
    """Run a program of the server; PostgreSQL refuses root, so root becomes its user."""
    change_user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
    command = [*(change_user if os.geteuid() == 0 else ()), str(program), *arguments]
    subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
        timeout=60,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
