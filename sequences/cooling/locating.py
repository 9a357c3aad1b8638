"""Where a manifold leaks: by which couplings are engaged and which are not."""

import asyncio
from collections.abc import Collection, Sequence

from drivers.errors import InstrumentError
from drivers.reading import Reading, State
from sequences.cooling.gas import combined
from sequences.cooling.leak_bench import COLLAPSED, ManifoldBench
from sequences.cooling.manifold import HEADER
from sequences.finding import Finding
from sequences.take import Take

STOPS = 0.7
"""A leak that is less than that the second time is no leak: it dies away."""
AT_ONCE = 10.0
"""Seconds in which a pressure goes that nothing holds."""


async def kept(bench: ManifoldBench, engaged: Collection[str]) -> Reading:
    """What is left of the pressure, after a moment, when all couplings but `engaged` let go."""
    await bench.couple(bench.structure.disconnects)
    await bench.pressed()
    await asyncio.sleep(AT_ONCE)
    before = await bench.sample()
    await bench.couple(engaged)
    await asyncio.sleep(AT_ONCE)
    await bench.ready()
    after = await bench.sample()
    ratio = after.pascal.value / before.pascal.value
    return combined(ratio, "1", 2.0 * bench.wiring.repeats / before.pascal.value, before.pascal, after.pascal)


async def missing_poppets(bench: ManifoldBench, suspects: Sequence[str]) -> list[str]:
    """Those of `suspects` that hold nothing, by halving."""
    rest = [name for name in bench.structure.disconnects if name not in suspects]
    if (await kept(bench, rest)).value > COLLAPSED:
        return []
    if len(suspects) == 1:
        return list(suspects)
    half = len(suspects) // 2
    return [*await missing_poppets(bench, suspects[:half]), *await missing_poppets(bench, suspects[half:])]


async def pattern(bench: ManifoldBench, take: Take, engaged: Collection[str]) -> Reading:
    """The leak with some couplings engaged and all others let go; it is observed, not judged."""
    await bench.couple(bench.structure.disconnects)
    charge = await bench.pressed()
    await bench.couple(engaged)
    await asyncio.sleep(bench.wiring.settle if charge is None else 1.5 * bench.wiring.settle)
    leak, _ = await bench.leak(bench.wiring.blank_window, bench.volume(coupled=bool(engaged)))
    free = [name for name in bench.structure.disconnects if name not in engaged]
    take.observe(f"leak with {'+'.join(free) or 'nothing'} let go", leak)
    return leak


async def bad_poppets(
    bench: ManifoldBench, take: Take, suspects: Sequence[str], bound: float
) -> list[tuple[str, Reading]]:
    """Those of `suspects` whose poppets leak more than `bound` beyond the headers, by halving; at least one does.

    Where one half of a bad group is tight the other half needs no proof: a single bad poppet takes about log2 of them.
    """
    if len(suspects) == 1:
        return [(suspects[0], await _of(bench, take, suspects))]
    left, right = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
    if not _beyond(bench, await _of(bench, take, left), bound):
        return await bad_poppets(bench, take, right, bound)
    found = await bad_poppets(bench, take, left, bound)
    if _beyond(bench, await _of(bench, take, right), bound):
        found += await bad_poppets(bench, take, right, bound)
    return found


async def _of(bench: ManifoldBench, take: Take, free: Sequence[str]) -> Reading:
    return await pattern(bench, take, [name for name in bench.structure.disconnects if name not in free])


def _header(bench: ManifoldBench) -> float:
    return bench.header.value if bench.header is not None and bench.header.state is State.OK else 0.0


def _beyond(bench: ManifoldBench, leak: Reading, bound: float) -> bool:
    return leak.state is State.AT_LEAST or leak.value - _header(bench) > bound


def poppet_findings(bench: ManifoldBench, bad: Sequence[tuple[str, Reading]]) -> list[Finding]:
    """What to tell of each."""
    found = []
    for name, leak in bad:
        gone = leak.state is State.AT_LEAST
        size = f"more than {leak.value:.0f}" if gone else f"{leak.value - _header(bench):.2g}"
        text = f"the poppet of {name} leaks {size} sccm when its coupling is taken off"
        found.append(Finding("gas-leak", name, text, 0.95, (name,)))
    return found


async def why_it_leaks(bench: ManifoldBench, take: Take, first: Reading, bound: float) -> list[Finding]:
    """The findings for a unit that leaks with every coupling engaged. Raises InstrumentError for a coupling of the jig.

    What dies away is no leak but something elastic. What stops when the couplings let go leaks at their seals, which belong
    to the jig. What stays is in the headers or their joints; where it becomes more, poppets leak as well.
    """
    if first.state is State.OK and await _dies_away(bench, take, first):
        text = f"the pressure falls, by {first.value:.2g} sccm at one temperature, but ever more slowly: something elastic gives"
        return [Finding("creep", "", text, 0.9)]
    await bench.still_tight()
    alone = await pattern(bench, take, ())
    if alone.state is State.OK and alone.value < first.value / 2.0:
        raise InstrumentError(f"the coupling of {await _bad_coupling(bench, take, bound)}", "leaks: its seal is worn")
    size = f"{first.value:.2g}" if first.state is State.OK else f"more than {first.value:.0f}"
    text = f"headers or joints leak {size} sccm; no quick disconnect makes a difference"
    found = [Finding("gas-leak", HEADER, text, 0.9, (HEADER,))]
    if (
        first.state is State.OK
        and alone.state is State.OK
        and alone.value - first.value > max(bound, first.value / 4.0)
    ):
        found += poppet_findings(bench, await bad_poppets(bench, take, bench.structure.disconnects, bound))
    return found


async def _dies_away(bench: ManifoldBench, take: Take, first: Reading) -> bool:
    await asyncio.sleep(bench.wiring.patience)
    again, _ = await bench.leak(bench.wiring.window, bench.volume(coupled=True))
    take.observe("leak, a while later", again)
    return again.state is State.OK and again.value < STOPS * first.value


async def _bad_coupling(bench: ManifoldBench, take: Take, bound: float) -> str:
    suspects = list(bench.structure.disconnects)
    while len(suspects) > 1:
        half = suspects[: len(suspects) // 2]
        leak = await pattern(bench, take, half)
        suspects = half if leak.state is State.AT_LEAST or leak.value > bound else suspects[len(half) :]
    return suspects[0]


async def why_it_does_not_fill(bench: ManifoldBench, take: Take) -> Finding:
    """The finding for a unit that never comes to its pressure with every coupling engaged, though the jig alone does."""
    await bench.couple(())
    charge = await bench.fill(bench.structure.pressure, 180.0)
    take.observe("seconds to fill with all couplings let go", charge.seconds)
    if charge.full:
        raise InstrumentError("a coupling", "does not seal at all: the unit fills when they all let go")
    text = "it never comes to its pressure, whatever the couplings do: a joint is open, or a seal is missing"
    return Finding("seal-missing", HEADER, text, 0.9, (HEADER,))
