"""Faults of the cable itself. A unit that has one must come out FAILED."""

from sim.catalogue import places, steps
from sim.catalogue.fault import Fault, Place, Value


def _fault(
    name: str, title: str, place: Place, caught_by: str, stands_for: str = "", value: Value | None = None
) -> Fault:
    return Fault(name, "cabling", title, place, (caught_by,), tuple(stands_for.split()), value)


CABLING = (
    _fault(
        "open",
        "a wire is broken, or its contact at end b is not made",
        places.WIRE,
        steps.CONDUCTORS,
        "C01",
        Value("distance of the break from end a (nothing: the contact at end b)", "m", 0.0, 1000.0),
    ),
    _fault(
        "short",
        "two wires touch, at two fifths of the shorter one's length from end a",
        places.TWO_WIRES,
        steps.NETS,
        "C02",
        Value("resistance of the touch", "ohm", 0.0, 1e3, default=0.05),
    ),
    _fault(
        "leak",
        "a whisker or a film of dirt joins two wires, where a short would sit",
        places.TWO_WIRES,
        steps.NETS,
        "C03",
        Value("resistance of the leak", "ohm", 1e3, 5e7, default=5e4),
    ),
    _fault(
        "swap", "two wires are exchanged in the connector at their ends b", places.TWO_ENDS, steps.CONDUCTORS, "C04"
    ),
    _fault(
        "swap-pair",
        "two twisted pairs are exchanged in the connector at their ends b, first wire for first wire",
        places.TWO_PAIR_ENDS,
        steps.CONDUCTORS,
        "C04",
    ),
    _fault(
        "split-pair",
        "the second wires of two twisted pairs are exchanged at both ends: the netlist is right, the twists are not",
        places.TWO_PAIRS,
        steps.PAIRS,
        "C06",
    ),
    _fault(
        "reversed",
        "a connector is wired the wrong way round: the first pin is the last",
        places.CONNECTOR,
        steps.CONDUCTORS,
        "C05",
    ),
    _fault(
        "miswire", "end b of a wire sits in a pin that should be empty", places.WIRE_TO_PIN, steps.CONDUCTORS, "C04"
    ),
    _fault("missing-jumper", "a jumper within a connector was left out", places.JUMPER, steps.CONDUCTORS, "C07"),
    _fault(
        "extra-jumper",
        "two pins of a connector are joined that should not be",
        places.TWO_PINS,
        steps.NETS,
        "C07",
        Value("resistance of the jumper", "ohm", 0.0, 1e3, default=0.01),
    ),
    _fault(
        "high-resistance",
        "the contact at end b of a wire is bad: a cold crimp",
        places.LOADED_WIRE,
        steps.CONDUCTORS,
        "C08",
        Value("resistance that the contact adds", "ohm", 1e-3, 1e3, default=0.5),
    ),
    _fault(
        "wrong-gauge",
        "a wire is thinner than drawn",
        places.LOADED_WIRE,
        steps.CONDUCTORS,
        "C10",
        Value("steps of AWG, negative for a thicker wire", "AWG", -10.0, 10.0, default=2.0, harmless=0.0),
    ),
    _fault(
        "wrong-length",
        "the cable, or one wire, is longer than drawn",
        places.WHOLE_OR_WIRE,
        steps.CONDUCTORS,
        "C11",
        Value("length as a multiple of the drawn one", "", 0.1, 10.0, default=1.3, harmless=1.0),
    ),
    _fault("shield-open", "a shield is not connected at its end b", places.SHIELD, steps.SHIELDS, "C21"),
    _fault(
        "shield-short",
        "a wire touches a shield, at two fifths of the shorter one's length from end a",
        places.SHIELD_TO_WIRE,
        steps.NETS,
        "C18",
        Value("resistance of the touch", "ohm", 0.0, 1e3, default=0.5),
    ),
)
