"""The documents say what is true: links lead somewhere, commands and targets exist."""

import re
from pathlib import Path

import click
import pytest

from telemarketing.cli.command import exit_code
from telemarketing.cli.main import main
from telemarketing.errors import AmiError, ConfigError, StorageError, TelemarketingError
from telemarketing.model.call import Direction, Disposition

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("recordings/*.md")])


def commands(group: click.Group = main, prefix: str = "") -> set[str]:
    """Give every command by its full name, like `operator add`."""
    names: set[str] = set()
    for name, command in group.commands.items():
        names.add(prefix + name)
        if isinstance(command, click.Group):
            names |= commands(command, f"{prefix}{name} ")
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    """Nobody follows a link into nothing."""
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text())

    dead = [
        link
        for link in links
        if not link.startswith(("http:", "https:")) and not (page.parent / link).exists()
    ]

    assert dead == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_and_targets_that_pages_show_exist(page: Path) -> None:
    """What stands in a document can be typed."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = page.read_text()

    shown_commands = set(
        re.findall(r"(?:^|`|bin/)telemarketing ([a-z][a-z-]+)", text, re.MULTILINE)
    )
    shown_targets = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))

    assert shown_commands <= commands()
    assert shown_targets <= targets


def test_every_command_is_explained() -> None:
    """docs/operations.md names each command, and so does `--help`."""
    text = (ROOT / "docs/operations.md").read_text()

    named = {name for name in commands() if f"`{name.split()[-1]}" in text or f"`{name}" in text}

    assert named == commands()
    assert all(command.help for command in main.commands.values())


def test_every_exit_code_is_explained() -> None:
    """docs/operations.md has a line for each way a command can end."""
    rows = re.findall(r"^\| (\d) \|", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)

    kinds = (ConfigError, StorageError, AmiError, TelemarketingError)
    codes = {0, click.UsageError.exit_code, *(exit_code(kind("")) for kind in kinds)}

    assert {int(row) for row in rows} == codes


def test_every_decision_is_in_the_index() -> None:
    """A decision nobody finds decides nothing."""
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text()

    missing = [page.name for page in folder.glob("[0-9]*.md") if f"({page.name})" not in index]

    assert missing == []


def test_the_glossary_has_the_words_that_users_see() -> None:
    """How a call ended and where it went are words with a meaning."""
    glossary = (ROOT / "docs/glossary.md").read_text()

    assert [word for word in (*Disposition, *Direction) if f"*{word}*" not in glossary] == []


def test_the_unit_starts_a_command_that_exists() -> None:
    """The service and the command line do not drift apart."""
    unit = (ROOT / "systemd/telemarketing.service").read_text()

    started = re.search(r"^ExecStart=\S+/telemarketing ([a-z-]+) (--[a-z]+) ", unit, re.MULTILINE)

    assert started is not None
    command = main.commands[started[1]]
    assert started[2] in [option for parameter in command.params for option in parameter.opts]
