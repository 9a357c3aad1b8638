"""Keysight DAQ970A and its ancestor, the HP/Agilent 34970A: relays on plug-in cards, and a multimeter that scans.

From public pages of the manuals. Simplified: the relays of one command move together, 4 ms after it (a mainframe
really closes about 120 channels a second, one command each); CONF and MEAS need their channel list; the trigger source
is IMMediate. Errors have the numbers of the SCPI standard, because the public pages do not give the maker's own.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import ClassVar

from sim.emulator import Answering
from sim.leads import Leads
from sim.mainframe.cards import Cage
from sim.mainframe.multimeter import Multimeter
from sim.mainframe.scanner import Scanner
from sim.parameters import choice, illegal_parameter, number, out_of_range, short, switch
from sim.quantity import Quantity
from sim.scpi import Obeying, QueuedScpi

RELAY = 0.004
"""Seconds that the relays of one command take to open, and as many to close."""


def _configure(function: str) -> Obeying:
    def obey(self: "Mainframe", first: str, *more: str) -> None:
        self.scanner.configure(function, (first, *more))

    return obey


def _measure(function: str) -> Obeying:
    async def obey(self: "Mainframe", first: str, *more: str) -> str:
        self.scanner.configure(function, (first, *more))
        return await self.scanner.read()

    return obey


def _show(field: str) -> Mapping[str, Obeying]:
    """FORM:READ for one of the fields that may stand beside a reading."""

    def obey(self: "Mainframe", state: str) -> None:
        self.scanner.show[short(field)] = switch(state)

    return {
        f"FORMat:READing:{field}": obey,
        f"FORMat:READing:{field}?": lambda self: str(int(self.scanner.show[short(field)])),
    }


class Mainframe(QueuedScpi):
    """What both generations have in common."""

    maker: ClassVar[str]
    model: ClassVar[str]
    firmware: ClassVar[str]
    card_firmware: ClassVar[str]

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self._cage = Cage(leads.cards(device))
        self.scanner = Scanner(Multimeter(device, leads), self._cage)
        self._closed: set[int] = set()

    def answer(self, line: bytes) -> Answering:
        """Obey one message, with the cards that are plugged in now."""
        if self._cage.fit(self.leads.cards(self.device)):
            self.scanner.reset()
            self._closed.clear()
        return super().answer(line)

    def serial(self) -> str:
        """The serial number as far as the instrument knows it."""
        return self.leads.serial(self.device)

    def _identity(self) -> str:
        return f"{self.maker},{self.model},{self.serial()},{self.firmware}"

    def _card_type(self, hundreds: str) -> str:
        slot, rest = divmod(number(hundreds, 100, 300, 100), 100)
        if rest:
            raise out_of_range()
        card = self._cage.models[int(slot) - 1]
        if not card:
            return f"{self.maker},0,0,0"
        serial = self.serial() if self.serial() == "0" else f"{self.serial()}{slot:.0f}"
        return f"{self.maker},{card},{serial},{self.card_firmware}"

    async def _move(self, channels: tuple[int, ...], *, closed: bool) -> None:
        try:
            await asyncio.sleep(RELAY)
        finally:  # a relay that was told to move arrives, whoever has lost interest
            for channel in channels:
                if place := self._cage.crosspoints.get(channel):
                    self.leads.drive(self.device, Quantity.RELAY, float(closed), place)
            (self._closed.update if closed else self._closed.difference_update)(channels)

    async def _close(self, listed: str) -> None:
        await self._move(self._cage.listed(listed), closed=True)

    async def _open(self, listed: str) -> None:
        await self._move(self._cage.listed(listed), closed=False)

    def _are(self, listed: str, *, closed: bool) -> str:
        return ",".join("1" if (each in self._closed) == closed else "0" for each in self._cage.listed(listed))

    def reset(self) -> None:
        """Power is gone: relays fall open at once."""
        self.scanner.reset()
        for place in self._cage.crosspoints.values():
            self.leads.drive(self.device, Quantity.RELAY, 0.0, place)
        self._closed.clear()

    async def _reset(self) -> None:
        self.scanner.reset()
        await self._move(tuple(self._cage.channels), closed=False)

    async def _complete(self) -> str:
        await self.scanner.finish()
        return "1"

    async def _read(self) -> str:
        return await self.scanner.read()

    async def _fetch(self) -> str:
        return await self.scanner.fetch()

    def _scan_list(self) -> str:
        listed = f"(@{','.join(map(str, self.scanner.channels))})"
        return f"#{len(str(len(listed)))}{len(listed)}{listed}"

    def _set_times(self, times: str) -> None:
        self.scanner.times = int(number(times, 1, 50_000, 1))

    def _set_source(self, source: str) -> None:
        if choice(source, "IMMediate", "BUS", "EXTernal", "TIMer") != "IMM":
            raise illegal_parameter()

    def _set_time_type(self, kind: str) -> None:
        self.scanner.absolute = choice(kind, "ABSolute", "RELative") == "ABS"

    def _set_cycles(self, cycles: str, listed: str) -> None:
        self.scanner.set_cycles(number(cycles, 0.02, 200, 1), listed)

    def _set_delay(self, seconds: str, listed: str) -> None:
        self.scanner.set_delay(number(seconds, 0, 60, 0), listed)

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": _identity,
        "*RST": _reset,
        "*OPC?": _complete,
        "SYSTem:CTYPe?": _card_type,
        "ROUTe:CLOSe": _close,
        "ROUTe:CLOSe?": partial(_are, closed=True),
        "ROUTe:OPEN": _open,
        "ROUTe:OPEN?": partial(_are, closed=False),
        "ROUTe:DONE?": lambda self: str(int(not self.scanner.running)),
        "ROUTe:SCAN": lambda self, listed: self.scanner.choose(listed),
        "ROUTe:SCAN?": _scan_list,
        "ROUTe:SCAN:SIZE?": lambda self: f"{len(self.scanner.channels):+d}",
        "ROUTe:CHANnel:DELay": _set_delay,
        "CONFigure:RESistance": _configure("RES"),
        "CONFigure:FRESistance": _configure("FRES"),
        "CONFigure:TEMPerature": _configure("TEMP"),
        "CONFigure:VOLTage[:DC]": _configure("VOLT"),
        "CONFigure:VOLTage:AC": _configure("VOLT:AC"),
        "MEASure:VOLTage:AC?": _measure("VOLT:AC"),
        "MEASure:RESistance?": _measure("RES"),
        "MEASure:FRESistance?": _measure("FRES"),
        "MEASure:TEMPerature?": _measure("TEMP"),
        "MEASure:VOLTage[:DC]?": _measure("VOLT"),
        "[SENSe:]RESistance:NPLC": _set_cycles,
        "[SENSe:]FRESistance:NPLC": _set_cycles,
        "[SENSe:]TEMPerature:NPLC": _set_cycles,
        "[SENSe:]VOLTage[:DC]:NPLC": _set_cycles,
        "TRIGger:SOURce": _set_source,
        "TRIGger:SOURce?": lambda _: "IMM",
        "TRIGger:COUNt": _set_times,
        "TRIGger:COUNt?": lambda self: f"{self.scanner.times:+.8E}",
        "INITiate[:IMMediate]": lambda self: self.scanner.start(),
        "ABORt": lambda self: self.scanner.abort(),
        "READ?": _read,
        "FETCh?": _fetch,
        "DATA:POINts?": lambda self: f"{len(self.scanner.memory):+d}",
        "DATA:REMove?": lambda self, count: self.scanner.remove(int(number(count, 1, 100_000, 1))),
        **_show("UNIT"),
        **_show("TIME"),
        **_show("CHANnel"),
        **_show("ALARm"),
        "FORMat:READing:TIME:TYPE": _set_time_type,
        "FORMat:READing:TIME:TYPE?": lambda self: "ABS" if self.scanner.absolute else "REL",
    }


class KeysightDaq970a(Mainframe):
    """The current one, which measures capacitance too."""

    maker = "Keysight Technologies"
    model = "DAQ970A"
    firmware = "A.02.04-01.00-02.01-00.02-02-01"
    card_firmware = "1.00"
    commands: ClassVar[Mapping[str, Obeying]] = {
        "CONFigure:CAPacitance": _configure("CAP"),
        "MEASure:CAPacitance?": _measure("CAP"),
    }


class Hp34970a(Mainframe):
    """The old one, which does not know its serial numbers."""

    maker = "HEWLETT-PACKARD"
    model = "34970A"
    firmware = "13-2-2"
    card_firmware = "2.3"

    def serial(self) -> str:
        """Always 0."""
        return "0"


EMULATORS = {"keysight-daq970a": KeysightDaq970a, "keysight-34970a": Hp34970a}
