"""The electrical picture of one slot: of a jig, and of the harness that is mated with it if there is one."""

from collections import defaultdict
from dataclasses import dataclass

from sim.cable.harness import Harness
from sim.cable.insulation import Insulation
from sim.cable.network import Network
from sim.cable.plates import Piece, Plates
from sim.cable.sketch import MATED, PIN, Sketch
from sim.cable.spec import Column, Jig
from sim.population import AS_DRAWN


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the meters of one slot see; `points` numbers the jig's columns, which are the network's first nodes."""

    points: dict[Column, int]
    network: Network
    plates: Plates
    insulation: Insulation


def wire(jig: Jig, leaks: list[tuple[Column, Column, float]], harness: Harness | None, seed: int, slot: str) -> Wiring:
    """Lay the copper of a slot. `leaks` are ohms between columns of the jig; contacts and wires vary by unit and slot."""
    columns = dict.fromkeys([*jig.points.values(), *(end for part in jig.parts for end in (part.a, part.b))])
    member, label = (harness.unit.member, harness.unit.label) if harness else (AS_DRAWN, "")
    points = {column: point for point, column in enumerate(columns)}
    mating = (seed, slot, "unit", member.number) if member.number else (seed, slot, label)
    sketch = Sketch((seed, slot), member.key(seed, slot, label), points, mating, member)
    for part in jig.parts:
        sketch.resist(sketch.points[part.a], sketch.points[part.b], part.ohms)
    for a, b, ohms in leaks:
        sketch.resist(sketch.points[a], sketch.points[b], ohms)
    sketch.board()
    if harness:
        _mate(sketch, jig, harness)
        _lay(sketch, jig, harness)
    network = Network(sketch.size, sketch.resistors)
    return Wiring(
        sketch.points,
        network,
        _plates(harness, sketch.pieces, network.island_of),
        Insulation(sketch.films, network.island_of),
    )


def _mate(sketch: Sketch, jig: Jig, harness: Harness) -> None:
    for pin, column in jig.points.items():
        if pin not in harness.unplugged:
            sketch.contact(
                sketch.points[column], sketch.node(pin), PIN, pin, harness.probes.get(pin, 0.0), key=sketch.mating
            )
    for one, other, ohms in harness.joints:
        sketch.resist(sketch.node(one), sketch.node(other), ohms)


def _lay(sketch: Sketch, jig: Jig, harness: Harness) -> None:
    taps: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for touch in harness.touches:
        one, other = sketch.fresh(), sketch.fresh()
        sketch.resist(one, other, touch.ohms)
        taps[touch.one].append((touch.metres, one))
        taps[touch.other].append((touch.metres, other))
    mated = {end for run in harness.runs.values() if not run.length for end in (run.a, run.b)}
    beside: list[Piece] = []
    metres = 0.0
    for number, run in enumerate(harness.runs.values()):
        if not run.length:
            if not run.cuts:
                sketch.contact(sketch.node(run.a), sketch.node(run.b), MATED, run.name, run.at_b)
            continue
        crimp_a, crimp_b = (0.0 if end in jig.points or end in mated else MATED / 2 for end in (run.a, run.b))
        pieces = sketch.strand(run, number, taps[run.name], (crimp_a, crimp_b))
        sketch.beside(beside, pieces, min(metres, run.length), run.name)
        sketch.pieces += pieces
        beside, metres = pieces, run.length


def _plates(harness: Harness | None, pieces: list[Piece], island_of: list[int]) -> Plates:
    if harness is None:
        return Plates({}, {}, pieces, island_of)
    number = {name: index for index, name in enumerate(harness.runs)}
    farads = {number[run.name]: run.length * run.farads_per_metre for run in harness.runs.values() if run.length}
    twins: dict[int, int] = {}
    for one, other in harness.twins.values():
        if one in number and other in number:
            twins[number[one]], twins[number[other]] = number[other], number[one]
    return Plates(farads, twins, pieces, island_of)
