"""Faults of manifolds, which must come out FAILED, and of their leak bench, which must come out ERROR."""

from collections.abc import Iterable
from functools import partial

from sim.catalogue import steps
from sim.catalogue.fault import Place, Value, kind, nowhere
from sim.cooling.spec import ManifoldSlot
from sim.sketch import Sketch


def _header_or_disconnect(sketch: Sketch) -> Iterable[str]:
    return ("header", *sketch.slot.jig.couplings)


MANIFOLD = Place("nothing, or a slot: a manifold", nowhere, slots=ManifoldSlot)
LEAKS = Place("header, or a quick disconnect", _header_or_disconnect, slots=ManifoldSlot)
HEADERS = Place("header", lambda _: ("header",), slots=ManifoldSlot)
DISCONNECT = Place("a quick disconnect", lambda sketch: sketch.slot.jig.couplings, slots=ManifoldSlot)
BRANCH = Place("a branch", lambda sketch: sketch.slot.unit.ends, slots=ManifoldSlot)

_fault = partial(kind, family="cooling")
_of_jig = partial(kind, family="fixture")
_SIZE = "leak at the test pressure"

MANIFOLDS = (
    _fault(
        "gas-leak",
        "a pinhole in a header or its joints, or a poppet that does not seal",
        LEAKS,
        (steps.HEADERS, steps.POPPETS),
        "K01",
        Value(_SIZE, "sccm", 0.2, 1000.0, default=5.0),
        severities=(0.2, 0.5, 1.0, 2.0, 5.0, 50.0, 1000.0),
        told_from=("crack", "creep", "draught", "coupling-leak", "bench-leak"),
    ),
    _fault(
        "crack",
        "a long narrow crack, whose leak grows with the square of the pressure",
        LEAKS,
        (steps.HEADERS, steps.POPPETS),
        "K02",
        Value(_SIZE, "sccm", 0.2, 1000.0, default=5.0),
        severities=(0.2, 0.5, 1.0, 2.0, 5.0, 50.0, 1000.0),
        told_from=("gas-leak", "creep", "draught"),
    ),
    _fault(
        "seal-missing",
        "a joint of the headers without its seal",
        HEADERS,
        steps.FILLS,
        "K04",
        told_from=("gas-leak", "fill-valve-passes", "isolate-stuck-open"),
    ),
    _fault(
        "poppet-missing",
        "a quick disconnect without its poppet",
        DISCONNECT,
        steps.POPPETS_THERE,
        "K04",
        told_from=("gas-leak", "coupling-stuck"),
    ),
    _fault(
        "creep",
        "something elastic gives way under pressure, ever more slowly",
        MANIFOLD,
        (steps.VOLUME, steps.HEADERS),
        "K07",
        Value("volume that is gained with each e-fold of time", "%", 0.02, 1.0, default=0.5),
        severities=(0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
        told_from=("gas-leak", "draught"),
    ),
    _fault(
        "wrong-volume",
        "a part is missing: less air goes in",
        MANIFOLD,
        steps.VOLUME,
        "K09",
        Value("volume as a multiple of the drawn one", "", 0.5, 0.99, default=0.8),
        severities=(0.99, 0.97, 0.95, 0.92, 0.8, 0.5),
        told_from=("creep", "isolate-stuck-shut", "drifted"),
    ),
    _fault(
        "branch-blocked",
        "debris in a branch",
        BRANCH,
        steps.BRANCHES,
        "K10",
        Value("turbulent resistance as a multiple of the drawn one", "", 1.05, 100.0, default=10.0),
        severities=(1.05, 1.1, 1.2, 1.4, 4.0, 10.0, 100.0),
        told_from=("coupling-stuck",),
    ),
)

LEAK_BENCHES = (
    _of_jig(
        "bench-leak",
        "the jig of a leak bench leaks by itself",
        MANIFOLD,
        steps.JIG_TIGHT,
        "I21",
        Value(_SIZE, "sccm", 0.6, 100.0, default=2.0),
        severities=(0.6, 1.0, 2.0, 10.0, 100.0),
        told_from=("gas-leak", "fill-valve-passes", "isolate-stuck-open", "draught"),
    ),
    _of_jig(
        "calibrated-leak-blocked",
        "the calibrated leak is blocked",
        MANIFOLD,
        steps.LEAK_SEEN,
        "I22",
        told_from=("isolate-stuck-open", "stuck"),
    ),
    _of_jig(
        "coupling-leak",
        "the seal of a coupling of the jig is worn",
        DISCONNECT,
        steps.HEADERS,
        "I23",
        Value(_SIZE, "sccm", 2.0, 50.0, default=5.0),
        severities=(2.0, 5.0, 20.0, 50.0),
        told_from=("gas-leak", "bench-leak"),
    ),
    _of_jig(
        "coupling-stuck",
        "a coupling of the jig does not move",
        DISCONNECT,
        steps.IN_PLACE,
        told_from=("poppet-missing", "branch-blocked"),
    ),
    _of_jig(
        "fill-valve-passes",
        "the filling valve does not shut: the supply creeps in",
        MANIFOLD,
        steps.JIG_TIGHT,
        "I20",
        Value("what it lets through", "sccm", 0.8, 50.0, default=3.0),
        severities=(0.8, 3.0, 10.0, 50.0),
        told_from=("bench-leak", "draught"),
    ),
    _of_jig(
        "isolate-stuck-open",
        "the isolating valve does not shut",
        MANIFOLD,
        steps.JIG_TIGHT,
        "I24",
        told_from=("fill-valve-passes", "bench-leak"),
    ),
    _of_jig(
        "isolate-stuck-shut",
        "the isolating valve does not open",
        MANIFOLD,
        (steps.FILLS, steps.VOLUME),
        "I24",
        told_from=("wrong-volume",),
    ),
    _of_jig(
        "zero-shifted",
        "the zero of the bench's pressure sensor has moved",
        MANIFOLD,
        steps.BENCH_EMPTY,
        value=Value("what it shows too much", "Pa", 1e4, 1e5, default=2e4),
        severities=(10000.0, 20000.0, 50000.0, 1e5),
        told_from=("pressure-zero", "drifted"),
    ),
    _of_jig(
        "draught",
        "cold air blows at the bench, and its thermometer sees a part of it",
        MANIFOLD,
        (steps.JIG_TIGHT, steps.LEAK_SEEN, steps.HEADERS, steps.UNIT_SEEN, steps.POPPETS),
        "K06",
        Value("cooling of the unit", "K/h", 10.0, 60.0, default=20.0),
        severities=(10.0, 20.0, 40.0, 60.0),
        told_from=("gas-leak", "creep"),
    ),
)
