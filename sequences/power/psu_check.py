"""The check of a power supply: safety first, then who it is, what it puts out at each load, and what it says of that."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from drivers.errors import BadReply, WrongInstrument
from drivers.power_roles import Electrical
from drivers.reading import Reading
from sequences.finding import Finding
from sequences.power import claims
from sequences.power.psu_bench import PsuBench
from sequences.power.psu_quantities import (
    AIR_RISE,
    ALARMS,
    BOND,
    BOND_LASTED,
    BOND_STIMULUS,
    BULK,
    EFFICIENCY,
    FAN,
    HOTTEST,
    INLET_AGREES,
    INPUT_VOLTS_ERROR,
    INPUT_WATTS_ERROR,
    OUTPUT,
    OUTPUT_AGREES,
    OUTPUT_AMPS_ERROR,
    OUTPUT_VOLTS_ERROR,
    OUTPUT_WATTS_ERROR,
    POWER_FACTOR,
    RETURNED,
    SHUNT_AGREES,
    at_load,
)
from sequences.power.readings import error, less, percent, times
from sequences.power.safety import (
    INSULATED,
    READY,
    applied,
    everything_is_off,
    judged,
    nothing_is_charged,
    still_bonds,
    the_cover_may_open,
    the_insulation_resists,
    the_insulation_withstands,
    the_tester_still_reaches_the_jig,
    the_unit_is_discharged,
    unearthed,
)
from sequences.power.witness import agree, must_agree, must_rest
from sequences.sequence import Group, Sequence
from sequences.step import step
from sequences.take import Take
from sequences.verdict import Verdict

STANDING = 0.2
"""Of its nominal speed below which a fan stands rather than being slow."""
LEAST_AMPS = 1.0
"""At the inlet, of which two instruments may be apart by some percent."""
POOREST = 0.95
"""The efficiency that is counted with when a meter's range is chosen."""


@step(BOND, BOND_STIMULUS, BOND_LASTED, timeout=60)
async def the_chassis_is_earthed(bench: PsuBench, take: Take) -> None:
    """The inlet's earth contact leads to the chassis, at a current that burns away what only touches."""
    await bench.bay.must_be_closed(bench.io)
    test, limit = bench.structure.bond, take.limit(BOND.whole)
    proof = await bench.bay.bond(bench.safety, bench.wiring.named("bond"), limit.high or 0.0)
    verdict = judged(take, BOND.whole, proof)
    applied(take, (BOND_STIMULUS.whole, BOND_LASTED.whole), proof, test.amps, test.seconds, verdict)
    if verdict is Verdict.FAILED:
        await still_bonds(bench.bay, bench.safety, take)
        take.found(unearthed(proof, test.amps, "", "the chassis"))


@step(timeout=30)
async def the_unit_says_who_it_is(bench: PsuBench, take: Take) -> None:
    """Model and firmware are what the product says, letter by letter, and the serial number is that of the label."""
    unit = bench.structure
    if bench.psu.map_name != unit.map:
        raise WrongInstrument("the slot", f"speaks {bench.psu.map_name}; the product speaks {unit.map}")
    await bench.still_itself()
    said = await bench.psu.values([*unit.identity, unit.serial])
    for name, wanted in {**unit.identity, unit.serial: bench.uut.serial}.items():
        text = said[name]
        if not isinstance(text, str):
            raise BadReply("the unit", f"says of {name} what is no text")
        if wanted != text.strip() and wanted in {_turned(text, 1), _turned(text, 2)}:
            raise BadReply(
                "the unit", f"says of {name} {text.strip()!r}: words, or their bytes, are exchanged on the way"
            )
        if text.strip() != wanted:
            cause = "wrong-firmware" if "FW" in name.upper() or "FIRMWARE" in name.upper() else "wrong-identity"
            where = "" if cause == "wrong-firmware" else name
            take.found(Finding(cause, where, f"{name} says {text.strip()!r}, expected is {wanted!r}"))


