"""`python -m telemarketing.pbxsim` as somebody types it."""

import asyncio
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

PATIENCE_S = 20


@asynccontextmanager
async def command(*arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The command, running; ended at the end if it still does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "telemarketing.pbxsim",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_of(process: asyncio.subprocess.Process) -> str:
    """The next line it prints."""
    assert process.stdout is not None
    return (await process.stdout.readline()).decode().rstrip()


@pytest.mark.process
async def test_it_says_where_it_listens_lives_and_ends_at_a_ctrl_c() -> None:
    """Its report tells calls that end, and its own client."""
    load = ("--rate", "50", "--operators", "100", "--ring-s", "0.1", "--talk-s", "0.1")
    async with command("--port", "0", "--quiet", "--report", *load) as process:
        address, _, port = (await line_of(process)).rpartition(":")
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
        # Who does not read is cut off, and then counted no more.
        hearing = asyncio.create_task(reader.read())
        writer.write(b"Action: Login\nUsername: telemarketing\nSecret: simulated\n\n")
        report = ""
        while "1 clients" not in report or " 0 calls" in report:
            report = await line_of(process)
        process.send_signal(signal.SIGINT)
        _, errors = await process.communicate()
        await hearing
        writer.close()

    assert address == "listening on 127.0.0.1"
    assert "events/s" in report
    assert process.returncode == 0
    assert errors == b""


@pytest.mark.process
async def test_a_port_that_is_taken_is_told_in_a_sentence() -> None:
    """No traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        async with command("--quiet", "--port", str(taken.getsockname()[1])) as process:
            _, errors = await process.communicate()

    assert process.returncode == 1
    assert b"address already in use" in errors
    assert b"Traceback" not in errors


@pytest.mark.process
async def test_where_sound_files_go_must_be_said() -> None:
    """Or that there are none."""
    async with command("--port", "0") as process:
        _, errors = await process.communicate()

    assert process.returncode == 2
    assert b"--recordings DIR" in errors
