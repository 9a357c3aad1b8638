"""Tickets: what somebody handed in to be tested, and what became of it."""

from dataclasses import dataclass
from enum import StrEnum

LEAST_URGENT, USUAL, MOST_URGENT = 0, 5, 9
"""Priorities: the higher goes first, and among equals the one that came first."""


class Stage(StrEnum):
    """Where a ticket is. The last three are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def is_end(self) -> bool:
        """Whether nothing more will become of it."""
        return self in {Stage.DONE, Stage.REFUSED, Stage.WITHDRAWN}


@dataclass(frozen=True, slots=True)
class Ticket:
    """One unit that was handed in. `ticket` is an id like a run's.

    `source` is who handed it in: `api`, `folder`, `scanner`, `mqtt`. `key` is his own name for it, unique for the source:
    who hands in the same key again is given the same ticket. `slot` and `sequence` are empty where any will do.
    `run` and `verdict` are known once there are some; `reason` says why it was refused, withdrawn or did not pass.
    """

    ticket: str
    product: str
    serial: str
    slot: str
    sequence: str
    priority: int
    source: str
    key: str
    submitted: str
    stage: Stage
    run: str = ""
    verdict: str = ""
    reason: str = ""
