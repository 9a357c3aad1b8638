"""Every map of registers works the emulator of its own document: identified, and every register read by its name."""

import math
from collections.abc import Mapping
from pathlib import Path

import pytest

from drivers.maps.map import Format, RegisterMap
from drivers.model import Model
from drivers.reading import Reading
from drivers.roles import Identity, RegisterBank, Value
from sim import clock
from sim.maps import reader as maps
from sim.quantity import Quantity
from station.bench import Bench, Seat
from station.config.library import shipped
from station.config.registers.models import MapModel, map_model
from station.config.registers.reading import read_map_document
from station.emulators import wires_of
from tests.sim.fake_leads import FakeLeads

DOCUMENTS = Path(__file__).parents[1] / "documents/registers"
SHARED = Path(__file__).parents[3] / "shared/registers"
SCHEMAS = {"device_profile.schema.json"}
FILES = [
    *sorted(DOCUMENTS.iterdir()),
    *sorted((shipped() / "registers").glob("*.toml")),
    *(each for folder in ("rackmon", "device-profiles") for each in sorted((SHARED / folder).glob("*.json"))),
]
"""Those of ../shared only where it is."""


class Leads(FakeLeads):
    """A world that knows the registers it was told of, and no others."""

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """NaN for what nobody knows."""
        return self.there.get((quantity, place), math.nan)


def on_bench(model: Model, leads: FakeLeads, names: list[str]) -> tuple[Identity, Mapping[str, Value]]:
    """The identity and the values of a model's emulator, through its link, in virtual time."""
    seats = {"it": Seat("it", model, "sim:", "", 0.5, None)}

    async def main() -> tuple[Identity, Mapping[str, Value]]:
        bench = Bench(seats, wires_of(seats, leads))
        try:
            assert [] == await bench.open(["it"])
            instrument = bench.instruments["it"]
            assert isinstance(instrument, RegisterBank)
            return bench.identities["it"], await instrument.values(names)
        finally:
            bench.close()

    return clock.run(main())


def made(file: Path) -> MapModel:
    """The model that a document is; the emulator's own reader has read it too."""
    maps.read(file.resolve())
    return map_model(read_map_document(file))


@pytest.mark.parametrize("file", [each for each in FILES if each.name not in SCHEMAS], ids=lambda file: file.name)
def test_every_map_identifies_and_every_register_is_read_by_name(file: Path) -> None:
    """No register is missing, each has the kind of value that its format has, and the unit of the map."""
    found = made(file)
    leads = Leads(plate="SN12345")
    identity, values = on_bench(found.model, leads, list(found.map.registers))
    assert identity.serial == ("SN12345" if found.map.serial else "")
    assert {*found.map.registers} == {*values}
    for name, value in values.items():
        register = found.map.registers[name]
        match register.format:
            case Format.TEXT | Format.RAW:
                assert isinstance(value, str), name
            case Format.FLAGS:
                assert isinstance(value, Mapping), name
                assert {*register.flags} == {*value}
            case _:
                assert isinstance(value, Reading), name
                assert value.is_number, name
                assert register.unit == value.unit


@pytest.mark.parametrize("file", [each for each in FILES if each.name not in SCHEMAS], ids=lambda file: file.name)
def test_what_the_plant_knows_of_a_register_is_what_is_read(file: Path) -> None:
    """The emulator encodes by its own reading of the document, the driver decodes by ours: they agree within a step."""
    found = made(file)
    leads = Leads()
    known = _numbers(found.map)
    truth = {name: _between(found.map, name) for name in known}
    leads.there = {(Quantity.REGISTER, name): value for name, value in truth.items()}
    _, values = on_bench(found.model, leads, known)
    for name, value in values.items():
        assert isinstance(value, Reading)
        assert abs(value.value - truth[name]) <= 0.501 * _step(found.map, name) + 1e-6 * abs(truth[name]), name


def _numbers(known: RegisterMap) -> list[str]:
    """Registers with numbers, but not what the device is known by, nor names that only our reader of rackmon tells apart."""
    return [
        each.name
        for each in known.registers.values()
        if each.format in {Format.INTEGER, Format.FIXED, Format.FLOAT32}
        and each.address != known.probe.address
        and each.name not in {known.model, known.firmware}
        and [other.address for other in known.registers.values()].count(each.address) == 1
    ]


def _step(known: RegisterMap, name: str) -> float:
    each = known.registers[name]
    if each.format is Format.FLOAT32:
        return 1e-6
    return abs(each.scale) / 2.0**each.precision if each.format is Format.FIXED else 1.0


def _between(known: RegisterMap, name: str) -> float:
    """A value in the middle of what the register can hold, negative where it can be."""
    each = known.registers[name]
    if each.format is Format.FLOAT32:
        return -12.375
    raw = -1234 if each.signed else 12345
    shift = each.shift if each.format is Format.FIXED else 0.0
    return shift + raw * _step(known, name) * (1 if each.scale > 0 else -1)


def test_a_write_reaches_the_plant_and_is_read_back() -> None:
    """In the unit of the map; and made safe, the pumps of the manual mode stand at 0."""
    found = made(shipped() / "registers/orv3-rpu.toml")
    seats = {"it": Seat("it", found.model, "sim:", "", 0.5, None)}
    leads = Leads()
    duty, mode = "Manual_Control_Pump_Duty_Set", "RPU_Control"

    async def main() -> None:
        bench = Bench(seats, wires_of(seats, leads))
        assert [] == await bench.open(["it"])
        rpu = bench.instruments["it"]
        assert isinstance(rpu, RegisterBank)
        await rpu.write(f"{mode}.Manual_Control_Pump_On", 1)
        await rpu.write(duty, 60)
        assert 60 == leads.driven[Quantity.REGISTER, duty]
        await rpu.make_safe()
        values = await rpu.values([duty, mode])
        stands, control = values[duty], values[mode]
        assert isinstance(stands, Reading)
        assert isinstance(control, Mapping)
        assert (0.0, False) == (stands.value, control["Manual_Control_Pump_On"])
        bench.close()

    clock.run(main())
