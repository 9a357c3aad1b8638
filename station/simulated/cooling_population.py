"""How good manifolds and pumping units differ: the ranges of what they are made of, from the limits of what is measured.

Several parts share a limit, each with a share of it, so that the worst of them together are still inside.
"""

from sequences.cooling.manifold import Manifold
from sequences.cooling.pumping_unit import PumpingUnit
from sim.cooling.hydraulics import Pump, operating_point
from sim.population import Range
from station.simulated.tolerances import Tolerances, below, between, factor

SEALED, SHUT = 0.015, 0.005
"""Standard cubic centimetres per minute that headers leak, and a poppet: medians."""


def manifold_ranges(tolerances: Tolerances, unit: Manifold) -> dict[str, Range]:
    """The ranges of a good manifold. Half of the leak that is allowed is the header's, half that of all poppets together."""
    most = min(tolerances.high("leak"), tolerances.high("poppet_leak")) / 2.0
    drops = [
        min(limit.high / nominal - 1.0, 1.0 - limit.low / nominal)
        for where, nominal in unit.nominal_drops.items()
        if (limit := tolerances.at("drop").get(where)) is not None and limit.low is not None and limit.high is not None
    ]
    # How open a branch is goes with the root of its resistance; all others may be at the other end of their range.
    apart = (1.0 + tolerances.around("share", 1.0)) ** 2
    resistance = min((*drops, (apart - 1.0) / (apart + 1.0)))
    leaks = between(leak=below(SHUT, most / len(unit.branches)), leak__header=below(SEALED, most))
    volume = (tolerances.low("volume") / unit.volume, tolerances.high("volume") / unit.volume)
    return leaks | between(volume=volume, branch=factor(resistance))


def loop_ranges(tolerances: Tolerances, unit: PumpingUnit) -> dict[str, Range]:
    """The ranges of a good pumping unit.

    The loop's resistance is found at three duties from two pressures and a flow: of its limit, two fifths are the loop's, two
    fifths the pressures' zeros where the least pressure is, a fifth the flow meter's. A pump's head goes with the square of
    its speed, its power with the cube: each has half of what is left.
    """
    drawn, around = unit.hydraulics, tolerances.around
    resistance = around("drop_ratio", 1.0)
    slowest = min(unit.duties) / 100.0
    pumps = [Pump(slowest, drawn.head, drawn.droop) for _ in unit.pumps]
    _, least = operating_point(pumps, drawn.a, drawn.b)
    rise = (tolerances.low("rise") + tolerances.high("rise")) / 2.0
    thermometer = min(around("isothermal") / 2.0, 0.4 * around("closure") * rise / 2.0)
    flow = min(0.1 * resistance, 0.3 * around("closure"))
    zero = min(around("pressure_zero"), 0.4 * resistance * least / 2.0)
    alone = drawn.head * (unit.solo / 100.0) ** 2
    head = around("head_ratio", 1.0) - 2.0 * zero / alone - flow
    said = tolerances.at("speed")
    speeds = [each.high / (drawn.rpm * unit.solo / 100.0) - 1.0 for each in said.values() if each.high is not None]
    speed = min((*speeds, head / 4.0), default=0.0)
    power = tolerances.high("pump_power") / (drawn.watts * (unit.solo / 100.0) ** 3) - 1.0
    return between(
        head=factor(head / 2.0),
        speed=factor(speed),
        watts=factor((1.0 + power) / (1.0 + speed) ** 3 - 1.0),
        loop=factor(0.4 * resistance),
        flow=factor(flow),
        zero=(-zero, zero),
        thermometer=(-thermometer, thermometer),
    )
