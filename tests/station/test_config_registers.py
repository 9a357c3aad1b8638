"""Maps of registers in three forms: what is read, what is refused and where, and the models that they are."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.maps.map import Format, Probe, Register
from drivers.roles import RegisterBank
from station.config.documents import MOST_BYTES, parsed
from station.config.library import shipped
from station.config.registers.json_document import parsed_json
from station.config.registers.models import MapShelf
from station.config.registers.own import own_map
from station.config.registers.profile import profile_map
from station.config.registers.rackmon import rackmon_map
from station.config.registers.reading import read_map
from station.config.shelf import UnknownName
from tests.station.documents import JIG, STATION, changed, library, said, shelved

DOCUMENTS = Path(__file__).parents[1] / "documents/registers"
OWN = (DOCUMENTS / "small-unit.toml").read_text()
RACK = (DOCUMENTS / "SMALL_RACK.json").read_text()
VALVE = (DOCUMENTS / "SmallValve.json").read_text()


def own(text: str) -> Callable[[], object]:
    """Reading a text in our own form, that would be in x.toml."""
    return lambda: own_map(parsed(Path("x.toml"), text))


def rack(text: str) -> Callable[[], object]:
    """Reading a text in rackmon's form, that would be in x.json."""
    return lambda: rackmon_map(parsed_json(Path("x.json"), text), "x")


def valve(text: str) -> Callable[[], object]:
    """Reading a text in the form of device profiles, that would be in x.json."""
    return lambda: profile_map(parsed_json(Path("x.json"), text), "x")


def test_our_own_form() -> None:
    """Everything that it can say."""
    known = read_map(DOCUMENTS / "small-unit.toml")
    assert ("small-unit", "A small unit", "test piece", 9600, "N", 16) == (
        known.name, known.title, known.kind, known.baudrate, known.parity, known.max_span,
    )  # fmt: skip
    assert (((7, 9),), 7) == (known.addresses, known.unit)
    assert Probe(0, 4, "SMALL-1") == known.probe
    assert {"Duty": 0, "Control.Manual": 0} == known.safe
    assert Register("Kelvin", 0x11, 1, Format.FIXED, scale=0.1, shift=-273.15, unit="degC") == known.registers["Kelvin"]
    assert Register("Counter", 0x15, 2, Format.INTEGER, little=True) == known.registers["Counter"]
    assert Register("Setting", 0x101, 2, Format.FLOAT32, writable=True) == known.registers["Setting"]
    assert {"Hot": 0, "Leak": 17} == known.registers["Alarms"].flags
    assert known.registers["Inlet"].input


def test_the_form_of_rackmon() -> None:
    """Parity is even unless it says otherwise; two registers of one name are told apart by their addresses; what is said
    twice word by word counts once; what rackmon writes may be written.
    """
    known = read_map(DOCUMENTS / "SMALL_RACK.json")
    assert ("small-rack", 19200, "E", 16) == (known.name, known.baudrate, known.parity, known.max_span)
    assert (((33, 34), (40, 40)), 33) == (known.addresses, known.unit)
    assert Probe(8, 1) == known.probe
    assert ("MFR_Model", "MFR_Serial", "") == (known.model, known.serial, known.firmware)
    assert [
        "MFR_Model", "MFR_Serial", "Inlet_Temp_C", "Counter", "Alarm_0013", "Alarm_0014", "Clear_Log", "Clear_History",
        "Rest", "Unix_Time",
    ] == list(known.registers)  # fmt: skip
    warm = Register("Inlet_Temp_C", 16, 1, Format.FIXED, precision=7, signed=True, unit="degC")
    assert warm == known.registers["Inlet_Temp_C"]
    assert Register("Counter", 17, 2, Format.INTEGER, little=True) == known.registers["Counter"]
    assert {"Hot": 0, "Wet": 3} == known.registers["Alarm_0013"].flags
    assert Format.RAW is known.registers["Rest"].format
    assert ["Unix_Time"] == [each.name for each in known.registers.values() if each.writable]


