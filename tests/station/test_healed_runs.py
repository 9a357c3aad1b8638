"""Faults that end: a run after them measures what a good unit measures; one that is met in mid-run is found, or missed."""

from pathlib import Path

import pytest

from sim.catalogue.fault import Fault
from sim.faults import catalogue, example
from station.orders import Request
from station.service import Simulated
from station.trial import Trials
from tests.station.hot_loops import SHORT, hot_line
from tests.station.lines import HARNESS, SERIAL, WHIP, Record, blamed, carried_out, places, world

PDU, PSU, MANIFOLD = "PDU-3P-24", "ORV3-PSU-3K", "MANIFOLD-8"
STAYS = {"heater-welded", "removed"}
"""What has left something behind by the time that it ends: heat, an empty slot."""


def measured(record: Record) -> list[tuple[str, str, float | None]]:
    """Every value that was taken, in order."""
    return [(each["name"], each["point"], each["value"]) for step in record["steps"] for each in step["measurements"]]


def of_the_slot(fault: Fault) -> bool:
    """Whether it ails a unit or a jig, and can end."""
    return not (fault.place.on_the_bench or fault.lasting or fault.name in STAYS)


@pytest.mark.parametrize("product", [WHIP, HARNESS, PDU, PSU, MANIFOLD, SHORT])
def test_a_run_after_everything_has_healed_is_a_good_ones(tmp_path: Path, product: str) -> None:
    """Every fault of unit and jig at once for a second, before the unit is there: as if it had never been."""
    station = hot_line(tmp_path) if product == SHORT else None
    texts = [example(fault, world(product, station)).partition("@")[0] for fault in catalogue() if of_the_slot(fault)]
    faults = tuple(f"{text}@0s-0.01s" for text in texts if text)
    assert len(faults) > 5
    with Trials(Request(product, SERIAL), station) as trials:
        good, healed = (trials.run(Simulated(0, each)) for each in ((), faults))
    assert ("PASSED", []) == (healed["verdict"], healed["findings"]), healed["reason"]
    for was, now in zip(measured(good), measured(healed), strict=True):
        assert was[:2] == now[:2]
        # A bench has let a breath of air in meanwhile, and the gas has gone on in other steps.
        assert was[2] == pytest.approx(now[2], rel=1e-4 if product == MANIFOLD else 1e-5), was


@pytest.mark.parametrize(
    ("fault", "verdict", "found"),
    [
        ("open:W3", "FAILED", {("open", places("W3"))}),
        ("open:W3@0s-1s", "PASSED", set()),
        ("silent:ohms_b@2s-2.2s", "PASSED", set()),
        ("sense-open:ohms_b@2s-60s", "ERROR", set()),
        ("current-open:ohms_b@2s", "ERROR", set()),
        ("sense-reversed:ohms_b@2s", "ERROR", set()),
        ("relay-stuck-closed:mux_b1.211@0.3s-60s", "ERROR", set()),
        ("intermittent:W3=1e6@0s-1s/1.1s", "FAILED", {("open", places("W3"))}),
    ],
)
def test_what_is_there_while_it_is_looked_for_is_found(
    tmp_path: Path, fault: str, verdict: str, found: set[tuple[str, frozenset[str]]]
) -> None:
    """And what has ended before, or comes between two looks, is not."""
    record = carried_out(tmp_path, HARNESS, fault)
    assert (verdict, found) == (record["verdict"], set(blamed(record))), record["reason"]


@pytest.mark.parametrize(
    "fault",
    [
        "film:W3",
        "strands-broken:W3",
        "jig-capacitance",
        "ambient-offset=1",
        "gain-drift:ohms_b",
        "thermal-emf:ohms_b=5e-6",
    ],
)
def test_what_nobody_claims_lets_a_good_unit_pass(tmp_path: Path, fault: str) -> None:
    """At its usual size: it escapes, as its title says, and makes no finding."""
    record = carried_out(tmp_path, HARNESS, fault)
    assert ("PASSED", []) == (record["verdict"], record["findings"]), record["reason"]


@pytest.mark.parametrize(
    "fault", ["intermittent:W9@0s-0.08s/0.1s", "intermittent:W30@0s-0.1s/0.15s", "intermittent:W47"]
)
def test_an_intermittent_contact_is_missed_or_its_wire_is_named(tmp_path: Path, fault: str) -> None:
    """Whatever becomes of the run, no other wire is blamed."""
    record = carried_out(tmp_path, HARNESS, fault)
    wire = fault.partition(":")[2].partition("@")[0]
    assert {where for _, where in blamed(record)} <= {places(wire)}


def test_a_drip_that_stops_stays_wet(tmp_path: Path) -> None:
    """What has dripped for a minute is found afterwards, for nobody has wiped it off; what has for a second is not."""
    station = hot_line(tmp_path)
    for fault, verdict in (("drip:internal@60s-120s", "FAILED"), ("drip:internal@60s-61s", "PASSED")):
        assert verdict == carried_out(tmp_path / "kept", SHORT, fault, station=station)["verdict"], fault
