"""Put an Asterisk of another Debian release into a folder of the cache, without installing it.

In: a version, 22 or 16. Out: the folder, complete and ready for chroot. The host system is not
changed; the packages come from the mirror that the host's own apt uses.
"""

import fcntl
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

SUITES = {22: "sid", 16: "bullseye"}
"""Version of Asterisk -> the Debian suite that carries it."""

_RECIPE = "1"
"""Raised when the steps below change: folders of an older recipe are built anew."""

_PACKAGES = (
    "asterisk",
    "asterisk-modules",
    "asterisk-core-sounds-en-gsm",
    "asterisk-moh-opsound-wav",
)
_STAMP = "telemarketing-recipe"
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class CannotBuild(Exception):
    """This machine cannot make the folder; the text says what to install or change."""


def asterisk_root(version: int) -> Path:
    """Return the folder that holds this Asterisk, building it first when it is not there (40 s).

    Raises:
        CannotBuild: not root, debootstrap or a mirror is missing, or a step failed.
    """
    if os.geteuid() != 0:
        raise CannotBuild("real Asterisks are kept in chroot folders, which needs root: use sudo")
    cache = _cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / f"asterisk-{version}"
    with _only_builder(cache / f"asterisk-{version}.lock"):
        if not _is_complete(root):
            _build(version, root)
    return root


def debian_mirror(apt: Path, codename: str) -> str:
    """Return the address of the Debian mirror that apt uses for the host's own release.

    Args:
        apt: apt's folder of settings, `/etc/apt`.
        codename: the host's release, `bookworm`; other suppliers name their suites otherwise.

    Raises:
        CannotBuild: apt has no such source.
    """
    for file in [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]:
        for address, suites, components in _sources(file):
            if codename in suites and "main" in components:
                return address
    raise CannotBuild(f"no Debian mirror for {codename} found in {apt}/sources.list(.d)")


def _sources(file: Path) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    """Address, suites and components of each binary source, from either of apt's two formats."""
    if not file.is_file():
        return
    if file.suffix == ".sources":
        for stanza in re.split(r"\n\s*\n", file.read_text()):
            fields = dict(re.findall(r"^([A-Za-z-]+):\s*(.*)$", stanza, re.MULTILINE))
            addresses = fields.get("URIs", "").split()
            if addresses and "deb" in fields.get("Types", "").split():
                yield addresses[0], fields["Suites"].split(), fields.get("Components", "").split()
    elif file.suffix == ".list":
        for line in re.findall(
            r"^\s*deb\s+(?:\[[^]]*\]\s*)?(\S.*)$", file.read_text(), re.MULTILINE
        ):
            address, suite, *components = line.split("#")[0].split()
            yield address, [suite], components


def _codename() -> str:
    release = platform.freedesktop_os_release()
    if release["ID"] != "debian":
        raise CannotBuild("real Asterisks are taken from Debian's packages: use a Debian host")
    return release["VERSION_CODENAME"]


def _cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "telemarketing-tests"


@contextmanager
def _only_builder(lock: Path) -> Iterator[None]:
    """Hold the lock: a second builder waits, then finds the folder complete."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_complete(root: Path) -> bool:
    stamp = root / _STAMP
    return stamp.is_file() and stamp.read_text() == _RECIPE


def _build(version: int, root: Path) -> None:
    if shutil.which("debootstrap", path=_PATH) is None:
        raise CannotBuild("debootstrap is missing: apt-get install debootstrap")
    mirror = debian_mirror(Path("/etc/apt"), _codename())
    started = time.monotonic()
    _say(version, f"building {root} from Debian {SUITES[version]}, once")
    for left_over in root.parent.glob(f"{root.name}.half-built-*"):
        shutil.rmtree(left_over)
    half_built = Path(tempfile.mkdtemp(prefix=f"{root.name}.half-built-", dir=root.parent))
    try:
        half_built.chmod(0o755)
        _bootstrap(version, half_built, mirror)
        _install(version, half_built)
        (half_built / _STAMP).write_text(_RECIPE)
        shutil.rmtree(root, ignore_errors=True)
        half_built.rename(root)
    finally:
        shutil.rmtree(half_built, ignore_errors=True)
    _say(version, f"ready after {time.monotonic() - started:.0f} s")


def _bootstrap(version: int, root: Path, mirror: str) -> None:
    _say(version, "installing the base system")
    _run(["debootstrap", "--variant=minbase", SUITES[version], str(root), mirror])


def _install(version: int, root: Path) -> None:
    """Install Asterisk inside the folder; nothing may start there."""
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    # The Release file of a mirror's snapshot may count as expired.
    (root / "etc/apt/apt.conf.d/99telemarketing").write_text(
        'APT::Install-Recommends "false";\nAcquire::Check-Valid-Until "false";\n'
    )
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    _say(version, "installing Asterisk")
    inside = ["chroot", str(root), "apt-get", "-qq"]
    _run([*inside, "update"])
    _run([*inside, "install", "-y", *_PACKAGES])
    _run([*inside, "clean"])
    found = _run(["chroot", str(root), "asterisk", "-V"]).strip()
    if not found.startswith(f"Asterisk {version}."):
        raise CannotBuild(f"Debian {SUITES[version]} has {found} now, not Asterisk {version}")


def _run(command: Sequence[str]) -> str:
    environment = {
        "PATH": _PATH,
        "LC_ALL": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
    } | {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise CannotBuild(f"{' '.join(command)} failed with {done.returncode}:\n{tail}")
    return done.stdout


def _say(version: int, text: str) -> None:
    print(f"asterisk {version}: {text}", file=sys.stderr, flush=True)  # noqa: T201


def main() -> int:
    """Build both; the exit code is 1 when this machine cannot."""
    with ThreadPoolExecutor() as workers:
        builds = [workers.submit(asterisk_root, version) for version in SUITES]
    failures = {str(build.exception()) for build in builds if build.exception() is not None}
    for failure in failures:
        print(failure, file=sys.stderr)  # noqa: T201
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
