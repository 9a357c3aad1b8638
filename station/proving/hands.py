"""Hands: how many carry out a proof. One here, some processes of this machine, or a cluster."""

from collections.abc import Iterator, Sequence
from concurrent.futures import as_completed
from typing import Protocol

from station.processes import ProcessLostError, processes
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
        try:
            with processes(self._jobs) as pool:
                for part in as_completed([pool.submit(carry_out, text) for text in parts_of(task, cases)]):
                    yield from unpacked(part.result())
        except ProcessLostError as lost:
            raise HandsLostError(str(lost)) from None


def parts_of(task: Task, cases: Sequence[Case]) -> list[str]:
    """The cases in parts that can be sent somewhere, as text."""
    return [packed(task, cases[at : at + PART]) for at in range(0, len(cases), PART)]
