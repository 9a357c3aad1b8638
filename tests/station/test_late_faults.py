"""Faults of the station that begin in the middle of a run: never a verdict on the unit, and nothing is found at it."""

from pathlib import Path

import pytest

from station.opening import Setup, prepare, run_orders
from station.orders import Request
from station.service import Simulated
from tests.station.hot_loops import SHORT, hot_line
from tests.station.lines import SERIAL, Record, blamed, guilty, places

PDU, PSU, MANIFOLD = "PDU-3P-24", "ORV3-PSU-3K", "MANIFOLD-8"
BURN_IN = "pdu-burn-in"

LATE = [
    (PDU, "hv-low:hipot=0.6@65s", "the_insulation_withstands"),
    (PDU, "stale:sensors_p@204.46s", "each_outlet_obeys_its_own_command"),
    (PDU, "stale:sensors_p@100s", "each_outlet_has_its_phase"),
    (PDU, "drifted:sensors_p=2.841@348.17s", "each_outlet_obeys_its_own_command"),
    (PSU, "source-sags=0.637@145s", "it_stays_cool_at_load"),
    (PSU, "load-weak=0.1@500s", "it_stays_cool_at_load"),
    (PSU, "reset:load_s@500s", "it_stays_cool_at_load"),
    (PSU, "swapped:psu_s", "the_unit_says_who_it_is"),
    (PSU, "swapped:psu_s@385s", "it_stays_cool_at_load"),
    (MANIFOLD, "isolate-stuck-shut@958s", "every_branch_lets_air_through"),
    (MANIFOLD, "isolate-stuck-shut@1392s", "every_branch_lets_air_through"),
    (MANIFOLD, "coupling-stuck:qd7@1489.97s", "every_branch_lets_air_through"),
    (MANIFOLD, "bench-leak=13@1019s", "poppets_hold_by_themselves"),
    (MANIFOLD, "bench-leak=5@600s", "headers_and_joints_are_tight"),
    (SHORT, "heater-welded@494s", "its_thermometers_agree_without_heat"),
    (SHORT, "stale:meter@1833.86s", "it_holds_for_hours"),
    (SHORT, "stuck:keller", "it_holds_for_hours"),
    (SHORT, "stale:keller@1891.72s", "it_holds_for_hours"),
    (SHORT, "drifted:keller=0.2@712s", "it_holds_for_hours"),
    (SHORT, "swapped:cdu@1387s", "it_warms_up"),
    (SHORT, "swapped:cdu@2594s", "it_holds_for_hours"),
]
"""What breaks, when, and the step that must notice it: none of these may speak of the unit."""

SOAKING = ["reset:load_p", "removed", "interlock-open", "source-sags=0.3"]
"""What may end while a rack PDU soaks."""

SOUND = [
    (PDU, "surge-arrester=5e5", "surge-arrester", ""),
    (MANIFOLD, "gas-leak:header=334", "gas-leak", "header"),
    (MANIFOLD, "gas-leak:header=500", "gas-leak", "header"),
    (SHORT, "pump-worn:pump3=0.65", "pump-worn", "pump3"),
    (SHORT, "pump-worn:pump1=0.5", "pump-worn", "pump1"),
]
"""Faults of units at sizes between those that other tests try."""


def run(folder: Path, product: str, *faults: str, sequence: str | None = None, seed: int = 0) -> Record:
    """The record of one unit's run in virtual time."""
    station = hot_line(folder) if product == SHORT else None
    setup = Setup(station, folder / "kept", Simulated(seed, faults))
    (record,) = run_orders(prepare(setup, [Request(product, SERIAL, sequence=sequence)]), [lambda _: None])
    return record


@pytest.mark.parametrize(("product", "fault", "by"), LATE, ids=str)
def test_what_breaks_in_the_middle_judges_no_unit(tmp_path: Path, product: str, fault: str, by: str) -> None:
    """ERROR by the step that needs what broke, and no finding."""
    record = run(tmp_path, product, fault)
    assert ("ERROR", [], by) == (record["verdict"], record["findings"], guilty(record)), record["reason"]


@pytest.mark.parametrize("fault", SOAKING)
def test_what_ends_while_a_unit_soaks_judges_no_unit(tmp_path: Path, fault: str) -> None:
    """Mains, load, cover or unit are gone: ERROR, and no outlet has dropped out."""
    record = run(tmp_path, PDU, f"{fault}@1503s", sequence=BURN_IN)
    assert ("ERROR", []) == (record["verdict"], record["findings"]), record["reason"]
    assert guilty(record).startswith("the_contacts_")


@pytest.mark.parametrize("sequence", ["pdu-check", BURN_IN])
def test_nothing_is_fed_once_the_tester_is_not_what_it_was(tmp_path: Path, sequence: str) -> None:
    """Its voltage has gone before the safety tests end: what they said proves nothing, and the mains stay off."""
    record = run(tmp_path, PDU, "hv-low:hipot=0.7@65s", sequence=sequence)
    assert ("ERROR", []) == (record["verdict"], record["findings"]), record["reason"]
    fed = {step["name"]: step["verdict"] for step in record["steps"]}
    assert {"SKIPPED"} == {fed["each_outlet_has_its_phase"], fed["the_mains_are_right"]}


def test_a_unit_whose_load_is_gone_does_not_pass_for_a_cool_one(tmp_path: Path) -> None:
    """A slow fan, and a load that has ended half-way: nobody can say that it stays cool."""
    record = run(tmp_path, PSU, "fan-slow=0.85", "load-weak=0.1@300s")
    assert "ERROR" == record["verdict"], record["reason"]


def test_a_burn_in_loads_the_outlets_that_it_names(tmp_path: Path) -> None:
    """Relays that are crossed would heat other contacts than those that are looked at."""
    record = run(tmp_path, PDU, "relay-crossed:outlet3+outlet9", sequence=BURN_IN)
    assert ("FAILED", [("relay-crossed", places("outlet3+outlet9"))]) == (record["verdict"], blamed(record))


def test_a_loop_that_was_never_hot_has_no_exchanged_thermometers(tmp_path: Path) -> None:
    """A pump that stands keeps it cold, and an offset explains what is left of the rise: two findings, not three."""
    record = run(tmp_path, SHORT, "pump-failed:pump2", "sensor-offset:T_out=2.256")
    wanted = {("pump-failed", places("pump2")), ("sensor-offset", places("T_out"))}
    assert ("FAILED", wanted) == (record["verdict"], set(blamed(record)))


@pytest.mark.parametrize(("product", "fault", "cause", "where"), SOUND, ids=str)
def test_a_fault_of_another_size_is_called_what_it_is(
    tmp_path: Path, product: str, fault: str, cause: str, where: str
) -> None:
    """FAILED with one finding, at the right place."""
    record = run(tmp_path, product, fault)
    assert ("FAILED", [(cause, places(where))]) == (record["verdict"], blamed(record)), record["reason"]
