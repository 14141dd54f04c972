"""`telemarketing demo`: the whole product on this machine alone, with a simulated PBX.

In: nothing but a port. Out: the daemon as it is, following a simulated call centre, with people of
each role, a week of history, and callbacks that come due while one looks. Everything lies in a
temporary folder that is removed at the end; it listens on loopback only.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from telemarketing import clock
from telemarketing.app import serve
from telemarketing.assembly import make_proposal_rules
from telemarketing.config import (
    DatabaseSettings,
    LogSettings,
    PanelSettings,
    PbxSettings,
    RecordingSettings,
    Settings,
)
from telemarketing.crm.accounts import Accounts
from telemarketing.crm.call_log import CallLog
from telemarketing.crm.passwords import Passwords
from telemarketing.crm.planned_calls import PlannedCalls
from telemarketing.demo.people import EXTENSIONS, PASSWORD, PEOPLE, add_people
from telemarketing.demo.story import tell_story
from telemarketing.model.call import Call
from telemarketing.pbxsim.history import week_of_history
from telemarketing.pbxsim.office import Office
from telemarketing.pbxsim.pace import Pace
from telemarketing.pbxsim.recorder import write_wav
from telemarketing.pbxsim.simulation import Simulation
from telemarketing.storage.engine import Database
from telemarketing.storage.migrate import migrate

_PBX = "main"
_SEED = 7
_RATE_PER_S = 1 / 12
_TALKED_S = (396.0, 507.0)
"""Two are on the telephone at the start: one passes the seven minutes while one looks."""
_BATCH = 200
_SOUND_MS = 36 * 3_600_000
"""Calls of so long ago still have their sound: a week of it would fill the disk."""


async def run_demo(folder: Path, port: int, announce: Callable[[str], None]) -> None:
    """Prepare everything in a folder and serve it until SIGTERM or SIGINT.

    Args:
        folder: empty; database and sound files go there.
        port: of the panel, on 127.0.0.1; 0 = any free one.
        announce: takes what people should read.

    Raises:
        ConfigError: the port is taken.
    """
    zone = ZoneInfo(Settings().office.time_zone)
    office = Office(extensions=EXTENSIONS, zone=zone)
    simulation = Simulation(
        secret=PASSWORD,
        recordings=folder / "recordings",
        office=office,
        pace=Pace(_RATE_PER_S),
        seed=_SEED,
        talked_s=_TALKED_S,
    )
    async with simulation:
        settings = _settings(folder, port, simulation.port)
        announce("Making a week of history ...")
        await _seed(settings, office, folder / "recordings", simulation.calls_in_progress())
        announce(_greeting(settings))
        living = asyncio.create_task(simulation.live(with_opening=True), name="simulated PBX")
        try:
            await serve(settings)
        finally:
            living.cancel()


def _settings(folder: Path, port: int, pbx_port: int) -> Settings:
    return Settings(
        database=DatabaseSettings(url=SecretStr(f"sqlite:///{folder}/demo.db")),
        recordings=RecordingSettings(roots=(str(folder / "recordings"),)),
        panel=PanelSettings(port=port),
        log=LogSettings(level="warning"),
        pbx=(PbxSettings(name=_PBX, port=pbx_port, secret=SecretStr(PASSWORD)),),
    )


def _greeting(settings: Settings) -> str:
    people = "\n".join(
        f"    {person.login:<12}{PASSWORD}    {person.full_name}, {person.role}"
        for person in PEOPLE
        if person.login
    )
    address = f"http://{settings.panel.host}:{settings.panel.port}/"
    return (
        f"\nThe panel: {address}\n\nSign in as one of these:\n{people}\n\nCtrl-C ends the demo.\n"
    )


async def _seed(
    settings: Settings, office: Office, recordings: Path, in_progress: list[Call]
) -> None:
    url = settings.database.url.get_secret_value()
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    await database.open()
    try:
        now = clock.now_ms()
        accounts = Accounts(database, Passwords(), settings.panel.session_s)
        sellers = await add_people(database, accounts, now)
        calls = week_of_history(office, until=now, seed=_SEED, pbx=_PBX, recordings=recordings)
        calls = [_with_sound_if_recent(call, now) for call in calls]
        await asyncio.to_thread(_write_sound, calls)
        call_log = CallLog(database, make_proposal_rules(settings))
        for start in range(0, len(calls), _BATCH):
            await call_log.record(calls[start : start + _BATCH])
        # A list of channels does not tell since when people talk.
        await call_log.record(in_progress)
        remind_before_ms = settings.callbacks.remind_before_s * 1000
        await tell_story(
            database,
            sellers,
            PlannedCalls(database, remind_before_ms, lambda: now),
            zone=settings.office.time_zone,
            remind_before_ms=remind_before_ms,
            now=now,
        )
    finally:
        await database.close()


def _with_sound_if_recent(call: Call, now: int) -> Call:
    return call if now - call.started_at < _SOUND_MS else replace(call, recordings=())


def _write_sound(calls: list[Call]) -> None:
    for call in calls:
        for path in call.recordings:
            write_wav(Path(path), call.talk_ms, Random(path))  # noqa: S311 - noises, no secrets
