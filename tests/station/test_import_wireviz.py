"""WireViz documents: everything they can draw becomes a cable that can be tested, or is told."""

import io
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from station.importing.importer import import_file
from tests.station.imports import DOCUMENTS, cable, loaded, yaml

SHARED = Path(__file__).parents[3] / "shared" / "harnesses"
LOOM = DOCUMENTS / "fan-loom.yml"
TWO = "connectors:\n  X1: { pinlabels: [A, B, C] }\n  X2: { pinlabels: [A, B, C] }\n"


def ends(imported_cable: object) -> dict[str, tuple[str, str]]:
    """Each wire's two ends."""
    return {wire.name: (wire.a, wire.b) for wire in imported_cable.netlist.drawn}  # type: ignore[attr-defined]  # it is a Cable


def test_a_document_says_what_the_product_is_called() -> None:
    """Part number, newest revision and title; the jig is called after it."""
    made = loaded(import_file(LOOM))
    assert ("FL-0042", "B", "Fan loom", ("fl-0042-panel",)) == (made.part_number, made.revision, made.title, made.jigs)


def test_wires_go_where_they_are_drawn() -> None:
    """By number, by label, by colour, crossed over; bundles and cables alike."""
    found = ends(cable(import_file(LOOM)))
    assert {
        "W1_1": ("J1.1", "X1.1"), "W1_2": ("J1.2", "X1.2"), "W1_3": ("J1.3", "X1.4"), "W1_5": ("J1.5", "X1.3"),
        "W2_1": ("J1.1", "X2.1"), "W2_2": ("J1.2", "X2.2"),
    }.items() <= found.items()  # fmt: skip


def test_gauges_lengths_and_colours_are_in_our_words() -> None:
    """Millimetres and inches are metres; a bare gauge is in square millimetres; a colour code gives each wire its colour."""
    wires = {wire.name: wire for wire in cable(import_file(LOOM)).wires}
    assert ("26 AWG", 0.45, "BK") == (wires["W1_1"].gauge, wires["W1_1"].length, wires["W1_1"].color)
    assert ("0.5 mm2", 0.3, "WH") == (wires["W3_1"].gauge, wires["W3_1"].length, wires["W3_1"].color)
    assert ("20 AWG", 0.3048, "") == (wires["W4_1"].gauge, wires["W4_1"].length, wires["W4_1"].color)
    assert ("0.14 mm2", None) == (wires["W5_1"].gauge, wires["W6_1"].gauge)


def test_a_splice_is_a_joint() -> None:
    """However many legs it has, in however many connection sets they are drawn."""
    made = cable(import_file(LOOM))
    assert ["W1_4", "W5_1", "W5_2"] == [wire.name for wire in made.netlist.neighbours["S1"]]
    assert "S1" in made.joints


def test_a_free_ferrule_is_a_place_for_a_probe() -> None:
    """A connector of one pin, by its own name or one made for it."""
    made = cable(import_file(LOOM))
    assert [1, 1] == [made.connectors[name].pins for name in ("F_1", "FREE")]
    assert {"W3_1": ("X2.2", "F_1.1"), "W3_2": ("X2.3", "FREE.1")}.items() <= ends(made).items()


def test_a_crimped_ferrule_is_a_joint_with_a_mated_contact() -> None:
    """Between the wire and the terminal's pin."""
    made = cable(import_file(LOOM))
    assert ("T1", "K.A1") == ends(made)["T1_M"]
    assert "mate" == made.netlist.wires["T1_M"].kind
    assert "T1" in made.joints


def test_mated_connectors_are_joints_pin_by_pin() -> None:
    """Those pins that lead on; the jig reaches neither connector."""
    made = cable(import_file(LOOM))
    assert ("P1_3", "P2_3") == ends(made)["P1_3_M"]
    assert not {"P1", "P2"} & set(made.connectors)
    assert not any(joint.startswith(("P1_1", "P2_1")) for joint in made.joints)


def test_pins_keep_their_labels_and_unused_ones_stay_as_empty_cavities() -> None:
    """Names of pins keep to our grammar, with the original as label; texts for people are one line without links."""
    made = cable(import_file(LOOM))
    assert ("Minifit, female, Acme", 6, "N/C") == (
        made.connectors["J1"].title,
        made.connectors["J1"].pins,
        made.connectors["J1"].labels["6"],
    )
    assert (["A1", "A2", "P", "NO"], {"P": "+"}) == (made.connectors["K"].pins, made.connectors["K"].labels)
    assert ("K.NO",) in [net.pins for net in made.netlist.nets]


def test_a_jumper_within_a_connector_is_a_wire() -> None:
    """Loops are drawn by pins."""
    made = cable(import_file(LOOM))
    assert ("K.A1", "K.A2") == ends(made)["K_L1"]
    assert made.netlist.wires["K_L1"].is_jumper


