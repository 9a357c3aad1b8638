"""Ratios that tell of a pumping unit what its single readings do not: heads, pressures, growth over hours."""

import math
from dataclasses import replace

from drivers.errors import InstrumentError
from drivers.reading import Reading
from sequences.arithmetic import square
from sequences.cooling.gas import combined, line
from sequences.cooling.loop_bench import Look, LoopBench
from sequences.cooling.loop_quantities import AIR_ZERO

FOLLOWS = 0.3
"""The part of the unit's pressure that the jig's gauge must show at least: with less nobody can tell which of them is wrong."""


def mean(reads: list[Reading]) -> Reading:
    """The mean of readings whose error is the last digit: it may be the same in all of them."""
    return combined(sum(each.value for each in reads) / len(reads), reads[0].unit, reads[0].uncertainty, *reads)


def head(bench: LoopBench, look: Look) -> Reading:
    """Head without flow at full speed, by the affinity laws, over the drawn one."""
    drawn, share = bench.structure.hydraulics, bench.structure.solo / 100.0
    lost = drawn.droop * square(look.flow.value)
    head = (look.drop.value + lost) / square(share) / drawn.head
    spread = (
        (look.drop.uncertainty + 2.0 * drawn.droop * abs(look.flow.value) * look.flow.uncertainty)
        / square(share)
        / drawn.head
    )
    return combined(head, "1", spread, look.drop, look.flow)


def supply(bench: LoopBench, look: Look, outside: Reading) -> Reading:
    """The jig's own pressure at the outlet over what the unit says."""
    said = look.sensors["p_out"]
    own = (outside.value - bench.evidence[str(AIR_ZERO.whole)]) / 1000.0
    if abs(own) < FOLLOWS * abs(said.value):
        raise InstrumentError(
            outside.by, f"has gone by {own:.1f} kPa only since the loop was vented: it does not follow"
        )
    spread = (outside.uncertainty / 1000.0 + said.uncertainty) / max(abs(said.value), 1.0)
    return combined(own / max(abs(said.value), 1e-3) * (1 if said.value >= 0 else -1), "1", spread, outside, said)


def growth(times: list[float], ratios: list[float], look: Look) -> Reading:
    """By what part the resistance has grown from the first look to the last, along the best straight line."""
    if len(times) < 3:
        return combined(0.0, "1", 1.0 if len(times) < 2 else abs(ratios[-1] - ratios[0]), look.flow, look.drop)
    slope, deviation = line(times, ratios)
    lasted, middle = times[-1] - times[0], sum(ratios) / len(ratios)
    return combined(slope * lasted / middle, "1", 2.0 * deviation * lasted / abs(middle), look.flow, look.drop)


def whole(before: tuple[Reading, ...], now: Reading) -> Reading:
    """The growth over several parts, each of which has begun with the filter as the last one had left it."""
    if not before:
        return now
    unsure = math.hypot(now.uncertainty, *(each.uncertainty for each in before))
    return replace(now, value=now.value + sum(each.value for each in before), uncertainty=unsure)
