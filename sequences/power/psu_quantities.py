"""What the sequence of power supplies measures, and at which points of a product."""

from sequences.limits import Limit, at_most
from sequences.measurement import Measurement
from sequences.power.psu_wiring import PsuWiring
from sequences.power.supply import Psu


def at_load(amps: float) -> str:
    """A load as points are written: `40A`."""
    return f"{amps:g}A"


def every_load(psu: Psu) -> tuple[str, ...]:
    """Every load, the first none at all."""
    return tuple(map(at_load, psu.loads))


def loaded(psu: Psu) -> tuple[str, ...]:
    """Every load at which something flows."""
    return tuple(map(at_load, psu.loads[1:]))


def alarms(psu: Psu) -> tuple[str, ...]:
    """Every register of alarms."""
    return tuple(psu.alarms)


def _agree(wiring: PsuWiring) -> Limit:
    return at_most(wiring.agree, "%")


BOND = Measurement("bond", "ohm", "protective earth of the inlet to the chassis", ends="high")
BOND_STIMULUS = Measurement("bond_stimulus", "%", "the ground bond's current, of what is asked", ends="low")
BOND_LASTED = Measurement("bond_lasted", "%", "how long it flowed, of what is asked", ends="low")

OUTPUT = Measurement("output", "V", "voltage of the output", over=every_load, ends="both")
EFFICIENCY = Measurement("efficiency", "%", "power at the output, of that at the inlet", over=loaded, ends="low")
POWER_FACTOR = Measurement("power_factor", "%", "active power at the inlet, of the apparent", over=loaded, ends="low")
OUTPUT_VOLTS_ERROR = Measurement(
    "output_volts_error", "%", "error of what it says of its output's volts", over=every_load, ends="both"
)
OUTPUT_AMPS_ERROR = Measurement(
    "output_amps_error", "%", "error of what it says of its output's amperes", over=loaded, ends="both"
)
OUTPUT_WATTS_ERROR = Measurement(
    "output_watts_error", "%", "error of what it says of its output's watts", over=loaded, ends="both"
)
INPUT_VOLTS_ERROR = Measurement(
    "input_volts_error", "%", "error of what it says of its inlet's volts", over=every_load, ends="both"
)
INPUT_WATTS_ERROR = Measurement(
    "input_watts_error", "%", "error of what it says of its inlet's watts", over=loaded, ends="both"
)

OUTPUT_AGREES = Measurement(
    "output_agreement", "%", "the voltmeter against the load, beyond their uncertainties",
    over=every_load, of_station=True, limit=_agree,
)  # fmt: skip
SHUNT_AGREES = Measurement(
    "shunt_agreement", "%", "the load's amperes against the jig's shunt, beyond their uncertainties",
    over=loaded, of_station=True, limit=_agree,
)  # fmt: skip
INLET_AGREES = Measurement(
    "inlet_agreement", "%", "the reference against the source, volts and amperes, beyond their uncertainties",
    over=every_load, of_station=True, limit=_agree,
)  # fmt: skip

FAN = Measurement("fan", "rpm", "speed of the fan, warm at the greatest load", ends="both")
AIR_RISE = Measurement("air_rise", "K", "how much warmer the air comes out than it goes in", ends="high")
HOTTEST = Measurement("hottest", "degC", "its hottest part, as it says", ends="high")
BULK = Measurement("bulk_volts", "V", "voltage of the bulk capacitor, as it says", ends="both")
ALARMS = Measurement("alarms", "flags", "alarms that are set", over=alarms, ends="high")
RETURNED = Measurement(
    "returned", "V", "the output once the load has gone, less what it was before it came", ends="both"
)
