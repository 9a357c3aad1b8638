"""Faults of pumping units, which must come out FAILED, and of their hot loop, which must come out ERROR."""

from functools import partial

from sim.catalogue import steps
from sim.catalogue.fault import Place, Value, after, kind, nowhere
from sim.cooling.spec import LoopSlot, ManifoldSlot

_TEMPERATURES, _PRESSURES = ("T_in", "T_out"), ("p_in", "p_out")

UNIT = Place("nothing, or a slot: a pumping unit", nowhere, slots=LoopSlot)
PUMP = Place("a pump", lambda sketch: sketch.slot.unit.pumps, slots=LoopSlot)
THERMOMETER = Place("a thermometer of the unit", lambda _: (*_TEMPERATURES, "T_hex"), slots=LoopSlot)
GAUGE = Place("a pressure sensor of the unit", lambda _: _PRESSURES, slots=LoopSlot)
TWINS = Place(
    "two sensors of one kind",
    lambda _: ("T_in", "p_in"),
    lambda _, first: (*after(_TEMPERATURES, first), *after(_PRESSURES, first)),
    symmetric=True,
    slots=LoopSlot,
)
WET = Place("where one of the unit's leak sensors sits", lambda _: ("internal", "external", "pan"), slots=LoopSlot)
PAN = Place("the leak sensor that tells when it is broken", lambda _: ("pan",), slots=LoopSlot)
HOT_JIG = Place("nothing, or a slot: a hot loop", nowhere, slots=LoopSlot)
COVERED = Place("nothing, or a slot: one with a cover", nowhere, slots=(ManifoldSlot, LoopSlot))

_fault = partial(kind, family="cooling")
_of_jig = partial(kind, family="fixture")

