"""Keysight DAQ970A and its ancestor, the HP/Agilent 34970A: relays on plug-in cards, and a multimeter that scans.

From public pages of the manuals. Simplified: the relays of one command move together, 4 ms after it (a mainframe
really closes about 120 channels a second, one command each); CONF and MEAS need their channel list; the trigger source
is IMMediate. Errors have the numbers of the SCPI standard, because the public pages do not give the maker's own.
"""

import asyncio
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from sim.cards import channels, measurable
from sim.clock import EPOCH, wall
from sim.leads import Leads
from sim.multimeter import FUNCTIONS, Multimeter, Setup
from sim.parameters import (
    ScpiError,
    choice,
    illegal_parameter,
    missing_parameter,
    number,
    out_of_range,
    short,
    spans,
    switch,
)
from sim.scpi import Obeying, QueuedScpi

RELAY = 0.004
"""Seconds that the relays of one command take to open, and as many to close."""
MEMORY = 50_000
_LISTS = 4096  # channel lists that are remembered


class Taken(NamedTuple):
    """One reading in memory."""

    value: float
    unit: str
    at: float
    channel: int


class Mainframe(QueuedScpi):
    """Three slots, a matrix's crosspoints, a scan list and a reading memory."""

    maker = "Keysight Technologies"
    model = "DAQ970A"
    revision = "A.02.04-01.00-02.01-00.02-02-01"
    card_revision = "1.00"
    says_serials = True

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self._serial = leads.serial(device) if self.says_serials else "0"
        self.identity = f"{self.maker},{self.model},{self._serial},{self.revision}"
        self._cards = (*leads.cards(device), "", "", "")[:3]
        self._channels = channels(self._cards)
        self._measurable = measurable(self._cards)
        self._lists: dict[str, tuple[int, ...]] = {}
        self._meter = Multimeter(device, leads, max(-1.5, min(1.5, leads.gauss(device, "gain"))) / 2)
        self._closed: set[int] = set()
        self._scanning: asyncio.Task[None] | None = None
        self._forget()

    def _forget(self) -> None:
        self._abort()
        self._setups: dict[int, Setup] = {}
        self._scan_list: tuple[int, ...] = ()
        self._count = 1
        self._memory: list[Taken] = []
        self._began = 0.0
        self._with = dict.fromkeys(("UNIT", "TIME", "CHAN", "ALAR"), False)
        self._absolute = False

    # Relays

    def _listed(self, text: str) -> tuple[int, ...]:
        known = self._lists.get(text)
        if known is None:
            found: list[int] = []
            for first, last in spans(text):
                if first not in self._channels or last not in self._channels:
                    raise out_of_range()
                found += [first] if first == last else [each for each in self._channels if first <= each <= last]
            if len(self._lists) >= _LISTS:
                self._lists.clear()
            known = self._lists[text] = tuple(found)
        return known

    async def _move(self, listed: tuple[int, ...], *, closed: bool) -> None:
        try:
            await asyncio.sleep(RELAY)
        finally:  # a relay that was told to move arrives, whoever has lost interest
            for channel in listed:
                if crosspoint := self._channels[channel]:
                    self.leads.relay(self.device, *crosspoint, closed=closed)
            if closed:
                self._closed.update(listed)
            else:
                self._closed.difference_update(listed)

    async def _close(self, listed: str) -> None:
        await self._move(self._listed(listed), closed=True)

    async def _open(self, listed: str) -> None:
        await self._move(self._listed(listed), closed=False)

    def _is_closed(self, listed: str) -> str:
        return ",".join("1" if each in self._closed else "0" for each in self._listed(listed))

    def _is_open(self, listed: str) -> str:
        return ",".join("0" if each in self._closed else "1" for each in self._listed(listed))

    async def _reset(self) -> None:
        self._forget()
        await self._move(tuple(self._channels), closed=False)

    def _card_type(self, slot: str) -> str:
        place = number(slot, 100, 300, 100) / 100
        if not place.is_integer():
            raise out_of_range()
        card = self._cards[int(place) - 1]
        if not card:
            return f"{self.maker},0,0,0"
        return f"{self.maker},{card},{f'{self._serial}{int(place)}' if self.says_serials else 0},{self.card_revision}"

    # What is measured where

    def _scannable(self, text: str) -> tuple[int, ...]:
        listed = self._listed(text)
        if not self._measurable.issuperset(listed):
            raise ScpiError(-221, "Settings conflict")  # a matrix has no way to the multimeter
        return listed

    def _configure(self, function: str, parameters: tuple[str, ...]) -> None:
        *settings, listed = parameters
        if not listed.startswith("("):
            raise missing_parameter()
        scanned = self._scannable(listed)
        full = 0.0
        if settings and settings[0].upper() not in {"AUTO", "DEF"}:
            ranges = FUNCTIONS[function].ranges
            wanted = number(settings[0], ranges[0].full if settings[0].upper() == "MIN" else 0.0, ranges[-1].full, 0.0)
            full = next(each.full for each in ranges if wanted <= each.full)
        self._abort()
        self._memory = []
        self._setups |= dict.fromkeys(scanned, Setup(function, full))
        self._scan_list = scanned

    def _configure_resistance(self, first: str, *more: str) -> None:
        self._configure("RES", (first, *more))

    def _configure_four_wire(self, first: str, *more: str) -> None:
        self._configure("FRES", (first, *more))

    def _configure_voltage(self, first: str, *more: str) -> None:
        self._configure("VOLT", (first, *more))

    def _configure_capacitance(self, first: str, *more: str) -> None:
        self._configure("CAP", (first, *more))

    def _configure_temperature(self, sensor: str, *more: str) -> None:
        if more:
            choice(sensor, "TCouple", "RTD", "FRTD", "THERmistor", "DEFault")
        self._configure("TEMP", (more or (sensor,))[-1:])

    async def _measure_resistance(self, first: str, *more: str) -> str:
        self._configure("RES", (first, *more))
        return await self._read()

    async def _measure_four_wire(self, first: str, *more: str) -> str:
        self._configure("FRES", (first, *more))
        return await self._read()

    async def _measure_capacitance(self, first: str, *more: str) -> str:
        self._configure("CAP", (first, *more))
        return await self._read()

    async def _measure_temperature(self, sensor: str, *more: str) -> str:
        self._configure_temperature(sensor, *more)
        return await self._read()

    def _set_cycles(self, cycles: str, listed: str) -> None:
        value = number(cycles, 0.02, 200, 1)
        for each in self._scannable(listed):
            self._setups[each] = self._setups.get(each, Setup())._replace(cycles=value)

    def _set_delay(self, seconds: str, listed: str) -> None:
        value = number(seconds, 0, 60, 0)
        for each in self._scannable(listed):
            self._setups[each] = self._setups.get(each, Setup())._replace(delay=value)

    # Scans

    def _set_scan(self, listed: str) -> None:
        self._scan_list = self._scannable(listed)
        self._abort()
        self._memory = []

    def _say_scan(self) -> str:
        listed = f"(@{','.join(map(str, self._scan_list))})"
        size = str(len(listed))
        return f"#{len(size)}{size}{listed}"

    def _set_count(self, count: str) -> None:
        self._count = int(number(count, 1, 50_000, 1))

    def _set_source(self, source: str) -> None:
        if choice(source, "IMMediate", "BUS", "EXTernal", "TIMer") != "IMM":
            raise illegal_parameter()

    def _start(self) -> None:
        if not self._scan_list:
            raise ScpiError(-221, "Settings conflict")
        if self._scanning is not None:
            raise ScpiError(-213, "Init ignored")
        loop = asyncio.get_running_loop()
        self._memory, self._began = [], loop.time()
        self._scanning = loop.create_task(self._scan(), name=f"scan of {self.device}")

    async def _scan(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(self._count):
            for channel in self._scan_list:
                setup = self._setups.get(channel, Setup())
                await asyncio.sleep(setup.seconds)
                value = self._meter.measure(setup, channel)
                self._memory.append(Taken(value, FUNCTIONS[setup.function].unit, loop.time(), channel))
            del self._memory[:-MEMORY]
        self._scanning = None

    def _abort(self) -> None:
        if getattr(self, "_scanning", None) is not None:
            self._scanning.cancel()
        self._scanning = None
