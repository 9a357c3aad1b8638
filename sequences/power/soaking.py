"""Soaking: what the burn-in of a rack PDU does with the slot's own instruments only, and what it remembers of the run."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from drivers.errors import InstrumentError
from drivers.power_roles import AcSource, Load, RackPdu
from drivers.reading import Reading
from drivers.roles import InputsOutputs, Scanner
from sequences.power.bay import Bay
from sequences.power.numbers import numbers
from sequences.power.pdu_wiring import PduWiring
from sequences.power.rack_pdu import Pdu
from sequences.power.readings import error, less, percent, together
from sequences.power.trend import slope
from sequences.power.witness import must_agree, must_differ, said

DRAWN = 0.95
"""Of what the load was told that must flow."""
SAGGED = 0.95
"""Of the mains voltage that the source must hold."""
LEAST_PART = 0.1
"""Times an equal part of the load that each outlet of a set must carry: a worn contact carries less, an open one nothing."""
QUARTER = 900.0
"""Seconds over which a trend is told, and looked at at least."""
SAMPLES = 90
"""Looks at the contacts that a trend should have, where a set's turn is long enough."""


@dataclass
class Soaking:
    """The burn-in of one run."""

    structure: Pdu
    wiring: PduWiring
    bay: Bay
    cold: dict[int, Reading] = field(default_factory=dict)
    """What each outlet's meter showed of the load, in percent, when its set had just begun."""
    scanned: Sequence[Reading] = ()
    """What the sensors have said last of the contacts."""

    @property
    def window(self) -> float:
        """Seconds at the end of a set's turn over which its trend is looked at."""
        return min(max(QUARTER, SAMPLES * self.structure.soak.every), self.turn / 2)

    @property
    def turn(self) -> float:
        """Seconds that a set carries its load."""
        return self.structure.soak.hours * 3600.0 / len(self.structure.sets)

    async def begin(self, load: Load, pdu: RackPdu, outlets: Collection[int]) -> None:
        """Let outlets of one branch carry the load together, all others off. Phases that meet at the load would be shorted."""
        if len({self.structure.branch_of[number].outlets for number in outlets}) > 1:
            raise InstrumentError("the jig", f"would join several branches: outlets {sorted(outlets)}")
        await load.release()
        await pdu.switch([n for n in self.structure.outlets if n not in outlets], on=False)
        await pdu.switch(outlets, on=True)
        await asyncio.sleep(self.wiring.settle)
        await self.bay.join({self.wiring.named("source"), *map(self.wiring.load, outlets)})
        await load.draw(self.structure.soak.amps * len(outlets))
        await asyncio.sleep(self.structure.metering.settle)

    async def delivered(self, source: AcSource, outlets: Collection[int]) -> Reading:
        """Amperes that the source delivers to the phase of some outlets of one branch."""
        return await source.amps(self.structure.phase(next(iter(outlets))))

    async def rises(self, sensors: Scanner) -> dict[int, Reading]:
        """Kelvin of each outlet's contacts above the air, in one scan. Raises InstrumentError where a sensor gives no number."""
        contacts = dict(enumerate(numbers(self.wiring.contacts), start=1))
        channels = [contacts[number] for number in self.structure.outlets]
        *read, air = await sensors.scan_thermocouples([*channels, self.wiring.ambient])
        must_differ(self.scanned, read)
        self.scanned = read
        rises = {n: less(each, air, "K") for n, each in zip(self.structure.outlets, read, strict=True)}
        for number, each in rises.items():
            if not each.is_number:
                raise InstrumentError(
                    each.by, f"the thermocouple of outlet {number}, or that in the air, says {each.state}"
                )
        return rises

    async def carries(
        self, load: Load, source: AcSource, sensors: Scanner, io: InputsOutputs, outlets: Collection[int]
    ) -> bool:
        """Whether the outlets still feed the load.

        Raises InstrumentError for an open cover, for mains that are gone, for a load that is too weak, and where the source
        says that it delivers what the load does not draw.
        """
        wanted = self.structure.soak.amps * len(outlets)
        volts, amps = await load.volts(), await load.amps()
        if not volts.is_number or volts.value < 0.5 * self.structure.volts:
            for each in await sensors.scan_ac_volts(numbers(self.wiring.inlets)):
                if not each.is_number or each.value < SAGGED * self.structure.volts:
                    raise InstrumentError(each.by, f"reads {each.value:.4g} V at the inlet: the mains are gone")
            await self.bay.must_be_closed(io)  # what has been taken away is no bad unit
            flows = await self.delivered(source, outlets)
            if not flows.is_number:
                raise InstrumentError(flows.by, f"says {flows.state} of its amperes")
            if flows.value - flows.uncertainty > 0.5 * wanted:
                what = f"disagree: {said(volts)} at the load, and yet {said(flows)} flow"
                raise InstrumentError(f"{volts.by} and {flows.by}", what)
            if not volts.is_number:
                raise InstrumentError(volts.by, f"says {volts.state} of its volts")
            return False
        await self.bay.must_be_closed(io)
        if not amps.is_number or amps.value + amps.uncertainty < DRAWN * wanted:
            raise InstrumentError(amps.by, f"draws {amps.value:.4g} A where it was told {wanted:g} A")
        must_agree(amps, await self.delivered(source, outlets), wanted, self.wiring.agree)
        return True

    async def shares(self, load: Load, pdu: RackPdu, outlets: Collection[int]) -> dict[int, Reading]:
        """What each outlet's own meter shows, in percent of the load's current."""
        amps = await load.amps()
        return {number: percent((await pdu.outlet(number)).amps, amps) for number in outlets}

    async def parted(self, load: Load, pdu: RackPdu, outlets: Collection[int]) -> dict[int, Reading]:
        """The same, cold. Raises InstrumentError where an outlet has not its part of the load: its contacts would stay cool."""
        found = await self.shares(load, pdu, outlets)
        for number, each in found.items():
            part = each.value * len(outlets) / 100.0
            if not part > LEAST_PART:
                said = f"shows {part:.2f} times its part of the load: its contactor to the load, or its meter"
                raise InstrumentError(f"outlet {number}", said)
        return found

    def drift(self, now: dict[int, Reading]) -> Reading:
        """How far the worst of some meters has drifted since it was cold, in percent."""
        drifts = [replace(error(each, self.cold[number]), at=each.at) for number, each in now.items()]
        return max(drifts, key=lambda each: abs(each.value) if each.is_number else float("inf"))


def hottest(rises: dict[int, Reading], among: Iterable[int] = ()) -> tuple[int, Reading]:
    """The outlet with the hottest contacts, and their kelvin above the air."""
    chosen = set(among) or set(rises)
    return max(((number, each) for number, each in rises.items() if number in chosen), key=lambda each: each[1].value)


def trend(times: list[float], rises: list[dict[int, Reading]], outlets: Collection[int]) -> Reading:
    """How fast the fastest of some outlets still warms, in kelvin per quarter of an hour."""
    found = []
    for number in outlets:
        last = rises[-1][number]
        gradient, spread = slope(times, [each[number].value for each in rises])
        found.append(together(gradient * QUARTER, "K/15min", spread * QUARTER, last))
    return max(found, key=lambda each: each.value + each.uncertainty)
