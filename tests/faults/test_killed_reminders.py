"""A daemon that is killed while it fires reminders loses none and fires none twice."""

import asyncio
import random
import sys
from asyncio.subprocess import PIPE

import pytest
from sqlalchemy import func, select

from telemarketing.model.operator import Operator
from telemarketing.storage.engine import Database
from telemarketing.storage.reminders import ReminderState
from telemarketing.storage.tables import notices, reminders
from tests.jobs.test_reminder_firing import add_reminders, count_notices
from tests.make import MONDAY

pytestmark = pytest.mark.process

REMINDERS = 1000
KILLS = 20


class Daemon:
    """The program that fires, while it lives."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        self._process = process
        self._said = process.stdout

    @classmethod
    async def start(cls, url: str) -> "Daemon":
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.reminder_daemon", url, stdout=PIPE
            )
        )

    async def fires(self) -> None:
        """Wait until one more transaction is committed; the next one has begun by then."""
        assert await self._said.readline() == b"fired\n"

    async def kill(self) -> None:
        self._process.kill()
        await self._process.wait()


async def test_twenty_kills_around_a_thousand_reminders(
    database: Database, database_url: str, seller: Operator
) -> None:
    """None is lost, none is told twice, wherever the kill hits."""
    await add_reminders(database, seller, [MONDAY] * REMINDERS)
    chance = random.Random(7)  # noqa: S311 - the same moments every time
    after_kill: list[int] = []
    async with asyncio.timeout(300):
        for _ in range(KILLS):
            daemon = await Daemon.start(database_url)
            for _ in range(chance.randint(1, 14)):
                await daemon.fires()
            await daemon.kill()
            after_kill.append(await count_notices(database))
        daemon = await Daemon.start(database_url)
        while await count_notices(database) < REMINDERS:
            await daemon.fires()
        await daemon.kill()

    assert all(0 < count < REMINDERS for count in after_kill), after_kill
    async with database.reading() as tx:
        told, different = (
            await tx.execute(
                select(func.count(), func.count(notices.c.reminder_id.distinct())).select_from(
                    notices
                )
            )
        ).one()
        states = set(await tx.scalars(select(reminders.c.state).distinct()))
    assert (told, different) == (REMINDERS, REMINDERS)
    assert states == {ReminderState.FIRED.value}
