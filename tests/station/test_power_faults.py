"""Every fault of rack PDUs and of power supplies on the simulated line: caught, by the step that promised it, and located."""

from pathlib import Path
from typing import Any

import pytest

from sim.catalogue.fault import Fault
from sim.catalogue.power import POWER, POWER_FIXTURE
from sim.faults import each_place
from station.opening import Setup, prepare, run_orders
from station.orders import Request
from station.service import Simulated
from tests.station.lines import SERIAL, Record, blamed, guilty, places, some_places, world, written

PDU, PSU = "PDU-3P-24", "ORV3-PSU-3K"
BURN_IN = "pdu-burn-in"
SOAKED = {"contact-worn"}
"""Faults that only the burn-in finds."""
SHIPPED = Path(__file__).parents[2] / "fixtures/products/PDU-3P-24.toml"

VALUES = [
    (PDU, "pe-loose:outlet7=0.1", ("pe-loose", "outlet7")),
    (PDU, "pe-loose:outlet7=1", ("pe-loose", "outlet7")),
    (PDU, "y-capacitor=1e-9", ("y-capacitor", "")),
    (PDU, "y-capacitor=1e-7", ("y-capacitor", "")),
    (PDU, "surge-arrester=3e4", ("surge-arrester", "")),
    (PDU, "insulation-weak=650", ("insulation-weak", "")),
    (PDU, "insulation-weak=1400", ("insulation-weak", "")),
    (PDU, "ct-gain:outlet4=0.97", ("ct-gain", "outlet4")),
    (PDU, "ct-gain:outlet4=1.5", ("ct-gain", "outlet4")),
    (PDU, "ct-phase:outlet4=0.6", ("ct-phase", "outlet4")),
    (PDU, "ct-phase:outlet4=-0.8", ("ct-phase", "outlet4")),
    (PDU, "voltage-gain:L2=0.98", ("voltage-gain", "L2")),
    (PDU, "meter-offset:outlet2=0.05", ("meter-offset", "outlet2")),
    (PDU, "relay-crossed:outlet3+outlet9", ("relay-crossed", "outlet3+outlet9")),
    (PDU, "meter-swapped:outlet2+outlet8", ("meter-swapped", "outlet2+outlet8")),
    (PSU, "psu-low-efficiency=1.5", ("psu-low-efficiency", "")),
    (PSU, "psu-setpoint=46", ("psu-setpoint", "")),
    (PSU, "fan-slow=0.85", ("fan-slow", "")),
    (PSU, "fan-slow=0.3", ("fan-slow", "")),
]
"""Faults with values of their own, from hardly visible to grossly wrong, and what is found."""

TOGETHER = [
    ("relay-crossed:outlet3+outlet9", "relay-welded:outlet12", "relay-dead:outlet20"),
    ("ct-gain:outlet4=1.05", "ct-reversed:outlet9", "meter-swapped:outlet2+outlet8"),
    ("pe-open:outlet1", "pe-loose:outlet24=0.4"),
    ("phase-swap:L1+L3", "neutral-live-swapped:outlet5"),
    ("voltage-gain:L2", "ct-phase:outlet1=1", "meter-offset:outlet16"),
]


def carried_out(folder: Path, product: str, *faults: str, seed: int = 0, sequence: str | None = None) -> Record:
    """The record of one unit's run in virtual time."""
    setup = Setup(None, folder, Simulated(seed, faults))
    (record,) = run_orders(prepare(setup, [Request(product, SERIAL, sequence=sequence)]), [lambda _: None])
    return record


def measured(record: Record, name: str) -> dict[str, Any]:
    """The values of a measurement by point."""
    return {each["point"]: each["value"] for s in record["steps"] for each in s["measurements"] if each["name"] == name}


def sentence(record: Record) -> str:
    """The step by which a run did not pass, without the item of its turn."""
    return guilty(record).partition("[")[0]


