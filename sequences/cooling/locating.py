"""Where a manifold leaks: by which couplings are engaged and which are not."""

import asyncio
from collections.abc import Collection, Sequence

from drivers.errors import InstrumentError
from drivers.reading import Reading, State
from sequences.cooling.leak_bench import ManifoldBench
from sequences.cooling.manifold import HEADER
from sequences.finding import Finding
from sequences.take import Take

GROSS = "poppet-missing"
STOPS = 0.7
"""A leak that is less than that the second time is no leak: it dies away."""


async def pattern(bench: ManifoldBench, take: Take, engaged: Collection[str], *, filled: bool = True) -> Reading:
    """The leak with some couplings engaged and all others let go; it is observed, not judged."""
    names = bench.structure.disconnects
    if filled:
        await bench.couple(names)  # what a poppet does not hold is sealed by the jig while it fills
    else:
        await bench.couple(engaged)
    charge = await bench.pressed()
    await bench.couple(engaged)
    await asyncio.sleep(bench.wiring.settle if charge is None else 1.5 * bench.wiring.settle)
    leak, _ = await bench.leak(bench.wiring.blank_window, bench.volume(coupled=bool(engaged)))
    free = [name for name in names if name not in engaged]
    take.observe(f"leak with {'+'.join(free) or 'nothing'} let go", leak)
    return leak


async def bad_poppets(
    bench: ManifoldBench, take: Take, suspects: Sequence[str], bound: float
) -> list[tuple[str, Reading]]:
    """Those of `suspects` whose poppets leak more than `bound` beyond the headers, by halving: about log2 of them for one."""
    engaged = [name for name in bench.structure.disconnects if name not in suspects]
    leak = await pattern(bench, take, engaged)
    if not beyond(bench, leak, bound):
        return []
    if len(suspects) == 1:
        return [(suspects[0], leak)]
    left, right = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
    found = await bad_poppets(bench, take, left, bound)
    if found:
        return [*found, *await bad_poppets(bench, take, right, bound)]
    return await _among(bench, take, right, bound)


async def _among(bench: ManifoldBench, take: Take, suspects: Sequence[str], bound: float) -> list[tuple[str, Reading]]:
    """The same where it is known that at least one of them leaks; a single one is measured all the same."""
    if len(suspects) == 1:
        return await bad_poppets(bench, take, suspects, bound)
    left, right = suspects[: len(suspects) // 2], suspects[len(suspects) // 2 :]
    found = await bad_poppets(bench, take, left, bound)
    return [*found, *await (bad_poppets if found else _among)(bench, take, right, bound)]


def beyond(bench: ManifoldBench, leak: Reading, bound: float) -> bool:
    """Whether a leak is more than the headers' by more than `bound`."""
    header = bench.header.value if bench.header is not None and bench.header.state is State.OK else 0.0
    return leak.state is State.AT_LEAST or leak.value - header > bound


def poppet_findings(bad: Sequence[tuple[str, Reading]], header: float) -> list[Finding]:
    """What to tell of each."""
    found = []
    for name, leak in bad:
        if leak.state is State.AT_LEAST:
            text = f"{name} does not hold by itself: its poppet is missing or stuck open"
            found.append(Finding(GROSS, name, text, 0.95, (name,)))
        else:
            size = leak.value - header
            text = f"the poppet of {name} leaks {size:.2g} sccm when its coupling is taken off"
            found.append(Finding("gas-leak", name, text, 0.95, (name,)))
    return found


async def why_it_leaks(bench: ManifoldBench, take: Take, first: Reading, bound: float) -> Finding:
    """The finding for a unit that leaks with every coupling engaged. Raises InstrumentError for a coupling of the jig.

    What dies away is no leak but something elastic. What stops when the couplings let go leaks at their seals, which belong
    to the jig. What stays is in the headers or their joints.
    """
    again, _ = await bench.leak(bench.wiring.window, bench.volume(coupled=True))
    take.observe("leak, a while later", again)
    if again.state is State.OK and again.value < STOPS * first.value:
        text = (
            f"the pressure fell by {first.value:.2g} and later by {again.value:.2g} sccm at one temperature: "
            "that is no leak, something elastic gives way"
        )
        return Finding("creep", "", text, 0.9)
    alone = await pattern(bench, take, (), filled=False)
    if alone.state is State.OK and alone.value < first.value / 2.0 and alone.value < max(bound, first.value / 2.0):
        raise InstrumentError(f"the coupling of {await _bad_coupling(bench, take, bound)}", "leaks: its seal is worn")
    text = f"headers or joints leak {first.value:.2g} sccm; no quick disconnect makes a difference"
    return Finding("gas-leak", HEADER, text, 0.9, (HEADER,))


async def _bad_coupling(bench: ManifoldBench, take: Take, bound: float) -> str:
    suspects = list(bench.structure.disconnects)
    while len(suspects) > 1:
        half = suspects[: len(suspects) // 2]
        leak = await pattern(bench, take, half, filled=False)
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
    return Finding("gas-leak", HEADER, text, 0.9, (HEADER,))
