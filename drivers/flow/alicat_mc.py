"""Alicat MC mass flow controller for gas: RS-232, ASCII lines that end with CR, 19200 8N1.

From the public facts of its manual and serial primer. A unit has a letter; `A` asks for its frame, which is
`A +014.70 +025.00 +00.000 +00.000 00.00 Air`: the letter, absolute pressure in psi, degrees Celsius, volumetric flow, mass
flow, set-point, the gas, and then flags. `AS10.00` sets the set-point and answers with a frame too; what is not understood
is answered with `?`. Mass flow is in standard litres per minute, of 25 degrees Celsius and 14.696 psi.

A frame is taken whole or not at all: from the right unit, of the right gas, five numbers, known flags only.
"""

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from drivers.accuracy import Accuracy
from drivers.cooling_roles import FlowController
from drivers.errors import AGAIN, Refused, Unsupported
from drivers.links.line import Lines
from drivers.model import Model
from drivers.reading import Reading, State
from drivers.roles import Identity
from drivers.scpi import reply_of, shown

PSI = 6894.757293168
"""Pascals."""
FULL_SCALE = 20.0
"""Standard litres per minute: the range of the controller on this bench."""
SHOWS_UP_TO = 1.5
"""Times full scale; and some of it backwards."""
DIGIT = 0.005
"""Half of the last digit of a set-point as it is told, litres per minute."""
HOLD, LOCK = "HLD", "LCK"
OVER = frozenset({"MOV", "VOV", "POV", "TOV"})
"""Mass flow, volumetric flow, pressure or temperature is beyond what it measures."""
FLAGS = OVER | {HOLD, LOCK}
ACCURACY = Accuracy(FULL_SCALE, 0.008, 0.002, resolution=0.001)

_NUMBER = r"[+-]?[0-9]{1,6}\.[0-9]{1,4}"
_FRAME = re.compile(
    rf"(?P<unit>[A-Z])(?P<numbers>(?: +{_NUMBER}){{5}}) +(?P<gas>[A-Za-z0-9-]{{1,8}})(?P<flags>(?: +[A-Z]{{3}})*) *"
)
_REFUSAL = re.compile(r"(?:[A-Z] +)?\?")


class Frame(NamedTuple):
    """What one frame says, in SI units but for the flows, which are litres per minute."""

    pascals: float
    celsius: float
    volumetric: float
    mass: float
    set_point: float
    flags: frozenset[str]


@dataclass(frozen=True, slots=True)
class AlicatMc:
    """The controller `unit` on `link`, calibrated for `gas`."""

    link: Lines
    unit: str = "A"
    gas: str = "Air"

    async def identify(self) -> Identity:
        """It is known by its frame: a controller with that letter, set for that gas."""
        await self._ask(self.unit)
        return Identity("Alicat", "MC", "", "")

    async def self_check(self) -> None:
        """Its frame says whether it measures. Raises Refused with its flags."""
        frame = await self._ask(self.unit)
        if wrong := frame.flags & (OVER | {HOLD}):
            raise Refused(self.link.name, f"it says {' '.join(sorted(wrong))}")

    async def let(self, litres_per_minute: float) -> None:
        """Let that much through from now on, read back. Raises Refused when its valve is held or it has another set-point."""
        if not 0.0 <= litres_per_minute <= FULL_SCALE:
            raise Unsupported(
                self.link.name, f"it lets 0 to {FULL_SCALE:g} l/min through, {litres_per_minute:g} are asked"
            )
        await self._ask(f"{self.unit}S{litres_per_minute:.2f}")
        frame = await self._ask(self.unit)
        if HOLD in frame.flags:
            raise Refused(self.link.name, "its valve is held and does not follow the set-point")
        self._check(frame, litres_per_minute)

    async def flow(self) -> Reading:
        """Litres per minute that go through; OVER_RANGE while it says that anything is."""
        frame = await self._ask(self.unit)
        if frame.flags & OVER:
            return Reading(math.nan, "l/min", math.nan, self.link.now(), self.link.name, State.OVER_RANGE)
        return Reading(frame.mass, "l/min", ACCURACY.expanded(frame.mass), self.link.now(), self.link.name)

    async def make_safe(self) -> None:
        """Close the valve: no hold, set-point 0, read back. What did not get through is tried a second time."""
        try:
            await self._close()
        except AGAIN:
            await self._close()

    async def _close(self) -> None:
        frame = await self._ask(f"{self.unit}S0.00", urgent=True)
        if HOLD in frame.flags:
            await self._ask(f"{self.unit}$$C")  # cancels a hold, which would keep the valve where it is
        frame = await self._ask(self.unit)
        if HOLD in frame.flags:
            raise Refused(self.link.name, "its valve is still held")
        self._check(frame, 0.0)

    def _check(self, frame: Frame, wanted: float) -> None:
        if abs(frame.set_point - wanted) > DIGIT * 1.001:
            raise Refused(self.link.name, f"told to let {wanted:.2f} l/min through, it has {frame.set_point:g}")

    async def _ask(self, command: str, *, urgent: bool = False) -> Frame:
        reply = await self.link.query(command, urgent=urgent)
        if _REFUSAL.fullmatch(reply):
            raise Refused(self.link.name, f"it does not understand {command!r}")
        with reply_of(self.link.name):
            return frame_of(reply, self.unit, self.gas)


def frame_of(text: str, unit: str, gas: str) -> Frame:
    """The frame of that unit and that gas that `text` is; a ValueError otherwise."""
    found = _FRAME.fullmatch(text)
    if found is None or found["unit"] != unit:
        raise ValueError(f"not a frame of unit {unit}: {shown(text)}")
    if found["gas"] != gas:
        raise ValueError(f"it is set for {found['gas']}, not for {gas}: {shown(text)}")
    flags = frozenset(found["flags"].split())
    if flags - FLAGS:
        raise ValueError(f"flags that nobody knows: {shown(text)}")
    psi, celsius, volumetric, mass, set_point = (float(each) for each in found["numbers"].split())
    if psi < 0.0 or abs(mass) > SHOWS_UP_TO * FULL_SCALE or not 0.0 <= set_point <= SHOWS_UP_TO * FULL_SCALE:
        raise ValueError(f"numbers that it cannot mean: {shown(text)}")
    return Frame(psi * PSI, celsius, volumetric, mass, set_point, flags)


MODELS = (
    Model(
        name="alicat-mc",
        title="Alicat MC mass flow controller, 20 l/min of air",
        connect=AlicatMc,
        roles=(FlowController,),
        ends_with=b"\r",
        replies_end_with=b"\r",
        within=1.0,
        links=("serial", "tcp"),
        baudrate=19200,
        parity="N",
        rung="simulated",
        accuracy="engineering practice: 0.8 % of reading + 0.2 % of full scale (Alicat's usual figures)",
        source="Alicat MC-series manual, page 43 (quick serial command guide); Alicat serial primer, rev. 2; numat/alicat",
        gaps=(
            "accuracy: no data sheet was found in public stores",
            "full scale 20 l/min; unit letter A; gas Air: as the bench has it",
            "its reference conditions, 25 degrees Celsius and 14.696 psi, are a setting of the instrument",
            "it has no answer that never changes: after a late reply its link relies on silence, and on frames being alike",
            "a hold is cancelled by A$$C, the command of older firmware; newer firmware has AC",
        ),
    ),
)
