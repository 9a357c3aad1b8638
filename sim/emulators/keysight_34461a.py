"""Keysight 34461A multimeter on LAN or USB.

Commands, trigger sources, settings of NPLC and the form of a reading are from public pages (microsoft/Qcodes
`Keysight_344xxA_submodules.py`, the UBC command quick reference of the 34465A); the error queue of 20 and its overflow from
the pages of the 34970A, which is of the same maker. Decided here, because no public page says it:

* *OPT? is "0": a 34461A has nothing to license that is of use here; *TST? takes a second and finds nothing;
* a change of function, range, NPLC or trigger stops what is being measured, and empties the memory;
* NPLC is rounded up to the next that there is; automatic zero takes every reading twice as long; an automatic range that
  changes takes it as long again; a reading of AC volts takes 2.5 s, 0.625 s or 25 ms at 3, 20 or 200 Hz;
* FETCh? and READ? where only a trigger that must still come could help are refused (-214), as READ? on the bus is;
* the mains are 50 Hz; a 1000 V and a 750 V range have no overhead; two open wires are an overload;
* the automatic trigger delay is nothing, for it is short beside an integration.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

from sim.dmm.functions import BANDS, CYCLES, FUNCTIONS
from sim.dmm.sampler import Sampler, Setup
from sim.leads import Leads
from sim.parameters import ScpiError, choice, number, switch
from sim.scpi import Obeying, complete
from sim.status import StatusScpi

_MOST = 1_000_000  # samples, or triggers, of one INIT


def _unit(name: str) -> str:
    return "V" if name.startswith("VOLT") else "OHM"


def _range(name: str, span: str) -> float:
    """The full scale of the range that holds what was said; 0 for an automatic one."""
    if span.upper() in {"AUTO", "DEF", "DEFAULT"}:
        return 0.0
    ranges = FUNCTIONS[name].ranges
    wanted = number(span, -ranges[-1].full, ranges[-1].full, 0.0, _unit(name))
    return (
        next(each.full for each in ranges if abs(wanted) <= each.full) if span.upper()[:3] != "MIN" else ranges[0].full
    )


def _of_function(name: str) -> Mapping[str, Obeying]:
    """The commands that each function has."""

    def configure(self: "Keysight34461a", span: str = "AUTO", resolution: str = "DEF") -> None:
        self.configure(name, span, resolution)

    async def measure(self: "Keysight34461a", span: str = "AUTO", resolution: str = "DEF") -> str:
        self.configure(name, span, resolution)
        return await self.sampler.read()

    def set_range(self: "Keysight34461a", span: str) -> None:
        self.change(name, replace(self.sampler.setups[name], full=_range(name, span)))

    def set_auto(self: "Keysight34461a", state: str) -> None:
        once = state.upper() == "ONCE"
        held = FUNCTIONS[name].range_of(self.leads.sense(self.device, FUNCTIONS[name].quantity)).full
        automatic = not once and switch(state)
        self.change(name, replace(self.sampler.setups[name], full=0.0 if automatic else held))

    def say_range(self: "Keysight34461a") -> str:
        function, full = FUNCTIONS[name], self.sampler.setups[name].full
        return f"{full or function.range_of(self.leads.sense(self.device, function.quantity)).full:+.8E}"

    header = FUNCTIONS[name].header
    return {
        f"CONFigure:{header}" if name != "VOLT" else "CONFigure[:VOLTage][:DC]": configure,
        f"MEASure:{header}?" if name != "VOLT" else "MEASure[:VOLTage][:DC]?": measure,
        f"[SENSe:]{header}:RANGe": set_range,
        f"[SENSe:]{header}:RANGe?": say_range,
        f"[SENSe:]{header}:RANGe:AUTO": set_auto,
        f"[SENSe:]{header}:RANGe:AUTO?": lambda self: str(int(not self.sampler.setups[name].full)),
        **(_of_alternating() if name == "VOLT:AC" else _of_direct(name)),
    }


def _of_direct(name: str) -> Mapping[str, Obeying]:
    def set_cycles(self: "Keysight34461a", cycles: str) -> None:
        wanted = number(cycles, CYCLES[0], CYCLES[-1], 10)
        chosen = next(each for each in CYCLES if wanted <= each)
        self.change(name, replace(self.sampler.setups[name], cycles=chosen))

    def set_zero(self: "Keysight34461a", state: str) -> None:
        self.change(name, replace(self.sampler.setups[name], zero=state.upper() != "ONCE" and switch(state)))

    header = FUNCTIONS[name].header
    zero: Mapping[str, Obeying] = {
        f"[SENSe:]{header}:ZERO:AUTO": set_zero,
        f"[SENSe:]{header}:ZERO:AUTO?": lambda self: str(int(self.sampler.setups[name].zero)),
    }
    return {
        f"[SENSe:]{header}:NPLC": set_cycles,
        f"[SENSe:]{header}:NPLC?": lambda self: f"{self.sampler.setups[name].cycles:+.8E}",
        **(zero if name != "FRES" else {}),
    }


def _of_alternating() -> Mapping[str, Obeying]:
    def set_band(self: "Keysight34461a", hertz: str) -> None:
        wanted = number(hertz, 3, 300_000, 20, "HZ")
        chosen = max(each for each in BANDS if each <= wanted)
        self.change("VOLT:AC", replace(self.sampler.setups["VOLT:AC"], band=chosen))

    return {
        "[SENSe:]VOLTage:AC:BANDwidth": set_band,
        "[SENSe:]VOLTage:AC:BANDwidth?": lambda self: f"{self.sampler.setups['VOLT:AC'].band:+.8E}",
    }


class Keysight34461a(StatusScpi):
    """The meter; both pairs of its leads are wherever `leads` says they are."""

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self.sampler = Sampler(device, leads)

    def reset(self) -> None:
        """Everything as it was when it was switched on."""
        self.sampler.reset()

    def look(self) -> None:
        """Bits 4 and 5 of the operation register: measuring, waiting for a trigger. An overload is an event."""
        self.operation.show(self.sampler.state)
        self.questionable.event |= self.sampler.overloads
        self.sampler.overloads = 0

    def clear(self) -> None:
        """Forget overloads, too."""
        self.look()
        super().clear()

    def choose(self, name: str) -> None:
        """Measure another function."""
        self.sampler.forget()
        self.sampler.name = name

    def change(self, name: str, setup: Setup) -> None:
        """Measure a function in another way."""
        self.sampler.forget()
        self.sampler.setups[name] = setup

    def configure(self, name: str, span: str, resolution: str) -> None:
        """Obey CONF: the function, its range, and settings as after a reset. A resolution is looked at, and not used."""
        full = _range(name, span)
        if resolution.upper() not in {"DEF", "DEFAULT", "MIN", "MINIMUM", "MAX", "MAXIMUM"}:
            number(resolution, 0.0, FUNCTIONS[name].ranges[-1].full, 0.0, _unit(name))
        self.choose(name)
        self.sampler.setups[name] = Setup(full)
        self.sampler.source, self.sampler.triggers, self.sampler.samples, self.sampler.delay = "IMM", 1, 1, None

    def _configured(self) -> str:
        sampler = self.sampler
        full = sampler.setup.full or sampler.function.ranges[-1].full
        return f'"{sampler.name} {full:+.8E},{full * 1e-6:+.8E}"'

    def _set_function(self, text: str) -> None:
        if text[:1] not in {'"', "'"} or text[-1:] != text[:1] or len(text) < 3:
            raise ScpiError(-151, "Invalid string data")
        word = text[1:-1].upper().replace("VOLTAGE", "VOLT").replace("RESISTANCE", "RES").replace("FRESISTANCE", "FRES")
        name = {"VOLT:DC": "VOLT"}.get(word, word)
        if name not in FUNCTIONS:
            raise ScpiError(-224, "Illegal parameter value")
        self.choose(name)

    async def _test(self) -> str:
        self.sampler.forget()
        await asyncio.sleep(1)
        return "+0"

    async def _read(self) -> str:
        return await self.sampler.read()

    async def _fetch(self) -> str:
        return await self.sampler.fetch()

    async def _wait(self) -> None:
        await self.sampler.finish()

    async def _completed(self) -> str:
        await self.sampler.finish()
        return "1"

    def _set_source(self, source: str) -> None:
        chosen = choice(source, "IMMediate", "BUS", "EXTernal")
        self.sampler.forget()
        self.sampler.source = chosen

    def _set_samples(self, count: str) -> None:
        chosen = int(number(count, 1, _MOST, 1))
        self.sampler.forget()
        self.sampler.samples = chosen

    def _set_triggers(self, count: str) -> None:
        chosen = _MOST if count.upper() in {"INF", "INFINITY"} else int(number(count, 1, _MOST, 1))
        self.sampler.forget()
        self.sampler.triggers = chosen

    def _set_delay(self, seconds: str) -> None:
        chosen = number(seconds, 0, 3600, 0, "S")
        self.sampler.forget()
        self.sampler.delay = chosen

    def _set_auto_delay(self, state: str) -> None:
        chosen = None if switch(state) else self.sampler.delay or 0.0
        self.sampler.forget()
        self.sampler.delay = chosen

    def _last(self) -> str:
        memory = self.sampler.memory
        return f"{memory[-1]:+.8E}" if memory else "+9.91000000E+37"

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": lambda self: (
            f"Keysight Technologies,34461A,{self.leads.serial(self.device)},A.03.03-02.40-03.03-00.52-04-02"
        ),
        "*OPT?": lambda _: "0",
        "*TST?": _test,
        "*TRG": lambda self: self.sampler.trigger(),
        "*OPC": lambda self: self.sampler.when_done(lambda: complete(self)),
        "*OPC?": _completed,
        "*WAI": _wait,
        "CONFigure?": _configured,
        "[SENSe:]FUNCtion[:ON]": _set_function,
        "[SENSe:]FUNCtion[:ON]?": lambda self: f'"{self.sampler.name}"',
        "READ?": _read,
        "FETCh?": _fetch,
        "INITiate[:IMMediate]": lambda self: self.sampler.start(),
        "ABORt": lambda self: self.sampler.stop(),
        "SAMPle:COUNt": _set_samples,
        "SAMPle:COUNt?": lambda self: f"{self.sampler.samples:+d}",
        "TRIGger:SOURce": _set_source,
        "TRIGger:SOURce?": lambda self: self.sampler.source,
        "TRIGger:COUNt": _set_triggers,
        "TRIGger:COUNt?": lambda self: f"{self.sampler.triggers:+.8E}",
        "TRIGger:DELay": _set_delay,
        "TRIGger:DELay?": lambda self: f"{self.sampler.delay or 0.0:+.8E}",
        "TRIGger:DELay:AUTO": _set_auto_delay,
        "TRIGger:DELay:AUTO?": lambda self: str(int(self.sampler.delay is None)),
        "DATA:POINts?": lambda self: f"{len(self.sampler.memory):+d}",
        "DATA:LAST?": _last,
        "DATA:REMove?": lambda self, count: self.sampler.remove(int(number(count, 1, 10_000, 1))),
        "SYSTem:LFRequency?": lambda _: "+50",
        "SYSTem:LOCal": lambda _: None,
        "SYSTem:REMote": lambda _: None,
        **{header: obey for name in FUNCTIONS for header, obey in _of_function(name).items()},
    }


EMULATORS = {"keysight-34461a": Keysight34461a}
