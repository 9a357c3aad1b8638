"""Sketches: what of a slot, as drawn, tells where a fault can sit."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from sim.cable.drawing import Drawing
from sim.cable.spec import CableSlot
from sim.spec import Slot, WorldSpec


@dataclass(frozen=True, slots=True)
class Sketch:
    """A slot on its bench, where its spec tells all that there is to tell."""

    slot: Any
    spec: WorldSpec


Drawn: TypeAlias = Any
"""Each kind of slot has its own."""


def sketch_of(slot: Slot, spec: WorldSpec) -> Drawn:
    """What the places of faults are looked up in: `slot`, `spec`, and for cables the whole drawing."""
    return Drawing(slot, spec) if isinstance(slot, CableSlot) else Sketch(slot, spec)


def beside(spec: WorldSpec) -> dict[str, set[str]]:
    """What else places are called: of each pin of a cable, the wires that end there."""
    found: dict[str, set[str]] = {}
    for slot in (each for each in spec.slots if isinstance(each, CableSlot)):
        for strand in slot.unit.strands:
            for pin in (strand.a, strand.b):
                found.setdefault(pin, set()).add(strand.name)
    return found
