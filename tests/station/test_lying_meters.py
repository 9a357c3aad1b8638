"""Meters of rack PDUs, power supplies, manifolds and pumping units that lie in good form: stuck, or drifted.

No unit is judged by them, good or bad: ERROR with no finding, and of a voltmeter that lies the DANGER lamp stays lit.
"""

import random
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from sim.faults import parse
from station.opening import Setup, prepare, run_orders
from station.orders import Request
from station.service import Simulated
from tests.station.hot_loops import SHORT, hot_line
from tests.station.lines import Record, guilty

PDU, SOAKED, PSU, MANIFOLD = "PDU-3P-24", "PDU-3P-24-SOAKED", "ORV3-PSU-3K", "MANIFOLD-8"
SHIPPED = Path(__file__).parents[2] / "fixtures/products/PDU-3P-24.toml"
CHECK, BURN_IN = "pdu-check", "pdu-burn-in"

USED = {
    (PDU, CHECK): {
        "hipot": "the_tester_still_reaches_the_jig",
        "source_p": "the_mains_are_right",
        "load_p": "corner_meters_agree_at_other_loads",
        "power_meter": "corner_meters_agree_at_other_loads",
        "dmm": "nothing_is_charged",
        "sensors_p": "each_outlet_obeys_its_own_command",
    },
    (SOAKED, BURN_IN): {
        "hipot": "the_tester_still_reaches_the_jig",
        "source_p": "the_contacts_settle[outlet23+outlet24]",
        "load_p": "the_contacts_settle[outlet23+outlet24]",
        "power_meter": "the_neutral_carries",
        "dmm": "nothing_is_charged",
        "sensors_p": "the_contacts_settle[outlet23+outlet24]",
    },
    (PSU, None): {
        "hipot": "the_tester_still_reaches_the_jig",
        "source_s": "the_output_is_right_at_each_load",
        "load_s": "the_output_returns",
        "power_meter": "the_output_is_right_at_each_load",
        "dmm": "nothing_is_charged",
    },
    (MANIFOLD, None): {"pressure_m": "the_sensor_still_reads_the_air", "flow_m": "every_branch_lets_air_through"},
    (SHORT, None): {"meter": "it_holds_for_hours", "keller": "it_holds_for_hours"},
}
"""Every meter of each slot, and the last step by whose beginning it may be stuck and still be found out: after that it is
hardly asked any more.
"""
METERS = [(*at, meter) for at, meters in USED.items() for meter in meters]
SHIFTS = ("", "=0.9", "=1.05", "=0.95")
SMALLEST_OF_THE_TESTER = ("", "=0.9")


@pytest.fixture(autouse=True, scope="module")
def looked_at_each_minute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The shipped rack PDU, with a look at its contacts each minute of its burn-in: eight hours take a second."""
    mine = tmp_path_factory.mktemp("mine")
    text = SHIPPED.read_text(encoding="utf-8").replace("every = 10.0", "every = 60.0")
    (mine / "products").mkdir()
    (mine / "products/soaked.toml").write_text(text.replace(f'"{PDU}"', f'"{SOAKED}"'), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STATION_FIXTURES", str(mine))
        yield


def carried_out(folder: Path, product: str, sequence: str | None, *faults: str, seed: int = 0) -> Record:
    """The record of one unit's run in virtual time; a pumping unit's heat is short, and what soaks is looked at less often."""
    station = hot_line(folder) if product == SHORT else None
    setup = Setup(station, folder / "kept", Simulated(seed, faults))
    (record,) = run_orders(prepare(setup, [Request(product, "SN0001", sequence=sequence)]), [lambda _: None])
    return record


def begins(record: Record) -> dict[str, float]:
    """When each step began, in seconds."""
    at, found = 0.0, dict[str, float]()
    for step in record["steps"]:
        found.setdefault(step["name"], at)
        at += step["seconds"]
    return found


@pytest.mark.parametrize(("product", "sequence", "meter"), METERS)
def test_a_meter_that_has_always_been_stuck_judges_no_unit(
    tmp_path: Path, product: str, sequence: str | None, meter: str
) -> None:
    """ERROR, no finding."""
    record = carried_out(tmp_path, product, sequence, f"stuck:{meter}")
    assert ("ERROR", []) == (record["verdict"], record["findings"]), record["reason"]
    assert record["reason"]


@pytest.mark.parametrize(("product", "sequence", "meter"), METERS)
def test_a_meter_that_is_stuck_from_some_moment_on_judges_no_unit(
    tmp_path: Path, product: str, sequence: str | None, meter: str
) -> None:
    """While it is still needed: ERROR, no finding, whatever it said last."""
    last = begins(carried_out(tmp_path, product, sequence))[USED[product, sequence][meter]]
    chance = random.Random(f"{product} {sequence} {meter}")  # noqa: S311 (no secret)
    for at in [chance.uniform(0.0, last) for _ in range(3)]:
        record = carried_out(tmp_path, product, sequence, f"stuck:{meter}@{at:.3f}s")
        assert ("ERROR", []) == (record["verdict"], record["findings"]), (at, record["reason"])


@pytest.mark.parametrize(("product", "sequence", "meter"), METERS)
def test_a_meter_that_is_stuck_at_the_end_fails_no_unit(
    tmp_path: Path, product: str, sequence: str | None, meter: str
) -> None:
    """When it has said all that counts the run may pass; it never fails, and there is no finding."""
    steps = begins(carried_out(tmp_path, product, sequence))
    first, last = steps[USED[product, sequence][meter]], max(steps.values())
    chance = random.Random(f"{product} {sequence} {meter} late")  # noqa: S311 (no secret)
    for at in [chance.uniform(first, last) for _ in range(3)]:
        record = carried_out(tmp_path, product, sequence, f"stuck:{meter}@{at:.3f}s")
        assert record["verdict"] in {"PASSED", "ERROR"}, (at, record["reason"])
        assert [] == record["findings"], at


@pytest.mark.parametrize(("product", "sequence", "meter"), METERS)
def test_a_meter_that_has_drifted_judges_no_unit(
    tmp_path: Path, product: str, sequence: str | None, meter: str
) -> None:
    """By a tenth, or by a twentieth, either way: ERROR, no finding. The jig's resistors show a tenth of the safety tester."""
    for shift in SMALLEST_OF_THE_TESTER if meter == "hipot" else SHIFTS:
        record = carried_out(tmp_path, product, sequence, f"drifted:{meter}{shift}")
        assert ("ERROR", []) == (record["verdict"], record["findings"]), (shift, record["reason"])


