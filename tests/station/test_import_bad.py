"""Documents that are no harness: every one refused with its file and line, quickly, whatever is in it."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from tests.station.imports import odd, written

GOOD = """\
connectors:
  X1: { pinlabels: [A, B, C] }
  X2: { pincount: 3 }
cables:
  W1:
    wirecount: 2
    gauge: 24 AWG
    length: 1
connections:
  -
    - X1: [1, 2]
    - W1: [1, 2]
    - X2: [1, 2]
  -
    - X1: [3]
    - W1: [1]
    - X2: [3]
"""
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(8)
)
MERGE_BOMB = "a: &a { k: [x, x, x, x, x, x, x, x, x] }\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} {{ <<: [{', '.join([f'*{chr(97 + n)}'] * 9)}], k{n}: 1 }}\n" for n in range(20)
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("", ["is no harness; allowed: a table with connectors, cables and connections"]),
        ("- 1\n", ["harness.yml:1: found is no harness; allowed: a table with connectors, cables and connections"]),
        ("a: [1\nb: 2\n", ["harness.yml:2: is not YAML: expected ',' or ']', but got ':'"]),
        ("a: 1\n---\nb: 2\n", ["harness.yml:2: is not YAML: but found another document"]),
        ("a: \x00\n", ["harness.yml: is not YAML: has characters that YAML does not allow"]),
        ("a: *b\n", ["harness.yml:1: is not YAML: found undefined alias 'b'"]),
        ("[" * 3000, ["harness.yml: is nested too deeply"]),
        ("a: &a [*a]\n", ["harness.yml:1: a.0: its aliases or nesting make it larger than any harness"]),
        ("a:\n  x: 1\n  y: 2\n  x: 3\n", ["harness.yml:4: a.x: the same key twice"]),
        ("? [a]\n: 1\n", ["harness.yml:1: a key is a text"]),
        ("a: { <<: 3 }\n", ["harness.yml:1: a: what << copies is a table, or a list of tables"]),
        ("a: !!python/object/apply:os.system [id]\n", ["harness.yml:1: a: found the tag 'tag:yaml.org,2002:python/object/apply:os.system'; allowed: no tags"]),
        ("a: !env HOME\n", ["harness.yml:1: a: found the tag '!env'; allowed: no tags"]),
        (BOMB, ["harness.yml:5: e.1.5.2.3: its aliases or nesting make it larger than any harness"]),
        ("x" * (256 * 1024 + 1), ["harness.yml: is larger than 256 KiB"]),
        ("connections: []\n", ["harness.yml:1: connections: found a list; allowed: a list of connection sets"]),
        ("connectors: 3\nconnections: [[a]]\n", ["harness.yml:1: connectors: found 3; allowed: a table"]),
        ("connectors: { X: 3 }\nconnections: [[a]]\n", ["harness.yml:1: connectors.X: found 3; allowed: a table"]),
    ],
)  # fmt: skip
def test_what_is_no_harness_is_refused(tmp_path: Path, text: str, problems: list[str]) -> None:
    """No tags, no bombs, no second document, no key twice; and not read at all when it is too large."""
    found = odd(written(tmp_path, "harness.yml", text))
    assert len(problems) == len(found)
    assert all(problem in said for problem, said in zip(problems, found, strict=True))


@pytest.mark.timeout(20)
def test_a_bomb_of_merges_is_refused(tmp_path: Path) -> None:
    """Copies of copies of copies."""
    (found,) = odd(written(tmp_path, "harness.yml", MERGE_BOMB))
    assert found.endswith("its aliases or nesting make it larger than any harness")


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("old", "new", "problems"),
    [
        ("{ pincount: 3 }", "{ pincounts: 3 }", ["3: connectors.X2.pincounts: found unknown key 'pincounts'; allowed: pincount, pincolors, pins"]),
        ("{ pincount: 3 }", "{ pincount: 1000000000 }", ["3: connectors.X2.pincount: found 1000000000; allowed: 1 to 2000"]),
        ("{ pincount: 3 }", "{ pincount: -1 }", ["3: connectors.X2.pincount: found -1; allowed: 1 to 2000"]),
        ("{ pincount: 3 }", "{ pincount: three }", ["3: connectors.X2.pincount: found 'three'; allowed: 1 to 2000"]),
        ("{ pincount: 3 }", "{ pins: 3 }", ["3: connectors.X2.pins: found 3; allowed: a list of at most 2000"]),
        ("{ pincount: 3 }", "{ pins: [[1], 2] }", ["3: connectors.X2.pins.0: found a list; allowed: a text or a number"]),
        ("{ pincount: 3 }", "{ pins: [1, 2, 1] }", ["11: connections.0: wireviz: Pins are not unique"]),
        ("{ pincount: 3 }", "{ pincount: 3, loops: [[1]] }", ["3: connectors.X2.loops.0: found a list; allowed: a list of two pins"]),
        ("{ pincount: 3 }", "{ pincount: 3, loops: [[1, 9]] }", ['11: connections.0: wireviz: Unknown loop pin "9" for connector "X2"!']),
        ("{ pincount: 3 }", "", ["11: connections.0: wireviz: You need to specify at least one, pincount, pins, pinlabels, or pincolors"]),
        ("wirecount: 2", "wirecount: 100000000", ["6: cables.W1.wirecount: found 100000000; allowed: 1 to 2000"]),
        ("wirecount: 2", "wirecout: 2", ["6: cables.W1.wirecout: found unknown key 'wirecout'; allowed: wirecount"]),
        ("wirecount: 2", "color_code: DIN", ["11: connections.0: wireviz: Unknown number of wires. Must specify wirecount or colors (implicit length)"]),
        ("gauge: 24 AWG", "gauge: 24AWG", ["11: connections.0: wireviz: Cable W1 gauge=24AWG - Gauge must be a number, or number and unit separated by a space"]),
        ("length: 1", "length: .inf", ["11: connections.0: wireviz: Cable W1 length=.inf - Length must be a number, or number and unit separated by a space"]),
        ("- X1: [3]", "- X1: [9]", ["15: connections.1: wireviz: X1:9 not found."]),
        ("- X1: [3]", "- X1: [D]", ["15: connections.1: wireviz: X1:D not found."]),
        ("- X1: [3]", "- X7: [3]", ["15: connections.1: wireviz: X7 is an unknown template/designator/arrow."]),
        ("- X1: [3]", "- X1: [1, 3]", ["15: connections.1: wireviz: All items in connection set must reference the same number of connections"]),
        ("- X1: [3]", "- X1: [1-1000000000]", ["15: connections.1.0: found 1000000000 pins; allowed: at most 2000"]),
        ("- X1: [3]", "- X1: { a: 3 }", ["15: connections.1.0: found a table; allowed: pins or wires: numbers, labels, or ranges like 1-4"]),
        ("- X1: [3]", "- 7", ["15: connections.1.0: found 7; allowed: a name, a list of names, or a name with its pins"]),
        ("- X1: [3]", "- X1: 3\n      X2: 3", ["15: connections.1.0: found a table; allowed: a name, a list of names, or a name with its pins"]),
        ("- W1: [1]\n", "- X1: [1]\n", ['15: connections.1: wireviz: Expected cable/arrow, but "X1" ("X1") is connector']),
        ("- W1: [1]\n", "- W1: [7]\n", ["15: connections.1: W1 has no wire 7: it has 2, and no shield"]),
        ("- W1: [1]\n", "- W1: [s]\n", ["15: connections.1: W1 has no wire 's': it has 2, and no shield"]),
        ("- X1: [3]", "- -->", ['15: connections.1: wireviz: Expected connector, but "W1" ("W1") is cable/arrow']),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_line(tmp_path: Path, old: str, new: str, problems: list[str]) -> None:
    """The key's line, or the line of the connection set that wireviz does not understand."""
    assert old in GOOD
    text = "".join(reversed("".join(reversed(GOOD)).replace("".join(reversed(old)), "".join(reversed(new)), 1)))
    assert [f"harness.yml:{each}" for each in problems] == odd(written(tmp_path, "harness.yml", text))


