"""Air through one branch after another: its pressure drop against its flow."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import median

from drivers.errors import InstrumentError
from drivers.reading import Reading, State
from sequences.cooling.gas import combined
from sequences.cooling.leak_bench import ManifoldBench
from sequences.cooling.leak_quantities import DROP
from sequences.cooling.manifold import Branch, Manifold
from sequences.cooling.resistance import Curve, fit
from sequences.finding import Finding
from sequences.take import Take
from sequences.verdict import Verdict, worst

STEADY = 0.003
"""The part of a drop by which it may still move in `LOOK` seconds."""
LOOK = 2.0
PATIENCE = 120.0
THERE = 0.02
"""The part of a flow by which what goes through may differ from what was asked."""


@dataclass(slots=True)
class Branched:
    """What was measured of one branch: flows in l/min, drops in Pa, how open it is compared with its drawing."""

    flows: list[float] = field(default_factory=list)
    drops: list[float] = field(default_factory=list)
    openness: list[float] = field(default_factory=list)
    last: Reading | None = None
    verdict: Verdict = Verdict.SKIPPED

    @property
    def open(self) -> float:
        """Its flow at equal drop over that of its drawing."""
        return sum(self.openness) / len(self.openness)

    @property
    def shut(self) -> bool:
        """Whether nothing that could be called a flow went through."""
        return self.last is None or self.last.state is State.AT_LEAST

    @property
    def curve(self) -> Curve | None:
        """The curve through what was measured, if there is one."""
        try:
            return fit(self.flows, self.drops)
        except ValueError:
            return None


@asynccontextmanager
async def _air_through(bench: ManifoldBench, name: str) -> AsyncIterator[Reading]:
    """One branch alone in the way of the air: the pressure before any flows. Whatever happens, none flows afterwards."""
    await bench.couple({bench.structure.branches[name].ends})
    await bench.release()
    await bench.ready()
    before = await bench.sample()
    try:
        for valve in ("vent", "fill", "through"):
            await bench.valve(valve, on=True)
        yield before.pascal
    finally:
        await bench.flow.let(0.0)
        await bench.valve("fill", on=False)
        await bench.valve("through", on=False)


async def still_passes(bench: ManifoldBench, measured: Mapping[str, Branched]) -> None:
    """Before branches are called shut: one that let air through still does. Raises InstrumentError where none does."""
    witness = next((name for name, each in measured.items() if not each.shut), None)
    if witness is not None:
        async with _air_through(bench, witness) as before:
            await bench.flow.let(bench.structure.flows[0])
            drop, _ = await _settled(bench, before, bench.structure.flows[0])
        if drop.state is State.OK:
            return
    raise InstrumentError("the bench", "lets no air through any branch: a valve before or behind the unit is shut")


async def branch_drops(bench: ManifoldBench, take: Take, name: str) -> Branched:
    """Let air through one branch alone, at each flow of the product; its drops are taken."""
    branch, found = bench.structure.branches[name], Branched()
    async with _air_through(bench, name) as before:
        for flow in bench.structure.flows:
            await bench.flow.let(flow)
            drop, through = await _settled(bench, before, flow)
            await bench.ready()
            read = _at_nominal(branch, flow, drop, through)
            found.verdict = worst((found.verdict, take(DROP.of(f"{name}@{flow:g}"), read)))
            found.last = read
            if through.value > 0.0:
                found.flows.append(through.value)
                found.drops.append(drop.value)
            asked = max(through.value, 1e-3)
            found.openness.append(math.sqrt(branch.curve.drop(asked) / max(drop.value, 1.0)))
    return found


def shares(bench: ManifoldBench, measured: Mapping[str, Branched]) -> dict[str, Reading]:
    """How open each branch is, over the median of all. One controller and one sensor have measured all of them."""
    middle = median(each.open for each in measured.values())
    wiring, found = bench.wiring, {}
    for name, each in measured.items():
        if each.last is None:
            raise InstrumentError("the bench", f"nothing was measured of {name}")
        noise = [math.hypot(wiring.repeats / drop / 2.0, wiring.flow_repeats) for drop in each.drops]
        share = each.open / middle
        spread = share * math.sqrt(2.0) * max(noise, default=1.0)
        found[name] = Reading(share, "1", spread, each.last.at, each.last.by)
    return found


def odd_branches(structure: Manifold, measured: Mapping[str, Branched], odd: Iterable[str]) -> list[Finding]:
    """A finding for each odd branch: debris if it takes too little, a wrong part if it takes too much."""
    found = []
    for name in odd:
        share, curve = measured[name].open, measured[name].curve
        drawn = structure.branches[name].curve
        times = f", the turbulent part {curve.a / drawn.a:.1f} times its drawing's" if curve and curve.a > 0.0 else ""
        if share < 1.0:
            text = f"{name} lets {100 * share:.0f} % of its air through at equal drop{times}: something is in it"
            found.append(Finding("branch-blocked", name, text, 0.95, (name,)))
        else:
            text = f"{name} lets {100 * share:.0f} % of its air through at equal drop{times}: it is not the drawn part"
            found.append(Finding("branch-wide", name, text, 0.8, (name,)))
    return found


async def _settled(bench: ManifoldBench, before: Reading, flow: float) -> tuple[Reading, Reading]:
    """Drop and flow once both stand still; the drop is AT_LEAST where it goes on rising, or nears the test pressure."""
    loop = asyncio.get_running_loop()
    end, last, calm = loop.time() + PATIENCE, math.nan, 0
    while True:
        await asyncio.sleep(LOOK)
        now, through = (await bench.sample()).pascal, await bench.flow.flow()
        if not through.is_number:
            raise InstrumentError(through.by, f"says {through.state} while air goes through")
        drop = now.value - before.value
        still = abs(drop - last) < max(STEADY * abs(drop), bench.wiring.repeats / 2.0)
        calm, last = calm + 1 if still else 0, drop
        full = now.value > 0.9 * bench.structure.pressure
        spread = math.hypot(bench.wiring.repeats, drop * now.uncertainty / now.value)
        if calm > 1 and abs(through.value - flow) < THERE * flow + through.uncertainty:
            return Reading(drop, "Pa", spread, now.at, now.by), through
        if full or loop.time() > end:
            await bench.flow.let(0.0)
            return Reading(drop - spread, "Pa", 0.0, now.at, now.by, State.AT_LEAST), through


def _at_nominal(branch: Branch, flow: float, drop: Reading, through: Reading) -> Reading:
    """The drop that it would have at exactly the flow that was asked; what is AT_LEAST stays so."""
    by = f"{drop.by}+{through.by}"
    if drop.state is State.AT_LEAST:
        return Reading(drop.value, "Pa", 0.0, drop.at, by, State.AT_LEAST)
    curve, is_ = branch.curve, max(through.value, 1e-3)
    factor = curve.drop(flow) / curve.drop(is_)
    steep = (2.0 * curve.a * is_ + curve.b) * is_ / curve.drop(is_)
    spread = math.hypot(drop.uncertainty / max(abs(drop.value), 1.0), steep * through.uncertainty / is_)
    value = drop.value * factor
    return combined(value, "Pa", abs(value) * spread, drop, through)
