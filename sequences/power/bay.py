"""A bay: the contactors, the cover and the lamp of one slot, and the safety tests of the unit that lies in it.

Shared instruments are handed in by the steps that hold them; they reach the unit through the bay's contactors only.
"""

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from drivers.errors import InstrumentError
from drivers.power_roles import Proof, SafetyTester
from drivers.reading import Reading
from drivers.roles import Crosspoint, InputsOutputs, Matrix, Voltmeter
from sequences.power.parts import Bond, Insulation, Proving, ProvingVolts, Withstand
from sequences.power.switchboard import Switchboard

OVER = 1.05
"""Times what is asked that is set, so that a tester's own error leaves no less."""
LONGER = 0.3
"""Seconds that a test lasts longer than asked, for the tester's clock."""
PROVING_VOLTS = 1000.0
"""At the jig's high-voltage resistor."""
MAINS = 50.0
MOST_DIRECT, MOST_ALTERNATING = 1000.0, 750.0
"""Volts that may be left at worst: the ranges in which they are measured, and in which the voltmeter is proven."""
TOUCHABLE = 60.0
"""Volts below which a hand may come near."""
DRAINS_WITHIN = 15.0
"""Seconds that charges may take to go."""
MOST_OHMS = 0.6
"""That are asked of the tester at most as a limit of a ground bond."""


class Safe(Protocol):
    """What a product says of its safety tests."""

    @property
    def bond(self) -> Bond: ...  # noqa: D102
    @property
    def withstand(self) -> Withstand: ...  # noqa: D102
    @property
    def insulation(self) -> Insulation: ...  # noqa: D102


class Wired(Protocol):
    """What a jig says of its contactors and parts."""

    @property
    def cards(self) -> list[str]: ...  # noqa: D102
    @property
    def bond_reference(self) -> Proving: ...  # noqa: D102
    @property
    def hv_reference(self) -> Proving: ...  # noqa: D102
    @property
    def proving(self) -> ProvingVolts: ...  # noqa: D102
    @property
    def cover(self) -> int: ...  # noqa: D102
    @property
    def lamp(self) -> int: ...  # noqa: D102
    @property
    def release(self) -> int: ...  # noqa: D102
    @property
    def settle(self) -> float: ...  # noqa: D102
    def named(self, name: str) -> Crosspoint: ...  # noqa: D102


