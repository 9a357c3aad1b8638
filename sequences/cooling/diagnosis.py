"""What is wrong with a pumping unit, from everything that was measured: evidence against what each fault would show.

A sensor that was wrong while everything was cold and at rest explains what it makes of flow, head and heat later.
"""

import math
from collections.abc import Iterator, Mapping

from sequences.cooling import coolant
from sequences.cooling.loop_bench import LoopBench
from sequences.cooling.pumping_unit import Hydraulics
from sequences.cooling.resistance import fit
from sequences.finding import Finding

THIN = 0.65
"""The part of its laminar resistance below which a loop does not hold what was drawn."""
COLDER = -2.0
"""Kelvins below which coolant seems to be cooled by the heater; less is a loop that was not heated for long."""
BLOCKED = 1.12
WEAK = 0.95
SAME = 0.04


def diagnose(bench: LoopBench) -> Iterator[Finding]:
    """A finding for each thing that is wrong, the first causes first."""
    odd, seen = bench.odd, bench.evidence
    yield from _cold_sensors(odd, seen)
    swapped = list(_swapped(bench))
    yield from swapped
    valves = [name for name in bench.structure.pumps if _runs_back(bench, name)]
    yield from (_stuck_valve(name, seen) for name in valves)
    yield from _pumps(bench, explained=bool(valves) or _pressure_explained(odd, swapped))
    yield from _loop(bench, explained=bool(valves) or _pressure_explained(odd, swapped), swapped=swapped)
    if "clogging" in odd:
        text = f"the loop resists {100 * seen['clogging']:.0f} % more at the end than at the beginning: its filter fills up"
        yield Finding("filter-clogging", "", text, 0.9)


def _cold_sensors(odd: set[str], seen: Mapping[str, float]) -> Iterator[Finding]:
    for name in ("p_out", "p_in"):
        if f"pressure_zero[{name}]" in odd:
            text = f"{name} shows {seen[f'pressure_zero[{name}]']:+.1f} kPa while the loop is vented and stands"
            yield Finding("pressure-zero", name, text, 0.95, (name,))
    wrong = {point[11:-1]: seen[point] for point in odd if point.startswith("isothermal[")}
    for name, kelvins in sorted(wrong.items()):
        text = f"{name} shows {kelvins:+.1f} K against the others while everything has one temperature"
        yield Finding("sensor-offset", name, text, 0.95, (name,))


def _swapped(bench: LoopBench) -> Iterator[Finding]:
    drops = [bench.evidence.get(f"drop_ratio[{duty:g}]", 1.0) for duty in bench.structure.duties]
    if all(each < 0.0 for each in drops):
        text = "the pressure is higher at the inlet than at the outlet while the pumps run: their sensors are exchanged"
        yield Finding("sensors-swapped", "p_in+p_out", text, 0.9, ("p_in", "p_out"))
    offset = any(point.startswith("isothermal[") for point in bench.odd)
    if bench.evidence.get("rise", 1.0) < COLDER and not offset:
        text = "the coolant would become colder in the heater: the thermometers at inlet and outlet are exchanged"
        yield Finding("sensors-swapped", "T_in+T_out", text, 0.9, ("T_in", "T_out"))


def _pressure_explained(odd: set[str], swapped: list[Finding]) -> bool:
    zeros = any(point.startswith("pressure_zero[") for point in odd)
    return zeros or any(each.where == "p_in+p_out" for each in swapped)


def _runs_back(bench: LoopBench, name: str) -> bool:
    """Whether coolant runs back through a pump that stands.

    Then every other one alone seems weak, and it does not. Too little flows without it also where another one is worn, or
    stands; then that one alone is weak.
    """
    weak = {each for each in bench.structure.pumps if f"head_ratio[{each}]" in bench.odd}
    others = set(bench.structure.pumps) - {name}
    standing = any(_stands(bench, each) for each in bench.structure.pumps)
    return f"flow_without[{name}]" in bench.odd and weak == others and not standing


def _stuck_valve(name: str, seen: Mapping[str, float]) -> Finding:
    lost = 100 * (1.0 - seen[f"flow_without[{name}]"])
    text = f"the flow falls by {lost:.0f} % when {name} stops: its check valve lets coolant run back through it"
    return Finding("check-valve-open", name, text, 0.9, (name,))


