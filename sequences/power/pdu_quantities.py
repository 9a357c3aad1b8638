"""What the sequences of rack PDUs measure, and at which points of a product."""

from collections.abc import Callable

from sequences.limits import Limit, at_most, between
from sequences.measurement import Measurement
from sequences.power.pdu_wiring import PduWiring
from sequences.power.rack_pdu import PHASES, Pdu, outlet


def outlets(pdu: Pdu) -> tuple[str, ...]:
    """Every outlet."""
    return tuple(map(outlet, pdu.outlets))


def phases(_: Pdu) -> tuple[str, ...]:
    """Every phase."""
    return PHASES


def loads(pdu: Pdu) -> tuple[str, ...]:
    """The corner outlets at each of their loads: `outlet1@8A`."""
    return tuple(at_load(number, amps) for number in pdu.corners for amps in pdu.metering.loads)


def at_load(number: int, amps: float) -> str:
    """A corner outlet at a load, as its point is written."""
    return f"{outlet(number)}@{amps:g}A"


def sets(pdu: Pdu) -> tuple[str, ...]:
    """The sets of outlets of the burn-in."""
    return tuple(pdu.sets)


def witnessed(name: str, title: str, over: Callable[[Pdu], tuple[str, ...]]) -> Measurement:
    """By how much two instruments differ, beyond their uncertainties, of what both of them measure."""
    return Measurement(name, "%", title, over=over, of_station=True, limit=_agree)


def _agree(wiring: PduWiring) -> Limit:
    return at_most(wiring.agree, "%")


BOND = Measurement("bond", "ohm", "protective earth of an outlet to the inlet's", over=outlets, ends="high")
BOND_STIMULUS = Measurement(
    "bond_stimulus", "%", "the ground bond's current, of what is asked", over=outlets, ends="low"
)
BOND_LASTED = Measurement("bond_lasted", "%", "how long it flowed, of what is asked", over=outlets, ends="low")

PHASE_ON = Measurement("phase_on", "%", "an outlet's voltage when its own phase alone is fed", over=outlets, ends="low")
PHASE_OFF = Measurement("phase_off", "%", "an outlet's voltage when another phase is fed", over=outlets, ends="high")
LOW_AGREES = witnessed("low_agreement", "the sensors against the source, at the low voltage", phases)
LOAD_AGREES = witnessed(
    "load_agreement", "the load against the reference, at the low voltage", lambda _: ("volts", "amps")
)
NEUTRAL = Measurement(
    "neutral", "%", "voltage from live to neutral under load, of what is fed", over=phases, ends="low"
)
SUPPLY = Measurement(
    "supply", "V", "what the source puts on the inlet", over=phases, of_station=True,
    limit=lambda wiring: between(wiring.supply[0], wiring.supply[1], "V"),
)  # fmt: skip
MAINS_AGREE = witnessed("mains_agreement", "the sensors against the source, at the full voltage", phases)

OUTLET_ON = Measurement(
    "outlet_on", "V", "an outlet's voltage in each pattern in which it is on", over=outlets, ends="low"
)
OUTLET_OFF = Measurement(
    "outlet_off", "V", "an outlet's voltage in each pattern in which it is off", over=outlets, ends="high"
)

OFFSET = Measurement("metering_offset", "A", "what an outlet's meter shows without load", over=outlets, ends="both")
VOLTS_ERROR = Measurement("metering_volts_error", "%", "error of an outlet's volts", over=outlets, ends="both")
AMPS_ERROR = Measurement("metering_amps_error", "%", "error of an outlet's amperes", over=outlets, ends="both")
WATTS_ERROR = Measurement(
    "metering_error", "%", "error of an outlet's watts at power factor 1", over=outlets, ends="both"
)
HALF_ERROR = Measurement(
    "metering_error_half", "%", "error of an outlet's watts at power factor 0.5", over=outlets, ends="both"
)
REFERENCE_AGREES = witnessed(
    "reference_agreement", "the reference against the load", lambda _: ("volts", "amps", "watts")
)
CORNERS_AGREE = witnessed(
    "corner_agreement", "the reference against the load, at other loads", lambda _: ("volts", "amps", "watts")
)
LOAD_ERROR = Measurement(
    "metering_error_load", "%", "error of a corner outlet's watts at other loads", over=loads, ends="both"
)

START_RISE = Measurement(
    "start_rise", "K", "the hottest contact before a set of outlets is loaded", over=sets, ends="high"
)
CONTACT_RISE = Measurement(
    "contact_rise", "K", "the hottest contact above the air, all the time", over=sets, ends="high"
)
TREND = Measurement("trend", "K/15min", "how fast a set's contacts still warm at its end", over=sets, ends="high")
DRIFT = Measurement(
    "metering_drift", "%", "how far a set's meters have drifted since they were cold", over=sets, ends="both"
)
COOLED = Measurement("cooled", "K", "the hottest contact above the air before hands come near", ends="high")
