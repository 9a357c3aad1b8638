"""The world that the emulators of a bench reach: every slot's plant, the relays between, the air, chance, and faults."""

import asyncio
import math
from collections import defaultdict, deque
from collections.abc import Callable

from sim.ambient import Ambient
from sim.catalogue.fault import Injected, Target
from sim.catalogue.places import DRIVEN_RELAY, RELAY, Relay
from sim.faults import parse, targets
from sim.here import Here
from sim.noise import Streams, normal
from sim.plant import Plant, plant_of
from sim.quantity import COMBINED, Quantity, first
from sim.spec import WorldSpec
from sim.troubles import Troubles

_FLICKER = {
    Quantity.FOUR_WIRE: 1e-6,
    Quantity.TWO_WIRE: 5e-3,
    Quantity.CAPACITANCE: 1e-13,
    Quantity.TEMPERATURE: 0.02,
}
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
        self._troubles = Troubles({device.name: device for device in spec.devices})
        here = Here(spec.seed, self._elapsed, Ambient.seeded(spec.seed), self._streams)
        self._plants = {slot.name: plant_of(slot, here) for slot in spec.slots}
        self._stuck: dict[Relay, bool] = {}
        self._near: dict[str, list[Plant]] = defaultdict(list)
        for plant in self._plants.values():
            for device in plant.devices:
                self._near[device].append(plant)
        self._slots = {
            device: [slot for slot in self._plants if self._plants[slot] in near] for device, near in self._near.items()
        }
        self._touched: dict[str, str] = {}
        """Whose leads each instrument had when it sensed last: the slots' names, none where nothing was connected."""
        faults = [parse(text) for text in spec.faults]
        aimed = [(fault, target) for fault in faults for target in targets(fault, spec)]
        self._ahead = deque(sorted(aimed, key=lambda each: each[0].at))
        self._next = self._ahead[0][0].at if self._ahead else math.inf
        self._pass_time()

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """The truth at an instrument's lead, of all slots that are connected to it, noise of the quantity included."""
        self._pass_time()
        if quantity is Quantity.SENSE_OPEN:
            return float(device in self._troubles.sense_open)
        there = self._troubles.home_place(device, place)
        flicker, slots, truths = _FLICKER.get(quantity), list[str](), list[float]()
        for slot, plant in zip(self._slots.get(device, ()), self._near[device], strict=True):
            truth = plant.sense(device, quantity, there)
            if truth is None:
                continue
            if math.isfinite(truth):
                slots.append(slot)
                if flicker is not None:
                    truth += flicker * self._streams.next(slot, device, quantity, there)
            truths.append(truth)
            if quantity not in COMBINED:
                break
        self._touched[device] = "+".join(slots)
        return COMBINED.get(quantity, first)(truths)

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        """Act on every slot that the instrument is wired to; a relay moves unless it is stuck."""
        self._pass_time()
        if quantity is Quantity.RELAY:
            card, row, column = map(int, place.split("."))
            relay = Relay(device, self._troubles.home(device, card), row, column)
            self._move(relay, closed=self._stuck.get(relay, bool(value)))
            return
        for plant in self._near[device]:
            plant.drive(device, quantity, place, value)

    def cards(self, device: str) -> tuple[str, ...]:
        """The models of the cards that are plugged into a mainframe, slot 1 first."""
        self._pass_time()
        return self._troubles.cards(device)

    def serial(self, device: str) -> str:
        """The serial number on the instrument's plate."""
        self._pass_time()
        return self._troubles.serial(device)

    def scan(self, device: str) -> str:
        """The operator mates the first unit at this scanner that is not mated yet, and scans its label or the card.

        When all are mated, the first one's label is scanned again; nobody stands at a scanner that no slot has.
        """
        self._pass_time()
        plants = [plant for plant in self._plants.values() if plant.operator == device]
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
        self._pass_time()
        return self._plants[slot].mated

    def trait(self, device: str, what: str) -> float:
        """The standard normal deviate with which the instrument was made."""
        return normal(self._streams.seed, device, what, 0)

    def gauss(self, device: str, quantity: str, place: str = "") -> float:
        """The next standard normal deviate of what the instrument says, for whom it has sensed last.

        Leads that end nowhere belong to no slot: what they give is the moment's, so that nobody counts another's readings.
        """
        slots = self._touched.get(device, "")
        if not slots:
            return normal(self._streams.seed, "", device, quantity, place, self._elapsed())
        return self._streams.next(slots, device, quantity, place)

    def offset_of(self, device: str, quantity: str) -> float:
        """0: no fault of the catalogue adds to a reading."""
        del device, quantity
        return 0.0

    def gain_of(self, device: str, quantity: str) -> float:
        """A fault's gain error of the instrument as a factor, 1 when healthy."""
        self._pass_time()
        return self._troubles.gain(device, quantity)

    def ill(self, device: str) -> str:
        """The trouble on the instrument's wire now."""
        self._pass_time()
        return self._troubles.ills.get(device, "")

    def _elapsed(self) -> float:
        return self._now() - self._start

    def _pass_time(self) -> None:
        """What should have struck by now has struck."""
        while self._elapsed() >= self._next:
            injected, target = self._ahead.popleft()
            self._next = self._ahead[0][0].at if self._ahead else math.inf
            self._strike(injected, target)

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
                for card, row, column in ((c, r, n) for c in (1, 2, 3) for r in (1, 2, 3, 4) for n in range(1, 9)):
                    self._move(Relay(place, card, row, column), closed=False)

    def _move(self, relay: Relay, *, closed: bool) -> None:
        place = f"{relay.card}.{relay.row}.{relay.column}"
        for plant in self._near[relay.mainframe]:
            plant.drive(relay.mainframe, Quantity.RELAY, place, float(closed))