def test_a_shield_that_is_drawn_at_both_ends_is_a_wire_of_its_kind() -> None:
    """With limits of its own; that it lies beside a wire is told, for a break in one of them cannot be."""
    imported = import_file(LOOM)
    assert ("shield", None) == (cable(imported).netlist.wires["W2_S"].kind, cable(imported).netlist.wires["W2_S"].gauge)
    assert any(note.startswith("W2_1+W2_S: more than one way") for note in imported.notes)


def test_what_the_document_leaves_open_is_noted() -> None:
    """Ends that lead nowhere, wires that are not used, gauges that nobody understands, limits that prove little."""
    imported = import_file(LOOM)
    for beginning in (
        "W2: wire 3 is connected nowhere", "W6: the gauge '3 furlongs' is not understood", "W5 wire 3 is connected at one end only",
        "K_L1, W6_1+W5_3: without gauge and length",
    ):  # fmt: skip
        assert any(note.startswith(beginning) for note in imported.notes), beginning
        assert f"# - {beginning}" in imported.product_toml


def test_limits_are_proposed_that_a_good_unit_keeps() -> None:
    """Drawn around the nominal where there is one; splices and mated contacts may add to it."""
    found = {
        str(point): limit
        for point, limit in loaded(import_file(LOOM)).limits_for(loaded(import_file(LOOM)).sequence).items()
    }
    netlist = cable(import_file(LOOM)).netlist
    nominal = netlist.nominal(netlist.path["W1_4+W5_2"]) or 0.0
    assert pytest.approx(nominal * 1.04 + 0.0083) == found["conduction[W1_4+W5_2]"].high
    assert (None, 1.0) == (found["conduction[K_L1]"].low, found["conduction[K_L1]"].high)
    assert 0.5 == found["shield[W2_1+W2_S]"].high


@pytest.mark.parametrize(
    "file", sorted(DOCUMENTS.glob("*.*")) + sorted(SHARED.glob("*.yml")), ids=lambda file: file.name
)
def test_importing_again_gives_the_same_bytes(file: Path) -> None:
    """Nothing depends on the day, the machine or the order of a set."""
    once, again = import_file(file), import_file(file)
    assert once == again
    assert [] == cable(once).problems()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared documents are not here")
@pytest.mark.parametrize(
    ("name", "paths", "connectors", "notes"),
    [
        ("demo01", 4, ["X1", "X2", "W1S"], 1), ("demo02", 14, ["X1", "X2", "X3", "X4", "F_1", "F_2"], 0),
        ("ex01", 5, ["X1", "X2", "W1S"], 1), ("ex03", 6, ["X1", "X2", "X3", "X4"], 0),
        ("ex06", 20, ["X1", "X2", "X3", "X4", "X5", "X6"], 0), ("ex14", 5, ["X1", "X4"], 1),
    ],
)  # fmt: skip
def test_real_documents_become_products(name: str, paths: int, connectors: list[str], notes: int) -> None:
    """As their authors drew them: crossovers, daisy chains, shields, splices, ferrules, mated and crimped."""
    imported = import_file(SHARED / f"{name}.yml")
    made = cable(imported)
    assert (paths, connectors, notes) == (len(made.netlist.paths), list(made.connectors), len(imported.notes))
    assert {} == made.netlist.blind_spots()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared documents are not here")
def test_the_longest_way_of_a_real_document_goes_through_all_its_joints() -> None:
    """From the plug through three cables, splices, a mated connector and a ferrule into the terminal."""
    netlist = cable(import_file(SHARED / "ex14.yml")).netlist
    assert ("W1_1", "W2_1", "W21_1", "X2_1_M", "W3_1", "F_1_M") == netlist.path["W1_1+W2_1+W21_1+W3_1"].wires


def test_a_wire_of_unknown_gauge_may_have_what_a_thin_one_of_its_length_has(tmp_path: Path) -> None:
    """And no more than an ohm: a bad crimp is still seen."""
    text = (
        TWO + "cables:\n  W1: { wirecount: 1, length: 1 }\n  W2: { wirecount: 1, length: 9 }\n  W3: { wirecount: 1 }\n"
    )
    text += "connections:\n  - [X1: 1, W1: 1, X2: 1]\n  - [X1: 2, W2: 1, X2: 2]\n  - [X1: 3, W3: 1, X2: 3]\n"
    made = loaded(yaml(tmp_path, text))
    found = {str(point): limit.high for point, limit in made.limits_for(made.sequence).items()}
    assert (0.36, 1.0, 1.0) == tuple(found[f"conduction[W{n}_1]"] for n in (1, 2, 3))