SAFE = (
    the_chassis_is_earthed,
    the_insulation_withstands,
    the_insulation_resists,
    the_unit_is_discharged,
    the_tester_still_reaches_the_jig,
)
"""What a unit, and the tester after it, must have passed before anything is fed to the unit."""


@step(
    OUTPUT, EFFICIENCY, POWER_FACTOR, OUTPUT_VOLTS_ERROR, OUTPUT_AMPS_ERROR, OUTPUT_WATTS_ERROR, INPUT_VOLTS_ERROR,
    INPUT_WATTS_ERROR, OUTPUT_AGREES, SHUNT_AGREES, INLET_AGREES, timeout=600, needs=SAFE,
)  # fmt: skip
async def the_output_is_right_at_each_load(bench: PsuBench, take: Take) -> None:
    """Cold and without load it puts out its set-point; at each load the output droops as it should, little is lost, and what
    the unit says of all this agrees with our meters.
    """
    unit = bench.structure
    await bench.start()
    wasteful, wrong = [], []
    for amps in unit.loads:
        here = at_load(amps)
        await bench.draw(amps)
        volts, said = (
            await bench.output(),
            await bench.says("output_volts", "output_amps", "output_watts", "input_volts", "input_watts"),
        )
        true = await bench.inlet(amps * unit.output_volts / POOREST + 50.0)
        drawn = await _witnessed(bench, take, amps, volts, true)
        bench.cold = bench.cold or volts
        if take(OUTPUT.of(here), volts) is Verdict.FAILED:
            wrong.append(f"{volts.value:.2f} V at {here}")
        take(OUTPUT_VOLTS_ERROR.of(here), error(said["output_volts"], volts))
        take(INPUT_VOLTS_ERROR.of(here), error(said["input_volts"], true.volts))
        if drawn is not None:
            watts = times(volts, drawn, "W")
            if take(EFFICIENCY.of(here), percent(watts, true.watts)) is Verdict.FAILED:
                wasteful.append(f"{100 * watts.value / true.watts.value:.1f} % at {here}")
            take(POWER_FACTOR.of(here), percent(true.watts, times(true.volts, true.amps, "W")))
            take(OUTPUT_AMPS_ERROR.of(here), error(said["output_amps"], drawn))
            take(OUTPUT_WATTS_ERROR.of(here), error(said["output_watts"], watts))
            take(INPUT_WATTS_ERROR.of(here), error(said["input_watts"], true.watts))
    if wrong:
        take.found(Finding("psu-setpoint", "", f"the output has {', '.join(wrong)}"))
    if wasteful:
        bench.explained = True
        take.found(Finding("psu-low-efficiency", "", f"the efficiency is only {', '.join(wasteful)}"))


@step(FAN, AIR_RISE, HOTTEST, BULK, timeout=8000, needs=SAFE)
async def it_stays_cool_at_load(bench: PsuBench, take: Take) -> None:
    """Warm at the greatest load: the fan turns as fast as it should, and the air takes the heat away."""
    unit = bench.structure
    await bench.meet()
    await bench.draw(max(unit.loads))
    await take.until(asyncio.get_running_loop().time() + unit.dwell)
    drawn = await bench.drawn(max(unit.loads))  # without its load it would stay cool whatever is wrong with it
    must_agree(drawn, await bench.shunted(), max(unit.loads), bench.wiring.agree)
    said = await bench.says("fan", "inlet_temperature", "outlet_temperature", "hottest", "bulk_volts")
    for finding in _heat(take, said, unit.rpm):
        if finding.cause != "too-warm" or not bench.explained:
            take.found(finding)
        bench.explained = True
    take(BULK.whole, said["bulk_volts"])


@step(ALARMS, timeout=60, needs=SAFE)
async def no_alarm_is_set(bench: PsuBench, take: Take) -> None:
    """Every flag of every register of alarms is clear, while it runs at load."""
    witness = (await bench.says("fan"))["fan"]
    said = await bench.psu.values(list(bench.structure.alarms.values()))
    for name, register in bench.structure.alarms.items():
        flags = said[register]
        if isinstance(flags, str | Reading):
            raise BadReply("the unit", f"says of {register} what are no flags")
        raised = [flag for flag, on in flags.items() if on]
        count = Reading(float(len(raised)), ALARMS.unit, 0.0, witness.at, witness.by)
        if take(ALARMS.of(name), count) is Verdict.FAILED and not bench.explained:
            take.found(Finding("alarm", name, f"{register} has {', '.join(raised)}"))