def test_the_form_of_device_profiles() -> None:
    """The type of a sensor says its unit; a status without a name is called by its address; configuration is writable."""
    known = read_map(DOCUMENTS / "SmallValve.json")
    assert ("smallvalve", "Small1 (device profile)", "valve", "N") == (
        known.name,
        known.title,
        known.kind,
        known.parity,
    )
    assert Probe(3, 1, 4) == known.probe
    assert ("PartNumber", "SerialNumber", "Version") == (known.model, known.serial, known.firmware)
    assert Register("FLOW", 8, 1, Format.FIXED, scale=0.378541, unit="l/min") == known.registers["FLOW"]
    assert Register("HEAT", 10, 2, Format.FLOAT32, unit="degC") == known.registers["HEAT"]
    status = known.registers["Status_009D"]
    assert ({"Stuck": 2, "Unpowered": 0}, frozenset({"Unpowered"})) == (dict(status.flags), status.low)
    assert ["UnixTime", "BACKUP_TIME"] == [each.name for each in known.registers.values() if each.writable]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("at = 0x0011,", "at = 0x0010,", "overlaps 'Volts', 0x0010 to 0x0010", id="another meaning of the same words"),
        pytest.param("at = 0x0012,", "at = 0x0014,", "overlaps 'Joules', 0x0013 to 0x0014", id="overlap"),
        pytest.param('"integer", endian', '"long", endian', "x.toml:29: registers.Counter.format: found 'long'", id="format"),
        pytest.param('words = 2, format = "float32", unit', 'words = 4, format = "float32", unit', "registers.Joules.words: found 4; allowed: 2 words of float32", id="length"),
        pytest.param('words = 2, format = "integer"', 'words = 5, format = "integer"', "registers.Counter.words: found 5; allowed: 1 to 4 words", id="integer too long"),
        pytest.param('words = 4, format = "text" }\nSerial', 'words = 17, format = "text" }\nSerial', "registers.Model.words: found 17; allowed: 1 to 16 words of text", id="longer than a reply"),
        pytest.param("at = 0x0106", "at = 65536", "x.toml:45: registers.Control.at: found 65536; allowed: 0 to 65535", id="address"),
        pytest.param("at = 0x0103,", "at = 65534,", "registers.Label.words: found its last word is at 65536", id="end"),
        pytest.param("precision = 10", "precision = 17", "registers.Volts.precision: found 17; allowed: 0 to 16 bits", id="precision"),
        pytest.param("scale = 0.1, shift", "scale = 0.0, shift", "registers.Kelvin.scale: found 0; allowed: a number other than 0", id="scale"),
        pytest.param("scale = 0.1, shift", "scale = nan, shift", "registers.Kelvin.scale: found nan; allowed: a finite number", id="nan"),
        pytest.param("Leak = 17", "Leak = 32", "registers.Alarms.flags: found bit 32 for 'Leak'; allowed: 0 to 31", id="flag"),
        pytest.param('"%", writable', '"%", writeable', "unknown key 'writeable'; allowed: writable", id="unknown key"),
        pytest.param("Serial = {", "Model = {", "x.toml:23: is not TOML", id="duplicate name"),
        pytest.param('format = "raw"', 'format = "raw", scale = 2.0', "registers.Bytes.scale: found scale of raw; allowed: only with fixed", id="foreign key"),
        pytest.param("input = true", "input = true, writable = true", "input registers cannot be written", id="input"),
        pytest.param('probe = "Model"', 'probe = "Modell"', "x.toml:10: map.probe: found 'Modell'; allowed: Model", id="probe"),
        pytest.param('"SMALL-1"', "4", "map.expected: found 4; allowed: Model is text", id="expected"),
        pytest.param('"Duty" = 0', '"Volts" = 0', "map.safe.Volts: found 'Volts'; allowed: what may be written", id="safe"),
        pytest.param('"Control.Manual"', '"Control.Manuel"', "Control has no flag 'Manuel'; allowed: Manual", id="safe flag"),
        pytest.param("[[7, 9]]", "[[9, 7]]", "map.addresses[0]: found '9 to 7'", id="unit addresses"),
        pytest.param("max_span = 16", "max_span = 126", "map.max_span: found 126; allowed: 1 to 125", id="span"),
    ],
)  # fmt: skip
def test_a_wrong_map_of_ours_is_refused_with_place_and_reason(old: str, new: str, problem: str) -> None:
    """File, line, field, what was found, what is allowed."""
    problems = said(own(changed(OWN, old, new)))
    assert any(problem in each for each in problems), problems


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param('"begin": 12,', '"begin": 11,', "x.json:12: registers[1].begin: 'MFR_Serial': 0x000b to 0x000e overlaps 'MFR_Model'", id="overlap"),
        pytest.param('"format": "STRING", "name": "MFR_Serial"', '"format": "TEXT", "name": "MFR_Serial"', "x.json:12: registers[1].format: found 'MFR_Serial': 'TEXT'", id="format"),
        pytest.param('"length": 2, "format": "INTEGER", "endian"', '"length": 5, "format": "INTEGER", "endian"', "registers[3].length: found 'Counter': 5; allowed: 1 to 4 words", id="length"),
        pytest.param('"begin": 16,', '"begin": 65536,', "registers[2].begin: found 'Inlet_Temp_C': 65536", id="address"),
        pytest.param('"precision": 7', '"precision": 17', "found 'Inlet_Temp_C': 17; allowed: 0 to 16 bits", id="precision"),
        pytest.param('"precision": 7, ', "", "registers[2].precision: found 'Inlet_Temp_C': nothing", id="no precision"),
        pytest.param('"endian": "L"', '"precision": 3', "found 'Counter': precision of INTEGER; allowed: only with FLOAT", id="foreign key"),
        pytest.param("[3, ", "[16, ", "found 'Alarm': bit 16 for 'Wet'; allowed: 0 to 15", id="flag"),
        pytest.param("[3, ", "[true, 3, ", "registers[4].flags", id="no flag"),
        pytest.param('"keep": 10', '"kept": 10', "unknown key 'kept'; allowed: keep", id="unknown key"),
        pytest.param('"baudrate": 19200', '"baudrate": NaN', "x.json:5: baudrate: found nan; allowed: a finite number", id="NaN"),
        pytest.param('"baudrate": 19200', '"baudrate": 19200, "name": "again"', "x.json:5: name: the key is there already, in line 2", id="duplicate key"),
        pytest.param('"name": "Counter"', '"name": "Counter", "name": "Count"', "x.json:14: registers[3].name: the key is there already", id="duplicate key of a register"),
        pytest.param("[33, 34]", "[34, 33]", "x.json:3: address_range[0]: found 34 to 33", id="unit addresses"),
        pytest.param('"baudrate": 19200', '"baudrate": 19200 "x"', "x.json:5: is not JSON", id="no JSON"),
        pytest.param('"max_span_length": 16', '"max_span_length": 0', "max_span_length: found 0; allowed: 1 to 125", id="span"),
    ],
)  # fmt: skip
def test_a_wrong_map_of_rackmon_is_refused_with_place_and_reason(old: str, new: str, problem: str) -> None:
    """The place is the index, with the register's name because nobody counts."""
    problems = said(rack(changed(RACK, old, new)))
    assert any(problem in each for each in problems), problems


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            '"Offset": "0x8"',
            '"Offset": "8"',
            "x.json:12: SensorRegisters[0].Offset: found '8'; allowed: an address like 0x4F",
        ),
        ('"Offset": "0xA"', '"Offset": "0x8"', "SensorRegisters[1].Offset: 0x0008 to 0x0009 overlaps 'FLOW'"),
        ('"Size": 2, "Format": "Float32"', '"Size": 1, "Format": "Float32"', "found 1; allowed: 2 words of float32"),
        ('"Format": "Float32"', '"Format": "Float64"', "SensorRegisters[1].Format: found 'Float64'"),
        ('"Size": 2, "Format": "Float32"', '"Size": 2, "Scale": 0.1, "Format": "Float32"', "found Scale of Float32"),
        ('"BitPosition": 2', '"BitPosition": 16', "found bit 16 for 'Stuck'; allowed: 0 to 15"),
        ('"Unpowered"', '"Stuck"', "StatusRegisters[0].Bits[1]: another flag is called 'Stuck'"),
        ('"Name": "HEAT"', '"Name": "FLOW"', "another register is called 'FLOW', at 0x0008"),
        ('"Offset": "0x70"', '"Offset": "0x10000"', "ConfigRegisters[1].Offset: found 65536; allowed: 0 to 65535"),
        ('"DeviceType": "Valve"', '"DeviceType": "Tap"', "x.json:2: DeviceType: found 'Tap'"),
        ('"Size": 2, "Period"', '"Period"', "ConfigRegisters[0].Size: found nothing"),
        ('"Name": "BACKUP_TIME", ', "", "ConfigRegisters[1].Name: found nothing; allowed: a name"),
        ('"Parity": "None",', "", "x.json:1: Parity"),
    ],
)
def test_a_wrong_profile_is_refused_with_place_and_reason(old: str, new: str, problem: str) -> None:
    """Likewise."""
    problems = said(valve(changed(VALVE, old, new)))
    assert any(problem in each for each in problems), problems


