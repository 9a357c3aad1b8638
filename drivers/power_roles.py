"""Roles for what carries mains and power: safety testers, sources, loads, power meters, rack PDUs. Structural, SI units."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from drivers.reading import Reading
from drivers.roles import Instrument


@dataclass(frozen=True, slots=True)
class Proof:
    """What a safety tester says of one test, all of the same test.

    `stimulus` is the voltage or current that it measured while it tested (volts, or amperes for a ground bond), `result`
    what it judged (amperes, or ohms), `seconds` how long it applied it, `passed` its own judgement against the limits it
    was given. None of these alone is a pass: the stimulus must have been there, for as long, and both judgements agree.
    """

    stimulus: Reading
    result: Reading
    seconds: Reading
    passed: bool


@runtime_checkable
class SafetyTester(Instrument, Protocol):
    """Ground bond, withstand voltage (hipot) and insulation resistance. Every setting is read back before anything is
    energised; a test ends by itself, is discharged, and is waited for. An open interlock is an error, never a verdict.
    """

    async def ground_bond(self, *, amperes: float, seconds: float, highest: float) -> Proof:
        """Ohms of a protective earth path at `amperes`, judged against `highest` ohms."""
        ...

    async def withstand(self, *, volts: float, hertz: float, seconds: float, highest: float, lowest: float) -> Proof:
        """Amperes that `volts` drive across the insulation; `hertz` 0 is direct current. Judged against both currents:
        less than `lowest` means that nothing is connected.
        """
        ...

    async def insulation(self, *, volts: float, seconds: float, lowest: float) -> Proof:
        """Ohms of the insulation at `volts` of direct current, judged against `lowest` ohms."""
        ...


@runtime_checkable
class AcSource(Instrument, Protocol):
    """A programmable three-phase source."""

    async def energise(self, volts: tuple[float, float, float], *, hertz: float, limit: float) -> None:
        """Put out volts rms from each phase to neutral, phases 120 degrees apart, limited to `limit` amperes each.

        0 leaves a phase dead. Settings are read back before the output closes. Raises Refused when it trips or differs.
        """
        ...

    async def off(self) -> None:
        """Open the output, confirmed."""
        ...

    async def volts(self, phase: int) -> Reading:
        """Volts rms that it measures at phase 1 to 3."""
        ...

    async def amps(self, phase: int) -> Reading:
        """Amperes rms that it delivers at phase 1 to 3."""
        ...


@runtime_checkable
class Load(Instrument, Protocol):
    """An electronic load for alternating or direct current."""

    async def draw(self, amperes: float, *, power_factor: float = 1.0) -> None:
        """Draw that current from now on; settings are read back. Positive power factors lag."""
        ...

    async def release(self) -> None:
        """Draw nothing, confirmed."""
        ...

    async def volts(self) -> Reading:
        """Volts rms, or of direct current, at its terminals."""
        ...

    async def amps(self) -> Reading:
        """Amperes that it really draws."""
        ...


@dataclass(frozen=True, slots=True)
class Electrical:
    """Volts, amperes, watts and hertz of one circuit, all from one update of the meter."""

    volts: Reading
    amps: Reading
    watts: Reading
    hertz: Reading


@runtime_checkable
class PowerMeter(Instrument, Protocol):
    """A power meter on one circuit, or on `phases` of them."""

    async def prepare(self, *, volts: float, amps: float) -> None:
        """Choose the smallest ranges that hold these rms values; read back. A meter without ranges does nothing."""
        ...

    async def electrical(self, phase: int = 1) -> Electrical:
        """What it measures now, after one whole update. Raises Unsupported for a phase that it has not."""
        ...


@runtime_checkable
class RackPdu(Instrument, Protocol):
    """A rack PDU as its own management interface shows it. It is (part of) the unit under test: nothing it says is trusted."""

    async def outlets(self) -> int:
        """How many outlets it says it has."""
        ...

    async def switch(self, outlets: Collection[int], *, on: bool) -> None:
        """Command outlets, counted from 1, on or off; returns when it has accepted each."""
        ...

    async def switched(self) -> tuple[bool, ...]:
        """Which outlets it believes to be on, the first first."""
        ...

    async def outlet(self, number: int) -> Electrical:
        """What its own meter says of one outlet."""
        ...

    async def inlet(self, phase: int) -> Electrical:
        """What its own meter says of inlet phase 1 to 3."""
        ...
