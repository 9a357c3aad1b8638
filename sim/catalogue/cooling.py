"""Faults of manifolds and pumping units, which must come out FAILED, and of their jigs, which must come out ERROR."""

from collections.abc import Iterable
from typing import Any

from sim.catalogue import steps
from sim.catalogue.fault import Fault, Place, Value, after, nowhere
from sim.cooling.spec import LoopSlot, ManifoldSlot


def _header_or_disconnect(sketch: Any) -> Iterable[str]:  # noqa: ANN401
    return ("header", *sketch.slot.jig.couplings)


_TEMPERATURES, _PRESSURES = ("T_in", "T_out"), ("p_in", "p_out")

MANIFOLD = Place("nothing, or a slot: a manifold", nowhere, slots=ManifoldSlot)
LEAKS = Place("header, or a quick disconnect", _header_or_disconnect, slots=ManifoldSlot)
HEADERS = Place("header", lambda _: ("header",), slots=ManifoldSlot)
DISCONNECT = Place("a quick disconnect", lambda sketch: sketch.slot.jig.couplings, slots=ManifoldSlot)
BRANCH = Place("a branch", lambda sketch: sketch.slot.unit.ends, slots=ManifoldSlot)
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


def _fault(
    name: str,
    title: str,
    place: Place,
    caught_by: str | tuple[str, ...],
    stands_for: str = "",
    value: Value | None = None,
) -> Fault:
    by = (caught_by,) if isinstance(caught_by, str) else caught_by
    return Fault(name, "cooling", title, place, by, tuple(stands_for.split()), value)


def _of_jig(
    name: str,
    title: str,
    place: Place,
    caught_by: str | tuple[str, ...],
    stands_for: str = "",
    value: Value | None = None,
) -> Fault:
    by = (caught_by,) if isinstance(caught_by, str) else caught_by
    return Fault(name, "fixture", title, place, by, tuple(stands_for.split()), value)


_SIZE = "leak at the test pressure"

COOLING = (
    _fault(
        "gas-leak",
        "a pinhole in a header or its joints, or a poppet that does not seal",
        LEAKS,
        (steps.HEADERS, steps.POPPETS),
        "K01",
        Value(_SIZE, "sccm", 2.0, 1000.0, default=5.0),
    ),
    _fault("seal-missing", "a joint of the headers without its seal", HEADERS, steps.FILLS, "K04"),
    _fault("poppet-missing", "a quick disconnect without its poppet", DISCONNECT, steps.POPPETS_THERE, "K04"),
    _fault(
        "creep",
        "something elastic gives way under pressure, ever more slowly",
        MANIFOLD,
        (steps.VOLUME, steps.HEADERS),
        "K07",
        Value("volume that is gained with each e-fold of time", "%", 0.2, 1.0, default=0.5),
    ),
    _fault(
        "wrong-volume",
        "a part is missing: less air goes in",
        MANIFOLD,
        steps.VOLUME,
        "K09",
        Value("volume as a multiple of the drawn one", "", 0.5, 0.92, default=0.8),
    ),
    _fault(
        "branch-blocked",
        "debris in a branch",
        BRANCH,
        steps.BRANCHES,
        "K10",
        Value("turbulent resistance as a multiple of the drawn one", "", 1.4, 100.0, default=10.0),
    ),
    _fault(
        "pump-worn",
        "the wheel of a pump is worn: less head at the same speed",
        PUMP,
        steps.EACH_PUMP,
        "K18",
        Value("head as a multiple of the drawn one", "", 0.5, 0.9, default=0.85),
    ),
    _fault("pump-failed", "a pump stands", PUMP, (steps.EACH_PUMP, steps.WARM, steps.HOURS), "K21"),
    _fault(
        "pump-drags",
        "a bearing of a pump drags: more power at the same speed",
        PUMP,
        steps.EACH_PUMP,
        "K20",
        Value("power as a multiple of the drawn one", "", 1.15, 2.0, default=1.2),
    ),
    _fault(
        "tach-wrong",
        "the speed that a pump tells is not the one it has",
        PUMP,
        steps.EACH_PUMP,
        "K21",
        Value("told speed as a multiple of the true one", "", 0.3, 0.9, default=0.5),
    ),
    _fault("check-valve-open", "the check valve of a pump does not shut", PUMP, steps.EACH_PUMP, "K22"),
    _fault(
        "flow-gain",
        "the flow sensor shows too little",
        UNIT,
        (steps.CURVE, steps.EACH_PUMP, steps.HOURS),
        "K24",
        Value("shown flow as a multiple of the true one", "", 0.6, 0.93, default=0.9),
    ),
    _fault(
        "sensor-offset",
        "a thermometer shows too much",
        THERMOMETER,
        steps.ISOTHERMAL,
        "K25",
        Value("what it shows too much", "K", 0.5, 5.0, default=1.5),
    ),
    _fault(
        "pressure-zero",
        "the zero of a pressure sensor has moved",
        GAUGE,
        steps.ZERO,
        "K26",
        Value("what it shows too much", "kPa", 2.0, 10.0, default=5.0),
    ),
    _fault(
        "sensors-swapped",
        "the wires of two sensors are exchanged",
        TWINS,
        (steps.CURVE, steps.WARM),
        "K27",
    ),
    _fault("wrong-coolant", "water instead of PG25", UNIT, steps.CURVE, "K15"),
    _fault(
        "loop-blocked",
        "something is in the loop of the unit",
        UNIT,
        steps.CURVE,
        value=Value("turbulent resistance as a multiple of the drawn one", "", 1.3, 3.0, default=1.6),
    ),
    _fault(
        "filter-clogging",
        "the filter fills up while the coolant goes round",
        UNIT,
        steps.HOURS,
        "K17",
        Value("growth of the loop's resistance in an hour", "%", 3.0, 20.0, default=5.0),
    ),
    _fault("drip", "coolant drips at one of the unit's leak sensors", WET, (steps.DRY, steps.WARM, steps.HOURS), "K30"),
    _fault(
        "hot-leak",
        "a joint leaks when it is hot, and only then",
        WET,
        steps.WARM,
        "K03",
        Value("temperature above which it leaks", "degC", 30.0, 46.0, default=42.0),
    ),
    _fault("low-level", "too little coolant in the reservoir", UNIT, steps.QUIET, "K14"),
    _fault("leak-sensor-broken", "the wire of one of the unit's leak sensors is broken", PAN, steps.QUIET, "K28"),
)