def test_every_problem_is_told_at_once() -> None:
    """Whoever writes a map mends it once."""
    text = changed(changed(RACK, '"begin": 12,', '"begin": 11,'), '"precision": 7', '"precision": 70')
    assert 3 == len(said(rack(changed(text, '"keep": 10', '"kept": 10'))))


def test_what_is_no_map_is_refused(tmp_path: Path) -> None:
    """By what stands in it; huge files, deep ones and those that are no text too."""
    file = tmp_path / "x.json"
    for text, problem in [
        ("{}", "is no map of registers"),
        ("[1]", "is no map of registers"),
        ("[1", "is not TOML"),
        ("", "is no map of registers"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "nested too deeply"),
        ('{"a": ' + "9" * 5000 + "}", "a number of thousands of digits"),
        ("{" + " " * MOST_BYTES + "}", "is larger than"),
    ]:
        file.write_text(text)
        (told,) = said(lambda: read_map(file))
        assert problem in told
    file.write_bytes(b"{\xff}")
    assert "is not UTF-8" in said(lambda: read_map(file))[0]
    assert "there is no such file" in said(lambda: read_map(tmp_path / "none.json"))[0]


def test_a_shelf_knows_maps_by_name(tmp_path: Path) -> None:
    """The model is what the map says of its bus; twice the same name in a folder is a problem."""
    shelf = MapShelf((DOCUMENTS, shipped() / "registers"))
    model = shelf.named("small-rack").model
    assert ("registers", ("modbus-rtu", "modbus-tcp"), (RegisterBank,)) == (model.speaks, model.links, model.roles)
    assert (33, 19200, "E") == (model.unit, model.baudrate, model.parity)
    assert (DOCUMENTS / "SMALL_RACK.json").resolve() == Path(model.file)
    assert ("small-unit", "smallvalve") == tuple(shelf.named(each).name for each in ("small-unit", "smallvalve"))
    with pytest.raises(UnknownName, match="orv3-psu"):
        shelf.named("orv3-pus")
    for name in ("a", "b"):
        (tmp_path / f"{name}.toml").write_text(OWN)
    assert ["small-unit is in " in each for each in said(lambda: MapShelf((tmp_path,)).named("small-unit"))] == [True]


