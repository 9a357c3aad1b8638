"""The loop bench: one pumping unit, its hot loop, and what its roles can do together.

A heater is never on without flow: the flow is measured before it is switched on, and with every look after that.
"""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from drivers.cooling_roles import PressureSensor, Thermostat
from drivers.errors import InstrumentError
from drivers.power_roles import PowerMeter
from drivers.reading import Reading
from drivers.roles import Identity, InputsOutputs, Operator, RegisterBank, Value
from sequences.cooling.gas import combined
from sequences.cooling.loop_wiring import LoopWiring
from sequences.cooling.pumping_unit import PumpingUnit
from sequences.cooling.witness import Pulse
from sequences.sequence import Pause, SafeOrder
from sequences.uut import Uut

COOLS = 90.0
"""Seconds that the pumps go on after the heater, when nobody can watch it cool any more."""
AIR_MOVES = 3000.0
"""Pascals by which the pressure of the air may go in a day."""
UNLIKE = 0.1
"""The part by which a phase of the heater may differ from the mean of all."""
CALM = 20.0
"""Seconds after a change of duty before anything counts."""


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that unit and jig say at one moment."""

    sensors: Mapping[str, Reading]
    speeds: Mapping[str, Reading]
    leaks: tuple[str, ...]
    """Places that the unit's own sensors call wet."""
    broken: tuple[str, ...]
    """Leak sensors that the unit calls broken."""
    alarms: tuple[str, ...]
    """What else it complains of."""
    cover: bool
    rope: bool
    locked: bool

    @property
    def flow(self) -> Reading:
        """Litres per minute."""
        return self.sensors["flow"]

    @property
    def hottest(self) -> float:
        """The most degrees Celsius that any thermometer shows."""
        return max(read.value for name, read in self.sensors.items() if name.startswith("T_"))

    @property
    def mean(self) -> float:
        """Degrees Celsius in the middle between outlet and inlet."""
        return (self.sensors["T_out"].value + self.sensors["T_in"].value) / 2.0

    @property
    def drop(self) -> Reading:
        """KPa from outlet to inlet."""
        out, back = self.sensors["p_out"], self.sensors["p_in"]
        return combined(out.value - back.value, "kPa", math.hypot(out.uncertainty, back.uncertainty), out, back)

    @property
    def rise(self) -> Reading:
        """Kelvins from outlet to inlet."""
        cold, hot = self.sensors["T_out"], self.sensors["T_in"]
        return combined(hot.value - cold.value, "K", math.hypot(hot.uncertainty, cold.uncertainty), hot, cold)


