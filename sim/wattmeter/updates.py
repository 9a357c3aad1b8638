"""The measurements of a power meter: all of its values change together, at each update, and at no other time."""

import asyncio
import math
from dataclasses import dataclass, replace

from sim.leads import Leads
from sim.metering import Class, Metering
from sim.quantity import Quantity
from sim.wattmeter.ranges import AMPS, VOLTS, Span

RATES = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)
"""Seconds between two updates."""
_CLASS = Class(0.001, 0.001)
_HERTZ = Class(0.0006, 0.0)
_AWAKE = 30.0  # seconds after the last word for which updates go on by themselves
_SEEN = 0.1  # of a range: what is less has no frequency


@dataclass(frozen=True, slots=True)
class Values:
    """What the meter shows after one update."""

    volts: float = math.nan
    amps: float = math.nan
    watts: float = math.nan
    hertz: float = math.nan
    hertz_of_amps: float = math.nan

    @property
    def apparent(self) -> float:
        """Volt-amperes."""
        return self.volts * self.amps

    @property
    def factor(self) -> float:
        """Of power; not there where there is no apparent power."""
        if not math.isfinite(self.apparent) or not math.isfinite(self.watts) or not self.apparent:
            return math.nan
        return max(-1.0, min(1.0, self.watts / self.apparent))

    @property
    def reactive(self) -> float:
        """Vars."""
        if not math.isfinite(self.apparent) or not math.isfinite(self.watts):
            return self.apparent
        return math.sqrt(max(0.0, self.apparent**2 - self.watts**2))


class Updates:
    """The meter behind the commands."""

    def __init__(self, device: str, leads: Leads) -> None:
        self._device, self._leads = device, leads
        self._meters = {
            each: Metering.of(device, leads, each)
            for each in (Quantity.AC_VOLTS, Quantity.AMPS, Quantity.WATTS, Quantity.HERTZ)
        }
        self.volts, self.amps = Span(VOLTS), Span(AMPS)
        self._task: asyncio.Task[None] | None = None
        self._updated = asyncio.Event()
        self.reset()

    def reset(self) -> None:
        """The largest ranges, four updates a second, no integration, no average."""
        self.volts.reset()
        self.amps.reset()
        self.rate = 0.25
        self.average = 1
        self.clear_energy()
        self.renew()

    def clear_energy(self) -> None:
        """Integrate nothing."""
        self.integrating = False
        self.watt_hours = self.ampere_hours = self.seconds = 0.0
        self.limit = 0.0

    def renew(self) -> None:
        """A setting has changed: there are no values until the next whole update."""
        self.values = Values()
        self._sum: list[Values] = []
        self._began = self._last = -math.inf
        self.count = 0
        if self._task is not None:
            self._task.cancel()
        self._task = None

    def been_on(self) -> None:
        """It has been on since long before anybody spoke to it."""
        self._began = 0.0

    def wake(self) -> None:
        """Somebody speaks to the meter: from now on its updates come by themselves, for a while.

        Nobody sees the updates of a meter that nobody speaks to, so there are none; the first word after a while finds the
        value of that moment, which a real meter would have measured up to one update before.
        """
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done():
            if self._began == -math.inf:
                self._began = loop.time()
            else:
                self._began += math.floor((loop.time() - self._began) / self.rate) * self.rate
                self._update()
            self._task = loop.create_task(self._go_on(), name=f"{self._device} updates")
        self._last = loop.time()

    async def _go_on(self) -> None:
        loop = asyncio.get_running_loop()
        while self.integrating or loop.time() - self._last <= _AWAKE:
            await asyncio.sleep(max(0.0, self._began + self.rate - loop.time()))
            self._began += self.rate
            self._update()
            if self.integrating:
                self._integrate()

    async def next(self) -> None:
        """Wait for the next update."""
        self.wake()
        await self._updated.wait()

    def _update(self) -> None:
        self.count += 1
        now = self._measure()
        self._sum = [*self._sum, now][-self.average :]
        self.values = now if self.average == 1 else self._averaged(now)
        self._updated.set()
        self._updated = asyncio.Event()

    def _averaged(self, now: Values) -> Values:
        count = len(self._sum)
        return replace(
            now,
            volts=sum(each.volts for each in self._sum) / count,
            amps=sum(each.amps for each in self._sum) / count,
            watts=sum(each.watts for each in self._sum) / count,
        )

    def _measure(self) -> Values:
        device, leads, volts, amps = self._device, self._leads, self.volts, self.amps
        across, through = leads.sense(device, Quantity.AC_VOLTS), leads.sense(device, Quantity.AMPS)
        if sum((volts.follow(across), amps.follow(through))):
            self._sum = []
            return Values()
        shown = Values(
            self._show(Quantity.AC_VOLTS, across, volts.full, volts.most),
            self._show(Quantity.AMPS, through, amps.full, amps.most),
        )
        power = volts.full * amps.full
        watts = self._show(Quantity.WATTS, leads.sense(device, Quantity.WATTS), power, volts.most * amps.most)
        if not (math.isfinite(shown.volts) and math.isfinite(shown.amps)):
            watts = math.inf
        hertz = leads.sense(device, Quantity.HERTZ)
        frequency = self._meters[Quantity.HERTZ].show(hertz, hertz, _HERTZ) if hertz > 0 else math.nan
        return replace(
            shown,
            watts=watts,
            hertz=frequency if abs(across) >= _SEEN * volts.full else math.nan,
            hertz_of_amps=frequency if abs(through) >= _SEEN * amps.full else math.nan,
        )

    def _show(self, quantity: Quantity, truth: float, full: float, most: float) -> float:
        """A reading; infinite beyond the range."""
        if not math.isfinite(truth):
            return math.inf
        value = self._meters[quantity].show(truth, full, _CLASS)
        return value if abs(value) <= most else math.inf

    def _integrate(self) -> None:
        hours = self.rate / 3600.0
        self.watt_hours += self.values.watts * hours
        self.ampere_hours += self.values.amps * hours
        self.seconds += self.rate
        if self.limit and self.seconds >= self.limit - 1e-9:
            self.integrating = False
