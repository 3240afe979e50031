"""Spreads work over processes and gives the results in the order of the work."""

from __future__ import annotations

import gc
import multiprocessing
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Final, TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")

_CHUNK: Final = 8


def spread(work: Callable[[Item], Done], items: Sequence[Item], jobs: int) -> Iterator[Done]:
    """Do the same to every item, in as many processes as jobs.

    Args:
        work: A module's function: other processes find it by its name.
    """
    with ProcessPoolExecutor(jobs, mp_context=_context(), initializer=_begin) as pool:
        try:
            yield from pool.map(work, items, chunksize=_CHUNK)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _context() -> multiprocessing.context.BaseContext:
    """Choose how processes are made: copies of this one, unless another thread is in it."""
    alone = sys.platform == "linux" and threading.active_count() == 1
    return multiprocessing.get_context("fork" if alone else "spawn")


def _begin() -> None:
    """Leave Ctrl-C to the process that was asked, and look for garbage less often."""
    gc.set_threshold(50_000)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
