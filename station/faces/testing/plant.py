"""The world behind a test's bench: look at it, strike it, and see what the instruments did to it."""

from collections.abc import Callable
from typing import NamedTuple

from sim.quantity import Quantity
from sim.spec import WorldSpec
from sim.world import World
from station.config.problems import nearest, shown
from station.service import RefusalError


class Act(NamedTuple):
    """What an instrument did to the world, `at` seconds after it began."""

    at: float
    device: str
    quantity: Quantity
    place: str
    value: float


class Plant(World):
    """The simulated world behind a test's bench; it remembers what instruments did to it."""

    def __init__(self, spec: WorldSpec, now: Callable[[], float]) -> None:
        super().__init__(spec, now)
        self.acts: list[Act] = []
        """Everything that instruments have done, in order."""
        self._clock = now

    def strike(self, text: str) -> None:
        """Let a fault begin now, or at its @TIME if that is later. Raises RefusalError with the nearest valid names."""
        try:
            super().strike(text)
        except ValueError as odd:
            raise RefusalError(str(odd)) from None

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        """Remember it, and do it."""
        self.acts.append(Act(self._clock(), device, quantity, place, value))
        super().drive(device, quantity, value, place)

    def look(self, instrument: str, quantity: str, place: str = "") -> float:
        """The truth at an instrument's lead now, in SI units: `look("ohms", "four_wire")`. NaN where nothing is.

        It has the noise of the quantity in it and takes it from the same stream as the instrument: a look is a reading. Raises
        RefusalError for a name that does not exist.
        """
        self._known(instrument)
        return self.sense(instrument, _quantity(quantity), place)

    def driven(self, instrument: str, quantity: str, place: str = "") -> float | None:
        """What the instrument has done last at a place; None where it has done nothing yet."""
        self._known(instrument)
        wanted = (instrument, _quantity(quantity), place)
        return next((each.value for each in reversed(self.acts) if each[1:4] == wanted), None)

    @property
    def closed(self) -> tuple[str, ...]:
        """The relays that were told to close and not yet to open, as `mux1.213`: mainframe, card, row, column."""
        last = {(each.device, each.place): each.value for each in self.acts if each.quantity is Quantity.RELAY}
        return tuple(sorted(f"{device}.{place.replace('.', '')}" for (device, place), value in last.items() if value))

    def _known(self, instrument: str) -> None:
        names = [each.name for each in self.spec.devices]
        if instrument not in names:
            raise RefusalError(
                f"no instrument {shown(instrument)} on this bench; allowed: {nearest(instrument, names)}"
            )


def _quantity(name: str) -> Quantity:
    try:
        return Quantity(name)
    except ValueError:
        raise RefusalError(f"no quantity {shown(name)}; allowed: {nearest(name, list(Quantity))}") from None
