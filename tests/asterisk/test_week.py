"""A week of cold calls: 200 unknown numbers dialled, 190 answered, 5 of the other 10 call back.

Placed on real Asterisks, with the daemon killed and started again in the middle.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.asterisk.office import open_office
from tests.asterisk.pbx import Pbx
from tests.asterisk.week import COLLEAGUE, SELLER, call_back, dial_the_week
from tests.daemon import Daemon, address_of


@pytest.fixture
def week_url(pbx: Pbx, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Asterisk 22 with SQLite, Asterisk 16 with PostgreSQL: both databases hold a week."""
    if pbx.version != 16:
        return f"sqlite:///{tmp_path}/week.db"
    server = request.getfixturevalue("postgresql_server")
    return str(server.url(server.create()))


async def stored(daemon: Daemon, calls: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All calls and leads, once as many calls are stored and over."""
    async with asyncio.timeout(15):
        while True:
            found = await daemon.ask("calls", "--json", "--limit", "1000")
            if len(found) >= calls and all(call["ended_at"] for call in found):
                return found, await daemon.ask("leads", "--json", "--limit", "1000")


@pytest.mark.asterisk
@pytest.mark.postgresql
async def test_the_week_of_two_hundred_calls(pbx: Pbx, tmp_path: Path, week_url: str) -> None:
    """Exactly 200 leads and 205 calls, every one where it belongs."""
    daemon = Daemon(tmp_path, week_url, [address_of(pbx)])
    await daemon.ask("migrate")
    await daemon.ask("operator", "add", SELLER, "--extension", "101")
    await daemon.ask("operator", "add", COLLEAGUE, "--extension", "102")
    await daemon.start()
    try:
        async with open_office(pbx) as office:
            department = office.departments[0]
            unreached = await dial_the_week(department, daemon)
            await call_back(department, unreached[2:7])
            truly_talked = sum(
                each.call.times.answered_at is not None
                for each in department.participations()
                if each.who == "client"
            )
        calls, leads = await stored(daemon, 205)
    finally:
        await daemon.close()

    assert truly_talked == 195
    outbound = [call for call in calls if call["direction"] == "outbound"]
    inbound = [call for call in calls if call["direction"] == "inbound"]
    assert (len(leads), len(calls), len(outbound), len(inbound)) == (200, 205, 200, 5)
    assert sum(call["disposition"] == "answered" for call in outbound) == 190
    assert all(call["disposition"] == "answered" for call in inbound)
    unanswered = [call["disposition"] for call in outbound if call["disposition"] != "answered"]
    assert sorted(unanswered) == sorted(["no_answer", "busy", "busy", "failed", "failed"] * 2)
    assert all(not call["end_estimated"] for call in calls)
    assert_leads(leads, calls, callers={client.number for client in unreached[2:7]})


def assert_leads(
    leads: list[dict[str, Any]], calls: list[dict[str, Any]], callers: set[str]
) -> None:
    """Each lead has the number three times over, the seller, and its own calls."""
    count: dict[int, int] = {}
    for call in calls:
        count[call["lead_id"]] = count.get(call["lead_id"], 0) + 1
    for lead in leads:
        assert lead["title"] == lead["phone"]
        assert lead["responsible"] == SELLER
        assert lead["status"] == "Установление контакта"
        assert count[lead["id"]] == (2 if lead["phone"] in callers else 1)
    assert sorted(count.values()) == [1] * 195 + [2] * 5
    assert {lead["phone"] for lead in leads} >= callers
    talkers = {
        operator["extension"]
        for call in calls
        if call["direction"] == "inbound"
        for operator in call["operators"]
        if operator["talk_s"] > 0
    }
    assert talkers == {"101", "102"}
