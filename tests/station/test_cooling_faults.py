"""Every fault of manifolds and pumping units on a simulated line: caught, by the step that promised it, and located.

The pumping unit of most tests is hot for a quarter of an hour only; one test burns the shipped one in for a whole day.
"""

from pathlib import Path

import pytest

from sim.catalogue.cooling import COOLING, COOLING_FIXTURE
from sim.catalogue.fault import Fault
from sim.cooling.spec import LoopSlot, ManifoldSlot
from sim.faults import each_place, parse
from tests.station.hot_loops import SHIPPED, SHORT, hot_line
from tests.station.lines import Record, blamed, carried_out, guilty, places, some_places, world, written

MANIFOLD = "MANIFOLD-8"
CALM = {
    "cover-open", "rope-broken", "heater-welded", "low-level", "leak-sensor-broken", "drip", "pump-failed", "loop-blocked",
    "hot-leak",
}  # fmt: skip
"""Faults of the loop that end a run before it is hot for long: they are tried at more places."""

ALIKE = {"crack": "gas-leak", "pump-reversed": "pump-worn"}
"""What is found instead of a kind of fault: at one test pressure leaks are alike, and so are pumps that lift too little."""

VALUES = [
    (MANIFOLD, "gas-leak:header=2", ("gas-leak", "header")),
    (MANIFOLD, "gas-leak:header=200", ("gas-leak", "header")),
    (MANIFOLD, "gas-leak:header=1000", ("gas-leak", "header")),
    (MANIFOLD, "gas-leak:qd3=2", ("gas-leak", "qd3")),
    (MANIFOLD, "gas-leak:qd6=1000", ("gas-leak", "qd6")),
    (MANIFOLD, "creep=0.2", ("creep", "")),
    (MANIFOLD, "creep=1", ("creep", "")),
    (MANIFOLD, "wrong-volume=0.5", ("wrong-volume", "")),
    (MANIFOLD, "wrong-volume=0.92", ("wrong-volume", "")),
    (MANIFOLD, "branch-blocked:branch2=1.4", ("branch-blocked", "branch2")),
    (MANIFOLD, "branch-blocked:branch8=100", ("branch-blocked", "branch8")),
    (SHORT, "pump-worn:pump3=0.9", ("pump-worn", "pump3")),
    (SHORT, "pump-drags:pump1=1.15", ("pump-drags", "pump1")),
    (SHORT, "tach-wrong:pump2=0.9", ("tach-wrong", "pump2")),
    (SHORT, "flow-gain=0.93", ("flow-gain", "")),
    (SHORT, "flow-gain=0.7", ("flow-gain", "")),
    (SHORT, "flow-gain=0.6", ("flow-gain", "")),
    (SHORT, "sensor-offset:T_out=0.5", ("sensor-offset", "T_out")),
    (SHORT, "sensor-offset:T_in=5", ("sensor-offset", "T_in")),
    (SHORT, "pressure-zero:p_out=2", ("pressure-zero", "p_out")),
    (SHORT, "pressure-zero:p_in=10", ("pressure-zero", "p_in")),
    (SHORT, "loop-blocked=1.3", ("loop-blocked", "")),
    (SHORT, "loop-blocked=3", ("loop-blocked", "")),
    (SHORT, "hot-leak:external=30", ("hot-leak", "external")),
    (SHORT, "hot-leak:pan=46", ("hot-leak", "pan")),
]
"""Faults with values of their own, from hardly visible to grossly wrong, and what is found."""

STATION = [
    (MANIFOLD, "bench-leak=0.6"),
    (MANIFOLD, "bench-leak=100"),
    (MANIFOLD, "fill-valve-passes=0.8"),
    (MANIFOLD, "coupling-leak:qd5=2"),
    (MANIFOLD, "coupling-leak:qd2=50"),
    (MANIFOLD, "zero-shifted=10000"),
    (MANIFOLD, "draught=10"),
    (MANIFOLD, "draught@6m"),
    (MANIFOLD, "draught@9m"),
    (MANIFOLD, "draught@15m"),
    (MANIFOLD, "cover-open@6m"),
    (MANIFOLD, "cover-open@12m"),
    (SHORT, "hoses-exchanged"),
    (SHORT, "cover-open@30m"),
    (SHORT, "rope-broken@30m"),
]
"""Faults of jigs, small, large and late: never the unit's fault."""

