"""Simulated slots for manifolds and for pumping units: what jig and drawing say, as the sim's own plain data."""

from sequences.cooling.leak_wiring import LeakWiring
from sequences.cooling.loop_wiring import LoopWiring
from sequences.cooling.manifold import Manifold
from sequences.cooling.pumping_unit import PumpingUnit
from sim.cooling import spec
from sim.population import AS_DRAWN, Member
from station.order import Order
from station.simulated.cooling_population import loop_ranges, manifold_ranges
from station.simulated.made import Made
from station.simulated.tolerances import Tolerances


def manifold_slot(order: Order, label: str, number: int = 0) -> Made:
    """The slot of an order for a manifold, that of the population with this number.

    `label` is what the unit's label says; empty: it has none.
    """
    unit, wiring, roles = order.product.structure, order.jig.wiring, order.slot.roles
    if not (isinstance(unit, Manifold) and isinstance(wiring, LeakWiring)):
        raise TypeError(f"{order.product.name} is no manifold")
    valves = roles["valves"][0]
    modules, each = roles["couplings"], wiring.couplings_each
    jig = spec.LeakBench(
        order.jig.name,
        roles["pressure"][0],
        roles["flow"][0],
        roles["operator"][0],
        {name: spec.Port(valves, getattr(wiring, name)) for name in ("fill", "isolate", "vent", "leak", "through")},
        {name: spec.Port(modules[at // each], at % each) for at, name in enumerate(unit.disconnects)},
        spec.Port(valves, wiring.cover),
        spec.Port(valves, wiring.seat),
        wiring.volume,
        wiring.collector,
        wiring.calibrated_leak * unit.pressure / wiring.leak_stated_at,
        unit.pressure,
    )
    branches = {each.ends: spec.Branch(each.a, each.b) for each in unit.branches.values()}
    ends = {name: branch.ends for name, branch in unit.branches.items()}
    member = Member(number, manifold_ranges(Tolerances(order.product), unit)) if number else AS_DRAWN
    return Made(spec.ManifoldSlot(order.slot.name, jig, spec.Manifold(unit.volume, branches, ends, label, member)))


def loop_slot(order: Order, label: str, number: int = 0) -> Made:
    """The slot of an order for a pumping unit, likewise."""
    unit, wiring = order.product.structure, order.jig.wiring
    if not (isinstance(unit, PumpingUnit) and isinstance(wiring, LoopWiring)):
        raise TypeError(f"{order.product.name} is no pumping unit")
    roles = {role: names[0] for role, names in order.slot.roles.items()}
    heater, valves = roles["heater"], roles["valves"]
    jig = spec.LoopBench(
        order.jig.name,
        roles["cdu"],
        roles["chiller"],
        roles["meter"],
        roles["pressure"],
        roles["operator"],
        spec.Port(heater, wiring.heater),
        spec.Port(heater, wiring.cover),
        spec.Port(heater, wiring.rope),
        spec.Port(heater, wiring.lock),
        spec.Port(valves, wiring.supply),
        spec.Port(valves, wiring.back),
        spec.Port(valves, wiring.vent),
        wiring.heater_watts,
    )
    drawn = unit.hydraulics
    member = Member(number, loop_ranges(Tolerances(order.product), unit)) if number else AS_DRAWN
    pumps = spec.PumpingUnit(
        tuple(unit.pumps), drawn.head, drawn.droop, drawn.rpm, drawn.watts, drawn.a, drawn.b, label, member
    )
    return Made(spec.LoopSlot(order.slot.name, jig, pumps))
