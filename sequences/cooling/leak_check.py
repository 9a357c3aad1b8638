"""The leak check of manifolds: first the bench proves itself, then the unit is proven tight, and every branch open."""

import asyncio
import math
from dataclasses import replace

from drivers.errors import InstrumentError
from drivers.reading import Reading, State
from drivers.roles import Operator
from sequences.cooling import claims
from sequences.cooling.airflow import branch_drops, odd_branches, shares, still_passes
from sequences.cooling.gas import combined, volume
from sequences.cooling.leak_bench import ManifoldBench
from sequences.cooling.leak_quantities import (
    AMBIENT,
    BLANK,
    DRIFT,
    DROP,
    FILL_TIME,
    JIG_VOLUME,
    KEPT,
    LEAK,
    POPPET_LEAK,
    RESPONSE,
    SHARE,
    UNIT_RESPONSE,
    VOLUME,
    ZERO,
    ZERO_AFTER,
)
from sequences.cooling.locating import (
    bad_poppets,
    kept,
    missing_poppets,
    poppet_findings,
    why_it_does_not_fill,
    why_it_leaks,
)
from sequences.finding import Finding
from sequences.sequence import Group, Sequence
from sequences.step import step
from sequences.take import Take
from sequences.uut import Uut
from sequences.verdict import Verdict

SEEMS_LARGER = 5.0
"""Standard cubic centimetres per minute above which a leak makes a volume seem larger than it is."""
CONTINUE = "CONTINUE"
"""The card that an operator scans where the unit has no label to scan."""


@step(ZERO, AMBIENT, timeout=180)
async def the_bench_is_empty_and_vented(bench: ManifoldBench, take: Take) -> None:
    """The cover is closed, no unit is there, and the pressure sensor reads the pressure of the air."""
    await bench.ready()
    await bench.couple(())
    await bench.release()
    bench.air = await bench.sample()
    take(ZERO.whole, bench.air.pascal)
    take(AMBIENT.whole, bench.air.celsius)


@step(JIG_VOLUME, BLANK, timeout=600, needs=(the_bench_is_empty_and_vented,))
async def the_jig_is_tight_by_itself(bench: ManifoldBench, take: Take) -> None:
    """With its isolating valve shut the jig takes the charge of its own volume, and holds it."""
    await bench.valve("isolate", on=True)
    charge = await bench.fill(bench.structure.pressure, 60.0)
    if not charge.full:
        raise InstrumentError("the jig", "does not come to its pressure by itself: a valve is open, or there is no air")
    await asyncio.sleep(bench.wiring.settle)
    own = volume(charge.litres, charge.before, await bench.sample())
    if take(JIG_VOLUME.whole, own) is not Verdict.PASSED:
        drawn = f"{own.value:.4g} l for {bench.wiring.volume:g} l"
        raise InstrumentError(
            " and ".join(own.by.split("+")), f"disagree: the jig's charge and its pressure make {drawn}"
        )
    leak, _ = await bench.leak(bench.wiring.blank_window, bench.own_volume)
    take(BLANK.whole, leak)


@step(RESPONSE, timeout=600, needs=(the_jig_is_tight_by_itself,))
async def the_calibrated_leak_is_seen(bench: ManifoldBench, take: Take) -> None:
    """A known leak is opened, and found as large as its certificate says: what leaks will be seen."""
    take(RESPONSE.of("jig"), await _response(bench, bench.own_volume, None))
    await bench.release()


@step(timeout=900)
async def the_operator_connects_the_unit(operator: Operator, uut: Uut, bench: ManifoldBench) -> None:
    """Somebody puts the unit in place and scans its label, or the CONTINUE card where it has none."""
    said = await operator.answer(
        f"Put {uut.part_number} {uut.serial} in place, then scan its label or the {CONTINUE} card"
    )
    if said not in {uut.serial, CONTINUE}:
        raise InstrumentError("the scanner", f"scanned {said!r}; this run is for {uut.serial}")
    bench.mated = True


@step(timeout=30)
async def the_manifold_is_in_place(bench: ManifoldBench) -> None:
    """The seat says that a unit is there; every coupling engages, and its switch says so."""
    await bench.ready()
    await bench.couple(bench.structure.disconnects)


