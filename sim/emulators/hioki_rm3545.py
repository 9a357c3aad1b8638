"""Hioki RM3545 resistance meter on its RS-232C line.

From public pages of the RM3544/RM3545 manuals: commands, ranges, accuracy of the lowest three ranges, integration
times, over-range and measurement-fault values. Decided here, because no public page says it:

* the current-fault mode is "over-range output": no current gives the over-range value; an open sense lead gives the
  measurement-fault value (the manual's name for the command that chooses the mode is not public);
* FETCh? in free run repeats the last value until one integration time has passed since it was completed; after that
  the value is the one at the moment of asking;
* READ? under an external trigger is an execution error;
* there is no error queue: an unknown command has no reply and sets the command-error bit of *ESR?;
* the accuracy above 1000 mohm, and the number of digits above 1000 kohm.
"""

import asyncio
import math
from collections.abc import Mapping
from typing import ClassVar, NamedTuple

from sim.leads import Leads
from sim.parameters import ScpiError, choice, number, out_of_range, switch
from sim.quantity import Quantity
from sim.scpi import CommonScpi, Obeying

OVER_RANGE = "10.0000E+19"
FAULT = "+10.0000E+29"
_FULL = 1.2  # a range measures to 120 % of its name


class Range(NamedTuple):
    """A range in ohms, how its values are written, and its accuracy as fractions of reading and of range."""

    ohms: float
    decimals: int
    exponent: int
    of_reading: float
    of_range: float
    of_range_fast: float

    def spell(self, ohms: float) -> str:
        """A value as this range says it, for example +12.34560E-03."""
        return f"{ohms * 10.0**-self.exponent:+.{self.decimals}f}E{self.exponent:+03d}"


RANGES = (
    Range(10e-3, 5, -3, 60e-5, 20e-5, 50e-5),
    Range(100e-3, 4, -3, 14e-5, 10e-5, 10e-5),  # the better figure of either test current
    Range(1000e-3, 3, -3, 12e-5, 8e-5, 10e-5),
    *(Range(each * 1e0, decimals, 0, 12e-5, 8e-5, 10e-5) for each, decimals in ((10, 5), (100, 4), (1000, 3))),
    *(Range(each * 1e3, decimals, 3, 12e-5, 8e-5, 10e-5) for each, decimals in ((10, 5), (100, 4), (1000, 3))),
    *(Range(each * 1e6, decimals, 6, 1e-2, 2e-4, 2e-4) for each, decimals in ((10, 5), (100, 2), (1000, 1))),
)

RATES = ("FAST", "MEDium", "SLOW1", "SLOW2")


class HiokiRm3545(CommonScpi):
    """The meter; its four leads are wherever `leads` says they are."""

    line_ends: ClassVar[bytes] = b"\r\n"
    reply_ends: ClassVar[bytes] = b"\r\n"
    baudrate: ClassVar[int] = 9600
    plus: ClassVar[str] = ""
    depth: ClassVar[int] = 0

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self._skew = max(-1.5, min(1.5, leads.trait(device, "gain"))) / 2  # this meter's share of its accuracy
        self._mains = 50
        self.reset()

    def reset(self) -> None:
        """Auto range, slow, free run."""
        self._auto, self._range = True, RANGES[-1]
        self._rate = "SLOW2"
        self._free_run, self._source = True, "IMM"
        self._value: str | None = None
        self._value_at = -math.inf

    @property
    def integration(self) -> float:
        """Seconds that one measurement takes."""
        medium = 0.021 if self._mains == 50 else 0.017
        return {"FAST": 0.0022, "MED": medium, "SLOW1": 0.101, "SLOW2": 0.401}[self._rate]

    def _measure(self) -> str:
        """Complete a measurement."""
        self._value_at = asyncio.get_running_loop().time()
        self._value = self._value_now()
        return self._value

    def _value_now(self) -> str:
        device, leads = self.device, self.leads
        if leads.sense(device, Quantity.SENSE_OPEN):
            return FAULT
        truth = leads.sense(device, Quantity.FOUR_WIRE)
        if not math.isfinite(truth):
            return f"+{OVER_RANGE}"
        if self._auto:
            self._range = next((each for each in RANGES if abs(truth) <= each.ohms), RANGES[-1])
        scale = self._range
        noise = scale.of_range_fast if self._rate == "FAST" else scale.of_range
        value = truth * (1 + self._skew * scale.of_reading) * leads.gain_of(device, "resistance")
        value += leads.offset_of(device, "resistance")
        value += leads.gauss(device, "resistance") * noise / 4 * scale.ohms
        if abs(value) > _FULL * scale.ohms:
            return ("-" if value < 0 else "+") + OVER_RANGE
        return scale.spell(value)

    async def _trigger(self) -> None:
        await asyncio.sleep(self.integration)
        self._measure()

    async def _read(self) -> str:
        if self._source != "IMM":
            raise ScpiError(-200, "Execution error")
        await asyncio.sleep(self.integration)
        return self._measure()

    def _fetch(self) -> str:
        now = asyncio.get_running_loop().time()
        if self._free_run and self._source == "IMM" and now - self._value_at >= self.integration:
            return self._measure()
        if self._value is None:
            raise ScpiError(-200, "Execution error")
        return self._value

    def _set_range(self, ohms: str) -> None:
        wanted = number(ohms, 0.0, RANGES[-1].ohms, RANGES[-1].ohms)
        self._auto, self._range = False, next(each for each in RANGES if wanted <= each.ohms)

    def _set_auto(self, state: str) -> None:
        self._auto = switch(state)

    def _set_rate(self, rate: str) -> None:
        self._rate = choice(rate, *RATES)

    def _set_free_run(self, state: str) -> None:
        self._free_run = switch(state)

    def _set_source(self, source: str) -> None:
        self._source = choice(source, "IMMediate", "EXTernal")

    def _set_mains(self, hertz: str) -> None:
        if hertz not in {"50", "60"}:
            raise out_of_range()
        self._mains = int(hertz)

    def _set_function(self, name: str) -> None:
        choice(name.strip("\"'"), "RESistance")

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": lambda self: f"HIOKI,RM3545,{self.leads.serial(self.device)},V1.14",
        "*TRG": _trigger,
        "[SENSe:]FUNCtion": _set_function,
        "[SENSe:]FUNCtion?": lambda _: "RESISTANCE",
        "[SENSe:]RESistance:RANGe": _set_range,
        "[SENSe:]RESistance:RANGe?": lambda self: self._range.spell(self._range.ohms)[1:],
        "[SENSe:]RESistance:RANGe:AUTO": _set_auto,
        "[SENSe:]RESistance:RANGe:AUTO?": lambda self: "ON" if self._auto else "OFF",
        "SAMPle:RATE": _set_rate,
        "SAMPle:RATE?": lambda self: "MEDIUM" if self._rate == "MED" else self._rate,
        "SYSTem:LFRequency": _set_mains,
        "SYSTem:LFRequency?": lambda self: str(self._mains),
        "INITiate[:IMMediate]": _trigger,
        "INITiate:CONTinuous": _set_free_run,
        "INITiate:CONTinuous?": lambda self: "ON" if self._free_run else "OFF",
        "TRIGger:SOURce": _set_source,
        "TRIGger:SOURce?": lambda self: "IMMEDIATE" if self._source == "IMM" else "EXTERNAL",
        "READ?": _read,
        "FETCh?": _fetch,
        "ABORt": lambda _: None,
    }


EMULATORS = {"hioki-rm3545": HiokiRm3545}
