"""Every fault of the catalogue on the simulated line: it is caught, by the step that promised it, and located."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sequences.cabling.netlist import Netlist
from sim.cable.spec import CableSlot
from sim.catalogue.fault import Fault
from sim.faults import catalogue, each_place
from tests.station.lines import (
    BACKPLANE,
    HARNESS,
    OWN,
    WHIP,
    Blame,
    Record,
    blamed,
    carried_out,
    guilty,
    imported,
    netlist,
    places,
    some_places,
    world,
    written,
)

CABLES = [fault for fault in catalogue() if fault.family == "cabling" and fault.caught_by]
HERE = [fault for fault in catalogue() if issubclass(CableSlot, fault.place.slots)]
"""The faults that a bench for cables can have."""
BENCHES = [fault for fault in HERE if fault.family != "cabling" and fault.caught_by and not fault.timed]
NAMED = {fault.name: fault for fault in catalogue()}
REAL = Path(__file__).parents[3] / "shared" / "harnesses"
"""Real harness documents; not part of the project, and not everywhere."""
DOCUMENTS = sorted(
    file for folder in (OWN, REAL) if folder.is_dir() for file in folder.iterdir() if file.suffix in {".yml", ".csv"}
)


@dataclass(frozen=True)
class Alike:
    """What may be found instead of a kind of fault, because to a meter it is the same, or says no more."""

    fault: str
    why: str
    blames: Callable[[Netlist, str], Iterable[Blame]]


def _by_first_wires(drawn: Netlist, where: str) -> Iterable[Blame]:
    nets = [drawn.nets[drawn.net_with[name]] for name in where.split("+")]
    yield "leak", frozenset(net.wires[0] for net in nets)


def _other_end(drawn: Netlist, where: str) -> Iterable[Blame]:
    connectors = list(dict.fromkeys(pin.partition(".")[0] for pin in drawn.pins))
    if len(connectors) == 2 and all(wire.a[2:] == wire.b[2:] for wire in drawn.drawn):
        yield "reversed", frozenset(connectors) - {where}


ALIKE = (
    Alike(
        "leak", "no copper leads to where kilohms begin: a net of several wires is named by its first", _by_first_wires
    ),
    Alike("reversed", "a straight cable whose one end is reversed looks the same from the other", _other_end),
)
"""The whole list: anything else that is found instead of what was put in is a bug."""

VALUES = {
    "open:W30=0": ("open", "W30"),
    "short:W3+W50=0": ("short", "W3+W50"),
    "short:W1+W2=900": ("short", "W1+W2"),
    "leak:W3+W4=3e6": ("leak", "W3+W4"),
    "extra-jumper:J1.54+J1.55=500": ("extra-jumper", "J1.54+J1.55"),
    "extra-jumper:J1.54+J1.3=100": ("extra-jumper", "J1.3+J1.54"),
    # Copper tells a place up to about an ohm: beyond it, two wires touch somewhere.
    "extra-jumper:J1.4+J1.30=5": ("short", "W4+W30"),
    "shield-short:SH1+W9=900": ("shield-short", "SH1+W9"),
    # A few milliohms too much may be one gauge less as well, and the text says both.
    "high-resistance:W15=0.055": ("wrong-gauge", "W15"),
    # Near the top of the micro-ohmmeter's range, beyond it, and nearly open.
    "high-resistance:W7=1.1": ("high-resistance", "W7"),
    "high-resistance:W7=1.5": ("high-resistance", "W7"),
    "high-resistance:W7=50": ("high-resistance", "W7"),
    "high-resistance:W37=1000": ("high-resistance", "W37"),
    # More than four gauges too thin is no wire that anybody takes from the wrong reel.
    "wrong-gauge:W33=8": ("high-resistance", "W33"),
    "wrong-gauge:W33=-1": ("wrong-gauge", "W33"),
    "wrong-length:W33=1.2": ("wrong-length", "W33"),
    "wrong-length=0.6": ("wrong-length", ""),
}
"""Faults with a value of their own on the control harness, and what is found."""

TOGETHER = [
    (HARNESS, "open:W7", "short:W20+W47"),
    (HARNESS, "swap:W47+W48", "high-resistance:W25"),
    (HARNESS, "short:W23+W24", "split-pair:TP3+TP5"),
    (HARNESS, "open:W38", "open:W39"),
    (HARNESS, "open:W37", "short:W38+W50"),
    (HARNESS, "high-resistance:W37", "high-resistance:W46"),
    (HARNESS, "shield-open:SH1", "missing-jumper:W58"),
    (HARNESS, "wrong-length=1.3", "open:W5"),
    (HARNESS, "wrong-length=1.3", "high-resistance:W30"),
    (HARNESS, "reversed:J3", "open:W30"),
    (WHIP, "reversed:J2", "open:W1"),
    (WHIP, "swap:W1+W2", "swap:W3+W4"),
    (WHIP, "high-resistance:W1", "high-resistance:W2"),
    (BACKPLANE, "open:W5=0.3", "short:W311+W318", "swap:W407+W499", "high-resistance:W700"),
    (BACKPLANE, "reversed:B3", "open:W999"),
]


def blame(text: str) -> Blame:
    """A written fault as what should be found."""
    name, _, where = text.partition("=")[0].partition(":")
    return name, places(where)


@pytest.mark.parametrize("product", [WHIP, HARNESS])
@pytest.mark.parametrize("fault", CABLES, ids=lambda fault: fault.name)
def test_a_fault_of_the_cable_is_failed_and_located(tmp_path: Path, fault: Fault, product: str) -> None:
    """FAILED, by the step that promised it, with one finding: the fault's own name and its own places."""
    for place in some_places(fault, product, 4):
        text = written(fault, place)
        record = carried_out(tmp_path, product, text)
        assert ("FAILED", 1) == (record["verdict"], len(record["findings"])), text
        assert guilty(record) in fault.caught_by, text
        drawn = netlist(product)
        others = [each for alike in ALIKE if alike.fault == fault.name for each in alike.blames(drawn, place)]
        assert blamed(record)[0] in [(fault.name, places(place)), *others], text


