"""Processes: others of this machine that work for this one, and end with it."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context, parent_process
from threading import Thread


class ProcessLostError(Exception):
    """A process that worked for this one was killed."""


@contextmanager
def processes(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """So many, each begun anew. They leave Ctrl-C to this one, and end when it ends, however that is.

    Raises ProcessLostError where one of them is killed.
    """
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _follow)
    try:
        yield pool
    except BrokenProcessPool:
        raise ProcessLostError("a process was killed: is there memory enough? Fewer --jobs need less") from None
    finally:
        pool.shutdown(cancel_futures=True)


def _follow() -> None:
    """In a new process: end when the one that began it has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, name="parent", daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # nobody is there any more whom an orderly end could serve
