"""Safety, before anything is energised and before a hand comes near: the steps that all units of power have in common."""

from drivers.errors import InstrumentError
from drivers.power_roles import AcSource, Load, Proof, SafetyTester
from drivers.reading import Reading
from drivers.roles import InputsOutputs, Matrix, Operator, Voltmeter
from sequences.finding import Finding
from sequences.limits import Limit
from sequences.measurement import Measurement, Point
from sequences.power.bay import Bay
from sequences.power.readings import share
from sequences.power.safety_quantities import (
    BOND_REFERENCE,
    BOND_REFERENCE_AFTER,
    INSULATION,
    INSULATION_LASTED,
    INSULATION_STIMULUS,
    LEAD_REFERENCE,
    LEAD_REFERENCE_AFTER,
    LEAKAGE,
    RESIDUAL,
    RESIDUAL_AFTER,
    VOLTMETER,
    VOLTMETER_AFTER,
    VOLTMETER_ZERO,
    VOLTMETER_ZERO_AFTER,
    WITHSTAND_LASTED,
    WITHSTAND_STIMULUS,
)
from sequences.step import step
from sequences.take import Take
from sequences.uut import Uut
from sequences.verdict import Verdict, worst

CONTINUE = "CONTINUE"
"""The card that an operator scans where the unit has no label to scan."""
ARRESTER = 1e6
"""Ohms to earth below which something conducts, rather than that the insulation is poor."""
BROKEN = 0.1
"""Of the bond's current: where less flows, an earth is open rather than loose."""
PART = 1 / 3
"""Of the withstand voltage at which a bad insulation is looked at again: what breaks down is whole there."""


@step(timeout=20)
async def the_jig_has_its_cards(bay: Bay, contactors: Matrix) -> None:
    """The mainframe of the contactors holds the cards that the jig's wiring counts on; every contactor is open."""
    found = await contactors.cards()
    if list(found) != bay.wiring.cards:
        raise InstrumentError("the contactors", f"have cards {', '.join(found)}, not {', '.join(bay.wiring.cards)}")
    await bay.switchboard.clear()


@step(timeout=900)
async def the_operator_connects_the_unit(operator: Operator, uut: Uut) -> None:
    """Somebody connects the unit, closes the cover, and scans the unit's label, or the CONTINUE card where it has none."""
    said = await operator.answer(
        f"Connect {uut.part_number} {uut.serial}, close the cover, then scan its label or the {CONTINUE} card"
    )
    if said not in {uut.serial, CONTINUE}:
        raise InstrumentError("the scanner", f"scanned {said!r}; this run is for {uut.serial}")


@step(timeout=20)
async def the_cover_is_closed(bay: Bay, io: InputsOutputs) -> None:
    """The cover is closed; the DANGER lamp goes on, and only then may the tester put out anything."""
    await bay.guard(io)


@step(BOND_REFERENCE, LEAD_REFERENCE, timeout=60)
async def the_tester_reaches_the_jig(bay: Bay, safety: SafetyTester, io: InputsOutputs, take: Take) -> None:
    """The tester finds the jig's own resistors at the ends of its leads: a broken one would find nothing, and pass."""
    await bay.must_be_closed(io)
    await _true(bay, safety, take, BOND_REFERENCE.whole, LEAD_REFERENCE.whole)


@step(BOND_REFERENCE_AFTER, LEAD_REFERENCE_AFTER, timeout=60)
async def the_tester_still_reaches_the_jig(bay: Bay, safety: SafetyTester, io: InputsOutputs, take: Take) -> None:
    """The leads were whole to the end of the safety tests."""
    await bay.must_be_closed(io)
    await _true(bay, safety, take, BOND_REFERENCE_AFTER.whole, LEAD_REFERENCE_AFTER.whole)


@step(LEAKAGE, WITHSTAND_STIMULUS, WITHSTAND_LASTED, timeout=120)
async def the_insulation_withstands(bay: Bay, safety: SafetyTester, io: InputsOutputs, take: Take) -> None:
    """Live conductors together withstand the test voltage to earth: it was there, for as long as asked, and neither too
    much nor too little current flowed.
    """
    limit, test = take.limit(LEAKAGE.whole), bay.product.withstand
    if limit.high is None or limit.low is None or limit.low <= 0.0:
        raise InstrumentError(
            "the product", f"has no two limits above 0 for {LEAKAGE.name}: no current at all would pass"
        )
    highest, lowest = limit.high, limit.low
    await bay.must_be_closed(io)
    proof = await bay.withstand(safety, highest, lowest)
    verdict = judged(take, LEAKAGE.whole, proof)
    whole = Verdict.PASSED if proof.result.value < highest else verdict  # only too much current breaks a test off
    applied(take, (WITHSTAND_STIMULUS.whole, WITHSTAND_LASTED.whole), proof, test.volts, test.seconds, whole)
    if verdict is Verdict.FAILED:
        take.found(await _why(bay, safety, take, proof))


