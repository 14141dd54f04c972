"""The lists of calls and leads on the command line, on both databases."""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from telemarketing.cli.lists import call_table
from telemarketing.cli.table import table
from telemarketing.clock import now_ms
from telemarketing.config_load import load
from telemarketing.crm.call_log import CallLog
from telemarketing.model.call import Call
from telemarketing.storage.engine import Database
from tests.cli import run, time_zone, write_settings
from tests.make import DAY_MS, MONDAY, answered, ended, make_call, make_incoming


async def record(database_url: str, calls: list[Call]) -> None:
    """Store calls as the daemon does."""
    database = Database(database_url)
    await database.open()
    await CallLog(database).record(calls)
    await database.close()


@pytest.fixture
def config(tmp_path: Path, database_url: str) -> Iterator[Path]:
    """Give the settings of a database with three calls on three days, in Kyiv.

    101 talked with 0441234567; the same number called back and rang out at 102; 101 calls somebody
    else right now.
    """
    with time_zone("Europe/Kyiv"):
        config = write_settings(tmp_path / "config.toml", database_url)
        first = ("operator", "add", "--config", config, "Іваненко Іван", "--extension", "101")
        run(*first, "--from", "2025-11-01")
        asyncio.run(
            record(
                database_url,
                [
                    ended(answered(make_call()), talk_ms=419_960),
                    ended(make_incoming("102", started_at=MONDAY + DAY_MS)),
                    make_call(
                        number="+380509998877",
                        raw_number="0509998877",
                        started_at=MONDAY + 2 * DAY_MS,
                    ),
                ],
            )
        )
        yield config


def objects(*arguments: str | Path) -> list[dict[str, Any]]:
    """Run a list as a script does."""
    return [json.loads(line) for line in run(*arguments, "--json").stdout.splitlines()]


def test_calls_are_listed_latest_first(config: Path) -> None:
    """People read local time, whole seconds, and whether a call goes on."""
    titles, *rows = run("calls", "--config", config).stdout.splitlines()

    assert titles.split()[:4] == ["started", "pbx", "direction", "number"]
    assert [row[:19] for row in rows] == [
        "2025-11-26 10:00:00",
        "2025-11-25 10:00:00",
        "2025-11-24 10:00:00",
    ]
    assert [row[titles.index("disposition") :].split()[0] for row in rows] == [
        "live",
        "no_answer",
        "answered",
    ]
    assert rows[2][titles.index("talk") :].split()[0] == "6:59"
    assert rows[2].endswith("Іваненко Іван")


def test_calls_as_json_have_the_form_of_replay_and_more(config: Path) -> None:
    """One object a line: the call, its lead, and the names of who took part."""
    call = objects("calls", "--config", config)[2]

    assert call["number"] == "+380441234567"
    assert call["started_at"] == "2025-11-24T08:00:00.000+00:00"
    assert call["talk_s"] == 419.96
    assert call["operators"][0]["full_name"] == "Іваненко Іван"
    assert call["responsible"] == "Іваненко Іван"
    assert isinstance(call["lead_id"], int)


def test_filters_narrow_the_list_of_calls(config: Path) -> None:
    """Each by itself and several together; days are local."""
    wanted = {
        "--number=044 123-45-67": [25, 24],
        "--number=0991234567": [],
        "--extension=102": [25],
        "--direction=outbound": [26, 24],
        "--disposition=no_answer": [25],
        "--live": [26],
        "--ended": [25, 24],
        "--since=2025-11-25": [26, 25],
        "--until=2025-11-25": [24],
        "--since=2025-11-24T10:01|--until=2025-11-26": [25],
    }

    found = {
        filters: [
            int(call["started_at"][8:10])
            for call in objects("calls", "--config", config, *filters.split("|"))
        ]
        for filters in wanted
    }

    assert found == wanted


def test_calls_of_an_operator_and_of_a_lead(config: Path) -> None:
    """Both go by id, as the other lists show it."""
    lead_id = objects("leads", "--config", config, "--number", "0441234567")[0]["id"]
    operator_id = objects("operator", "list", "--config", config)[0]["id"]

    assert len(objects("calls", "--config", config, "--lead", str(lead_id))) == 2
    assert len(objects("calls", "--config", config, "--operator", str(operator_id))) == 2


@pytest.mark.parametrize("what", ["calls", "leads"])
def test_pages_follow_each_other_without_gap(config: Path, what: str) -> None:
    """Where a page ends is told beside the list, and no page is empty."""
    whole = objects(what, "--config", config)
    pages: list[dict[str, Any]] = []
    place: list[str] = []
    while True:
        result = run(what, "--config", config, "--limit", "1", *place, "--json")
        pages += [json.loads(line) for line in result.stdout.splitlines()]
        more = re.search(r"--before \S+", result.stderr)
        if more is None:
            break
        place = more[0].split()

    assert pages == whole
    assert len(pages) > 1


