"""How a leak bench is wired, and what it is worth: valves, couplings, volumes, its calibrated leak, its thermometer."""

from dataclasses import dataclass
from typing import Any, ClassVar

from drivers.cooling_roles import FlowController, PressureSensor
from drivers.roles import InputsOutputs, Operator
from sequences.cooling.manifold import STRICT, Manifold
from sequences.family import CONSOLE, Need, Problem

OUTPUTS = 6
"""Relays, and inputs, of one module."""


@dataclass(frozen=True)
class LeakWiring:
    """The wiring of a leak bench. Outputs and inputs count from 0. With every output off it is vented, and nothing fills it.

    `fill`, `leak` and `through` are open when on; `isolate` and `vent` are shut when on.
    """

    __pydantic_config__: ClassVar[Any] = STRICT
    volume: float
    """Litres of the jig by itself, from its calibration."""
    volume_within: float
    """Litres by which that may be off (k = 2)."""
    collector: float
    """Litres behind the couplings."""
    calibrated_leak: float
    """Standard cubic centimetres per minute of the calibrated leak, at the pressure of its certificate."""
    leak_stated_at: float
    """Pascals, absolute, of its certificate."""
    fill: int = 0
    """The output of the valve from the flow controller to the jig."""
    isolate: int = 1
    """The output of the valve between the jig and the unit."""
    vent: int = 2
    """The output of the valve from the jig to the air."""
    leak: int = 3
    """The output of the valve before the calibrated leak."""
    through: int = 4
    """The output of the valve from the couplings to the air."""
    cover: int = 0
    """The input that is on while the cover is closed."""
    seat: int = 1
    """The input that is on while a unit is in place."""
    couplings_each: int = 4
    """Couplings of each module, from its output 0 on; the input of the same number is on while one is engaged."""
    fill_flow: float = 8.0
    """Litres per minute with which it fills."""
    tracks: float = 0.01
    """Kelvins by which its thermometer may lose the gas in one test."""
    still: float = 0.15
    """Kelvins by which its temperature may go in one test: more is no time for a leak test."""
    repeats: float = 20.0
    """Pascals by which two readings of its sensor, minutes apart, may differ by themselves (k = 2)."""
    flow_repeats: float = 0.004
    """The same of its flow controller, as a fraction."""
    charge_within: float = 0.05
    """The part by which its own charge may be off its volume: so pressure sensor and flow controller witness each other."""
    settle: float = 45.0
    """Seconds after a change of pressure before anything counts."""
    patience: float = 300.0
    """Seconds for which it waits for a pressure to settle."""
    window: float = 180.0
    """Seconds of one leak test."""
    blank_window: float = 75.0
    """Seconds of a leak test of the jig by itself, and while a leak is being located."""
    blank_at_most: float = 0.4
    """Standard cubic centimetres per minute that the jig by itself may leak."""

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        found: list[Problem] = []
        for key, low, high in (
            ("volume", 0.001, 10.0), ("volume_within", 1e-5, 1.0), ("collector", 1e-4, 10.0), ("calibrated_leak", 0.1, 1000.0),
            ("leak_stated_at", 150_000.0, 1_000_000.0), ("fill_flow", 0.1, 200.0), ("tracks", 1e-4, 1.0),
            ("still", 1e-3, 5.0), ("repeats", 0.1, 1e4), ("flow_repeats", 1e-4, 0.1), ("charge_within", 0.01, 0.3), ("settle", 1.0, 3600.0),
            ("patience", 1.0, 7200.0), ("window", 10.0, 7200.0), ("blank_window", 10.0, 7200.0), ("blank_at_most", 0.01, 100.0),
        ):  # fmt: skip
            value = getattr(self, key)
            if not low <= value <= high:
                found.append(((key,), f"found {value:g}; allowed: {low:g} to {high:g}"))
        for keys, most in ((("fill", "isolate", "vent", "leak", "through"), OUTPUTS), (("cover", "seat"), OUTPUTS)):
            used: dict[int, str] = {}
            for key in keys:
                number = getattr(self, key)
                if number not in range(most):
                    found.append(((key,), f"found {number}; allowed: 0 to {most - 1}"))
                elif number in used:
                    found.append(((key,), f"{number} is {used[number]} already"))
                used[number] = key
        if self.couplings_each not in range(1, OUTPUTS + 1):
            found.append((("couplings_each",), f"found {self.couplings_each}; allowed: 1 to {OUTPUTS}"))
        return found

    def needs(self) -> dict[str, Need]:
        """The instruments that a slot with this jig names."""
        return {
            "pressure": Need(PressureSensor),
            "flow": Need(FlowController),
            "valves": Need(InputsOutputs),
            "couplings": Need(InputsOutputs, count=2),
            "operator": Need(Operator, otherwise=CONSOLE),
        }

    def misfits(self, structure: Manifold) -> list[str]:
        """Why a manifold cannot be mated with this jig, as sentences; none when it can."""
        couplings = 2 * self.couplings_each
        found = []
        if len(structure.branches) > couplings:
            found.append(f"it has {len(structure.branches)} branches, the jig {couplings} couplings")
        return found
