"""The command line's other commands: help, list, show, check, completion; and files with problems."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from station.config.library import shipped
from station.faces.cli.commands import MODULES
from station.faces.cli.commands import station as group
from station.faces.cli.listing import KINDS
from tests.station.command_line import Captured, finished, process, station
from tests.station.lines import HARNESS

BAD_PRODUCT = """\
[product]
part_number = "BAD-1"
revision = "A"
family = "cabling"
sequence = "cable-continuity"
jigs = ["whip-panel-8"]
colour = "red"

[structure]
gauge = "10 ABC"
wires = [
    { name = "W1", ends = ["J1.1", "J9.1"] },
    { name = "W1", ends = ["J1.2", "J2.2"] },
]
[structure.connectors.J1]
pins = 2
[structure.connectors.J2]
pins = 0
"""
BAD_STATION = """\
[station]
name = "bad"
site = "here"
[instruments.ohms]
model = "hioki-rm3546"
link = "tcp://10.0.0.1:5025"
[instruments.mux]
model = "keysight-daq970a"
link = "tcp://10.0.0.1:5025"
colour = 3
[slots.A]
jig = "whip-panel-8"
roles = { ohmmeter = "ohm" }
"""

LONELY = """\
[station]
name = "two"
site = "here"
jigs = ["../jigs"]
[instruments.ohms]
model = "hioki-rm3545"
[instruments.mux]
model = "keysight-daq970a"
count = 2
[instruments.lone]
model = "keysight-daq970a"
[instruments.scanner]
model = "barcode-scanner"
[slots.A]
jig = "whip-panel-8"
roles = { ohmmeter = "ohms", matrix = "mux", multimeter = "mux1", operator = "scanner" }
[slots.B]
jig = "lonely-panel"
roles = { ohmmeter = "ohms", matrix = "lone", multimeter = "lone", operator = "scanner" }
"""
LONELY_JIG = """\
[jig]
name = "lonely-panel"
family = "cabling"
title = "A jig that no product names"
[wiring]
mainframes = [{ cards = ["DAQM901A", "DAQM904A", "DAQM904A"] }]
bar = [9, 10]
reference = { points = [11, 12], ohms = 5e6, tolerance = 0.002 }
identity = { points = [13, 14], ohms = 4700.0, tolerance = 0.02 }
[wiring.points]
Q = "1-4"
"""


def every_command() -> Iterator[tuple[str, ...]]:
    """The words of every command that does something."""
    context = click.Context(group)
    for name in MODULES:
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from ((name, each) for each in command.commands)
        else:
            yield (name,)


@pytest.mark.parametrize("words", [*every_command()], ids=" ".join)
def test_every_command_has_help_with_an_example(capsys: Captured, words: tuple[str, ...]) -> None:
    """Exit code 0, a sentence, an example that begins as one would type it, and every option explained."""
    said = station(capsys, *words, "--help")
    assert 0 == said.code
    assert re.search(rf"Example: (\w+=\S+ )?station {words[0]}", said.out)
    for line in said.out.partition("Options:")[2].splitlines():
        assert not re.fullmatch(r"  -\S+( \S+)?", line), f"{line} says nothing"


def test_the_group_lists_every_command(capsys: Captured) -> None:
    """One line each, and the exit codes."""
    said = station(capsys, "--help")
    assert 0 == said.code
    assert [] == [name for name in MODULES if f"\n  {name} " not in said.out]
    assert "Exit codes" in said.out


@pytest.mark.parametrize(
    "arguments", [["bogus"], ["run", "--bogus"], ["run"], ["list", "bogus"], ["completion", "tcsh"]]
)
def test_what_is_no_command_is_usage(capsys: Captured, arguments: list[str]) -> None:
    """Exit code 2, and where to find help."""
    said = station(capsys, *arguments)
    assert (2, "") == (said.code, said.out)
    assert "--help" in said.err


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "runs"])
def test_everything_that_is_listed_can_be_shown(capsys: Captured, kind: str) -> None:
    """As a table and as JSON, and so can each thing by its name."""
    rows = station(capsys, "list", kind, "--json").document
    assert rows
    table = station(capsys, "list", kind)
    assert 0 == table.code
    assert kind == "faults" or len(rows) + 1 == len(table.out.splitlines())
    assert all(row["name"] in table.out for row in rows)
    for row in rows[:: max(1, len(rows) // 8)]:
        said = station(capsys, "show", row["name"])
        assert (0, True) == (said.code, row["name"] in said.out.splitlines()[0])
        assert 0 == station(capsys, "show", row["name"], "--json").code
    there = [row for row in rows if kind != "faults" or "where" in row]
    assert len(there) == station(capsys, "list", "--json").document[kind]


@pytest.mark.parametrize("name", ["product", "jig", "station", "run"])
def test_the_schemas_are_shown(capsys: Captured, name: str) -> None:
    """One JSON document each, so that editors and scripts can use them."""
    said = station(capsys, "show", f"schema/{name}")
    assert (0, "https://json-schema.org/draft/2020-12/schema") == (said.code, said.document["$schema"])


def test_a_sequence_is_shown_as_its_plan(capsys: Captured) -> None:
    """Steps as sentences in their groups, with what they measure; no hardware is needed."""
    said = station(capsys, "show", "cable-continuity").out
    at = [said.index(text) for text in ("setup:", "the empty jig isolates", "main:", "no two nets touch", "cleanup:")]
    assert sorted(at) == at
    assert "conduction [ohm] at each point" in said


def test_nothing_of_that_name_is_usage(capsys: Captured) -> None:
    """Exit code 2."""
    assert 2 == station(capsys, "show", "nope").code
    assert 2 == station(capsys, "show", "schema/nope").code


def test_the_simulated_bench_is_ready(capsys: Captured) -> None:
    """Every instrument of every slot says who it is."""
    said = station(capsys, "check", "--sim", "--no-limits", "--json")
    assert (0, []) == (said.code, said.document["problems"])
    assert {""} == {each["trouble"] for each in said.document["instruments"]}
    assert len(said.document["instruments"]) > 100


def test_the_files_of_a_real_station_are_checked_without_opening_anything(capsys: Captured) -> None:
    """`--files` opens nothing, so it can run anywhere."""
    said = station(capsys, "check", "--station", "cell-2", "--files", "--json")
    assert (0, {"problems": [], "instruments": [], "limits": [], "unable": []}) == (said.code, said.document)


@pytest.fixture
def bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of fixtures with a bad product and a bad station."""
    for name, text in (("products/bad.toml", BAD_PRODUCT), ("stations/bad.toml", BAD_STATION)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setenv("STATION_FIXTURES", str(tmp_path))
    return tmp_path


def located(text: str, name: str) -> list[int]:
    """The lines of a file at which problems are told."""
    return [int(line) for line in re.findall(rf"{name}:(\d+): ", text)]


def test_all_problems_of_a_product_are_told_at_once(bad: Path, capsys: Captured) -> None:
    """With file and line, by run, show and check alike; exit code 2, and nothing is opened."""
    for arguments in (
        ["run", "--sim", "--product", "BAD-1", "--serial", "SN1", "--data", str(bad / "data")],
        ["show", "BAD-1"],
        ["check", "--files"],
    ):
        said = station(capsys, *arguments)
        assert 2 == said.code
        assert [7, 10, 12, 13, 18] == sorted(set(located(said.err, "bad.toml")) & {7, 10, 12, 13, 18})
    assert not (bad / "data").exists()


def test_all_problems_of_a_station_are_told_at_once(bad: Path, capsys: Captured) -> None:
    """Unknown model and key, an address twice, a role that names nobody: each at its line."""
    said = station(capsys, "check", "--station", str(bad / "stations/bad.toml"), "--files")
    assert 2 == said.code
    assert {5, 10, 13} <= set(located(said.err, "bad.toml"))
    assert "hioki-rm3545" in said.err


def test_one_bad_file_does_not_hide_the_good_ones(bad: Path, capsys: Captured) -> None:
    """Other products are listed and run all the same."""
    assert HARNESS in station(capsys, "list", "products").out
    given = ["run", "--sim", "--product", HARNESS, "--serial", "SN1", "--data", str(bad / "data")]
    assert 0 == station(capsys, *given).code


def test_a_file_that_is_not_there_or_is_no_toml(tmp_path: Path, capsys: Captured) -> None:
    """Exit code 2 and a sentence."""
    (tmp_path / "odd.toml").write_text("[station\n")
    given = ["run", "--sim", "--product", HARNESS, "--serial", "SN1", "--data", str(tmp_path / "data"), "--station"]
    for name, word in (("gone.toml", "no such file"), ("odd.toml", "odd.toml:1")):
        said = station(capsys, *given, str(tmp_path / name))
        assert (2, True) == (said.code, word in said.err)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(capsys: Captured, shell: str) -> None:
    """What the shell sources speaks of our program."""
    said = station(capsys, "completion", shell)
    assert (0, True) == (said.code, "_STATION_COMPLETE" in said.out)


def test_the_program_as_a_process(tmp_path: Path) -> None:
    """From a shell: help, usage, and a pipe whose reader has gone."""
    started = [process("--help"), process("run"), process("list", "faults", STATION_DATA=str(tmp_path))]
    helped, used, listed = (finished(each) for each in started)
    assert (0, 2, 0) == (helped.code, used.code, listed.code)
    assert ("", "") == (helped.err, used.out)
    assert "high-resistance" in listed.out
    assert "\x1b" not in helped.out + used.err + listed.out


def test_a_slot_that_no_product_fits_is_no_trouble(tmp_path: Path, capsys: Captured) -> None:
    """Its unit is not simulated; its instruments are asked like all others, whether a slot uses them or not."""
    for name, text in (("stations/two.toml", LONELY), ("jigs/lonely.toml", LONELY_JIG)):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    said = station(capsys, "check", "--sim", "--no-limits", "--station", tmp_path / "stations/two.toml", "--json")
    assert 0 == said.code
    assert ["ohms", "mux1", "mux2", "lone", "scanner"] == [each["instrument"] for each in said.document["instruments"]]


def test_a_product_with_a_serial_pattern_of_its_own_is_checked_too(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unit that a check lays on a jig has no serial number."""
    text = (shipped() / "products" / "PWR-WHIP-8.toml").read_text()
    (tmp_path / "products").mkdir()
    strict = text.replace("[structure]", 'serial = "W[0-9]{5}"\n\n[structure]', 1)
    (tmp_path / "products" / "strict.toml").write_text(strict)
    monkeypatch.setenv("STATION_FIXTURES", str(tmp_path))
    assert 0 == station(capsys, "check", "--sim", "--no-limits").code
    given = ["run", "--sim", "--product", "PWR-WHIP-8", "--data", str(tmp_path / "data")]
    assert (2, 0) == (
        station(capsys, *given, "--serial", "SN1").code,
        station(capsys, *given, "--serial", "W12345").code,
    )
