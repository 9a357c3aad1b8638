# ruff: noqa: D102 - what each method means stands in sim/leads.py
"""A hall in which every model of the catalogue finds something to measure, and what every method of a role is asked for."""

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from drivers.cooling_roles import FlowController, LeakTester, PressureSensor, Thermostat
from drivers.errors import Unsupported
from drivers.maps.bank import MapBank
from drivers.maps.map import Format
from drivers.power_roles import AcSource, Load, PowerMeter, RackPdu, SafetyTester
from drivers.reading import Reading
from drivers.roles import (
    Crosspoint,
    InputsOutputs,
    Matrix,
    Multimeter,
    Ohmmeter,
    Operator,
    RegisterBank,
    Scanner,
    Voltmeter,
)
from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads

AIR = 101_325.0
OHMS, FARADS, CELSIUS, VOLTS, DIRECT, AMPS, HERTZ, FILLED = 0.05, 3e-10, 23.0, 230.0, 50.8, 5.0, 50.0, 300e3
BOND, INSULATION, LEAK, FLOW = 0.05, 500e6, 0.002, 5.0
CONSTANT: Mapping[Quantity, float] = {
    Quantity.FOUR_WIRE: OHMS,
    Quantity.TWO_WIRE: OHMS + 1.0,
    Quantity.CAPACITANCE: FARADS,
    Quantity.TEMPERATURE: CELSIUS,
    Quantity.AC_VOLTS: VOLTS,
    Quantity.DC_VOLTS: DIRECT,
    Quantity.AMPS: AMPS,
    Quantity.WATTS: VOLTS * AMPS,
    Quantity.HERTZ: HERTZ,
    Quantity.BOND_OHMS: BOND,
    Quantity.INSULATION: INSULATION,
    Quantity.INPUT: 1.0,
    Quantity.REGISTER: math.nan,
}


@dataclass
class Hall(FakeLeads):
    """Currents flow, pressures hold, interlocks are closed."""

    label: str = "PWR-0001"

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        match quantity:
            case Quantity.PASCAL:
                filled = self.driven.get((Quantity.OUTPUT, "fill"), 0.0) or self.driven.get((Quantity.OUTPUT, "held"))
                if self.driven.get((Quantity.OUTPUT, "fill")):
                    self.driven[Quantity.OUTPUT, "held"] = 1.0
                if self.driven.get((Quantity.OUTPUT, "vent")):
                    self.driven[Quantity.OUTPUT, "held"] = filled = 0.0
                return AIR + (FILLED if filled or "ateq" not in device else 0.0)
            case Quantity.LEAK_AMPS:
                volts = self.driven.get((Quantity.TEST_AC_VOLTS, ""), 0.0) or self.driven.get(
                    (Quantity.TEST_DC_VOLTS, ""), 0.0
                )
                return LEAK * volts / 1500.0
            case Quantity.AMPS if device == "chroma-63804":
                return self.driven.get((Quantity.AMPS, ""), 0.0)
            case Quantity.DC_VOLTS if device == "chroma-63804":
                return 0.0
            case Quantity.LITRES_PER_MINUTE:
                return self.driven.get((Quantity.LITRES_PER_MINUTE, ""), 0.0)
        return self.there.get((quantity, place), CONSTANT.get(quantity, 0.0))

    def cards(self, device: str) -> tuple[str, ...]:
        return ("34904A", "34904A", "34901A") if "34970a" in device else ("DAQM904A", "DAQM904A", "DAQM901A")


Told = Any
"""What a method of a role answers: readings, alone or inside something, or whatever else."""
Ask = Callable[[Any], Awaitable[Told]]


@dataclass(frozen=True, slots=True)
class Call:
    """One method of a role: how it is asked here, and the truths of the readings in its answer (none: it reads nothing)."""

    ask: Ask
    truths: tuple[float, ...] = ()


async def _resistance(meter: Ohmmeter) -> Reading:
    await meter.prepare(0.5)
    return await meter.resistance()


async def _flow(controller: FlowController) -> Reading:
    import asyncio

    await controller.let(FLOW)
    await asyncio.sleep(30.0)
    return await controller.flow()


async def _drawn(load: Load) -> Reading:
    await load.draw(AMPS)
    return await load.amps()


async def _supplied(source: AcSource) -> Reading:
    import asyncio

    await source.energise((VOLTS, 0.0, 0.0), hertz=HERTZ, limit=16.0)
    await asyncio.sleep(1.0)
    return await source.volts(1)


async def _registers(bank: MapBank) -> Told:
    """The first registers, texts mostly: what a number is worth depends on the map."""
    values = await bank.values(tuple(bank.map.registers)[:5])
    return [each for each in values.values() if not isinstance(each, Reading)]


