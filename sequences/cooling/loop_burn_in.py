"""The burn-in of pumping units: cold checks first, then hours of heat, then cool again. The heater is never on without flow."""

import asyncio
from statistics import median

from drivers.errors import InstrumentError
from drivers.reading import Reading
from drivers.roles import Operator
from sequences.cooling import claims
from sequences.cooling.burning import LONGEST, closure, resistance, warmed, watched, witnessed
from sequences.cooling.cooling_down import the_loop_cools_and_stops
from sequences.cooling.diagnosis import diagnose
from sequences.cooling.gas import combined
from sequences.cooling.loop_bench import Look, LoopBench
from sequences.cooling.loop_quantities import (
    AIR_ZERO,
    ALARMS,
    CLOGGING,
    CLOSURE,
    COLD_FLOW,
    DROP,
    FLOW,
    HEAD,
    HEATER,
    HEATER_OFF,
    OUTLET,
    PRESSURE_ZERO,
    PUMP_POWER,
    RISE,
    SPREAD,
    SUPPLY,
    TACH,
    WET,
    WITHOUT,
)
from sequences.cooling.ratios import growth, head, mean, supply, whole
from sequences.finding import Finding
from sequences.measurement import Point
from sequences.sequence import Group, Sequence
from sequences.soak import soak
from sequences.step import Earns, step
from sequences.take import Take
from sequences.uut import Uut
from sequences.verdict import Verdict

CONTINUE = "CONTINUE"
HOT_AGAIN = Earns(warms=600.0)
"""The loop is hot and steady before the step begins, after an interruption too; but of less than this nobody can tell whether
it clogs.
"""
CLOGGED = "clogging until now"
"""As evidence is kept of how far it has clogged, should the hours be interrupted."""
ONE_TEMPERATURE = 600.0
"""Seconds of circulation without heat after which everything has one temperature."""
LOOKS = 5
"""Looks of which a mean is taken where sensors are compared."""


@step(HEATER_OFF, timeout=60)
async def the_heater_is_off(bench: LoopBench, take: Take) -> None:
    """Its contactor is open and no power flows; the interlock is closed, and the leak rope whole and dry."""
    await bench.cold()
    inputs = await bench.heater.inputs()
    if not inputs[bench.wiring.cover]:
        raise InstrumentError("the interlock", "is open")
    if not inputs[bench.wiring.rope]:
        raise InstrumentError("the leak rope", "is wet or broken before anything was filled")
    take(HEATER_OFF.whole, await bench.watts())


@step(timeout=900)
async def the_operator_connects_the_unit(operator: Operator, uut: Uut, bench: LoopBench) -> None:
    """Somebody connects the hoses and scans the label, or the CONTINUE card where there is none."""
    said = await operator.answer(f"Connect {uut.part_number} {uut.serial}, then scan its label or the {CONTINUE} card")
    if said not in {uut.serial, CONTINUE}:
        raise InstrumentError("the scanner", f"scanned {said!r}; this run is for {uut.serial}")
    bench.connected = True


@step(AIR_ZERO, PRESSURE_ZERO, timeout=300)
async def its_pressures_are_zero_at_rest(bench: LoopBench, take: Take) -> None:
    """Vented and standing, its pressures are zero."""
    for valve in (bench.wiring.supply, bench.wiring.back, bench.wiring.vent):
        await bench.valves.set_output(valve, on=True)
    await bench.still_itself()
    await bench.take_over()
    await bench.calm()
    bench.air = await bench.jig_pressure()
    _take(bench, take, AIR_ZERO.whole, bench.air)
    look = await bench.look()
    for name in ("p_out", "p_in"):
        _take(bench, take, PRESSURE_ZERO.of(name), look.sensors[name])
    await bench.valves.set_output(bench.wiring.vent, on=False)


@step(ALARMS, timeout=60)
async def it_raises_no_alarm(bench: LoopBench, take: Take) -> None:
    """At rest it complains of nothing, and all of its leak sensors work and are dry."""
    look = await bench.look()
    wrong = [*look.alarms, *look.leaks, *look.broken]
    await bench.still_itself()
    flow = look.flow
    take(ALARMS.whole, Reading(float(len(wrong)), "1", 0.0, flow.at, flow.by))
    for cause in look.alarms:
        take.found(Finding(cause, "", "the unit itself raises this alarm, cold and at rest", 0.9))
    for where in look.leaks:
        take.found(Finding("drip", where, f"its {where} leak sensor is wet before anything was filled", 0.9, (where,)))
    for which in look.broken:
        take.found(Finding("leak-sensor-broken", which, f"it calls its {which} leak sensor broken", 0.95, (which,)))