TOGETHER = [
    (MANIFOLD, "gas-leak:qd2=5", "gas-leak:qd7=8", "branch-blocked:branch5=4"),
    (MANIFOLD, "gas-leak:qd1=5", "gas-leak:qd2=5"),
    (MANIFOLD, "gas-leak:header=5", "gas-leak:qd4=9"),
    (MANIFOLD, "poppet-missing:qd3", "poppet-missing:qd8"),
    (MANIFOLD, "wrong-volume=0.8", "gas-leak:qd6=5"),
    (SHORT, "pump-worn:pump1=0.85", "tach-wrong:pump3=0.5"),
    (SHORT, "sensor-offset:T_hex=1.5", "pump-drags:pump2=1.3"),
    (SHORT, "pressure-zero:p_out=5", "flow-gain=0.85"),
]

REMOVED = [
    *((MANIFOLD, at) for at in (300, 340, 400, 600, 900, 1000, 1200, 1500)),
    *((SHORT, at) for at in (40, 400, 700, 850, 1000, 1800)),
]


def run(folder: Path, product: str, *faults: str, seed: int = 0) -> Record:
    """The record of one unit's run on the line that has its slot."""
    return carried_out(folder / "kept", product, *faults, seed=seed, station=line(folder, product))


def line(folder: Path, product: str) -> str | None:
    """The station file of the line: the short burn-in has one of its own."""
    return hot_line(folder) if product == SHORT else None


def product_of(fault: Fault) -> str:
    """The product on which a fault is tried."""
    slots = fault.place.slots if isinstance(fault.place.slots, tuple) else (fault.place.slots,)
    return MANIFOLD if ManifoldSlot in slots else SHORT


def blame(text: str) -> tuple[str, frozenset[str]]:
    """A written fault as what should be found."""
    name, _, where = text.partition("=")[0].partition(":")
    return name, places(where)


@pytest.mark.parametrize("fault", [each for each in COOLING if each.caught_by], ids=lambda fault: fault.name)
def test_a_fault_of_the_unit_is_failed_and_located(tmp_path: Path, fault: Fault) -> None:
    """FAILED, by the step that promised it, with one finding: the fault's own name and its own place."""
    product = product_of(fault)
    count = 4 if product == MANIFOLD or fault.name in CALM else 2
    for place in some_places(fault, product, count, line(tmp_path, product)):
        # A filter that fills up needs hours: here it fills up faster.
        text = written(fault, place, "=20" if fault.name == "filter-clogging" else "")
        record = run(tmp_path, product, text)
        named = ALIKE.get(fault.name, fault.name)
        assert ("FAILED", [(named, places(place))]) == (record["verdict"], blamed(record)), text
        assert guilty(record) in fault.caught_by, text


@pytest.mark.parametrize("fault", COOLING_FIXTURE, ids=lambda fault: fault.name)
def test_a_fault_of_the_jig_never_judges_the_unit(tmp_path: Path, fault: Fault) -> None:
    """ERROR, by the step that promised it; nothing is found at the unit."""
    slots = fault.place.slots if isinstance(fault.place.slots, tuple) else (fault.place.slots,)
    for product, kind in ((MANIFOLD, ManifoldSlot), (SHORT, LoopSlot)):
        if kind not in slots:
            continue
        for place in some_places(fault, product, 2, line(tmp_path, product)):
            text = written(fault, place)
            record = run(tmp_path, product, text)
            assert ("ERROR", []) == (record["verdict"], record["findings"]), text
            assert guilty(record) in fault.caught_by, (text, record["reason"])


def test_every_fault_has_a_place_on_these_products(tmp_path: Path) -> None:
    """Nothing in the catalogue goes untested because no product has it."""
    for fault in (*COOLING, *COOLING_FIXTURE):
        product = product_of(fault)
        assert any(True for _ in each_place(fault, world(product, line(tmp_path, product)))), fault.name


@pytest.mark.parametrize(("product", "seeds"), [(MANIFOLD, 12), (SHORT, 6)])
def test_good_units_pass(tmp_path: Path, product: str, seeds: int) -> None:
    """Many benches and many units, each with its own errors and noise: no false alarm."""
    records = [run(tmp_path, product, seed=seed) for seed in range(seeds)]
    assert [("PASSED", [])] * seeds == [(each["verdict"], each["findings"]) for each in records]