@pytest.mark.parametrize("product", [WHIP, HARNESS])
@pytest.mark.parametrize("fault", BENCHES, ids=lambda fault: fault.name)
def test_a_fault_of_the_station_never_judges_the_unit(tmp_path: Path, fault: Fault, product: str) -> None:
    """ERROR, or REFUSED for a wrong instrument, by the step that promised it; nothing is found at the unit."""
    for place in some_places(fault, product, 3):
        text = written(fault, place)
        record = carried_out(tmp_path, product, text)
        assert (fault.verdict, []) == (record["verdict"], record["findings"]), text
        assert guilty(record) in fault.caught_by, (text, record["reason"])
        assert record["reason"], text


@pytest.mark.parametrize("product", [WHIP, HARNESS])
def test_a_unit_that_is_pulled_out_at_any_moment_is_no_bad_unit(tmp_path: Path, product: str) -> None:
    """In the middle of every step in which it is mated: ERROR, by one of those that promised it, and no finding."""
    fault, at = NAMED["removed"], 0.0
    for each in carried_out(tmp_path, product)["steps"]:
        middle, at = at + each["seconds"] / 2, at + each["seconds"]
        if each["name"] in fault.caught_by and each["seconds"]:
            record = carried_out(tmp_path, product, f"removed@{middle:.3f}s")
            assert ("ERROR", []) == (record["verdict"], record["findings"]), each["name"]
            assert guilty(record) in fault.caught_by


def test_every_fault_of_the_catalogue_has_a_place_on_these_products() -> None:
    """Nothing in the catalogue goes untested because no product has it."""
    for fault in HERE:
        assert any(
            next(iter(each_place(fault, world(product))), None) is not None for product in (WHIP, HARNESS, "PDU-3P-24")
        )


@pytest.mark.parametrize("product", [WHIP, HARNESS])
def test_good_units_pass(tmp_path: Path, product: str) -> None:
    """Twenty benches and twenty units, each with its own contacts, drifts and noise: no false alarm."""
    records = [carried_out(tmp_path, product, seed=seed) for seed in range(20)]
    assert [("PASSED", [])] * 20 == [(each["verdict"], each["findings"]) for each in records]


