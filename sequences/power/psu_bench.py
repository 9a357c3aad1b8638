"""The bench for power supplies: one unit, its jig, and what its roles can do together."""

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from drivers.errors import BadReply, InstrumentError
from drivers.power_roles import AcSource, Electrical, Load, PowerMeter, SafetyTester
from drivers.reading import Reading
from drivers.roles import Identity, InputsOutputs, Matrix, Operator, RegisterBank, Voltmeter
from sequences.power.bay import Bay
from sequences.power.psu_wiring import PsuWiring
from sequences.power.resting import restless
from sequences.power.supply import Psu
from sequences.power.witness import moving
from sequences.sequence import SafeOrder
from sequences.uut import Uut

SHARED = (
    "hv", "hv_reference", "bond", "bond_reference", "voltmeter", "proving_dc", "proving_ac", "output", "shunt", "reference",
)  # fmt: skip
"""The contactors behind which instruments are that other bays use, too."""
SURGE = 20.0
"""Amperes to which the source is limited: a supply takes a surge when it starts."""
STARTS_WITHIN = 5.0
"""Seconds that a supply needs from mains to output."""
DRAWN, SHORT = 0.97, 0.15
"""Of what the load was told that must flow, less some amperes: with less the station is at fault."""
SAGGED = 0.95
"""Of the mains voltage that the source must hold."""
TOP_SHUNT = 0.1
"""Volts that its shunt can have at most."""
TOP_VOLTS = 100.0
"""That the output can have at most."""


@dataclass
class PsuBench:
    """The fixture of power supplies. It lives for one run and remembers what the run has found out."""

    SAFE_ORDER: ClassVar[SafeOrder] = (
        ("safety",),
        ("load",),
        ("source",),
        ("contactors", "psu"),
        ("io", "voltmeter", "reference"),
        ("operator",),
    )

    structure: Psu
    wiring: PsuWiring
    uut: Uut
    psu: RegisterBank
    safety: SafetyTester
    source: AcSource
    load: Load
    reference: PowerMeter
    voltmeter: Voltmeter
    contactors: Matrix
    io: InputsOutputs
    operator: Operator
    explained: bool = False
    """Whether a finding has named what alarms and temperatures follow from."""
    known: Identity | None = None
    """Who the unit has said it is."""
    cold: Reading | None = None
    """The output before it was loaded."""
    last: Reading | None = None
    """What the voltmeter has said last of the output."""

    @cached_property
    def bay(self) -> Bay:
        """Its contactors, its cover, and the safety tests."""
        return Bay.of(self.structure, self.wiring, self.contactors, map(self.wiring.named, SHARED))

    def kept(self) -> Mapping[str, str]:
        """While nobody has measured that the unit is discharged the DANGER lamp stays lit."""
        return self.bay.kept

    def doubt(self) -> None:
        """Nobody has measured that the unit is discharged: the lamp stays lit until somebody does."""
        self.bay.lit, self.bay.discharged = True, False

    async def rests(self) -> list[str]:
        """Nothing is drawn, fed, or left charged."""
        return await restless(self.bay, self.load, self.source, self.voltmeter)

    async def rest(self) -> None:
        """Take the unit off everything that another slot may share."""
        await self.bay.rest()

    async def start(self) -> None:
        """Feed the unit, the meters being there. The cover must be closed."""
        await self.bay.must_be_closed(self.io)
        await self.load.release()
        await self.source.off()
        await self.meet()
        await self.source.energise((self.structure.volts, 0.0, 0.0), hertz=self.structure.hertz, limit=SURGE)
        await asyncio.sleep(STARTS_WITHIN)

    async def meet(self) -> None:
        """Source, reference meter, load and voltmeter at the unit."""
        await self._join("output")

    async def _join(self, voltmeter: str) -> None:
        await self.bay.join([self.wiring.named(name) for name in ("source", "reference", "load", voltmeter)])

    async def draw(self, amps: float) -> None:
        """Draw a current from the output, or none, and wait until the unit's own readings have settled."""
        if amps:
            await self.load.draw(amps)
        else:
            await self.load.release()
        await asyncio.sleep(self.structure.settle)

    async def output(self) -> Reading:
        """Volts of the output by the voltmeter. Raises InstrumentError where it says what it said of another load."""
        self.last = await moving(lambda: self.voltmeter.dc_volts(TOP_VOLTS), self.last)
        return self.last

    async def shunted(self) -> Reading:
        """Amperes through the jig's shunt, by the voltmeter, which is at the output again afterwards."""
        part = self.wiring.shunt
        await self._join("shunt")
        read = await self.voltmeter.dc_volts(TOP_SHUNT)
        await self._join("output")
        amps = read.value / part.ohms
        return Reading(
            amps, "A", math.hypot(read.uncertainty / part.ohms, part.tolerance * amps), read.at, read.by, read.state
        )

    async def inlet(self, watts: float) -> Electrical:
        """What the reference says of the inlet, where about that power goes in.

        Raises InstrumentError for a reversed clamp and for a source that sags.
        """
        amps = max(0.3, 1.05 * watts / self.structure.volts)
        await self.reference.prepare(volts=1.02 * self.structure.volts, amps=amps)
        true = await self.reference.electrical()
        if true.watts.is_number and true.watts.value < 0:
            raise InstrumentError(true.watts.by, f"reads {true.watts.value:.4g} W: its current clamp is reversed")
        if true.volts.value + true.volts.uncertainty < SAGGED * self.structure.volts:
            raise InstrumentError(true.volts.by, f"reads {true.volts.value:.4g} V at the inlet: the source sags")
        return true

    async def drawn(self, amps: float) -> Reading:
        """Amperes that the load says flow. Raises InstrumentError when it draws less than it was told."""
        read = await self.load.amps()
        if not read.is_number or read.value + read.uncertainty < DRAWN * amps - SHORT:
            raise InstrumentError(read.by, f"draws {read.value:.4g} A where it was told {amps:g} A")
        return read

    async def still_itself(self) -> None:
        """Raise BadReply where the unit calls itself otherwise than before: its words do not arrive as they are meant."""
        now = await self.psu.identify()
        self.known = self.known or now
        if now != self.known:
            raise BadReply("the unit", f"calls itself {now}, and has called itself {self.known}")

    async def says(self, *quantities: str) -> Mapping[str, Reading]:
        """What the unit says of quantities, all from one round of requests. Raises BadReply for what is no number."""
        names = {quantity: self.structure.registers[quantity] for quantity in quantities}
        values = await self.psu.values(list(names.values()))
        await self.still_itself()
        await self.bay.must_be_closed(self.io)  # what has been taken away, or switched off by its cover, is no bad unit
        said: dict[str, Reading] = {}
        for quantity, name in names.items():
            value = values[name]
            if not isinstance(value, Reading):
                raise BadReply("the unit", f"says of {name} what is no number")
            said[quantity] = value
        return said
