"""Eastron SDM630 three-phase energy meter: Modbus RTU over RS-485, 9600 8N1 as it leaves the factory.

From the public facts of its protocol document (v2.0): every value is a float of two input registers (function 4), high
word first; at most 40 of them in a request; 60 ms of silence between requests. Registers 0 to 71 hold the phases'
volts, amperes and watts and the frequency, so one request takes all that `electrical` says: one moment, one update.

A meter whose words come the other way round, or which counts its registers from 1, is found out by registers of known
magnitude: the frequency, and where no mains is connected, the wiring that it is set to, which is 1, 2 or 3.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from drivers.accuracy import Accuracy
from drivers.errors import BadReply, Unsupported, WrongInstrument
from drivers.links.registers import Registers
from drivers.model import Model
from drivers.power_roles import Electrical, PowerMeter
from drivers.reading import Reading, State
from drivers.roles import Identity
from drivers.scpi import reply_of
from drivers.words import float32, measured, shown, uint32

VOLTS, AMPS, WATTS, HERTZ = 0x00, 0x06, 0x0C, 0x46
"""Input registers of phase 1; phases 2 and 3 follow, two registers each. There is one frequency."""
BLOCK = HERTZ + 2
"""Registers of one request: 36 values."""
SYSTEM_TYPE, SERIAL = 0x000A, 0xFC00
"""Holding registers: how it is wired (1 = 1p2w, 2 = 3p3w, 3 = 3p4w, a float), and its serial number (unsigned)."""
PHASES = 3
MOST_VOLTS, MOST_AMPS = 289.0, 100.0
"""Phase to neutral and direct connection, of the user manual: it measures 100 to 289 V and up to 100 A."""
LEAST_VOLTS = 100.0
SHOWS_UP_TO = 1.2
"""Times the greatest: what is beyond it cannot have been measured."""
MAINS = (45.0, 66.0)
"""Hertz that it can see; 0 where nothing is connected."""
BASIC_AMPS = 10.0
"""The basic current Ib of a 10(100) A meter."""

# IEC 62053-21, table 4, class 1, per unit of the reading: from 0.1 Ib at power factor 1 and from 0.2 Ib at 0.5 lagging
# or 0.8 leading 1 %, below that and down to 0.05 Ib 1.5 %. Below 0.05 Ib, and below power factor 0.5, the standard
# promises nothing: there the limit at that point, in watts, is taken.
CLASS, CLASS_BELOW = 0.010, 0.015
CLASS_FROM, STARTS = 0.2 * BASIC_AMPS, 0.05 * BASIC_AMPS
LEAST_POWER_FACTOR = 0.5
VOLTAGE = Accuracy(MOST_VOLTS, CLASS, 0.0)
CURRENT = Accuracy(MOST_AMPS, CLASS, 0.0)
FREQUENCY = Accuracy(0.0, 0.0, 0.0, floor=0.1)


@dataclass(frozen=True, slots=True)
class EastronSdm630:
    """The meter on `link`."""

    link: Registers

    async def identify(self) -> Identity:
        """Its serial number, and proof that its registers are where they are expected. Raises WrongInstrument."""
        serial = uint32(await self.link.read_holding(SERIAL, 2))
        words = await self.link.read_input(HERTZ, 2)
        hertz = float32(words)
        if hertz == 0.0 or math.isnan(hertz):
            words = await self.link.read_holding(SYSTEM_TYPE, 2)
            known, what = float32(words) in {1.0, 2.0, 3.0}, "wiring"
        else:
            known, what = MAINS[0] <= hertz <= MAINS[1], "frequency"
        if not known or not serial:
            said = (
                f"serial number {serial}, {what} {float32(words):g} ({shown(words)}): "
                "another word order, another address, another device"
            )
            raise WrongInstrument(self.link.name, said)
        return Identity("Eastron", "SDM630", str(serial), "")

    async def self_check(self) -> None:
        """It has no way to say how it is, but it must still be itself."""
        await self.identify()

    async def prepare(self, *, volts: float, amps: float) -> None:
        """It has no ranges. Raises Unsupported for what it cannot measure."""
        if not 0.0 <= volts <= MOST_VOLTS or not 0.0 <= amps <= MOST_AMPS:
            most = f"{MOST_VOLTS:g} V and {MOST_AMPS:g} A"
            raise Unsupported(self.link.name, f"it measures up to {most}, {volts:g} V and {amps:g} A are asked")

    async def electrical(self, phase: int = 1) -> Electrical:
        """What it measures now of one phase, from one request."""
        if phase not in range(1, PHASES + 1):
            raise Unsupported(self.link.name, f"it has no phase {phase}")
        words = await self.link.read_input(0, BLOCK)
        at = 2 * (phase - 1)
        volts = self._value(words, VOLTS + at, MOST_VOLTS)
        amps = self._value(words, AMPS + at, MOST_AMPS)
        watts = self._value(words, WATTS + at, MOST_VOLTS * MOST_AMPS)
        hertz = self._value(words, HERTZ, MAINS[1])
        if hertz != 0.0 and hertz < MAINS[0]:
            raise BadReply(self.link.name, f"a frequency of {hertz:g} Hz")
        return Electrical(
            self._reading(volts, "V", VOLTAGE.expanded(max(abs(volts), LEAST_VOLTS))),
            self._reading(amps, "A", CURRENT.expanded(max(abs(amps), STARTS))),
            self._reading(watts, "W", _watts(watts, volts, amps)),
            self._reading(hertz, "Hz", FREQUENCY.expanded(hertz)),
        )

    async def make_safe(self) -> None:
        """It drives nothing: it is safe as it is."""

    def _value(self, words: Sequence[int], at: int, most: float) -> float:
        """The number at `at`; NaN where it has none."""
        with reply_of(self.link.name):
            value, _ = measured(words[at : at + 2], SHOWS_UP_TO * most)
        return value

    def _reading(self, value: float, unit: str, uncertainty: float) -> Reading:
        if not math.isfinite(value + uncertainty):
            return Reading(math.nan, unit, math.nan, self.link.now(), self.link.name, State.NO_READING)
        return Reading(value, unit, uncertainty, self.link.now(), self.link.name)


def _watts(watts: float, volts: float, amps: float) -> float:
    """Expanded uncertainty of active power by its class; NaN when volts or amperes are not known."""
    share = CLASS if abs(amps) >= CLASS_FROM else CLASS_BELOW
    apparent = max(abs(volts), LEAST_VOLTS) * max(abs(amps), STARTS)
    basis = max(abs(watts), LEAST_POWER_FACTOR * apparent)
    return Accuracy(0.0, share, 0.0).expanded(basis) if math.isfinite(volts * amps) else math.nan


MODELS = (
    Model(
        name="eastron-sdm630",
        title="Eastron SDM630 three-phase energy meter",
        connect=EastronSdm630,
        roles=(PowerMeter,),
        within=1.0,
        speaks="registers",
        links=("modbus-rtu", "modbus-tcp"),
        baudrate=9600,
        parity="N",
        after_command=0.06,
        after_query=0.06,
        rung="simulated",
        accuracy="IEC 62053-21 class 1 (SDM630-Modbus V2 user manual V1.5: better than class 1)",
        source="SDM630 Modbus protocol v2.0 as transcribed by nmakel/sdm_modbus; SDM630-Modbus V2 user manual V1.5",
        gaps=(
            "volts and amperes: 1 % of reading, that of the power which is their product; hertz: 0.1 Hz",
            "basic current 10 A; below 0.5 A, 100 V or power factor 0.5 the limit of error at that point",
            "how often it measures is not public: whoever changes a load waits before asking",
        ),
    ),
)
