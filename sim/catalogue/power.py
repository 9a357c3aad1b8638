"""Faults of rack PDUs and of power supplies, which must come out FAILED, and of their bays, which must come out ERROR."""

from typing import Any

from sim.catalogue import steps
from sim.catalogue.fault import Fault, Place, Value, after, nowhere
from sim.power.mains import NAMES
from sim.power.spec import PduSlot, PsuSlot


def _outlets(sketch: Any) -> list[str]:  # noqa: ANN401
    return [f"outlet{each.number}" for each in sketch.slot.unit.outlets]


def _corners(sketch: Any) -> list[str]:  # noqa: ANN401
    return [f"outlet{number}" for number in sketch.slot.unit.corners]


def _earthed(sketch: Any) -> list[str]:  # noqa: ANN401
    return _outlets(sketch) if isinstance(sketch.slot, PduSlot) else [""]


def _device(role: str) -> Any:  # noqa: ANN401
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


def _fault(
    name: str, title: str, place: Place, caught_by: str, stands_for: str = "", value: Value | None = None
) -> Fault:
    return Fault(name, "power", title, place, tuple(caught_by.split()), tuple(stands_for.split()), value)


def _of_bay(
    name: str, title: str, place: Place, caught_by: str, stands_for: str = "", value: Value | None = None
) -> Fault:
    return Fault(name, "fixture", title, place, tuple(caught_by.split()), tuple(stands_for.split()), value)


POWER = (
    _fault(
        "pe-loose",
        "a protective earth is loose",
        EARTHED,
        f"{steps.EARTHED} {steps.CHASSIS}",
        "P01",
        Value("resistance that the joint adds", "ohm", 0.1, 1.0, default=0.3),
    ),
    _fault("pe-open", "a protective earth is not connected", EARTHED, f"{steps.EARTHED} {steps.CHASSIS}", "P02"),
    _fault("neutral-live-swapped", "live and neutral of an outlet are exchanged", OUTLET, steps.PHASES, "P03"),
    _fault("phase-swap", "two phases are exchanged behind the inlet", TWO_PHASES, steps.PHASES, "P04"),
    _fault("neutral-open", "the neutral is broken behind the inlet", PDU, steps.NEUTRAL, "P05"),
    _fault(
        "relay-crossed", "the relays of two outlets obey each other's commands", TWO_OUTLETS, steps.SWITCHING, "P06"
    ),
    _fault("relay-welded", "the relay of an outlet stays closed", OUTLET, steps.SWITCHING, "P07"),
    _fault("relay-dead", "the relay of an outlet does not close", OUTLET, f"{steps.PHASES} {steps.SWITCHING}", "P08"),
    _fault(
        "contact-worn",
        "the contacts of an outlet are worn: they become hot under load",
        OUTLET,
        steps.SOAK,
        "P09",
        Value("resistance that the contacts have gained", "ohm", 0.05, 1.0, default=0.1),
    ),
    _fault("ct-reversed", "the current transformer of an outlet is turned around", OUTLET, steps.METERS, "P10"),
    _fault(
        "ct-gain",
        "the current transformer of an outlet has another ratio",
        OUTLET,
        steps.METERS,
        "P11",
        Value("shown current as a multiple of the true one", "", 0.5, 1.5, default=1.05, harmless=1.0),
    ),
    _fault(
        "ct-phase",
        "the current transformer of an outlet turns the phase",
        OUTLET,
        steps.METERS,
        "P12",
        Value("angle that it turns", "deg", -5.0, 5.0, default=1.0, harmless=0.0),
    ),
    _fault("meter-swapped", "the meters of two outlets are exchanged", TWO_OUTLETS, steps.METERS, "P13"),
    _fault(
        "meter-offset",
        "the meter of an outlet shows a current without load",
        OUTLET,
        steps.IDLE,
        "P14",
        Value("current that it shows", "A", 0.05, 0.4, default=0.2),
    ),
    _fault(
        "voltage-gain",
        "the voltage divider of a phase has drifted",
        PHASE,
        steps.METERS,
        "P15",
        Value("shown voltage as a multiple of the true one", "", 0.9, 1.1, default=1.03, harmless=1.0),
    ),
    _fault("ct-saturated", "the current transformer of an outlet saturates", CORNER, steps.CORNERS, "P16"),
    _fault(
        "surge-arrester",
        "a surge arrester conducts",
        PDU,
        f"{steps.WITHSTAND} {steps.RESISTS}",
        "P19",
        Value("its resistance", "ohm", 2e4, 5e5, default=2e5),
    ),
    _fault(
        "y-capacitor",
        "the capacitors to earth have another value",
        PDU,
        steps.WITHSTAND,
        "P20",
        Value("capacitance of all together", "F", 1e-10, 1e-7, default=2e-8),
    ),
    _fault(
        "insulation-weak",
        "the insulation breaks down below its test voltage",
        UNIT,
        steps.WITHSTAND,
        "P21",
        Value("where it breaks down, rms", "V", 600.0, 1400.0, default=1200.0),
    ),
    _fault("fan-failed", "the fan stands", PSU, steps.COOL, "P23"),
    _fault(
        "fan-slow",
        "the fan is slow",
        PSU,
        steps.COOL,
        "P23",
        Value("speed as a multiple of the nominal one", "", 0.3, 0.85, default=0.7),
    ),
    _fault(
        "psu-low-efficiency",
        "more is lost than should be",
        PSU,
        steps.OUTPUT,
        "P24",
        Value("power that is lost besides, of what comes out", "%", 1.5, 10.0, default=2.0),
    ),
    _fault(
        "psu-setpoint",
        "the output has another voltage",
        PSU,
        steps.OUTPUT,
        "P26",
        Value("voltage without load", "V", 46.0, 49.8, default=49.2),
    ),
    _fault("wrong-firmware", "another firmware is loaded", PSU, steps.WHO, "P30"),
)

POWER_FIXTURE = (
    _of_bay("hv-lead-broken", "the tester's high-voltage lead is broken", UNIT, steps.TESTER, "I13"),
    _of_bay(
        "hv-low",
        "the tester puts out far less than it is set to",
        TESTER,
        steps.TESTER,
        "I14",
        Value("output as a multiple of the setting", "", 0.01, 0.8, default=0.05),
    ),
    _of_bay("interlock-open", "the switch of the cover says that it is open", UNIT, steps.COVER, "I15"),
    _of_bay(
        "reference-reversed",
        "the current clamp of the reference meter is turned around",
        UNIT,
        f"{steps.METERS} {steps.OUTPUT}",
        "I16",
    ),
    _of_bay(
        "load-weak",
        "the load does not draw what it was told",
        UNIT,
        f"{steps.METERS} {steps.OUTPUT}",
        "I18",
        Value("current as a multiple of the told one", "", 0.1, 0.9, default=0.8),
    ),
    _of_bay(
        "source-sags",
        "the source limits, and its voltage sags under load",
        UNIT,
        f"{steps.METERS} {steps.OUTPUT}",
        "I19",
        Value("voltage under load as a multiple of that without", "", 0.3, 0.9, default=0.8),
    ),
)
