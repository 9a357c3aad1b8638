"""The meters of a rack PDU against the reference: nothing without load, then each outlet alone at the load.

What the unit's own meter says is the quantity under test, so an error's uncertainty is that of the reference meter, and of
the last digit of the unit's.
"""

from dataclasses import dataclass, field, replace

from drivers.power_roles import Electrical
from sequences.finding import Finding
from sequences.measurement import Measurement
from sequences.power.pdu_bench import PduBench
from sequences.power.pdu_outlets import each_outlet_obeys_its_own_command
from sequences.power.pdu_quantities import (
    AMPS_ERROR,
    CORNERS_AGREE,
    HALF_ERROR,
    LOAD_ERROR,
    OFFSET,
    REFERENCE_AGREES,
    VOLTS_ERROR,
    WATTS_ERROR,
    at_load,
)
from sequences.power.rack_pdu import PHASES, Pdu, outlet
from sequences.power.readings import error, times
from sequences.power.witness import agree
from sequences.step import step
from sequences.take import Take
from sequences.verdict import Verdict

LOST = -50.0
"""Percent of error from which on an outlet's meter sees another outlet's current."""
HALF = 0.5
"""The power factor at which an error of phase shows."""


@dataclass
class Tried:
    """What was found out about one outlet's meter: its errors in percent, and which of them are out of limits."""

    volts: float
    amps: float
    watts: float
    bad: set[str] = field(default_factory=set)
    half: float = 0.0
    moves: int | None = None
    """The outlet whose meter showed this one's current instead."""


@step(OFFSET, timeout=300, needs=(each_outlet_obeys_its_own_command,))
async def meters_show_nothing_without_load(bench: PduBench, take: Take) -> None:
    """With every outlet on and nothing drawn each meter shows no current; one that hides small currents shows none either."""
    await bench.load.release()
    await bench.switch(bench.structure.outlets)
    for number in bench.structure.outlets:
        name, amps = outlet(number), (await bench.pdu.outlet(number)).amps
        if take(OFFSET.of(name), amps) is Verdict.FAILED:
            bench.explained.add(number)
            text = f"the meter of outlet {number} shows {amps.value:.3g} A without load"
            take.found(Finding("meter-offset", name, text, marks=(name,)))


@step(
    VOLTS_ERROR,
    AMPS_ERROR,
    WATTS_ERROR,
    HALF_ERROR,
    REFERENCE_AGREES,
    timeout=3600,
    needs=(each_outlet_obeys_its_own_command,),
)
async def meters_agree_with_the_reference(bench: PduBench, take: Take) -> None:
    """Each outlet alone feeds the load through the reference meter, at power factors 1 and 0.5."""
    pdu, tried = bench.structure, dict[int, Tried]()
    await bench.switch(pdu.outlets)
    for number in pdu.outlets:
        tried[number] = await _try(bench, take, number)
    await bench.load.release()
    for finding in why(pdu, {number: each for number, each in tried.items() if number not in bench.explained}):
        bench.explained |= {int(mark.removeprefix("outlet")) for mark in finding.marks}
        take.found(finding)


@step(LOAD_ERROR, CORNERS_AGREE, timeout=1800, needs=(each_outlet_obeys_its_own_command,))
async def corner_meters_agree_at_other_loads(bench: PduBench, take: Take) -> None:
    """The meters of some outlets agree with the reference at small and at full load too."""
    pdu = bench.structure
    for number in pdu.corners:
        bad = []
        for amps in pdu.metering.loads:
            await bench.refer(number, pdu.volts, amps)
            await bench.draw(amps)
            true = await _true(bench, take, CORNERS_AGREE, amps)
            said = error((await bench.pdu.outlet(number)).watts, true.watts)
            if take(LOAD_ERROR.of(at_load(number, amps)), said) is Verdict.FAILED:
                bad.append((amps, said.value))
        if bad and number not in bench.explained:
            take.found(_bent(number, bad, max(pdu.metering.loads)))
    await bench.dark()


