"""Twisted pairs: which wires are really twisted together."""

from drivers.reading import State
from sequences.cabling.panel import CablePanel
from sequences.finding import Finding

ALIKE = 1.3
"""How many times a pair's own capacitance another partner's must be to be its true partner."""


async def split_pairs(panel: CablePanel, bad: list[str]) -> list[Finding]:
    """Findings for pairs whose capacitance is too small: each pair's first wire is tried with the other pairs' second."""
    pairs, findings, left = panel.netlist.pairs, list[Finding](), list(bad)
    while left:
        name = left.pop(0)
        first, second = pairs[name]
        own = (await panel.pair_capacitance(first, second)).value
        reads = {other: await panel.pair_capacitance(first, pairs[other][1]) for other in left}
        tried = {
            other: read.value for other, read in reads.items() if read.state is State.OK
        }  # what touches is no twin
        best = max(tried, key=lambda each: tried[each], default=None)
        marks = (first, second)
        if best is not None and tried[best] > ALIKE * max(own, 0.0):
            left.remove(best)
            text = f"pairs {name} and {best} are split: {first} is twisted with {pairs[best][1]}, and {pairs[best][0]} with {second}"
            findings.append(Finding("split-pair", f"{name}+{best}", text, 0.9, (*marks, *pairs[best])))
        else:
            text = f"{first} and {second} of pair {name} are not twisted together ({own * 1e12:.0f} pF)"
            findings.append(Finding("split-pair", name, text, 0.6, marks))
    return findings