@pytest.mark.parametrize("case", VALUES, ids=lambda case: case[1])
def test_a_fault_with_a_value_is_called_what_it_looks_like(
    tmp_path: Path, case: tuple[str, str, tuple[str, str]]
) -> None:
    """From hardly visible to grossly wrong: FAILED with one finding, at the right place."""
    product, text, (cause, where) = case
    record = run(tmp_path, product, text)
    assert ("FAILED", [(cause, places(where))]) == (record["verdict"], blamed(record))


@pytest.mark.parametrize("case", STATION, ids=lambda case: f"{case[0]} {case[1]}")
def test_what_is_wrong_with_the_station_is_an_error_at_any_time(tmp_path: Path, case: tuple[str, str]) -> None:
    """Small or large, early or late: ERROR, and nothing is found at the unit."""
    product, text = case
    record = run(tmp_path, product, text)
    assert ("ERROR", []) == (record["verdict"], record["findings"])


@pytest.mark.parametrize("case", TOGETHER, ids="+".join)
def test_several_faults_at_once_are_all_found(tmp_path: Path, case: tuple[str, ...]) -> None:
    """Each is found by its own name at its own place, and nothing else is."""
    product, *faults = case
    record = run(tmp_path, product, *faults)
    assert "FAILED" == record["verdict"]
    assert sorted(map(blame, faults), key=str) == sorted(blamed(record), key=str)


@pytest.mark.parametrize(("product", "at"), REMOVED)
def test_a_unit_that_is_taken_off_is_no_bad_unit(tmp_path: Path, product: str, at: int) -> None:
    """Whenever it happens: ERROR, by a step that promised it, and no finding."""
    record = run(tmp_path, product, f"removed@{at}s")
    assert ("ERROR", []) == (record["verdict"], record["findings"]), record["reason"]
    assert guilty(record) in parse(f"removed@{at}s").fault.caught_by


@pytest.mark.parametrize("product", [MANIFOLD, SHORT])
def test_a_label_of_another_unit_stops_the_run(tmp_path: Path, product: str) -> None:
    """Before anything is filled or heated."""
    record = run(tmp_path, product, "wrong-label")
    assert ("ERROR", "the_operator_connects_the_unit") == (record["verdict"], guilty(record))


@pytest.mark.parametrize("product", [MANIFOLD, SHORT])
@pytest.mark.parametrize("trouble", ["silent", "garbled", "short-reply", "late", "link-closed"])
def test_a_broken_wire_never_judges_a_unit(tmp_path: Path, product: str, trouble: str) -> None:
    """Of every instrument of the slot, in the middle of the run: ERROR, and no finding."""
    spec = world(product, line(tmp_path, product))
    at = "600s" if product == MANIFOLD else "1800s"
    for device in spec.devices:
        if device.model == "barcode-scanner":
            continue
        record = run(tmp_path, product, f"{trouble}:{device.name}@{at}")
        assert ("ERROR", []) == (record["verdict"], record["findings"]), (device.name, record["reason"])


def test_a_leak_test_is_compensated(tmp_path: Path) -> None:
    """The temperature of the bench wanders by hundredths of a kelvin, tens of pascals; a good unit's leak is near 0.1 sccm."""
    record = run(tmp_path, MANIFOLD)
    read = {each["name"]: each for step in record["steps"] for each in step["measurements"]}
    assert abs(read["leak"]["value"]) < 0.3
    assert read["leak"]["uncertainty"] < 0.3
    assert pytest.approx(1.0, abs=0.1) == read["unit_response"]["value"]
    assert pytest.approx(1.25, abs=0.04) == read["volume"]["value"]


def test_a_day_of_heat_passes_in_seconds(tmp_path: Path) -> None:
    """24 hours hot, looked at every minute: PASSED, and a drip in the 20th hour is found."""
    station = hot_line(tmp_path, seconds=86_400.0, every=60.0)
    good = carried_out(tmp_path / "kept", SHORT, station=station)
    assert ("PASSED", True) == (good["verdict"], good["line_time_s"] > 86_400.0)
    bad = carried_out(tmp_path / "kept", SHORT, "drip:external@20h", station=station)
    assert ("FAILED", [("drip", places("external"))]) == (bad["verdict"], blamed(bad))
    assert 72_000.0 < bad["line_time_s"] < 76_000.0


def test_the_shipped_pumping_unit_passes(tmp_path: Path) -> None:
    """Four hours, as its product file says, on the shipped line."""
    record = carried_out(tmp_path, SHIPPED)
    assert ("PASSED", []) == (record["verdict"], record["findings"])
    assert record["line_time_s"] > 4 * 3600.0
