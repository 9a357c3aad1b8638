"""Views: what a line shows of itself."""

from dataclasses import dataclass, field

from station.condition import Condition
from station.line.ticket import Ticket
from station.order import Order
from station.trace import Event, MadeSafe, StepStarted


@dataclass(frozen=True, slots=True)
class SlotView:
    """A slot now. `mode`: `free`, `busy`, `paused` (nothing new begins there), `locked` (something was not confirmed safe there,
    and `reason` says what). The rest says what is being tested, since when and in which step; empty where nothing is.
    """

    name: str
    jig: str
    mode: str
    reason: str = ""
    ticket: str = ""
    run: str = ""
    serial: str = ""
    product: str = ""
    step: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The line now. `mode`: `serving`, `paused`, `draining` (it ends when the last run has) or `ended`."""

    station: str
    site: str
    version: str
    mode: str
    queued: int
    running: int
    started: str
    simulated: bool
    conditions: tuple[Condition, ...]


@dataclass(slots=True, eq=False)
class Busy:
    """What goes on in a slot: the unit, its run once it has one, the step, and how many events there were."""

    ticket: Ticket
    order: Order
    since: str
    run: str = ""
    step: str = ""
    number: int = 0
    unsafe: tuple[str, ...] = field(default=())
    """What was not confirmed safe when the run ended."""

    @property
    def slot(self) -> str:
        """The name of its slot."""
        return self.order.slot.name

    def hear(self, event: Event) -> None:
        """Take note of an event of its run."""
        self.number += 1
        match event:
            case StepStarted():
                self.step = event.step
            case MadeSafe():
                self.unsafe = event.refusals
            case _:
                pass

    @property
    def view(self) -> SlotView:
        """Its slot, as it shows."""
        ticket, order = self.ticket, self.order
        return SlotView(
            self.slot, order.slot.jig, "busy", "", ticket.ticket, self.run, order.serial, order.product.name, self.step,
            self.since,
        )  # fmt: skip
