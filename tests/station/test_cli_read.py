"""`station read`, and what the command line tells of maps of registers."""

import signal
from pathlib import Path

import pytest

from station.faces.cli.commands import station as group
from tests.station.command_line import Captured, finished, process, station

OWN = (Path(__file__).parents[1] / "documents/registers/small-unit.toml").read_text()
STATION = """\
[station]
name = "racks"
site = "here"
registers = ["maps"]

[instruments.unit]
model = "small-unit"
link = "modbus-rtu:/dev/nothing-here?unit=7"
[instruments.psu]
model = "orv3-psu"
link = "modbus-rtu:/dev/nothing-here-either?unit=200"
[instruments.ohms]
model = "hioki-rm3545"
serial = "SIM-OHMS"
[instruments.mux]
model = "keysight-daq970a"
count = 2

[slots.A]
jig = "whip-panel-8"
roles = { ohmmeter = "ohms", matrix = "mux" }
"""


@pytest.fixture
def racks(tmp_path: Path) -> Path:
    """A station with two devices that are maps of registers: one in its own folder, a shipped one."""
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps/small-unit.toml").write_text(OWN)
    file = tmp_path / "racks.toml"
    file.write_text(STATION)
    return file


def test_all_registers_are_a_table(racks: Path, capsys: Captured) -> None:
    """Name, value, unit, flags that are set; who said it stands beside."""
    said = station(capsys, "read", "unit", "--sim", "--station", racks)
    assert 0 == said.code
    rows = [line.split() for line in said.out.splitlines()]
    assert ["name", "value", "unit", "flags", "that", "are", "set"] == rows[0]
    assert [*OWN_NAMES] == [row[0] for row in rows[1:]]
    assert ["Serial", "SIM-UNIT"] in rows
    assert "unit (small-unit, registerbank): Nobody SMALL-1 SIM-UNIT" in said.err


OWN_NAMES = (
    "Model", "Serial", "Version", "Volts", "Kelvin", "Amperes", "Joules", "Counter", "Bytes", "Duty", "Setting",
    "Label", "Inlet", "Alarms", "Control",
)  # fmt: skip


def test_named_registers_are_one_document(racks: Path, capsys: Captured) -> None:
    """In the order in which they were asked for; numbers with their uncertainty, flags by name."""
    said = station(capsys, "read", "unit", "Control", "Volts", "Serial", "--sim", "--station", racks, "--json")
    assert 0 == said.code
    assert "" == said.err
    control, volts, serial = said.document["registers"]
    assert {"name": "Control", "address": 0x106, "flags": {"Manual": False, "Stop": False}} == control
    assert ("Volts", 0x10, "V") == (volts["name"], volts["address"], volts["unit"])
    assert 2 / 1024 / 12**0.5 == pytest.approx(volts["uncertainty"])
    assert "SIM-UNIT" == serial["text"] == said.document["identity"]["serial"]


def test_watching_reads_again_and_again(racks: Path, capsys: Captured) -> None:
    """Each second of the loop's time, or as often as is said; a simulated second takes none."""
    said = station(capsys, "read", "psu", "PSU_Output_Voltage", "--sim", "--station", racks, "--watch", "--for", "3600")
    assert 0 == said.code
    assert 3600 == said.out.count("PSU_Output_Voltage")
    assert "3599.000 s" in said.err
    said = station(capsys, "read", "psu", "PSU_ITHD", "--sim", "--station", racks, "--for", "2", "--every", "60")
    assert "60.000 s" in said.err


def test_watching_ends_well_by_control_c(racks: Path) -> None:
    """What was shown stands; the exit code is 0."""
    started = process(
        "read", "psu", "PSU_ITHD", "--sim", "--real-time", "--watch", "--every", "0.05", "--station", racks
    )
    assert started.stdout is not None
    while "PSU_ITHD" not in started.stdout.readline():
        assert started.poll() is None
    started.send_signal(signal.SIGINT)
    said = finished(started)
    assert 0 == said.code
    assert "Traceback" not in said.err


