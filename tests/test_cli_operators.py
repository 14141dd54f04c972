"""Operators on the command line, on both databases."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli import run, time_zone, write_settings


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Iterator[Path]:
    """Give the settings of an empty database, in Kyiv."""
    with time_zone("Europe/Kyiv"):
        yield write_settings(tmp_path / "config.toml", database_url)


def listed(config: Path) -> list[dict[str, Any]]:
    """Give all operators."""
    result = run("operator", "list", "--config", config, "--json")
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_an_operator_is_added_with_all_that_was_typed(config: Path) -> None:
    """Days are those of the machine's zone, mobiles may be written as people write them."""
    result = run(
        "operator", "add", "--config", config, "Іваненко Іван Іванович",
        "--extension", "101", "--extension", "131", "--pbx", "main", "--from", "2026-11-01",
        "--mobile", "050 111-22-33", "--department", "Продажі", "--role", "supervisor",
    )  # fmt: skip

    (person,) = listed(config)
    operator_id = person.pop("id")
    assert result.stdout == (
        f"Operator {operator_id}: Іваненко Іван Іванович. 101 on main since 2026-11-01; "
        "131 on main since 2026-11-01\n"
    )
    assert person == {
        "full_name": "Іваненко Іван Іванович",
        "department": "Продажі",
        "role": "supervisor",
        "disabled_at": None,
        "extensions": [
            {
                "extension": extension,
                "pbx": "main",
                "valid_from": "2026-10-31T22:00:00.000+00:00",
                "valid_until": None,
            }
            for extension in ("101", "131")
        ],
        "mobiles": ["+380501112233"],
    }


def test_without_a_day_an_extension_is_owned_from_today(config: Path) -> None:
    """Calls of this morning that are not stored yet find their operator."""
    run("operator", "add", "--config", config, "Іваненко Іван", "--extension", "101")

    (person,) = listed(config)

    assert person["extensions"][0]["valid_from"].endswith("T22:00:00.000+00:00")


def test_an_extension_changes_hands_when_asked_to(config: Path) -> None:
    """By mistake it does not; what was before stays with the former owner."""
    run("operator", "add", "--config", config, "А Б", "--extension", "101", "--from", "2026-11-01")
    again = ("operator", "add", "--config", config, "В Г", "--extension", "101")

    refused = run(*again, "--from", "2026-11-20")
    taken = run(*again, "--from", "2026-11-20", "--take-over")

    former, owner = listed(config)
    assert refused.exit_code == 1
    assert "101 is А Б's since" in refused.stderr
    assert taken.exit_code == 0
    assert former["extensions"][0]["valid_until"] == owner["extensions"][0]["valid_from"]


def test_an_unknown_pbx_is_refused(config: Path) -> None:
    """An extension on a PBX that does not exist would be nobody's."""
    result = run("operator", "add", "--config", config, "А Б", "--extension", "101", "--pbx", "x")

    assert result.exit_code == 2
    assert 'There is no PBX "x"; the settings have: main.' in result.stderr
    assert listed(config) == []


@pytest.mark.parametrize("by_name", [True, False])
def test_an_operator_is_disabled_by_name_or_id(config: Path, by_name: bool) -> None:
    """From the given day on; the person stays in the list."""
    run("operator", "add", "--config", config, "А Б", "--extension", "101", "--from", "2026-11-01")
    who = "А Б" if by_name else str(listed(config)[0]["id"])

    result = run("operator", "disable", "--config", config, who, "--from", "2026-11-20T18:30")

    assert result.exit_code == 0
    assert "disabled 2026-11-20 18:30:00" in result.stdout
    assert listed(config)[0]["disabled_at"] == "2026-11-20T16:30:00.000+00:00"


def test_a_name_that_two_people_have_is_not_guessed(config: Path) -> None:
    """The id decides."""
    for extension in ("101", "102"):
        run("operator", "add", "--config", config, "А Б", "--extension", extension)

    twice = run("operator", "disable", "--config", config, "А Б")
    nobody = run("operator", "disable", "--config", config, "В Г")

    assert (twice.exit_code, nobody.exit_code) == (1, 1)
    assert '2 operators are called "А Б"; give the id' in twice.stderr
    assert 'no operator is called "В Г"; give the id' in nobody.stderr
    assert [person["disabled_at"] for person in listed(config)] == [None, None]


def test_the_list_is_a_table_for_people(config: Path) -> None:
    """Columns stand under their titles."""
    run("operator", "add", "--config", config, "Іваненко Іван", "--extension", "101")
    run("operator", "add", "--config", config, "Ян", "--extension", "102")

    titles, *rows = run("operator", "list", "--config", config).stdout.splitlines()

    assert [row[titles.index("role") :].split()[0] for row in rows] == ["operator", "operator"]


def test_a_day_that_is_none_is_wrong_usage(config: Path) -> None:
    """The form that is understood is shown."""
    result = run("operator", "add", "--config", config, "А Б", "--from", "01.11.2026")

    assert result.exit_code == 2
    assert '"01.11.2026" is no day like 2026-11-22 or 2026-11-22T08:30' in result.stderr


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31T23:59-12:00"])
def test_a_day_beyond_all_clocks_is_wrong_usage(config: Path, day: str) -> None:
    """What cannot be shown is not stored."""
    result = run("operator", "add", "--config", config, "А Б", "--from", day)

    assert result.exit_code == 2
    assert "is no year of telephone calls" in result.stderr


def test_an_id_beyond_all_ids_is_nobodys(config: Path) -> None:
    """A number that no database can hold is taken for a name."""
    result = run("operator", "disable", "--config", config, "9" * 30)

    assert result.exit_code == 1
    assert "no operator is called" in result.stderr


def test_an_empty_list_says_so(config: Path) -> None:
    """Titles over nothing would look like a fault."""
    result = run("operator", "list", "--config", config)

    assert (result.stdout, result.stderr) == ("", "No operators.\n")
