"""Every driver works the emulator of its model, and whatever ails the wire, it never makes a number of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from drivers.errors import InstrumentError, LinkError
from drivers.links.dialogue import LineLink
from drivers.model import Model
from drivers.ohmmeters import hioki_rm3545
from drivers.operators import barcode_scanner
from drivers.reading import Reading, State
from drivers.roles import Crosspoint, Matrix, Multimeter, Ohmmeter, Operator
from drivers.switches import keysight_daq970a
from sim.emulator import Emulator
from sim.emulators import barcode_scanner as scanner
from sim.emulators import hioki_rm3545 as hioki
from sim.emulators import keysight_daq970a as keysight
from sim.leads import Leads
from sim.quantity import Quantity
from sim.wires import MemoryWire
from tests.drivers.fake_wire import virtual

MAKERS: dict[str, Callable[[str, Leads], Emulator]] = {**hioki.EMULATORS, **keysight.EMULATORS, **scanner.EMULATORS}
MODELS = {
    model.name: model
    for module in (hioki_rm3545, keysight_daq970a, barcode_scanner)
    for model in module.MODELS
    if model.name in MAKERS
}
METERS = [name for name, model in MODELS.items() if {Ohmmeter, Multimeter} & {*model.roles}]


@dataclass
class Copper:
    """A world with one resistor, one capacitor and one thermometer in it, and relays that remember."""

    trouble: str = ""
    ohms: float = 0.05
    closed: set[tuple[int, int, int]] = field(default_factory=set)

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """The resistor, with a metre of lead by two wires; the capacitor; the thermometer."""
        there = {
            Quantity.FOUR_WIRE: self.ohms,
            Quantity.TWO_WIRE: self.ohms + 1.0,
            Quantity.CAPACITANCE: 3e-10,
            Quantity.TEMPERATURE: 23.0,
        }
        return there.get(quantity, 0.0)

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        """Remember a relay."""
        card, row, column = map(int, place.split("."))
        (self.closed.add if value else self.closed.discard)((card, row, column))

    def cards(self, device: str) -> tuple[str, ...]:
        """Of the generation that fits the mainframe."""
        return ("34904A", "34904A", "34901A") if "34970a" in device else ("DAQM904A", "DAQM904A", "DAQM901A")

    def serial(self, device: str) -> str:
        """The plate."""
        return "SIM0001"

    def scan(self, device: str) -> str:
        """The label."""
        return "PWR-0001"

    def trait(self, device: str, what: str) -> float:
        """An instrument without errors of its own."""
        return 0.0

    def watch(self, device: str, stir: Callable[[], object]) -> None:
        """Nothing stirs."""

    def gauss(self, device: str, quantity: str, place: str = "") -> float:
        """No noise."""
        return 0.0

    def offset_of(self, device: str, quantity: str) -> float:
        """A healthy instrument."""
        return 0.0

    def gain_of(self, device: str, quantity: str) -> float:
        """A healthy instrument."""
        return 1.0

    def ill(self, device: str) -> str:
        """What ails the wire."""
        return self.trouble


async def connected(name: str, world: Copper) -> tuple[LineLink, Model]:
    """A link in memory to the emulator of a model."""
    model = MODELS[name]
    wire = MemoryWire(MAKERS[name](name, world))
    link = LineLink(name, wire, ends_with=model.ends_with, replies_end_with=model.replies_end_with, within=model.within)
    await link.open()
    return link, model


def readings(name: str, link: LineLink) -> tuple[Callable[[], Awaitable[Reading]], ...]:
    """Everything that an instrument measures."""
    instrument = MODELS[name].connect(link)
    if isinstance(instrument, Ohmmeter):
        meter = instrument

        async def resistance() -> Reading:
            await meter.prepare(0.1)
            return await meter.resistance()

        return (resistance,)
    assert isinstance(instrument, Multimeter)
    meter_of_channels = instrument
    measured = (meter_of_channels.two_wire, meter_of_channels.temperature, meter_of_channels.capacitance)
    return tuple(lambda each=each: each(301) for each in measured[: 3 if "daq970a" in name else 2])


@virtual
@pytest.mark.parametrize("name", MODELS)
async def test_it_identifies_and_makes_safe(name: str) -> None:
    """Within the time that the engine gives it, with its maker and model in the identity if it has one."""
    link, model = await connected(name, Copper())
    instrument = model.connect(link)
    identity = await instrument.identify()
    assert model.identifies == bool(identity.model)
    assert not identity.model or identity.model.lower() in name
    await instrument.make_safe()
    began = link.now()
    await instrument.make_safe()
    assert link.now() - began < 0.2


@virtual
@pytest.mark.parametrize("name", METERS)
async def test_it_measures_what_is_there(name: str) -> None:
    """The value lies within its own uncertainty of the truth."""
    link, _ = await connected(name, Copper())
    truths = (0.05,) if "hioki" in name else (1.05, 23.0, 3e-10)
    for measure, truth in zip(readings(name, link), truths, strict=False):
        read = await measure()
        assert State.OK is read.state
        assert abs(read.value - truth) <= read.uncertainty < max(truth, 1.01)


@virtual
@pytest.mark.parametrize("name", METERS)
@pytest.mark.parametrize("trouble", ["silent", "late", "short", "garbled", "nan", "closed"])
async def test_trouble_on_the_wire_is_never_a_number(name: str, trouble: str) -> None:
    """From the start, or after a first good reading; and when the trouble is over, the next readings are right."""
    world = Copper()
    link, model = await connected(name, world)
    instrument = model.connect(link)
    await instrument.identify()
    measures = readings(name, link)
    for measure in measures:
        await measure()
        world.trouble = trouble
        for _ in range(2):
            try:
                read = await measure()
            except InstrumentError:
                continue
            assert not read.is_number
        world.trouble = ""
        for _ in range(3):
            try:
                again = await measure()
            except LinkError:
                continue
            break
        assert again.is_number


@virtual
@pytest.mark.parametrize("name", [name for name, model in MODELS.items() if Matrix in model.roles])
async def test_relays_move_and_open(name: str) -> None:
    """The plant's relays are where the driver says, and all open when it has made safe, even in mid-measurement."""
    world = Copper()
    link, model = await connected(name, world)
    mainframe = model.connect(link)
    assert isinstance(mainframe, Matrix)
    assert isinstance(mainframe, Multimeter)
    await mainframe.identify()
    assert world.cards(name) == await mainframe.cards()
    points = [Crosspoint(1, 1, 1), Crosspoint(2, 4, 8)]
    await mainframe.switch([], points)
    assert set(points) == world.closed
    await mainframe.switch(points[:1], [Crosspoint(1, 2, 3)])
    assert {(2, 4, 8), (1, 2, 3)} == world.closed
    reading = asyncio.get_running_loop().create_task(mainframe.two_wire(301))
    await asyncio.sleep(0.01)
    reading.cancel()
    await asyncio.wait({reading})
    await mainframe.make_safe()
    assert set() == world.closed
    await mainframe.switch([], points)
    await mainframe.open_all()
    assert set() == world.closed


@virtual
async def test_a_label_is_scanned() -> None:
    """The operator hears the trigger, and scans."""
    link, model = await connected("barcode-scanner", Copper())
    operator = model.connect(link)
    assert isinstance(operator, Operator)
    assert "PWR-0001" == await operator.answer("scan the label")