def _pumps(bench: LoopBench, *, explained: bool) -> Iterator[Finding]:
    odd, seen = bench.odd, bench.evidence
    for name in bench.structure.pumps:
        speed, head = seen.get(f"speed[{name}]"), seen.get(f"head_ratio[{name}]")
        if speed is None or head is None:
            continue
        nominal = bench.structure.hydraulics.rpm * bench.structure.solo / 100.0
        if _stands(bench, name):
            yield Finding("pump-failed", name, f"{name} stands when it is told to run", 0.95, (name,))
        elif f"speed[{name}]" in odd:
            text = f"{name} says {speed:.0f} rpm at {bench.structure.solo:g} %, and lifts as with {nominal:.0f} rpm"
            yield Finding("tach-wrong", name, text, 0.85, (name,))
        elif f"head_ratio[{name}]" in odd and not explained and not _alike(bench):
            text = f"{name} lifts {100 * head:.0f} % of what it should at its speed: its wheel is worn"
            yield Finding("pump-worn" if head < 1.0 else "pump-strong", name, text, 0.85, (name,))
        elif f"pump_power[{name}]" in odd and not explained:
            text = f"{name} takes {seen[f'pump_power[{name}]']:.0f} W at {bench.structure.solo:g} %, with the head of a good one"
            yield Finding("pump-drags", name, text, 0.85, (name,))


def _stands(bench: LoopBench, name: str) -> bool:
    nominal = bench.structure.hydraulics.rpm * bench.structure.solo / 100.0
    speed, head = bench.evidence.get(f"speed[{name}]", nominal), bench.evidence.get(f"head_ratio[{name}]", 1.0)
    return speed < 0.2 * nominal and abs(head) < 0.2


def _alike(bench: LoopBench) -> bool:
    """Whether all pumps seem weak, each as much as the others: what they have in common is the flow sensor."""
    heads = [bench.evidence.get(f"head_ratio[{name}]", 1.0) for name in bench.structure.pumps]
    return max(heads) < WEAK and max(heads) - min(heads) < SAME


def _loop(bench: LoopBench, *, explained: bool, swapped: list[Finding]) -> Iterator[Finding]:
    """The flow sensor, the coolant, or what is in the way: two resistances and a balance of heat tell them apart."""
    odd, seen = bench.odd, bench.evidence
    thermal = any(point.startswith("isothermal[") for point in odd) or any(
        each.where == "T_in+T_out" for each in swapped
    )
    balance = seen.get("closure")
    drops = any(point.startswith("drop_ratio[") for point in odd)
    parts = _parts(bench) if not explained else None
    if parts is not None and drops and parts[1] < THIN and abs(parts[0] - 1.0) < 0.25:
        text = f"the laminar part of its resistance is {100 * parts[1]:.0f} % of PG25's: thinner coolant, water perhaps"
        yield Finding("wrong-coolant", "", text, 0.85)
        return
    if balance is not None and "closure" in odd and not thermal:
        text = f"the coolant would take up {100 * (1.0 + balance):.0f} % of the heater's power: the flow sensor is wrong by that"
        yield Finding("flow-gain", "", text, 0.85)
        return
    if parts is not None and balance is None and drops and parts[0] > BLOCKED and _alike(bench):
        text = f"all pumps seem weak alike and the loop narrow: the flow sensor shows about {100 / math.sqrt(parts[0]):.0f} % of the flow"
        yield Finding("flow-gain", "", text, 0.7)
        return
    if parts is not None and (drops or "cold_flow" in odd) and parts[0] > BLOCKED:
        text = f"the turbulent part of its resistance is {parts[0]:.1f} times the drawn one: something is in the loop"
        yield Finding("loop-blocked", "", text, 0.8)


def _parts(bench: LoopBench) -> tuple[float, float] | None:
    """Turbulent and laminar resistance over the drawn ones, at 25 degrees Celsius."""
    drawn: Hydraulics = bench.structure.hydraulics
    flows = [bench.evidence.get(f"flow at {duty:g}", 0.0) for duty in bench.structure.duties]
    drops = [bench.evidence.get(f"drop at {duty:g}", 0.0) for duty in bench.structure.duties]
    celsius = bench.evidence.get("celsius", coolant.REFERENCE)
    try:
        curve = fit(flows, drops)
    except (ValueError, ZeroDivisionError):
        return None
    return curve.a / coolant.heaviness(celsius) / drawn.a, curve.b / coolant.thickness(celsius) / drawn.b