def test_a_mated_pin_that_does_not_exist_is_told(tmp_path: Path) -> None:
    """Wireviz itself does not look."""
    text = GOOD + "  - [X1: [1], -->, X2: [9]]\n"
    assert ["harness.yml:18: connections.2: X2 has no pin 9"] == odd(written(tmp_path, "harness.yml", text))


def test_a_file_that_is_neither_is_refused(tmp_path: Path) -> None:
    """By its ending; one that is not there too."""
    assert ["harness.xml: found a .xml file; allowed: .yml, .yaml or .csv"] == odd(
        written(tmp_path, "harness.xml", "<x/>")
    )
    assert ["plain: found a plain file; allowed: .yml, .yaml or .csv"] == odd(written(tmp_path, "plain", ""))
    assert ["gone.yml: cannot be read: No such file or directory"] == odd(tmp_path / "gone.yml")
    assert ["gone.csv: cannot be read: No such file or directory"] == odd(tmp_path / "gone.csv")
    (tmp_path / "latin.yml").write_bytes(b"a: '\xb5'\n")
    assert ["latin.yml: is not UTF-8 text"] == odd(tmp_path / "latin.yml")


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra's name, in words that can be copied."""

    def missing(name: str) -> ModuleType:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    (found,) = odd(written(tmp_path, "harness.yml", GOOD))
    assert "install the extra: pip install 'rackproof[harness]'" in found
