"""From the drawing of a cable to one cable of a population: each strand with the length and the copper that it got."""

from dataclasses import replace

from sim.cable.sketch import off
from sim.cable.spec import Strand, Unit


def as_made(unit: Unit, seed: int) -> Unit:
    """The unit as it was made. The one that is as drawn has its drawing's lengths; its copper varies when it is laid."""
    member = unit.member
    if not member.number:
        return unit
    key = member.key(seed)

    def made(strand: Strand) -> Strand:
        name = strand.name
        return replace(
            strand,
            length=strand.length * member.linear(key, "length", 1.0, name),
            ohms_per_metre=strand.ohms_per_metre * member.linear(key, "ohms", off(key, name), name),
            farads_per_metre=strand.farads_per_metre * member.linear(key, "farads", 1.0, name),
        )

    return replace(unit, strands=tuple(made(strand) for strand in unit.strands))
