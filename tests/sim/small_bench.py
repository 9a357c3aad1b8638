"""A small bench for the tests of the plant: one slot, one unit with a bit of everything."""

import itertools
from collections.abc import Iterator

from sim.cable.plant import CablePlant
from sim.cable.spec import CableSlot, Column, Jig, Part, Strand, Unit
from sim.here import Here
from sim.spec import Device, WorldSpec

OHMS_PER_METRE = 0.0842  # 24 AWG
CELSIUS = 23.0


def wire(name: str, a: str, b: str, length: float = 2.0) -> Strand:
    """A wire of 24 AWG."""
    return Strand(name, a, b, length, OHMS_PER_METRE)


def bench(faults: tuple[str, ...] = (), seed: int = 7, slots: tuple[str, ...] = ("A",)) -> WorldSpec:
    """A bench with that many slots, each with two mainframes of its own; meters, scanner and what speaks Modbus are shared."""
    frames = tuple(f"mux{number}" for number in range(1, 2 * len(slots) + 1))
    devices = (
        Device("ohms", "hioki-rm3545", "170812345"),
        *(
            Device(name, "keysight-daq970a", f"MY5900{name[3:]}", ("DAQM901A", "DAQM904A", "DAQM904A"))
            for name in frames
        ),
        Device("gun", "barcode-scanner"),
        Device("gas", "keller-33x", "20001"),
        Device("pdu", "raritan-xerus"),
    )
    made = tuple(slot(name, frames[2 * at : 2 * at + 2]) for at, name in enumerate(slots))
    return WorldSpec(devices, made, seed, faults)


def slot(name: str = "A", frames: tuple[str, ...] = ("mux1", "mux2")) -> CableSlot:
    """One slot with its jig and unit."""
    made = unit()
    places = columns(frames)
    pins = (f"{connector}.{pin}" for connector, every in made.connectors.items() for pin in every)
    points = {pin: next(places) for pin in pins}
    parts = tuple(
        Part(part, next(places), next(places), ohms)
        for part, ohms in (("bar", 0.0002), ("reference", 1e7), ("identity", 4700.0))
    )
    jig = Jig("panel", points, parts, "ohms", (frames[0], 101), (frames[0], 102), "gun")
    return CableSlot(name, jig, made)


def columns(frames: tuple[str, ...]) -> Iterator[Column]:
    """The columns of all matrix cards, in order."""
    return (Column(*at) for at in itertools.product(frames, (2, 3), range(1, 9)))


def unit() -> Unit:
    """Wires, two twisted pairs, a jumper, a splice, a shield, and pins that are empty."""
    return Unit(
        {
            "J1": tuple(str(pin) for pin in range(1, 11)),
            "J2": tuple(str(pin) for pin in range(1, 12)),
            "J3": ("1", "2"),
        },
        (
            *(wire(f"W{pin}", f"J1.{pin}", f"J2.{pin}") for pin in (1, 2, 3, 4)),
            *(wire(f"W{pin}", f"J1.{pin}", f"J2.{pin}", 1.5) for pin in (5, 6, 7)),
            wire("B1", "J2.7", "J2.8", 0.02),
            wire("W8", "J1.8", "S1", 1.0),
            wire("W9", "S1", "J2.9", 1.0),
            wire("W10", "S1", "J3.1", 0.5),
            Strand("SH", "J1.9", "J2.10", 2.0, 0.02, shield=True),
        ),
        {"TP1": ("W1", "W2"), "TP2": ("W3", "W4")},
        "SN-1",
    )


def mated(*faults: tuple[str, tuple[str, ...], float | None], seed: int = 7) -> CablePlant:
    """A plant whose unit has those faults and is plugged in."""
    plant = CablePlant(slot(), Here.still(seed))
    for fault in faults:
        plant.strike(*fault)
    plant.mate()
    return plant


def close(plant: CablePlant, row: int, *pins: str) -> None:
    """Tie pins to a row."""
    for pin in pins:
        plant.copper.switch(row, plant.copper.points[plant.slot.jig.points[pin]], closed=True)


def open_all(plant: CablePlant) -> None:
    """Open every crosspoint."""
    for point in plant.copper.points.values():
        for row in (1, 2, 3, 4):
            plant.copper.switch(row, point, closed=False)


def ohms(plant: CablePlant, a: str, b: str, celsius: float = CELSIUS) -> float:
    """What a perfect micro-ohmmeter reads between two pins."""
    close(plant, 1, a)
    close(plant, 2, b)
    read = plant.copper.four_wire(celsius)
    open_all(plant)
    return read


def across(plant: CablePlant, high: tuple[str, ...], low: tuple[str, ...]) -> float:
    """What a perfect multimeter reads between two groups of pins."""
    close(plant, 3, *high)
    close(plant, 4, *low)
    read = plant.copper.two_wire(CELSIUS)
    open_all(plant)
    return read


def farads(plant: CablePlant, high: tuple[str, ...], low: tuple[str, ...]) -> float:
    """The capacitance between two groups of pins, the jig's own taken off."""
    empty, reads = CablePlant(plant.slot, Here.still(7)), []
    for each in (plant, empty):
        close(each, 3, *high)
        close(each, 4, *low)
        reads.append(each.copper.capacitance())
        open_all(each)
    return reads[0] - reads[1]


def others(plant: CablePlant, *pins: str) -> tuple[str, ...]:
    """All pins of the jig but these."""
    return tuple(pin for pin in plant.slot.jig.points if pin not in pins)


def netlist(plant: CablePlant) -> set[frozenset[str]]:
    """The groups of pins that hang together by less than a kilohm."""
    groups: list[set[str]] = []
    for pin in plant.slot.jig.points:
        home = next((group for group in groups if ohms(plant, pin, min(group)) < 1e3), None)
        if home is None:
            groups.append({pin})
        else:
            home.add(pin)
    return {frozenset(group) for group in groups}


def drawn(spec: WorldSpec, at: int = 0) -> CableSlot:
    """A slot of a bench, known to be one for cables."""
    found = spec.slots[at]
    assert isinstance(found, CableSlot)
    return found
