"""How a hot loop is wired: heater and lamp, interlock and leak rope, valves."""

from dataclasses import dataclass
from typing import Any, ClassVar

from drivers.cooling_roles import PressureSensor, Thermostat
from drivers.power_roles import PowerMeter
from drivers.roles import InputsOutputs, Operator, RegisterBank
from sequences.cooling.manifold import STRICT
from sequences.cooling.pumping_unit import PumpingUnit
from sequences.family import CONSOLE, Need, Problem

CHANNELS = 6


@dataclass(frozen=True)
class LoopWiring:
    """The wiring of a hot loop. Outputs and inputs count from 0; every output off is safe."""

    __pydantic_config__: ClassVar[Any] = STRICT
    map: str
    """The register map of the units that fit."""
    heater_watts: float
    """What the heater takes."""
    heater_volts: float = 230.0
    """Volts of each phase at which it takes that."""
    heater_within: float = 0.04
    """The part by which the meter may find its power off what its resistance takes."""
    agree: float = 0.03
    """The part by which the jig's gauge and the unit's sensor may differ beyond their uncertainties."""
    heater: int = 0
    """The output, of the heater's module, of its contactor."""
    lamp: int = 1
    """The output, of the heater's module, of the lamp that says: hot."""
    cover: int = 0
    """The input, of the heater's module, that is on while the interlock is closed."""
    rope: int = 1
    """The input, of the heater's module, that is on while the leak rope is whole and dry."""
    lock: int = 2
    """The input, of the heater's module, that is on while both hoses of the unit are locked."""
    supply: int = 0
    """The output, of the valves' module, that opens the valve at the unit's outlet."""
    back: int = 1
    """The output, of the valves' module, that opens the valve at the unit's inlet."""
    vent: int = 2
    """The output, of the valves' module, that opens the loop to the air."""
    loss: float = 0.004
    """The part of the heater's power that may not reach the coolant."""
    off_at_most: float = 60.0
    """Watts that the meter may read while the heater is off."""

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        found: list[Problem] = []
        for keys in (("heater", "lamp"), ("cover", "rope", "lock"), ("supply", "back", "vent")):
            used: dict[int, str] = {}
            for key in keys:
                number = getattr(self, key)
                if number not in range(CHANNELS):
                    found.append(((key,), f"found {number}; allowed: 0 to {CHANNELS - 1}"))
                elif number in used:
                    found.append(((key,), f"{number} is {used[number]} already"))
                used[number] = key
        for key, low, high in (
            ("heater_watts", 100.0, 1e6), ("heater_volts", 24.0, 700.0), ("heater_within", 1e-3, 0.2), ("agree", 1e-3, 0.2),
            ("loss", 0.0, 0.1), ("off_at_most", 0.1, 1e3),
        ):  # fmt: skip
            value = getattr(self, key)
            if not low <= value <= high:
                found.append(((key,), f"found {value:g}; allowed: {low:g} to {high:g}"))
        return found

    def needs(self) -> dict[str, Need]:
        """The instruments that a slot with this jig names."""
        return {
            "cdu": Need(RegisterBank),
            "chiller": Need(Thermostat),
            "heater": Need(InputsOutputs),
            "valves": Need(InputsOutputs),
            "meter": Need(PowerMeter),
            "pressure": Need(PressureSensor),
            "operator": Need(Operator, otherwise=CONSOLE),
        }

    def misfits(self, structure: PumpingUnit) -> list[str]:
        """Why a unit cannot be connected to this loop, as sentences; none when it can."""
        return [] if structure.map == self.map else [f"it speaks by {structure.map}, the loop expects {self.map}"]