@pytest.mark.parametrize(
    ("product", "sequence", "meters"),
    [
        (PDU, CHECK, ("power_meter", "load_p")),
        (PSU, None, ("power_meter", "source_s")),
        (PSU, None, ("dmm", "load_s")),
        (MANIFOLD, None, ("pressure_m", "flow_m")),
    ],
)
def test_the_reason_names_both_witnesses(
    tmp_path: Path, product: str, sequence: str | None, meters: tuple[str, str]
) -> None:
    """Nobody knows which of them is wrong: both are looked at."""
    shifted = meters[1] if meters[0] == "dmm" else meters[0]  # the voltmeter itself is proven before
    reason = carried_out(tmp_path, product, sequence, f"drifted:{shifted}=1.05")["reason"]
    assert all(meter in reason for meter in meters), reason


@pytest.mark.parametrize("product", [PDU, PSU])
@pytest.mark.parametrize("fault", ["stuck:dmm", "drifted:dmm", "stuck:dmm@10s", "silent:dmm@10s"])
def test_the_lamp_stays_lit_on_an_unproven_voltmeter(tmp_path: Path, product: str, fault: str) -> None:
    """Nothing has measured that the unit is discharged: the lamp is not put out, and the bench says that it is not safe."""
    record = carried_out(tmp_path, product, None, fault)
    assert ("ERROR", "ERROR") == (record["verdict"], record["made_safe"]["verdict"])
    assert any("keeps its lamp lit" in each for each in record["made_safe"]["refusals"])
    after = {each["name"]: each["verdict"] for each in record["steps"]}
    assert "PASSED" != after["the_cover_may_open"]


@pytest.mark.parametrize("product", [PDU, PSU])
def test_the_voltmeter_is_proven_around_every_residual_measurement(tmp_path: Path, product: str) -> None:
    """Both functions see the jig's voltage, and none, within the jig's limits, before and after; then the lamp goes out."""
    record = carried_out(tmp_path, product, None)
    read = {(each["name"], each["point"]): each["value"] for step in record["steps"] for each in step["measurements"]}
    for after in ("", "_after"):
        for what in ("dc", "ac"):
            assert 97.0 < read[f"voltmeter{after}", what] < 103.0
            assert abs(read[f"voltmeter_zero{after}", what]) < 1.0
            assert abs(read[f"residual{after}", what]) < 60.0
    assert ("PASSED", "PASSED") == (record["verdict"], record["made_safe"]["verdict"])


@pytest.mark.parametrize(
    ("product", "sequence"), [(PDU, CHECK), (PDU, BURN_IN), (PSU, None), (MANIFOLD, None), (SHORT, None)]
)
def test_witnesses_agree_on_good_units(tmp_path: Path, product: str, sequence: str | None) -> None:
    """Twenty benches, each with its own errors and noise; four of a burn-in as it is shipped: no false alarm."""
    for seed in range(20 if sequence != BURN_IN else 4):
        record = carried_out(tmp_path, product, sequence, seed=seed)
        assert ("PASSED", []) == (record["verdict"], record["findings"]), (seed, record["reason"])


@pytest.mark.parametrize(
    ("product", "sequence", "meter", "fault"),
    [
        (PDU, CHECK, "power_meter", "ct-gain:outlet4=1.05"),
        (PDU, CHECK, "load_p", "ct-reversed:outlet9"),
        (PSU, None, "power_meter", "psu-low-efficiency"),
        (MANIFOLD, None, "pressure_m", "gas-leak:header=5"),
        (SHORT, None, "meter", "flow-gain=0.9"),
    ],
)
def test_a_bad_unit_is_not_failed_by_a_meter_that_lies(
    tmp_path: Path, product: str, sequence: str | None, meter: str, fault: str
) -> None:
    """It may well be bad; this station cannot say so."""
    record = carried_out(tmp_path, product, sequence, f"drifted:{meter}", fault)
    assert ("ERROR", []) == (record["verdict"], record["findings"]), record["reason"]


def test_every_promised_step_is_one_that_catches(tmp_path: Path) -> None:
    """The catalogue's steps for these faults are where the runs of a lying meter end."""
    for product, sequence, meter in METERS:
        for name in ("stuck", "drifted"):
            record = carried_out(tmp_path, product, sequence, f"{name}:{meter}")
            caught = parse(f"{name}:{meter}").fault.caught_by
            assert guilty(record).partition("[")[0] in caught, (name, meter, record["reason"])


def test_times_of_steps_are_in_order(tmp_path: Path) -> None:
    """What the tests above count on."""
    times = list(begins(carried_out(tmp_path, PSU, None)).values())
    assert all(one <= other for one, other in pairwise(times))
