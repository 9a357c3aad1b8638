"""The outlets of a rack PDU: each on its own phase, with its neutral, and moved by its own command only."""

from drivers.reading import Reading
from sequences.power.codes import codes, decoded
from sequences.power.mapping import exchanged_phases, open_neutral, swapped_outlet, switching
from sequences.power.pdu_bench import SURGE, PduBench
from sequences.power.pdu_quantities import (
    LOAD_AGREES,
    LOW_AGREES,
    MAINS_AGREE,
    NEUTRAL,
    OUTLET_OFF,
    OUTLET_ON,
    PHASE_OFF,
    PHASE_ON,
    SUPPLY,
)
from sequences.power.pdu_safety import every_outlet_is_earthed
from sequences.power.rack_pdu import PHASES, outlet
from sequences.power.readings import percent
from sequences.power.safety import (
    the_insulation_resists,
    the_insulation_withstands,
    the_tester_still_reaches_the_jig,
    the_unit_is_discharged,
)
from sequences.power.witness import agree, must_agree, must_move
from sequences.step import step
from sequences.take import Take
from sequences.verdict import Verdict

ALIVE = 50.0
"""Percent of what is fed from which on an outlet counts as live."""
TRIED = 1.0
"""Amperes at which the neutral is tried, at low voltage."""
SAFE = (
    every_outlet_is_earthed,
    the_insulation_withstands,
    the_insulation_resists,
    the_unit_is_discharged,
    the_tester_still_reaches_the_jig,
)
"""What a unit, and the tester after it, must have passed before anything is fed to the unit."""


@step(PHASE_ON, PHASE_OFF, LOW_AGREES, timeout=600, needs=SAFE)
async def each_outlet_has_its_phase(bench: PduBench, take: Take) -> None:
    """One phase at a time is fed, at a low voltage: every outlet of that phase has it, and no other."""
    pdu, seen = bench.structure, dict[int, int | None]()
    await bench.switch(pdu.outlets)
    shares: dict[int, list[float]] = {number: [] for number in pdu.outlets}
    for phase in (1, 2, 3):
        fed = [pdu.low_volts if phase == each else 0.0 for each in (1, 2, 3)]
        await bench.feed(*fed)
        supply = (await bench.supply_volts())[PHASES[phase - 1]]
        agree(take, LOW_AGREES.of(PHASES[phase - 1]), supply, await bench.source.volts(phase), pdu.low_volts)
        read, verdicts = await bench.outlet_volts(), list[Verdict]()
        for number, volts in read.items():
            said = percent(volts, supply)
            shares[number].append(said.value)
            own = PHASE_ON if pdu.phase(number) == phase else PHASE_OFF
            verdicts.append(take.sample(own.of(outlet(number)), said))
        if Verdict.FAILED in verdicts:
            half = ALIVE / 100.0 * pdu.low_volts
            await bench.must_repeat({number: volts.value >= half for number, volts in read.items()}, half)
    for number, each in shares.items():
        live = [phase for phase, said in enumerate(each, start=1) if said >= ALIVE]
        seen[number] = live[0] if len(live) == 1 else None
    for finding in exchanged_phases(seen, {number: pdu.phase(number) for number in pdu.outlets}):
        take.found(finding)
    for number in [number for number, each in shares.items() if max(each) < ALIVE]:
        if await _feeds(bench, number):
            bench.explained.add(number)
            take.found(swapped_outlet(number))
    await bench.dark()


