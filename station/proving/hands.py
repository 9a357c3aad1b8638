"""Hands: how many carry out a proof. One here, some processes of this machine, or a cluster."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from typing import Protocol

from station.proving.case import Case
from station.proving.outcome import Outcome
from station.proving.worker import Task, carry_out, packed, unpacked

PART = 6
"""Cases that are carried out together."""


class HandsLostError(Exception):
    """Whoever was to carry out a proof is not there, or died on it."""


class Hands(Protocol):
    """Carries out cases; what comes of them comes in any order."""

    def carry_out(self, task: Task, cases: Sequence[Case]) -> Iterator[Outcome]:
        """What comes of every case. Raises HandsLostError."""
        ...


class Processes:
    """As many processes of this machine."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs

    def carry_out(self, task: Task, cases: Sequence[Case]) -> Iterator[Outcome]:
        """What comes of every case. Raises HandsLostError where a process is killed."""
        pool = ProcessPoolExecutor(self._jobs, mp_context=get_context("spawn"))
        try:
            parts: list[Future[str]] = [pool.submit(carry_out, text) for text in parts_of(task, cases)]
            for part in as_completed(parts):
                yield from unpacked(part.result())
        except BrokenProcessPool:
            raise HandsLostError(
                "a process of the proof was killed: is there memory enough? Fewer --jobs need less"
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def parts_of(task: Task, cases: Sequence[Case]) -> list[str]:
    """The cases in parts that can be sent somewhere, as text."""
    return [packed(task, cases[at : at + PART]) for at in range(0, len(cases), PART)]
