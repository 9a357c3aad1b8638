"""The bench opens Modbus instruments: each on its own wire, or several on one bus."""

import asyncio
from dataclasses import dataclass, replace

from drivers.errors import Refused
from drivers.links.registers import Registers
from drivers.links.wire import Wire
from drivers.model import Model
from drivers.roles import Identity
from sim.clock import run
from station.bench import Bench, Seat, Trouble
from tests.drivers.fake_slave import SERIAL, FakeSlave, silence


@dataclass
class Meter:
    """A driver of two lines."""

    link: Registers

    async def identify(self) -> Identity:
        """Its serial number is in two registers."""
        return Identity("", "meter", str((await self.link.read_holding(SERIAL, 2))[0]), "")

    async def make_safe(self) -> None:
        """It energises nothing."""

    async def self_check(self) -> None:
        """A register holds its ills."""
        if (await self.link.read_holding(0))[0]:
            raise Refused(self.link.name, "something is broken")


RTU = Model("meter", "a meter", Meter, (), speaks="registers", links=("modbus-rtu", "modbus-tcp"), unit=9, within=1.0)
TCP = replace(RTU, links=("modbus-tcp",))


def bench(wires: dict[str, FakeSlave], links: dict[str, tuple[str, Model]]) -> Bench:
    """A bench whose simulated wires are fake slaves."""

    def wire(name: str) -> Wire:
        return wires[name]

    return Bench({name: Seat(name, model, link, "", 0.2, None) for name, (link, model) in links.items()}, wire)


def test_a_bus_is_one_wire() -> None:
    """That of the first seat; all its units are asked over it, each by its own number."""

    async def main() -> None:
        wire = FakeSlave("rtu")
        it = bench({"one": wire}, {"one": ("sim:bus?unit=1", RTU), "two": ("sim:bus?unit=2", RTU)})
        assert [] == await it.open(["one", "two"])
        assert (1, {1, 2}) == (wire.opened, {frame[0] for frame in wire.frames})
        assert [] == await it.open(["two"])
        assert 2 == wire.frames[-1][0]
        assert {"one", "two"} == {line.split()[1] for line in it.recent(["one", "two"])}
        it.close()
        assert not wire._up

    run(main())


def test_each_has_its_own_wire_with_the_framing_of_its_first_link() -> None:
    """And the unit from the factory."""

    async def main() -> None:
        wires = {"line": FakeSlave("rtu"), "host": FakeSlave("tcp")}
        it = bench(wires, {"line": ("sim:", RTU), "host": ("sim:", TCP)})
        assert [] == await it.open(wires)
        assert {9} == {frame[0] for frame in wires["line"].frames}
        assert {9} == {frame[6] for frame in wires["host"].frames}

    run(main())


def test_one_unit_that_is_silent_does_not_hide_the_others() -> None:
    """It is told by name; the bus stays for those who answer."""

    async def main() -> list[Trouble]:
        wire = FakeSlave("rtu")
        it = bench({"one": wire}, {"one": ("sim:bus?unit=1", RTU), "two": ("sim:bus?unit=2", RTU)})
        wire.then(silence)
        troubles = await it.open(["one", "two"])
        assert ["two"] == list(it.instruments)
        it.close()
        return troubles

    (trouble,) = run(main())
    assert ("one", False) == (trouble.instrument, trouble.refused)
    assert "no answer to read holding 0x0100, 2 of them" in trouble.text


def test_one_that_says_it_is_broken_is_refused_once() -> None:
    """It is asked when it is first opened, and not again."""

    async def main() -> None:
        wire = FakeSlave("rtu")
        wire.words[0] = 1
        it = bench({"one": wire}, {"one": ("sim:", RTU)})
        (trouble,) = await it.open(["one"])
        assert (True, "one: its self check says: something is broken") == (trouble.refused, trouble.text)
        wire.words[0] = 0
        assert [] == await it.open(["one"])
        wire.words[0] = 1
        assert [] == await it.open(["one"])

    run(main())


def test_an_address_that_does_not_carry_its_language_is_told() -> None:
    """Should such a seat ever come past the station file's checks."""

    async def main() -> None:
        it = bench({}, {"one": ("tcp://host:1", RTU)})
        (trouble,) = await it.open(["one"])
        assert "meter speaks Modbus, which tcp://host:1 does not carry" in trouble.text

    run(main())


def test_what_is_cancelled_while_it_opens_lets_go() -> None:
    """The next opening begins anew."""

    async def main() -> None:
        wire = FakeSlave("rtu")
        wire.then(silence)
        it = bench({"one": wire}, {"one": ("sim:", RTU)})
        task = asyncio.get_running_loop().create_task(it.open(["one"]))
        await asyncio.sleep(0.2)
        task.cancel()
        await asyncio.wait({task})
        assert [] == await it.open(["one"])

    run(main())
