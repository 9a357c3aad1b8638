"""The bench for rack PDUs: one unit, its jig, and what its roles can do together. Contactors are moved here and in its bay only.

Contactors move without current: the load is released before the set of joined outlets changes.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from drivers.errors import InstrumentError
from drivers.power_roles import AcSource, Electrical, Load, PowerMeter, RackPdu, SafetyTester
from drivers.reading import Reading
from drivers.roles import Crosspoint, InputsOutputs, Matrix, Operator, Scanner, Voltmeter
from sequences.power.bay import Bay
from sequences.power.numbers import numbers
from sequences.power.pdu_wiring import PduWiring
from sequences.power.rack_pdu import PHASES, Pdu
from sequences.power.resting import restless
from sequences.power.soaking import SAGGED, Soaking
from sequences.power.witness import must_differ
from sequences.sequence import SafeOrder
from sequences.uut import Uut

SHARED = ("hv", "hv_reference", "bond_reference", "voltmeter", "proving_dc", "proving_ac", "reference")
"""The contactors behind which instruments are that other bays use, too."""
SURGE = 1.25
"""Times the load that the source may give before it limits."""
LEAST_LIMIT = 5.0
"""Amperes to which the source is limited at least: the unit's own supply."""
DRAWN, SHORT = 0.97, 0.15
"""Of what the load was told that must flow, less some amperes: with less the station is at fault."""


