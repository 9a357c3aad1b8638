"""Faults of jigs, relays, instruments, their wires and the people around them. A run with one must come out ERROR."""

from sim.catalogue import places, steps
from sim.catalogue.fault import Fault, Value

_WHILE_MATED = (steps.MATED, steps.CONDUCTORS, steps.SHIELDS, steps.NETS, steps.PAIRS, steps.STILL_MATED)
_WHILE_THERE = (*_WHILE_MATED, *steps.WITH_MANIFOLD, *steps.WITH_PUMPING_UNIT)
_WITNESSED = (
    steps.TESTER, steps.EARTHED, steps.CHASSIS, steps.DISCHARGED, steps.PHASES, steps.NEUTRAL, steps.METERS, steps.SOAK,
    steps.OUTPUT, steps.BENCH_EMPTY, steps.JIG_TIGHT, steps.ZERO, steps.HOURS,
)  # fmt: skip
"""Where a meter that lies is told from the unit, by another one that sees the same."""

FIXTURE = (
    Fault(
        "relay-stuck-open",
        "fixture",
        "a relay of the matrix does not close any more",
        places.DRIVEN_RELAY,
        (steps.CONDUCTORS, steps.SHIELDS),
        ("I06",),
    ),
    Fault(
        "relay-stuck-closed",
        "fixture",
        "a relay of the matrix is welded",
        places.RELAY,
        (steps.EMPTY,),
        ("I07",),
    ),
    Fault(
        "bar-worn",
        "fixture",
        "the shorting bar of the jig is no short any more",
        places.BARRED,
        (steps.BAR,),
        value=Value("resistance that the bar has gained", "ohm", 0.01, 1e3, default=0.05),
    ),
    Fault(
        "jig-swapped",
        "fixture",
        "another jig is mounted: its identity resistor has twice the value",
        places.MARKED,
        (steps.JIG,),
    ),
    Fault(
        "jig-leak",
        "fixture",
        "the empty jig leaks between two neighbouring points",
        places.TWO_POINTS,
        (steps.EMPTY,),
        ("I11",),
        Value("resistance of the leak", "ohm", 1e3, 5e7, default=1e6),
    ),
)

INSTRUMENT = (
    Fault(
        "sense-open",
        "instrument",
        "a sense lead of the ohmmeter is broken",
        places.OHMMETER,
        (steps.BAR,),
        ("I02",),
    ),
    Fault(
        "drifted",
        "instrument",
        "a meter has lost its calibration, by more than its witnesses allow",
        places.CALIBRATED,
        (steps.JIG, *_WITNESSED),
        value=Value(
            "reading as a multiple of the truth (from 0.95 down or 1.05 up of every meter but the safety tester, of it 0.9 or 1.1)",
            "",
            0.2,
            5.0,
            default=1.1,
            harmless=1.0,
        ),
    ),
    Fault(
        "silent",
        "instrument",
        "an instrument neither obeys nor answers; its connection stays up",
        places.INSTRUMENT,
        (steps.IDENTIFY, steps.CONNECTS),
    ),
    Fault(
        "late",
        "instrument",
        "an instrument answers after its time is up",
        places.IDENTIFIED,
        (steps.IDENTIFY, steps.CONNECTS),
        ("I32",),
    ),
    Fault(
        "short-reply",
        "instrument",
        "an instrument's answers are cut off",
        places.INSTRUMENT,
        (steps.IDENTIFY, steps.CONNECTS),
        ("I29",),
    ),
    Fault(
        "garbled",
        "instrument",
        "an instrument's answers arrive with wrong bytes",
        places.INSTRUMENT,
        (steps.IDENTIFY, steps.CONNECTS),
        ("I29",),
    ),
    Fault("nan", "instrument", "a meter says that it has no number", places.METER, (steps.JIG, steps.BAR)),
    Fault(
        "frozen",
        "instrument",
        "a meter gives its last reading again and again",
        places.METER,
        (steps.JIG, steps.BAR, steps.CONDUCTORS),
        ("I25", "I30"),
    ),
    Fault(
        "stuck",
        "instrument",
        "a meter's readings do not move any more; everything else that it says is right",
        places.MEASURING,
        (steps.JIG, steps.BAR, steps.CONDUCTORS, *_WITNESSED),
    ),
    Fault(
        "stale",
        "instrument",
        "an instrument answers each question with the answer to the one before",
        places.IDENTIFIED,
        (steps.IDENTIFY,),
    ),
    Fault(
        "foreign",
        "instrument",
        "what answers is another unit of the bus, or the answer to another transaction",
        places.MODBUS,
        (steps.IDENTIFY,),
    ),
    Fault(
        "swapped",
        "instrument",
        "the words of each number are exchanged in what an instrument reads; of a single word, the bytes",
        places.REGISTERED,
        (steps.IDENTIFY,),
        ("I27",),
    ),
    Fault(
        "failing",
        "instrument",
        "an instrument says that it has failed: exception 04 to every request",
        places.MODBUS,
        (steps.IDENTIFY,),
    ),
    Fault(
        "busy",
        "instrument",
        "an instrument says that it is busy: exception 06 to every request, for ever",
        places.MODBUS,
        (steps.IDENTIFY,),
    ),
    Fault(
        "reset",
        "instrument",
        "the power of an instrument fails for a moment: settings are lost, connections drop",
        places.IDENTIFIED,
        (steps.IDENTIFY, *_WHILE_MATED),
        timed=True,
    ),
    Fault(
        "half-open",
        "instrument",
        "a connection is gone at the instrument's end, which tells nobody; a new one would be well",
        places.CONNECTED,
        (steps.IDENTIFY, *_WHILE_MATED),
        timed=True,
    ),
    Fault(
        "link-closed",
        "instrument",
        "the connection to an instrument is closed from its end",
        places.INSTRUMENT,
        (steps.IDENTIFY, steps.CONNECTS),
    ),
    Fault(
        "wrong-instrument",
        "instrument",
        "another instrument of the same model answers: its serial number differs",
        places.NUMBERED,
        (steps.IDENTIFY,),
        ("I40",),
        refused=True,
    ),
    Fault(
        "card-swapped",
        "instrument",
        "the cards of a mainframe sit in other slots, with their cables still on them",
        places.MAINFRAME,
        (steps.CARDS, steps.JIG),
        ("I08",),
    ),
)

OPERATOR = (
    Fault(
        "wrong-label",
        "operator",
        "the label that is scanned is another unit's",
        places.SLOT,
        (steps.CONNECTS,),
        ("I33", "I34"),
    ),
    Fault("unmated", "operator", "a connector of the unit is not plugged in", places.PLUG, (steps.MATED,)),
    Fault("removed", "operator", "the unit is pulled out of the jig", places.SLOT, _WHILE_THERE, timed=True),
)