@dataclass
class LoopBench:
    """The fixture of pumping units. It lives for one run and remembers what the run has found out."""

    SAFE_ORDER: ClassVar[SafeOrder] = (
        ("heater",), Pause(COOLS, needs=("heater",)), ("cdu", "chiller"), ("valves",), ("meter", "pressure"), ("operator",),
    )  # fmt: skip

    structure: PumpingUnit
    wiring: LoopWiring
    uut: Uut
    cdu: RegisterBank
    chiller: Thermostat
    heater: InputsOutputs
    valves: InputsOutputs
    meter: PowerMeter
    pressure: PressureSensor
    operator: Operator
    connected: bool = False
    """The operator has connected the unit."""
    heating: bool = False
    evidence: dict[str, float] = field(default_factory=dict)
    """What the steps have measured beside its limit, by the name of the measurement's point."""
    air: Reading | None = None
    """What the jig's gauge has read of the vented loop."""
    volts: Reading | None = None
    """The mean voltage of the heater's phases, as its meter has read it last."""
    metered: Pulse = field(default_factory=Pulse)
    gauged: Pulse = field(default_factory=Pulse)
    known: Identity | None = None
    """Who the unit has said it is."""
    told: set[tuple[str, str]] = field(default_factory=set)
    """Causes and places that have been told already."""
    odd: set[str] = field(default_factory=set)
    """The points, by name, that were outside their limits."""
    doubted: bool = False
    """A process has died with it, and nobody has measured that the heater is off."""

    def kept(self) -> Mapping[str, str]:
        """After its process died coolant flows on, as far as it flows, until the heater is measured to take no power."""
        if not self.doubted:
            return {}
        why = "is left as it is: nobody has measured that the heater takes no power"
        return dict.fromkeys(("cdu", "chiller", "valves", "meter", "pressure", "operator"), why)

    def doubt(self) -> None:
        """The heater may take power, whatever its contactor confirms."""
        self.doubted = True

    async def rests(self) -> list[str]:
        """The heater takes no power, and nothing is hotter than it may ever be."""
        power, wrong = await self.watts(), list[str]()
        self.doubted = not power.is_number or power.value - power.uncertainty > self.wiring.off_at_most
        if self.doubted:
            wrong.append(f"the heater: takes {power.value:.0f} W though it was switched off")
        hottest = (await self.glance()).hottest
        if hottest > self.structure.burn.hottest:
            allowed = f"{self.structure.burn.hottest:g} are allowed"
            wrong.append(f"the loop: has {hottest:.1f} degrees Celsius, {allowed}")
        return wrong

    async def rest(self) -> None:
        """What it shares with nobody stays as it is."""

    async def look(self) -> Look:
        """Ask unit and jig for everything. Raises InstrumentError for what is no number, and for what the jig forbids.

        That is an open interlock, a hose that is not locked, a rope that opens although the unit's own sensors are dry.
        """
        look = await self.glance()
        if not self.heating:
            await self.must_be_off()
        if not look.cover:
            raise InstrumentError("the interlock", "is open")
        if self.connected and not look.locked:
            raise InstrumentError("the unit", "is not connected any more: a hose is not locked")
        if not look.rope and not look.leaks:
            raise InstrumentError("the leak rope", "is wet or broken, and the unit's own sensors say nothing")
        return look

    async def glance(self) -> Look:
        """The same, whatever the jig says. Raises InstrumentError for what is no number."""
        unit = self.structure
        inputs = await self.heater.inputs()
        names = (*unit.sensors.values(), *(pump.tach for pump in unit.pumps.values()), *unit.flag_registers)
        values = await self.cdu.values(names)
        return Look(
            {name: self._number(values, register) for name, register in unit.sensors.items()},
            {name: self._number(values, pump.tach) for name, pump in unit.pumps.items()},
            tuple(where for flag, where in unit.leaks.items() if self._flag(values, flag)),
            tuple(which for flag, which in unit.broken_sensors.items() if self._flag(values, flag)),
            tuple(dict.fromkeys(what for flag, what in unit.alarms.items() if self._flag(values, flag))),
            inputs[self.wiring.cover],
            inputs[self.wiring.rope],
            inputs[self.wiring.lock],
        )

    async def take_over(self) -> None:
        """Leak sensors on, pumps at nothing, and ours to command."""
        for flag in self.structure.leak_sensing:
            await self.cdu.write(flag, 1)
        await self.duty(dict.fromkeys(self.structure.pumps, 0.0))
        for flag in self.structure.manual:
            await self.cdu.write(flag, 1)

    async def duty(self, duties: Mapping[str, float]) -> None:
        """Set the duty in percent of each pump; one that is not named stands."""
        for name, pump in self.structure.pumps.items():
            await self.cdu.write(pump.duty, round(duties.get(name, 0.0)))

    async def every(self, percent: float) -> None:
        """All pumps at one duty."""
        await self.duty(dict.fromkeys(self.structure.pumps, percent))

    async def stop_pumps(self) -> None:
        """Every pump at 0, and the unit its own master again."""
        await self.every(0.0)
        for flag in reversed(self.structure.manual):
            await self.cdu.write(flag, 0)

    async def heat(self) -> None:
        """Switch the heater on, if coolant flows and nothing speaks against it. Raises InstrumentError."""
        look = await self.look()
        low = look.flow.value - look.flow.uncertainty < self.structure.burn.lowest_flow
        if low or look.leaks or look.hottest > self.structure.burn.hottest:
            why = f"{look.flow.value:.1f} l/min, {look.hottest:.1f} degC, leaks: {', '.join(look.leaks) or 'none'}"
            raise InstrumentError("the heater", f"must not be switched on: {why}")
        await self.heater.set_output(self.wiring.lamp, on=True)
        self.heating = True
        await self.heater.set_output(self.wiring.heater, on=True)

    async def cold(self) -> None:
        """Switch the heater off, confirmed."""
        await self.heater.set_output(self.wiring.heater, on=False)
        self.heating = False

    async def still_itself(self) -> None:
        """Raise InstrumentError where the unit calls itself otherwise than before: its words do not arrive as they are meant."""
        now = await self.cdu.identify()
        self.known = self.known or now
        if now != self.known:
            raise InstrumentError("the unit", f"calls itself {now}, and has called itself {self.known}")

    async def gauge_is_true(self) -> None:
        """Vented and standing, the jig's gauge reads the air as it did before. Raises InstrumentError when it does not."""
        if self.air is None:
            return
        for valve in (self.wiring.supply, self.wiring.back, self.wiring.vent):
            await self.valves.set_output(valve, on=True)
        await self.calm()
        now = await self.jig_pressure()
        if not now.is_number or abs(now.value - self.air.value) > AIR_MOVES + now.uncertainty:
            raise InstrumentError(
                now.by, f"reads the air as {now.value:.0f} Pa, before the run as {self.air.value:.0f} Pa"
            )

    async def must_be_off(self) -> None:
        """Raise InstrumentError when the heater takes power: its contactor has welded, whatever its output says."""
        power = await self.watts()
        if not power.is_number or power.value - power.uncertainty > self.wiring.off_at_most:
            raise InstrumentError("the heater", f"takes {power.value:.0f} W though it was switched off")

    async def watts(self) -> Reading:
        """Power of the heater, all phases. Raises InstrumentError where they are not alike: it is a symmetric one."""
        every = [await self.meter.electrical(phase) for phase in (1, 2, 3)]
        phases = [each.watts for each in every]
        self.volts = combined(
            sum(each.volts.value for each in every) / 3.0,
            "V",
            max(each.volts.uncertainty for each in every),
            *(each.volts for each in every),
        )
        if self.heating:
            self.metered.feel(phases[0].by, self.volts.value, *(each.value for each in phases))
        middle = sum(each.value for each in phases) / 3.0
        for each in phases:
            if abs(each.value - middle) > UNLIKE * abs(middle) + each.uncertainty:
                said = ", ".join(f"{one.value:.0f}" for one in phases)
                raise InstrumentError(each.by, f"reads {said} W at the three phases, which should be alike")
        # One meter, one class of accuracy for all phases: their errors may all go one way.
        return combined(sum(each.value for each in phases), "W", sum(each.uncertainty for each in phases), *phases)

    async def jig_pressure(self) -> Reading:
        """Pascals, absolute, at the unit's outlet."""
        pascal, celsius = await self.pressure.gas()
        self.gauged.feel(pascal.by, pascal.value, celsius.value)
        return pascal

    @staticmethod
    async def calm() -> None:
        """Wait until flow and pressures stand still."""
        await asyncio.sleep(CALM)

    def _number(self, values: Mapping[str, Value], register: str) -> Reading:
        value = values[register]
        if not isinstance(value, Reading) or not value.is_number:
            raise InstrumentError(self.cdu.map_name, f"{register} holds no number")
        return value

    def _flag(self, values: Mapping[str, Value], flag: str) -> bool:
        register, _, name = flag.partition(".")
        flags = values[register]
        if not isinstance(flags, Mapping) or name not in flags:
            raise InstrumentError(self.cdu.map_name, f"{register} has no flag {name}")
        return flags[name]
