"""Product and jig files of rack PDUs and power supplies: every mistake with its line, its field, and what is allowed."""

from pathlib import Path

import pytest

from tests.station.documents import changed, jig, product, said, shipped, told, unspoken

PDU, PSU, PDU_JIG, PSU_JIG = (
    shipped(each) for each in ("products/PDU-3P-24", "products/ORV3-PSU-3K", "jigs/pdu-bench-24", "jigs/psu-bench-1")
)

PDU_PRODUCTS = [
    ("volts = 230.0", "volts = -230.0", "structure.volts: found -230; allowed: 90 to 300"),
    ("volts = 230.0", "volts = nan", "structure.volts: found nan; allowed: a finite number"),
    ("low_volts = 60.0", "low_volts = 200.0", "structure.low_volts: found 200; allowed: 50 to 115"),
    ('"L1", outlets = "1-4"', '"L4", outlets = "1-4"', "structure.branches.B1.phase: found 'L4'; allowed: L1, L2, L3"),
    ('outlets = "1-4"', 'outlets = "1-5"', "structure.branches.B2.outlets: outlet 5 is in B1 already"),
    ('outlets = "1-4"', 'outlets = "4-1"', "structure.branches.B1.outlets: '4-1' goes backwards, or is more than 512"),
    ('outlets = "1-4"', 'outlets = "0-3"', "structure.branches.B1.outlets: outlets count from 1"),
    ('outlets = "21-24"', 'outlets = "21-40"', "structure.branches: found 40 outlets; allowed: 2 to 24"),
    ('corners = "1,8,17,24"', 'corners = "1,77"', "structure.metering.corners: there is no outlet 77"),
    ('corners = "1,8,17,24"', 'corners = "1,1"', "structure.metering.corners: 1,1 names an outlet twice"),
    ("loads = [1.0, 9.6]", "loads = []", "structure.metering.loads: found none; allowed: one or more"),
    ("loads = [1.0, 9.6]", "loads = [1.0, 1.0]", "structure.metering.loads: found the same load twice"),
    ("loads = [1.0, 9.6]", "loads = [1.0, 99.6]", "structure.metering.loads[1]: found 99.6; allowed: 0.1 to 10"),
    ("together = 2", "together = 3", "structure.soak.amps: 3 outlets at 8 A are too much for B1"),
    ("hours = 8.0", "hours = 0.1", "structure.soak.every: found 10 s; allowed: 3.75 at most, 8 looks in each set's 30 s"),
    ("hours = 8.0", "hours = inf", "structure.soak.hours: found inf; allowed: a finite number"),
    ("trip = 30.0", "trip = 30.0, colour = 3", "structure.soak.colour: found unknown key 'colour'; allowed: "),
    ("seconds = 1.0, hertz = 50.0", "seconds = 1.0, hertz = 55.0", "structure.withstand.hertz: found 55; allowed: 0 "),
    ("between = [0.0025, 0.0055]", "between = [0.0055, 0.0025]", "limits.leakage: at_least 0.0055 is above at_most 0.0025"),
    ('at_most = 0.06, unit = "ohm"', 'at_most = 60, unit = "mohm"', "limits.bond.unit: found 'mohm'; allowed: 'ohm'"),
    ("bond = { at_most", "bond = { at_least", "limits.bond: found no at_most: whatever is measured there would pass; allowed: at_most, or between"),
    ("between = [0.0025, 0.0055]", "at_most = 0.0055", "limits.leakage: found no at_least: whatever is measured there would pass"),
    ('bond = { at_most = 0.06, unit = "ohm" }\n', "", "limits.bond: found nothing; allowed: a limit in ohm for outlet1, "),
]  # fmt: skip

PSU_PRODUCTS = [
    ('fan = "PSU_RPM_Fan0"\n', "", "structure.registers: nothing says which register is fan"),
    ('fan = "PSU', 'fun = "PSU', "structure.registers.fun: nothing is called 'fun'; allowed: "),
    ("loads = [0.0, 20.0, 40.0]", "loads = [20.0, 0.0, 40.0]", "structure.loads: found no 0, then two or more rising loads"),
    ("loads = [0.0, 20.0, 40.0]", "loads = [0.0, 20.0, 400.0]", "structure.loads[2]: found 400; allowed: 0 to 59"),
    ('"output[40A]" = { between = [49.7, 50.7], unit = "V" }\n', "", "limits.output: found nothing; allowed: a limit in V for 40A"),
]  # fmt: skip

