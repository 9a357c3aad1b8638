"""The Modbus drivers work the emulators of their models, and whatever ails the wire, they never make a number of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from drivers.cooling_roles import LeakTester, PressureSensor
from drivers.errors import BadReply, InstrumentError, LinkError
from drivers.io import advantech_adam6060
from drivers.leak import ateq_f6
from drivers.links.register_link import RegisterLink
from drivers.links.rtu_bus import RtuBus
from drivers.links.tcp_bus import TcpBus
from drivers.pdus import raritan_xerus
from drivers.power_meters import eastron_sdm630
from drivers.power_roles import Electrical, PowerMeter, RackPdu
from drivers.pressure import keller_33x
from drivers.reading import Reading
from drivers.roles import InputsOutputs, Instrument
from sim.makers import emulator_for
from sim.quantity import Quantity
from sim.wires import MemoryWire
from tests.drivers.fake_wire import virtual
from tests.sim.fake_leads import FakeLeads

MODELS = {
    model.name: model
    for module in (advantech_adam6060, ateq_f6, eastron_sdm630, keller_33x, raritan_xerus)
    for model in module.MODELS
}
AIR = 101_325.0
PHASES = ("1", "2", "3")


def mains() -> FakeLeads:
    """Three phases at 231 to 233 V, one outlet with a load, 3 bar above the air's, an input that is closed."""
    there: dict[tuple[Quantity, str], float] = {(Quantity.HERTZ, ""): 50.0}
    for phase in PHASES:
        for place in (phase, f"inlet{phase}"):
            there[Quantity.AC_VOLTS, place] = 230.0 + int(phase)
            there[Quantity.AMPS, place] = 5.0
            there[Quantity.WATTS, place] = 1150.0
    there |= {
        (Quantity.AC_VOLTS, "outlet2"): 231.0,
        (Quantity.AMPS, "outlet2"): 3.0,
        (Quantity.WATTS, "outlet2"): 690.0,
    }
    there |= {(Quantity.PASCAL, ""): AIR + 300e3, (Quantity.TEMPERATURE, ""): 22.5, (Quantity.INPUT, "2"): 1.0}
    return FakeLeads(there=there)


@contextlib.asynccontextmanager
async def connected(name: str, leads: FakeLeads) -> AsyncIterator[Any]:
    """The driver of a model on a link in memory to its emulator."""
    model = MODELS[name]
    wire = MemoryWire(emulator_for(name, "it", leads))
    bus = RtuBus("bus", wire, model.baudrate) if model.links[0] == "modbus-rtu" else TcpBus("bus", wire)
    link = RegisterLink(
        "it",
        bus,
        model.unit,
        within=model.within,
        after_command=model.after_command,
        after_query=model.after_query,
        steady=model.steady,
    )
    await link.open()
    try:
        yield model.connect(link)
    finally:
        link.close()


def flat(read: Electrical | Iterable[Reading]) -> list[Reading]:
    """Every reading of an answer."""
    return [read.volts, read.amps, read.watts, read.hertz] if isinstance(read, Electrical) else [*read]


def measures(instrument: Instrument) -> Callable[[], Awaitable[Electrical | tuple[Reading, Reading]]]:
    """What an instrument measures."""
    if isinstance(instrument, PowerMeter):
        return instrument.electrical
    if isinstance(instrument, RackPdu):
        pdu = instrument
        return lambda: pdu.outlet(2)
    assert isinstance(instrument, PressureSensor)
    return instrument.gas


@virtual
@pytest.mark.parametrize("name", MODELS)
async def test_it_identifies_is_well_and_makes_safe(name: str) -> None:
    """Within the time that the engine gives it, and the second time as the first."""
    async with connected(name, mains()) as instrument:
        identity = await instrument.identify()
        assert identity.model
        await instrument.self_check()
        await instrument.make_safe()
        await instrument.make_safe()
        assert identity == await instrument.identify()


@virtual
async def test_they_measure_what_is_there() -> None:
    """Values, units, and the truth within the uncertainty that they say."""
    async with connected("eastron-sdm630", mains()) as meter:
        for phase, volts in ((1, 231.0), (3, 233.0)):
            read = flat(await meter.electrical(phase))
            assert pytest.approx([volts, 5.0, 1150.0, 50.0], rel=0.01) == [each.value for each in read]
    async with connected("raritan-xerus", mains()) as pdu:
        assert pytest.approx([231.0, 3.0, 690.0, 50.0]) == [each.value for each in flat(await pdu.outlet(2))]
        assert pytest.approx([233.0, 5.0, 1150.0, 50.0]) == [each.value for each in flat(await pdu.inlet(3))]
    async with connected("keller-33x", mains()) as sensor:
        pressure, temperature = await sensor.gas()
        assert abs(pressure.value - AIR - 300e3) <= pressure.uncertainty
        assert abs(temperature.value - 22.5) <= temperature.uncertainty


