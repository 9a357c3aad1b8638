"""Link addresses as the station file writes them: strictly parsed, and turned into wires."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

from drivers.links.console import ConsoleWire
from drivers.links.serial import SerialWire
from drivers.links.tcp import TcpWire
from drivers.links.visa import VisaWire
from drivers.links.wire import Wire

SCHEMES = (
    "tcp://HOST:PORT",
    "visa:RESOURCE",
    "serial:/dev/...?baudrate=9600&parity=N&bytesize=8&stopbits=1",
    "modbus-tcp://HOST:PORT?unit=1",
    "modbus-rtu:/dev/...?baudrate=19200&parity=N&stopbits=1&unit=1",
    "console:",
    "sim:",
    "sim:BUS?unit=1",
)
RATES = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
SETTINGS: dict[str, tuple[str, ...]] = {
    "baudrate": tuple(str(rate) for rate in RATES),
    "parity": ("N", "E", "O"),
    "bytesize": ("8", "7"),
    "stopbits": ("1", "2"),
}
UNITS = {"unit": tuple(map(str, range(1, 248)))}
"""Of a serial line: 0 is for all of them, and what is above 247 is reserved."""
LINE = {each: SETTINGS[each] for each in ("baudrate", "parity", "stopbits")} | UNITS
HOSTS = {"unit": tuple(map(str, range(256)))}
"""Over TCP: a device by itself also goes by 0 or 255."""
_TCP = re.compile(
    r"//(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):(?P<port>[0-9]{1,5})"
)
_VISA = re.compile(
    r"TCPIP[0-9]*::(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?:,(?P<rpc>[0-9]{1,5}))?"
    r"(?:::(?P<lan>[A-Za-z0-9]{1,32}(?:,[0-9]{1,5})?))?(?:::INSTR)?"
    r"|TCPIP[0-9]*::(?P<raw>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])::(?P<port>[0-9]{1,5})::SOCKET"
    r"|USB[0-9]*(?:::(?:0x)?[0-9A-Fa-f]{1,6}){2}::[A-Za-z0-9._-]{1,64}(?:::[0-9]{1,3})?(?:::INSTR)?"
    r"|GPIB[0-9]*::[0-9]{1,2}(?:::[0-9]{1,3})?(?:::INSTR)?"
)
RESOURCES = "TCPIP::HOST::inst0::INSTR, ::hislip0::INSTR or ::PORT::SOCKET, USB0::...::INSTR, GPIB0::22::INSTR"
_BUS = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
_DEVICE = re.compile(r"/(?!/)[!-~]*[!-.0-~]")


@dataclass(frozen=True, slots=True)
class TcpAddress:
    """`tcp://host:port`; an IPv6 host stands in brackets."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"tcp://[{self.host}]:{self.port}" if ":" in self.host else f"tcp://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SerialAddress:
    """`serial:/dev/...` and the settings of the port."""

    device: str
    baudrate: int = 9600
    parity: str = "N"
    bytesize: int = 8
    stopbits: int = 1

    def __str__(self) -> str:
        return (
            f"serial:{self.device}?baudrate={self.baudrate}&parity={self.parity}"
            f"&bytesize={self.bytesize}&stopbits={self.stopbits}"
        )


@dataclass(frozen=True, slots=True)
class VisaAddress:
    """`visa:` and a resource: VXI-11, HiSLIP, USBTMC or GPIB."""

    resource: str

    def __str__(self) -> str:
        return f"visa:{self.resource}"


@dataclass(frozen=True, slots=True)
class ModbusTcpAddress:
    """`modbus-tcp://host:port?unit=1`; where no unit is named, it is the one from the factory."""

    host: str
    port: int
    unit: int | None = None

    def __str__(self) -> str:
        return f"modbus-{TcpAddress(self.host, self.port)}{_query(unit=self.unit)}"


@dataclass(frozen=True, slots=True)
class ModbusRtuAddress:
    """`modbus-rtu:/dev/...` and the settings of the line; what is not named is as it leaves the factory."""

    device: str
    baudrate: int | None = None
    parity: str | None = None
    stopbits: int | None = None
    unit: int | None = None

    def __str__(self) -> str:
        asked = _query(baudrate=self.baudrate, parity=self.parity, stopbits=self.stopbits, unit=self.unit)
        return f"modbus-rtu:{self.device}{asked}"


@dataclass(frozen=True, slots=True)
class ConsoleAddress:
    """`console:`, the person at the terminal."""

    def __str__(self) -> str:
        return "console:"


@dataclass(frozen=True, slots=True)
class SimAddress:
    """`sim:`, an emulator in this process on a wire of its own; `sim:BUS?unit=1`, one of several on a simulated bus."""

    bus: str = ""
    unit: int | None = None

    def __str__(self) -> str:
        return f"sim:{self.bus}{_query(unit=self.unit)}"


Address = TcpAddress | VisaAddress | SerialAddress | ModbusTcpAddress | ModbusRtuAddress | ConsoleAddress | SimAddress


def parse(text: str) -> Address:
    """The address that `text` writes. Raises ValueError with what was found and what is allowed."""
    scheme, colon, rest = text.partition(":")
    if text == "console:":
        return ConsoleAddress()
    if text == "sim:":
        return SimAddress()
    if colon and (read := _READ.get(scheme)) is not None:
        return read(text, rest)
    raise ValueError(f"{text!r} is no link address; allowed are {', '.join(SCHEMES)}")


