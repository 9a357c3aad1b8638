"""Link addresses as the station file writes them: strictly parsed, and turned into wires."""

import ipaddress
import re
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
    "console:",
    "sim:",
)
LATER = ("modbus-tcp", "modbus-rtu")
RATES = (300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
SETTINGS: dict[str, tuple[str, ...]] = {
    "baudrate": tuple(str(rate) for rate in RATES),
    "parity": ("N", "E", "O"),
    "bytesize": ("8", "7"),
    "stopbits": ("1", "2"),
}
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
_DEVICE = re.compile(r"/[!-~]*[!-.0-~]")


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
class ConsoleAddress:
    """`console:`, the person at the terminal."""

    def __str__(self) -> str:
        return "console:"


@dataclass(frozen=True, slots=True)
class SimAddress:
    """`sim:`, an emulator in this process."""

    def __str__(self) -> str:
        return "sim:"


Address = TcpAddress | VisaAddress | SerialAddress | ConsoleAddress | SimAddress


def parse(text: str) -> Address:
    """The address that `text` writes. Raises ValueError with what was found and what is allowed."""
    scheme, colon, rest = text.partition(":")
    if scheme in LATER and colon:
        raise ValueError(f"{text!r}: {scheme}: is not yet carried by this version; it carries {', '.join(SCHEMES)}")
    if text == "console:":
        return ConsoleAddress()
    if text == "sim:":
        return SimAddress()
    if scheme == "tcp" and colon:
        return _tcp(text, rest)
    if scheme == "serial" and colon:
        return _serial(text, rest)
    if scheme == "visa" and colon:
        return _visa(text, rest)
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
        case ConsoleAddress():
            return ConsoleWire()
        case SimAddress():
            raise ValueError("sim: leads to no real instrument; run with --sim")


def _tcp(text: str, rest: str) -> TcpAddress:
    found = _TCP.fullmatch(rest)
    if found is None:
        raise ValueError(f"{text!r}: expected tcp://HOST:PORT, such as tcp://10.0.0.21:5025")
    host, port = found["host"], int(found["port"])
    if not 1 <= port <= 65535:
        raise ValueError(f"{text!r}: port {port} is not in 1..65535")
    if host.startswith("["):
        host = host[1:-1]
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            raise ValueError(f"{text!r}: {host!r} is no IPv6 address") from None
    return TcpAddress(host, port)


def _visa(text: str, rest: str) -> VisaAddress | TcpAddress:
    """A resource; a raw socket is our own wire's, whatever VISA calls it."""
    found = _VISA.fullmatch(rest)
    if found is None:
        raise ValueError(f"{text!r}: expected a VISA resource: {RESOURCES}")
    if found["raw"]:
        return _tcp(text, f"//{found['raw']}:{found['port']}")
    return VisaAddress(rest)


def _serial(text: str, rest: str) -> SerialAddress:
    device, asked, query = rest.partition("?")
    if not _DEVICE.fullmatch(device):
        raise ValueError(f"{text!r}: expected the path of a device, such as serial:/dev/serial/by-id/...")
    try:
        pairs = parse_qsl(query or "?", keep_blank_values=True, strict_parsing=True) if asked else []
    except ValueError:
        raise ValueError(f"{text!r}: after ? come settings joined by &: {', '.join(SETTINGS)}") from None
    settings: dict[str, str] = {}
    for key, value in pairs:
        if key not in SETTINGS:
            raise ValueError(f"{text!r}: unknown setting {key!r}; allowed are {', '.join(SETTINGS)}")
        if key in settings:
            raise ValueError(f"{text!r}: {key} is given twice")
        if value not in SETTINGS[key]:
            raise ValueError(f"{text!r}: {key}={value} is not allowed; allowed are {', '.join(SETTINGS[key])}")
        settings[key] = value
    return SerialAddress(
        device,
        int(settings.get("baudrate", "9600")),
        settings.get("parity", "N"),
        int(settings.get("bytesize", "8")),
        int(settings.get("stopbits", "1")),
    )