@step(WET, timeout=60)
async def it_is_still_dry(bench: LoopBench, take: Take) -> None:
    """After all that circulating no leak sensor is wet."""
    look = await bench.look()
    await bench.still_itself()
    take(WET.whole, Reading(float(len(look.leaks)), "1", 0.0, look.flow.at, look.flow.by))
    for where in look.leaks:
        take.found(
            Finding(
                "drip", where, f"coolant comes out while it is cold: the {where} leak sensor is wet", 0.95, (where,)
            )
        )


@step(SPREAD, timeout=2 * LONGEST, needs=(the_heater_is_off,))
async def its_thermometers_agree_without_heat(bench: LoopBench, take: Take) -> None:
    """Circulating without heat everything has one temperature, and every thermometer shows it."""
    bath = await bench.chiller.temperature()
    await bench.chiller.aim(round(bath.value, 1))
    await bench.chiller.run()
    await bench.every(bench.structure.solo)
    await asyncio.sleep(ONE_TEMPERATURE)
    looks = await _looks(bench)
    names = bench.structure.thermometers
    means = {name: mean([look.sensors[name] for look in looks]) for name in names}
    middle = median(each.value for each in means.values())
    for name in names:
        read = means[name]
        _take(bench, take, SPREAD.of(name), combined(read.value - middle, "K", 1.41 * read.uncertainty, read))


@step(DROP, timeout=900, needs=(the_heater_is_off,))
async def flow_and_pressure_fit_together(bench: LoopBench, take: Take) -> None:
    """At three duties the loop resists as drawn, for its temperature."""
    for duty in bench.structure.duties:
        await bench.every(duty)
        await bench.calm()
        look = await bench.look()
        bench.evidence |= {
            f"flow at {duty:g}": look.flow.value,
            f"drop at {duty:g}": look.drop.value,
            "celsius": look.mean,
        }
        if look.flow.value <= 1.0:
            raise InstrumentError("the loop", f"lets {look.flow.value:.1f} l/min through: are its hoses connected?")
        _take(bench, take, DROP.of(f"{duty:g}"), resistance(bench, look))


@step(COLD_FLOW, timeout=120, needs=(the_heater_is_off,))
async def it_flows_enough(bench: LoopBench, take: Take) -> None:
    """As much flows, at the duty of the hours to come, as the heater needs."""
    await bench.every(bench.structure.burn.duty)
    await bench.calm()
    _take(bench, take, COLD_FLOW.whole, (await bench.look()).flow)


@step(TACH, HEAD, PUMP_POWER, WITHOUT, timeout=1800, needs=(the_heater_is_off,))
async def each_pump_does_its_part(bench: LoopBench, take: Take) -> None:
    """Alone each pump has its speed, head and power; and without it the others still keep the flow up."""
    unit = bench.structure
    await bench.every(unit.burn.duty)
    await bench.calm()
    whole = (await bench.look()).flow
    for name in unit.pumps:
        await bench.duty({each: unit.burn.duty for each in unit.pumps if each != name})
        await bench.calm()
        rest = (await bench.look()).flow
        left = rest.value / whole.value
        spread = (rest.uncertainty + abs(left) * whole.uncertainty) / abs(whole.value)
        _take(bench, take, WITHOUT.of(name), combined(left, "1", spread, rest, whole))
    for name, pump in unit.pumps.items():
        await bench.duty({name: unit.solo})
        await bench.calm()
        look = await bench.look()
        power = (await bench.cdu.values([pump.watts]))[pump.watts]
        if not isinstance(power, Reading):
            raise InstrumentError(bench.cdu.map_name, f"{pump.watts} is no number")
        _take(bench, take, TACH.of(name), look.speeds[name])
        _take(bench, take, HEAD.of(name), head(bench, look))
        _take(bench, take, PUMP_POWER.of(name), power)