@virtual
async def test_a_dead_mains_is_measured_too() -> None:
    """Nothing there is 0 V, 0 A, 0 W, not an error, and no other device."""
    async with connected("eastron-sdm630", FakeLeads()) as meter:
        await meter.identify()
        assert [0.0] * 4 == [each.value for each in flat(await meter.electrical())]


@virtual
async def test_outlets_and_relays_move() -> None:
    """In the plant, where the driver says."""
    leads = mains()
    async with connected("raritan-xerus", leads) as pdu:
        count = await pdu.outlets()
        await pdu.switch({1, count}, on=True)
        await asyncio.sleep(1.0)
        assert {1: 1.0, count: 1.0} == {
            int(place): value for (what, place), value in leads.driven.items() if what is Quantity.OUTLET and value
        }
        assert (True, *(False,) * (count - 2), True) == await pdu.switched()
    async with connected("advantech-adam6060", leads) as module:
        assert isinstance(module, InputsOutputs)
        assert (False, False, True, False, False, False) == await module.inputs()
        await module.set_output(3, on=True)
        await asyncio.sleep(1.0)
        assert 1.0 == leads.driven[Quantity.OUTPUT, "3"]
        await module.make_safe()
        await asyncio.sleep(1.0)
        assert 0.0 == leads.driven[Quantity.OUTPUT, "3"]


@dataclass
class Part(FakeLeads):
    """A part that is filled, leaks half a pascal a second while it is shut off, and is vented."""

    filled: float = 0.0

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """The pressure in it."""
        if quantity is not Quantity.PASCAL:
            return super().sense(device, quantity, place)
        at = asyncio.get_running_loop().time()
        if self.driven.get((Quantity.OUTPUT, "fill")):
            self.filled = at
        vented = not self.filled or self.driven.get((Quantity.OUTPUT, "vent"))
        return AIR if vented else AIR + 300e3 - 0.5 * (at - self.filled)


@virtual
async def test_a_leak_is_tested() -> None:
    """The cycle fills, shuts off, measures, vents; the second result is the second cycle's."""
    part = Part()
    async with connected("ateq-f6", part) as tester:
        assert isinstance(tester, LeakTester)
        for _ in range(2):
            result = await tester.test(3, within=120.0)
            assert result.passed
            assert abs(result.pressure.value - 300e3) <= result.pressure.uncertainty
            assert pytest.approx(0.5, abs=0.01) == result.leak.value
            assert "Pa/s" == result.leak.unit
        assert 1.0 == part.driven[Quantity.OUTPUT, "vent"]


@virtual
async def test_a_test_that_is_given_up_is_vented() -> None:
    """An abort in mid-cycle, then made safe: the part is vented, and the next cycle is one of its own."""
    part = Part()
    async with connected("ateq-f6", part) as tester:
        testing = asyncio.get_running_loop().create_task(tester.test(3, within=120.0))
        await asyncio.sleep(15.0)
        testing.cancel()
        await asyncio.wait({testing})
        await tester.make_safe()
        assert 1.0 == part.driven[Quantity.OUTPUT, "vent"]
        assert (await tester.test(3, within=120.0)).passed


@virtual
@pytest.mark.parametrize("name", ["eastron-sdm630", "raritan-xerus", "keller-33x"])
@pytest.mark.parametrize("trouble", ["silent", "late", "short", "garbled", "nan", "closed"])
async def test_trouble_on_the_wire_is_never_a_number(name: str, trouble: str) -> None:
    """After a first good reading; and when the trouble is over, the next readings are right."""
    leads = mains()
    async with connected(name, leads) as instrument:
        await instrument.identify()
        measure = measures(instrument)
        first = [each.value for each in flat(await measure())]
        leads.trouble = trouble
        for _ in range(2):
            with contextlib.suppress(InstrumentError):
                assert not any(each.is_number for each in flat(await measure()))
        leads.trouble = ""
        for _ in range(4):
            try:
                again = [each.value for each in flat(await measure())]
            except (LinkError, BadReply):
                continue
            break
        assert first == again


@virtual
@pytest.mark.parametrize("name", ["advantech-adam6060", "ateq-f6"])
async def test_what_has_no_name_is_made_safe_though_it_has_changed(name: str) -> None:
    """An input or a pressure that is another one after the connection was lost does not make it another device."""
    leads = mains()
    async with connected(name, leads) as instrument:
        await instrument.identify()
        leads.there |= {(Quantity.INPUT, "0"): 1.0, (Quantity.PASCAL, ""): AIR + 50.0}
        instrument.link.bus.disconnect()
        await instrument.make_safe()