COOLING_FIXTURE = (
    _of_jig(
        "bench-leak",
        "the jig of a leak bench leaks by itself",
        MANIFOLD,
        steps.JIG_TIGHT,
        "I21",
        Value(_SIZE, "sccm", 0.6, 100.0, default=2.0),
    ),
    _of_jig("calibrated-leak-blocked", "the calibrated leak is blocked", MANIFOLD, steps.LEAK_SEEN, "I22"),
    _of_jig(
        "coupling-leak",
        "the seal of a coupling of the jig is worn",
        DISCONNECT,
        steps.HEADERS,
        "I23",
        Value(_SIZE, "sccm", 2.0, 50.0, default=5.0),
    ),
    _of_jig("coupling-stuck", "a coupling of the jig does not move", DISCONNECT, steps.IN_PLACE),
    _of_jig(
        "fill-valve-passes",
        "the filling valve does not shut: the supply creeps in",
        MANIFOLD,
        steps.JIG_TIGHT,
        "I20",
        Value("what it lets through", "sccm", 0.8, 50.0, default=3.0),
    ),
    _of_jig("isolate-stuck-open", "the isolating valve does not shut", MANIFOLD, steps.JIG_TIGHT, "I24"),
    _of_jig("isolate-stuck-shut", "the isolating valve does not open", MANIFOLD, (steps.FILLS, steps.VOLUME), "I24"),
    _of_jig(
        "zero-shifted",
        "the zero of the bench's pressure sensor has moved",
        MANIFOLD,
        steps.BENCH_EMPTY,
        value=Value("what it shows too much", "Pa", 1e4, 1e5, default=2e4),
    ),
    _of_jig(
        "draught",
        "cold air blows at the bench, and its thermometer sees a part of it",
        MANIFOLD,
        (steps.JIG_TIGHT, steps.LEAK_SEEN, steps.HEADERS, steps.UNIT_SEEN, steps.POPPETS),
        "K06",
        Value("cooling of the unit", "K/h", 10.0, 60.0, default=20.0),
    ),
    _of_jig("cover-open", "the cover, or the interlock, opens", COVERED, (steps.BENCH_EMPTY, steps.HEATER_OFF)),
    _of_jig("rope-broken", "the leak rope around a hot loop is broken", HOT_JIG, steps.HEATER_OFF),
    _of_jig("heater-welded", "the contactor of a heater does not open", HOT_JIG, steps.HEATER_OFF),
)
