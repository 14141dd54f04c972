"""The commands, as an administrator types them."""

import json
from pathlib import Path

import pytest

from tests.cli import SESSION, run, write_settings


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
        f"telemarketing: {config}, line 10: unknown key `pbx.prot`; "
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
