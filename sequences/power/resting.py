"""Rest: whether a bay is without voltage and current after its process has died; nobody remembers what it had charged."""

from collections.abc import Iterator

from drivers.errors import InstrumentError
from drivers.power_roles import AcSource, Load
from drivers.reading import Reading
from drivers.roles import Voltmeter
from sequences.power.bay import TOUCHABLE, Bay
from sequences.power.witness import must_rest, said

PHASES = (1, 2, 3)


async def restless(bay: Bay, load: Load, source: AcSource, voltmeter: Voltmeter) -> list[str]:
    """What is not at rest, as sentences. The voltmeter is proven before and after, by the jig's own voltages and by none.

    Only what is found discharged so lets go of the lamp. Raises InstrumentError for an instrument that cannot say.
    """
    bay.discharged = False
    wrong: list[str] = []
    try:
        must_rest(await load.amps())
    except InstrumentError as error:
        wrong.append(str(error))
    for phase in PHASES:
        volts = await source.volts(phase)
        if not volts.is_number or abs(volts.value) + volts.uncertainty > TOUCHABLE:
            wrong.append(f"{volts.by}: says {said(volts)} at L{phase}, with its output open")
    try:
        await bay.switchboard.clear()
        wrong += _unproven(bay, await bay.proofs(voltmeter))
        direct, alternating, low = await bay.residual(voltmeter)
        if not low:
            wrong.append(f"the unit: {said(direct)} and {said(alternating)} are still there")
        wrong += _unproven(bay, await bay.proofs(voltmeter))
    finally:
        await bay.switchboard.clear()
    if not wrong:
        bay.discharged, bay.lit = True, False
    return wrong


def _unproven(bay: Bay, found: tuple[dict[str, Reading], dict[str, Reading]]) -> Iterator[str]:
    """What a voltmeter shows that it cannot be showing rightly."""
    proving = bay.wiring.proving
    for nominal, read in zip((proving.volts, 0.0), found, strict=True):
        for what, each in read.items():
            off = proving.volts * proving.tolerance
            if not each.is_number or abs(each.value - nominal) > off + each.uncertainty:
                yield f"{each.by}: reads {said(each)} ({what}) of {nominal:g} V: it proves nothing, keep the cover closed"