PUMPING_UNITS = (
    _fault(
        "pump-worn",
        "the wheel of a pump is worn: less head at the same speed",
        PUMP,
        steps.EACH_PUMP,
        "K18",
        Value("head as a multiple of the drawn one", "", 0.5, 0.99, default=0.85),
        severities=(0.99, 0.97, 0.95, 0.9, 0.85, 0.5),
        told_from=("pump-reversed", "loop-blocked", "wrong-coolant", "check-valve-open", "tach-wrong"),
    ),
    _fault(
        "pump-reversed",
        "a pump turns the wrong way: a little more than half its head",
        PUMP,
        steps.EACH_PUMP,
        "K19",
        told_from=("pump-worn", "check-valve-open"),
    ),
    _fault(
        "air-in-loop",
        "bubbles in the coolant make the flow flutter, at which no test looks: it escapes, or is taken for a flow sensor that errs",
        UNIT,
        (),
        "K13",
        Value("part of the loop's volume", "%", 1.0, 10.0, default=5.0),
        severities=(1.0, 2.0, 3.0, 5.0, 10.0),
        told_from=("flow-gain", "filter-clogging", "low-level"),
    ),
    _fault(
        "pump-failed",
        "a pump stands",
        PUMP,
        (steps.EACH_PUMP, steps.WARM, steps.HOURS),
        "K21",
        told_from=("tach-wrong",),
    ),
    _fault(
        "pump-drags",
        "a bearing of a pump drags: more power at the same speed",
        PUMP,
        steps.EACH_PUMP,
        "K20",
        Value("power as a multiple of the drawn one", "", 1.02, 2.0, default=1.2),
        severities=(1.02, 1.05, 1.1, 1.15, 1.2, 2.0),
        told_from=("wrong-coolant",),
    ),
    _fault(
        "tach-wrong",
        "the speed that a pump tells is not the one it has",
        PUMP,
        steps.EACH_PUMP,
        "K21",
        Value("told speed as a multiple of the true one", "", 0.3, 0.99, default=0.5),
        severities=(0.99, 0.97, 0.95, 0.9, 0.5, 0.3),
        told_from=("pump-failed", "pump-worn"),
    ),
    _fault(
        "check-valve-open",
        "the check valve of a pump does not shut",
        PUMP,
        steps.EACH_PUMP,
        "K22",
        told_from=("pump-worn", "loop-blocked"),
    ),
    _fault(
        "flow-gain",
        "the flow sensor shows too little",
        UNIT,
        (steps.CURVE, steps.EACH_PUMP, steps.HOURS),
        "K24",
        Value("shown flow as a multiple of the true one", "", 0.6, 0.99, default=0.9),
        severities=(0.99, 0.97, 0.95, 0.93, 0.9, 0.6),
        told_from=("loop-blocked", "wrong-coolant", "air-in-loop"),
    ),
    _fault(
        "sensor-offset",
        "a thermometer shows too much",
        THERMOMETER,
        steps.ISOTHERMAL,
        "K25",
        Value("what it shows too much", "K", 0.1, 5.0, default=1.5),
        severities=(0.1, 0.2, 0.3, 0.5, 1.5, 5.0),
        told_from=("sensors-swapped", "drifted"),
    ),
    _fault(
        "pressure-zero",
        "the zero of a pressure sensor has moved",
        GAUGE,
        steps.ZERO,
        "K26",
        Value("what it shows too much", "kPa", 0.3, 10.0, default=5.0),
        severities=(0.3, 0.6, 1.0, 2.0, 5.0, 10.0),
        told_from=("zero-shifted", "sensors-swapped"),
    ),
    _fault(
        "sensors-swapped",
        "the wires of two sensors are exchanged",
        TWINS,
        (steps.CURVE, steps.WARM),
        "K27",
        told_from=("sensor-offset", "hoses-exchanged"),
    ),
    _fault(
        "wrong-coolant",
        "water instead of PG25",
        UNIT,
        steps.CURVE,
        "K15",
        told_from=("loop-blocked", "pump-worn", "flow-gain"),
    ),
    _fault(
        "loop-blocked",
        "something is in the loop of the unit",
        UNIT,
        steps.CURVE,
        value=Value("turbulent resistance as a multiple of the drawn one", "", 1.02, 3.0, default=1.6),
        severities=(1.02, 1.05, 1.1, 1.2, 1.3, 1.6, 3.0),
        told_from=("wrong-coolant", "flow-gain", "pump-worn", "filter-clogging"),
    ),
    _fault(
        "filter-clogging",
        "the filter fills up while the coolant goes round",
        UNIT,
        steps.HOURS,
        "K17",
        Value("growth of the loop's resistance in an hour", "%", 0.5, 20.0, default=5.0),
        severities=(0.5, 1.0, 2.0, 3.0, 5.0, 20.0),
        told_from=("loop-blocked", "air-in-loop"),
    ),
    _fault(
        "drip",
        "coolant drips at one of the unit's leak sensors",
        WET,
        (steps.DRY, steps.WARM, steps.HOURS),
        "K30",
        told_from=("hot-leak", "leak-sensor-broken", "damp that condenses"),
    ),
    _fault(
        "hot-leak",
        "a joint leaks when it is hot, and only then",
        WET,
        steps.WARM,
        "K03",
        Value("temperature above which it leaks", "degC", 30.0, 60.0, default=42.0),
        severities=(60.0, 50.0, 46.0, 42.0, 30.0),
        told_from=("drip", "damp that condenses"),
    ),
    _fault(
        "low-level",
        "too little coolant in the reservoir",
        UNIT,
        steps.QUIET,
        "K14",
        told_from=("air-in-loop", "drip"),
    ),
    _fault(
        "leak-sensor-broken",
        "the wire of one of the unit's leak sensors is broken",
        PAN,
        steps.QUIET,
        "K28",
        told_from=("drip", "rope-broken"),
    ),
)

HOT_LOOPS = (
    _of_jig(
        "cover-open",
        "the cover, or the interlock, opens",
        COVERED,
        (steps.BENCH_EMPTY, steps.HEATER_OFF),
        told_from=("interlock-open",),
    ),
    _of_jig(
        "rope-broken",
        "the leak rope around a hot loop is broken",
        HOT_JIG,
        steps.HEATER_OFF,
        told_from=("leak-sensor-broken", "drip"),
    ),
    _of_jig(
        "heater-welded", "the contactor of a heater does not open", HOT_JIG, steps.HEATER_OFF, told_from=("cover-open",)
    ),
)
