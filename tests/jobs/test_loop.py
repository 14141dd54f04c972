"""The clockwork: what repeats, and what a failing job costs."""

import asyncio
import logging

import pytest

from telemarketing.jobs.loop import JobLoop

_SOON_S = 0.01


class Runs:
    """A job that counts its runs; the first ones may fail."""

    def __init__(self, failing: int = 0) -> None:
        self.count = 0
        self._failing = failing
        self._ran = asyncio.Condition()

    async def run(self) -> None:
        """Run once."""
        async with self._ran:
            self.count += 1
            self._ran.notify_all()
        if self.count <= self._failing:
            raise ZeroDivisionError("a fault of the job")

    async def reach(self, count: int) -> None:
        """Wait until it has run so often."""
        async with asyncio.timeout(10), self._ran:
            await self._ran.wait_for(lambda: self.count >= count)


async def test_a_job_runs_again_and_again_until_the_stop() -> None:
    """Nothing runs before the start, and nothing after the stop."""
    runs, later = Runs(), Runs()
    loop, other = JobLoop(), JobLoop()
    loop.every(_SOON_S, runs.run, "counted")
    other.every(_SOON_S, later.run, "counted later")
    assert runs.count == 0

    loop.start()
    await runs.reach(3)
    loop.stop()
    stopped_at = runs.count
    other.start()
    await later.reach(3)
    other.stop()

    assert runs.count == stopped_at


async def test_a_failing_job_is_logged_and_runs_again(caplog: pytest.LogCaptureFixture) -> None:
    """The administrator reads which job failed, and how; the next run is due all the same."""
    runs = Runs(failing=1)
    loop = JobLoop()
    loop.every(_SOON_S, runs.run, "counted")

    loop.start()
    await runs.reach(2)
    loop.stop()

    (line,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "counted" in line.getMessage()
    assert line.exc_info is not None
    assert isinstance(line.exc_info[1], ZeroDivisionError)