def test_a_shield_at_one_end_gets_a_probe_at_the_other(tmp_path: Path) -> None:
    """Called after the cable."""
    imported = yaml(tmp_path, TWO + "cables:\n  W1: { wirecount: 1, shield: true, gauge: 24 AWG, length: 1 }\n"
                    "connections:\n  - [X1: 1, W1: 1, X2: 1]\n  - [X1: 2, W1: s]\n")  # fmt: skip
    assert ("X1.2", "W1S.1") == ends(cable(imported))["W1_S"]
    assert (
        "W1's shield is connected at one end only: the jig needs a probe at its free end (W1S.1)",
    ) == imported.notes


def test_a_shield_drawn_twice_from_the_same_side_has_both_its_ends(tmp_path: Path) -> None:
    """People write it so."""
    imported = yaml(tmp_path, TWO + "cables:\n  W1: { wirecount: 1, shield: SN, gauge: 24 AWG, length: 1 }\n"
                    "connections:\n  - [X1: 1, W1: 1, X2: 1]\n  - [X1: 2, W1: s]\n  - [X2: 2, W1: s]\n")  # fmt: skip
    assert ("X1.2", "X2.2") == ends(cable(imported))["W1_S"]
    assert ("SN", ()) == (cable(imported).wires[-1].color, imported.notes)


def test_an_unused_shield_and_a_loose_wire_are_left_out(tmp_path: Path) -> None:
    """And told."""
    imported = yaml(tmp_path, TWO + "cables:\n  W1: { wirecount: 2, shield: true, gauge: 24 AWG, length: 1 }\n"
                    "connections:\n  - [X1: 1, W1: 1, X2: 1]\n  - [W1: [2]]\n")  # fmt: skip
    assert (
        "W1: its shield is connected nowhere and is left out",
        "W1 wire 2 is connected nowhere and is left out",
    ) == imported.notes
    assert ["W1_1"] == list(cable(imported).netlist.wires)


def test_a_wire_to_several_pins_at_one_end_is_one_crimp(tmp_path: Path) -> None:
    """A joint, with a contact to each."""
    imported = yaml(tmp_path, TWO + "cables:\n  W1: { wirecount: 1, gauge: 24 AWG, length: 1 }\n"
                    "connections:\n  - [X1: 1, W1: 1, X2: 1]\n  - [X1: 1, W1: 1, X2: 2]\n")  # fmt: skip
    assert {"W1_1": ("X1.1", "W1_1_J"), "W1_1_J_M": ("W1_1_J", "X2.1"), "W1_1_J_M_2": ("W1_1_J", "X2.2")} == ends(
        cable(imported)
    )
    assert 2 == len(cable(imported).netlist.paths)


def test_a_mated_connector_without_wires_is_what_the_jig_mates_with(tmp_path: Path) -> None:
    """A receptacle in a panel: its pins are reached, those of the plug are not. Pins that differ are mated in their order."""
    imported = yaml(tmp_path, TWO + "  X3: { pins: [a, b, c, d] }\n" + "cables:\n  W1: { wirecount: 2, gauge: 24 AWG, length: 1 }\n"
                    "connections:\n  - [X1: [1, 3], W1: [1, 2], X2: [1, 3]]\n  - [X2, '==>', X3]\n")  # fmt: skip
    found = cable(imported)
    assert ["X1", "X3"] == list(found.connectors)
    assert {("X2_1", "X3.a"), ("X2_3", "X3.c")} == {each for name, each in ends(found).items() if name.endswith("_M")}
    assert ("X2 and X3 are mated, but their pins differ: mated in their order",) == imported.notes


def test_pins_mated_one_by_one_may_be_named_by_their_labels(tmp_path: Path) -> None:
    """As wires may."""
    text = TWO + "  T: { style: simple, type: Ring }\n" + "cables:\n  W1: { wirecount: 1, gauge: 24 AWG, length: 1 }\n"
    imported = yaml(tmp_path, text + "connections:\n  - [X1: [1], W1: [1], [T]]\n  - [[T], -->, X2: [B]]\n")
    assert ("T", "X2.2") == ends(cable(imported))["T_M"]


def test_a_mated_pin_that_leads_nowhere_gets_a_probe(tmp_path: Path) -> None:
    """Else its wire could not be proven."""
    text = TWO + "  X3: { pincount: 3 }\n  X4: { pincount: 3 }\n"
    text += (
        "cables:\n  W1: { wirecount: 2, gauge: 24 AWG, length: 1 }\n  W2: { wirecount: 1, gauge: 24 AWG, length: 1 }\n"
    )
    text += "connections:\n  - [X1: [1, 2], W1: [1, 2], X3: [1, 2]]\n  - [X3, <=>, X4]\n  - [X4: 1, W2: 1, X2: 1]\n"
    imported = yaml(tmp_path, text)
    assert ("X1.2", "X3_2.1") == ends(cable(imported))["W1_2"]
    assert ("X3_2: only one wire ends there, so the jig needs a probe (X3_2.1)",) == imported.notes


