"""The clockwork: APScheduler, set up once for work that repeats.

In: coroutines and their periods. A run that comes late still runs (no grace time), runs that piled
up are one, and no job overlaps itself.
"""

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler


class JobLoop:
    """Repeats work by the clock while it is started."""

    def __init__(self) -> None:
        """See the class."""
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def every(self, period_s: float, job: Callable[[], Awaitable[None]], name: str) -> None:
        """Run a job each `period_s` seconds, the first time one period from now.

        Args:
            period_s: seconds from start to start.
            job: a coroutine function or bound method (the scheduler knows no other awaitables).
            name: shown in logs; one job of a name.
        """
        self._scheduler.add_job(job, "interval", seconds=period_s, name=name, id=name)

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing more."""
        self._scheduler.shutdown(wait=False)
