"""Every kind of place where a fault may sit. Only places where it changes something that can be measured count."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sim.cable.drawing import Drawing
from sim.cable.sketch import neighbours
from sim.cable.spec import BAR, IDENTITY, CableSlot
from sim.catalogue.fault import Place, after
from sim.cooling.spec import LoopSlot, ManifoldSlot
from sim.makers import has_registers, is_connected_to, speaks_modbus
from sim.power.spec import PduSlot, PsuSlot
from sim.sketch import Drawn

NAMELESS = frozenset(
    {
        "barcode-scanner",
        "alicat-mc",
        "advantech-adam6060",
        "ateq-f6",
        "raritan-xerus",
        "keysight-34970a",
        "julabo-chiller",
    }
)
"""Models that have no way to say their serial number: one cannot be told from another of its kind."""


class Relay(NamedTuple):
    """One crosspoint of a mainframe."""

    mainframe: str
    card: int
    row: int
    column: int

    def __str__(self) -> str:
        return f"{self.mainframe}.{self.card}{self.row}{self.column}"

    @classmethod
    def written(cls, text: str) -> "Relay":
        """The relay of a text such as `mux1.211`: card 2, row 1, column 1."""
        mainframe, _, channel = text.rpartition(".")
        return cls(mainframe, int(channel[0]), int(channel[1]), int(channel[2:]))


def _severing(drawing: Drawing) -> Iterable[str]:
    return (name for name in drawing.wires if name in drawing.severing)


def _carrying(drawing: Drawing) -> Iterable[str]:
    return (name for name, each in drawing.wires.items() if drawing.carries(each))


def _whole_or_wire(drawing: Drawing) -> Iterable[str]:
    return ("", *_carrying(drawing))


def _strangers(drawing: Drawing, first: str) -> Iterable[str]:
    net = drawing.net(drawing.strands[first].a)
    return (name for name in after(drawing.wires, first) if drawing.net(drawing.strands[name].a) != net)


def _swappable(drawing: Drawing, first: str) -> Iterable[str]:
    home = drawing.connector(drawing.strands[first].b)
    there = (name for name in _strangers(drawing, first) if drawing.connector(drawing.strands[name].b) == home)
    return (name for name in there if home is not None and name in drawing.severing)


def _whole_pairs(drawing: Drawing) -> Iterable[str]:
    return (name for name, pair in drawing.unit.pairs.items() if all(wire in drawing.wires for wire in pair))


def _other_pairs(drawing: Drawing, first: str) -> Iterator[str]:
    pairs = drawing.unit.pairs
    for name in after(_whole_pairs(drawing), first):
        if len({drawing.net(drawing.strands[wire].a) for wire in (*pairs[first], *pairs[name])}) == 4:
            yield name


def _swappable_pairs(drawing: Drawing, first: str) -> Iterator[str]:
    for name in _other_pairs(drawing, first):
        wires = (*drawing.unit.pairs[first], *drawing.unit.pairs[name])
        homes = {drawing.connector(drawing.strands[wire].b) for wire in wires}
        if len(homes) == 1 and None not in homes and all(wire in drawing.severing for wire in wires):
            yield name


def _mirrored(drawing: Drawing) -> Iterable[str]:
    return (name for name in drawing.connectors if drawing.mirrored(name))


def _free_pins(drawing: Drawing, first: str) -> Iterable[str]:
    home = drawing.connector(drawing.strands[first].b)
    every = drawing.connectors[home] if home is not None else ()
    return (pin for pin in every if drawing.is_free(pin) and pin in drawing.jig.points)


def _jumpers(drawing: Drawing) -> Iterable[str]:
    return (name for name, each in drawing.strands.items() if drawing.jumps(each) and name in drawing.severing)


def _probed_pins(drawing: Drawing) -> Iterable[str]:
    return (pin for every in drawing.connectors.values() for pin in every if pin in drawing.jig.points)


def _other_pins(drawing: Drawing, first: str) -> Iterator[str]:
    for pin in after(_probed_pins(drawing), first):
        if drawing.connector(pin) == drawing.connector(first) and drawing.net(pin) != drawing.net(first):
            yield pin


def _severing_shields(drawing: Drawing) -> Iterable[str]:
    return (name for name in drawing.shields if name in drawing.severing)


def _under_shield(drawing: Drawing, first: str) -> Iterable[str]:
    net = drawing.net(drawing.strands[first].a)
    return (name for name, each in drawing.wires.items() if drawing.net(each.a) != net)


def _relays(drawing: Drawing) -> Iterable[str]:
    columns = dict.fromkeys(drawing.jig.points.values())
    return (str(Relay(at.mainframe, at.card, row, at.column)) for at in columns for row in (1, 2, 3, 4))


def _driven_relays(drawing: Drawing) -> Iterator[str]:
    """Rows 1 and 2 at the ends between which a wire alone is measured; the others are never needed one by one.

    The multimeter's rows reach every net through all of its pins, so one dead relay there hides nothing.
    """
    for name in _severing(drawing):
        strand = drawing.strands[name]
        for row, pin in ((1, strand.a), (2, strand.b)):
            if (at := drawing.jig.points.get(pin)) is not None:
                yield str(Relay(at.mainframe, at.card, row, at.column))


def _probing(drawing: Drawing) -> Iterable[str]:
    ends = {end for each in drawing.strands.values() if drawing.carries(each) for end in (each.a, each.b)}
    return (pin for pin in drawing.jig.points if pin in ends)


def _next_point(drawing: Drawing, first: str) -> Iterable[str]:
    here = drawing.jig.points[first]
    return (pin for pin, column in drawing.jig.points.items() if neighbours(here, column))


def _with_part(drawing: Drawing, part: str) -> Iterable[str]:
    return ("",) if any(each.name == part for each in drawing.jig.parts) else ()


def _shufflable(drawing: Drawing) -> Iterator[str]:
    told_apart = {end.mainframe for part in drawing.jig.parts if part.name == IDENTITY for end in (part.a, part.b)}
    for device in drawing.spec.devices:
        alike = len(set(device.cards)) < 2
        if len(device.cards) > 1 and (not alike or device.name in told_apart):
            yield device.name


def _meters(drawing: Drawing) -> Iterable[str]:
    return dict.fromkeys((drawing.jig.ohmmeter, drawing.jig.isolation[0]))


def _measuring(sketch: Drawn) -> Iterable[str]:
    """What the station judges the unit of a slot by, and judges its meters by."""
    slot = sketch.slot
    match slot:
        case CableSlot():
            found: tuple[str, ...] = (slot.jig.ohmmeter, slot.jig.isolation[0])
        case PduSlot() | PsuSlot():
            bay = slot.bay
            sensors = (slot.sensors,) if isinstance(slot, PduSlot) else ()
            found = (bay.safety, bay.source, bay.load, bay.reference, bay.voltmeter, *sensors)
        case ManifoldSlot():
            found = (slot.jig.pressure, slot.jig.flow)
        case LoopSlot():
            found = (slot.jig.meter, slot.jig.pressure)
        case _:
            found = ()
    return dict.fromkeys(found)


def _calibrated(sketch: Drawn) -> Iterable[str]:
    """The same; of the meters of cables only the multimeter has a part in the jig that tells."""
    slot = sketch.slot
    return (slot.jig.isolation[0],) if isinstance(slot, CableSlot) else _measuring(sketch)


def _instruments(drawing: Drawing) -> Iterable[str]:
    return (device.name for device in drawing.spec.devices)


def _identified(drawing: Drawing) -> Iterable[str]:
    return (device.name for device in drawing.spec.devices if device.model != "barcode-scanner")


def _numbered(drawing: Drawing) -> Iterable[str]:
    """A map of registers is a unit, or a part of one: another unit there is a matter of its label."""
    devices = (device for device in drawing.spec.devices if device.model not in NAMELESS and not device.map_file)
    return (device.name for device in devices)


def _modbus(drawing: Drawing) -> Iterable[str]:
    return (device.name for device in drawing.spec.devices if speaks_modbus(device))


def _registered(drawing: Drawing) -> Iterable[str]:
    return (device.name for device in drawing.spec.devices if has_registers(device))


def _connected(drawing: Drawing) -> Iterable[str]:
    return (device.name for device in drawing.spec.devices if is_connected_to(device))


def _plugged(drawing: Drawing) -> Iterable[str]:
    return (name for name, every in drawing.connectors.items() if any(pin in drawing.jig.points for pin in every))


WIRE = Place("a wire that alone joins two points of the jig", _severing)
LOADED_WIRE = Place("a wire between points of the jig", _carrying)
WHOLE_OR_WIRE = Place("nothing (the whole cable), or one wire", _whole_or_wire)
TWO_WIRES = Place("two wires of different nets", lambda drawing: drawing.wires, _strangers, symmetric=True)
TWO_ENDS = Place("two wires of different nets with ends b in one connector", _severing, _swappable, symmetric=True)
TWO_PAIRS = Place("two twisted pairs", _whole_pairs, _other_pairs, symmetric=True)
TWO_PAIR_ENDS = Place("two twisted pairs with ends b in one connector", _whole_pairs, _swappable_pairs, symmetric=True)
CONNECTOR = Place("a connector that is not symmetric", _mirrored)
WIRE_TO_PIN = Place("a wire and an empty pin of the connector at its end b", _severing, _free_pins)
JUMPER = Place("a strand with both ends in one connector", _jumpers)
TWO_PINS = Place("two pins of one connector, of different nets", _probed_pins, _other_pins, symmetric=True)
SHIELD = Place("a shield that alone joins two points of the jig", _severing_shields)
SHIELD_TO_WIRE = Place("a shield and a wire of another net", lambda drawing: drawing.shields, _under_shield)
RELAY = Place("a relay of a pin, as mainframe.channel (card, row, column)", _relays, on_the_bench=True)
DRIVEN_RELAY = Place("a relay of row 1 at a wire's end a, or of row 2 at its end b", _driven_relays, on_the_bench=True)
TWO_POINTS = Place("two pins at neighbouring columns", lambda drawing: drawing.jig.points, _next_point, symmetric=True)
PROBE = Place("a pin of a conductor", _probing)
HOT_LOOP = Place("nothing, or a slot: a hot loop", lambda _: ("",), slots=LoopSlot)
PANEL = Place("nothing, or a slot: a panel for cables", lambda _: ("",))
BARRED = Place("nothing, or a slot: jigs with a shorting bar", lambda drawing: _with_part(drawing, BAR))
MARKED = Place("nothing, or a slot: jigs with an identity resistor", lambda drawing: _with_part(drawing, IDENTITY))
SLOT = Place("nothing, or a slot", lambda _: ("",), slots=object)
PLUG = Place("a connector that mates with the jig", _plugged)
OHMMETER = Place("an ohmmeter", lambda drawing: (drawing.jig.ohmmeter,), on_the_bench=True)
METER = Place("an ohmmeter or a multimeter", _meters, on_the_bench=True)
MEASURING = Place("a meter of a slot", _measuring, on_the_bench=True, slots=object)
CALIBRATED = Place(
    "a meter of a slot, of a slot for cables the multimeter", _calibrated, on_the_bench=True, slots=object
)
IDENTIFIED = Place("an instrument that can say who it is", _identified, on_the_bench=True, slots=object)
MODBUS = Place("an instrument that speaks Modbus", _modbus, on_the_bench=True, slots=object)
REGISTERED = Place("an instrument with registers", _registered, on_the_bench=True, slots=object)
CONNECTED = Place("an instrument on the network", _connected, on_the_bench=True, slots=object)
NUMBERED = Place("an instrument that can say its serial number", _numbered, on_the_bench=True, slots=object)
INSTRUMENT = Place("an instrument", _instruments, on_the_bench=True, slots=object)
MAINFRAME = Place("a mainframe whose cards can be told apart", _shufflable, on_the_bench=True)
