"""The emulators of a simulated station: framings, units and buses are those of its links."""

import pytest

from drivers.model import Model
from sim import clock
from sim.modbus.slave import Slave
from sim.quantity import Quantity
from station.bench import Bench, Seat
from station.catalog import models
from station.emulators import buses_of, emulator_of, simulated_links, wires_of
from tests.sim.fake_leads import FakeLeads


def seat(name: str, model: str, link: str) -> Seat:
    """An instrument of a bench."""
    return Seat(name, models()[model], link, "", 1.0, None)


class Plates(FakeLeads):
    """Every instrument has its own plate, and its own pressure."""

    def serial(self, device: str) -> str:
        """As many as the name's last digit."""
        return f"1000{device[-1]}"

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """That many bar, and the mains."""
        there = {Quantity.PASCAL: 1e5 * int(device[-1]), Quantity.HERTZ: 50.0, Quantity.AC_VOLTS: 230.0}
        return there.get(quantity, 20.0)


def test_links_that_share_a_place_share_a_bus() -> None:
    """With the units that are named, or usual; what is simulated already stays; a place of its own needs no bus."""
    links = {
        "gas1": ("modbus-rtu:/dev/ttyA?unit=4", 1),
        "gas2": ("modbus-rtu:/dev/ttyA", 7),
        "alone": ("modbus-rtu:/dev/ttyB?unit=4", 1),
        "pdu": ("modbus-tcp://10.0.0.3:502", 1),
        "here": ("sim:bus-9?unit=3", 1),
        "ohms": ("tcp://10.0.0.4:23", 1),
    }
    assert {
        "gas1": "sim:bus-1?unit=4",
        "gas2": "sim:bus-1?unit=7",
        "alone": "sim:",
        "pdu": "sim:",
        "here": "sim:bus-9?unit=3",
        "ohms": "sim:",
    } == simulated_links(links)


@pytest.mark.parametrize(
    ("model", "link", "framing", "unit"),
    [
        ("keller-33x", "sim:", "rtu", 1),
        ("keller-33x", "sim:bus-1?unit=5", "rtu", 5),
        ("raritan-xerus", "sim:", "mbap", 1),
        ("raritan-xerus", "sim:bus-1?unit=5", "rtu", 5),
    ],
)
def test_an_emulator_is_framed_as_its_link_is(model: str, link: str, framing: str, unit: int) -> None:
    """On a bus always for a serial line; by itself as the model usually is."""
    emulator = emulator_of(seat("it", model, link), FakeLeads())
    assert isinstance(emulator, Slave)
    assert (framing, unit) == (emulator.framing, emulator.unit)


def test_units_of_a_bus_are_reached_by_the_bench() -> None:
    """Three transmitters on one wire, each with its own number."""
    seats = {f"gas{n}": seat(f"gas{n}", "keller-33x", f"sim:line?unit={n}") for n in (1, 2, 3)}
    assert {"line": ["gas1", "gas2", "gas3"]} == buses_of(seats.values())

    async def main() -> dict[str, str]:
        bench = Bench(seats, wires_of(seats, Plates()))
        assert [] == await bench.open(seats)
        serials = {name: identity.serial for name, identity in bench.identities.items()}
        bench.close()
        return serials

    assert {"gas1": "10001", "gas2": "10002", "gas3": "10003"} == clock.run(main())


REGISTERS = [model for model in models().values() if model.speaks == "registers"]


@pytest.mark.parametrize("model", REGISTERS, ids=lambda each: each.name)
def test_every_model_that_speaks_modbus_says_who_it_is(model: Model) -> None:
    """Driver and emulator were written apart, from the same facts."""

    async def main() -> None:
        seats = {"it1": Seat("it1", model, "sim:", "", 1.0, None)}
        bench = Bench(seats, wires_of(seats, Plates()))
        assert [] == await bench.open(seats)
        await bench.instruments["it1"].make_safe()
        bench.close()

    clock.run(main())
