"""Call tracking's list of our telephones follows the operators' table."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from telemarketing.ami.events import Channel
from telemarketing.calls.directory import Directory, Side
from telemarketing.crm.operators import add_operator, disable_operator
from telemarketing.jobs.telephones import TelephoneRefresh
from telemarketing.model.operator import Operator
from telemarketing.storage.engine import Database
from tests.calls.stream import directory
from tests.cli import run, write_settings
from tests.make import DAY_MS, MONDAY


def side(of: Directory, endpoint: str) -> Side:
    """On whose side the directory puts a channel; no look of these names makes them ours."""
    return of.side(Channel(f"PJSIP/{endpoint}-00000001", "1.1", "1.1", "Down", None, "", ""))


@pytest.fixture
def kyiv() -> Directory:
    """The directory of one PBX, which knows no telephones yet."""
    return directory()


@pytest.fixture
def lviv() -> Directory:
    """The directory of another PBX."""
    return directory()


@pytest.fixture
def refresh(database: Database, kyiv: Directory, lviv: Directory) -> TelephoneRefresh:
    """The job, for both PBXs."""
    return TelephoneRefresh(database, {"kyiv": kyiv, "lviv": lviv})


async def hired(database: Database, extension: str, pbx: str | None = None) -> Operator:
    """Add an operator of one extension, who has a mobile."""
    return await add_operator(
        database,
        full_name="Коваль Анна",
        extensions=[extension],
        valid_from=MONDAY,
        mobiles=[f"+3806711{extension}"],
        pbx=pbx,
    )


async def test_an_extension_without_a_pbx_is_ours_on_every_pbx(
    database: Database, refresh: TelephoneRefresh, kyiv: Directory, lviv: Directory
) -> None:
    """The mobile behind it is its owner's everywhere, too."""
    await hired(database, "700100")

    await refresh.refresh()

    assert [side(one, "700100") for one in (kyiv, lviv)] == [Side.OURS, Side.OURS]
    assert [one.mobile_owner("+3806711700100") for one in (kyiv, lviv)] == ["700100", "700100"]


async def test_an_extension_of_one_pbx_is_a_stranger_on_the_others(
    database: Database, refresh: TelephoneRefresh, kyiv: Directory, lviv: Directory
) -> None:
    """Another PBX may call its trunk the same."""
    await hired(database, "700100", pbx="kyiv")

    await refresh.refresh()

    assert (side(kyiv, "700100"), side(lviv, "700100")) == (Side.OURS, Side.OUTSIDE)


async def test_whoever_comes_or_goes_is_known_from_the_next_refresh_on(
    database: Database, refresh: TelephoneRefresh, kyiv: Directory
) -> None:
    """An operator who was added beside the running daemon, and one who left."""
    leaving = await hired(database, "700100")
    await refresh.refresh()
    await hired(database, "700200")
    await disable_operator(database, leaving.id, MONDAY + DAY_MS)

    before = [side(kyiv, one) for one in ("700100", "700200")]
    await refresh.refresh()
    after = [side(kyiv, one) for one in ("700100", "700200")]

    assert before == [Side.OURS, Side.OUTSIDE]
    assert after == [Side.OUTSIDE, Side.OURS]


def test_an_operator_added_on_the_command_line_is_known_to_call_tracking(
    tmp_path: Path, database_url: str
) -> None:
    """The daemon need not be started again: its next refresh reads what the command wrote."""
    kyiv = directory()
    config = write_settings(tmp_path / "config.toml", database_url)

    async def refreshed() -> None:
        database = Database(database_url)
        await database.open()
        await TelephoneRefresh(database, {"main": kyiv}).refresh()
        await database.close()

    asyncio.run(refreshed())
    before = side(kyiv, "700100")
    run("operator", "add", "--config", config, "Коваль Анна", "--extension", "700100")
    asyncio.run(refreshed())

    assert (before, side(kyiv, "700100")) == (Side.OUTSIDE, Side.OURS)


async def test_a_database_that_is_away_leaves_the_old_list_in_force() -> None:
    """Calls go on being ours; the log says that the list may be old, and why."""
    kyiv = directory(extensions=["700100"])
    away = Database("postgresql://nobody@127.0.0.1:1/nothing")

    with capture_logs() as lines:
        await TelephoneRefresh(away, {"kyiv": kyiv}).refresh()

    assert side(kyiv, "700100") is Side.OURS
    (line,) = lines
    assert (line["log_level"], line["event"]) == (
        "warning",
        "operators' telephones not refreshed",
    )
    assert "127.0.0.1" in line["reason"]
