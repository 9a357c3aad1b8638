"""What the cable sequences measure, and at which points of a product."""

from collections.abc import Mapping

from sequences.cabling.bound import bits
from sequences.cabling.cable import Cable
from sequences.cabling.wiring import CableWiring
from sequences.limits import Limit, at_least, at_most, between
from sequences.measurement import Measurement

ROWS = ("row1", "row2", "row3", "row4")


def conductors(cable: Cable) -> tuple[str, ...]:
    """The paths of conductors."""
    return tuple(path.name for path in cable.netlist.paths if not path.shield)


def shields(cable: Cable) -> tuple[str, ...]:
    """The paths of shields."""
    return tuple(path.name for path in cable.netlist.paths if path.shield)


def nominal(cable: Cable) -> Mapping[str, float]:
    """Ohms at 20 degrees Celsius that the drawing promises, where it does."""
    netlist = cable.netlist
    found = {path.name: netlist.nominal(path) for path in netlist.paths}
    return {name: ohms for name, ohms in found.items() if ohms is not None}


def groups(cable: Cable) -> tuple[str, ...]:
    """The group measurements that tell all nets apart: about log2 of their number."""
    return tuple(f"g{at}" for at in range(1, bits(len(cable.netlist.nets)) + 1))


def empty_groups(cable: Cable) -> tuple[str, ...]:
    """The states of the empty jig: each row by itself, and the groups that tell all points apart."""
    return (*ROWS, *(f"g{at}" for at in range(1, bits(len(cable.netlist.pins)) + 1)))


def _reference(wiring: CableWiring) -> Limit:
    part = wiring.reference
    return between(part.ohms * (1 - part.tolerance), part.ohms * (1 + part.tolerance), "ohm")


def _identity(wiring: CableWiring) -> Limit:
    part = wiring.identity
    return between(part.ohms * (1 - part.tolerance), part.ohms * (1 + part.tolerance), "ohm")


def _bar(wiring: CableWiring) -> Limit:
    return between(-wiring.bar_at_most, wiring.bar_at_most, "ohm")


def _leads(_: CableWiring) -> Limit:
    return at_most(10.0, "ohm")


AMBIENT = Measurement(
    "ambient", "degC", "temperature at the jig", of_station=True, limit=lambda _: between(10.0, 40.0, "degC")
)
IDENTITY = Measurement("jig_identity", "ohm", "the jig's identity resistor", of_station=True, limit=_identity)
REFERENCE = Measurement("reference", "ohm", "the jig's reference resistor", of_station=True, limit=_reference)
ZERO = Measurement("zero", "ohm", "the jig's shorting bar, four wires", of_station=True, limit=_bar)
ZERO_AFTER = Measurement("zero_after", "ohm", "the shorting bar again, after the unit", of_station=True, limit=_bar)
LEADS = Measurement("leads", "ohm", "leads and relays of the multimeter's path", of_station=True, limit=_leads)
LEADS_AFTER = Measurement("leads_after", "ohm", "the multimeter's path again", of_station=True, limit=_leads)
REFERENCE_AFTER = Measurement(
    "reference_after", "ohm", "the jig's reference resistor again", of_station=True, limit=_reference
)
EMPTY = Measurement(
    "empty_jig", "ohm", "insulation of the empty jig", over=empty_groups, of_station=True,
    limit=lambda wiring: at_least(wiring.empty_at_least, "ohm"),
)  # fmt: skip

CONDUCTION = Measurement(
    "conduction", "ohm", "conductor resistance at 20 degrees Celsius", over=conductors, nominal=nominal
)
SHIELD = Measurement("shield", "ohm", "shield resistance at 20 degrees Celsius", over=shields, nominal=nominal)
ISOLATION = Measurement("isolation", "ohm", "insulation between two halves of all nets", over=groups)
PAIR_CAPACITANCE = Measurement(
    "pair_capacitance", "F", "capacitance between the wires of a twisted pair", over=lambda cable: tuple(cable.pairs)
)