def test_connectors_mated_without_wires_are_left_out(tmp_path: Path) -> None:
    """Nothing of them is part of the cable."""
    text = (
        TWO
        + "  X3: { pincount: 3 }\n  X4: { pincount: 3 }\n"
        + "cables:\n  W1: { wirecount: 1, gauge: 24 AWG, length: 1 }\n"
    )
    imported = yaml(tmp_path, text + "connections:\n  - [X1: 1, W1: 1, X2: 1]\n  - [X3, <=>, X4]\n")
    assert ("X3 and X4 are mated, but no wire leads there: left out",) == imported.notes
    assert ["X1", "X2"] == list(cable(imported).connectors)


def test_a_wire_that_ends_where_it_begins_is_left_out(tmp_path: Path) -> None:
    """It says nothing of the cable."""
    text = TWO + "cables:\n  W1: { wirecount: 2, gauge: 24 AWG, length: 1 }\n"
    imported = yaml(tmp_path, text + "connections:\n  - [X1: 1, W1: 1, X2: 1]\n  - [X1: 3, W1: 2, X1: 3]\n")
    assert ("W1 wire 2 begins and ends at X1.3 and is left out",) == imported.notes
    assert ["W1_1"] == list(cable(imported).netlist.wires)


def test_templates_that_nothing_uses_are_told(tmp_path: Path) -> None:
    """In wireviz's words; they are no part of the cable."""
    imported = yaml(tmp_path, TWO + "  X9: { pincount: 2 }\ncables:\n  W1: { wirecount: 1, gauge: 24 AWG, length: 1 }\n"
                    "connections:\n  - [X1: 1, W1: 1, X2: 1]\n")  # fmt: skip
    assert ("Warning: The following components are not referenced in any connection set:", "X9") == imported.notes


def test_another_separator_of_templates_is_obeyed(tmp_path: Path) -> None:
    """As the document's options say."""
    text = "options: { template_separator: '/' }\nconnectors:\n  X: { pincount: 1 }\ncables:\n  W: { wirecount: 1, gauge: 24 AWG, length: 1 }\n"
    imported = yaml(tmp_path, text + "connections:\n  - [X/A: 1, W/W1: 1, X/B: 1]\n")
    assert {"W1_1": ("A.1", "B.1")} == ends(cable(imported))


def test_texts_stay_texts(tmp_path: Path) -> None:
    """NO is a normally open contact, 00123 a part number, on a label, and none of them true, false or octal."""
    text = (
        "metadata: { pn: 00123 }\nconnectors:\n  X1: { pinlabels: [NO, on, 1:30, 2026-01-02] }\n  X2: { pincount: 4 }\n"
    )
    text += "cables:\n  W1: { wirecount: 4, gauge: 24 AWG, length: 1 }\nconnections:\n  - [X1: [NO, on, 1:30, 2026-01-02], W1: [1-4], X2: [4-1]]\n"
    imported = yaml(tmp_path, text)
    assert "00123" == imported.part_number
    assert {"1": "NO", "2": "on", "3": "1:30", "4": "2026-01-02"} == cable(imported).connectors["X1"].labels
    assert ("X1.1", "X2.4") == ends(cable(imported))["W1_1"]


def test_odd_words_are_made_harmless(tmp_path: Path) -> None:
    """What a terminal or a page would obey never leaves the document; names keep to our grammar, each once."""
    text = 'metadata: { title: "a\\e[2Jb\\nc \\"quoted\\" \\u202e", pn: "p/n 7\\e" }\n'
    text += 'connectors:\n  "X 1": { pinlabels: ["\\e]0;x\\a"], type: "<a href=\'x\'>link</a>" }\n  "X-1": { pincount: 1 }\n'
    text += "cables:\n  'W#': { wirecount: 1, gauge: 24 AWG, length: 1, colors: [\"\\e[31m\"] }\nconnections:\n  - ['X 1': 1, 'W#': 1, X-1: 1]\n"
    imported = yaml(tmp_path, text)
    assert all(each.isprintable() for each in (imported.product_toml + imported.jig_toml).splitlines())
    assert ("P-N-7", 'a [2Jb c "quoted"') == (imported.part_number, loaded(imported).title)
    assert {"W__1": ("X_1.1", "X_1_2.1")} == ends(cable(imported))
    assert "link" == cable(imported).connectors["X_1"].title


def test_nothing_is_printed_and_nothing_is_written(tmp_path: Path) -> None:
    """Wireviz prints warnings and would draw; neither reaches anybody."""
    heard = io.StringIO()
    with redirect_stdout(heard):
        yaml(tmp_path, LOOM.read_text())
    assert ("", ["harness.yml"]) == (heard.getvalue(), [file.name for file in tmp_path.iterdir()])
