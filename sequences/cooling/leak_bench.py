"""The leak bench: one manifold, its jig, and what its roles can do together. Valves are moved here only.

With every output off the jig is vented and nothing fills it; that is where every run begins and ends.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import ClassVar

from drivers.cooling_roles import FlowController, PressureSensor
from drivers.errors import InstrumentError
from drivers.reading import Reading, State
from drivers.roles import InputsOutputs, Operator
from sequences.cooling.gas import Sample, Trend, trend
from sequences.cooling.leak_wiring import LeakWiring
from sequences.cooling.manifold import Manifold
from sequences.cooling.witness import Pulse
from sequences.finding import Finding
from sequences.sequence import SafeOrder
from sequences.uut import Uut

EVERY = 1.0
"""Seconds between two readings of the pressure."""
QUICK = 0.25
"""The same while gas flows in."""
FULL = 0.995
"""The part of the test pressure at which the filling stops: the rest comes while the valves move."""
NEAR = 0.9
"""The part of the test pressure above which it fills slowly: what is filled fast is warm."""
COLLAPSED = 0.9
"""The part of a pressure below which it has not leaked but gone."""
RISING = 0.3
"""Standard cubic centimetres per minute by which no leak can be negative."""
NO_LEAK_LOWER = 100.0
"""Standard cubic centimetres per minute: a pressure that has gone leaks that much or more."""
VENTED = 300.0
"""Pascals above the air at which the jig is vented."""


@dataclass(frozen=True, slots=True)
class Charge:
    """A filling: what went in, how long it took, whether it came to the pressure, and the pressure before it."""

    litres: Reading
    seconds: Reading
    full: bool
    before: Sample


@dataclass
class ManifoldBench:
    """The fixture of manifolds. It lives for one run and remembers what the run has found out."""

    SAFE_ORDER: ClassVar[SafeOrder] = (("flow",), ("valves",), ("couplings",), ("pressure",), ("operator",))

    structure: Manifold
    wiring: LeakWiring
    uut: Uut
    pressure: PressureSensor
    flow: FlowController
    valves: InputsOutputs
    couplings: tuple[InputsOutputs, ...]
    operator: Operator
    gauged: Pulse = field(default_factory=Pulse)
    air: Sample | None = None
    """Pressure and temperature of the vented jig."""
    charge: Charge | None = None
    """The unit's first filling."""
    litres: Reading | None = None
    """Jig, unit and collector together, measured."""
    odd_volume: Finding | None = None
    """What to tell of a volume that was outside its limits, unless a leak explains it."""
    too_much: bool = False
    """It has taken more than it should."""
    header: Reading | None = None
    """The leak with all couplings engaged."""
    mated: bool = False
    """The unit has been put in place by the operator."""
    engaged: frozenset[str] = field(default_factory=frozenset)

    async def rest(self) -> None:
        """It shares no instrument that it could leave in a state."""

    async def valve(self, name: str, *, on: bool) -> None:
        """Switch one of the jig's valves: fill, isolate, vent, leak, through."""
        await self.valves.set_output(getattr(self.wiring, name), on=on)

    async def sample(self) -> Sample:
        """Pressure and temperature now. Raises InstrumentError for a sensor without a number, or one that is stuck."""
        sample = Sample(*await self.pressure.gas())
        if not (sample.pascal.is_number and sample.celsius.is_number):
            raise InstrumentError(sample.pascal.by, "gives no number")
        self.gauged.feel(sample.pascal.by, sample.pascal.value, sample.celsius.value)
        return sample

    async def ready(self) -> None:
        """The cover is closed; a unit is in place exactly if one should be; couplings are as they were told. Raises
        InstrumentError.
        """
        inputs = await self.valves.inputs()
        if not inputs[self.wiring.cover]:
            raise InstrumentError("the cover", "is open")
        if inputs[self.wiring.seat] != self.mated:
            what = "is not in place any more" if self.mated else "is on the bench already: take it off"
            raise InstrumentError("the unit", what)
        await self._must_be_coupled()

    async def couple(self, wanted: Collection[str]) -> None:
        """Engage the couplings of these disconnects, retract all others; each one's switch must agree."""
        names = self.structure.disconnects
        each = self.wiring.couplings_each
        for at, name in enumerate(names):
            if (name in wanted) != (name in self.engaged):
                await self.couplings[at // each].set_output(at % each, on=name in wanted)
        self.engaged = frozenset(wanted)
        await asyncio.sleep(QUICK)
        await self._must_be_coupled()

    async def _must_be_coupled(self) -> None:
        names, each = self.structure.disconnects, self.wiring.couplings_each
        switches = [state for module in self.couplings for state in (await module.inputs())[:each]]
        for name, state in zip(names, switches, strict=False):
            if state != (name in self.engaged):
                told = "engage" if name in self.engaged else "let go"
                raise InstrumentError(f"the coupling of {name}", f"does not {told}, or not any more, as it is told to")

    async def release(self) -> None:
        """Let the gas out; the pressure of the air is what is read then. Raises InstrumentError when it stays in."""
        await self.flow.let(0.0)
        for name in ("fill", "leak", "isolate", "vent"):
            await self.valve(name, on=False)
        last, calm = await self.sample(), 0
        for _ in range(60):
            await asyncio.sleep(EVERY)
            sample = await self.sample()
            still = abs(sample.pascal.value - last.pascal.value) < self.wiring.repeats / 2.0
            calm, last = calm + 1 if still and self._is_air(sample) else 0, sample
            if calm > 2:
                return
        raise InstrumentError(last.pascal.by, f"still says {last.pascal.value:.0f} Pa a minute after venting")

    async def fill(self, goal: float, within: float) -> Charge:
        """Fill what is connected to `goal` pascals, or for `within` seconds."""
        await self.ready()
        await self.valve("vent", on=True)
        await self.valve("fill", on=True)
        loop = asyncio.get_running_loop()
        before = await self.sample()
        began = last = loop.time()
        flow = replace(await self.flow.flow(), value=0.0)
        await self.flow.let(self.wiring.fill_flow)
        litres, spread, full, slow = 0.0, 0.0, False, False
        try:
            while not full and loop.time() - began < within:
                await asyncio.sleep(QUICK)
                previous, flow = flow, await self.flow.flow()
                if not flow.is_number:
                    raise InstrumentError(flow.by, f"says {flow.state} while it fills")
                passed, last = loop.time() - last, loop.time()
                litres += (flow.value + previous.value) / 2.0 * passed / 60.0
                spread += flow.uncertainty * passed / 60.0
                now = await self.sample()
                full = now.pascal.value >= FULL * goal
                if not slow and now.pascal.value >= NEAR * goal:
                    slow = True
                    await self.flow.let(self.wiring.fill_flow / 4.0)
                if now.pascal.value > 1.2 * goal:
                    raise InstrumentError(now.pascal.by, f"says {now.pascal.value:.0f} Pa: the filling does not stop")
        finally:
            try:
                await self.flow.let(0.0)
            finally:  # a controller that does not close is behind a valve that does
                await self.valve("fill", on=False)
        closing = (loop.time() - last) / 2.0
        litres += flow.value * closing / 60.0
        spread += flow.value * max(closing, QUICK / 2.0) / 60.0
        seconds = last - began
        return Charge(
            Reading(litres, "l", spread, last, flow.by),
            Reading(seconds, "s", QUICK, last, now.pascal.by),
            full,
            before,
        )

    async def watch(self, seconds: float) -> Trend | None:
        """The pressure for a while; None where it has collapsed. Raises InstrumentError when a cover opens, a unit goes."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        samples = [await self.sample()]
        while loop.time() < end:
            await asyncio.sleep(EVERY)
            samples.append(await self.sample())
            if samples[-1].pascal.value < COLLAPSED * samples[0].pascal.value:
                break
        await self.ready()
        if samples[-1].pascal.value < COLLAPSED * samples[0].pascal.value or samples[0].pascal.value < 2e5:
            return None
        return trend(samples, self.wiring.tracks)

    async def settle(self, litres: float, limit: float) -> None:
        """Wait until the decay has stopped decaying, or is far below `limit`: heat of filling and give of hoses are over."""
        await asyncio.sleep(self.wiring.settle)
        loop = asyncio.get_running_loop()
        end, last = loop.time() + self.wiring.patience, None
        while loop.time() < end:
            seen = await self.watch(20.0)
            if seen is None:
                return
            leak = seen.leak(litres, 0.0)
            steady = last is not None and abs(leak.value - last.value) <= leak.uncertainty + 0.05 * abs(leak.value)
            if steady or abs(leak.value) + leak.uncertainty < limit / 2.0:
                return
            last = leak

    async def leak(self, seconds: float, litres: Reading) -> tuple[Reading, Reading]:
        """The leak over a while, and by how many kelvins the temperature went.

        A pressure that has gone is AT_LEAST. Raises InstrumentError for one that rises: no leak does that.
        """
        seen = await self.watch(seconds)
        if seen is None:
            sample = await self.sample()
            gone = Reading(NO_LEAK_LOWER, "sccm", 0.0, sample.pascal.at, sample.pascal.by, State.AT_LEAST)
            return gone, Reading(0.0, "K", self.wiring.tracks, sample.pascal.at, sample.pascal.by)
        leak = seen.leak(litres.value, litres.uncertainty)
        drift = Reading(seen.drift, "K", self.wiring.tracks, seen.at, seen.by)
        if abs(seen.drift) + self.wiring.tracks > self.wiring.still:
            raise InstrumentError(
                seen.by,
                f"its temperature went by {seen.drift:+.2f} K during the leak test: no leak can be told from that",
            )
        if leak.value + leak.uncertainty < -RISING:
            raise InstrumentError(seen.by, f"the pressure rises, by {-leak.value:.2g} sccm: gas comes in, or warmth")
        return leak, drift

    @property
    def own_volume(self) -> Reading:
        """Litres of the jig by itself, as its calibration says."""
        by = self.air.pascal.by if self.air is not None else ""
        return Reading(self.wiring.volume, "l", self.wiring.volume_within, 0.0, by)

    async def still_tight(self) -> None:
        """Before a unit is blamed for a leak: shut off from it the jig still holds its pressure. Raises InstrumentError."""
        await self.pressed()
        await self.valve("isolate", on=True)
        await asyncio.sleep(self.wiring.settle)
        leak, _ = await self.leak(self.wiring.blank_window, self.own_volume)
        await self.valve("isolate", on=False)
        if leak.state is not State.OK or leak.value - leak.uncertainty > self.wiring.blank_at_most:
            size = f"{leak.value:.2g}" if leak.state is State.OK else f"more than {leak.value:.0f}"
            raise InstrumentError("the jig", f"leaks {size} sccm by itself, and did not before")

    def volume(self, *, coupled: bool) -> Reading:
        """Litres under test, with the couplings' collector or without. Raises InstrumentError before it was measured."""
        if self.litres is None:
            raise InstrumentError("the bench", "the volume has not been measured in this run")
        return self.litres if coupled else replace(self.litres, value=self.litres.value - self.wiring.collector)

    async def pressed(self) -> Charge | None:
        """Bring what is connected back to the test pressure; None where it was there still."""
        now = await self.sample()
        if now.pascal.value > 0.95 * self.structure.pressure:
            return None
        return await self.fill(self.structure.pressure, 180.0)

    def _is_air(self, sample: Sample) -> bool:
        if self.air is None:
            return True
        return abs(sample.pascal.value - self.air.pascal.value) < VENTED + self.wiring.repeats