@pytest.mark.parametrize("text", VALUES)
def test_a_fault_with_a_value_is_called_what_it_looks_like(tmp_path: Path, text: str) -> None:
    """From hardly visible to grossly wrong: FAILED with one finding, at the right place."""
    record = carried_out(tmp_path, HARNESS, text)
    cause, where = VALUES[text]
    assert ("FAILED", [(cause, places(where))]) == (record["verdict"], blamed(record))


@pytest.mark.parametrize("case", TOGETHER, ids="+".join)
def test_several_faults_at_once_are_all_found(tmp_path: Path, case: tuple[str, ...]) -> None:
    """Each is found by its own name at its own place, and nothing else is."""
    product, *faults = case
    record = carried_out(tmp_path, product, *faults)
    assert "FAILED" == record["verdict"]
    assert sorted(map(blame, faults), key=str) == sorted(blamed(record), key=str)


def distance(record: Record) -> tuple[float, str]:
    """Metres from where, as the only finding's text says it: `1.3 m from J1`, `0.3 m from splice S1`."""
    (finding,) = record["findings"]
    match = re.search(r"(\d+\.\d+) m from (?:splice )?(\w+)", finding["text"])
    assert match, finding["text"]
    return float(match[1]), match[2]


@pytest.mark.parametrize(
    ("product", "wire", "metres"),
    [
        (WHIP, "W3", 0.7),
        (WHIP, "W8", 6.2),
        (HARNESS, "W1", 0.2),
        (HARNESS, "W24", 1.7),
        (HARNESS, "W52", 1.3),
        (HARNESS, "W63", 2.0),
        (HARNESS, "W39", 0.6),
        (HARNESS, "W37", 0.8),
        (HARNESS, "W61", 0.05),
    ],
)
def test_a_break_is_where_it_is_said_to_be(tmp_path: Path, product: str, wire: str, metres: float) -> None:
    """By capacitance, to a decimetre, from the connector or the splice that the text names."""
    said, end = distance(carried_out(tmp_path, product, f"open:{wire}={metres}"))
    drawn = netlist(product).wires[wire]
    from_a = said if drawn.a.partition(".")[0] == end else (drawn.length or 0.0) - said
    assert metres == pytest.approx(from_a, abs=0.1)


@pytest.mark.parametrize("where", ["W3+W50", "W1+W2", "W38+W48", "W37+W43", "W25+W60"])
def test_a_touch_is_where_it_is_said_to_be(tmp_path: Path, where: str) -> None:
    """By the copper up to it, to 15 cm: the simulated ones sit at two fifths of the shorter wire."""
    said, end = distance(carried_out(tmp_path, HARNESS, f"short:{where}"))
    wires = [netlist(HARNESS).wires[name] for name in where.split("+")]
    assert end in {wire.a.partition(".")[0] for wire in wires}
    assert 0.4 * min(wire.length or 0.0 for wire in wires) == pytest.approx(said, abs=0.15)


def nets(drawn: Netlist, named: Iterable[str]) -> set[int]:
    """The nets that wires and pins belong to."""
    return {drawn.net_with[name] if name in drawn.net_with else drawn.net_of[name] for name in named}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_an_imported_harness_is_proven_good_and_found_bad(tmp_path: Path, document: Path) -> None:
    """Good units pass; opens, shorts, swaps, missing and extra jumpers fail, and only their own nets are blamed."""
    part_number, station = imported(document, tmp_path / "mine")
    drawn = netlist(part_number, station)
    for seed in range(3):
        assert "PASSED" == carried_out(tmp_path, part_number, seed=seed, station=station)["verdict"]
    for name in ("open", "short", "swap", "missing-jumper", "extra-jumper", "miswire"):
        for place in some_places(NAMED[name], part_number, 3, station):
            text = written(NAMED[name], place)
            record = carried_out(tmp_path, part_number, text, station=station)
            wrong = {part for _, where in blamed(record) for part in where}
            assert ("FAILED", True) == (record["verdict"], bool(wrong)), text
            assert nets(drawn, wrong) <= nets(drawn, places(place)), (text, record["findings"])