def test_leads_are_listed_newest_first(config: Path) -> None:
    """Title and phone are the number, the status is the initial one."""
    titles, *rows = run("leads", "--config", config).stdout.splitlines()
    newest, first = objects("leads", "--config", config)

    assert titles.split() == [
        "id", "created", "title", "phone", "status", "responsible", "source", "calls",
    ]  # fmt: skip
    assert len(rows) == 2
    assert newest["title"] == newest["phone"] == "+380509998877"
    assert first.pop("id") < newest["id"]
    assert first == {
        "title": "+380441234567",
        "phone": "+380441234567",
        "status": "Установление контакта",
        "status_kind": "initial",
        "source": "исходящий звонок",
        "responsible_id": newest["responsible_id"],
        "responsible": "Іваненко Іван",
        "responsible_settled": True,
        "created_at": "2025-11-24T08:00:00.000+00:00",
        "call_count": 2,
    }


def test_filters_narrow_the_list_of_leads(config: Path) -> None:
    """By number in any spelling, title, status, responsible and day."""
    wanted = {
        "--number=380441234567": ["+380441234567"],
        "--text=99988": ["+380509998877"],
        "--status=Установление контакта": ["+380509998877", "+380441234567"],
        "--status=Отказ": [],
        "--unassigned": [],
        "--until=2025-11-25": ["+380441234567"],
    }

    found = {
        one: [lead["phone"] for lead in objects("leads", "--config", config, one)] for one in wanted
    }

    assert found == wanted


def test_leads_that_an_operator_may_see(config: Path) -> None:
    """The seller sees the own leads; a colleague sees none of them."""
    run("operator", "add", "--config", config, "Петренко Пётр", "--extension", "102")
    people = {
        one["full_name"]: one["id"] for one in objects("operator", "list", "--config", config)
    }

    seen = {
        name: [
            lead["phone"]
            for lead in objects("leads", "--config", config, "--visible-to", str(operator_id))
        ]
        for name, operator_id in people.items()
    }

    assert seen == {"Іваненко Іван": ["+380509998877", "+380441234567"], "Петренко Пётр": []}


def test_a_place_that_is_none_is_wrong_usage(config: Path) -> None:
    """A page cannot go on from nowhere."""
    result = run("calls", "--config", config, "--before", "yesterday")

    assert result.exit_code == 2
    assert "give the place that the page before ended with" in result.stderr


def test_a_list_without_a_database_says_what_to_run(tmp_path: Path) -> None:
    """Before the first migrate there is nothing to list."""
    config = write_settings(tmp_path / "config.toml", f"sqlite:///{tmp_path}/absent.db")

    result = run("leads", "--config", config)

    assert result.exit_code == 4
    assert "telemarketing migrate" in result.stderr


@pytest.mark.parametrize("option", ["--lead", "--operator", "--before"])
def test_an_id_that_no_database_holds_is_wrong_usage(config: Path, option: str) -> None:
    """The fault is with what was typed, not with the database."""
    typed = "9" * 30 + (":1" if option == "--before" else "")

    assert run("calls", "--config", config, option, typed).exit_code == 2


def test_a_list_may_begin_yesterday(config: Path) -> None:
    """The days that are asked for most have names."""
    address = load(config).database.url.get_secret_value()
    asyncio.run(record(address, [make_call(started_at=now_ms())]))

    assert len(objects("calls", "--config", config, "--since=yesterday")) == 1
    assert len(objects("calls", "--config", config, "--since=today")) == 1
    assert len(objects("calls", "--config", config, "--until=yesterday")) == 3


def test_an_empty_list_says_so(config: Path) -> None:
    """Titles over nothing would look like a fault, and a script that counts lines gets none."""
    calls = run("calls", "--config", config, "--number", "0991234567")
    leads = run("leads", "--config", config, "--text", "nobody")

    assert (calls.stdout, calls.stderr) == ("", "No calls.\n")
    assert (leads.stdout, leads.stderr) == ("", "No leads.\n")


def test_an_estimated_talk_is_marked() -> None:
    """Nobody takes a guess for a measurement."""
    call = replace(ended(answered(make_call()), talk_ms=33_000), end_estimated=True)

    assert call_table([call]).endswith("~0:33")


def test_figures_stand_under_each_other_by_their_last_digit() -> None:
    """Long and short talks can be compared at a glance; names begin at the left."""
    shown = table(("talk", "who"), [("0:07", "Ян"), ("12:30", "Іваненко")]).splitlines()

    assert shown == [" talk  who", " 0:07  Ян", "12:30  Іваненко"]
