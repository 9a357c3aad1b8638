"""Folders of code that a station file names: others' sequences, drivers and emulators are equals of ours, or are refused."""

import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from types import ModuleType

import pytest

from sequences.cabling.cable import Cable
from sequences.cabling.continuity import CABLE_CONTINUITY
from sequences.cabling.wiring import CableWiring
from sequences.family import Family
from sim import makers
from station import catalog
from station.catalog import families, models, with_families, with_models
from station.config.library import shipped
from station.opening import usual_library
from station.service import RefusalError, Simulated
from station.serving import _station_text, lay
from tests.station.command_line import Captured, station

SEQUENCE = '''
"""Is it there, and does every wire conduct?"""

from dataclasses import replace

from sequences.cabling.cable import Cable
from sequences.cabling.continuity import CABLE_CONTINUITY, every_conductor_conducts, the_operator_connects_the_unit
from sequences.cabling.wiring import CableWiring
from sequences.family import Family
from quick_words import TITLE

QUICK = replace(CABLE_CONTINUITY, name="quick-look", title=TITLE)
FAMILIES = (Family("cabling", Cable, CableWiring, (QUICK,)),)
'''
METER = '''
"""A meter as ours, by another name, and its emulator."""

from dataclasses import replace

from drivers.ohmmeters import hioki_rm3545
from sim.emulators.hioki_rm3545 import HiokiRm3545

MODELS = (replace(hioki_rm3545.MODELS[0], name="own-ohms"),)
EMULATORS = {"own-ohms": HiokiRm3545}
'''


@pytest.fixture
def bay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a station file that names the folder `code` beside it; what is imported from there is forgotten again."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATION_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(makers, "MAKERS", {**makers.MAKERS})
    text = (shipped() / "stations" / "simulated-line.toml").read_text("utf-8")
    (tmp_path / "bay.toml").write_text(text.replace('site = "nowhere"', 'site = "nowhere"\ncode = ["code"]'))
    (tmp_path / "code").mkdir()
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def write(bay: Path, **modules: str) -> None:
    """Modules of the folder, by name."""
    for name, text in modules.items():
        (bay / "code" / f"{name}.py").write_text(text)


def test_a_sequence_of_a_folder_is_an_equal_of_ours(bay: Path, capsys: Captured) -> None:
    """It runs, is listed and shown; its modules import each other; the report draws the cable that it tested."""
    write(bay, quick=SEQUENCE, quick_words='TITLE = "A quick look"')
    arguments = ("--station", "bay.toml", "--product", "PWR-WHIP-8", "--serial", "SN1", "--sequence", "quick-look")
    said = station(capsys, "run", "--sim", *arguments, "--fault", "open:W3", "--json")
    assert (1, "quick-look") == (said.code, said.document["sequence"]["name"])
    listed = {
        each["name"]: each for each in station(capsys, "list", "sequences", "--station", "bay.toml", "--json").document
    }
    assert listed["quick-look"] == {"name": "quick-look", "family": "cabling", "title": "A quick look"}
    assert "cable-continuity" in listed
    assert "quick-look" not in {each["name"] for each in station(capsys, "list", "sequences", "--json").document}
    assert station(capsys, "show", "quick-look", "--station", "bay.toml").code == 0
    assert station(capsys, "check", "--files", "--station", "bay.toml").code == 0


def test_a_product_whose_sequence_is_code_is_drawn_in_its_report(bay: Path, capsys: Captured) -> None:
    """Also where nobody knows the code any more: what it is made of stands in the file that is kept."""
    write(bay, quick=SEQUENCE, quick_words='TITLE = "A quick look"')
    text = (shipped() / "products" / "PWR-WHIP-8.toml").read_text("utf-8")
    (bay / "products").mkdir()
    own = text.replace("PWR-WHIP-8", "QUICK-WHIP").replace("cable-continuity", "quick-look")
    (bay / "products" / "quick.toml").write_text(own)
    named = (bay / "bay.toml").read_text().replace('code = ["code"]', 'code = ["code"]\nproducts = ["products"]')
    (bay / "bay.toml").write_text(named)
    assert (
        station(capsys, "run", "--sim", "--station", "bay.toml", "--product", "QUICK-WHIP", "--serial", "SN1").code == 0
    )
    assert station(capsys, "report", "last", "--output", "report.html").code == 0
    assert "8 of 8 wires good" in (bay / "report.html").read_text("utf-8")


def test_a_driver_and_its_emulator_come_in_together(bay: Path, capsys: Captured) -> None:
    """An instrument of that model is opened, identified and used, under --sim too; a served bench names the folder."""
    write(bay, meter=METER)
    text = (bay / "bay.toml").read_text()
    (bay / "bay.toml").write_text(text.replace('model = "hioki-rm3545"', 'model = "own-ohms"', 1))
    said = station(
        capsys, "run", "--sim", "--station", "bay.toml", "--product", "PWR-WHIP-8", "--serial", "SN1", "--json"
    )
    assert (0, "SIM-OHMS" in said.document["instruments"]["ohms"]) == (said.code, True)
    assert station(capsys, "show", "model/own-ohms", "--station", "bay.toml").code == 0
    served = _station_text(lay("bay.toml", ()), {}, Simulated(0))
    assert tomllib.loads(served)["station"]["code"] == [str(bay / "code")]


