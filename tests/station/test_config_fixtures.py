"""The shipped fixtures: all load without a problem, and their limits tell good from bad with a margin."""

import math
import tomllib
from pathlib import Path

import pytest

from drivers.links.address import parse
from sequences.cabling.cable import Cable
from sequences.cabling.copper import GAUGE_STEP
from sequences.cabling.wiring import CableWiring
from station.config.library import Library, shipped
from station.config.product import Product, read_product
from tests.station.documents import FAMILIES, MODELS

SHIPPED = Library(FAMILIES, MODELS, parse, (shipped(),))
PRODUCTS, PROBLEMS = SHIPPED.products()
CABLES = [each for each in PRODUCTS if each.family.name == "cabling"]
CONTACTS, SPREAD = 0.0041, 0.0006
"""Ohms of two good contacts of about 2 mohm each, and one standard deviation of them."""
SPLICE = 0.001
WIRE = 0.015
"""How far a good wire may be from its nominal resistance."""


def test_nothing_is_wrong_with_what_is_shipped() -> None:
    """Products, jigs and stations, and how they fit together."""
    assert ([], [], []) == (PROBLEMS, SHIPPED.jigs()[1], SHIPPED.stations()[1])
    assert ["BACKPLANE-1000@A", "CTL-HARNESS-64@B", "PWR-WHIP-8@C"] == [each.name for each in CABLES]
    assert {"MANIFOLD-8@A", "ORV3-PSU-3K@A", "PDU-3P-24@A", "RPU-LOOP@A"} == {
        each.name for each in PRODUCTS if each not in CABLES
    }
    assert ["bay-7", "cell-2", "simulated-line"] == [each.name for each in SHIPPED.stations()[0]]


@pytest.mark.parametrize("made", CABLES, ids=lambda each: each.part_number)
def test_good_wires_pass_and_one_gauge_thinner_fails(made: Product) -> None:
    """With the spread of contacts on both sides, where every other wire of the path is as drawn."""
    assert isinstance(made.structure, Cable)
    netlist = made.structure.netlist
    for point, limit in made.limits_for(made.sequence).items():
        if point.measurement.name != "conduction":
            continue
        path = netlist.path[point.where]
        nominal, splices = netlist.nominal(path) or 0.0, len(path.wires) - 1
        good = nominal + CONTACTS + splices * SPLICE
        margin = 3.5 * SPREAD * math.sqrt(1 + splices / 4)
        assert (limit.low or 0.0) < nominal * (1 - WIRE)
        assert good + nominal * WIRE + margin < (limit.high or 0.0)
        for name in path.wires:
            thin = good + (netlist.wires[name].ohms or 0.0) * (GAUGE_STEP - 1)
            assert thin - nominal * WIRE - margin > (limit.high or 0.0), (made.name, name)


@pytest.mark.parametrize("made", CABLES, ids=lambda each: each.part_number)
def test_every_wire_can_be_measured(made: Product) -> None:
    """The micro-ohmmeter's largest known range is 1 ohm."""
    assert isinstance(made.structure, Cable)
    netlist = made.structure.netlist
    assert max(netlist.nominal(path) or 0.0 for path in netlist.paths) < 1.0
    assert {} == netlist.blind_spots()


def test_the_harness_has_everything_that_a_harness_can_have() -> None:
    """64 wires, twelve pairs, two shields, three splices of three legs and more, jumpers, nets of many pins, empty cavities."""
    cable = SHIPPED.product("CTL-HARNESS-64").structure
    assert isinstance(cable, Cable)
    netlist = cable.netlist
    kinds = [wire.kind for wire in netlist.drawn]
    assert (64, 2, 12) == (kinds.count("wire"), kinds.count("shield"), len(netlist.pairs))
    assert all(3 <= len(netlist.neighbours[joint]) for joint in ("S1", "S2", "S3"))
    assert 3 == sum(wire.is_jumper for wire in netlist.drawn)
    assert (True, True) == (any(len(net.pins) > 2 for net in netlist.nets), any(not net.wires for net in netlist.nets))
    assert 3 == len(cable.connectors)


def test_the_backplane_has_a_thousand_nets_in_a_short_file() -> None:
    """Ranges keep it so."""
    made = SHIPPED.product("BACKPLANE-1000")
    assert isinstance(made.structure, Cable)
    assert (1000, 2000) == (len(made.structure.netlist.nets), len(made.structure.netlist.pins))
    assert len(made.document.text.splitlines()) < 60


def test_each_jig_is_known_by_a_resistor_of_its_own() -> None:
    """Else the wrong jig could not be told."""
    wirings = [each.wiring for each in SHIPPED.jigs()[0]]
    ohms = [each.identity.ohms for each in wirings if isinstance(each, CableWiring)]
    assert 3 == len(set(ohms)) == len(ohms)


def test_the_readme_names_every_file() -> None:
    """And nothing that is not there."""
    text = (shipped() / "README.md").read_text()
    names = [file.stem for kind in ("products", "jigs", "stations") for file in (shipped() / kind).glob("*.toml")]
    assert [] == [name for name in names if f"`{name}`" not in text]


def test_the_design_pages_station_file_is_good(tmp_path: Path) -> None:
    """One instrument of each role at a slot, no operator and no multimeter named."""
    text = """
[station]
name = "cell-9"
site = "houston"
[instruments.ohms]
model = "hioki-rm3545"
link = "serial:/dev/serial/by-id/usb-HIOKI?baudrate=9600"
calibration_due = 2027-03-01
[instruments.mux1]
model = "keysight-daq970a"
link = "tcp://10.0.0.21:5025"
[instruments.mux2]
model = "keysight-daq970a"
link = "tcp://10.0.0.22:5025"
[slots.A]
jig = "whip-panel-8"
roles = { ohmmeter = "ohms", matrix = ["mux1", "mux2"] }
"""
    (tmp_path / "cell.toml").write_text(text)
    made = SHIPPED.station(f"{tmp_path}/cell.toml")
    assert {"ohmmeter", "matrix", "multimeter", "operator"} == set(made.slots["A"].roles)


def test_a_product_of_a_thousand_nets_is_read_quickly() -> None:
    """It is parsed, checked, and its paths and limits worked out in a fraction of a second, on any machine."""
    file = shipped() / "products" / "BACKPLANE-1000.toml"
    made = read_product(file, FAMILIES)
    assert 1000 == sum(point.measurement.name == "conduction" for point in made.limits_for(made.sequence))
    assert tomllib.loads(file.read_text())["product"]["revision"] == made.revision
