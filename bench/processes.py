"""Measuring in processes of their own: nothing of one measurement is in the memory of the next.

In: functions of a module. Out: what they return, or a pipe to them while they run.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import ParamSpec, TypeVar

_P = ParamSpec("_P")
_R = TypeVar("_R")

_SPAWN = multiprocessing.get_context("spawn")
_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = _CORES[0]
MEASURED_CORE = _CORES[-1]
"""The same core on a machine with one: the figures are lower then, the ratios hold."""


def alone(work: Callable[_P, _R], *arguments: _P.args, **options: _P.kwargs) -> _R:
    """Run a function in a new process, on one core that the servers keep off."""
    with ProcessPoolExecutor(
        1, _SPAWN, initializer=os.sched_setaffinity, initargs=(0, {MEASURED_CORE})
    ) as pool:
        return pool.submit(work, *arguments, **options).result()


@contextmanager
def running(
    serve: Callable[..., None], *arguments: object, core: int | None = SERVER_CORE
) -> Iterator["Connection[object, object]"]:
    """Run `serve(pipe, core, *arguments)` in a process of its own, as long as the block lasts.

    Yields:
        The other end of its pipe.
    """
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=serve, args=(theirs, core, *arguments), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        process.terminate()
        process.join()
        ours.close()


def pin(core: int | None) -> None:
    """Keep this process on one core; None = it may run anywhere."""
    if core is not None:
        os.sched_setaffinity(0, {core})
