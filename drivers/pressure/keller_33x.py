"""Keller 33X pressure transmitter (X-line): Modbus RTU over RS-485, 9600 8N1.

From the public facts of its communication protocol: holding registers by function 3, floats high word first. The block
from 0x0100 holds P1 in bar and TOB1, the temperature of its sensor, so one request takes both. This one is an absolute
transmitter (PAA-33X): P1 counts from vacuum. A channel that is not there, or that has overflowed, is NaN or infinity.

Another word order, or registers counted from 1, are found out by the block, where pressure and temperature are of known magnitude.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.accuracy import Accuracy
from drivers.cooling_roles import PressureSensor
from drivers.errors import WrongInstrument
from drivers.links.registers import Registers
from drivers.model import Model
from drivers.reading import Reading, State
from drivers.roles import Identity
from drivers.scpi import reply_of
from drivers.words import measured, shown, uint32

PRESSURE, TEMPERATURE = 0x0100, 0x0102
"""The block: P1 in bar, TOB1 in degrees Celsius."""
SERIAL = 0x0202
BAR = 1e5
FULL_SCALE = 10.0
"""Bar: the range of the transmitter on this bench."""
SHOWS_UP_TO = 1.2
"""Times full scale; and what is further below vacuum than the zero can be wrong was not measured either."""
LOWEST = -0.01
COLDEST, HOTTEST = -40.0, 125.0
"""Degrees Celsius at which the transmitter can live: what TOB1 can be."""
ACCURACY = Accuracy(FULL_SCALE * BAR, 0.0, 0.0005)
TEMPERATURE_ACCURACY = Accuracy(0.0, 0.0, 0.0, floor=2.0)


@dataclass(frozen=True, slots=True)
class Keller33x:
    """The transmitter on `link`."""

    link: Registers

    async def identify(self) -> Identity:
        """Its serial number, and proof that its registers are where they are expected. Raises WrongInstrument."""
        serial = uint32(await self.link.read_holding(SERIAL, 2))
        words = await self.link.read_holding(PRESSURE, 4)
        try:
            _, celsius = _values(words)
        except ValueError:
            celsius = math.nan
        if not serial or math.isnan(celsius):
            said = f"serial number {serial}, {shown(words)}: another word order, another address, another device"
            raise WrongInstrument(self.link.name, said)
        return Identity("Keller", "33X", str(serial), "")

    async def self_check(self) -> None:
        """It has no way to say how it is, but it must still be itself."""
        await self.identify()

    async def gas(self) -> tuple[Reading, Reading]:
        """Pascals (absolute) and degrees Celsius of its sensor, from one request."""
        words = await self.link.read_holding(PRESSURE, 4)
        with reply_of(self.link.name):
            bar, celsius = _values(words)
        return (
            self._reading(bar * BAR, "Pa", ACCURACY),
            self._reading(celsius, "degC", TEMPERATURE_ACCURACY),
        )

    async def make_safe(self) -> None:
        """It drives nothing: it is safe as it is."""

    def _reading(self, value: float, unit: str, accuracy: Accuracy) -> Reading:
        if not math.isfinite(value):
            return Reading(math.nan, unit, math.nan, self.link.now(), self.link.name, State.NO_READING)
        return Reading(value, unit, accuracy.expanded(value), self.link.now(), self.link.name)


def _values(words: Sequence[int]) -> tuple[float, float]:
    """Bar and degrees Celsius, NaN where there is none; a ValueError when either cannot have been measured."""
    bar, _ = measured(words[:2], SHOWS_UP_TO * FULL_SCALE)
    celsius, _ = measured(words[2:], HOTTEST)
    if bar < LOWEST or celsius < COLDEST:
        raise ValueError(f"{bar:g} bar and {celsius:g} degrees Celsius cannot have been measured: {shown(words)}")
    return bar, celsius


MODELS = (
    Model(
        name="keller-33x",
        title="Keller PAA-33X absolute pressure transmitter",
        connect=Keller33x,
        roles=(PressureSensor,),
        within=1.0,
        speaks="registers",
        links=("modbus-rtu", "modbus-tcp"),
        baudrate=9600,
        parity="N",
        rung="simulated",
        accuracy="engineering practice: 0.05 % of full scale from 10 to 40 degrees Celsius; 2 K of its thermometer",
        source="KELLER X-line communication protocol 3.7; EnviroDIY/KellerModbus",
        gaps=(
            "accuracy: no data sheet was found in public stores, the maker's usual error band is assumed",
            "range: 10 bar absolute; the register that tells it is not public",
            "its error is one of zero and gain: a difference of two readings of one transmitter is better than it says",
        ),
    ),
)
