"""Raritan and Server Technology rack PDUs with Xerus firmware: their own Modbus TCP interface.

It is (part of) the unit under test, so nothing it says is trusted: its meter is what is being measured, and its idea of
an outlet says nothing of the contact. From the public parts of "Xerus Modbus Interface" (4.0.40): holding registers by
function 3 (there is no function 4), outlets by coils (functions 1, 5, 15), addresses from 0, numbers of two registers big
endian. The first block counts inlets and outlets. Each inlet and outlet has a block of 256 registers: the stride of
outlets is that of public code which has read a PX3; those of the inlets follow it.

The uncertainty of its numbers is their last digit: how well its meter measures is what a test finds out.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import NamedTuple

from drivers.errors import BadReply, Refused, Unsupported, WrongInstrument
from drivers.links.registers import Registers
from drivers.model import Model
from drivers.power_roles import Electrical, RackPdu
from drivers.reading import Reading, State
from drivers.roles import Identity
from drivers.scpi import reply_of
from drivers.words import float32, last_digit, measured, shown

LAYOUT, LAYOUT_SIZE = 0x0000, 5
"""The version of the registers (major and minor byte), then how many inlets, protectors, outlets, transfer switches.

One without outlets is no rack PDU, and is what a register too far looks like: there are seldom transfer switches."""
INLETS, INLETS_END, OUTLETS, OUTLETS_END = 0x3000, 0x4000, 0x8000, 0x10000
"""Where the blocks of inlets and of outlets are."""
STRIDE = 0x100
"""Registers of one inlet or outlet. Of outlets known, of inlets engineering practice."""
VOLTS, AMPS, WATTS, HERTZ = 8, 10, 18, 34
"""Within a block; one request takes all four."""
OUTLET_COILS = 0x0000
"""The coil of outlet 1; the others follow. Engineering practice: the coil map is not public."""
MOST_INLETS, MOST_OUTLETS = (INLETS_END - INLETS) // STRIDE, (OUTLETS_END - OUTLETS) // STRIDE
MAINS = (45.0, 66.0)
"""Hertz at an inlet that is fed; the known magnitude by which another word order is found out."""
MOST_VOLTS, MOST_AMPS, MOST_HERTZ = 1000.0, 1000.0, 100.0
"""No rack PDU measures more: it is another register, or another word order."""


class Layout(NamedTuple):
    """What the PDU says it is made of."""

    version: str
    inlets: int
    outlets: int


@dataclass(slots=True)
class RaritanXerus:
    """The management interface on `link`. What it counts is asked once after each `identify`."""

    link: Registers
    _layout: Layout | None = field(default=None, init=False)

    async def identify(self) -> Identity:
        """What it is made of is all that it says of itself by Modbus. Raises WrongInstrument for no such PDU."""
        self._layout = None
        version, inlets, _, outlets, _ = await self.link.read_holding(LAYOUT, LAYOUT_SIZE)
        if not (version and 1 <= inlets <= MOST_INLETS and 1 <= outlets <= MOST_OUTLETS):
            said = f"registers of version {version:#06x} with {inlets} inlets and {outlets} outlets are of no Xerus PDU"
            raise WrongInstrument(self.link.name, said)
        words = await self.link.read_holding(INLETS + HERTZ, 2)
        hertz = float32(words)
        if math.isfinite(hertz) and hertz != 0.0 and not MAINS[0] <= hertz <= MAINS[1]:
            said = f"its frequency is {hertz:g} ({shown(words)}): another word order or another device"
            raise WrongInstrument(self.link.name, said)
        self._layout = Layout(f"{version >> 8}.{version & 0xFF}", inlets, outlets)
        return Identity("Raritan", "Xerus", "", f"registers {self._layout.version}")

    async def self_check(self) -> None:
        """It has no way to say how it is, but it must still be itself."""
        known = self._layout
        await self.identify()
        if known is not None and known != self._layout:
            raise Refused(self.link.name, f"it was {known} and is {self._layout} now")

    async def outlets(self) -> int:
        """How many outlets it says it has."""
        return (await self._known()).outlets

    async def switch(self, outlets: Collection[int], *, on: bool) -> None:
        """Command outlets, one after the other in ascending order. What they did is for the test to find out."""
        count = await self.outlets()
        if wrong := sorted(number for number in outlets if number not in range(1, count + 1)):
            raise Unsupported(self.link.name, f"it has {count} outlets, none of them number {wrong[0]}")
        for number in sorted(set(outlets)):
            await self.link.write_coil(OUTLET_COILS + number - 1, on=on)

    async def switched(self) -> tuple[bool, ...]:
        """Which outlets it believes to be on, the first first."""
        count = await self.outlets()
        return await self.link.read_coils(OUTLET_COILS, count)

    async def outlet(self, number: int) -> Electrical:
        """What its own meter says of one outlet."""
        count = await self.outlets()
        if number not in range(1, count + 1):
            raise Unsupported(self.link.name, f"it has {count} outlets, none of them number {number}")
        return await self._electrical(OUTLETS + STRIDE * (number - 1))

    async def inlet(self, phase: int) -> Electrical:
        """What its own meter says of one inlet phase, which is a block of its own in a PDU that counts each phase."""
        count = (await self._known()).inlets
        if phase not in range(1, count + 1):
            said = f"it counts {count} inlets; where it keeps the phases of one is not public, phase {phase} is asked"
            raise Unsupported(self.link.name, said)
        return await self._electrical(INLETS + STRIDE * (phase - 1))

    async def make_safe(self) -> None:
        """Nothing can be made safe by the unit under test: the source that feeds it is switched off, and proves it."""

    async def _known(self) -> Layout:
        if self._layout is None:
            await self.identify()
        if self._layout is None:
            raise BadReply(self.link.name, "it does not say what it is made of")
        return self._layout

    async def _electrical(self, block: int) -> Electrical:
        first = block + VOLTS
        words = await self.link.read_holding(first, HERTZ + 2 - VOLTS)

        def reading(at: int, unit: str, most: float) -> Reading:
            with reply_of(self.link.name):
                value, state = measured(words[at - VOLTS : at - VOLTS + 2], most)
            digit = last_digit(value) / math.sqrt(3.0) if state is State.OK else math.nan  # k = 2, rectangular
            return Reading(value, unit, digit, self.link.now(), self.link.name, state)

        return Electrical(
            reading(VOLTS, "V", MOST_VOLTS),
            reading(AMPS, "A", MOST_AMPS),
            reading(WATTS, "W", MOST_VOLTS * MOST_AMPS),
            reading(HERTZ, "Hz", MOST_HERTZ),
        )


MODELS = (
    Model(
        name="raritan-xerus",
        title="Raritan or Server Technology rack PDU (Xerus)",
        connect=RaritanXerus,
        roles=(RackPdu,),
        within=2.0,
        speaks="registers",
        links=("modbus-tcp",),
        rung="simulated",
        accuracy="none is claimed of the unit's own meter: its uncertainty is the last digit of its numbers",
        source=(
            "Xerus Modbus Interface 4.0.40 and PX2/PX3 Modbus Interface 3.6.1 (Raritan), as far as public; "
            "the stride of outlets and the word order: public code of C. Cicconetti, tested with a PX3-5190NR"
        ),
        gaps=(
            "coils of the outlets: from 0, one after the other",
            "blocks of the inlets: 256 registers like those of the outlets",
            "phases of one inlet (its poles): refused; each phase is read where it is counted as an inlet of its own",
            "serial number: only by function 43, which the link does not carry",
        ),
    ),
)
