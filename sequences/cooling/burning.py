"""What is watched while a loop is hot: trips that switch the heater off at once, and the balance of its heat."""

import asyncio
import math
from dataclasses import dataclass

from drivers.errors import InstrumentError
from drivers.reading import Reading
from sequences.cooling import coolant
from sequences.cooling.gas import combined
from sequences.cooling.loop_bench import Look, LoopBench
from sequences.cooling.loop_quantities import HEATER
from sequences.cooling.ratios import supply
from sequences.cooling.witness import heater, must_agree
from sequences.finding import Finding
from sequences.take import Take
from sequences.verdict import Verdict

STEADY = 0.15
"""Kelvins by which the temperatures may still go in `AGAIN` seconds when they count as steady."""
AGAIN = 120.0
LONGEST = 7200.0
"""Seconds in which a loop has become hot, or cool."""
STANDS = 0.2
"""The part of its speed below which a pump that is told to run has failed."""


@dataclass(frozen=True, slots=True)
class Trip:
    """Why the heater had to go off: what is wrong with the unit."""

    finding: Finding


async def watched(bench: LoopBench, *, warming: bool = False) -> tuple[Look, Trip | None]:
    """Look at everything; on a trip the heater is off before this returns. What leaks while `warming` leaks when hot.

    Raises InstrumentError, the heater off, for what is the station's own fault: an open interlock, a lost link.
    """
    try:
        look = await bench.look()
        finding = _trip(bench, look, warming=warming)
        if finding is None:
            _flowing(bench, look)
    except Exception:  # whatever it was: first the heater
        await bench.cold()
        raise
    if finding is None:
        return look, None
    await bench.cold()
    await bench.still_itself()
    return look, Trip(finding)


def _trip(bench: LoopBench, look: Look, *, warming: bool) -> Finding | None:
    """What is wrong with the unit, as far as it must not stay hot with it."""
    burn = bench.structure.burn
    if look.leaks:
        where, mean = look.leaks[0], f"{look.mean:.0f} degrees Celsius"
        if warming:
            text = f"coolant comes out at {mean}, where it was dry while it was cold: the {where} leak sensor is wet"
            return Finding("hot-leak", where, text, 0.85, (where,))
        text = f"coolant comes out, at {mean}: the {where} leak sensor is wet"
        return Finding("drip", where, text, 0.95, (where,))
    for name, speed in look.speeds.items():
        if speed.value < STANDS * bench.structure.hydraulics.rpm * burn.duty / 100.0:
            text = f"{name} stands, though it is told to run at {burn.duty:g} %"
            return Finding("pump-failed", name, text, 0.95, (name,))
    if look.hottest > burn.hottest:
        return Finding("too-hot", "", f"{look.hottest:.1f} degrees Celsius, {burn.hottest:g} are allowed", 0.6)
    if look.alarms:
        return Finding(look.alarms[0], "", "the unit itself raises this alarm", 0.9)
    return None


def _flowing(bench: LoopBench, look: Look) -> None:
    if bench.heating and look.flow.value - look.flow.uncertainty < bench.structure.burn.lowest_flow:
        raise InstrumentError("the flow", f"has fallen to {look.flow.value:.1f} l/min with the heater on")


async def warmed(bench: LoopBench, take: Take) -> tuple[Look, Trip | None]:
    """Wait, watching, until the temperatures stand still. Raises InstrumentError when they never do."""
    loop = asyncio.get_running_loop()
    end, last, since = loop.time() + LONGEST, math.nan, loop.time()
    while loop.time() < end:
        look, trip = await watched(bench, warming=True)
        if trip is not None:
            return look, trip
        if loop.time() - since >= AGAIN:
            if abs(look.mean - last) < STEADY and abs(look.rise.value) > STEADY:
                return look, None
            last, since = look.mean, loop.time()
        await take.until(loop.time() + bench.structure.burn.every)
    raise InstrumentError("the loop", f"has not become steady within {LONGEST / 3600.0:g} h")


def closure(bench: LoopBench, look: Look, electrical: Reading) -> Reading:
    """Heat that the coolant takes up over what the heater takes, less 1.

    Uncertain by the last digits of the unit's sensors, the meter, the coolant's properties and the heat that is lost.
    """
    if not electrical.is_number or electrical.value < 0.5 * bench.wiring.heater_watts:
        raise InstrumentError(
            electrical.by, f"reads {electrical.value:.0f} W, where the heater takes {bench.wiring.heater_watts:g}"
        )
    liquid = coolant.watts(look.flow.value, look.rise.value, look.mean)
    ratio = liquid / electrical.value
    parts = (
        look.rise.uncertainty / max(abs(look.rise.value), 0.1),
        look.flow.uncertainty / max(look.flow.value, 0.1),
        electrical.uncertainty / electrical.value,
        coolant.HEAT_SPREAD,
        bench.wiring.loss,
    )
    spread = abs(ratio) * math.sqrt(sum(each * each for each in parts))
    return combined(ratio - 1.0, "1", spread, look.flow, look.sensors["T_in"], look.sensors["T_out"], electrical)


def resistance(bench: LoopBench, look: Look) -> Reading:
    """The loop's drop over the drawn one at its flow, density and viscosity."""
    drawn, mean, flow = bench.structure.hydraulics, look.mean, look.flow.value
    turbulent = drawn.a * coolant.heaviness(mean) * flow * flow
    laminar = drawn.b * coolant.thickness(mean) * flow
    nominal = turbulent + laminar
    if nominal <= 0.0:
        raise InstrumentError(look.flow.by, "says that nothing flows")
    ratio = look.drop.value / nominal
    steep = (2.0 * turbulent + laminar) / nominal * look.flow.uncertainty / flow
    spread = math.hypot(look.drop.uncertainty / nominal, ratio * steep)
    return combined(ratio, "1", spread, look.drop, look.flow)


def witnessed(bench: LoopBench, take: Take, look: Look, ratio: Reading, outside: Reading, electrical: Reading) -> None:
    """The jig's gauge and the heater's meter, each by what else is there to tell. Raises InstrumentError where it tells
    otherwise: then no unit is judged by them.
    """
    pressed = supply(bench, look, outside)
    back, out = look.sensors["p_in"].value, look.sensors["p_out"].value
    gauged = ratio.value * (pressed.value * out - back) / (out - back) if out != back else 0.0
    doubted = any(point.startswith(("pressure_zero[", "drop_ratio[")) for point in bench.odd)
    must_agree(bench.wiring, pressed, ratio, gauged, doubted=doubted)
    volts = bench.volts
    power = heater(bench.wiring, electrical, volts) if volts is not None else electrical
    if take.sample(HEATER.whole, power) is not Verdict.PASSED:
        found = f"finds {power.value:.3f} times the power that the heater's resistance takes at its voltage"
        raise InstrumentError(f"{electrical.by} and the heater", f"disagree: the meter {found}")
