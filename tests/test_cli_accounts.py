"""Passwords on the command line, on both databases."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from telemarketing import clock
from telemarketing.cli.main import main
from telemarketing.crm.accounts import Accounts
from telemarketing.crm.passwords import Passwords
from telemarketing.model.operator import Role
from telemarketing.storage.engine import Database
from telemarketing.storage.sessions import SignedIn
from tests.cli import run, time_zone, write_settings


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Iterator[Path]:
    """Give the settings of a database in which Ivanenko works."""
    with time_zone("Europe/Kyiv"):
        path = write_settings(tmp_path / "config.toml", database_url)
        run("operator", "add", "--config", path, "Иваненко Иван", "--extension", "101")
        yield path


def signs_in(database_url: str, login: str, password: str) -> SignedIn | None:
    """Sign in as the panel does, and tell as whom."""

    async def sign_in() -> SignedIn | None:
        database = Database(database_url)
        await database.open()
        accounts = Accounts(database, Passwords(), 3600)
        now = clock.now_ms()
        try:
            token = await accounts.sign_in(login, password, "", now)
            return None if token is None else await accounts.find_signed_in(token, now)
        finally:
            await database.close()

    return asyncio.run(sign_in())


def test_a_password_typed_twice_lets_a_person_in(config: Path, database_url: str) -> None:
    """It has to be changed at the sign-in, for somebody else knows it."""
    arguments = ["operator", "password", "Иваненко Иван", "--login", "Ivan", "--config"]
    typed = "long enough\nlong enough\n"

    result = CliRunner().invoke(main, [*arguments, str(config)], input=typed)

    assert result.exit_code == 0
    assert "long enough" not in result.output
    signed_in = signs_in(database_url, "ivan", "long enough")
    assert signed_in is not None
    assert signed_in.must_change


def test_a_password_from_stdin_needs_no_terminal(config: Path, database_url: str) -> None:
    """Scripts give it on one line; the login is the one that is there."""
    password = ["operator", "password", "1", "--stdin", "--keep", "--config", str(config)]
    CliRunner().invoke(main, [*password, "--login", "ivan"], input="first of them\n")

    result = CliRunner().invoke(main, password, input="second of them\n")

    assert result.exit_code == 0
    assert signs_in(database_url, "ivan", "first of them") is None
    signed_in = signs_in(database_url, "ivan", "second of them")
    assert signed_in is not None
    assert not signed_in.must_change


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "sentence"),
    [
        (["1", "--login", "ivan"], "short", 1, "password: it is too short; take 10 characters"),
        (["1", "--login", "Longer-Than-10"], "longer-than-10", 1, "password: it is the login"),
        (["1", "--login", " "], "long enough", 1, "login: give one line"),
        (["9", "--login", "ivan"], "long enough", 1, "there is no operator 9"),
        (["1"], "long enough", 2, "name a login by --login"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_a_sentence(
    config: Path, arguments: list[str], typed: str, code: int, sentence: str
) -> None:
    """Nothing is stored, and the exit code tells whether usage or content was wrong."""
    command = ["operator", "password", *arguments, "--stdin", "--config", str(config)]

    result = CliRunner().invoke(main, command, input=f"{typed}\n")

    assert result.exit_code == code
    assert sentence in result.output


def test_somebody_new_may_get_a_login_at_once(config: Path, database_url: str) -> None:
    """`operator add --login` shows a password once; a login that is taken adds nobody."""
    add = ("operator", "add", "--config", config)
    shown = run(*add, "Петренко Пётр", "--login", "petro").stdout
    found = re.search(r"Signs in as petro with (\S+),", shown)
    assert found is not None

    assert signs_in(database_url, "petro", found[1]) is not None
    refused = run(*add, "Другой Пётр", "--login", "PETRO")
    assert refused.exit_code == 1
    assert "somebody else's" in refused.stderr
    assert "Другой" not in run("operator", "list", "--config", config).stdout


def test_a_locked_out_administrator_gets_in_again(config: Path, database_url: str) -> None:
    """The first time a person is made; later the same one is enabled, with another password."""
    reset = ("reset-administrator", "--config", config)
    passwords = []
    for _ in range(2):
        shown = run(*reset).stdout
        found = re.search(r"Operator (\d+).*\nSigns in as administrator with (\S+),", shown)
        assert found is not None
        passwords.append(found[2])
        run("operator", "disable", found[1], "--config", config, "--from", "2026-01-01")
        assert signs_in(database_url, "administrator", found[2]) is None

    found = re.search(r"with (\S+),", run(*reset).stdout)
    assert found is not None
    signed_in = signs_in(database_url, "administrator", found[1])
    assert signed_in is not None
    assert signed_in.viewer.role is Role.ADMINISTRATOR
    assert signs_in(database_url, "administrator", passwords[0]) is None
