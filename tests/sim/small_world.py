"""The small bench as its instruments reach it."""

from itertools import pairwise

from sim.cable.spec import Column
from sim.quantity import Quantity
from sim.spec import WorldSpec
from sim.world import World
from tests.sim.small_bench import bench, drawn


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """The time that was set."""
        return self.seconds


def world(*faults: str, seed: int = 7, slots: tuple[str, ...] = ("A",)) -> World:
    """A world whose unit is not mated yet, at rest in time."""
    return World(bench(faults, seed, slots), Clock())


def move(spec: WorldSpec, here: World, row: int, *pins: str, closed: bool = True, slot: int = 0) -> None:
    """Switch pins of a slot to a row."""
    for pin in pins:
        at = drawn(spec, slot).jig.points[pin]
        here.drive(at.mainframe, Quantity.RELAY, float(closed), f"{at.card}.{row}.{at.column}")


def column(here: World, row: int, at: Column, *, closed: bool) -> None:
    """Switch one column to a row."""
    here.drive(at.mainframe, Quantity.RELAY, float(closed), f"{at.card}.{row}.{at.column}")


def resistance(here: World, a: str, b: str) -> float:
    """What the ohmmeter of slot A sees between two pins."""
    spec = bench()
    move(spec, here, 1, a)
    move(spec, here, 2, b)
    read = here.sense("ohms", Quantity.FOUR_WIRE)
    move(spec, here, 1, a, closed=False)
    move(spec, here, 2, b, closed=False)
    return read


def insulation(here: World, a: tuple[str, ...], b: tuple[str, ...]) -> tuple[float, float]:
    """What the multimeter of slot A sees between two groups: ohms and farads."""
    spec = bench()
    move(spec, here, 3, *a)
    move(spec, here, 4, *b)
    read = here.sense("mux1", Quantity.TWO_WIRE, "101"), here.sense("mux1", Quantity.CAPACITANCE, "101")
    move(spec, here, 3, *a, closed=False)
    move(spec, here, 4, *b, closed=False)
    return read


def part(here: World, number: int, rows: tuple[int, int]) -> float:
    """What a meter sees of a part of the jig: 0 the bar, 1 the reference, 2 the identity."""
    each = drawn(bench()).jig.parts[number]
    for row, at in zip(rows, (each.a, each.b), strict=True):
        column(here, row, at, closed=True)
    read = here.sense("ohms", Quantity.FOUR_WIRE) if rows == (1, 2) else here.sense("mux1", Quantity.TWO_WIRE, "101")
    for row, at in zip(rows, (each.a, each.b), strict=True):
        column(here, row, at, closed=False)
    return read


def everything(here: World) -> tuple[object, ...]:
    """All that instruments can learn from a world, always asked in the same order."""
    spec = bench()
    pins = tuple(drawn(spec).jig.points)
    told: list[object] = [
        (here.cards(name), here.serial(name), here.ill(name)) for name in ("ohms", "mux1", "mux2", "gas", "pdu")
    ]
    told += [here.ill("gun"), here.sense("ohms", Quantity.SENSE_OPEN), here.gain_of("mux1", "resistance")]
    told += [here.gain_of("ohms", "resistance"), here.offset_of("ohms", "resistance")]
    told += [
        here.sense("mux1", Quantity.TEMPERATURE, "102"),
        part(here, 0, (1, 2)),
        part(here, 1, (3, 4)),
        part(here, 2, (3, 4)),
    ]
    told += [insulation(here, (a,), (b,)) for a, b in pairwise(pins)]
    for row in (1, 2, 3, 4):  # what is stuck ties a pin to a row, or leaves it out
        move(spec, here, 3, *pins)
        bar = drawn(spec).jig.parts[0]
        for at, to in ((bar.a, row), (bar.b, 4)):
            column(here, to, at, closed=True)
        told.append(here.sense("mux1", Quantity.TWO_WIRE, "101"))
        for at, to in ((bar.a, row), (bar.b, 4)):
            column(here, to, at, closed=False)
        move(spec, here, 3, *pins, closed=False)
    told += [resistance(here, pin, pin) for pin in pins]
    told += [insulation(here, (pin,), (pin,)) for pin in pins]
    told.append(here.scan("gun"))
    told += [
        insulation(here, (each.a,), (each.b,)) for each in drawn(spec).unit.strands if "S1" not in (each.a, each.b)
    ]
    told.append(insulation(here, ("J1.8",), ("J2.9", "J3.1")))
    told += [insulation(here, ("J1.8", "J2.9"), ("J3.1",)), insulation(here, ("J1.8", "J3.1"), ("J2.9",))]
    told += [resistance(here, a, b) for a in pins for b in pins if a < b]
    told += [insulation(here, (a,), (b,)) for a, b in (("J1.1", "J1.2"), ("J1.3", "J1.4"), ("J1.5", "J1.6"))]
    return tuple(told)