@step(NEUTRAL, LOAD_AGREES, timeout=240, needs=SAFE)
async def the_neutral_carries(bench: PduBench, take: Take) -> None:
    """At low voltage still, some outlet of each phase feeds a load against the neutral: without it voltages would float."""
    pdu, verdicts = bench.structure, list[Verdict]()
    await bench.switch(pdu.outlets)
    await bench.feed(pdu.low_volts)
    supply = await bench.supply_volts()
    for phase, name in enumerate(PHASES, start=1):
        best = None
        for number in [each for each in pdu.outlets if pdu.phase(each) == phase]:
            said = percent(await _under_load(bench, take, number), supply[name])
            if best is None or said.value > best.value:
                best = said
            if said.value >= ALIVE:
                break
        if best is not None:
            verdicts.append(take(NEUTRAL.of(name), best))
    await bench.bay.must_be_closed(bench.io)
    await bench.dark()
    if verdicts and all(verdict is Verdict.FAILED for verdict in verdicts):
        take.found(open_neutral())


@step(SUPPLY, MAINS_AGREE, timeout=60, needs=(the_neutral_carries,))
async def the_mains_are_right(bench: PduBench, take: Take) -> None:
    """The full voltage is on the inlet, of each phase."""
    await bench.feed(bench.structure.volts, limit=SURGE * max(each.amps for each in bench.structure.branches.values()))
    for phase, (name, volts) in enumerate((await bench.supply_volts()).items(), start=1):
        agree(take, MAINS_AGREE.of(name), volts, await bench.source.volts(phase), bench.structure.volts)
        take(SUPPLY.of(name), volts)


@step(OUTLET_ON, OUTLET_OFF, timeout=1800, needs=(the_mains_are_right,))
async def each_outlet_obeys_its_own_command(bench: PduBench, take: Take) -> None:
    """All outlets are switched in coded patterns, about log2 of their number, each with all of them looked at: every
    outlet obeys its own command, and no other.
    """
    pdu, told = bench.structure, codes(bench.structure.outlets)
    seen: dict[int, list[bool]] = {number: [] for number in pdu.outlets}
    verdicts = list[Verdict]()
    for at in range(len(next(iter(told.values())))):
        on = {number for number, code in told.items() if code[at]}
        await bench.switch(on)
        for number, volts in (await bench.outlet_volts()).items():
            verdicts.append(take.sample((OUTLET_ON if number in on else OUTLET_OFF).of(outlet(number)), volts))
            seen[number].append(volts.is_number and 100.0 * volts.value / pdu.volts >= ALIVE)
    if Verdict.FAILED in verdicts:
        await bench.must_see_the_mains()
    obeys = decoded({number: tuple(each) for number, each in seen.items()}, told)
    if obeys:
        await bench.must_repeat({number: each[-1] for number, each in seen.items()}, ALIVE / 100.0 * pdu.volts)
    for finding in switching({number: each for number, each in obeys.items() if number not in bench.explained}):
        take.found(finding)


async def _under_load(bench: PduBench, take: Take, number: int) -> Reading:
    """Volts at the load that one outlet feeds alone. Raises InstrumentError where the reference, which lies beside it, says
    otherwise, or does not see the current come: an outlet, or a neutral, is blamed by two witnesses only.
    """
    low = bench.structure.low_volts
    await bench.refer(number, low, TRIED)
    idle = await bench.reference.electrical()
    await bench.draw(TRIED)
    true, volts, amps = await bench.reference.electrical(), await bench.load.volts(), await bench.load.amps()
    agree(take, LOAD_AGREES.of("volts"), true.volts, volts, low, bench.wiring.lead * amps.value)
    agree(take, LOAD_AGREES.of("amps"), true.amps, amps, TRIED)
    if 100.0 * volts.value >= ALIVE * low:
        must_move(idle.amps, true.amps, TRIED)
    return volts


async def _feeds(bench: PduBench, number: int) -> bool:
    """Whether an outlet feeds a load although its live contact is dead."""
    volts = bench.structure.low_volts
    await bench.feed(volts)
    await bench.refer(number, volts, TRIED)
    await bench.draw(TRIED)
    read = await bench.load.volts()
    must_agree((await bench.reference.electrical()).volts, read, volts, bench.wiring.agree)
    await bench.load.release()
    return read.is_number and 100.0 * read.value / volts >= ALIVE
