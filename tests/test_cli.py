"""The commands, as an administrator types them."""

import asyncio
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ami.server import AmiServer
from tests.cli import run, write_settings

SESSION = """# one answered call
Event: Newchannel
Channel: PJSIP/101-00000001
ChannelState: 4
ChannelStateDesc: Ring
CallerIDNum: 101
Context: from-internal
Exten: 0441234567
Uniqueid: 1795310698.1
Linkedid: 1795310698.1
ReceivedAt: 1795310698.000

Event: Newchannel
Channel: PJSIP/provider-00000002
ChannelState: 0
ChannelStateDesc: Down
Context: from-trunk
Uniqueid: 1795310698.2
Linkedid: 1795310698.1
ReceivedAt: 1795310698.100

Event: DialBegin
Channel: PJSIP/101-00000001
Uniqueid: 1795310698.1
Linkedid: 1795310698.1
DestChannel: PJSIP/provider-00000002
DestUniqueid: 1795310698.2
DestLinkedid: 1795310698.1
DialString: 0441234567@provider
ReceivedAt: 1795310698.200

Event: DialEnd
Channel: PJSIP/101-00000001
Uniqueid: 1795310698.1
Linkedid: 1795310698.1
DestChannel: PJSIP/provider-00000002
DestUniqueid: 1795310698.2
DestLinkedid: 1795310698.1
DialStatus: BUSY
ReceivedAt: 1795310700.200

Event: Hangup
Channel: PJSIP/provider-00000002
Uniqueid: 1795310698.2
Linkedid: 1795310698.1
Cause: 17
ReceivedAt: 1795310700.300

Event: Hangup
Channel: PJSIP/101-00000001
Uniqueid: 1795310698.1
Linkedid: 1795310698.1
Cause: 17
ReceivedAt: 1795310700.400

"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Give a settings file with a database of its own, not made yet."""
    return write_settings(tmp_path / "config.toml", f"sqlite:///{tmp_path}/telemarketing.db")


def test_the_version_is_the_packages() -> None:
    """Scripts can ask what is installed."""
    assert run("--version").stdout == "telemarketing 0.1.0\n"


def test_help_names_the_exit_codes() -> None:
    """Whoever writes a script finds them without the documents."""
    assert "3 settings, 4 database, 5 PBX" in run("--help").stdout


def test_check_config_says_what_it_knows_and_what_not(config: Path) -> None:
    """A file that can be used, without anybody connected to."""
    result = run("check-config", "--config", config)

    assert result.exit_code == 0
    assert f"{config} can be used. PBXs: main (127.0.0.1:5038)." in result.stdout
    assert "Not checked: whether a PBX answers" in result.stdout
    assert result.stderr == ""


def test_check_config_warns_of_secrets(config: Path) -> None:
    """A secret that is absent here may be a credential of the service; one open to all is not."""
    config.chmod(0o644)
    exposed = run("check-config", "--config", config)
    config.write_text(config.read_text().replace('secret = "s3cret"', ""))
    absent = run("check-config", "--config", config)

    assert "every user of this machine may read its secrets" in exposed.stderr
    assert 'PBX "main" has no secret' in absent.stderr
    assert (exposed.exit_code, absent.exit_code) == (0, 0)


def test_unusable_settings_end_with_3(config: Path) -> None:
    """One line with file, line, key and cure; no traceback."""
    config.write_text(config.read_text() + "prot = 5038\n")

    result = run("serve", "--config", config)

    assert result.exit_code == 3
    assert result.stderr == (
        f"telemarketing: {config}, line 7: unknown key `pbx.prot`; "
        "the nearest known key is `port`.\n"
    )


def test_the_settings_file_may_come_from_the_environment(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody types --config twenty times."""
    monkeypatch.setenv("TELEMARKETING_CONFIG", str(config))

    assert f"{config} can be used" in run("check-config").stdout


def test_migrate_makes_the_database_once(config: Path) -> None:
    """The second run finds nothing to do and says so."""
    first = run("migrate", "--config", config)
    second = run("migrate", "--config", config)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "(before: none)" in first.stdout
    assert "already" in second.stdout
    assert config.with_name("telemarketing.db").exists()


def test_an_unusable_database_ends_with_4(config: Path) -> None:
    """What is no database is left as it is."""
    config.with_name("telemarketing.db").write_text("this is no database, just some words " * 50)

    result = run("migrate", "--config", config)

    assert result.exit_code == 4
    assert result.stderr.startswith("telemarketing: ")
    assert "Traceback" not in result.stderr


def test_replay_shows_the_calls_of_a_recording(tmp_path: Path) -> None:
    """Neither settings nor database are needed."""
    session = tmp_path / "session.ami"
    session.write_text(SESSION)

    table = run("replay", session)
    (call,) = [json.loads(line) for line in run("replay", session, "--json").stdout.splitlines()]

    assert "outbound" in table.stdout
    assert "+380441234567" in table.stdout
    assert call["number"] == "+380441234567"
    assert call["disposition"] == "busy"
    assert [one["extension"] for one in call["operators"]] == ["101"]


def test_replay_goes_by_the_settings(tmp_path: Path, config: Path) -> None:
    """The name of the PBX, its trunks and the region come from the file."""
    session = tmp_path / "session.ami"
    session.write_text(SESSION)
    config.write_text(config.read_text() + '[numbers]\nregion = "PL"\n')

    result = run("replay", session, "--config", config, "--json")

    call = json.loads(result.stdout)
    assert call["pbx"] == "main"
    assert call["raw_number"] == "0441234567"
    assert call["number"] != "+380441234567"


def test_a_recording_that_is_not_there_ends_with_1(tmp_path: Path) -> None:
    """The file is named, without a traceback."""
    result = run("replay", tmp_path / "absent.ami")

    assert result.exit_code == 1
    assert "absent.ami" in result.stderr


def test_capture_asks_which_pbx(config: Path, tmp_path: Path) -> None:
    """With several PBXs a capture of any of them would be a guess."""
    config.write_text(config.read_text() + '[[pbx]]\nname = "kyiv"\nsecret = "x"\n')

    result = run("capture", "--config", config, tmp_path / "out.ami")

    assert result.exit_code == 2
    assert "Name one PBX by --pbx: main, kyiv." in result.stderr


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
