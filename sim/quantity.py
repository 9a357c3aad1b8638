"""Quantities: what instruments can sense of a world, or drive in it, and how several slots at one instrument add up."""

import math
from collections.abc import Callable, Sequence
from enum import StrEnum


class Quantity(StrEnum):
    """What a lead carries, in SI units unless it says otherwise. `place` of `Leads.sense` and `Leads.drive` says where."""

    __hash__ = str.__hash__  # an enumeration's own is Python's, and quantities are looked up all the time

    # a micro-ohmmeter's or a multimeter's terminals
    FOUR_WIRE = "four_wire"
    """Ohms between Kelvin terminals; `inf` when no current can flow."""
    SENSE_OPEN = "sense_open"
    """1 when a sense lead of the instrument is broken."""
    TWO_WIRE = "two_wire"
    """Ohms, leads and relays included. Place: a multiplexer's channel, or nothing."""
    CAPACITANCE = "capacitance"
    """Farads, stray included. Place: a channel."""
    TEMPERATURE = "temperature"
    """Degrees Celsius at a sensor; NaN where none is. Place: a channel, or what the instrument calls it."""
    DC_VOLTS = "dc_volts"
    """Volts, signed. Place: a channel, or nothing."""
    AC_VOLTS = "ac_volts"
    """Volts rms. Place: a channel, a phase `1` to `3`, an outlet's number, or nothing."""
    RELAY = "relay"
    """Driven: 1 closed, 0 open. Place: card, row and column of a matrix, written `2.1.8`."""

    # mains
    AMPS = "amps"
    """Amperes rms, or of direct current. Place: a phase, an outlet's number, or nothing."""
    WATTS = "watts"
    """Active power, negative when it flows backwards. Place: as AMPS."""
    HERTZ = "hertz"
    """Frequency of the mains. Sensed by meters, driven by a source."""
    POWER_FACTOR = "power_factor"
    """Driven by a load: of the current it draws."""
    OUTLET = "outlet"
    """Driven by the controller of a rack PDU: 1 on, 0 off. Place: the outlet's number."""

    # safety testers
    BOND_AMPS = "bond_amps"
    """Driven: the current of a ground bond test, 0 at its end."""
    BOND_OHMS = "bond_ohms"
    """Ohms of the protective earth path while the bond current flows."""
    TEST_AC_VOLTS = "test_ac_volts"
    """Driven: volts rms of an AC withstand test, 0 at its end."""
    TEST_DC_VOLTS = "test_dc_volts"
    """Driven: volts of a DC withstand or insulation test, 0 at its end (the tester then discharges)."""
    LEAK_AMPS = "leak_amps"
    """Amperes that the test voltage drives, capacitive and real."""
    ARC = "arc"
    """1 while the insulation breaks down."""
    INSULATION = "insulation"
    """Ohms between the terminals at the DC test voltage."""

    # inputs, outputs, interlocks
    INPUT = "input"
    """1 or 0 at a digital input. Place: its number from 0."""
    OUTPUT = "output"
    """Driven: 1 or 0 of a digital output. Place: its number from 0."""

    # gas, coolant, heat
    PASCAL = "pascal"
    """Absolute pressure. Place: what the instrument calls it, or nothing."""
    LITRES_PER_MINUTE = "litres_per_minute"
    """Flow, of gas at 25 degrees Celsius and 101,325 Pa. Sensed by meters; driven by a controller as its set-point."""
    SETPOINT = "setpoint"
    """Driven by a thermostat: degrees Celsius that it aims at."""
    RUN = "run"
    """Driven: 1 while a machine runs, 0 otherwise."""

    # instruments that are maps of registers
    REGISTER = "register"
    """The physical value behind a register, in the map's unit. Place: the register's name. Driven where it is written."""


def parallel(ohms: Sequence[float]) -> float:
    """Resistances side by side; a single one that conducts is left as it is, however large or small."""
    if 0.0 in ohms:
        return 0.0
    ways = [each for each in ohms if each != math.inf]
    if len(ways) == 1:
        return ways[0]
    siemens = sum(1.0 / each for each in ways)
    return 1.0 / siemens if siemens else math.inf


def first(values: Sequence[float]) -> float:
    """The first that is connected; NaN when nothing is."""
    return values[0] if values else math.nan


def potential(volts: Sequence[float]) -> float:
    """What a voltmeter shows across several sources: something between; 0 across nothing."""
    return sum(volts) / len(volts) if volts else 0.0


def largest(values: Sequence[float]) -> float:
    """1 if any is; 0 where nothing is connected."""
    return max(values, default=0.0)


Combine = Callable[[Sequence[float]], float]

COMBINED: dict[Quantity, Combine] = {
    Quantity.FOUR_WIRE: parallel,
    Quantity.TWO_WIRE: parallel,
    Quantity.BOND_OHMS: parallel,
    Quantity.INSULATION: parallel,
    Quantity.CAPACITANCE: sum,
    Quantity.AMPS: sum,
    Quantity.WATTS: sum,
    Quantity.LEAK_AMPS: sum,
    Quantity.LITRES_PER_MINUTE: sum,
    Quantity.DC_VOLTS: potential,
    Quantity.AC_VOLTS: potential,
    Quantity.ARC: largest,
    Quantity.INPUT: largest,
    Quantity.SENSE_OPEN: largest,
}
"""How what several slots give to a shared instrument adds up; of every other quantity the first slot's counts."""