@step(FILL_TIME, timeout=900)
async def it_comes_to_its_pressure(bench: ManifoldBench, take: Take) -> None:
    """It fills in time: no seal is missing, no joint is open."""
    charge = await bench.fill(bench.structure.pressure, 1.5 * (take.limit(FILL_TIME.whole).high or 120.0))
    if charge.full:
        bench.charge = charge
        take(FILL_TIME.whole, charge.seconds)
        return
    take(FILL_TIME.whole, replace(charge.seconds, uncertainty=0.0, state=State.AT_LEAST))
    take.found(await why_it_does_not_fill(bench, take))
    await bench.release()


@step(VOLUME, timeout=300, needs=(it_comes_to_its_pressure,))
async def it_has_its_volume(bench: ManifoldBench, take: Take) -> None:
    """It has taken the charge of its own volume: no part is missing, and no branch is shut."""
    await asyncio.sleep(bench.wiring.settle)
    await bench.ready()
    unit = await _unit_volume(bench)
    if take(VOLUME.whole, unit) is Verdict.FAILED:
        drawn = bench.structure.volume
        said = f"it takes the air of {unit.value:.2f} l, and should have {drawn:g} l"
        bench.odd_volume = Finding("wrong-volume", "", f"{said}: a part is missing, or one too many", 0.9)
        bench.too_much = unit.value > drawn


@step(LEAK, DRIFT, timeout=3600, needs=(it_comes_to_its_pressure,))
async def headers_and_joints_are_tight(bench: ManifoldBench, take: Take) -> None:
    """With every coupling engaged the pressure stays, at one temperature."""
    litres, high = bench.volume(coupled=True), take.limit(LEAK.whole).high or 1.0
    await bench.settle(litres.value, high)
    leak, drift = await bench.leak(bench.wiring.window, litres)
    _decisive(leak, high)
    bench.header = leak
    take(DRIFT.whole, drift)
    if take(LEAK.whole, leak) is Verdict.FAILED:
        for finding in await why_it_leaks(bench, take, leak, high / 2.0):
            take.found(finding)


@step(UNIT_RESPONSE, timeout=600, needs=(headers_and_joints_are_tight,))
async def the_calibrated_leak_is_seen_with_the_unit(bench: ManifoldBench, take: Take) -> None:
    """The known leak is found as large with the unit connected: a leak of the unit would have been seen."""
    take(UNIT_RESPONSE.whole, await _response(bench, bench.volume(coupled=True), bench.header))


@step(KEPT, timeout=1800, needs=(it_comes_to_its_pressure,))
async def every_poppet_is_there(bench: ManifoldBench, take: Take) -> None:
    """When every coupling lets go the pressure does not go with them."""
    if take(KEPT.whole, await kept(bench, ())) is Verdict.FAILED:
        for name in await missing_poppets(bench, bench.structure.disconnects):
            text = f"{name} does not hold by itself: its poppet is missing, or stuck open"
            take.found(Finding("poppet-missing", name, text, 0.95, (name,)))


@step(POPPET_LEAK, timeout=7200, needs=(headers_and_joints_are_tight, every_poppet_is_there))
async def poppets_hold_by_themselves(bench: ManifoldBench, take: Take) -> None:
    """With every coupling let go each poppet is tight; all at once on a good unit, by halves where one leaks."""
    litres, high, header = bench.volume(coupled=False), take.limit(POPPET_LEAK.whole).high or 1.0, bench.header
    await bench.couple(bench.structure.disconnects)
    await bench.pressed()
    await bench.couple(())
    await bench.settle(litres.value, high)
    leak, _ = await bench.leak(bench.wiring.window, litres)
    if header is not None and leak.state is State.OK:
        both = math.hypot(leak.uncertainty, header.uncertainty)
        leak = replace(leak, value=leak.value - header.value, uncertainty=both)
    _decisive(leak, high)
    if take(POPPET_LEAK.whole, leak) is Verdict.FAILED:
        await bench.still_tight()
        for finding in poppet_findings(bench, await bad_poppets(bench, take, bench.structure.disconnects, high / 2.0)):
            take.found(finding)


