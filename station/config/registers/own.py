"""Maps of registers in our own form, TOML: `[map]` says what the device is, `[registers]` what stands where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from drivers.maps.map import Format, Probe, Register, RegisterMap
from station.config.documents import Document
from station.config.names import NAME, SPOKEN, is_title
from station.config.problems import Flaw, nearest, shown
from station.config.registers.sound import MOST_REGISTERS, Keys, Placed, flaws_of
from station.config.shapes import STRICT, fitting, shape

KEYS = Keys("at", "words", "precision", "scale", "flags")
_ONLY = {
    "precision": {Format.FIXED},
    "scale": {Format.FIXED},
    "shift": {Format.FIXED},
    "signed": {Format.INTEGER, Format.FIXED},
    "endian": {Format.INTEGER, Format.FIXED, Format.FLOAT32},
    "unit": {Format.INTEGER, Format.FIXED, Format.FLOAT32},
    "flags": {Format.FLAGS},
}
"""The keys that only some formats have."""


@dataclass(frozen=True, slots=True)
class MapHeader:
    """What the device is, how its bus is set, and how it is known."""

    __pydantic_config__: ClassVar[Any] = STRICT
    name: str
    """The name of the model."""
    title: str
    """For people."""
    probe: str
    """The register by which the device is known."""
    kind: str = ""
    """What kind of device it is: power supply, ..."""
    source: str = ""
    """Where the facts come from."""
    expected: int | str | None = None
    """What the probe register must hold; without it, that it can be read is enough."""
    baudrate: int = 19200
    """Bits per second of its serial line."""
    parity: Literal["N", "E", "O"] = "E"
    """None, even or odd."""
    addresses: list[list[int]] = field(default_factory=list)
    """Unit addresses at which such devices live: [[first, last], ...]."""
    max_span: int = 120
    """The most registers that it gives in one reply, 1 to 125."""
    maker: str = ""
    """Who makes it."""
    model: str = ""
    """The register that holds its model."""
    serial: str = ""
    """The register that holds its serial number."""
    firmware: str = ""
    """The register that holds its firmware's version."""
    safe: dict[str, int | float] = field(default_factory=dict)
    """What is written, in this order, to make it safe: register or "register.flag" to a value."""


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One register."""

    __pydantic_config__: ClassVar[Any] = STRICT
    at: int
    """Its address on the wire, from 0."""
    format: Literal["text", "integer", "fixed", "float32", "flags", "raw"]
    """What its words hold."""
    words: int | None = None
    """How many; one, or two of float32."""
    precision: int | None = None
    """Bits behind the point: value = shift + scale x integer / 2^precision."""
    scale: float | None = None
    """See precision."""
    shift: float | None = None
    """See precision."""
    signed: bool | None = None
    """Whether the integer has a sign."""
    endian: Literal["big", "little"] | None = None
    """Little: the last word is the highest, and the low byte comes first."""
    unit: str | None = None
    """The unit of the value."""
    flags: dict[str, int] | None = None
    """Names of bits, counted from the least significant of all its words."""
    writable: bool = False
    """Whether it may be written."""
    input: bool = False
    """An input register (function 4), not a holding register (function 3)."""


@dataclass(frozen=True, slots=True)
class MapDocument:
    """A map of registers."""

    __pydantic_config__: ClassVar[Any] = STRICT
    map: MapHeader
    """What the device is."""
    registers: dict[str, RegisterEntry]
    """The registers by name."""


def own_map(document: Document) -> RegisterMap:
    """The map of a document in our own form. Raises BadDocuments with all that is wrong."""
    tables = document.tables
    _, flaws = shape(MapDocument, tables)
    header, _ = shape(MapHeader, tables.get("map"))
    named = tables.get("registers")
    entries = fitting(RegisterEntry, named)
    if isinstance(named, dict) and not 1 <= len(named) <= MOST_REGISTERS:
        flaws.append(Flaw(("registers",), f"{len(named)} registers", f"1 to {MOST_REGISTERS}"))
    placed = [Placed(("registers", name), _register(name, entry)) for name, entry in entries.items()]
    flaws += flaws_of(placed, KEYS, header.max_span if header and 1 <= header.max_span <= 125 else 125)
    flaws += [flaw for name, entry in entries.items() for flaw in _foreign_keys(name, entry)]
    registers = {each.register.name: each.register for each in placed}
    if header is not None:
        flaws += _odd_header(header)
        flaws += _odd_names(header, registers, set(named) if isinstance(named, dict) else set())
    document.require(flaws)
    if header is None:
        raise AssertionError("what cannot be read has flaws")
    return _made(header, registers)


def _made(header: MapHeader, registers: Mapping[str, Register]) -> RegisterMap:
    probe = registers[header.probe]
    return RegisterMap(
        name=header.name,
        title=header.title,
        kind=header.kind,
        registers=registers,
        probe=Probe(probe.address, probe.length, header.expected, input=probe.input),
        baudrate=header.baudrate,
        parity=header.parity,
        addresses=tuple((first, last) for first, last in header.addresses),
        max_span=header.max_span,
        model=header.model,
        serial=header.serial,
        firmware=header.firmware,
        maker=header.maker,
        safe=header.safe,
        source=header.source,
    )


def _register(name: str, entry: RegisterEntry) -> Register:
    kind = Format(entry.format)
    return Register(
        name=name,
        address=entry.at,
        length=entry.words if entry.words is not None else 2 if kind is Format.FLOAT32 else 1,
        format=kind,
        precision=entry.precision or 0,
        scale=1.0 if entry.scale is None else entry.scale,
        shift=entry.shift or 0.0,
        signed=bool(entry.signed),
        little=entry.endian == "little",
        unit=entry.unit or "",
        flags=entry.flags or {},
        writable=entry.writable,
        input=entry.input,
    )


def _foreign_keys(name: str, entry: RegisterEntry) -> Iterator[Flaw]:
    for key, kinds in _ONLY.items():
        if getattr(entry, key) is not None and entry.format not in kinds:
            yield Flaw(("registers", name, key), f"{key} of {entry.format}", f"only with {', '.join(sorted(kinds))}")


def _odd_header(header: MapHeader) -> Iterator[Flaw]:
    if not NAME.fullmatch(header.name):
        yield Flaw(("map", "name"), shown(header.name), SPOKEN[NAME])
    for key in ("title", "kind", "source", "maker"):
        if not is_title(getattr(header, key)):
            yield Flaw(("map", key), shown(getattr(header, key)), "one printable line of at most 200 characters")
    if not 1200 <= header.baudrate <= 1_000_000:
        yield Flaw(("map", "baudrate"), str(header.baudrate), "1200 to 1000000")
    if not 1 <= header.max_span <= 125:
        yield Flaw(("map", "max_span"), str(header.max_span), "1 to 125")
    for at, each in enumerate(header.addresses):
        if not (len(each) == 2 and 1 <= each[0] <= each[1] <= 255):
            yield Flaw(("map", "addresses", at), shown(" to ".join(map(str, each))), "first and last of 1 to 255")


def _odd_names(header: MapHeader, registers: Mapping[str, Register], named: set[str]) -> Iterator[Flaw]:
    """What the header says of registers that are not there, or not so. Of one that could not be read, nothing is said."""
    for key in ("probe", "model", "serial", "firmware"):
        name = getattr(header, key)
        if name and name not in named:
            yield Flaw(("map", key), shown(name), nearest(name, named))
    probe = registers.get(header.probe)
    if probe is not None and header.expected is not None:
        kind = Format.TEXT if isinstance(header.expected, str) else Format.INTEGER
        if probe.format is not kind:
            yield Flaw(("map", "expected"), shown(header.expected), f"{header.probe} is {probe.format}")
    for name in header.safe:
        where = ("map", "safe", name)
        head, _, flag = name.partition(".")
        register = registers.get(name) or registers.get(head)
        if register is None:
            if not {name, head} & named:
                yield Flaw(where, shown(name), nearest(head, named))
        elif not register.writable:
            yield Flaw(where, shown(name), f"what may be written: {register.name} has no writable = true")
        elif register.name != name and flag not in register.flags:
            yield Flaw(where, f"{register.name} has no flag {shown(flag)}", nearest(flag, register.flags))
