"""The world that the emulators of a bench reach: every slot's plant, the relays between, the air, chance, and faults."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Iterable

from sim.ambient import Ambient
from sim.catalogue.fault import Injected, Target
from sim.catalogue.places import DRIVEN_RELAY, RELAY, Relay
from sim.faults import parse, targets
from sim.noise import Streams
from sim.plant import Plant
from sim.spec import WorldSpec
from sim.troubles import Troubles

_FLICKER = {"four_wire": 1e-6, "two_wire": 5e-3, "capacitance": 1e-13, "temperature": 0.02}
"""The standard deviation of what contacts, relays, air and hands add to a quantity, in its unit."""


class World:
    """A simulated bench; it is the `Leads` of all its instruments.

    `now` is the clock in seconds; without it the running loop's time counts. Faults strike at their time, which is noticed
    whenever an instrument reaches into the world. Raises ValueError when a fault has no place in this world.
    """

    def __init__(self, spec: WorldSpec, now: Callable[[], float] | None = None) -> None:
        self._now = now or asyncio.get_running_loop().time
        self._start = self._now()
        self._streams = Streams(spec.seed)
        self._air = Ambient.seeded(spec.seed)
        self._troubles = Troubles({device.name: device for device in spec.devices})
        self._plants = {slot.name: Plant(slot, spec.seed) for slot in spec.slots}
        self._stuck: dict[Relay, bool] = {}
        self._wired: dict[tuple[str, int, int], list[tuple[Plant, int]]] = defaultdict(list)
        self._ohmmeters: dict[str, list[Plant]] = defaultdict(list)
        self._channels: dict[tuple[str, int], list[Plant]] = defaultdict(list)
        self._sensors = {slot.jig.ambient for slot in spec.slots}
        for plant in self._plants.values():
            self._ohmmeters[plant.slot.jig.ohmmeter].append(plant)
            self._channels[plant.slot.jig.isolation].append(plant)
            for column, point in plant.copper.points.items():
                self._wired[column.mainframe, column.card, column.column].append((plant, point))
        faults = [parse(text) for text in spec.faults]
        aimed = [(fault, target) for fault in faults for target in targets(fault, spec)]
        self._ahead = deque(sorted(aimed, key=lambda each: each[0].at))
        self._next = self._ahead[0][0].at if self._ahead else float("inf")
        self._seconds()

    def four_wire(self, device: str) -> float:
        """Ohms between rows 1 and 2 of the slots whose ohmmeter this is."""
        celsius = self._air.at(self._seconds())
        ohms = _parallel(plant.copper.four_wire(celsius) for plant in self._ohmmeters[device])
        return ohms + self._flicker(device, "four_wire")

    def sense_is_open(self, device: str) -> bool:
        """Whether a sense lead of the ohmmeter is broken."""
        self._seconds()
        return device in self._troubles.sense_open

    def two_wire(self, device: str, channel: int) -> float:
        """Ohms between rows 3 and 4 of the slots at this channel, leads and relays included."""
        celsius = self._air.at(self._seconds())
        plants = self._channels[self._channel(device, channel)]
        return _parallel(plant.copper.two_wire(celsius) for plant in plants) + self._flicker(device, "two_wire")

    def capacitance(self, device: str, channel: int) -> float:
        """Farads between rows 3 and 4 of the slots at this channel; `inf` when something conducts between them."""
        self._seconds()
        plants = self._channels[self._channel(device, channel)]
        return sum(plant.copper.capacitance() for plant in plants) + self._flicker(device, "capacitance")

    def temperature(self, device: str, channel: int) -> float:
        """Degrees Celsius of the air where a sensor is; NaN where none is."""
        celsius = self._air.at(self._seconds())
        if self._channel(device, channel) not in self._sensors:
            return float("nan")
        return celsius + self._flicker(device, "temperature")

    def relay(self, device: str, card: int, row: int, column: int, *, closed: bool) -> None:
        """Move one matrix relay, unless it is stuck."""
        self._seconds()
        relay = Relay(device, self._troubles.home(device, card), row, column)
        self._move(relay, closed=self._stuck.get(relay, closed))

    def cards(self, device: str) -> tuple[str, ...]:
        """The models of the cards that are plugged into a mainframe, slot 1 first."""
        self._seconds()
        return self._troubles.cards(device)

    def serial(self, device: str) -> str:
        """The serial number on the instrument's plate."""
        self._seconds()
        return self._troubles.serial(device)

    def scan(self, device: str) -> str:
        """The operator mates the first unit at this scanner that is not mated yet, and scans its label or the card.

        When all are mated, the first one's label is scanned again; nobody stands at a scanner that no slot has.
        """
        self._seconds()
        plants = [plant for plant in self._plants.values() if plant.slot.jig.operator == device]
        plant = next((plant for plant in plants if not plant.mated), plants[0] if plants else None)
        if plant is None:
            return ""
        if not plant.mated:
            plant.mate()
        return plant.scan()

    def unmate(self, slot: str) -> None:
        """The operator takes the unit out of a slot."""
        self._plants[slot].unmate()

    def is_mated(self, slot: str) -> bool:
        """Whether a unit is plugged in at a slot."""
        self._seconds()
        return self._plants[slot].mated

    def gauss(self, device: str, quantity: str) -> float:
        """The next standard normal deviate of that instrument's quantity."""
        return self._streams.next(device, quantity)

    def offset_of(self, device: str, quantity: str) -> float:
        """0: no fault of the catalogue adds to a reading."""
        del device, quantity
        return 0.0

    def gain_of(self, device: str, quantity: str) -> float:
        """A fault's gain error of the instrument as a factor, 1 when healthy."""
        self._seconds()
        return self._troubles.gain(device, quantity)

    def ill(self, device: str) -> str:
        """The trouble on the instrument's wire now."""
        self._seconds()
        return self._troubles.ills.get(device, "")

    def _seconds(self) -> float:
        """The time since the start; what should have struck by then has struck."""
        seconds = self._now() - self._start
        while seconds >= self._next:
            self._strike(*self._ahead.popleft())
            self._next = self._ahead[0][0].at if self._ahead else float("inf")
        return seconds

    def _strike(self, injected: Injected, target: Target) -> None:
        name, place = injected.fault.name, target.places[0]
        if target.slot:
            self._plants[target.slot].strike(name, target.places, injected.value)
        elif injected.fault.place in {RELAY, DRIVEN_RELAY}:
            relay = Relay.written(place)
            self._stuck[relay] = name == "relay-stuck-closed"
            self._move(relay, closed=self._stuck[relay])
        else:
            self._troubles.strike(name, place, injected.value)
            if name == "card-swapped":  # a card that is pulled drops all its relays
                for mainframe, card, column in tuple(self._wired):
                    if mainframe == place:
                        for row in (1, 2, 3, 4):
                            self._move(Relay(mainframe, card, row, column), closed=False)

    def _move(self, relay: Relay, *, closed: bool) -> None:
        for plant, point in self._wired.get((relay.mainframe, relay.card, relay.column), ()):
            plant.switch(relay.row, point, closed=closed, at=self._now())

    def _channel(self, device: str, channel: int) -> tuple[str, int]:
        """Where the cable really leads that the mainframe believes to be at `channel`: the card's slot times 100 and more."""
        return device, self._troubles.home(device, channel // 100) * 100 + channel % 100

    def _flicker(self, device: str, quantity: str) -> float:
        return _FLICKER[quantity] * self._streams.next(device, f"flicker of {quantity}")


def _parallel(ohms: Iterable[float]) -> float:
    """Resistances side by side; a single one is left as it is, however large or small."""
    every = tuple(ohms)
    if len(every) == 1:
        return every[0]
    if 0.0 in every:
        return 0.0
    siemens = sum(1.0 / each for each in every)
    return 1.0 / siemens if siemens else float("inf")
