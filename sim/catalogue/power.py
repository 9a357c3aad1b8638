"""Faults of rack PDUs and of power supplies, which must come out FAILED, and of their bays, which must come out ERROR."""

from collections.abc import Callable, Iterable
from functools import partial

from sim.catalogue import steps
from sim.catalogue.fault import Place, Value, after, kind, nowhere
from sim.power.mains import NAMES
from sim.power.spec import PduSlot, PsuSlot
from sim.sketch import Sketch


def _outlets(sketch: Sketch) -> list[str]:
    return [f"outlet{each.number}" for each in sketch.slot.unit.outlets]


def _corners(sketch: Sketch) -> list[str]:
    return [f"outlet{number}" for number in sketch.slot.unit.corners]


def _earthed(sketch: Sketch) -> list[str]:
    return _outlets(sketch) if isinstance(sketch.slot, PduSlot) else [""]


def _device(role: str) -> Callable[[Sketch], Iterable[str]]:
    return lambda sketch: (getattr(sketch.slot.bay, role),)


_EITHER = (PduSlot, PsuSlot)
OUTLET = Place("an outlet", _outlets, slots=PduSlot)
CORNER = Place("an outlet whose meter is tried at full load", _corners, slots=PduSlot)
TWO_OUTLETS = Place(
    "two outlets", _outlets, lambda sketch, first: after(_outlets(sketch), first), symmetric=True, slots=PduSlot
)
PHASE = Place("a phase", lambda _: NAMES, slots=PduSlot)
TWO_PHASES = Place("two phases", lambda _: NAMES, lambda _, first: after(NAMES, first), symmetric=True, slots=PduSlot)
EARTHED = Place("an outlet of a PDU; nothing, or a slot, for a power supply", _earthed, slots=_EITHER)
PDU = Place("nothing, or a slot: a rack PDU", nowhere, slots=PduSlot)
PSU = Place("nothing, or a slot: a power supply", nowhere, slots=PsuSlot)
UNIT = Place("nothing, or a slot: a rack PDU or a power supply", nowhere, slots=_EITHER)
TESTER = Place("a safety tester", _device("safety"), on_the_bench=True, slots=_EITHER)


_fault = partial(kind, family="power")
_of_bay = partial(kind, family="fixture")