@step(DROP, SHARE, timeout=3600, needs=(it_comes_to_its_pressure, every_poppet_is_there))
async def every_branch_lets_air_through(bench: ManifoldBench, take: Take) -> None:
    """Each branch by itself has the pressure drop of its drawing, and none takes more or less than the others."""
    measured = {name: await branch_drops(bench, take, name) for name in bench.structure.branches}
    if any(each.shut for each in measured.values()):
        await still_passes(bench, measured)
    odd = [name for name, each in measured.items() if each.verdict is Verdict.FAILED]
    for name, share in shares(bench, measured).items():
        if take(SHARE.of(name), share) is Verdict.FAILED and name not in odd:
            odd.append(name)
    for finding in odd_branches(bench.structure, measured, odd):
        take.found(finding)


@step(ZERO_AFTER, timeout=180)
async def the_sensor_still_reads_the_air(bench: ManifoldBench, take: Take) -> None:
    """Vented, the sensor reads what it read before; and the unit was there to the end."""
    tight = bench.header is not None and bench.header.value <= SEEMS_LARGER
    if bench.odd_volume is not None and (
        tight or not bench.too_much
    ):  # what leaks while it fills takes more than it holds
        take.found(bench.odd_volume)
    await bench.release()
    await bench.ready()
    now = await bench.sample()
    if bench.air is not None and abs(now.pascal.value - bench.air.pascal.value) > 2.0 * bench.wiring.repeats + 50.0:
        raise InstrumentError(
            now.pascal.by, f"reads the air as {now.pascal.value:.0f} Pa, and before the unit otherwise"
        )
    take(ZERO_AFTER.whole, now.pascal)


@step(timeout=180)
async def the_bench_vents(bench: ManifoldBench) -> None:
    """Nothing is under pressure when the unit is taken off."""
    await bench.valve("through", on=False)
    await bench.release()
    await bench.couple(())


async def _unit_volume(bench: ManifoldBench) -> Reading:
    """Litres of the unit, by what it has taken. Raises InstrumentError where only the jig has taken anything."""
    if bench.charge is None:
        raise InstrumentError("the bench", "the unit has not been filled in this run")
    whole, own = volume(bench.charge.litres, bench.charge.before, await bench.sample()), bench.own_volume
    rest = whole.value - own.value - bench.wiring.collector
    if whole.is_number and rest < 0.1 * bench.structure.volume:
        raise InstrumentError("the isolating valve", "has not opened: the jig has taken the charge of itself only")
    bench.litres = whole
    return replace(whole, value=rest, uncertainty=math.hypot(whole.uncertainty, own.uncertainty))


async def _response(bench: ManifoldBench, litres: Reading, without: Reading | None) -> Reading:
    """What is seen of the calibrated leak, over what its certificate says at this pressure."""
    window = bench.wiring.window if without is not None else bench.wiring.blank_window
    if without is None:
        without, _ = await bench.leak(window, litres)
    await bench.valve("leak", on=True)
    await asyncio.sleep(2.0)
    seen, _ = await bench.leak(window, litres)
    now = await bench.sample()
    await bench.valve("leak", on=False)
    promised = bench.wiring.calibrated_leak * now.pascal.value / bench.wiring.leak_stated_at
    spread = math.hypot(seen.uncertainty, without.uncertainty) / promised
    return combined((seen.value - without.value) / promised, "1", spread, seen)


def _decisive(leak: Reading, high: float) -> None:
    """Raise InstrumentError where the uncertainty is too large for the limit: then nothing was learned."""
    if leak.state is State.OK and leak.uncertainty > high / 2.0 and leak.value - leak.uncertainty <= high:
        raise InstrumentError(
            leak.by,
            f"cannot tell {leak.value:.2g} from the limit of {high:g} sccm: it is sure to {leak.uncertainty:.2g} only",
        )


LEAK_CHECK = Sequence(
    "leak-check",
    "Tightness of headers and disconnects, and flow of each branch, of a manifold",
    ManifoldBench,
    Group(
        "leak-check",
        setup=(
            the_bench_is_empty_and_vented,
            the_jig_is_tight_by_itself,
            the_calibrated_leak_is_seen,
            the_operator_connects_the_unit,
            the_manifold_is_in_place,
        ),
        main=(
            it_comes_to_its_pressure,
            it_has_its_volume,
            headers_and_joints_are_tight,
            the_calibrated_leak_is_seen_with_the_unit,
            every_poppet_is_there,
            poppets_hold_by_themselves,
            every_branch_lets_air_through,
            the_sensor_still_reads_the_air,
        ),
        cleanup=(the_bench_vents,),
    ),
    catches=claims.LEAK_CHECK,
)
