"""Telemetry: what a pumping unit says of itself in its registers, its sensors' errors included.

Names and bits are those of the map ORV3_RPU in OpenBMC's rackmon (facebook/openbmc).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from sim.cooling.loop import Loop
from sim.cooling.spec import LoopSlot
from sim.here import Here
from sim.noise import uniform

RESERVOIR, LOOP_BLOCKED, PUMP_ABNORMAL = 1 << 0, 1 << 7, 1 << 6
"""Bits of AALC_Status_Alarm."""
LEAK_BITS = {"internal": 1 << 4, "external": 1 << 5, "pan": 1 << 8}
"""Bits of Leakage by the place that leaks."""
PAN_SENSOR = 1 << 12
LEAK_ENABLED = {"internal": 1 << 1, "external": 1 << 0, "pan": 1 << 3}
"""Bits of Leakage_Settings."""
WET_AFTER, LOW_AFTER = 40.0, 3600.0
"""Seconds of a drip until the unit's own sensor and the reservoir's level notice it."""
FLUTTER = 0.5
"""The standard deviation of the flow that is shown, as a multiple of the part of bubbles."""


@dataclass(slots=True)
class Errors:
    """What is wrong with what the unit says, while nothing is wrong with what it does."""

    gain: float = 1.0
    offsets: dict[str, float] = field(default_factory=dict)
    tach: dict[str, float] = field(default_factory=dict)
    swapped: dict[str, str] = field(default_factory=dict)
    low: bool = False
    pan_broken: bool = False


class Telemetry:
    """The registers of one unit: those that were written, and those that a sensor is behind."""

    def __init__(self, slot: LoopSlot, loop: Loop, here: Here) -> None:
        self.errors = Errors()
        self.written: dict[str, float] = {"RPU_Control": 0.0, "Leakage_Settings": 0.0}
        self._slot, self._loop, self._here = slot, loop, here
        self._sensors = self._registers()

    def register(self, name: str) -> float:
        """The value behind a register; NaN for one that this unit leaves to its controller, and without a unit."""
        if name in self.written:
            return self.written[name]
        sensor = self._sensors.get(name)
        return sensor() if sensor is not None and self._loop.mated else math.nan

    def forget(self) -> None:
        """Another unit will be told what it shall do."""
        self.written = dict.fromkeys(self.written, 0.0)

    def _registers(self) -> dict[str, Callable[[], float]]:
        """Every register that something is behind."""
        loop, unit = self._loop, self._slot.unit

        def pump(at: int) -> dict[str, Callable[[], float]]:
            name = unit.pumps[at]
            return {
                f"RPU_Pump{at + 1}_TACH_RPM": lambda: round(
                    loop.speed(name) * unit.rpm * self.errors.tach.get(name, 1.0)
                ),
                f"RPU_Pump{at + 1}_HSC_P48V_Pin_Pwr_W": lambda: loop.pump_watts(name),
            }

        found: dict[str, Callable[[], float]] = {
            "RPU_Coolant_Flow_Rate_LPM": lambda: max(
                0.0, self._bubbling(loop.flow) * self._own("flow", "flow", 0.008, 1.0) * self.errors.gain
            ),
            "RPU_Coolant_Outlet_Temp_C": lambda: self._sensed("T_out"),
            "RPU_Coolant_Inlet_Temp_C": lambda: self._sensed("T_in"),
            "HEX_Water_Inlet_Temp_C": lambda: self._sensed("T_hex"),
            "RPU_Coolant_Outlet_Pressure_kPa": lambda: self._sensed("p_out"),
            "RPU_Coolant_Inlet_Pressure_kPa": lambda: self._sensed("p_in"),
            "RPU_Pump_PWM_Pct": lambda: round(100.0 * max(loop.duty.values())),
            "RPU_Power_W": lambda: 40.0 + sum(loop.pump_watts(each) for each in unit.pumps),
            "RPU_Input_Volt_V": lambda: 48.0,
            "RPU_Air_Inlet_Temp_C": lambda: self._here.celsius,
            "AALC_Status_Alarm": self._alarms,
            "Leakage": self._leaks,
        }
        for at in range(len(unit.pumps)):
            found |= pump(at)
        return found

    def _bubbling(self, flow: float) -> float:
        """What the flow sensor sees: bubbles make it flutter."""
        air = self._loop.wrong.air
        return (
            flow * (1.0 + self._here.flicker(self._slot.name, self._slot.jig.cdu, "bubbles", FLUTTER * air))
            if air
            else flow
        )

    def _own(self, what: str, quantity: str, spread: float, middle: float = 0.0) -> float:
        """By how much a sensor of this unit errs; about `middle`."""
        member = self._slot.unit.member
        key = member.key(self._here.seed, self._slot.name)
        return member.linear(key, quantity, middle + spread * (uniform(*key, what) - 0.5), what)

    def _sensed(self, sensor: str) -> float:
        there = self.errors.swapped.get(sensor, sensor)
        truths = {"T_out": self._loop.cold, "T_in": self._loop.hot, "T_hex": self._loop.hot}
        if there in truths:
            truth, own = truths[there], self._own(sensor, "thermometer", 0.06)
        else:
            truth, own = self._loop.kilopascal(there.removeprefix("p_")), self._own(sensor, "zero", 0.4)
        return truth + own + self.errors.offsets.get(sensor, 0.0)

    def _alarms(self) -> float:
        loop = self._loop
        lost = any(seconds > LOW_AFTER for seconds in loop.dripped.values())
        dead = any(loop.duty[each] > 0.0 and each in loop.wrong.failed for each in self._slot.unit.pumps)
        blocked = max(loop.duty.values()) > 0.3 and loop.flow < 2.0
        return float(
            (RESERVOIR if self.errors.low or lost else 0)
            | (PUMP_ABNORMAL if dead else 0)
            | (LOOP_BLOCKED if blocked else 0)
        )

    def _leaks(self) -> float:
        settings, bits = int(self.written["Leakage_Settings"]), 0
        for place, seconds in self._loop.dripped.items():
            if seconds > WET_AFTER and settings & LEAK_ENABLED[place]:
                bits |= LEAK_BITS[place]
        return float(bits | (PAN_SENSOR if self.errors.pan_broken and settings & LEAK_ENABLED["pan"] else 0))