@pytest.mark.parametrize("product", [PDU, PSU])
@pytest.mark.parametrize("fault", POWER, ids=lambda fault: fault.name)
def test_a_fault_of_the_unit_is_failed_and_located(tmp_path: Path, fault: Fault, product: str) -> None:
    """FAILED, by the step that promised it, with one finding: the fault's own name and its own places."""
    for place in some_places(fault, product, 2):
        text = written(fault, place)
        record = carried_out(tmp_path, product, text, sequence=BURN_IN if fault.name in SOAKED else None)
        assert "FAILED" == record["verdict"], text
        assert sentence(record) in fault.caught_by, text
        assert [(fault.name, places(place))] == blamed(record), text
        assert "PASSED" == record["made_safe"]["verdict"]


@pytest.mark.parametrize("product", [PDU, PSU])
@pytest.mark.parametrize("fault", POWER_FIXTURE, ids=lambda fault: fault.name)
def test_a_fault_of_the_bay_never_judges_the_unit(tmp_path: Path, fault: Fault, product: str) -> None:
    """ERROR by the step that promised it; nothing is found at the unit."""
    for place in some_places(fault, product, 1):
        record = carried_out(tmp_path, product, written(fault, place))
        assert ("ERROR", []) == (record["verdict"], record["findings"])
        assert guilty(record) in fault.caught_by, record["reason"]
        assert record["reason"]


def test_every_fault_of_power_has_a_place_on_these_products() -> None:
    """Nothing in the catalogue goes untested because no product has it."""
    for fault in (*POWER, *POWER_FIXTURE):
        assert any(next(iter(each_place(fault, world(product))), None) is not None for product in (PDU, PSU)), fault


@pytest.mark.parametrize("product", [PDU, PSU])
def test_good_units_pass(tmp_path: Path, product: str) -> None:
    """Twenty bays and twenty units, each with its own contacts, meters, drifts and noise: no false alarm."""
    records = [carried_out(tmp_path, product, seed=seed) for seed in range(20)]
    assert [("PASSED", [], "")] * 20 == [(each["verdict"], each["findings"], each["reason"]) for each in records]


@pytest.mark.parametrize(("product", "text", "found"), VALUES, ids=lambda each: each if isinstance(each, str) else "")
def test_a_fault_with_a_value_is_called_what_it_is(
    tmp_path: Path, product: str, text: str, found: tuple[str, str]
) -> None:
    """FAILED with one finding, at the right place."""
    record = carried_out(tmp_path, product, text)
    cause, where = found
    assert ("FAILED", [(cause, places(where))]) == (record["verdict"], blamed(record))


@pytest.mark.parametrize("faults", TOGETHER, ids="+".join)
def test_several_faults_at_once_are_all_found(tmp_path: Path, faults: tuple[str, ...]) -> None:
    """Each by its own name at its own place, and nothing else."""
    record = carried_out(tmp_path, PDU, *faults)
    wanted = [(text.partition(":")[0], places(text.partition(":")[2].partition("=")[0])) for text in faults]
    assert "FAILED" == record["verdict"]
    assert sorted(wanted, key=str) == sorted(blamed(record), key=str)


@pytest.mark.parametrize("product", [PDU, PSU])
def test_a_unit_that_is_taken_away_at_any_moment_is_no_bad_unit(tmp_path: Path, product: str) -> None:
    """In the middle of every step of the main part: ERROR, and no finding; the bench is made safe."""
    at = 0.0
    for each in carried_out(tmp_path, product)["steps"]:
        middle, at = at + each["seconds"] / 2, at + each["seconds"]
        if (
            9.0 < middle < at
            and each["seconds"] > 1.0
            and each["name"] not in {"nothing_is_charged", "the_output_returns"}
        ):
            record = carried_out(tmp_path, product, f"removed@{middle:.3f}s")
            assert ("ERROR", []) == (record["verdict"], record["findings"]), each["name"]
            assert "PASSED" == record["made_safe"]["verdict"]


@pytest.mark.parametrize("product", [PDU, PSU])
@pytest.mark.parametrize("fault", ["hv-lead-broken", "hv-low:hipot=0.5"])
def test_a_tester_that_breaks_in_the_middle_never_judges_the_unit(tmp_path: Path, product: str, fault: str) -> None:
    """Its lead breaks, or its voltage goes, just before the unit is tested at high voltage."""
    steps = carried_out(tmp_path, product)["steps"]
    before = [each["name"] for each in steps].index("the_insulation_withstands")
    at = sum(each["seconds"] for each in steps[:before])
    record = carried_out(tmp_path, product, f"{fault}@{at:.3f}s")
    assert ("ERROR", []) == (record["verdict"], record["findings"])


