"""One test of a safety tester: the voltage rises, is held, is judged, and is discharged, whatever ends it."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass

from sim.hipot.settings import Refusal, Step
from sim.leads import Leads
from sim.metering import Class, Metering
from sim.quantity import Quantity

TICK = 0.1
"""Seconds between two looks at current, arc and interlock, and between two steps of a ramp."""
DISCHARGE = 0.2
"""Seconds until direct voltage has gone."""
_MOST_INSULATION = 50e9  # ohms; what is more is shown as this
_MOST_BOND = 0.65  # ohms, likewise
_BOND_VOLTS = 6.0  # what drives the current of a ground bond test
_VOLTS = Class(0.01, 0.0)
_AMPS = Class(0.015, 0.0)
_OHMS = Class(0.05, 0.0)
_BOND = Class(0.03, 0.0)


class Stopped(Exception):
    """The test was told to stop."""


@dataclass(slots=True)
class Shown:
    """What the display says of a test."""

    mode: str = "ACW"
    status: str = "VIEW"
    stimulus: float = 0.0
    """Volts, or amperes of a ground bond."""
    result: float = 0.0
    """Amperes, or ohms."""
    phase: str = "T"
    seconds: float = 0.0

    def spell(self) -> str:
        """One line: units are as large as the value wants them."""
        stimulus = f"{self.stimulus:.2f}A" if self.mode == "GB" else f"{self.stimulus / 1e3:.3f}kV"
        time = f"{self.phase}={self.seconds:05.1f}S"
        return f"{self.mode},{self.status:<5},{stimulus},{self._result()} ,{time}"

    def _result(self) -> str:
        value = self.result
        match self.mode:
            case "IR" if value < 10e9:
                return f"{value / 1e6:.0f} M ohm"
            case "IR":
                return f"{min(value, _MOST_INSULATION) / 1e9:.2f} G ohm"
            case "GB":
                return f"{min(value, _MOST_BOND) * 1e3:.1f} m ohm"
            case "DCW" if value < 1e-3:
                return f"{value * 1e6:.1f} uA"
        return f"{value * 1e3:.3f} mA" if value < 10e-3 else f"{value * 1e3:.2f} mA"


class Trial:
    """A test that has been started."""

    def __init__(self, device: str, leads: Leads, step: Step, refuse: Callable[[Refusal], None]) -> None:
        self._device = device
        self._leads = leads
        self._step = step
        self._refuse = refuse
        self._halt = asyncio.Event()
        direct = step.mode in {"DCW", "IR"}
        self._driven = {"ACW": Quantity.TEST_AC_VOLTS, "GB": Quantity.BOND_AMPS}.get(step.mode, Quantity.TEST_DC_VOLTS)
        self._direct = direct
        sensed, accuracy = {"IR": (Quantity.INSULATION, _OHMS), "GB": (Quantity.BOND_OHMS, _BOND)}.get(
            step.mode, (Quantity.LEAK_AMPS, _AMPS)
        )
        self._sensed, self._accuracy = sensed, accuracy
        self._stimulus_meter = Metering.of(device, leads, self._driven)
        self._result_meter = Metering.of(device, leads, sensed)
        self._level = 0.0
        self._arced = False
        self.shown = Shown(step.mode, "TEST", phase="R")
        self.task = asyncio.get_running_loop().create_task(self._run(), name=f"{device} tests")

    @property
    def over(self) -> bool:
        """Whether it has ended, and is discharged."""
        return self.task.done()

    def stop(self) -> None:
        """End it now, without a judgement."""
        self._halt.set()

    def cut(self) -> None:
        """The power is gone."""
        self.task.cancel()
        self._put(0.0)

    async def _run(self) -> None:
        shown = self.shown
        status = "VIEW"
        try:
            good = await self._rise() and await self._hold()
            status = "PASS" if good else "FAIL"
        except Stopped:
            pass
        except Refusal as refusal:
            self._refuse(refusal)
        finally:
            if self._level and self._direct and not self.task.cancelling():
                await self._discharge()
            self._put(0.0)
        shown.status = status

    def _put(self, level: float) -> None:
        self._level = level
        self._leads.drive(self._device, self._driven, level)

    async def _discharge(self) -> None:
        try:
            for share in (0.3, 0.1, 0.03):
                await asyncio.sleep(DISCHARGE / 3)
                self._put(self._level * share)
        finally:
            self._put(0.0)

    @property
    def _target(self) -> float:
        step = self._step
        if step.mode == "GB":
            ohms = self._leads.sense(self._device, Quantity.BOND_OHMS)
            most = _BOND_VOLTS / ohms if ohms > 0 else math.inf
            wanted = step.value("CURRent")
            return min(wanted, most) if math.isfinite(ohms) else 0.0
        return step.value("VOLTage") * 1e3 * self._leads.gain_of(self._device, "output")

    async def _rise(self) -> bool:
        """Whether nothing was wrong on the way up. A ground bond has no ramp."""
        ramp = self._step.ramp if self._step.mode != "GB" else 0.0
        began = asyncio.get_running_loop().time()
        while (passed := asyncio.get_running_loop().time() - began) < ramp - 1e-6:
            await self._wait(min(TICK, ramp - passed))
            passed = asyncio.get_running_loop().time() - began
            self._put(self._target * min(1.0, passed / ramp))
            if not self._look(passed):
                return False
        self._put(self._target)
        return self._look(ramp)

    async def _hold(self) -> bool:
        """Whether it is good at the end."""
        self.shown.phase, self.shown.seconds = "T", 0.0
        seconds = self._step.value("TTIMe")
        began = asyncio.get_running_loop().time()
        while (passed := asyncio.get_running_loop().time() - began) < seconds - 1e-6:
            await self._wait(min(TICK, seconds - passed))
            if not self._look(asyncio.get_running_loop().time() - began):
                return False
        return self._judge_end()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._halt.wait()
        except TimeoutError:
            return
        raise Stopped

    def _look(self, passed: float) -> bool:
        """Measure; whether the test may go on. Raises Refusal where the interlock is open."""
        leads, device, step = self._leads, self._device, self._step
        if not leads.sense(device, Quantity.INPUT, "interlock"):
            raise interlock_open()
        truth = leads.sense(device, self._sensed)
        shown = self.shown
        shown.seconds = passed
        shown.stimulus = abs(self._stimulus_meter.show(self._level, 0.0, _VOLTS if step.mode != "GB" else _BOND))
        shown.result = self._result_meter.show(truth, 0.0, self._accuracy) if math.isfinite(truth) else math.inf
        shown.result = max(0.0, shown.result - self._reference)
        self._arced |= bool(leads.sense(device, Quantity.ARC)) and step.mode in {"ACW", "DCW"}
        if self._arced and step.arc == "ON_STOP":
            return False
        return step.mode == "IR" or shown.result <= self._highest

    def _judge_end(self) -> bool:
        if self._arced and self._step.arc == "ON_CONT":
            return False
        lowest = self._step.value("RLOSet" if self._step.mode in {"IR", "GB"} else "CLOSet") * self._scale
        return lowest <= self.shown.result <= self._highest

    @property
    def _scale(self) -> float:
        """What the unit of the limits is in SI units."""
        return 1e6 if self._step.mode == "IR" else 1e-3

    @property
    def _highest(self) -> float:
        return self._step.value("RHISet" if self._step.mode in {"IR", "GB"} else "CHISet") * self._scale

    @property
    def _reference(self) -> float:
        return self._step.value("REF") * self._scale


def interlock_open() -> Refusal:
    """The door is open: there is no voltage."""
    return Refusal(28, "Interlock Open")