@step(RISE, timeout=2 * LONGEST, needs=(the_heater_is_off, it_raises_no_alarm, it_is_still_dry, it_flows_enough))
async def it_warms_up(bench: LoopBench, take: Take) -> None:
    """The heater goes on once coolant flows; the temperatures rise and become steady, watched all the while."""
    await bench.every(bench.structure.burn.duty)
    await bench.chiller.aim(bench.structure.burn.bath)
    await bench.calm()
    await bench.heat()
    look, trip = await warmed(bench, take)
    _take(bench, take, RISE.whole, look.rise)
    if trip is not None:
        _tell(bench, take, trip.finding)


@step(CLOSURE, OUTLET, FLOW, SUPPLY, CLOGGING, HEATER, timeout=2e6, needs=(it_warms_up,), earns=HOT_AGAIN)
async def it_holds_for_hours(bench: LoopBench, take: Take) -> None:
    """Hot for hours: the heat balances, temperature, flow and pressure stay, nothing leaks, nothing clogs.

    What it had clogged before an interruption adds to what it clogs after it.
    """
    times, ratios = list[float](), list[float]()
    trip, look = None, None
    burn = bench.structure.burn
    async for tick in soak(take, every=burn.every, lasting=burn.seconds):
        electrical = await bench.watts()
        look, trip = await watched(bench)
        if trip is not None and times:
            break
        outside = await bench.jig_pressure()
        ratio = resistance(bench, look)
        times.append(ratio.at)
        ratios.append(ratio.value)
        _sample(bench, take, OUTLET.whole, look.sensors["T_out"])
        _sample(bench, take, FLOW.whole, look.flow)
        witnessed(bench, take, look, ratio, outside, electrical)
        _sample(bench, take, SUPPLY.whole, supply(bench, look, outside))
        _sample(bench, take, CLOSURE.whole, closure(bench, look, electrical))
        if trip is not None:
            break
        if tick.kept:
            take.observe(CLOGGED, growth(times, ratios, look))
    if look is None:
        raise InstrumentError("the loop", "was never looked at")
    _take(bench, take, CLOGGING.whole, whole(take.recall(CLOGGED), growth(times, ratios, look)))
    if trip is not None:
        _tell(bench, take, trip.finding)


@step(timeout=60)
async def what_it_all_means(bench: LoopBench, take: Take) -> None:
    """Everything that was outside its limits is put together, and told as what is wrong and where; by a unit that still
    means what it says.
    """
    await bench.still_itself()
    for finding in diagnose(bench):
        if (finding.cause, finding.where) not in bench.told:
            _tell(bench, take, finding)


def _tell(bench: LoopBench, take: Take, finding: Finding) -> None:
    take.found(finding)
    bench.told.add((finding.cause, finding.where))


def _take(bench: LoopBench, take: Take, point: Point, reading: Reading) -> None:
    """Judge, and remember for the diagnosis."""
    bench.evidence[str(point)] = reading.value
    if take(point, reading) is Verdict.FAILED:
        bench.odd.add(str(point))


def _sample(bench: LoopBench, take: Take, point: Point, reading: Reading) -> None:
    if take.sample(point, reading) is Verdict.FAILED:
        bench.odd.add(str(point))
        bench.evidence[str(point)] = reading.value
    bench.evidence.setdefault(str(point), reading.value)


async def _looks(bench: LoopBench) -> list[Look]:
    looks = []
    for _ in range(LOOKS):
        looks.append(await bench.look())
        await asyncio.sleep(2.0)
    return looks


LOOP_BURN_IN = Sequence(
    "loop-burn-in",
    "Pumps, sensors, and hours of heat of a reservoir and pumping unit",
    LoopBench,
    Group(
        "loop-burn-in",
        setup=(the_heater_is_off, the_operator_connects_the_unit),
        main=(
            its_pressures_are_zero_at_rest,
            it_raises_no_alarm,
            its_thermometers_agree_without_heat,
            flow_and_pressure_fit_together,
            each_pump_does_its_part,
            it_flows_enough,
            it_is_still_dry,
            it_warms_up,
            it_holds_for_hours,
            what_it_all_means,
        ),
        cleanup=(the_loop_cools_and_stops,),
    ),
    catches=claims.LOOP_BURN_IN,
)
