"""Commands as processes of their own: beside a PBX, with a full disk, and what they load."""

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ami.server import AmiServer
from tests.cli import SESSION, write_settings

pytestmark = pytest.mark.process


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give a settings file with one PBX, nowhere yet."""
    return write_settings(tmp_path / "config.toml", f"sqlite:///{tmp_path}/telemarketing.db")


def add(config: Path, line: str) -> None:
    """Add a line to the settings of the PBX."""
    config.write_text(f"{config.read_text()}{line}\n")


async def typed(*arguments: str | Path) -> tuple[int | None, str, str]:
    """Run a command as a process of its own, beside the PBX of this test."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "telemarketing",
        *map(str, arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


async def test_a_capture_can_be_replayed(config: Path, tmp_path: Path) -> None:
    """What a PBX says ends up in the file, and the file gives the call."""
    out = tmp_path / "out.ami"
    async with AmiServer() as pbx:
        add(config, f"port = {pbx.port}")
        pbx.secret = "s3cret"
        capturing = asyncio.create_task(
            typed("capture", "--config", config, out, "--pbx", "main", "--seconds", "2")
        )
        await pbx.heard("CoreShowChannels")
        pbx.say(SESSION.partition("\n")[2].replace("\n", "\r\n").encode())
        exit_code, said, _ = await capturing

    _, replayed, _ = await typed("replay", out, "--json")
    (call,) = replayed.splitlines()
    assert exit_code == 0
    assert f"messages in {out}" in said
    assert json.loads(call)["number"] == "+380441234567"
    assert "s3cret" not in await asyncio.to_thread(out.read_text)


async def test_a_refused_login_ends_a_capture_with_5(config: Path, tmp_path: Path) -> None:
    """A wrong secret is said in one sentence, not tried for ever."""
    async with AmiServer() as pbx:
        add(config, f"port = {pbx.port}")
        exit_code, _, err = await typed("capture", "--config", config, tmp_path / "out.ami")

    assert exit_code == 5
    assert "telemarketing: main refused the login" in err
    assert "Traceback" not in err
    assert "s3cret" not in err


async def test_a_capture_of_nothing_ends_with_5(config: Path, tmp_path: Path) -> None:
    """An empty recording is no success, even when somebody ended it in time."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        add(config, f"port = {nobody.getsockname()[1]}")
        exit_code, said, err = await typed(
            "capture", "--config", config, tmp_path / "out.ami", "--seconds", "0.1"
        )

    assert (exit_code, said) == (5, "")
    assert "telemarketing: main said nothing" in err


async def test_help_costs_no_library() -> None:
    """`--help` and a mistyped option answer at once, also on the small machine of a PBX."""
    program = (
        "import sys, telemarketing.cli.main; "
        "print(*sys.modules.keys() & {'sqlalchemy', 'pydantic', 'panoramisk', 'phonenumbers'})"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE
    )
    loaded, _ = await process.communicate()

    assert loaded.decode() == "\n"


def test_a_full_disk_behind_the_output_is_said(config: Path) -> None:
    """`telemarketing check-config > FILE` on a full disk ends in a sentence."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "telemarketing", "check-config", "--config", str(config)],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
        )

    assert done.returncode == 1
    assert done.stderr.decode() == (
        "telemarketing: the output cannot be written: No space left on device\n"
    )
