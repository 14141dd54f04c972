"""What systemd is told of the daemon: ready, state, alive, stopping.

In: assignments as in sd_notify(3). Out: datagrams to the socket that systemd named; without one,
nothing happens. It never fails the daemon: a lost message costs at most a restart by the watchdog.
"""

import asyncio
import os
import socket

import structlog

log = structlog.get_logger(__name__)


def notify(*assignments: str) -> None:
    """Tell systemd something, like `notify("READY=1", "STATUS=Following 2 PBXs")`."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            sender.connect(address)
            sender.send("\n".join(assignments).encode())
    except OSError as error:
        log.warning("systemd was not told", assignments=assignments, reason=str(error))


async def feed_watchdog() -> None:
    """Tell systemd twice per watchdog interval that the event loop turns; for ever, or not at all.

    It must run as a task of the loop it vouches for. Returns at once when systemd expects no sign
    of life from this process.
    """
    interval_s = watchdog_interval_s()
    if interval_s is None:
        return
    while True:
        notify("WATCHDOG=1")
        await asyncio.sleep(interval_s / 2)


def watchdog_interval_s() -> float | None:
    """Give the silence after which systemd kills the process; None = it does not watch."""
    interval_us = os.environ.get("WATCHDOG_USEC", "")
    if os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    return int(interval_us) / 1_000_000 if interval_us.isdigit() and int(interval_us) else None