@dataclass
class Bay:
    """One bay for one run. `discharged` is what a proven voltmeter has found last; `lit`: the lamp warns."""

    product: Safe
    wiring: Wired
    switchboard: Switchboard
    shared: frozenset[Crosspoint]
    """The contactors behind which shared instruments are."""
    discharged: bool = False
    lit: bool = False

    @classmethod
    def of(cls, product: Safe, wiring: Wired, matrix: Matrix, shared: Iterable[Crosspoint]) -> "Bay":
        """The bay behind a matrix of contactors."""
        return cls(product, wiring, Switchboard(matrix, wiring.settle), frozenset(shared))

    async def rest(self) -> None:
        """Take the unit off everything that another slot may share."""
        await self.switchboard.set(self.switchboard.closed - self.shared)

    async def guard(self, io: InputsOutputs) -> None:
        """Light the lamp and let the interlock through, the cover being closed. Raises InstrumentError for an open one."""
        await self.must_be_closed(io)
        self.lit = True
        await io.set_output(self.wiring.lamp, on=True)
        await io.set_output(self.wiring.release, on=True)

    async def must_be_closed(self, io: InputsOutputs) -> None:
        """Raise InstrumentError when the cover is open."""
        if not (await io.inputs())[self.wiring.cover]:
            raise InstrumentError("the cover", "is open, so nothing may be energised")

    async def open_up(self, io: InputsOutputs) -> None:
        """Lock the tester and put the lamp out. Raises InstrumentError unless the unit was found discharged."""
        await io.set_output(self.wiring.release, on=False)
        if not self.discharged:
            raise InstrumentError("the unit", "was not measured to be discharged: keep the cover closed")
        await io.set_output(self.wiring.lamp, on=False)
        self.lit = False

    @property
    def kept(self) -> dict[str, str]:
        """The roles that must be left as they are, and why: the lamp of a unit that nobody has found discharged."""
        return {"io": "keeps its lamp lit: nobody has measured that the unit is discharged"} if self.lit else {}

    async def bond(self, safety: SafetyTester, path: Crosspoint, highest: float) -> Proof:
        """The ground bond of a path from the inlet's earth."""
        test = self.product.bond
        await self.switchboard.set({path})
        return await safety.ground_bond(
            amperes=test.amps * OVER, seconds=test.seconds + LONGER, highest=min(highest, MOST_OHMS)
        )

    async def proven_bond(self, safety: SafetyTester) -> Proof:
        """The ground bond of the jig's own resistor."""
        part = self.wiring.bond_reference
        return await self.bond(safety, self.wiring.named("bond_reference"), part.ohms * (1 + part.tolerance))

    async def proven_lead(self, safety: SafetyTester) -> Proof:
        """The current through the jig's own high-voltage resistor."""
        part = self.wiring.hv_reference
        nominal = PROVING_VOLTS / part.ohms
        await self.switchboard.set({self.wiring.named("hv_reference")})
        return await safety.withstand(
            volts=PROVING_VOLTS,
            hertz=MAINS,
            seconds=1.0,
            highest=nominal * (1 + part.tolerance),
            lowest=nominal * (1 - part.tolerance),
        )

    async def withstand(self, safety: SafetyTester, highest: float, lowest: float, of: float = 1.0) -> Proof:
        """The withstand test of the unit, or with `of` that part of its volts."""
        test = self.product.withstand
        await self.switchboard.set({self.wiring.named("hv")})
        return await safety.withstand(
            volts=2.0 * round(test.volts * OVER * of / 2.0),
            hertz=test.hertz,
            seconds=test.seconds + LONGER,
            highest=highest,
            lowest=lowest,
        )

    async def insulation(self, safety: SafetyTester, lowest: float) -> Proof:
        """The insulation test of the unit, at the next 50 V above what is asked and the margin."""
        test = self.product.insulation
        await self.switchboard.set({self.wiring.named("hv")})
        volts = min(1000.0, 50.0 * -(-test.volts * OVER // 50.0))
        return await safety.insulation(volts=volts, seconds=max(1.0, test.seconds) + LONGER, lowest=lowest)

    async def proofs(self, voltmeter: Voltmeter) -> tuple[dict[str, Reading], dict[str, Reading]]:
        """What the voltmeter reads of the jig's proving voltages, and of nothing: each by `dc` and `ac`.

        Direct current is nothing to a meter of alternating current, and the other way round: so both functions show both.
        """
        there: dict[str, Reading] = {}
        absent: dict[str, Reading] = {}
        for here, contactor in (("dc", "proving_dc"), ("ac", "proving_ac")):
            await self.switchboard.set({self.wiring.named(contactor)})
            read = {"dc": await voltmeter.dc_volts(MOST_DIRECT), "ac": await voltmeter.ac_volts(MOST_ALTERNATING)}
            there[here] = read.pop(here)
            absent |= read
        return there, absent

    async def residual(self, voltmeter: Voltmeter) -> tuple[Reading, Reading, bool]:
        """Volts, of direct and of alternating current, between live conductors and earth, once they are low or time is up.

        And whether they are low. It is worth what the voltmeter is: see `proofs`.
        """
        loop = asyncio.get_running_loop()
        await self.switchboard.set({self.wiring.named("voltmeter")})
        end = loop.time() + DRAINS_WITHIN
        while True:
            direct, alternating = await voltmeter.dc_volts(MOST_DIRECT), await voltmeter.ac_volts(MOST_ALTERNATING)
            low = [each.is_number and abs(each.value) + each.uncertainty < TOUCHABLE for each in (direct, alternating)]
            if all(low) or loop.time() >= end:
                return direct, alternating, all(low)
            await asyncio.sleep(1.0)

    async def join(self, wanted: Collection[Crosspoint]) -> None:
        """Close these contactors and no others."""
        await self.switchboard.set(wanted)
