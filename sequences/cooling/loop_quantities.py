"""What the burn-in of pumping units measures, and at which points."""

from collections.abc import Mapping

from sequences.arithmetic import square
from sequences.cooling.leak_quantities import AIR
from sequences.cooling.loop_wiring import LoopWiring
from sequences.cooling.pumping_unit import PumpingUnit
from sequences.limits import Limit, at_most, between
from sequences.measurement import Measurement


def _pumps(unit: PumpingUnit) -> tuple[str, ...]:
    return tuple(unit.pumps)


def _thermometers(unit: PumpingUnit) -> tuple[str, ...]:
    return unit.thermometers


def _duties(unit: PumpingUnit) -> tuple[str, ...]:
    return tuple(f"{duty:g}" for duty in unit.duties)


def _rpm(unit: PumpingUnit) -> Mapping[str, float]:
    return dict.fromkeys(unit.pumps, unit.hydraulics.rpm * unit.solo / 100.0)


def _watts(unit: PumpingUnit) -> Mapping[str, float]:
    return dict.fromkeys(unit.pumps, unit.hydraulics.watts * square(unit.solo / 100.0) * (unit.solo / 100.0))


def _off(wiring: LoopWiring) -> Limit:
    return at_most(wiring.off_at_most, "W")


def _heater(wiring: LoopWiring) -> Limit:
    return between(1.0 - wiring.heater_within, 1.0 + wiring.heater_within, "1")


HEATER_OFF = Measurement("heater_off", "W", "power of the heater while it is off", of_station=True, limit=_off)
HEATER = Measurement(
    "heater", "1", "power of the heater over what its resistance takes at its voltage", of_station=True, limit=_heater
)
AIR_ZERO = Measurement("zero", "Pa", "the vented loop, absolute", of_station=True, limit=lambda _: between(*AIR, "Pa"))
ALARMS = Measurement("alarms", "1", "alarms that the unit itself raises, cold and at rest", ends="high")
PRESSURE_ZERO = Measurement(
    "pressure_zero", "kPa", "pressure that it shows while it is vented", over=lambda _: ("p_out", "p_in"), ends="both"
)
SPREAD = Measurement(
    "isothermal", "K", "a thermometer against the middle of all, at one temperature", over=_thermometers, ends="both"
)
DROP = Measurement("drop_ratio", "1", "pressure of the loop at its flow, over the drawn one", over=_duties, ends="both")
TACH = Measurement("speed", "rpm", "speed of a pump alone", over=_pumps, nominal=_rpm, ends="both")
HEAD = Measurement("head_ratio", "1", "head of a pump alone, over the drawn one", over=_pumps, ends="both")
PUMP_POWER = Measurement("pump_power", "W", "power of a pump alone", over=_pumps, nominal=_watts, ends="high")
WITHOUT = Measurement("flow_without", "1", "flow without a pump, over the flow of all", over=_pumps, ends="low")
COLD_FLOW = Measurement("cold_flow", "l/min", "flow before the heater is allowed", ends="low")
RISE = Measurement("rise", "K", "from outlet to inlet, hot", ends="both")
CLOSURE = Measurement("closure", "1", "heat in the coolant against the heater's power, less 1", ends="both")
OUTLET = Measurement("outlet", "degC", "temperature that the unit delivers, hot", ends="high")
FLOW = Measurement("flow", "l/min", "flow, hot", ends="low")
SUPPLY = Measurement("supply", "1", "pressure at the jig over what the unit says, hot", ends="both")
CLOGGING = Measurement("clogging", "1", "growth of the loop's resistance while it was hot", ends="high")
WET = Measurement("wet", "1", "leak sensors that are wet after circulating cold", ends="high")