def test_what_has_no_safe_insulation_is_never_fed(tmp_path: Path) -> None:
    """Whatever fails among earth, withstand voltage and insulation: no mains afterwards, and the rest is skipped."""
    for fault in ("pe-open:outlet3", "insulation-weak", "y-capacitor"):
        record = carried_out(tmp_path, PDU, fault)
        after = [each for each in record["steps"] if each["name"] == "each_outlet_has_its_phase"]
        assert ["SKIPPED"] == [each["verdict"] for each in after]
        assert {} == measured(record, "supply")


def test_a_good_unit_soaks_for_hours(tmp_path: Path) -> None:
    """Eight hours of line time, every set of outlets, flat at the end; cool before hands come near."""
    record = carried_out(tmp_path, PDU, sequence=BURN_IN)
    assert ("PASSED", []) == (record["verdict"], record["findings"])
    assert record["line_time_s"] > 8 * 3600
    assert 12 == len(measured(record, "contact_rise"))
    assert 2.0 < max(measured(record, "contact_rise").values()) < 8.0
    assert max(measured(record, "trend").values()) < 0.7


def test_a_hot_contact_drops_the_load_at_once(tmp_path: Path) -> None:
    """It never becomes much warmer than the trip limit, is found, nothing else is loaded after it, and it cools down."""
    record = carried_out(tmp_path, PDU, "contact-worn:outlet6=0.3", sequence=BURN_IN)
    assert ("FAILED", [("contact-worn", places("outlet6"))]) == (record["verdict"], blamed(record))
    rises = measured(record, "contact_rise")
    assert 30.0 < rises["outlet5+outlet6"] < 36.0
    assert ["outlet1+outlet2", "outlet3+outlet4", "outlet5+outlet6"] == list(rises)
    assert measured(record, "cooled")[""] < 10.0


def test_a_whole_day_takes_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty-four hours of burn-in, a look each minute, within the time that a test has."""
    text = SHIPPED.read_text(encoding="utf-8").replace("PDU-3P-24", "PDU-3P-24-DAY", 1)
    changed = text.replace('part_number = "PDU-3P-24"', 'part_number = "PDU-3P-24-DAY"')
    changed = changed.replace("hours = 8.0", "hours = 24.0").replace("every = 10.0", "every = 60.0")
    (tmp_path / "mine/products").mkdir(parents=True)
    (tmp_path / "mine/products/day.toml").write_text(changed, encoding="utf-8")
    monkeypatch.setenv("STATION_FIXTURES", str(tmp_path / "mine"))
    record = carried_out(tmp_path / "data", "PDU-3P-24-DAY", sequence=BURN_IN)
    assert ("PASSED", True) == (record["verdict"], record["line_time_s"] > 24 * 3600)


def test_both_bays_share_their_instruments(tmp_path: Path) -> None:
    """At once, one good and one bad: they take turns at tester, reference and voltmeter, and each is judged for itself."""
    setup = Setup(None, tmp_path, Simulated(0, ("ct-gain:outlet4=1.05",)))
    requests = [Request(PDU, "SN1"), Request(PSU, "SN2")]
    bad, good = run_orders(prepare(setup, requests), [lambda _: None] * 2)
    assert ("FAILED", [("ct-gain", places("outlet4"))]) == (bad["verdict"], blamed(bad))
    assert ("PASSED", []) == (good["verdict"], good["findings"]), good["reason"]


def test_a_soak_keeps_no_other_bay_waiting(tmp_path: Path) -> None:
    """While one unit soaks for hours, another is checked with the shared instruments in its usual time, and a little."""
    setup = Setup(None, tmp_path, Simulated(0, ()))
    requests = [Request(PDU, "SN1", sequence=BURN_IN), Request(PSU, "SN2")]
    soaked, checked = run_orders(prepare(setup, requests), [lambda _: None] * 2)
    assert ["PASSED", "PASSED"] == [soaked["verdict"], checked["verdict"]], (soaked["reason"], checked["reason"])
    assert checked["line_time_s"] < 1300