BAD = {
    "broken": ("X = 1\nY = Z\n", "code/it.py:2: NameError: name 'Z' is not defined"),
    "inside": ("import quick_parts\n", "code/quick_parts.py:3: ValueError: no"),
    "syntax": ("X = 1\n\n\ndef (:\n", "code/it.py:4: SyntaxError: invalid syntax"),
    "missing": ("\nimport no_such_module\n", "code/it.py:2: ModuleNotFoundError: No module named 'no_such_module'"),
    "exit": ("raise SystemExit(0)\n", "code/it.py:1: SystemExit: 0"),
    "families": ("FAMILIES = 7\n", "code/it.py: FAMILIES: found 7; allowed: a tuple of Family"),
    "models": ('MODELS = ("x",)\n', "code/it.py: MODELS: found tuple; allowed: a tuple of Model"),
    "emulators": ("EMULATORS = ()\n", "code/it.py: EMULATORS: found tuple; allowed: a dict of emulators by model"),
    "nothing": ("FAMILYS = ()\n", "code: none of its modules has FAMILIES, MODELS, EMULATORS"),
    "taken": (
        SEQUENCE.replace("quick-look", "cable-continuity").replace("from quick_words import TITLE", "TITLE = ''"),
        "code/it.py: there is a sequence 'cable-continuity' already",
    ),
    "model taken": (METER.replace("own-ohms", "keysight-daq970a"), "code/it.py: there is a model 'keysight-daq970a' already"),
    "emulator taken": (
        'from sim.emulators.barcode_scanner import BarcodeScanner\nEMULATORS = {"hioki-rm3545": BarcodeScanner}\n',
        "code/it.py: there is an emulator of 'hioki-rm3545' already",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_code_that_will_not_do_is_refused_with_its_place(bay: Path, capsys: Captured, case: str) -> None:
    """File and line, exit code 2, and nothing has run; a module that only others import is told where it breaks."""
    text, told = BAD[case]
    write(bay, it=text)
    if case == "inside":
        write(bay, quick_parts="\n\nraise ValueError('no')\n", quick=SEQUENCE, quick_words="TITLE = ''")
    said = station(capsys, "run", "--sim", "--station", "bay.toml", "--product", "PWR-WHIP-8", "--serial", "SN1")
    assert said.code == 2
    assert told in said.err
    assert not (bay / "data").exists()


@pytest.mark.parametrize("name", ["json", "station", "sys", "pytest"])
def test_a_module_that_is_called_like_another_is_refused(bay: Path, capsys: Captured, name: str) -> None:
    """Nothing in a folder of code can stand in for what others import, and nothing of it is left out in silence."""
    write(bay, **{name: "FAMILIES = ()"})
    said = station(capsys, "check", "--files", "--station", "bay.toml")
    assert said.code == 2
    assert f"code/{name}.py: another module is called {name}" in said.out + said.err


def test_a_file_that_python_cannot_import_is_told(bay: Path, capsys: Captured) -> None:
    """A hyphen in its name, for one; and a folder that is not there."""
    (bay / "code" / "my-test.py").write_text("FAMILIES = ()")
    said = station(capsys, "check", "--files", "--station", "bay.toml")
    assert (2, True) == (said.code, "code/my-test.py: found 'my-test' cannot be imported" in said.out + said.err)
    (bay / "bay.toml").write_text((bay / "bay.toml").read_text().replace('["code"]', '["cod"]'))
    said = station(capsys, "check", "--files", "--station", "bay.toml")
    assert (2, True) == (said.code, "there is no folder" in said.out + said.err)


def test_a_family_of_a_known_name_adds_its_sequences() -> None:
    """It takes none away; the same one twice is one; another family of that name is refused."""
    known = families()
    own = Family("cabling", Cable, CableWiring, (CABLE_CONTINUITY,))
    assert with_families(known, [own]) == known
    with pytest.raises(ValueError, match="take its structure and its wiring"):
        with_families(known, [Family("pdu", Cable, CableWiring, ())])
    model = next(iter(models().values()))
    assert with_models(models(), [model]) == models()


def test_an_entry_point_whose_name_is_taken_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a family that is another one of the same name: nothing of ours is replaced in silence."""
    theirs = ModuleType("their_family")
    theirs.FAMILIES = (Family("pdu", Cable, CableWiring, ()),)  # type: ignore[attr-defined]  # a module of others
    monkeypatch.setitem(sys.modules, "their_family", theirs)
    entry = EntryPoint("theirs", "their_family", catalog.SEQUENCES)
    monkeypatch.setattr(catalog, "entry_points", lambda group: EntryPoints([entry]).select(group=group))
    families.cache_clear()
    try:
        with pytest.raises(RefusalError, match="there is a family 'pdu' already"):
            usual_library()
    finally:
        families.cache_clear()
