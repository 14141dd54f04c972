"""Every plain case through a real Asterisk and the real daemon: what is stored is what happened.

All cases of one Asterisk are placed once, eight departments at a time, and then asked for one by
one.
"""

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from telemarketing.crm.operators import add_operator
from telemarketing.storage.engine import Database
from tests.asterisk.build import SUITES
from tests.asterisk.cases import CASES, place
from tests.asterisk.office import Department, open_office
from tests.asterisk.pbx import DEPARTMENTS, Pbx
from tests.asterisk.truth import Truth, differences
from tests.daemon import Daemon, address_of

_TOLERANCE_S = 0.1


def full_name(extension: str) -> str:
    """Of the operator whose extension it is."""
    return f"Оператор Номер {extension}"


@dataclass(frozen=True, slots=True)
class Placed:
    """One case that has happened."""

    truth: Truth
    department: int
    place: int
    """How many cases its department had before it."""


@dataclass(frozen=True, slots=True)
class Day:
    """All cases on one Asterisk, and what the daemon stored of them."""

    placed: dict[str, Placed]
    calls: list[dict[str, Any]]
    leads: list[dict[str, Any]]

    def call_of(self, name: str) -> dict[str, Any]:
        """The stored call of a case: a department has its cases, and so its calls, in turn."""
        placed = self.placed[name]
        calls = [call for call in self.calls if department_of(call) == placed.department]
        return sorted(calls, key=lambda call: str(call["started_at"]))[placed.place]


def department_of(call: dict[str, Any]) -> int:
    """Extensions are 1<department><place>; DIDs end with one, or with 1<department>0."""
    name: str = call["operators"][0]["extension"] if call["operators"] else call["did"]
    return int(name[-2])


@pytest.fixture(scope="session", params=SUITES, ids="asterisk-{}".format)
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Every case, placed on one Asterisk while the daemon follows it with its least rights."""
    folder = tmp_path_factory.mktemp("daemon")
    with Pbx(request.param) as pbx:
        yield asyncio.run(_live_through(pbx, folder))


async def _live_through(pbx: Pbx, folder: Path) -> Day:
    url = f"sqlite:///{folder}/telemarketing.db"
    daemon = Daemon(folder, url, [address_of(pbx)])
    await daemon.ask("migrate")
    await _employ(url)
    await daemon.start()
    placed: dict[str, Placed] = {}
    waiting = list(CASES.values())

    async def work(department: Department) -> None:
        for turn in itertools.count():
            if not waiting:
                return
            case = waiting.pop(0)
            truth = await place(case, department, pbx.version)
            placed[case.name] = Placed(truth, department.number, turn)

    try:
        async with open_office(pbx) as office, asyncio.TaskGroup() as group:
            for department in office.departments:
                group.create_task(work(department))
        calls = await _all_ended(daemon, len(CASES))
        leads = await daemon.ask("leads", "--json", "--limit", "1000")
    finally:
        await daemon.close()
    return Day(placed, calls, leads)


async def _employ(url: str) -> None:
    """Give everybody but the fourth of each department, whose extension is nobody's, a name."""
    database = Database(url)
    await database.open()
    for extension in (f"1{number}{seat}" for number in DEPARTMENTS for seat in (1, 2, 3)):
        await add_operator(
            database, full_name=full_name(extension), extensions=[extension], valid_from=0
        )
    await database.close()


async def _all_ended(daemon: Daemon, count: int) -> list[dict[str, Any]]:
    """Ask until as many calls are stored, all of them over."""
    async with asyncio.timeout(10):
        while True:
            calls = await daemon.ask("calls", "--json", "--limit", "1000")
            if len(calls) >= count and all(call["ended_at"] for call in calls):
                return calls


@pytest.mark.asterisk
@pytest.mark.parametrize("name", CASES)
def test_what_is_stored_of_a_call_is_what_its_phones_saw(day: Day, name: str) -> None:
    """One call; direction, number, people, disposition exact; times within 0.1 s."""
    call = day.call_of(name)

    assert differences(call, day.placed[name].truth, _TOLERANCE_S) == []


@pytest.mark.asterisk
@pytest.mark.parametrize("name", CASES)
def test_a_call_with_a_number_has_one_lead_with_three_fields(day: Day, name: str) -> None:
    """Title and phone are the number; responsible is who dialled or answered, or nobody."""
    truth = day.placed[name].truth
    call = day.call_of(name)
    number = call["number"] or call["raw_number"]
    if truth["direction"] == "internal" or call["withheld"]:
        assert call["lead_id"] is None
        return
    (lead,) = [lead for lead in day.leads if lead["phone"] == number]

    assert lead["id"] == call["lead_id"]
    assert lead["title"] == number
    assert lead["status"] == "Установление контакта"
    outbound = truth["direction"] == "outbound"
    assert lead["source"] == ("исходящий звонок" if outbound else "входящий звонок")
    talkers = [operator for operator in truth["operators"] if operator["talk_s"] > 0]
    responsible = truth["operators"] if outbound else talkers
    assert lead["responsible"] == (full_name(responsible[0]["extension"]) if responsible else None)


@pytest.mark.asterisk
def test_nothing_else_is_stored(day: Day) -> None:
    """Each case is one call, and each outside number one lead."""
    numbers = {call["number"] or call["raw_number"] for call in day.calls if call["lead_id"]}

    assert len(day.calls) == len(CASES)
    assert len(day.leads) == len(numbers)
