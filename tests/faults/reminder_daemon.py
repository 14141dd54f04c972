"""A program that does nothing but fire reminders, a few at a time: to be killed.

`python -m tests.faults.reminder_daemon DATABASE_URL` writes a line after each transaction, and
fires until it is ended.
"""

import asyncio
import sys

from telemarketing import logs
from telemarketing.jobs.loop import JobLoop
from telemarketing.jobs.reminders import ReminderFiring
from telemarketing.model.changes import NoticesChanged
from telemarketing.storage.engine import Database


def say_fired(_: NoticesChanged) -> None:
    """Tell the test that one more transaction is committed."""
    sys.stdout.write("fired\n")
    sys.stdout.flush()


async def main(url: str) -> None:
    """Fire for ever."""
    logs.configure("error", "json")
    database = Database(url)
    await database.open()
    firing = ReminderFiring(database, say_fired, batch_limit=3)
    jobs = JobLoop()
    jobs.every(0.1, firing.fire, "reminders")
    jobs.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
