"""Product and jig files of manifolds and pumping units: every mistake with its line, its field, and what is allowed."""

from pathlib import Path

import pytest

from tests.station.documents import changed, jig, product, said, shipped, told, unspoken

MANIFOLD, LOOP, LEAK_JIG, LOOP_JIG = (
    shipped(each) for each in ("products/MANIFOLD-8", "products/RPU-LOOP", "jigs/leak-bench-8", "jigs/hot-loop-rpu")
)

PRODUCTS = [
    (MANIFOLD, "volume = 1.25", "volume = -1.25", "structure.volume: found -1.25; allowed: 0.01 to 100"),
    (MANIFOLD, "pressure = 500000.0", "pressure = 5.0", "structure.pressure: found 5; allowed: 150000 to 900000"),
    (MANIFOLD, "8.0, 12.0, 16.0]", "8.0]", "structure.flows: three or more flows, each greater than the one before"),
    (MANIFOLD, "8.0, 12.0, 16.0]", "4.0, 12.0]", "structure.flows: three or more flows, each greater than the one before"),
    (MANIFOLD, "8.0, 12.0, 16.0]", "8.0, 1200.0]", "structure.flows[2]: found 1200; allowed: 0.1 to 200"),
    (MANIFOLD, '"qd2"', '"qd1"', "structure.branches.branch2.ends: qd1 ends another branch already"),
    (MANIFOLD, '"qd2"', '"header"', "structure.branches.branch2.ends: 'header' is no disconnect's name"),
    (MANIFOLD, '"qd1", a = 30.0', '"qd1", a = -30.0', "structure.branches.branch1.a: found -30; allowed: more than 0, up to 1e6"),
    (MANIFOLD, '"qd1", a = 30.0', '"qd1", aa = 30.0', "structure.branches.branch1.aa: found unknown key 'aa'; allowed: a"),
    (MANIFOLD, 'at_most = 150.0, unit = "s"', 'at_most = 150.0, unit = "min"', "limits.fill_time.unit: found 'min'; allowed: 's'"),
    (MANIFOLD, 'kept = { at_least = 0.9, unit = "1" }\n', "", "limits.kept: found nothing; allowed: a limit in 1: "),
    (MANIFOLD, "\nleak = { between = [-1.0, 1.0]", "\nleak = { at_least = 1.0", "limits.leak: found no at_most: whatever is measured there would pass"),
    (LOOP, 'flow = "RPU_Coolant_Flow_Rate_LPM"\n', "", "structure.sensors: nothing for flow"),
    (LOOP, "T_hex =", "hex =", "structure.sensors.hex: 'hex' is neither flow, T_out, T_in, p_out, p_in nor another thermometer T_..."),
    (LOOP, '"Leakage.HEX_Rack_Pan_Leakage" =', '"Leakage" =', "structure.leaks: 'Leakage' is not REGISTER.FLAG"),
    (LOOP, "[45.0, 65.0, 85.0]", "[45.0, 65.0, 185.0]", "structure.duties[2]: found 185; allowed: 10 to 100"),
    (LOOP, "[45.0, 65.0, 85.0]", "[45.0, 45.0, 85.0]", "structure.duties: three or more different duties"),
    (LOOP, "bath = 38.0", "bath = 99.0", "structure.burn.bath: found 99; allowed: 5 to 80"),
    (LOOP, "hottest = 65.0", "hottest = 35.0", "structure.burn.hottest: found 35; allowed: more than the bath's 38"),
    (LOOP, "every = 10.0", "every = 0.0", "structure.burn.every: found 0; allowed: 1 to 600"),
    (LOOP, "droop = 0.04", "droop = -0.04", "structure.hydraulics.droop: found -0.04; allowed: 1e-06 to 100000"),
]  # fmt: skip

