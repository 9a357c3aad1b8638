"""How a jig for power supplies is wired: its contactors, and the parts that prove the jig itself."""

from dataclasses import dataclass
from typing import Any, ClassVar

from drivers.power_roles import AcSource, Load, PowerMeter, SafetyTester
from drivers.roles import Crosspoint, InputsOutputs, Matrix, Operator, RegisterBank, Voltmeter
from sequences.family import CONSOLE, Need, Problem
from sequences.power.parts import (
    CARD_COLUMNS,
    STRICT,
    Proving,
    ProvingVolts,
    crosspoint,
    odd_cards,
    odd_contactors,
    odd_ports,
    odd_proving,
    odd_volts,
    outside,
)
from sequences.power.supply import Psu

CONTACTORS = (
    "hv", "hv_reference", "bond", "bond_reference", "voltmeter", "proving_dc", "proving_ac", "output", "shunt", "source",
    "reference", "load",
)  # fmt: skip


@dataclass(frozen=True)
class PsuWiring:
    """The wiring of a jig for power supplies. The supply's logic is fed by the jig, so it answers before the inlet is live."""

    __pydantic_config__: ClassVar[Any] = STRICT
    cards: list[str]
    """The cards of the contactors' mainframe, slot 1 first."""
    contactors: dict[str, str]
    """Where (card.row.column) the contactors are: `hv` (the tester to the primary), `hv_reference` and `bond_reference` (to its
    proving parts), `bond` (to the chassis), `voltmeter` (across primary and chassis), `proving_dc` and `proving_ac` (the
    voltmeter to the jig's proving voltages), `output` (the voltmeter across the output), `shunt` (the voltmeter across the
    shunt), `source` (to the inlet), `reference` (the meter into the inlet), `load` (to the output)."""
    bond_reference: Proving
    """The resistor that proves the bond's current path."""
    hv_reference: Proving
    """The resistor that proves the high-voltage lead: where it reads less, the lead is broken."""
    proving: ProvingVolts
    """The voltages that prove the voltmeter, before and after it says that a unit is discharged."""
    shunt: Proving
    """The shunt in the load's leads, which witnesses the load's own amperes."""
    cover: int = 0
    """The digital input that says that the cover is closed."""
    lamp: int = 0
    """The digital output of the DANGER lamp."""
    release: int = 1
    """The digital output that lets the tester's interlock through to the cover's switch."""
    settle: float = 0.1
    """Seconds that contactors need."""
    agree: float = 1.0
    """Percent by which two instruments may differ of what both measure, beyond their uncertainties."""
    most_amps: float = 45.0
    """The greatest current that the jig's load can draw."""

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        return [
            *odd_cards("cards", self.cards, CARD_COLUMNS),
            *odd_contactors(self.contactors, CONTACTORS, self.cards),
            *odd_proving("bond_reference", self.bond_reference, 1e-3, 0.2),
            *odd_proving("hv_reference", self.hv_reference, 1e5, 1e8),
            *odd_ports(self.cover, self.lamp, self.release),
            *odd_volts(self.proving),
            *odd_proving("shunt", self.shunt, 1e-5, 0.01),
            *outside(("settle",), self.settle, 0.001, 10.0),
            *outside(("agree",), self.agree, 0.1, 5.0),
            *outside(("most_amps",), self.most_amps, 0.1, 1000.0),
        ]

    def needs(self) -> dict[str, Need]:
        """The instruments that a slot with this jig names."""
        return {
            "psu": Need(RegisterBank),
            "safety": Need(SafetyTester),
            "source": Need(AcSource),
            "load": Need(Load),
            "reference": Need(PowerMeter),
            "voltmeter": Need(Voltmeter),
            "contactors": Need(Matrix),
            "io": Need(InputsOutputs),
            "operator": Need(Operator, otherwise=CONSOLE),
        }

    def misfits(self, structure: Psu) -> list[str]:
        """Why a supply cannot be mated with this jig, as sentences; none when it can."""
        most = max(structure.loads)
        return [] if most <= self.most_amps else [f"its load draws {self.most_amps:g} A, the supply needs {most:g} A"]

    def named(self, name: str) -> Crosspoint:
        """One of the contactors."""
        return crosspoint(self.contactors[name])
