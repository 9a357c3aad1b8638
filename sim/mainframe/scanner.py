"""Scans: which channels are measured how, and the readings that are in memory."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sim.clock import EPOCH
from sim.mainframe.cards import Cage
from sim.mainframe.multimeter import FUNCTIONS, THERMOCOUPLES, Multimeter, Setup
from sim.parameters import ScpiError, choice, illegal_parameter, missing_parameter, number

_MEMORY = 50_000


class Taken(NamedTuple):
    """One reading in memory."""

    value: float
    unit: str
    at: float
    channel: int


def sensor(settings: Sequence[str]) -> tuple[str, str]:
    """The function that measures a sensor, and the kind of a thermocouple; without a word it is one of type J.

    `settings` are what stands before the channel list of CONF:TEMP: the sensor and its kind. Raises ScpiError.
    """
    word = choice(settings[0], "TCouple", "RTD", "FRTD", "THERmistor", "DEFault") if settings else "DEF"
    if word not in {"TC", "DEF"}:
        return "TEMP", ""
    kind = settings[1].upper() if len(settings) > 1 else "DEF"
    if kind not in {*THERMOCOUPLES, "DEF"}:
        raise illegal_parameter()
    return "TC", "J" if kind == "DEF" else kind


class Scanner:
    """The scan list, each channel's set-up, and the memory. What the instrument refuses is a ScpiError."""

    def __init__(self, meter: Multimeter, cage: Cage) -> None:
        self._meter = meter
        self._cage = cage
        self._running: asyncio.Task[None] | None = None
        self.reset()

    def reset(self) -> None:
        """Nothing to scan, nothing in memory, plain readings."""
        self.abort()
        self.channels: tuple[int, ...] = ()
        self.times = 1
        self.memory: list[Taken] = []
        self.show = dict.fromkeys(("UNIT", "TIME", "CHAN", "ALAR"), False)
        """What is said beside each reading."""
        self.absolute = False
        self._began = 0.0
        self._setups: dict[int, Setup] = {}

    @property
    def running(self) -> bool:
        """Whether a scan is going on."""
        return self._running is not None and not self._running.done()

    def measurable(self, text: str) -> tuple[int, ...]:
        """The channels of a list. A matrix has no way to the multimeter."""
        listed = self._cage.listed(text)
        if not self._cage.measurable.issuperset(listed):
            raise ScpiError(-221, "Settings conflict")
        return listed

    def choose(self, text: str) -> None:
        """Set the scan list; each channel keeps its set-up."""
        channels = self.measurable(text)
        self.abort()
        self.channels, self.memory = channels, []

    def configure(self, function: str, parameters: Sequence[str]) -> None:
        """Obey CONF: `parameters` are [range|AUTO|DEF [, resolution]], channel list, which becomes the scan list.

        Where a temperature is configured, a sensor and its kind stand before the channel list.
        """
        *settings, listed = parameters
        if not listed.startswith("("):
            raise missing_parameter()
        full, kind = 0.0, ""
        if function == "TEMP":
            function, kind = sensor(settings)
        elif settings and settings[0].upper() not in {"AUTO", "DEF"}:
            ranges = FUNCTIONS[function].ranges
            wanted = number(settings[0], 0.0, ranges[-1].full, 0.0)
            full = next(each.full for each in ranges if wanted <= each.full)
        self.choose(listed)
        self._setups |= dict.fromkeys(self.channels, Setup(function, full, kind=kind))

    def set_cycles(self, cycles: float, text: str) -> None:
        """Integrate for so many cycles of the mains."""
        for each in self.measurable(text):
            self._setups[each] = self._setups.get(each, Setup())._replace(cycles=cycles)

    def set_delay(self, seconds: float, text: str) -> None:
        """Wait so long at each channel before the reading."""
        for each in self.measurable(text):
            self._setups[each] = self._setups.get(each, Setup())._replace(delay=seconds)

    def start(self) -> None:
        """Forget the memory and scan in the background."""
        if not self.channels:
            raise ScpiError(-221, "Settings conflict")
        if self.running:
            raise ScpiError(-213, "Init ignored")
        loop = asyncio.get_running_loop()
        self.memory, self._began = [], loop.time()
        self._running = loop.create_task(self._scan(), name=f"scan of {self._meter.device}")

    async def finish(self) -> None:
        """Wait for the scan that is going on."""
        if self._running is not None:
            await self._running

    def abort(self) -> None:
        """Stop the scan that is going on; what it has taken stays."""
        if self._running is not None:
            self._running.cancel()
        self._running = None

    async def _scan(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(self.times):
            for channel in self.channels:
                setup = self._setups.get(channel, Setup())
                await asyncio.sleep(setup.seconds)
                value = self._meter.measure(setup, channel)
                self.memory.append(Taken(value, FUNCTIONS[setup.function].unit, loop.time(), channel))
            del self.memory[:-_MEMORY]

    async def fetch(self) -> str:
        """Every reading of the scan, when it is done."""
        await self.finish()
        if not self.memory:
            raise ScpiError(-230, "Data corrupt or stale")
        return self.spell(self.memory)

    async def read(self) -> str:
        """Scan, and say every reading."""
        self.start()
        return await self.fetch()

    def remove(self, count: int) -> str:
        """Take the oldest readings out of memory, and say them."""
        if not self.memory[:count]:
            raise ScpiError(-230, "Data corrupt or stale")
        taken, self.memory = self.memory[:count], self.memory[count:]
        return self.spell(taken)

    def spell(self, readings: Sequence[Taken]) -> str:
        """Readings as the instrument says them: reading, time, channel, alarm, as far as they are shown."""
        return ",".join(self._spell(each) for each in readings)

    def _spell(self, reading: Taken) -> str:
        said = f"{reading.value:+.8E}"
        if self.show["UNIT"]:
            said += f" {reading.unit}"
        if self.show["TIME"]:
            said += f",{self._time(reading.at)}"
        if self.show["CHAN"]:
            said += f",{reading.channel}"
        if self.show["ALAR"]:
            said += ",0"
        return said

    def _time(self, at: float) -> str:
        if not self.absolute:
            return f"{at - self._began:013.3f}"
        moment = EPOCH + timedelta(seconds=at)
        return f"{moment:%Y,%m,%d,%H,%M,%S}.{moment.microsecond // 1000:03d}"
