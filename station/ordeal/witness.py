"""The witness: what the plants and the wires of a simulated bench saw, without asking the engine or a driver."""

from dataclasses import dataclass

from drivers.links.wire import Wire
from sim.cooling.loop_plant import LoopPlant
from sim.plant import Plant
from sim.quantity import Quantity
from sim.world import World

ENERGISING = frozenset(
    {
        Quantity.RELAY,
        Quantity.AC_VOLTS,
        Quantity.AMPS,
        Quantity.BOND_AMPS,
        Quantity.TEST_AC_VOLTS,
        Quantity.TEST_DC_VOLTS,
        Quantity.OUTPUT,
        Quantity.LITRES_PER_MINUTE,
        Quantity.RUN,
    }
)
"""What instruments drive that must be 0 when a run is over."""


class Witness:
    """A world in which everything that an instrument puts out is written down; to the emulators it is the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.sense, self.cards, self.serial, self.scan = world.sense, world.cards, world.serial, world.scan
        self.gauss, self.offset_of, self.gain_of, self.ill = world.gauss, world.offset_of, world.gain_of, world.ill
        self.trait, self.watch = world.trait, world.watch
        self._outputs: dict[tuple[str, Quantity, str], float] = {}
        self.lines: list[Line] = []

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        """As the world's, and written down."""
        if quantity in ENERGISING:
            self._outputs[device, quantity, place] = value
        self._world.drive(device, quantity, value, place)

    def energised(self) -> dict[str, list[str]]:
        """What is on now, by instrument."""
        on: dict[str, list[str]] = {}
        for (device, quantity, place), value in self._outputs.items():
            if value:
                on.setdefault(device, []).append(f"{quantity} {place}={value:g}".replace(" =", "="))
        return on

    def plant(self, slot: str) -> Plant:
        """What lies in a slot."""
        return self._world.plant(slot)

    def line(self, wire: Wire) -> "Line":
        """A wire that is watched from now on."""
        self.lines.append(Line(wire))
        return self.lines[-1]


class Line:
    """A wire, and whether anybody has it open."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self.send, self.receive, self.pending = wire.send, wire.receive, wire.pending
        self.is_open = False

    async def open(self) -> None:
        """As the wire's."""
        await self._wire.open()
        self.is_open = True

    def close(self) -> None:
        """As the wire's."""
        self.is_open = False
        self._wire.close()


@dataclass(frozen=True, slots=True)
class Cooled:
    """A hot loop in the end, as its plant saw it: whether a pump stood still while the heater was on, or one still turns."""

    dry: bool
    turning: bool


def cooled(plant: Plant) -> Cooled | None:
    """What became of a hot loop; None for a slot that is none."""
    if not isinstance(plant, LoopPlant):
        return None
    loop = plant.loop
    loop.settle()
    return Cooled(loop.dry_heat > 0.0, any(loop.duty.values()))
