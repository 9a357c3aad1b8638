"""How a jig for rack PDUs is wired: its contactors, the sensors at its outlets, and the parts that prove the jig itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from drivers.power_roles import AcSource, Load, PowerMeter, RackPdu, SafetyTester
from drivers.roles import Crosspoint, InputsOutputs, Matrix, Operator, Scanner, Voltmeter
from sequences.family import CONSOLE, Need, Problem
from sequences.power.numbers import checked, numbers
from sequences.power.parts import (
    CARD_COLUMNS,
    CHANNELS,
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
from sequences.power.rack_pdu import PHASES, Pdu

CONTACTORS = (
    "hv", "hv_reference", "bond_reference", "voltmeter", "proving_dc", "proving_ac", "source", "reference",
)  # fmt: skip


@dataclass(frozen=True)
class PduWiring:
    """The wiring of a jig for rack PDUs. Outlet n lies at column n of the contactors' cards, counted through all of them.

    Row 1 leads an outlet's earth to the tester's bond return (its other end is the inlet's earth), row 2 an outlet's live and
    neutral to the load. The PDU's controller is fed by the jig, so it answers before the inlet is live.
    """

    __pydantic_config__: ClassVar[Any] = STRICT
    cards: list[str]
    """The cards of the contactors' mainframe, slot 1 first."""
    sensor_cards: list[str]
    """The cards of the sensors' mainframe, slot 1 first."""
    contactors: dict[str, str]
    """Where (card.row.column) the other contactors are: `hv` (the tester to all live conductors of the inlet), `hv_reference` and
    `bond_reference` (the tester to its proving parts), `voltmeter` (across live conductors and earth), `proving_dc` and
    `proving_ac` (the voltmeter to the jig's proving voltages), `source` (to the inlet), `reference` (the meter into the load's circuit, which is bridged otherwise, its voltage leads at the outlet)."""
    volts: str
    """The channels at which each outlet's live contact is sensed against earth, in the order of the columns."""
    contacts: str
    """The channels of the thermocouples at each outlet's contacts, in the order of the columns."""
    inlets: str
    """The channels at which the jig's own side of the inlet is sensed, L1 to L3."""
    ambient: int
    """The channel of the thermocouple in the air."""
    bond_reference: Proving
    """The resistor that proves the bond's current path."""
    hv_reference: Proving
    """The resistor that proves the high-voltage lead: where it reads less, the lead is broken."""
    proving: ProvingVolts
    """The voltages that prove the voltmeter, before and after it says that a unit is discharged."""
    supply: list[float]
    """Volts between which the source must put the full mains voltage on the inlet."""
    cover: int = 0
    """The digital input that says that the cover is closed."""
    lamp: int = 0
    """The digital output of the DANGER lamp."""
    release: int = 1
    """The digital output that lets the tester's interlock through to the cover's switch."""
    settle: float = 0.1
    """Seconds that contactors need."""
    lead: float = 0.25
    """Ohms from an outlet's contacts to the load's terminals."""
    agree: float = 1.0
    """Percent by which two instruments may differ of what both measure, beyond their uncertainties."""

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        found: list[Problem] = [
            *odd_cards("cards", self.cards, CARD_COLUMNS),
            *odd_cards("sensor_cards", self.sensor_cards, CHANNELS),
            *odd_contactors(self.contactors, CONTACTORS, self.cards),
            *odd_proving("bond_reference", self.bond_reference, 1e-3, 0.2),
            *odd_proving("hv_reference", self.hv_reference, 1e5, 1e8),
            *odd_ports(self.cover, self.lamp, self.release),
            *odd_volts(self.proving),
            *outside(("settle",), self.settle, 0.001, 10.0),
            *outside(("lead",), self.lead, 0.0, 2.0),
            *outside(("agree",), self.agree, 0.1, 5.0),
            *self._odd_supply(),
        ]
        return found or list(self._odd_channels())

    def _odd_supply(self) -> Iterator[Problem]:
        if len(self.supply) != 2:
            yield ("supply",), f"found {len(self.supply)} numbers; allowed: 2"
            return
        for at, volts in enumerate(self.supply):
            yield from outside(("supply", at), volts, 50.0, 500.0)
        if self.supply[0] >= self.supply[1]:
            yield ("supply",), f"found {self.supply[0]:g}, then {self.supply[1]:g}; allowed: the lesser first"

    def _odd_channels(self) -> Iterator[Problem]:
        known = {
            slot * 100 + number
            for slot, card in enumerate(self.sensor_cards, start=1)
            for number in range(1, CHANNELS.get(card, 0) + 1)
        }
        rows = {row.row for row in (crosspoint(each) for each in self.contactors.values())}
        if rows & {1, 2}:
            yield ("contactors",), "rows 1 and 2 are the outlets' own"
        found: list[Problem] = []
        seen: dict[int, str] = {}
        for name, text in (("volts", self.volts), ("contacts", self.contacts), ("inlets", self.inlets)):
            channels = checked(text, found, (name,))
            absent = [channel for channel in channels if channel not in known]
            if absent:
                found.append(((name,), f"the sensors have no channel {_listed(absent)}"))
            twice = [channel for at, channel in enumerate(channels) if channel in seen or channel in channels[:at]]
            if twice:
                found.append(((name,), f"channel {_listed(twice)} is in {seen.get(twice[0], name)} already"))
            seen |= dict.fromkeys(channels, name)
            if name == "inlets" and len(channels) != len(PHASES):
                found.append(((name,), f"found {len(channels)} channels; allowed: 3"))
        if self.ambient not in known or self.ambient in seen:
            found.append((("ambient",), f"channel {self.ambient} is none, or taken already"))
        yield from found

    def needs(self) -> dict[str, Need]:
        """The instruments that a slot with this jig names."""
        return {
            "pdu": Need(RackPdu),
            "safety": Need(SafetyTester),
            "source": Need(AcSource),
            "load": Need(Load),
            "reference": Need(PowerMeter),
            "voltmeter": Need(Voltmeter),
            "contactors": Need(Matrix),
            "sensors": Need(Scanner),
            "io": Need(InputsOutputs),
            "operator": Need(Operator, otherwise=CONSOLE),
        }

    def misfits(self, structure: Pdu) -> list[str]:
        """Why a PDU cannot be mated with this jig, as sentences; none when it can."""
        places = min(len(self.columns), len(numbers(self.volts)), len(numbers(self.contacts)))
        most = max(structure.outlets)
        return [] if most <= places else [f"it has places for outlets 1 to {places}, the PDU has outlet {most}"]

    @cached_property
    def columns(self) -> tuple[tuple[int, int], ...]:
        """Card and column of each outlet, outlet 1 first."""
        return tuple(
            (slot, column)
            for slot, card in enumerate(self.cards, start=1)
            for column in range(1, CARD_COLUMNS.get(card, 0) + 1)
        )

    def earth(self, outlet: int) -> Crosspoint:
        """The contactor from an outlet's earth to the tester's bond return."""
        card, column = self.columns[outlet - 1]
        return Crosspoint(card, 1, column)

    def load(self, outlet: int) -> Crosspoint:
        """The contactor from an outlet's live and neutral to the load."""
        card, column = self.columns[outlet - 1]
        return Crosspoint(card, 2, column)

    def named(self, name: str) -> Crosspoint:
        """One of the other contactors."""
        return crosspoint(self.contactors[name])


def _listed(channels: list[int]) -> str:
    return ", ".join(map(str, channels[:3])) + (f" and {len(channels) - 3} more" if len(channels) > 3 else "")