PDU_JIGS = [
    ('"101-120,201-204"', '"101-120,221-299"', "wiring.volts: the sensors have no channel 221, 222, 223 and 76 more"),
    ('"205-220,301-308"', '"204-220,301-307"', "wiring.contacts: channel 204 is in volts already"),
    ('"309-311"', '"309,309,311"', "wiring.inlets: channel 309 is in inlets already"),
    ('"309-311"', '"309-310"', "wiring.inlets: found 2 channels; allowed: 3"),
    ("ambient = 312", "ambient = 311", "wiring.ambient: channel 311 is none, or taken already"),
    ("[218.5, 241.5]", "[241.5, 218.5]", "wiring.supply: found 241.5, then 218.5; allowed: the lesser first"),
    ("[218.5, 241.5]", "[218.5]", "wiring.supply: found 1 numbers; allowed: 2"),
    ('hv = "1.3.1"', 'hv = "1.1.1"', "wiring.contactors: rows 1 and 2 are the outlets' own"),
    ('hv = "1.3.1"', 'hv = "9.3.1"', "wiring.contactors.hv: a contactor is written card.row.column, such as 1.3.1, not '9.3.1'"),
    ('hv = "1.3.1"', 'hv = "1.3.2"', "wiring.contactors.hv_reference: 1.3.2 is hv already"),
    ('hv = "1.3.1"\n', "", "wiring.contactors: nothing leads to hv"),
    ("cover = 0", "cover = 9", "wiring.cover: found 9; allowed: 0 to 5"),
    ("release = 1", "release = 0", "wiring.release: 0 is lamp already"),
    ("ohms = 2e6, tolerance = 0.15", "ohms = 2e6, tolerance = 1.5", "wiring.hv_reference.tolerance: found 1.5; allowed: 0.001 to 0.5"),
]  # fmt: skip

SPOKEN = [
    ('fan = "PSU_RPM_Fan0"', 'fan = "PSU_RPM_Fan7"', "structure.registers.fan: found register 'PSU_RPM_Fan7'; allowed: "),
    ('"General_Alarm_Status_Register"', '"General_Alarm"', "structure.alarms.general: found register 'General_Alarm'; allowed: "),
    ('map = "orv3-psu"', 'map = "orv3-xyz"', "structure.map: found 'orv3-xyz'; allowed: "),
]  # fmt: skip


@pytest.mark.parametrize("text", [PDU, PSU])
def test_the_shipped_products_have_no_problem(text: str) -> None:
    """What the mistakes below are made in is good."""
    assert [] == said(lambda: product(text))


@pytest.mark.parametrize("text", [PDU_JIG, PSU_JIG])
def test_the_shipped_jigs_have_no_problem(text: str) -> None:
    """The same of the jigs."""
    assert [] == said(lambda: jig(text))


@pytest.mark.parametrize(("old", "new", "expected"), PDU_PRODUCTS)
def test_each_mistake_of_a_pdu_is_told(old: str, new: str, expected: str) -> None:
    """Line, field, what was found and what is allowed."""
    assert told(said(lambda: product(changed(PDU, old, new))), "products/x.toml", expected)


@pytest.mark.parametrize(("old", "new", "expected"), PSU_PRODUCTS)
def test_each_mistake_of_a_supply_is_told(old: str, new: str, expected: str) -> None:
    """The same of a power supply."""
    assert told(said(lambda: product(changed(PSU, old, new))), "products/x.toml", expected)


@pytest.mark.parametrize(("old", "new", "expected"), PDU_JIGS)
def test_each_mistake_of_a_bay_is_told(old: str, new: str, expected: str) -> None:
    """The same of its jig."""
    assert told(said(lambda: jig(changed(PDU_JIG, old, new))), "jigs/x.toml", expected)


@pytest.mark.parametrize(("old", "new", "expected"), SPOKEN)
def test_a_register_that_the_map_has_not_is_told(tmp_path: Path, old: str, new: str, expected: str) -> None:
    """By the whole library: a product names the registers of a map that lies elsewhere."""
    text = changed(changed(PSU, "ORV3-PSU-3K", "ORV3-PSU-4K"), old, new)
    assert [expected] == [each[: len(expected)] for each in unspoken(tmp_path, text)]


def test_a_pdu_with_more_outlets_than_columns_does_not_fit() -> None:
    """The jig says how many places it has."""
    few = changed(PDU_JIG, '["DAQM904A", "DAQM904A", "DAQM904A"]', '["DAQM904A", "DAQM904A", ""]')
    whys = jig(few).wiring.misfits(product(PDU).structure)
    assert ["it has places for outlets 1 to 16, the PDU has outlet 24"] == whys