def test_a_station_may_name_a_map(tmp_path: Path) -> None:
    """Of a folder beside its file; the station keeps the model."""
    root = shelved(tmp_path, jigs__small_jig=JIG, maps__small=OWN)
    text = changed(STATION, 'site = "here"', 'site = "here"\nregisters = ["../maps"]')
    text += '\n[instruments.unit]\nmodel = "small-unit"\nlink = "modbus-tcp://10.0.0.9:502?unit=7"\n'
    shelved(root, stations__s=text)
    station = library(root).station("cell-1")
    assert "small-unit" == station.models["small-unit"].name
    wrong = changed(text, '"small-unit"', '"small-unti"')
    shelved(root, stations__s=wrong)
    (told,) = said(lambda: library(root).station("cell-1"))
    assert "instruments.unit.model: found 'small-unti'; allowed: small-unit" in told


def test_a_bad_map_is_told_of_with_the_station_that_names_it(tmp_path: Path) -> None:
    """With its own file and line, and nothing else is said because of it."""
    root = shelved(tmp_path, jigs__small_jig=JIG, maps__small=changed(OWN, "at = 0x0012,", "at = 0x0014,"))
    text = changed(STATION, 'site = "here"', 'site = "here"\nregisters = ["../maps"]')
    text += '\n[instruments.unit]\nmodel = "small-unit"\nlink = "modbus-tcp://10.0.0.9:502?unit=7"\n'
    shelved(root, stations__s=text)
    (told,) = said(lambda: library(root).station("cell-1"))
    assert re.search(r"small\.toml:\d+: registers\.Amperes\.at: 0x0014 to 0x0014 overlaps 'Joules'", told)
    shelved(root, stations__s=changed(text, 'site = "here"', 'site = "here"\nsight = "x"'))
    assert 2 == len(said(lambda: library(root).station("cell-1")))


def test_a_map_must_not_be_called_as_a_driver_is(tmp_path: Path) -> None:
    """The driver counts, and the check says so."""
    root = shelved(tmp_path, registers__x=changed(OWN, '"small-unit"', '"hioki-rm3545"'))
    found, problems = library(root).maps()
    assert ([], 1) == (found, len(problems))
    assert "hioki-rm3545 is a model already" in str(problems[0])


ODD: tuple[Any, ...] = (None, [], {}, [[]], "x", 1e99, True, [{}], [None])


@pytest.mark.parametrize(("text", "reading"), [(RACK, rack), (VALVE, valve)], ids=["rackmon", "profile"])
def test_json_of_any_shape_is_refused_not_crashed_upon(
    text: str, reading: Callable[[str], Callable[[], object]]
) -> None:
    """Whatever stands where something else should: what must be there is refused, and nothing fails."""
    whole = json.loads(text)
    for key in whole:
        for odd in ODD:
            said(reading(json.dumps({**whole, key: odd})))
    assert said(reading(json.dumps(dict.fromkeys(whole))))