async def _written(bank: MapBank) -> Told:
    """The first register that may be written is set to what it holds, or to 0; a map without one says so."""
    for name, register in bank.map.registers.items():
        if register.writable and register.format in {Format.INTEGER, Format.FIXED}:
            await bank.write(name, 0)
            return
    name = next(iter(bank.map.registers))
    try:
        await bank.write(name, 0)
    except Unsupported:
        return
    raise AssertionError(f"{bank.map_name}: {name} may not be written, and was")


async def _named(bank: MapBank) -> Told:
    if bank.map_name != bank.map.name:
        raise AssertionError(bank.map_name)


CALLS: Mapping[type, Mapping[str, Call]] = {
    Ohmmeter: {"prepare": Call(lambda it: it.prepare(0.5)), "resistance": Call(_resistance, (OHMS,))},
    Multimeter: {
        "two_wire": Call(lambda it: it.two_wire(301), (OHMS + 1.0,)),
        "capacitance": Call(lambda it: it.capacitance(301), (FARADS,)),
        "temperature": Call(lambda it: it.temperature(302), (CELSIUS,)),
    },
    Voltmeter: {
        "dc_volts": Call(lambda it: it.dc_volts(60.0), (DIRECT,)),
        "ac_volts": Call(lambda it: it.ac_volts(300.0), (VOLTS,)),
    },
    Scanner: {
        "scan_ac_volts": Call(lambda it: it.scan_ac_volts((302, 301)), (VOLTS, VOLTS)),
        "scan_thermocouples": Call(lambda it: it.scan_thermocouples((303,)), (CELSIUS,)),
    },
    InputsOutputs: {
        "inputs": Call(lambda it: it.inputs()),
        "outputs": Call(lambda it: it.outputs()),
        "set_output": Call(lambda it: it.set_output(2, on=True)),
    },
    RegisterBank: {"values": Call(_registers), "write": Call(_written), "map_name": Call(_named)},
    Matrix: {
        "cards": Call(lambda it: it.cards()),
        "switch": Call(lambda it: it.switch((), (Crosspoint(1, 1, 1),))),
        "open_all": Call(lambda it: it.open_all()),
    },
    Operator: {"answer": Call(lambda it: it.answer("scan the label"))},
    SafetyTester: {
        "ground_bond": Call(lambda it: it.ground_bond(amperes=25.0, seconds=2.0, highest=0.1), (25.0, BOND, 2.0)),
        "withstand": Call(
            lambda it: it.withstand(volts=1500.0, hertz=50.0, seconds=1.0, highest=0.01, lowest=0.0005),
            (1500.0, LEAK, 1.0),
        ),
        "insulation": Call(lambda it: it.insulation(volts=500.0, seconds=1.0, lowest=100e6), (500.0, INSULATION, 1.0)),
    },
    AcSource: {
        "energise": Call(lambda it: it.energise((VOLTS, 0.0, 0.0), hertz=HERTZ, limit=16.0)),
        "volts": Call(_supplied, (VOLTS,)),
        "amps": Call(lambda it: it.amps(1), (AMPS,)),
        "off": Call(lambda it: it.off()),
    },
    Load: {
        "draw": Call(lambda it: it.draw(AMPS)),
        "volts": Call(lambda it: it.volts(), (VOLTS,)),
        "amps": Call(_drawn, (AMPS,)),
        "release": Call(lambda it: it.release()),
    },
    PowerMeter: {
        "prepare": Call(lambda it: it.prepare(volts=250.0, amps=10.0)),
        "electrical": Call(lambda it: it.electrical(), (VOLTS, AMPS, VOLTS * AMPS, HERTZ)),
    },
    RackPdu: {
        "outlets": Call(lambda it: it.outlets()),
        "switch": Call(lambda it: it.switch((1, 2), on=True)),
        "switched": Call(lambda it: it.switched()),
        "outlet": Call(lambda it: it.outlet(2), (VOLTS, AMPS, VOLTS * AMPS, HERTZ)),
        "inlet": Call(lambda it: it.inlet(3), (VOLTS, AMPS, VOLTS * AMPS, HERTZ)),
    },
    PressureSensor: {"gas": Call(lambda it: it.gas(), (AIR + FILLED, CELSIUS))},
    FlowController: {"let": Call(lambda it: it.let(FLOW)), "flow": Call(_flow, (FLOW,))},
    LeakTester: {"test": Call(lambda it: it.test(1, within=120.0), (FILLED, 0.0))},
    Thermostat: {
        "aim": Call(lambda it: it.aim(20.0)),
        "run": Call(lambda it: it.run()),
        "temperature": Call(lambda it: it.temperature(), (CELSIUS,)),
        "stop": Call(lambda it: it.stop()),
    },
}
"""Every method of every role. A role or a method that is not here fails the walk by name."""
