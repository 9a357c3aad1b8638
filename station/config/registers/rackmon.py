"""Maps of registers in the JSON format of OpenBMC's rackmon.

Its schema: facebook/openbmc, common/recipes-core/rackmon2/rackmon/configs/schema; newer maps have `unit` and `time_sync`
too, and the format LONG. Two registers of one name are real (the ORv3 RPU has such): each of them is called by its name
and its address, NAME_9203. Blanks around a name are no part of it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

from drivers.maps.map import Format, Probe, Register, RegisterMap
from station.config.documents import Document
from station.config.problems import Flaw, Place
from station.config.registers.sound import LAST_ADDRESS, MOST_REGISTERS, Keys, Placed, distinct, flaws_of
from station.config.shapes import STRICT, shape

KEYS = Keys("begin", "length", "precision", "scale", "flags")
_FORMATS = {
    "RAW": Format.RAW,
    "HEX": Format.RAW,
    "STRING": Format.TEXT,
    "INTEGER": Format.INTEGER,
    "LONG": Format.INTEGER,
    "FLOAT": Format.FIXED,
    "FLAGS": Format.FLAGS,
}
_PARITY: Mapping[str, Literal["N", "E", "O"]] = {"EVEN": "E", "ODD": "O", "NONE": "N"}
_UNITS = {"_RPM": "rpm", "_Temp_C": "degC", "_Volt_V": "V", "_Curr_A": "A", "_kPa": "kPa", "_LPM": "l/min"}
"""Ends of names that say a unit beyond doubt."""
_SAID = {"Volts": "V", "Amperes": "A", "Watts": "W", "DegreesC": "degC", "RPM": "rpm", "Percent": "%", "Hertz": "Hz"}
"""Units as newer maps spell them; others stand as they are."""
_MODEL = re.compile(r"(?:.*_)?(?:MFR|Manufacture)_Model")
_SERIAL = re.compile(r"(?:.*_)?(?:MFR_Serial|Serial_Number)")
_FIRMWARE = re.compile(r"(?:.*_)?FW_Revision")


@dataclass(frozen=True, slots=True)
class RackmonRegister:
    """One register."""

    __pydantic_config__: ClassVar[Any] = STRICT
    begin: int
    length: int
    name: str
    format: Literal["RAW", "HEX", "STRING", "INTEGER", "LONG", "FLOAT", "FLAGS"] = "RAW"
    endian: Literal["L", "B"] | None = None
    precision: int | None = None
    sign: bool = False
    scale: float | None = None
    shift: float | None = None
    flags: list[list[int | str]] | None = None
    unit: str | None = None
    keep: int = 1
    changes_only: bool = False
    interval: int = 180


@dataclass(frozen=True, slots=True)
class Handler:
    """What rackmon writes now and then; of it we take only that the register may be written."""

    __pydantic_config__: ClassVar[Any] = STRICT
    reg: int
    len: int
    action: Literal["write"]
    info: dict[str, str]
    period: int = 0


@dataclass(frozen=True, slots=True)
class TimeSync:
    """Where rackmon writes the time."""

    __pydantic_config__: ClassVar[Any] = STRICT
    address: int
    interval: int


@dataclass(frozen=True, slots=True)
class RackmonDocument:
    """A map."""

    __pydantic_config__: ClassVar[Any] = STRICT
    name: str
    address_range: list[list[int]]
    probe_register: int
    baudrate: int
    registers: list[RackmonRegister]
    parity: Literal["EVEN", "ODD", "NONE"] = "EVEN"
    max_span_length: int = 120
    special_handlers: list[Handler] = field(default_factory=list)
    time_sync: TimeSync | None = None


def rackmon_map(document: Document, name: str) -> RegisterMap:
    """The map of a document, as the model `name`. Raises BadDocuments with all that is wrong."""
    tables = document.tables
    written, flaws = shape(RackmonDocument, tables)
    listed = tables.get("registers")
    placed = []
    for at, each in enumerate(listed if isinstance(listed, list) else []):
        entry, _ = shape(RackmonRegister, each)
        if entry is not None:
            where: Place = ("registers", at)
            placed.append(Placed(where, _register(entry)))
            flaws += _odd_entry(where, entry)
    span = tables.get("max_span_length")
    kept = _named_apart(distinct(placed))
    flaws += flaws_of(kept, KEYS, span if isinstance(span, int) and 1 <= span <= 125 else 120)
    if written is not None:
        flaws += _odd_header(written)
    document.require(_with_names(flaws, listed))
    if written is None:
        raise AssertionError("what cannot be read has flaws")
    registers = {each.register.name: each.register for each in kept}
    return _made(written, name, _writable(written, registers), document.name)


def _made(written: RackmonDocument, name: str, registers: Mapping[str, Register], source: str) -> RegisterMap:
    return RegisterMap(
        name=name,
        title=f"{written.name.strip()} (rackmon)",
        kind="rack module",
        registers=registers,
        probe=Probe(written.probe_register, 1),
        baudrate=written.baudrate,
        parity=_PARITY[written.parity],
        addresses=tuple((first, last) for first, last in written.address_range),
        max_span=written.max_span_length,
        model=_first(_MODEL, registers),
        serial=_first(_SERIAL, registers),
        firmware=_first(_FIRMWARE, registers),
        source=source,
    )


def _register(entry: RackmonRegister) -> Register:
    kind = _FORMATS[entry.format]
    name = entry.name.strip()
    flags = [each for each in entry.flags or [] if len(each) == 2 and isinstance(each[0], int)]
    number = kind in {Format.INTEGER, Format.FIXED}
    return Register(
        name=name,
        address=entry.begin,
        length=entry.length,
        format=kind,
        precision=entry.precision or 0,
        scale=1.0 if entry.scale is None else entry.scale,
        shift=entry.shift or 0.0,
        signed=entry.sign and number,
        little=entry.endian == "L" and kind is Format.INTEGER,
        unit=_unit(entry, name) if number else "",
        flags={str(flag).strip(): int(bit) for bit, flag in flags},
    )


def _unit(entry: RackmonRegister, name: str) -> str:
    if entry.unit is not None:
        return _SAID.get(entry.unit, entry.unit)
    return next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")


def _odd_entry(where: Place, entry: RackmonRegister) -> Iterator[Flaw]:
    fixed = {"precision": entry.precision, "scale": entry.scale, "shift": entry.shift}
    for key, value in fixed.items():
        if value is not None and entry.format != "FLOAT":
            yield Flaw((*where, key), f"{key} of {entry.format}", "only with FLOAT")
    if entry.format == "FLOAT" and entry.precision is None:
        yield Flaw((*where, "precision"), "nothing", "the bits behind the point of a FLOAT")
    if entry.endian is not None and entry.format not in {"INTEGER", "LONG"}:
        yield Flaw((*where, "endian"), f"endian of {entry.format}", "only with INTEGER")
    if entry.flags is not None and entry.format != "FLAGS":
        yield Flaw((*where, "flags"), f"flags of {entry.format}", "only with FLAGS")
    names = []
    for at, each in enumerate(entry.flags or []):
        if not (len(each) == 2 and isinstance(each[0], int) and isinstance(each[1], str)):
            yield Flaw((*where, "flags", at), "no flag", "a bit and a name")
        else:
            names.append(each[1].strip())
    for flag, count in Counter(names).items():
        if count > 1:
            yield Flaw((*where, "flags"), f"{count} flags are called {flag!a}", "names of their own")


def _odd_header(written: RackmonDocument) -> Iterator[Flaw]:
    if not 1200 <= written.baudrate <= 1_000_000:
        yield Flaw(("baudrate",), str(written.baudrate), "1200 to 1000000")
    if not 1 <= written.max_span_length <= 125:
        yield Flaw(("max_span_length",), str(written.max_span_length), "1 to 125")
    if not 0 <= written.probe_register <= LAST_ADDRESS:
        yield Flaw(("probe_register",), str(written.probe_register), f"0 to {LAST_ADDRESS}")
    if not 1 <= len(written.registers) <= MOST_REGISTERS:
        yield Flaw(("registers",), f"{len(written.registers)} registers", f"1 to {MOST_REGISTERS}")
    if not written.address_range:
        yield Flaw(("address_range",), "no range", "one or more")
    for at, each in enumerate(written.address_range):
        if not (len(each) == 2 and 0 <= each[0] <= each[1] <= 255):
            yield Flaw(("address_range", at), " to ".join(map(str, each)) or "nothing", "first and last of 0 to 255")


def _named_apart(placed: list[Placed]) -> list[Placed]:
    counts = Counter(each.register.name for each in placed)
    return [
        each
        if counts[each.register.name] == 1
        else each._replace(register=replace(each.register, name=f"{each.register.name}_{each.register.address:04X}"))
        for each in placed
    ]


def _with_names(flaws: Iterable[Flaw], listed: object) -> Iterator[Flaw]:
    """The flaws of registers with their names, because nobody counts registers."""
    for flaw in flaws:
        match flaw.where:
            case ("registers", int() as at, *_) if isinstance(listed, list) and isinstance(listed[at], dict):
                name = listed[at].get("name")
                said = f"{ascii(name)[:82]}: " if isinstance(name, str) else ""
                yield flaw._replace(found=f"{said}{flaw.found}")
            case _:
                yield flaw


def _writable(written: RackmonDocument, registers: Mapping[str, Register]) -> dict[str, Register]:
    told = {(each.reg, each.len) for each in written.special_handlers}
    if written.time_sync is not None:
        told.add((written.time_sync.address, 2))
    return {
        name: replace(each, writable=True) if (each.address, each.length) in told else each
        for name, each in registers.items()
    }


def _first(pattern: re.Pattern[str], registers: Mapping[str, Register]) -> str:
    return next(
        (name for name, each in registers.items() if each.format is Format.TEXT and pattern.fullmatch(name)), ""
    )
