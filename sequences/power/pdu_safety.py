"""The ground bond of a rack PDU: every outlet's earth, before anything else is applied."""

from sequences.power.pdu_bench import PduBench
from sequences.power.pdu_quantities import BOND, BOND_LASTED, BOND_STIMULUS
from sequences.power.rack_pdu import outlet
from sequences.power.safety import applied, judged, still_bonds, unearthed
from sequences.step import step
from sequences.take import Take
from sequences.verdict import Verdict


@step(BOND, BOND_STIMULUS, BOND_LASTED, timeout=600)
async def every_outlet_is_earthed(bench: PduBench, take: Take) -> None:
    """Each outlet's earth contact leads to the inlet's, at a current that burns away what only touches. An outlet without
    earth would pass the tests of insulation that follow.
    """
    test = bench.structure.bond
    await bench.bay.must_be_closed(bench.io)
    for number in bench.structure.outlets:
        name = outlet(number)
        proof = await bench.bay.bond(bench.safety, bench.path(number), take.limit(BOND.of(name)).high or 0.0)
        verdict = judged(take, BOND.of(name), proof)
        applied(take, (BOND_STIMULUS.of(name), BOND_LASTED.of(name)), proof, test.amps, test.seconds, verdict)
        if verdict is Verdict.FAILED:
            await still_bonds(bench.bay, bench.safety, take)
            take.found(unearthed(proof, test.amps, name, f"outlet {number}"))
