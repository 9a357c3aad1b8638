"""The flow controller and the chiller work the emulators of their models, and are honest when the wire ails."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from drivers.cooling_roles import FlowController, Thermostat
from drivers.errors import InstrumentError
from drivers.flow import alicat_mc
from drivers.links.dialogue import LineLink
from drivers.reading import Reading
from drivers.thermostats import julabo
from sim.makers import emulator_for
from sim.quantity import Quantity
from sim.wires import MemoryWire
from tests.drivers.fake_wire import virtual
from tests.sim.fake_leads import FakeLeads

MODELS = {model.name: model for module in (alicat_mc, julabo) for model in module.MODELS}
FLOW, SETPOINT, RUN = (Quantity.LITRES_PER_MINUTE, ""), (Quantity.SETPOINT, ""), (Quantity.RUN, "")


def air() -> FakeLeads:
    """5.2 l/min at 3 bar and 22 degrees Celsius."""
    return FakeLeads(there={FLOW: 5.2, (Quantity.PASCAL, ""): 300e3, (Quantity.TEMPERATURE, ""): 22.0})


@contextlib.asynccontextmanager
async def connected(name: str, leads: FakeLeads) -> AsyncIterator[Any]:
    """The driver of a model on a link in memory to its emulator."""
    model = MODELS[name]
    link = LineLink(
        "it",
        MemoryWire(emulator_for(name, "it", leads)),
        ends_with=model.ends_with,
        replies_end_with=model.replies_end_with,
        within=model.within,
        after_command=model.after_command,
        after_query=model.after_query,
        ignores=model.ignores,
        identify=model.identify,
    )
    await link.open()
    try:
        yield model.connect(link)
    finally:
        link.close()


async def measured(instrument: FlowController | Thermostat) -> Reading:
    """What it measures."""
    return await (instrument.flow() if isinstance(instrument, FlowController) else instrument.temperature())


@virtual
@pytest.mark.parametrize("name", MODELS)
async def test_it_identifies_is_well_and_makes_safe(name: str) -> None:
    """The second time as the first."""
    async with connected(name, air()) as instrument:
        identity = await instrument.identify()
        assert identity.model
        await instrument.self_check()
        await instrument.make_safe()
        await instrument.make_safe()
        assert identity == await instrument.identify()


@virtual
async def test_gas_is_let_through_and_shut_off() -> None:
    """The set-point reaches the plant; what flows is read within its uncertainty; made safe it is closed."""
    leads = air()
    async with connected("alicat-mc", leads) as controller:
        await controller.let(5.25)
        await asyncio.sleep(1.0)
        assert pytest.approx(5.25, abs=0.01) == leads.driven[FLOW]
        read = await controller.flow()
        assert abs(read.value - 5.2) <= read.uncertainty < 0.2
        await controller.make_safe()
        await asyncio.sleep(1.0)
        assert pytest.approx(0.0, abs=0.01) == leads.driven[FLOW]


@virtual
async def test_a_bath_is_aimed_run_and_stopped() -> None:
    """In the plant, and confirmed by what it answers."""
    leads = air()
    async with connected("julabo-chiller", leads) as bath:
        await bath.aim(35.5)
        await bath.run()
        await asyncio.sleep(1.0)
        assert (35.5, 1.0) == (leads.driven[SETPOINT], leads.driven[RUN])
        read = await bath.temperature()
        assert abs(read.value - 22.0) <= read.uncertainty
        await bath.make_safe()
        await asyncio.sleep(1.0)
        assert 0.0 == leads.driven[RUN]


@virtual
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("trouble", ["silent", "late", "short", "garbled", "closed"])
async def test_trouble_on_the_wire_is_never_a_number(name: str, trouble: str) -> None:
    """After a first good reading; and when the trouble is over, the next readings are right."""
    leads = air()
    async with connected(name, leads) as instrument:
        await instrument.identify()
        first = await measured(instrument)
        leads.trouble = trouble
        for _ in range(2):
            with contextlib.suppress(InstrumentError):
                assert not (await measured(instrument)).is_number
        leads.trouble = ""
        for _ in range(4):
            try:
                again = await measured(instrument)
            except InstrumentError:
                continue
            break
        assert first.value == again.value