@step(INSULATION, INSULATION_STIMULUS, INSULATION_LASTED, timeout=120, needs=(the_insulation_withstands,))
async def the_insulation_resists(bay: Bay, safety: SafetyTester, io: InputsOutputs, take: Take) -> None:
    """The insulation's resistance is high enough."""
    test = bay.product.insulation
    await bay.must_be_closed(io)
    proof = await bay.insulation(safety, take.limit(INSULATION.whole).low or 0.0)
    verdict = judged(take, INSULATION.whole, proof)
    applied(take, (INSULATION_STIMULUS.whole, INSULATION_LASTED.whole), proof, test.volts, test.seconds, verdict)
    if verdict is Verdict.FAILED:
        take.found(_conducts(proof.result.value))


@step(RESIDUAL, VOLTMETER, VOLTMETER_ZERO, timeout=90)
async def the_unit_is_discharged(bay: Bay, voltmeter: Voltmeter, take: Take) -> None:
    """What the safety tests have charged is measured to be gone, by another instrument than the one that charged it. It is
    proven before and after.
    """
    await _measured_gone(bay, voltmeter, take, RESIDUAL, (VOLTMETER, VOLTMETER_ZERO))


@step(timeout=30)
async def everything_is_off(bay: Bay, load: Load, source: AcSource) -> None:
    """The load draws nothing, the source's output is open, and so is every contactor."""
    try:
        await load.release()
    finally:
        try:
            await source.off()
        finally:
            await bay.switchboard.clear()


@step(RESIDUAL_AFTER, VOLTMETER_AFTER, VOLTMETER_ZERO_AFTER, timeout=90)
async def nothing_is_charged(bay: Bay, voltmeter: Voltmeter, take: Take) -> None:
    """On every path the unit is measured to be without voltage before the cover may open, by a voltmeter that is proven."""
    await _measured_gone(bay, voltmeter, take, RESIDUAL_AFTER, (VOLTMETER_AFTER, VOLTMETER_ZERO_AFTER))


@step(timeout=20)
async def the_cover_may_open(bay: Bay, io: InputsOutputs) -> None:
    """The tester is locked and the DANGER lamp goes out."""
    await bay.open_up(io)


def judged(take: Take, point: Point, proof: Proof) -> Verdict:
    """Take a proof's result. Raises InstrumentError when the tester has failed what our limit passes."""
    verdict = take(point, proof.result)
    if verdict is Verdict.PASSED and not proof.passed:
        said = f"{proof.result.value:.4g} {proof.result.unit}"
        raise InstrumentError(proof.result.by, f"says FAIL of {point} at {said}, which is within its limit")
    return verdict


def applied(
    take: Take, points: tuple[Point, Point], proof: Proof, stimulus: float, seconds: float, verdict: Verdict
) -> None:
    """Take what was applied and for how long. A test that was broken off because the unit is bad says so of the unit; one
    that passed without its stimulus proves nothing: raises InstrumentError.
    """
    said = worst((take(points[0], share(proof.stimulus, stimulus)), take(points[1], share(proof.seconds, seconds))))
    if verdict is Verdict.PASSED and said is not Verdict.PASSED:
        applied_was = f"{proof.stimulus.value:.4g} {proof.stimulus.unit} for {proof.seconds.value:.3g} s"
        raise InstrumentError(
            proof.stimulus.by, f"put out {applied_was}, where {stimulus:g} for {seconds:g} s are asked"
        )


def unearthed(proof: Proof, asked: float, where: str, what: str) -> Finding:
    """What a failed ground bond says of the earth of `what`, at the place `where`, where `asked` amperes should flow."""
    amps, ohms = proof.stimulus.value, proof.result.value
    marks = (where,) if where else ()
    if amps < BROKEN * asked:
        return Finding("pe-open", where, f"the protective earth of {what} is not connected", marks=marks)
    return Finding("pe-loose", where, f"the protective earth of {what} has {ohms * 1e3:.0f} mohm", marks=marks)