@step(RETURNED, timeout=60, needs=(the_output_is_right_at_each_load,))
async def the_output_returns(bench: PsuBench, take: Take) -> None:
    """Once the load has gone the output is where it was before it came."""
    await bench.meet()
    await bench.draw(0.0)
    must_rest(await bench.load.amps())
    now = await bench.output()
    if bench.cold is None:
        raise BadReply("the run", "has not measured the output before it was loaded")
    await bench.source.off()
    take(RETURNED.whole, less(now, replace(bench.cold, at=now.at), "V"))


async def _witnessed(bench: PsuBench, take: Take, amps: float, volts: Reading, true: Electrical) -> Reading | None:
    """The load's amperes where it draws any, once every meter agrees with another one that sees the same.

    The voltmeter with the load, the load with the jig's shunt, the reference with the source. Raises InstrumentError where
    two disagree: one of them has drifted, or is stuck, and no unit is judged by either.
    """
    here, load, source = at_load(amps), bench.load, bench.source
    agree(take, OUTPUT_AGREES.of(here), volts, await load.volts(), bench.structure.output_volts)
    agree(take, INLET_AGREES.of(here), true.volts, await source.volts(1), bench.structure.volts)
    agree(take, INLET_AGREES.of(here), true.amps, await source.amps(1), max(true.amps.value, LEAST_AMPS))
    if not amps:
        return None
    drawn = await bench.drawn(amps)
    agree(take, SHUNT_AGREES.of(here), drawn, await bench.shunted(), amps)
    return drawn


def _turned(text: str, size: int) -> str:
    """The text with every two neighbours of `size` characters exchanged: bytes of words, or words of pairs."""
    whole = text.ljust(-(-len(text) // (2 * size)) * 2 * size)
    halves = [whole[at : at + size] for at in range(0, len(whole), size)]
    return "".join(two + one for one, two in zip(halves[::2], halves[1::2], strict=True)).strip()


def _heat(take: Take, said: Mapping[str, Reading], rpm: float) -> list[Finding]:
    """Take the fan and the temperatures; a bad fan explains what is too warm."""
    fan, rise = said["fan"], less(said["outlet_temperature"], said["inlet_temperature"], "K")
    bad = take(FAN.whole, fan) is Verdict.FAILED
    warm = [
        text
        for text, verdict in (
            (f"the air becomes {rise.value:.0f} K warmer", take(AIR_RISE.whole, rise)),
            (f"its hottest part has {said['hottest'].value:.0f} degC", take(HOTTEST.whole, said["hottest"])),
        )
        if verdict is Verdict.FAILED
    ]
    if bad and fan.value < STANDING * rpm:
        return [Finding("fan-failed", "", f"the fan stands ({fan.value:.0f} rpm)")]
    if bad:
        speed = "slow" if fan.value < rpm else "fast"
        return [Finding(f"fan-{speed}", "", f"the fan turns at {fan.value:.0f} rpm, nominal are {rpm:.0f}")]
    return [Finding("too-warm", "", f"{' and '.join(warm)}, and yet the fan turns")] if warm else []


PSU_CHECK = Sequence(
    "psu-check",
    "Earth, insulation, output, efficiency and telemetry of a power supply",
    PsuBench,
    Group(
        "psu-check",
        setup=READY,
        main=(
            the_chassis_is_earthed,
            *INSULATED,
            the_unit_says_who_it_is,
            the_output_is_right_at_each_load,
            it_stays_cool_at_load,
            no_alarm_is_set,
            the_output_returns,
        ),
        cleanup=(everything_is_off, nothing_is_charged, the_cover_may_open),
    ),
    catches=claims.PSU_CHECK,
)
