"""The status registers that SCPI asks for: questionable and operation, each with a condition, an event and an enable."""

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from sim.leads import Leads
from sim.parameters import number
from sim.scpi import Obeying, QueuedScpi

_MOST = 32767


class Register:
    """One register. An event is latched when its condition begins; reading the events clears them."""

    def __init__(self) -> None:
        self.condition = 0
        self.event = 0
        self.enabled = 0

    def show(self, condition: int) -> None:
        """What is so now."""
        self.event |= condition & ~self.condition
        self.condition = condition

    def take(self) -> int:
        """The events since they were last read."""
        event, self.event = self.event, 0
        return event

    @property
    def summary(self) -> bool:
        """Whether an enabled event has happened."""
        return bool(self.event & self.enabled)


def _enable(self: "StatusScpi", mask: str, *, of: str) -> None:
    self.register(of).enabled = int(number(mask, 0, _MOST, 0))


def _ask(of: str) -> Mapping[str, Obeying]:
    """The commands of one register."""
    return {
        f"STATus:{of}[:EVENt]?": lambda self: f"{self.plus}{self.register(of).take()}",
        f"STATus:{of}:CONDition?": lambda self: f"{self.plus}{self.register(of).condition}",
        f"STATus:{of}:ENABle": partial(_enable, of=of),
        f"STATus:{of}:ENABle?": lambda self: f"{self.plus}{self.register(of).enabled}",
    }


class StatusScpi(QueuedScpi):
    """An instrument with both registers. It overrides `look` where a condition must be found out."""

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self.questionable = Register()
        self.operation = Register()

    def look(self) -> None:
        """Bring the conditions up to now: it is called before each is read."""

    def register(self, name: str) -> Register:
        """The register of that name, as it is now."""
        self.look()
        return self.questionable if name == "QUEStionable" else self.operation

    def summary(self) -> int:
        """Bit 3 for the questionable register, bit 7 for the operation register."""
        self.look()
        return super().summary() | 8 * self.questionable.summary | 128 * self.operation.summary

    def clear(self) -> None:
        """Forget the events of both, too."""
        super().clear()
        self.questionable.event = self.operation.event = 0

    def preset(self) -> None:
        """Enable nothing."""
        self.questionable.enabled = self.operation.enabled = 0

    commands: ClassVar[Mapping[str, Obeying]] = {
        **_ask("QUEStionable"),
        **_ask("OPERation"),
        "STATus:PRESet": lambda self: self.preset(),
    }
