"""Left: a run that a dead process has left, and what becomes of it: it goes on with what counts of it, or ends and says why not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from station.ledger.recovery import interrupted
from station.order import Order
from station.resuming import Credit, changed, credit, last_known, objection, since
from station.trace import Event, RunEnded, RunStarted


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """A run that a dead process has left: its order again, its trace, and why it was interrupted."""

    started: RunStarted
    order: Order
    events: tuple[Event, ...]
    why: str

    @property
    def run(self) -> str:
        """Its id."""
        return self.started.run

    def objection(self, now: datetime) -> str:
        """Why it does not go on, as far as its own trace and the time say; empty: it may."""
        return objection(self.events, self.order.sequence, since(self.started, now))

    def changed(self, again: RunStarted) -> str:
        """What is not any more as it was when it began, in words; `again` is how it would begin now."""
        return changed(self.started, again)

    def credit(self, now: datetime) -> Credit:
        """What of it counts when it goes on. There is no objection to it."""
        return credit(self.events, self.order.sequence, self.order.product.structure, since(self.started, now))

    def ended(self, no: str) -> RunEnded:
        """Its end where it does not go on, and why not."""
        return not_resumed(self.started, self.events, self.why, no)


def not_resumed(started: RunStarted, events: Sequence[Event], why: str, no: str) -> RunEnded:
    """The end of a run that was interrupted, and nobody goes on with."""
    return interrupted(started, last_known(events), f"{why}; not resumed: {no}")