POWER = (
    _fault(
        "pe-loose",
        "a protective earth is loose",
        EARTHED,
        f"{steps.EARTHED} {steps.CHASSIS}",
        "P01",
        Value("resistance that the joint adds", "ohm", 0.02, 1.0, default=0.3),
        severities=(0.02, 0.05, 0.1, 0.3, 1.0),
        told_from=("pe-open", "contact-worn"),
    ),
    _fault(
        "pe-open",
        "a protective earth is not connected",
        EARTHED,
        f"{steps.EARTHED} {steps.CHASSIS}",
        "P02",
        told_from=("pe-loose", "hv-lead-broken"),
    ),
    _fault(
        "neutral-live-swapped",
        "live and neutral of an outlet are exchanged",
        OUTLET,
        steps.PHASES,
        "P03",
        told_from=("phase-swap",),
    ),
    _fault(
        "phase-swap",
        "two phases are exchanged behind the inlet",
        TWO_PHASES,
        steps.PHASES,
        "P04",
        told_from=("neutral-live-swapped", "meter-swapped"),
    ),
    _fault(
        "neutral-open",
        "the neutral is broken behind the inlet",
        PDU,
        steps.NEUTRAL,
        "P05",
        told_from=("relay-dead", "source-sags"),
    ),
    _fault(
        "relay-crossed",
        "the relays of two outlets obey each other's commands",
        TWO_OUTLETS,
        steps.SWITCHING,
        "P06",
        told_from=("meter-swapped",),
    ),
    _fault(
        "relay-welded",
        "the relay of an outlet stays closed",
        OUTLET,
        steps.SWITCHING,
        "P07",
        told_from=("relay-crossed",),
    ),
    _fault(
        "relay-dead",
        "the relay of an outlet does not close",
        OUTLET,
        f"{steps.PHASES} {steps.SWITCHING}",
        "P08",
        told_from=("neutral-open", "relay-crossed"),
    ),
    _fault(
        "contact-worn",
        "the contacts of an outlet are worn: they become hot under load",
        OUTLET,
        steps.SOAK,
        "P09",
        Value("resistance that the contacts have gained", "ohm", 0.01, 1.0, default=0.1),
        severities=(0.01, 0.03, 0.05, 0.1, 0.3, 1.0),
        told_from=("fan-slow", "pe-loose"),
    ),
    _fault(
        "ct-reversed",
        "the current transformer of an outlet is turned around",
        OUTLET,
        steps.METERS,
        "P10",
        told_from=("reference-reversed",),
    ),
    _fault(
        "ct-gain",
        "the current transformer of an outlet has another ratio",
        OUTLET,
        steps.METERS,
        "P11",
        Value("shown current as a multiple of the true one", "", 0.5, 1.5, default=1.05, harmless=1.0),
        severities=(1.002, 1.005, 1.01, 1.02, 1.05, 1.5, 0.97, 0.5),
        told_from=("ct-phase", "ct-saturated", "voltage-gain", "load-weak"),
    ),
    _fault(
        "ct-phase",
        "the current transformer of an outlet turns the phase",
        OUTLET,
        steps.METERS,
        "P12",
        Value("angle that it turns", "deg", -5.0, 5.0, default=1.0, harmless=0.0),
        severities=(0.1, 0.2, 0.5, 1.0, 2.0, 5.0, -1.0),
        told_from=("ct-gain",),
    ),
    _fault(
        "meter-swapped",
        "the meters of two outlets are exchanged",
        TWO_OUTLETS,
        steps.METERS,
        "P13",
        told_from=("relay-crossed",),
    ),
    _fault(
        "meter-offset",
        "the meter of an outlet shows a current without load",
        OUTLET,
        steps.IDLE,
        "P14",
        Value("current that it shows", "A", 0.02, 0.4, default=0.2),
        severities=(0.02, 0.05, 0.1, 0.2, 0.4),
        told_from=("ct-gain", "relay-welded"),
    ),
    _fault(
        "voltage-gain",
        "the voltage divider of a phase has drifted",
        PHASE,
        steps.METERS,
        "P15",
        Value("shown voltage as a multiple of the true one", "", 0.9, 1.1, default=1.03, harmless=1.0),
        severities=(1.002, 1.005, 1.01, 1.03, 1.1, 0.97),
        told_from=("ct-gain", "source-sags"),
    ),
    _fault(
        "ct-saturated",
        "the current transformer of an outlet saturates",
        CORNER,
        steps.CORNERS,
        "P16",
        told_from=("ct-gain",),
    ),
    _fault(
        "surge-arrester",
        "a surge arrester conducts",
        PDU,
        f"{steps.WITHSTAND} {steps.RESISTS}",
        "P19",
        Value("its resistance", "ohm", 2e4, 5e8, default=2e5),
        severities=(5e8, 5e7, 5e6, 5e5, 2e5, 20000.0),
        told_from=("insulation-weak", "y-capacitor"),
    ),
    _fault(
        "y-capacitor",
        "the capacitors to earth have another value",
        PDU,
        steps.WITHSTAND,
        "P20",
        Value("capacitance of all together", "F", 1e-10, 1e-7, default=2e-8),
        severities=(9e-09, 1e-08, 1.2e-08, 2e-08, 1e-07, 1e-09),
        told_from=("surge-arrester", "insulation-weak"),
    ),
    _fault(
        "insulation-weak",
        "the insulation breaks down below its test voltage",
        UNIT,
        steps.WITHSTAND,
        "P21",
        Value("where it breaks down, rms", "V", 600.0, 2000.0, default=1200.0),
        severities=(2000.0, 1600.0, 1400.0, 1200.0, 900.0, 600.0),
        told_from=("surge-arrester", "y-capacitor", "a good unit whose capacitance alone overloads the tester"),
    ),
    _fault("fan-failed", "the fan stands", PSU, steps.COOL, "P23", told_from=("fan-slow",)),
    _fault(
        "fan-slow",
        "the fan is slow",
        PSU,
        steps.COOL,
        "P23",
        Value("speed as a multiple of the nominal one", "", 0.3, 0.98, default=0.7),
        severities=(0.98, 0.95, 0.9, 0.85, 0.7, 0.3),
        told_from=("fan-failed", "contact-worn"),
    ),
    _fault(
        "psu-low-efficiency",
        "more is lost than should be",
        PSU,
        steps.OUTPUT,
        "P24",
        Value("power that is lost besides, of what comes out", "%", 0.2, 10.0, default=2.0),
        severities=(0.2, 0.5, 1.0, 1.5, 2.0, 10.0),
        told_from=("reference-reversed", "load-weak", "drifted"),
    ),
    _fault(
        "psu-setpoint",
        "the output has another voltage",
        PSU,
        steps.OUTPUT,
        "P26",
        Value("voltage without load", "V", 46.0, 50.8, default=49.2),
        severities=(50.8, 50.4, 50.0, 49.8, 49.2, 46.0),
        told_from=("source-sags", "drifted"),
    ),
    _fault("wrong-firmware", "another firmware is loaded", PSU, steps.WHO, "P30", told_from=("wrong-instrument",)),
)

POWER_FIXTURE = (
    _of_bay(
        "hv-lead-broken",
        "the tester's high-voltage lead is broken",
        UNIT,
        steps.TESTER,
        "I13",
        told_from=("hv-low", "pe-open"),
    ),
    _of_bay(
        "hv-low",
        "the tester puts out far less than it is set to",
        TESTER,
        steps.TESTER,
        "I14",
        Value("output as a multiple of the setting", "", 0.01, 0.8, default=0.05),
        severities=(0.8, 0.5, 0.2, 0.05, 0.01),
        told_from=("hv-lead-broken",),
    ),
    _of_bay(
        "interlock-open",
        "the switch of the cover says that it is open",
        UNIT,
        steps.COVER,
        "I15",
        told_from=("cover-open",),
    ),
    _of_bay(
        "reference-reversed",
        "the current clamp of the reference meter is turned around",
        UNIT,
        f"{steps.METERS} {steps.OUTPUT}",
        "I16",
        told_from=("ct-reversed",),
    ),
    _of_bay(
        "load-weak",
        "the load does not draw what it was told",
        UNIT,
        f"{steps.METERS} {steps.OUTPUT}",
        "I18",
        Value("current as a multiple of the told one", "", 0.1, 0.9, default=0.8),
        severities=(0.9, 0.8, 0.5, 0.1),
        told_from=("ct-gain", "drifted"),
    ),
    _of_bay(
        "source-sags",
        "the source limits, and its voltage sags under load",
        UNIT,
        f"{steps.METERS} {steps.OUTPUT}",
        "I19",
        Value("voltage under load as a multiple of that without", "", 0.3, 0.9, default=0.8),
        severities=(0.9, 0.8, 0.5, 0.3),
        told_from=("voltage-gain", "neutral-open"),
    ),
)