@dataclass
class PduBench:
    """The fixture of rack PDUs. It lives for one run and remembers what the run has found out."""

    SAFE_ORDER: ClassVar[SafeOrder] = (
        ("safety",),
        ("load",),
        ("source",),
        ("contactors", "pdu"),
        ("io", "voltmeter", "reference", "sensors"),
        ("operator",),
    )

    structure: Pdu
    wiring: PduWiring
    uut: Uut
    pdu: RackPdu
    safety: SafetyTester
    source: AcSource
    load: Load
    reference: PowerMeter
    voltmeter: Voltmeter
    contactors: Matrix
    sensors: Scanner
    io: InputsOutputs
    operator: Operator
    explained: set[int] = field(default_factory=set)
    """Outlets that a finding has named: what else is odd about them follows from that."""
    scanned: Sequence[Reading] = ()
    """What the sensors have said last of the outlets, all of them."""

    @cached_property
    def bay(self) -> Bay:
        """Its contactors, its cover, and the safety tests."""
        shared = [self.wiring.named(n) for n in SHARED]
        shared += [self.wiring.earth(number) for number in self.structure.outlets]
        return Bay.of(self.structure, self.wiring, self.contactors, shared)

    @cached_property
    def channels(self) -> dict[int, int]:
        """The sensors' channel of each outlet's voltage."""
        return dict(enumerate(numbers(self.wiring.volts), start=1))

    @cached_property
    def soaking(self) -> Soaking:
        """Its burn-in."""
        return Soaking(self.structure, self.wiring, self.bay)

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

    async def feed(self, *volts: float, limit: float = LEAST_LIMIT) -> None:
        """Feed the inlet with these volts of L1 to L3 (one number: all three alike). The cover must be closed."""
        await self.bay.must_be_closed(self.io)
        await self.dark()
        await self._join()
        each = volts * 3 if len(volts) == 1 else volts
        await self.source.energise((each[0], each[1], each[2]), hertz=self.structure.hertz, limit=limit)

    async def dark(self) -> None:
        """Draw nothing, feed nothing."""
        await self.load.release()
        await self.source.off()

    async def _join(self, outlets: Iterable[int] = (), *, referred: bool = False) -> None:
        """The inlet at the source, these outlets at the load, and the reference meter in its circuit or not."""
        wanted = {self.wiring.named("source"), *map(self.wiring.load, outlets)}
        if referred:
            wanted.add(self.wiring.named("reference"))
        await self.bay.join(wanted)

    async def switch(self, on: Collection[int]) -> None:
        """Command these outlets on and all others off. The first relay goes off before the next goes on."""
        await self.pdu.switch([n for n in self.structure.outlets if n not in on], on=False)
        await self.pdu.switch(list(on), on=True)
        await asyncio.sleep(self.wiring.settle)

    async def outlet_volts(self) -> dict[int, Reading]:
        """Volts from each outlet's live contact to earth, in one scan. Raises InstrumentError for an open cover."""
        channels = [self.channels[number] for number in self.structure.outlets]
        read = await self.sensors.scan_ac_volts(channels)
        await self.bay.must_be_closed(self.io)  # what has been taken away, or switched off by its cover, is no bad unit
        must_differ(self.scanned, read)
        self.scanned = read
        return dict(zip(self.structure.outlets, read, strict=True))

    async def must_repeat(self, live: Mapping[int, bool], volts: float) -> None:
        """Before outlets are blamed: scanned again, the same ones have `volts` or more. Raises InstrumentError."""
        again = {number: each.is_number and each.value >= volts for number, each in (await self.outlet_volts()).items()}
        if again != live:
            raise InstrumentError("the sensors", "do not find the same outlets live twice, though nothing was switched")

    async def must_see_the_mains(self) -> None:
        """Before outlets are blamed: the sensors still find the mains at the jig's own side. Raises InstrumentError."""
        low, high = self.wiring.supply
        for name, each in (await self.supply_volts()).items():
            if not (each.is_number and low <= each.value <= high):
                raise InstrumentError(each.by, f"reads {each.value:.4g} V at {name} of the inlet, and did not before")

    async def supply_volts(self) -> dict[str, Reading]:
        """Volts at the jig's side of the inlet, by phase."""
        return dict(zip(PHASES, await self.sensors.scan_ac_volts(numbers(self.wiring.inlets)), strict=True))

    async def refer(self, outlet: int, volts: float, amps: float) -> None:
        """Lay one outlet alone to the load and the reference meter, which is made ready for volts and amperes."""
        await self.load.release()
        await self._join([outlet], referred=True)
        await self.reference.prepare(volts=1.1 * volts, amps=1.02 * amps)

    async def draw(self, amps: float, power_factor: float = 1.0) -> None:
        """Let the load draw, and wait until meters have settled."""
        await self.load.draw(amps, power_factor=power_factor)
        await asyncio.sleep(self.structure.metering.settle)

    async def checked(self, true: Electrical, amps: float) -> Electrical:
        """What the reference says of a load of `amps`, when the station did what it was told.

        Raises InstrumentError for a reversed clamp, a weak load and a source that sags.
        """
        if true.watts.is_number and true.watts.value < 0:
            raise InstrumentError(true.watts.by, f"reads {true.watts.value:.4g} W: its current clamp is reversed")
        await self.bay.must_be_closed(self.io)
        drawn = await self.load.amps()
        if true.amps.value + true.amps.uncertainty < DRAWN * amps - SHORT:
            supply = await self.supply_volts()
            low = [name for name, each in supply.items() if each.value < SAGGED * self.structure.volts]
            if low:
                raise InstrumentError(next(iter(supply.values())).by, f"finds that the source sags at {', '.join(low)}")
            said = f"draws {true.amps.value:.4g} A where it was told {amps:g} A"
            raise InstrumentError(drawn.by, said)
        if true.volts.value + true.volts.uncertainty < SAGGED * self.structure.volts:
            await self.must_hold(await self.supply_volts())
        return true

    async def must_hold(self, supply: dict[str, Reading]) -> None:
        """Raise InstrumentError when the source does not hold its voltage under load."""
        for name, each in supply.items():
            if each.value < SAGGED * self.structure.volts:
                raise InstrumentError(each.by, f"reads {each.value:.4g} V at {name} of the inlet: the source sags")

    def path(self, outlet: int) -> Crosspoint:
        """The contactor to an outlet's earth."""
        return self.wiring.earth(outlet)
