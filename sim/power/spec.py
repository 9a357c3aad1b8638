"""What slots for rack PDUs and for power supplies are made of, as plain data. Volts and amperes are rms unless they are DC."""

from collections.abc import Mapping
from dataclasses import dataclass

from sim.population import AS_DRAWN, Member

FARADS = 8e-9
"""Of a rack PDU's filter."""


@dataclass(frozen=True, slots=True)
class Bay:
    """The instruments of a slot by role, its contactors, and the parts that prove the jig itself.

    `relays` gives the crosspoint (card.row.column) of each contactor by name; `cover`, `lamp` and `release` are the numbers
    of the digital input and outputs.
    """

    name: str
    safety: str
    source: str
    load: str
    reference: str
    voltmeter: str
    contactors: str
    io: str
    operator: str
    relays: Mapping[str, str]
    bond_reference: float
    hv_reference: float
    cover: int = 0
    lamp: int = 0
    release: int = 1
    proving: float = 100.0
    """Volts of the jig's proving voltages, of direct and of alternating current alike."""
    shunt: float = 1e-3
    """Ohms in the load's leads, where the jig has a shunt."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """One outlet: its number, and the phase (1 to 3) and branch that feed it."""

    number: int
    phase: int
    branch: str


@dataclass(frozen=True, slots=True)
class PduUnit:
    """A rack PDU as drawn; `corners` are the outlets whose meters are tried at several loads."""

    outlets: tuple[Outlet, ...]
    hertz: float
    label: str = ""
    corners: tuple[int, ...] = ()
    farads: float = FARADS
    """From all live conductors together to protective earth: the filter's Y-capacitors."""
    member: Member = AS_DRAWN
    """Ranges of outlets: `earth` and `contact` in ohms, `ct` and `volts` as factors, `phase` in degrees; and of the whole:
    `farads`, and `insulation` in ohms.
    """


@dataclass(frozen=True, slots=True)
class PduSlot:
    """A bay for rack PDUs. `volts`, `contacts` and `inlets` map a scanner's channel to an outlet or a phase."""

    name: str
    bay: Bay
    unit: PduUnit
    pdu: str
    sensors: str
    volts: Mapping[str, int]
    contacts: Mapping[str, int]
    inlets: Mapping[str, int]
    ambient: str


@dataclass(frozen=True, slots=True)
class PsuUnit:
    """A power supply as drawn: volts without load, its fan's speed, and what each quantity is called in its register map."""

    volts: float
    rated_amps: float
    rpm: float
    registers: Mapping[str, str]
    label: str = ""
    member: Member = AS_DRAWN
    """Ranges: `volts` without load, `losses` in watts per watt, `rpm`, `gain` of each of its meters, `insulation` and `earth`
    in ohms, `bulk` in volts.
    """


@dataclass(frozen=True, slots=True)
class PsuSlot:
    """A bay for power supplies."""

    name: str
    bay: Bay
    unit: PsuUnit
    psu: str
