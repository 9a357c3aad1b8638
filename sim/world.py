"""The world that the emulators of a bench reach: every slot's plant, the relays between, the air, chance, and faults."""

import asyncio
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from typing import NamedTuple

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


class Turn(NamedTuple):
    """A moment at which a fault strikes or heals, the `time`-th time; of those at one moment healing comes first."""

    at: float
    strikes: bool
    number: int
    time: int


class World:
    """A simulated bench; it is the `Leads` of all its instruments.

    `now` is the clock in seconds; without it the running loop's time counts. Faults strike and heal at their time: when an
    instrument reaches into the world, everything since the last reach is made up for, moment by moment. Raises ValueError when a fault has no place in this world.
    """

    def __init__(self, spec: WorldSpec, now: Callable[[], float] | None = None) -> None:
        self.spec = spec
        self._now = now or asyncio.get_running_loop().time
        self._start = self._now()
        self._moment: float | None = None
        self._streams = Streams(spec.seed)
        self._troubles = Troubles({device.name: device for device in spec.devices})
        here = Here(spec.seed, self._elapsed, Ambient.seeded(spec.seed), self._streams)
        self._plants = {slot.name: plant_of(slot, here) for slot in spec.slots}
        self._stuck: dict[Relay, list[bool]] = defaultdict(list)
        self._told: dict[tuple[str, str], bool] = {}
        """What each relay was told last, by mainframe and place."""
        self._near: dict[str, list[Plant]] = defaultdict(list)
        self._watching: dict[str, Callable[[], object]] = {}
        for plant in self._plants.values():
            for device in plant.devices:
                self._near[device].append(plant)
        self._wired = {
            device: tuple((slot, plant) for slot, plant in self._plants.items() if plant in near)
            for device, near in self._near.items()
        }
        self._touched: dict[str, str] = {}
        """Whose leads each instrument had when it sensed last: the slots' names, none where nothing was connected."""
        faults = [parse(text) for text in spec.faults]
        self._aimed: list[tuple[Injected, Target]] = []
        self._ahead: list[Turn] = []
        self._next = math.inf
        self._await(faults)
        self._pass_time()

    def strike(self, text: str) -> None:
        """Let a fault begin: at its time if that lies ahead, else now. Raises ValueError when it has no place in this world."""
        self._await([parse(text)])
        self._pass_time()

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """The truth at an instrument's lead, of all slots that are connected to it, noise of the quantity included."""
        self._pass_time()
        if quantity is Quantity.SENSE_OPEN:
            return float(device in self._troubles.sense_open)
        there = self._troubles.home_place(device, place)
        flicker = _FLICKER.get(quantity)
        slots: list[str] = []
        truths: list[float] = []
        for slot, plant in self._wired.get(device, ()):
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
        found = COMBINED.get(quantity, first)(truths)
        return self._troubles.through(device, found) if quantity is Quantity.FOUR_WIRE else found

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        """Act on every slot that the instrument is wired to; a relay moves unless it is stuck."""
        self._pass_time()
        told = bool(value)
        if quantity is Quantity.RELAY and (self._stuck or device in self._troubles.shuffled):
            card, row, column = map(int, place.split("."))
            relay = Relay(device, self._troubles.home(device, card), row, column)
            place = _place(relay)
            value = float(self._stuck[relay][-1] if self._stuck.get(relay) else bool(value))
        if quantity is Quantity.RELAY:
            self._told[device, place] = told
        self._act(device, quantity, place, value)

    def watch(self, device: str, stir: Callable[[], object]) -> None:
        """Tell an instrument of what changes near it; one watcher for each."""
        self._watching[device] = stir

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

        When all are mated, the first one's label is scanned again, and it stays connected; nobody stands at a scanner that no
        slot has.
        """
        self._pass_time()
        plants = [plant for plant in self._plants.values() if plant.operator == device]
        plant = next((plant for plant in plants if not plant.mated), plants[0] if plants else None)
        if plant is None:
            return ""
        connected = plant.mated
        plant.mate()
        if not connected:
            self._stir([plant])
        return plant.scan()

    def plant(self, slot: str) -> Plant:
        """What lies in a slot, for whoever looks on; an instrument reaches it with its leads only."""
        return self._plants[slot]

    def unmate(self, slot: str) -> None:
        """The operator takes the unit out of a slot."""
        self._plants[slot].unmate()
        self._stir([self._plants[slot]])

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
        """A fault's additive error of the instrument, 0 when healthy."""
        self._pass_time()
        return self._troubles.offset(device, quantity)

    def gain_of(self, device: str, quantity: str) -> float:
        """A fault's gain error of the instrument as a factor, 1 when healthy."""
        self._pass_time()
        return self._troubles.gain(device, quantity)

    def ill(self, device: str) -> str:
        """The trouble on the instrument's wire now."""
        self._pass_time()
        return self._troubles.ills.get(device, "")

    def _elapsed(self) -> float:
        return self._moment if self._moment is not None else self._now() - self._start

    def _await(self, faults: Iterable[Injected]) -> None:
        """These will strike too, each at its time."""
        now = self._elapsed()
        for fault in faults:
            for target in targets(fault, self.spec):
                heappush(self._ahead, Turn(max(fault.at, now), strikes=True, number=len(self._aimed), time=0))
                self._aimed.append((fault, target))
        self._next = self._ahead[0].at if self._ahead else math.inf

    def _pass_time(self) -> None:
        """What should have struck and healed by now has, each at its own moment."""
        while self._next < math.inf and self._elapsed() >= self._next:
            turn = heappop(self._ahead)
            injected, target = self._aimed[turn.number]
            self._moment = turn.at
            try:
                (self._strike if turn.strikes else self._heal)(injected, target)
            finally:
                self._moment = None
            self._look_ahead(turn, injected)

    def _look_ahead(self, turn: Turn, injected: Injected) -> None:
        when, time = injected.when, turn.time + 1
        if turn.strikes and math.isfinite(when.until):
            heappush(self._ahead, turn._replace(at=when.ends(turn.time), strikes=False))
        elif not turn.strikes and math.isfinite(when.every):
            heappush(self._ahead, turn._replace(at=when.strikes(time), strikes=True, time=time))
        self._next = self._ahead[0].at if self._ahead else math.inf

    def _strike(self, injected: Injected, target: Target) -> None:
        name, place = injected.fault.name, target.places[0]
        if target.slot:
            self._plants[target.slot].strike(name, target.places, injected.value)
            self._stir([self._plants[target.slot]])
        elif injected.fault.place in {RELAY, DRIVEN_RELAY}:
            relay = Relay.written(place)
            self._stuck[relay].append(name == "relay-stuck-closed")
            self._move(relay, closed=self._stuck[relay][-1])
        else:
            self._troubles.strike(name, place, injected.value)
            if name == "card-swapped":  # a card that is pulled drops all its relays
                for card, row, column in ((c, r, n) for c in (1, 2, 3) for r in (1, 2, 3, 4) for n in range(1, 9)):
                    self._move(Relay(place, card, row, column), closed=False)

    def _heal(self, injected: Injected, target: Target) -> None:
        name, place = injected.fault.name, target.places[0]
        if target.slot:
            self._plants[target.slot].heal(name, target.places, injected.value)
            self._stir([self._plants[target.slot]])
        elif injected.fault.place in {RELAY, DRIVEN_RELAY}:
            relay = Relay.written(place)
            stuck = self._stuck[relay]
            stuck.remove(name == "relay-stuck-closed")
            self._move(relay, closed=stuck[-1] if stuck else self._told.get((relay.mainframe, _place(relay)), False))
        else:
            self._troubles.heal(name, place, injected.value)

    def _move(self, relay: Relay, *, closed: bool) -> None:
        self._act(relay.mainframe, Quantity.RELAY, _place(relay), float(closed))

    def _act(self, device: str, quantity: Quantity, place: str, value: float) -> None:
        """Let an instrument act on all that it is wired to."""
        near = self._near[device]
        for plant in near:
            plant.drive(device, quantity, place, value)
        if self._watching:
            self._stir(near)

    def _stir(self, plants: Sequence[Plant]) -> None:
        """Something has changed there."""
        for device, stir in self._watching.items():
            if any(plant in plants for plant in self._near[device]):
                stir()


def _place(relay: Relay) -> str:
    """Where a relay is, as `Quantity.RELAY` has it."""
    return f"{relay.card}.{relay.row}.{relay.column}"
