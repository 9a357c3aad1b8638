"""How good rack PDUs and power supplies differ: the ranges of what they are made of, from the limits of what is measured.

Several parts share a limit: a meter's power errs by its volts, its amperes, its phase and the drop at the outlet's contact. Each
gets a share, so that the worst of them together are still inside.
"""

import math

from sequences.power.rack_pdu import Pdu
from sequences.power.supply import Psu
from sim.population import Range
from sim.power import bay, converter, distribution
from sim.power.insulation import MAINS
from station.simulated.tolerances import Tolerances, below, between, factor

FLICKER = 4e-4
"""By which part a unit's own meters may say something else the next moment."""
INTAKE = 0.8
"""Kelvin by which the air of the hall may be warmer than it usually is."""


def pdu_ranges(tolerances: Tolerances, pdu: Pdu, farads: float) -> dict[str, Range]:
    """The ranges of a good rack PDU."""
    high, low = tolerances.high, tolerances.low
    heat = min(high("contact_rise"), high("start_rise"))
    contact = heat / pdu.soak.amps**2 / distribution.WARMING
    worst = contact if math.isfinite(contact) else distribution.CONTACT
    drop = worst * max(pdu.metering.amps, *pdu.metering.loads) / pdu.volts + FLICKER
    watts = min(tolerances.around("metering_error"), tolerances.around("metering_error_load")) / 100.0
    share = max(0.0, (watts - drop) / 2.0)
    gain = min(share, tolerances.around("metering_amps_error") / 100.0 - FLICKER)
    volts = min(share, tolerances.around("metering_volts_error") / 100.0 - drop)
    half = tolerances.around("metering_error_half") / 100.0 - drop - gain - volts
    phase = math.degrees(half / math.tan(math.acos(0.5)))
    ranges = between(
        earth=below(distribution.EARTH, high("bond") - bay.CONTACT),
        contact=below(distribution.CONTACT, contact),
        ct=factor(gain),
        volts=factor(volts),
        phase=(-phase, phase),
    )
    test = pdu.withstand
    amps_per_farad = 2.0 * math.pi * MAINS * test.volts if test.hertz else math.inf
    filters = (low("leakage") / amps_per_farad, high("leakage") / amps_per_farad)
    resists = max(low("insulation"), 0.0 if test.hertz else test.volts / high("leakage"))
    if resists < distribution.INSULATION:
        ranges |= between(insulation=(resists, distribution.INSULATION**2 / resists)) if resists else {}
    return ranges | (between(farads=filters) if filters[0] < farads < filters[1] else {})


def psu_ranges(tolerances: Tolerances, psu: Psu) -> dict[str, Range]:
    """The ranges of a good power supply."""
    high, low, around = tolerances.high, tolerances.low, tolerances.around
    droops = {f"{amps:g}A": converter.DROOP * amps / psu.rated_amps for amps in psu.loads}
    outputs = {where: each for where, each in tolerances.at("output").items() if where in droops}
    least = max((each.low + droops[at] for at, each in outputs.items() if each.low is not None), default=-math.inf)
    most = min((each.high + droops[at] for at, each in outputs.items() if each.high is not None), default=math.inf)
    wasted = min((_wasted(tolerances, psu, amps) for amps in psu.loads if amps), default=math.inf)
    gains = {
        f"gain {name}": factor(around(f"{said}_error") / 100.0 - FLICKER)
        for name, said in (
            ("volts", "output_volts"), ("amps", "output_amps"), ("watts", "output_watts"), ("input_volts", "input_volts"),
            ("input_watts", "input_watts"),
        )
    }  # fmt: skip
    ranges = between(
        volts=(least, most),
        losses=(-wasted, wasted),
        rpm=(low("fan") * (1.0 + FLICKER), high("fan") * (1.0 - FLICKER)),
        bulk=(low("bulk_volts") * (1.0 + FLICKER), high("bulk_volts") * (1.0 - FLICKER)),
        earth=below(converter.EARTH, high("bond") - bay.CONTACT),
        **gains,
    )
    test = psu.withstand
    if test.hertz:
        return ranges
    leak = (max(low("insulation"), test.volts / high("leakage")), test.volts / max(low("leakage"), 1e-9))
    return ranges | (between(insulation=leak) if leak[0] > 0.0 else {})


def _wasted(tolerances: Tolerances, psu: Psu, amps: float) -> float:
    """Watts more than the usual loss, per watt put out at a load, by which its efficiency or its heat is still good."""
    a, b, c = converter.LOSS
    watts, usual = psu.output_volts * amps, a + b * amps + c * amps * amps
    efficient = watts * (100.0 / tolerances.low("efficiency") - 1.0) - usual
    if amps < max(psu.loads):
        return max(0.0, efficient / watts)
    warmest = sum((converter.HOTTER * amps / (0.66 * psu.rated_amps), INTAKE, 23.0 - converter.INTAKE))
    rise = min(tolerances.high("air_rise"), tolerances.high("hottest") - warmest) * (1.0 - FLICKER)
    return max(0.0, min(efficient, rise / converter.WARMING - usual) / watts)
