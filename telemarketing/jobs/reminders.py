"""Fires reminders when their time has come.

In: the clock, second by second. Out: notices, and who has new ones, told after the commit. What
came due while no daemon ran is fired at once, and marked late.
"""

from collections.abc import Callable

import structlog

from telemarketing import clock
from telemarketing.crm.reminders import fire_due_reminders
from telemarketing.errors import StorageError
from telemarketing.model.changes import NoticesChanged
from telemarketing.storage.engine import Database

log = structlog.get_logger(__name__)

REMINDER_CHECK_S = 1
"""How late a reminder may be; also how soon one that another program planned is noticed."""


class ReminderFiring:
    """The job that fires reminders.

    Args:
        database: where they are kept; another daemon may do the same there.
        publish: told of each person who has something new to see; must not wait.
        now_ms: the clock, in epoch milliseconds.
        batch_limit: reminders in one transaction at most.
    """

    def __init__(
        self,
        database: Database,
        publish: Callable[[NoticesChanged], None],
        *,
        now_ms: Callable[[], int] = clock.now_ms,
        batch_limit: int = 200,
    ) -> None:
        """See the class."""
        self._database = database
        self._publish = publish
        self._now_ms = now_ms
        self._batch_limit = batch_limit
        self._failing = False

    async def fire(self) -> None:
        """Fire everything that is due; a database that is away lets it wait for the next time."""
        try:
            while await self._fire_batch() == self._batch_limit:
                pass
        except StorageError as error:
            # Every second the same line would bury all others.
            if not self._failing:
                log.warning("reminders wait: the database is away", reason=str(error))
            self._failing = True
        else:
            self._failing = False

    async def _fire_batch(self) -> int:
        fired = await fire_due_reminders(self._database, self._now_ms(), self._batch_limit)
        for operator_id in sorted({one.operator_id for one in fired}):
            self._publish(NoticesChanged(operator_id))
        if fired:
            log.info("reminders fired", count=len(fired), late=sum(one.late for one in fired))
        return len(fired)
