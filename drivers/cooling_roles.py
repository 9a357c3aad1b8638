"""Roles for what carries gas, coolant and heat: pressure sensors, flow controllers, leak testers, thermostats. SI units."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from drivers.reading import Reading
from drivers.roles import Instrument


@runtime_checkable
class PressureSensor(Instrument, Protocol):
    """An absolute pressure transmitter with a thermometer."""

    async def gas(self) -> tuple[Reading, Reading]:
        """Pascals (absolute) and degrees Celsius, from one exchange."""
        ...


@runtime_checkable
class FlowController(Instrument, Protocol):
    """A mass flow controller for gas. Flows are in `l/min` at 25 degrees Celsius and 101,325 Pa."""

    async def let(self, litres_per_minute: float) -> None:
        """Let that much through from now on; the set-point is read back. 0 closes it."""
        ...

    async def flow(self) -> Reading:
        """Litres per minute that go through. OVER_RANGE while it says that it is."""
        ...


@dataclass(frozen=True, slots=True)
class LeakResult:
    """What a leak tester says of one cycle of its own, the one that it was told to begin. `passed` is its judgement."""

    pressure: Reading
    leak: Reading
    passed: bool


@runtime_checkable
class LeakTester(Instrument, Protocol):
    """A pressure decay tester with programs of its own."""

    async def test(self, program: int, *, within: float) -> LeakResult:
        """Run program 1 to 128 and wait for its END of cycle. Results of earlier cycles are never taken.

        Pressure in pascals above the air's, leak in the unit that the program says. Raises Refused for an alarm.
        """
        ...


@runtime_checkable
class Thermostat(Instrument, Protocol):
    """A circulating chiller or heater."""

    async def aim(self, celsius: float) -> None:
        """Set the temperature that it shall keep; read back."""
        ...

    async def run(self) -> None:
        """Start circulating, confirmed."""
        ...

    async def stop(self) -> None:
        """Stop, confirmed."""
        ...

    async def temperature(self) -> Reading:
        """Degrees Celsius of its bath."""
        ...
