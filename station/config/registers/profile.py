"""Maps of registers in the JSON format of the device profiles of openbmc/phosphor-modbus.

Its schema: rtu/schemas/device_profile.json there. A sensor's type says its unit, as OpenBMC's interfaces have it
(phosphor-dbus-interfaces, xyz.openbmc_project.Sensor.Value). Only configuration registers may be written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from drivers.maps.map import Format, Probe, Register, RegisterMap
from station.config.documents import Document
from station.config.problems import Flaw, Place, shown
from station.config.registers.sound import LAST_ADDRESS, Keys, Placed, flaws_of
from station.config.shapes import STRICT, shape

KEYS = Keys("Offset", "Size", "Precision", "Scale", "Bits")
_OFFSET = re.compile(r"0x[0-9A-Fa-f]{1,8}")
_NO_OFFSET = -1
_PARITY: dict[str, Literal["N", "E", "O"]] = {"None": "N", "Even": "E", "Odd": "O"}
_FORMATS = {"FixedPoint": Format.FIXED, "Float32": Format.FLOAT32, "Integer": Format.INTEGER, "String": Format.TEXT}
_UNITS = {
    "FanTach": "rpm",
    "LiquidFlow": "l/min",
    "Power": "W",
    "Pressure": "Pa",
    "Temperature": "degC",
    "Voltage": "V",
    "Current": "A",
    "Altitude": "m",
    "Energy": "J",
    "Frequency": "Hz",
    "Humidity": "%",
    "Utilization": "%",
    "Valve": "%",
    "RotationalPosition": "rad",
}
"""Of the other types nothing beyond doubt is known."""
_KINDS = Literal[
    "BatteryBackupUnit", "CapacitorBankUnit", "FlowMeter", "HeatExchanger", "PowerMonitorModule", "PowerShelf",
    "PowerSupplyUnit", "ReservoirPumpUnit", "Valve",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProbeEntry:
    """How the device is known."""

    __pydantic_config__: ClassVar[Any] = STRICT
    Offset: str
    Size: int
    ExpectedValue: int | str


@dataclass(frozen=True, slots=True)
class InventoryEntry:
    """What the device says of itself."""

    __pydantic_config__: ClassVar[Any] = STRICT
    Type: Literal["BuildDate", "Manufacturer", "Model", "PartNumber", "SerialNumber", "SparePartNumber"]
    Offset: str
    Size: int
    Format: Literal["String", "Integer"] = "String"


@dataclass(frozen=True, slots=True)
class SensorEntry:
    """A number: a sensor or a metric."""

    __pydantic_config__: ClassVar[Any] = STRICT
    Name: str
    Type: Literal[
        "FanTach", "LiquidFlow", "Power", "Pressure", "Temperature", "Voltage", "Current", "Airflow", "Altitude",
        "Energy", "Frequency", "Humidity", "Utilization", "Valve", "Charge", "RotationalPosition",
        "ValveClosedDuration", "ValveOpenDuration",
    ]  # fmt: skip
    Offset: str
    Size: int
    Format: Literal["FixedPoint", "Float32", "Integer"]
    Precision: int = 0
    Scale: float = 1.0
    Shift: float = 0.0
    IsSigned: bool = False


@dataclass(frozen=True, slots=True)
class BitEntry:
    """A flag; `Value` is what its bit has when it is set."""

    __pydantic_config__: ClassVar[Any] = STRICT
    Name: str
    Type: Literal[
        "ControllerFailure", "FanFailure", "FilterFailure", "PowerFault", "PumpFailure", "LeakDetectedCritical",
        "LeakDetectedWarning", "SensorFailure", "SensorReadingCritical", "SensorReadingWarning",
    ]  # fmt: skip
    BitPosition: int
    Value: bool


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """A word of flags."""

    __pydantic_config__: ClassVar[Any] = STRICT
    Offset: str
    Bits: list[BitEntry]
    Name: str | None = None


@dataclass(frozen=True, slots=True)
class FirmwareEntry:
    """A version, or where an update goes."""

    __pydantic_config__: ClassVar[Any] = STRICT
    Name: str
    Type: Literal["Version", "Update"]
    Offset: str
    Size: int
    Format: Literal["String", "Integer"] = "String"


@dataclass(frozen=True, slots=True)
class ConfigEntry:
    """What is written to the device."""

    __pydantic_config__: ClassVar[Any] = STRICT
    Type: Literal["UnixTime", "Init"]
    Offset: str
    Name: str | None = None
    Size: int | None = None
    Period: int | None = None
    Default: list[int] | None = None


@dataclass(frozen=True, slots=True)
class ProfileDocument:
    """A device profile."""

    __pydantic_config__: ClassVar[Any] = STRICT
    DeviceType: _KINDS
    DeviceModel: str
    Parity: Literal["None", "Even", "Odd"]
    BaudRate: int
    ProbeRegister: ProbeEntry
    InventoryRegisters: list[InventoryEntry] = field(default_factory=list)
    SensorRegisters: list[SensorEntry] = field(default_factory=list)
    StatusRegisters: list[StatusEntry] = field(default_factory=list)
    MetricRegisters: list[SensorEntry] = field(default_factory=list)
    FirmwareRegisters: list[FirmwareEntry] = field(default_factory=list)
    ConfigRegisters: list[ConfigEntry] = field(default_factory=list)


_SECTIONS: dict[str, Any] = {
    "InventoryRegisters": InventoryEntry,
    "SensorRegisters": SensorEntry,
    "StatusRegisters": StatusEntry,
    "MetricRegisters": SensorEntry,
    "FirmwareRegisters": FirmwareEntry,
    "ConfigRegisters": ConfigEntry,
}


def profile_map(document: Document, name: str) -> RegisterMap:
    """The map of a document, as the model `name`. Raises BadDocuments with all that is wrong."""
    tables = document.tables
    written, flaws = shape(ProfileDocument, tables)
    placed: list[Placed] = []
    for section, kind in _SECTIONS.items():
        listed = tables.get(section)
        for at, each in enumerate(listed if isinstance(listed, list) else []):
            entry, _ = shape(kind, each)
            if entry is not None:
                where: Place = (section, at)
                flaws += _odd_entry(where, entry)
                if _OFFSET.fullmatch(entry.Offset):
                    placed.append(Placed(where, _register(entry)))
    flaws += flaws_of(placed, KEYS, 120)
    if written is not None:
        flaws += _odd_header(written, placed)
    document.require(flaws)
    if written is None:
        raise AssertionError("what cannot be read has flaws")
    registers = {each.register.name: each.register for each in placed}
    probe = written.ProbeRegister
    return RegisterMap(
        name=name,
        title=f"{written.DeviceModel} (device profile)",
        kind=_spaced(written.DeviceType),
        registers=registers,
        probe=Probe(_offset(probe.Offset), probe.Size, probe.ExpectedValue),
        baudrate=written.BaudRate,
        parity=_PARITY[written.Parity],
        model=next((each for each in ("Model", "PartNumber") if each in registers), ""),
        serial="SerialNumber" if "SerialNumber" in registers else "",
        firmware=next((each.Name for each in written.FirmwareRegisters if each.Type == "Version"), ""),
        source=document.name,
    )


def _register(entry: Any) -> Register:  # noqa: ANN401 (one of the entries above)
    address = _offset(entry.Offset)
    match entry:
        case InventoryEntry():
            return Register(entry.Type, address, entry.Size, _FORMATS[entry.Format])
        case FirmwareEntry():
            return Register(entry.Name, address, entry.Size, _FORMATS[entry.Format])
        case StatusEntry():
            flags = {each.Name: each.BitPosition for each in entry.Bits}
            low = frozenset(each.Name for each in entry.Bits if not each.Value)
            return Register(entry.Name or f"Status_{address:04X}", address, 1, Format.FLAGS, flags=flags, low=low)
        case ConfigEntry():
            length = entry.Size if entry.Size is not None else len(entry.Default or ())
            kind = Format.INTEGER if length <= 4 else Format.RAW
            unit = "s" if entry.Type == "UnixTime" else ""
            return Register(entry.Name or entry.Type, address, length, kind, unit=unit, writable=True)
        case SensorEntry():
            kind = _FORMATS[entry.Format]
            fixed = kind is Format.FIXED
            return Register(
                entry.Name,
                address,
                entry.Size,
                kind,
                precision=entry.Precision if fixed else 0,
                scale=entry.Scale if fixed else 1.0,
                shift=entry.Shift if fixed else 0.0,
                signed=entry.IsSigned and kind is not Format.FLOAT32,
                unit=_UNITS.get(entry.Type, ""),
            )
        case _:
            raise AssertionError(entry)


def _odd_entry(where: Place, entry: Any) -> Iterator[Flaw]:  # noqa: ANN401 (one of the entries above)
    if not _OFFSET.fullmatch(entry.Offset):
        yield Flaw((*where, "Offset"), shown(entry.Offset), "an address like 0x4F")
    match entry:
        case SensorEntry() if entry.Format != "FixedPoint":
            # A scale that is not applied would be a wrong reading, so it must not be there.
            for key, plain in (("Precision", 0), ("Scale", 1.0), ("Shift", 0.0)):
                if getattr(entry, key) != plain:
                    yield Flaw((*where, key), f"{key} of {entry.Format}", "only with FixedPoint")
        case StatusEntry():
            names = [each.Name for each in entry.Bits]
            for at, each in enumerate(names):
                if each in names[:at]:
                    yield Flaw((*where, "Bits", at), f"another flag is called {shown(each)}")
        case ConfigEntry():
            yield from _odd_config(where, entry)
        case _:
            pass


def _odd_config(where: Place, entry: ConfigEntry) -> Iterator[Flaw]:
    if entry.Type == "Init":
        if entry.Name is None:
            yield Flaw((*where, "Name"), "nothing", "a name")
        if entry.Size is None and entry.Default is None:
            yield Flaw(where, "neither Size nor Default", "one of them")
    elif entry.Size is None:
        yield Flaw((*where, "Size"), "nothing", "how many words the time has")


def _odd_header(written: ProfileDocument, placed: list[Placed]) -> Iterator[Flaw]:
    probe = written.ProbeRegister
    if not (_OFFSET.fullmatch(probe.Offset) and _offset(probe.Offset) <= LAST_ADDRESS):
        yield Flaw(("ProbeRegister", "Offset"), shown(probe.Offset), "an address like 0x4F")
    most = 4 if isinstance(probe.ExpectedValue, int) else 120
    if not 1 <= probe.Size <= most:
        yield Flaw(("ProbeRegister", "Size"), str(probe.Size), f"1 to {most}")
    if not 1200 <= written.BaudRate <= 1_000_000:
        yield Flaw(("BaudRate",), str(written.BaudRate), "1200 to 1000000")
    if not placed:
        yield Flaw((), "there is no register", "one or more")


def _offset(text: str) -> int:
    return int(text, 16) if _OFFSET.fullmatch(text) else _NO_OFFSET


def _spaced(word: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word).lower()