async def _try(bench: PduBench, take: Take, number: int) -> Tried:
    pdu, name = bench.structure, outlet(number)
    amps = pdu.metering.amps
    await bench.refer(number, pdu.volts, amps)
    await bench.draw(amps)
    true = await _true(bench, take, REFERENCE_AGREES, amps)
    said = await bench.pdu.outlet(number)
    errors = {
        "volts": (VOLTS_ERROR, error(said.volts, true.volts)),
        "amps": (AMPS_ERROR, error(said.amps, true.amps)),
        "watts": (WATTS_ERROR, error(said.watts, true.watts)),
    }
    bad = {what for what, (kind, each) in errors.items() if take(kind.of(name), each) is Verdict.FAILED}
    off = {what: each.value for what, (_, each) in errors.items()}
    found = Tried(off["volts"], off["amps"], off["watts"], bad)
    if found.amps < LOST:
        found.moves = await _shows(bench, number, 0.5 * amps)
    await bench.draw(amps, HALF)
    true = await _true(bench, take, REFERENCE_AGREES, amps, HALF)
    half = error((await bench.pdu.outlet(number)).watts, true.watts)
    if take(HALF_ERROR.of(name), half) is Verdict.FAILED:
        found.bad.add("half")
    found.half = half.value
    return found


async def _true(
    bench: PduBench, take: Take, agreement: Measurement, amps: float, power_factor: float = 1.0
) -> Electrical:
    """What the reference says, where the load says the same: of volts, of amperes, and of the power that follows from both.

    Raises InstrumentError where they disagree: one of them has drifted, or is stuck.
    """
    true = await bench.checked(await bench.reference.electrical(), amps)
    volts, drawn = await bench.load.volts(), await bench.load.amps()
    apparent = times(true.volts, true.amps, "W")
    active = replace(apparent, value=apparent.value * power_factor)
    agree(
        take, agreement.of("volts"), true.volts, volts, bench.structure.volts, bench.wiring.lead * amps * power_factor
    )
    agree(take, agreement.of("amps"), true.amps, drawn, amps)
    agree(take, agreement.of("watts"), true.watts, active, apparent.value)
    return true


async def _shows(bench: PduBench, number: int, amps: float) -> int | None:
    """The other outlet whose meter shows a current while only this one carries any."""
    for other in bench.structure.outlets:
        said = (await bench.pdu.outlet(other)).amps
        if other != number and said.is_number and said.value > amps:
            return other
    return None


def why(pdu: Pdu, tried: dict[int, Tried]) -> list[Finding]:
    """Findings for meters that are off: whole phases first, then couples, then one by one."""
    found: list[Finding] = []
    for phase, name in enumerate(PHASES, start=1):
        inside = [number for number in tried if pdu.phase(number) == phase]
        if inside and all("volts" in tried[number].bad for number in inside):
            mean = sum(tried[number].volts for number in inside) / len(inside)
            text = f"all meters of {name} read {mean:+.2g} % of volts: their common divider is off"
            found.append(Finding("voltage-gain", name, text, marks=tuple(map(outlet, inside))))
    told = {mark for finding in found for mark in finding.marks}
    for number, each in tried.items():
        name = outlet(number)
        if name in told or not each.bad:
            continue
        finding = _one(number, each)
        told |= set(finding.marks)
        found.append(finding)
    return found


def _one(number: int, tried: Tried) -> Finding:
    name = outlet(number)
    if tried.moves is not None:
        both = tuple(map(outlet, sorted((number, tried.moves))))
        text = f"the load of outlet {number} moves the meter of outlet {tried.moves}: their meters are exchanged"
        return Finding("meter-swapped", "+".join(both), text, marks=both)
    if tried.watts < -100.0:
        text = f"outlet {number} shows power that flows back: its current transformer is turned around"
        return Finding("ct-reversed", name, text, marks=(name,))
    if tried.bad == {"half"}:
        text = f"the power of outlet {number} is {tried.half:+.2g} % off at power factor 0.5 only: an error of phase"
        return Finding("ct-phase", name, text, marks=(name,))
    if "amps" in tried.bad:
        text = f"the meter of outlet {number} reads {tried.amps:+.2g} % of amperes"
        return Finding("ct-gain", name, text, marks=(name,))
    if "volts" in tried.bad:
        text = f"the meter of outlet {number} reads {tried.volts:+.2g} % of volts"
        return Finding("voltage-gain", name, text, marks=(name,))
    text = f"the meter of outlet {number} reads {tried.watts:+.2g} % of watts, {tried.half:+.2g} % at power factor 0.5"
    return Finding("metering", name, text, 0.7, (name,))


def _bent(number: int, bad: list[tuple[float, float]], full: float) -> Finding:
    name, (amps, off) = outlet(number), bad[-1]
    if [each for each, _ in bad] == [full] and off < 0:
        text = f"the meter of outlet {number} loses {-off:.2g} % at {full:g} A only: its current transformer saturates"
        return Finding("ct-saturated", name, text, marks=(name,))
    text = f"the meter of outlet {number} is {off:+.2g} % off at {amps:g} A"
    return Finding("metering", name, text, 0.7, (name,))