def wire_for(address: Address, *, within: float = 2.0, replies_end_with: bytes = b"\n") -> Wire:
    """A wire to a real address, not opened yet. Raises ValueError for `sim:`, which only a simulated world can carry.

    `within` is the longest in seconds that a reply can take, `replies_end_with` its ending: a message bus wants to know.
    """
    match address:
        case TcpAddress(host, port):
            return TcpWire(host, port)
        case VisaAddress(resource):
            return VisaWire(resource, within, replies_end_with)
        case SerialAddress(device, baudrate, parity, bytesize, stopbits):
            return SerialWire(device, baudrate, parity, bytesize, stopbits)
        case ModbusTcpAddress(host, port):
            return TcpWire(host, port)
        case ModbusRtuAddress(device, baudrate, parity, stopbits):
            return SerialWire(device, baudrate or 9600, parity or "N", stopbits=stopbits or 1)
        case ConsoleAddress():
            return ConsoleWire()
        case SimAddress():
            raise ValueError("sim: leads to no real instrument; run with --sim")


def _tcp(text: str, rest: str) -> TcpAddress:
    return TcpAddress(*_host_and_port(text, rest, "tcp://HOST:PORT, such as tcp://10.0.0.21:5025"))


def _modbus_tcp(text: str, rest: str) -> ModbusTcpAddress:
    place, settings = _settings(text, rest, HOSTS)
    host, port = _host_and_port(text, place, "modbus-tcp://HOST:PORT?unit=1, such as modbus-tcp://10.0.0.21:502?unit=1")
    return ModbusTcpAddress(host, port, _number(settings, "unit"))


def _host_and_port(text: str, rest: str, expected: str) -> tuple[str, int]:
    found = _TCP.fullmatch(rest)
    if found is None:
        raise ValueError(f"{text!r}: expected {expected}")
    host, port = found["host"], int(found["port"])
    if not 1 <= port <= 65535:
        raise ValueError(f"{text!r}: port {port} is not in 1..65535")
    if host.startswith("["):
        host = host[1:-1]
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise ValueError(f"{text!r}: {host!r} is no IPv6 address") from None
    return host, port


def _visa(text: str, rest: str) -> VisaAddress | TcpAddress:
    """A resource; a raw socket is our own wire's, whatever VISA calls it."""
    found = _VISA.fullmatch(rest)
    if found is None:
        raise ValueError(f"{text!r}: expected a VISA resource: {RESOURCES}")
    if found["raw"]:
        return _tcp(text, f"//{found['raw']}:{found['port']}")
    return VisaAddress(rest)


def _serial(text: str, rest: str) -> SerialAddress:
    device, settings = _device(text, rest, SETTINGS)
    return SerialAddress(
        device,
        int(settings.get("baudrate", "9600")),
        settings.get("parity", "N"),
        int(settings.get("bytesize", "8")),
        int(settings.get("stopbits", "1")),
    )


def _modbus_rtu(text: str, rest: str) -> ModbusRtuAddress:
    device, settings = _device(text, rest, LINE)
    return ModbusRtuAddress(
        device,
        _number(settings, "baudrate"),
        settings.get("parity"),
        _number(settings, "stopbits"),
        _number(settings, "unit"),
    )


def _sim(text: str, rest: str) -> SimAddress:
    bus, settings = _settings(text, rest, UNITS)
    if not _BUS.fullmatch(bus) or "unit" not in settings:
        raise ValueError(f"{text!r}: expected sim:, or the name of a bus and a unit on it, such as sim:bus-1?unit=2")
    return SimAddress(bus, _number(settings, "unit"))


def _device(text: str, rest: str, allowed: dict[str, tuple[str, ...]]) -> tuple[str, dict[str, str]]:
    device, settings = _settings(text, rest, allowed)
    if not _DEVICE.fullmatch(device):
        scheme = text.partition(":")[0]
        raise ValueError(f"{text!r}: expected the path of a device, such as {scheme}:/dev/serial/by-id/...")
    return device, settings


def _settings(text: str, rest: str, allowed: dict[str, tuple[str, ...]]) -> tuple[str, dict[str, str]]:
    """What stands before the question mark, and the settings behind it."""
    place, asked, query = rest.partition("?")
    try:
        pairs = parse_qsl(query or "?", keep_blank_values=True, strict_parsing=True) if asked else []
    except ValueError:
        raise ValueError(f"{text!r}: after ? come settings joined by &: {', '.join(allowed)}") from None
    settings: dict[str, str] = {}
    for key, value in pairs:
        if key not in allowed:
            raise ValueError(f"{text!r}: unknown setting {key!r}; allowed are {', '.join(allowed)}")
        if key in settings:
            raise ValueError(f"{text!r}: {key} is given twice")
        if value not in allowed[key]:
            choice = f"{allowed[key][0]} to {allowed[key][-1]}" if key == "unit" else ", ".join(allowed[key])
            raise ValueError(f"{text!r}: {key}={value} is not allowed; allowed are {choice}")
        settings[key] = value
    return place, settings


def _number(settings: dict[str, str], key: str) -> int | None:
    return int(settings[key]) if key in settings else None


def _query(**settings: object) -> str:
    given = "&".join(f"{key}={value}" for key, value in settings.items() if value is not None)
    return f"?{given}" if given else ""


_READ: dict[str, Callable[[str, str], Address]] = {
    "tcp": _tcp,
    "serial": _serial,
    "visa": _visa,
    "modbus-tcp": _modbus_tcp,
    "modbus-rtu": _modbus_rtu,
    "sim": _sim,
}
