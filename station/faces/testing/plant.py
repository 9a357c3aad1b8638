"""The world behind a test's bench: look at it, strike it, and see what the instruments did to it."""

from collections.abc import Callable
from typing import NamedTuple

from sim.quantity import Quantity
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


class Plant:
    """The simulated world; emulators reach it through this, so it has seen everything that they did."""

    def __init__(self, world: World, now: Callable[[], float]) -> None:
        self.world = world
        self.acts: list[Act] = []
        """Everything that instruments have done, in order."""
        self._now = now

    def strike(self, fault: str) -> None:
        """Let a fault begin now, or at its @TIME if that is later. Raises RefusalError with the nearest valid names."""
        try:
            self.world.strike(fault)
        except ValueError as odd:
            raise RefusalError(str(odd)) from None

    def look(self, instrument: str, quantity: str, place: str = "") -> float:
        """The truth at an instrument's lead now, in SI units: `look("ohms", "four_wire")`. NaN where nothing is.

        It has the noise of the quantity in it and takes it from the same stream as the instrument: a look is a reading. Raises
        RefusalError for a name that does not exist.
        """
        self._known(instrument)
        return self.world.sense(instrument, _quantity(quantity), place)

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

    def unmate(self, slot: str) -> None:
        """The operator takes the unit out of a slot."""
        self.world.unmate(slot)

    def is_mated(self, slot: str) -> bool:
        """Whether a unit is plugged in at a slot; one is when the operator has scanned its label."""
        return self.world.is_mated(slot)

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """As an emulator asks; tests look()."""
        return self.world.sense(device, quantity, place)

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        """As an emulator does it."""
        self.acts.append(Act(self._now(), device, quantity, place, value))
        self.world.drive(device, quantity, value, place)

    def cards(self, device: str) -> tuple[str, ...]:
        """The models of the cards that are plugged into a mainframe."""
        return self.world.cards(device)

    def serial(self, device: str) -> str:
        """The serial number on an instrument's plate."""
        return self.world.serial(device)

    def scan(self, device: str) -> str:
        """The operator mates the unit, and scans."""
        return self.world.scan(device)

    def gauss(self, device: str, quantity: str) -> float:
        """The next standard normal deviate of that instrument's quantity."""
        return self.world.gauss(device, quantity)

    def offset_of(self, device: str, quantity: str) -> float:
        """A fault's additive error of an instrument."""
        return self.world.offset_of(device, quantity)

    def gain_of(self, device: str, quantity: str) -> float:
        """A fault's gain error of an instrument, as a factor."""
        return self.world.gain_of(device, quantity)

    def ill(self, device: str) -> str:
        """The trouble on an instrument's wire now."""
        return self.world.ill(device)

    def _known(self, instrument: str) -> None:
        names = [each.name for each in self.world.spec.devices]
        if instrument not in names:
            raise RefusalError(
                f"no instrument {shown(instrument)} on this bench; allowed: {nearest(instrument, names)}"
            )


def _quantity(name: str) -> Quantity:
    try:
        return Quantity(name)
    except ValueError:
        raise RefusalError(f"no quantity {shown(name)}; allowed: {nearest(name, list(Quantity))}") from None