JIGS = [
    (LEAK_JIG, "volume = 0.25", "volume = -0.25", "wiring.volume: found -0.25; allowed: 0.001 to 10"),
    (LEAK_JIG, "fill = 0", "fill = 1", "wiring.isolate: 1 is fill already"),
    (LEAK_JIG, "vent = 2", "vent = 7", "wiring.vent: found 7; allowed: 0 to 5"),
    (LEAK_JIG, "couplings_each = 4", "couplings_each = 9", "wiring.couplings_each: found 9; allowed: 1 to 6"),
    (LEAK_JIG, "calibrated_leak = 5.0\n", "", "wiring.calibrated_leak: found nothing; allowed: a number"),
    (LOOP_JIG, "heater_watts = 18000.0", "heater_watts = 0.0", "wiring.heater_watts: found 0; allowed: 100 to 1e+06"),
    (LOOP_JIG, "rope = 1", "rope = 0", "wiring.rope: 0 is cover already"),
    (LOOP_JIG, 'map = "orv3-rpu"', "map = 7", "wiring.map: found 7; allowed: text"),
]

SPOKEN = [
    ('flow = "RPU_Coolant_Flow_Rate_LPM"', 'flow = "RPU_Flow"', "structure.sensors.flow: found register 'RPU_Flow'; allowed: "),
    ('tach = "RPU_Pump1_TACH_RPM"', 'tach = "RPU_Pump9"', "structure.pumps.pump1.tach: found register 'RPU_Pump9'; allowed: "),
    ('"Leakage.HEX_Rack_Pan_Leakage" =', '"Leakage.Pan" =', 'structure.leaks."Leakage.Pan": found flag \'Pan\' of Leakage; allowed: '),
    ('"RPU_Control.Enable_Manual_Control"', '"RPU_Control.Mine"', "structure.manual[0]: found flag 'Mine' of RPU_Control; allowed: "),
]  # fmt: skip


@pytest.mark.parametrize("text", [MANIFOLD, LOOP])
def test_the_shipped_products_have_no_problem(text: str) -> None:
    """What the mistakes below are made in is good."""
    assert [] == said(lambda: product(text))


@pytest.mark.parametrize("text", [LEAK_JIG, LOOP_JIG])
def test_the_shipped_jigs_have_no_problem(text: str) -> None:
    """The same of the jigs."""
    assert [] == said(lambda: jig(text))


@pytest.mark.parametrize(("text", "old", "new", "expected"), PRODUCTS, ids=lambda each: each[:40])
def test_each_mistake_of_a_product_is_told(text: str, old: str, new: str, expected: str) -> None:
    """Line, field, what was found and what is allowed."""
    assert told(said(lambda: product(changed(text, old, new))), "products/x.toml", expected)


@pytest.mark.parametrize(("text", "old", "new", "expected"), JIGS, ids=lambda each: each[:40])
def test_each_mistake_of_a_jig_is_told(text: str, old: str, new: str, expected: str) -> None:
    """The same of a jig."""
    assert told(said(lambda: jig(changed(text, old, new))), "jigs/x.toml", expected)


@pytest.mark.parametrize(("old", "new", "expected"), SPOKEN)
def test_a_register_or_a_flag_that_the_map_has_not_is_told(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """By the whole library: a product names the registers of a map that lies elsewhere."""
    text = changed(changed(LOOP, "RPU-LOOP", "RPU-OTHER"), old, new)
    assert [expected] == [each[: len(expected)] for each in unspoken(tmp_path, text)]


def test_a_manifold_with_more_branches_than_couplings_does_not_fit() -> None:
    """The jig says how many it has."""
    few = jig(changed(LEAK_JIG, "couplings_each = 4", "couplings_each = 3"))
    assert ["it has 8 branches, the jig 6 couplings"] == few.wiring.misfits(product(MANIFOLD).structure)


def test_a_unit_of_another_map_does_not_fit() -> None:
    """A hot loop is made for the units of one map."""
    other = product(changed(LOOP, 'map = "orv3-rpu"', 'map = "orv3-rpu2"'))
    assert ["it speaks by orv3-rpu2, the loop expects orv3-rpu"] == jig(LOOP_JIG).wiring.misfits(other.structure)
