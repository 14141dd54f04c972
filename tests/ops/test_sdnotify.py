"""What systemd hears, on a real datagram socket."""

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from telemarketing.ops import sdnotify


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Give the socket on which systemd would listen."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
        monkeypatch.delenv("WATCHDOG_USEC", raising=False)
        yield receiver


async def heard(systemd: socket.socket) -> str:
    """Wait for the next datagram."""
    async with asyncio.timeout(5):
        return (await asyncio.get_running_loop().sock_recv(systemd, 4096)).decode()


async def test_assignments_arrive_as_one_datagram(systemd: socket.socket) -> None:
    """READY and STATUS belong together."""
    sdnotify.notify("READY=1", "STATUS=Following 2 PBXs")

    assert await heard(systemd) == "READY=1\nSTATUS=Following 2 PBXs"


async def test_an_abstract_socket_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers may name a socket without a file by an @."""
    name = f"telemarketing-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind("\0" + name)
        receiver.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + name)

        sdnotify.notify("STOPPING=1")

        assert await heard(receiver) == "STOPPING=1"


def test_without_systemd_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon started by hand tells nobody."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)

    sdnotify.notify("READY=1")


def test_a_dead_socket_does_not_stop_the_daemon(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The message is lost, the caller goes on."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))

    sdnotify.notify("READY=1")


async def test_the_watchdog_is_fed_again_and_again(
    systemd: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two signs of life per interval, from the loop itself."""
    monkeypatch.setenv("WATCHDOG_USEC", "20000")
    feeding = asyncio.create_task(sdnotify.feed_watchdog())

    signs = [await heard(systemd) for _ in range(3)]

    feeding.cancel()
    with suppress(asyncio.CancelledError):
        await feeding
    assert signs == ["WATCHDOG=1"] * 3


@pytest.mark.parametrize(
    ("variables", "interval_s"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({}, None),
    ],
)
def test_the_interval_is_systemds(
    systemd: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    interval_s: float | None,
) -> None:
    """It counts only for the process that systemd means."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert sdnotify.watchdog_interval_s() == interval_s
