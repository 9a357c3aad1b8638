"""The plant of one slot: the jig, the unit that is mated with it or not, and what is wrong with both."""

from dataclasses import replace

from sim.cable.defects import DEFECTS, add
from sim.cable.harness import Harness, pins
from sim.cable.wiring import wire
from sim.catalogue.places import BAR, IDENTITY
from sim.copper import Copper
from sim.spec import Column, Jig, Slot

CONTINUE = "CONTINUE"
"""What the operator's card says that is scanned where the unit has no label."""
STRANGER = "OTHER-UNIT-1"
"""The label that is scanned when it is the wrong one."""


TAKEN_OFF_AFTER = 0.3
"""Seconds that every relay has been open when the operator takes the unit off the jig."""


class Plant:
    """One slot. At first the jig is empty."""

    def __init__(self, slot: Slot, seed: int) -> None:
        self.slot = slot
        self.mated = False
        self.gone = False
        """Whether the unit was pulled out; nobody brings it back."""
        self._seed = seed
        self._jig: Jig = slot.jig
        self._leaks: list[tuple[Column, Column, float]] = []
        self._harness = Harness(slot.unit)
        self._label = slot.unit.label
        self._idle_since: float | None = None
        self.copper = Copper(wire(self._jig, [], None, seed, slot.name), seed, slot.name)

    def switch(self, row: int, point: int, *, closed: bool, at: float) -> None:
        """Move a relay at a time in seconds. When the next test begins on a panel at rest, the last unit is off already."""
        if closed and self._idle_since is not None:
            if self.mated and at - self._idle_since >= TAKEN_OFF_AFTER:
                self.unmate()
            self._idle_since = None
        self.copper.switch(row, point, closed=closed)
        if not closed and self._idle_since is None and self.copper.at_rest:
            self._idle_since = at

    def mate(self) -> None:
        """Plug the unit in."""
        self.mated = not self.gone
        self._idle_since = None
        self._rewire()

    def unmate(self) -> None:
        """Unplug the unit."""
        self.mated = False
        self._rewire()

    def scan(self) -> str:
        """What the scanner reads here."""
        return self._label or CONTINUE

    def strike(self, fault: str, places: tuple[str, ...], value: float | None) -> None:
        """Let a fault of the unit, of the jig or of the operator begin."""
        if fault in DEFECTS:
            add(self._harness, fault, places, value)
        else:
            self._begin(fault, places, value or 0.0)
        self._rewire()

    def _begin(self, fault: str, places: tuple[str, ...], value: float) -> None:
        match fault:
            case "bar-worn":
                self._alter(BAR, 1.0, value)
            case "jig-swapped":
                self._alter(IDENTITY, 2.0, 0.0)
            case "jig-leak":
                one, other = (self._jig.points[pin] for pin in places)
                self._leaks.append((one, other, value))
            case "unmated":
                self._harness.unplugged += pins(self.slot.unit, places[0])
            case "wrong-label":
                self._label = STRANGER
            case "removed":
                self.gone, self.mated = True, False
            case _:
                raise KeyError(fault)

    def _alter(self, name: str, factor: float, more: float) -> None:
        self._jig = replace(
            self._jig,
            parts=tuple(
                replace(part, ohms=part.ohms * factor + more) if part.name == name else part for part in self._jig.parts
            ),
        )

    def _rewire(self) -> None:
        harness = self._harness if self.mated else None
        self.copper.rewire(wire(self._jig, self._leaks, harness, self._seed, self.slot.name))
