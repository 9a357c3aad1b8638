"""What the safety steps measure of a unit, and of the station that measures it."""

from sequences.limits import Limit, between
from sequences.measurement import Measurement
from sequences.power.bay import PROVING_VOLTS, Wired
from sequences.power.parts import Proving, ProvingVolts

NOTHING = 1.0
"""Volts that a voltmeter may show where there are none."""


def _around(nominal: float, part: Proving | ProvingVolts, unit: str) -> Limit:
    return between(nominal * (1 - part.tolerance), nominal * (1 + part.tolerance), unit)


def _bond(wiring: Wired) -> Limit:
    return _around(wiring.bond_reference.ohms, wiring.bond_reference, "ohm")


def _lead(wiring: Wired) -> Limit:
    return _around(PROVING_VOLTS / wiring.hv_reference.ohms, wiring.hv_reference, "A")


BOND_REFERENCE = Measurement("bond_reference", "ohm", "the jig's bond resistor", of_station=True, limit=_bond)
LEAD_REFERENCE = Measurement(
    "lead_reference", "A", "current through the jig's high-voltage resistor", of_station=True, limit=_lead
)
BOND_REFERENCE_AFTER = Measurement(
    "bond_reference_after", "ohm", "the jig's bond resistor again", of_station=True, limit=_bond
)
LEAD_REFERENCE_AFTER = Measurement(
    "lead_reference_after", "A", "current through the jig's high-voltage resistor again", of_station=True, limit=_lead
)

LEAKAGE = Measurement("leakage", "A", "current at the withstand voltage", ends="both")
WITHSTAND_STIMULUS = Measurement("withstand_stimulus", "%", "the withstand voltage, of what is asked", ends="low")
WITHSTAND_LASTED = Measurement(
    "withstand_lasted", "%", "how long the withstand voltage was there, of what is asked", ends="low"
)
INSULATION = Measurement("insulation", "ohm", "insulation resistance, live conductors to earth", ends="low")
INSULATION_STIMULUS = Measurement(
    "insulation_stimulus", "%", "the insulation test's voltage, of what is asked", ends="low"
)
INSULATION_LASTED = Measurement(
    "insulation_lasted", "%", "how long the insulation was tried, of what is asked", ends="low"
)
_BOTH = ("dc", "ac")


def _both(_: object) -> tuple[str, ...]:
    return _BOTH


def _proven(wiring: Wired) -> Limit:
    return _around(wiring.proving.volts, wiring.proving, "V")


def _nothing(_: object) -> Limit:
    return between(-NOTHING, NOTHING, "V")


VOLTMETER = Measurement(
    "voltmeter", "V", "the jig's proving voltage, before and after the unit", over=_both, of_station=True, limit=_proven
)
VOLTMETER_ZERO = Measurement(
    "voltmeter_zero",
    "V",
    "where no such voltage is, before and after the unit",
    over=_both,
    of_station=True,
    limit=_nothing,
)
VOLTMETER_AFTER = Measurement(
    "voltmeter_after", "V", "the jig's proving voltage, at the end", over=_both, of_station=True, limit=_proven
)
VOLTMETER_ZERO_AFTER = Measurement(
    "voltmeter_zero_after", "V", "where no such voltage is, at the end", over=_both, of_station=True, limit=_nothing
)
RESIDUAL = Measurement("residual", "V", "voltage left at the inlet after the safety tests", over=_both, ends="both")
RESIDUAL_AFTER = Measurement("residual_after", "V", "voltage left at the inlet at the end", over=_both, ends="both")
