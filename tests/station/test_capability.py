"""What a station's uncertainty makes of the limits, by good units in virtual time."""

from dataclasses import replace
from pathlib import Path

import pytest

from sequences.rules import Rule
from station.capability import Ability, abilities
from station.checking import check_limits
from station.opening import load_station
from station.risk import risk
from tests.station.command_line import Captured
from tests.station.command_line import station as command
from tests.station.lines import WHIP, carried_out


def found(product: str) -> list[Ability]:
    """Every ability of the shipped line for a product."""
    station, library = load_station(None, simulated=True)
    return [each for some in abilities(station, library, {product}) if isinstance(some, list) for each in some]


def test_the_ratio_is_half_the_tolerance_over_the_uncertainty(tmp_path: Path) -> None:
    """As the record of a good unit has both: the worst point of each measurement."""
    record = carried_out(tmp_path, WHIP)
    ratios = [
        (each["high"] - each["low"]) / 2 / each["uncertainty"]
        for step in record["steps"]
        for each in step["measurements"]
        if each["name"] == "conduction"
    ]
    (conduction,) = {
        round(each.ratio, 2) for each in found(WHIP) if each.measurement == "conduction" and each.slot == "A"
    }
    assert pytest.approx(min(ratios), rel=0.1) == conduction


def test_a_limit_with_one_end_is_counted_from_zero() -> None:
    """`at most 10 ohm` is as wide as 0 to 10 ohm."""
    leads = next(each for each in found(WHIP) if each.measurement == "leads")
    assert (None, 10.0) == (leads.low, leads.high)
    assert pytest.approx(5.0 / leads.uncertainty) == leads.ratio
    assert leads.enough


def test_a_ratio_below_four_is_flagged() -> None:
    """ANSI/NCSL Z540.3 asks for 4, whatever the guard band does about it."""
    one = found(WHIP)[0]
    assert [False, True] == [replace(one, ratio=ratio).enough for ratio in (3.99, 4.0)]


def test_each_limit_has_its_rule_and_what_it_buys() -> None:
    """PFA and PFR of units of which 95 % are good, at the uncertainty of the worst point."""
    each = next(each for each in found(WHIP) if each.measurement == "reference" and each.slot == "A")
    assert Rule.U is each.rule
    assert each.low is not None
    assert each.high is not None
    half, u = (each.high - each.low) / 2, each.uncertainty / 2
    known = risk(-half, half, -half + 2 * u, half - 2 * u, u)
    assert pytest.approx((known.pfa, known.pfr), rel=1e-6) == (each.pfa, each.pfr)


def test_bad_units_are_kept_out_by_a_guard_band_or_by_a_good_ratio() -> None:
    """Z540.3: at most 2 % bad and passed; where simple acceptance decides, a ratio of 4."""
    one = found(WHIP)[0]
    cases = [(Rule.SIMPLE, 4.0, 0.009), (Rule.U, 1.0, 0.001), (Rule.SIMPLE, 3.9, 0.009), (Rule.METHOD_6, 9.0, 0.021)]
    protected = [replace(one, rule=rule, ratio=ratio, pfa=pfa).protected for rule, ratio, pfa in cases]
    assert [True, True, False, False] == protected


def test_a_station_on_which_a_good_unit_fails_is_told(tmp_path: Path) -> None:
    """A limit that no good unit keeps is found out before the first unit is on the line."""
    product = Path("fixtures/products/PWR-WHIP-8.toml").read_text(encoding="utf-8")
    (tmp_path / "products").mkdir()
    strict = product.replace('part_number = "PWR-WHIP-8"', 'part_number = "STRICT-8"')
    at = strict.index("[limits]")
    strict = (
        strict[:at]
        + '[limits]\nconduction = { at_most = 0.001, unit = "ohm" }\nisolation = { at_least = 1e7, unit = "ohm" }\n'
    )
    if "pair_capacitance" in product:
        strict += 'pair_capacitance = { between = [1e-11, 1e-9], unit = "F" }\n'
    (tmp_path / "products" / "STRICT-8.toml").write_text(strict, encoding="utf-8")
    line = Path("fixtures/stations/simulated-line.toml").read_text(encoding="utf-8")
    file = tmp_path / "line.toml"
    file.write_text(line.replace('site = "nowhere"', 'site = "nowhere"\nproducts = ["products"]'), encoding="utf-8")
    station, _ = load_station(str(file), simulated=True)
    said: list[str] = []
    able, unable = check_limits(station, {"STRICT-8"}, said.append)
    assert ([], ["A", "D"]) == (able, [each.slot for each in unable])
    assert all(each.why for each in unable)
    assert ["a good STRICT-8@C in slot A: cable-continuity", "a good STRICT-8@C in slot D: cable-continuity"] == said


def test_check_tells_the_ratios(capsys: Captured) -> None:
    """As a table for people, as JSON for machines."""
    ran = command(capsys, "check", "--product", WHIP)
    assert 0 == ran.code
    assert "conduction[W" in ran.out
    assert ["ratio", "rule", "PFA", "PFR", "remark"] == next(
        line.split()[-5:] for line in ran.out.splitlines() if line.startswith("product")
    )
    document = command(capsys, "check", "--product", WHIP, "--json").document
    assert {"A", "D"} == {each["slot"] for each in document["limits"]}
    assert {"u"} == {each["rule"] for each in document["limits"]}
    assert all(0 <= each["pfa"] < 0.02 and 0 <= each["pfr"] < 1 for each in document["limits"])
    assert [] == document["unable"]
    assert {"latency", "firmware", "calibration due"} <= set(document["instruments"][0])