def test_another_instrument_says_who_it_is(racks: Path, capsys: Captured) -> None:
    """And what it can do: it has no registers by name."""
    said = station(capsys, "read", "ohms", "--sim", "--station", racks)
    assert (0, "") == (said.code, said.out)
    assert "ohms (hioki-rm3545, ohmmeter): HIOKI RM3545 SIM-OHMS" in said.err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["unit", "Volt"], "unit (small-unit) has no register 'Volt'; allowed: Volts"),
        (["unit", "Volt", "Dutty"], "has no register 'Dutty'; allowed: Duty"),
        (["unti"], "racks has no instrument 'unti'; allowed: unit"),
        (["ohms", "Volts"], "ohms (hioki-rm3545) is no map of registers"),
    ],
)
def test_names_that_are_not_there_are_refused(
    racks: Path, capsys: Captured, arguments: list[str], problem: str
) -> None:
    """With the nearest ones, exit code 2, before anything is opened."""
    said = station(capsys, "read", *arguments, "--sim", "--station", racks)
    assert (2, "") == (said.code, said.out)
    assert problem in said.err


def test_a_device_that_cannot_be_reached_is_an_error(racks: Path, capsys: Captured) -> None:
    """Exit code 3: the station is right, the link is not."""
    said = station(capsys, "read", "unit", "--station", racks)
    assert (3, "") == (said.code, said.out)
    assert "unit: " in said.err


def test_a_silent_device_is_an_error(racks: Path, capsys: Captured) -> None:
    """A fault of the simulated link: no value, exit code 3."""
    said = station(capsys, "read", "unit", "--sim", "--fault", "silent:unit", "--station", racks)
    assert (3, "") == (said.code, said.out)
    assert "unit: " in said.err


def test_which_station_must_be_said(capsys: Captured) -> None:
    """Without --sim nothing is guessed."""
    said = station(capsys, "read", "unit")
    assert 2 == said.code
    assert "which station?" in said.err


def test_a_map_is_shown(racks: Path, capsys: Captured) -> None:
    """Name, address, format, unit, flags; what makes it safe; as a document too. A shipped one without a station."""
    said = station(capsys, "show", "model/orv3-psu")
    assert 0 == said.code
    rows = [" ".join(line.split()) for line in said.out.splitlines()]
    assert "model orv3-psu" == rows[0]
    assert "0x004f PSU_Output_Voltage 1 integer / 2^10 V" in rows
    assert any(row.startswith("0x003c General_Alarm_Status_Register 1 flags 0:PFC 1:DCDC") for row in rows)
    said = station(capsys, "show", "small-unit", "--station", racks, "--json")
    kelvin = next(each for each in said.document["registers"] if each["name"] == "Kelvin")
    assert (0x11, "fixed", 0.1, -273.15, "degC") == tuple(
        kelvin[key] for key in ("address", "format", "scale", "shift", "unit")
    )
    assert ["Duty = 0", "Control.Manual = 0"] == said.document["made safe by"]
    assert 2 == station(capsys, "show", "model/small-unit").code


def test_models_that_are_maps_are_listed(racks: Path, capsys: Captured) -> None:
    """The shipped ones always, those of a station's folders with the station."""
    shipped = {each["name"] for each in station(capsys, "list", "models", "--json").document}
    assert {"hioki-rm3545", "orv3-psu", "orv3-rpu2"} <= shipped
    named = {each["name"] for each in station(capsys, "list", "models", "--station", racks, "--json").document}
    assert {"small-unit"} == named - shipped


def test_a_wrong_map_is_told_of_by_the_check(racks: Path, capsys: Captured) -> None:
    """With its file and line, exit code 2, also when no instrument is of it."""
    racks.with_name("maps").joinpath("other.toml").write_text(
        OWN.replace('"small-unit"', '"other"').replace("0x0012", "0x0014")
    )
    said = station(capsys, "check", "--station", racks, "--files")
    assert 2 == said.code
    assert "other.toml:27: registers.Amperes.at: 0x0014 to 0x0014 overlaps 'Joules'" in said.err


def test_the_shell_completes_instruments_and_registers(racks: Path) -> None:
    """Of the station that stands in the line."""
    command = group.get_command(None, "read")  # type: ignore[arg-type]  # the group does not look at it
    assert command is not None
    import click

    ctx = click.Context(command)
    ctx.params = {"station_file": str(racks), "instrument": "unit"}
    instrument, names = command.params[:2]
    assert ["unit"] == [each.value for each in instrument.shell_complete(ctx, "un")]
    assert ["Volts", "Version"] == sorted((each.value for each in names.shell_complete(ctx, "V")), reverse=True)