async def still_bonds(bay: Bay, safety: SafetyTester, take: Take) -> None:
    """Before an earth is blamed: the tester still finds the jig's own resistor. Raises InstrumentError when it does not."""
    _proven((await bay.proven_bond(safety)).result, take.limit(BOND_REFERENCE.whole))


def _proven(again: Reading, limit: Limit) -> None:
    if limit.judge(again)[0] is not Verdict.PASSED:
        found = f"{again.value:.4g} {again.unit}" if again.is_number else f"nothing ({again.state})"
        raise InstrumentError(again.by, f"finds {found} at the jig's own resistor: it, or its lead, is not what it was")


def _conducts(ohms: float) -> Finding:
    said = f"{ohms / 1e6:.3g} Mohm to earth"
    if ohms < ARRESTER:
        return Finding("surge-arrester", "", f"a surge arrester conducts: {said}")
    return Finding("insulation-low", "", f"the insulation has only {said}")


async def _measured_gone(
    bay: Bay, voltmeter: Voltmeter, take: Take, left: Measurement, proofs: tuple[Measurement, Measurement]
) -> None:
    """Prove, measure, prove (as EN 50110-1 and EN 50191 have it): what an unproven meter says is worth nothing.

    No reading that stands still passes both proofs, for each function is shown a voltage and none.
    """
    bay.discharged = False
    await _prove(bay, voltmeter, take, proofs)
    direct, alternating, low = await bay.residual(voltmeter)
    await _prove(bay, voltmeter, take, proofs)
    take(left.of("dc"), direct)
    take(left.of("ac"), alternating)
    bay.discharged = low


async def _prove(bay: Bay, voltmeter: Voltmeter, take: Take, proofs: tuple[Measurement, Measurement]) -> None:
    """Raises InstrumentError for a voltmeter that does not show the jig's voltages, or shows some where there are none."""
    found = await bay.proofs(voltmeter)
    for proof, read in zip(proofs, found, strict=True):
        for what, each in read.items():
            if take.sample(proof.of(what), each) is not Verdict.PASSED:
                shown = f"{each.value:.4g} V" if each.is_number else f"no number ({each.state})"
                there = (
                    f"the jig's proving voltage of {bay.wiring.proving.volts:g} V" if proof is proofs[0] else "nothing"
                )
                raise InstrumentError(
                    each.by, f"reads {shown} ({what}) of {there}: it proves nothing, keep the cover closed"
                )


async def _true(bay: Bay, safety: SafetyTester, take: Take, bond: Point, lead: Point) -> None:
    take(bond, (await bay.proven_bond(safety)).result)
    take(lead, (await bay.proven_lead(safety)).result)


async def _why(bay: Bay, safety: SafetyTester, take: Take, proof: Proof) -> Finding:
    """Why the current at the withstand voltage is not what it should be. Raises InstrumentError for a tester that is not
    what it was when it was proven.
    """
    limit, amps = take.limit(LEAKAGE.whole), proof.result.value
    _proven((await bay.proven_lead(safety)).result, take.limit(LEAD_REFERENCE.whole))
    highest, (lowest, _) = limit.high or 0.0, limit.acceptance(proof.result.uncertainty)
    if amps < highest and lowest is not None and amps <= lowest:
        return Finding("y-capacitor", "", f"only {amps * 1e3:.3g} mA flow to earth: a capacitor to earth is missing")
    low = await bay.withstand(safety, highest, 0.0, PART)
    if low.result.value < highest * PART:
        broke = f"it breaks down below {bay.product.withstand.volts:g} V and is whole at a third of that"
        return Finding("insulation-weak", "", broke)
    ohms = (await bay.insulation(safety, 1e6)).result
    if ohms.is_number and ohms.value < ARRESTER:
        return _conducts(ohms.value)
    return Finding("y-capacitor", "", f"{amps * 1e3:.3g} mA flow to earth, as through too great a capacitor")


READY = (the_jig_has_its_cards, the_operator_connects_the_unit, the_cover_is_closed, the_tester_reaches_the_jig)
"""How each check of a bay begins."""
INSULATED = (
    the_insulation_withstands,
    the_insulation_resists,
    the_unit_is_discharged,
    the_tester_still_reaches_the_jig,
)
"""What stands between the earth and the mains: high voltage, its discharge, and the proof that it was there."""
