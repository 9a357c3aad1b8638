"""Link addresses are parsed strictly, and what is wrong is told with what would be right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.links.address import (
    ConsoleAddress,
    ModbusRtuAddress,
    ModbusTcpAddress,
    SerialAddress,
    SimAddress,
    TcpAddress,
    parse,
    wire_for,
)
from drivers.links.console import ConsoleWire
from drivers.links.serial import SerialWire
from drivers.links.tcp import TcpWire


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("tcp://10.0.0.21:5025", TcpAddress("10.0.0.21", 5025)),
        ("tcp://daq-1.line.example:1", TcpAddress("daq-1.line.example", 1)),
        ("tcp://[fe80::1]:65535", TcpAddress("fe80::1", 65535)),
        ("serial:/dev/serial/by-id/usb-HIOKI", SerialAddress("/dev/serial/by-id/usb-HIOKI")),
        ("serial:/dev/ttyUSB0?baudrate=19200&parity=E", SerialAddress("/dev/ttyUSB0", 19200, "E")),
        ("serial:/dev/pts/3?stopbits=2&bytesize=7", SerialAddress("/dev/pts/3", 9600, "N", 7, 2)),
        ("modbus-tcp://host:502?unit=1", ModbusTcpAddress("host", 502, 1)),
        ("modbus-tcp://10.0.0.7:1502", ModbusTcpAddress("10.0.0.7", 1502)),
        ("modbus-tcp://[fe80::1]:502?unit=255", ModbusTcpAddress("fe80::1", 502, 255)),
        ("modbus-rtu:/dev/ttyUSB0", ModbusRtuAddress("/dev/ttyUSB0")),
        (
            "modbus-rtu:/dev/serial/by-id/usb-A?baudrate=19200&parity=E&stopbits=1&unit=200",
            ModbusRtuAddress("/dev/serial/by-id/usb-A", 19200, "E", 1, 200),
        ),
        ("sim:bus-1?unit=247", SimAddress("bus-1", 247)),
        ("console:", ConsoleAddress()),
        ("sim:", SimAddress()),
    ],
)
def test_an_address_is_read(text: str, address: object) -> None:
    """Every kind that this version carries, and the text of an address reads as itself."""
    assert address == parse(text)
    assert address == parse(str(parse(text)))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no link address"),
        ("tcp", "no link address"),
        ("10.0.0.21:5025", "no link address"),
        ("TCP://10.0.0.21:5025", "no link address"),
        ("console:x", "no link address"),
        ("sim:ohms", "such as sim:bus-1?unit=2"),
        ("sim:?unit=1", "such as sim:bus-1?unit=2"),
        ("sim:a b?unit=1", "such as sim:bus-1?unit=2"),
        ("sim:bus?baudrate=9600", "unknown setting 'baudrate'; allowed are unit"),
        ("sim:bus?unit=248", "unit=248 is not allowed; allowed are 1 to 247"),
        (" sim:", "no link address"),
        ("tcp:10.0.0.21:5025", "tcp://HOST:PORT"),
        ("tcp://10.0.0.21", "tcp://HOST:PORT"),
        ("tcp://10.0.0.21:", "tcp://HOST:PORT"),
        ("tcp://:5025", "tcp://HOST:PORT"),
        ("tcp://10.0.0.21:5025/", "tcp://HOST:PORT"),
        ("tcp://user@10.0.0.21:5025", "tcp://HOST:PORT"),
        ("tcp://10.0.0.21:5025\n", "tcp://HOST:PORT"),
        ("tcp://10.0.0.21:\u0665", "tcp://HOST:PORT"),
        ("tcp://10.0.0.21:0", "1..65535"),
        ("tcp://10.0.0.21:65536", "1..65535"),
        ("tcp://[::g]:1", "tcp://HOST:PORT"),
        ("tcp://[1:2]:1", "no IPv6 address"),
        ("serial:", "path of a device"),
        ("serial:ttyUSB0", "path of a device"),
        ("serial:/dev/", "path of a device"),
        ("serial:/dev/tty USB0", "path of a device"),
        ("serial:/dev/ttyUSB0?", "settings joined by &"),
        ("serial:/dev/ttyUSB0?9600", "settings joined by &"),
        ("serial:/dev/ttyUSB0?baud=9600", "unknown setting 'baud'; allowed are baudrate, parity, bytesize, stopbits"),
        ("serial:/dev/ttyUSB0?baudrate=9601", "baudrate=9601 is not allowed; allowed are 300"),
        ("serial:/dev/ttyUSB0?baudrate=", "baudrate= is not allowed"),
        ("serial:/dev/ttyUSB0?baudrate=09600", "baudrate=09600 is not allowed"),
        ("serial:/dev/ttyUSB0?parity=n", "allowed are N, E, O"),
        ("serial:/dev/ttyUSB0?bytesize=9", "allowed are 8, 7"),
        ("serial:/dev/ttyUSB0?baudrate=9600&baudrate=9600", "given twice"),
        ("visa:TCPIP0::10.0.0.21::inst0::SNOOP", "expected a VISA resource: TCPIP::HOST"),
        ("modbus-tcp:host:502", "modbus-tcp://HOST:PORT?unit=1"),
        ("modbus-tcp://host", "modbus-tcp://HOST:PORT?unit=1"),
        ("modbus-tcp://host:0?unit=1", "1..65535"),
        ("modbus-tcp://[1:2]:502", "no IPv6 address"),
        ("modbus-tcp://host:502?", "settings joined by &: unit"),
        ("modbus-tcp://host:502?unit=256", "unit=256 is not allowed; allowed are 0 to 255"),
        ("modbus-tcp://host:502?unit=01", "unit=01 is not allowed"),
        ("modbus-tcp://host:502?unit=1&unit=1", "unit is given twice"),
        ("modbus-tcp://host:502?baudrate=9600", "unknown setting 'baudrate'; allowed are unit"),
        ("modbus-rtu:", "such as modbus-rtu:/dev/serial/by-id/..."),
        ("modbus-rtu://host:502", "such as modbus-rtu:/dev/serial/by-id/..."),
        ("modbus-rtu:ttyUSB0?unit=1", "such as modbus-rtu:/dev/serial/by-id/..."),
        ("modbus-rtu:/dev/ttyUSB0?unit=0", "unit=0 is not allowed; allowed are 1 to 247"),
        ("modbus-rtu:/dev/ttyUSB0?unit=-1", "unit=-1 is not allowed"),
        (
            "modbus-rtu:/dev/ttyUSB0?bytesize=8",
            "unknown setting 'bytesize'; allowed are baudrate, parity, stopbits, unit",
        ),
        ("modbus-rtu:/dev/ttyUSB0?parity=M", "parity=M is not allowed; allowed are N, E, O"),
    ],
)
def test_a_bad_address_is_told_what_is_allowed(text: str, says: str) -> None:
    """The message shows what was found, safely, and what would do."""
    with pytest.raises(ValueError, match=says.replace("?", r"\?")) as caught:
        parse(text)
    assert str(caught.value).isprintable()
    assert repr(text) in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    """No text breaks the parser in another way."""
    try:
        address = parse(text)
    except ValueError:
        return
    assert address == parse(str(address))


def test_an_address_makes_its_wire() -> None:
    """Nothing is opened yet; `sim:` has no real wire."""
    assert isinstance(wire_for(parse("console:")), ConsoleWire)
    tcp = wire_for(parse("tcp://daq:5025"))
    assert isinstance(tcp, TcpWire)
    assert ("daq", 5025) == (tcp.host, tcp.port)
    serial = wire_for(parse("serial:/dev/x?baudrate=19200&parity=O&bytesize=7&stopbits=2"))
    assert isinstance(serial, SerialWire)
    assert ("/dev/x", 19200, "O") == (serial.device, serial.baudrate, serial.parity)
    assert (7, 2) == (serial.bytesize, serial.stopbits)
    modbus = wire_for(parse("modbus-tcp://[::1]:502?unit=3"))
    assert isinstance(modbus, TcpWire)
    assert ("::1", 502) == (modbus.host, modbus.port)
    bus = wire_for(parse("modbus-rtu:/dev/x?baudrate=115200&parity=E"))
    assert isinstance(bus, SerialWire)
    assert ("/dev/x", 115200, "E", 8, 1) == (bus.device, bus.baudrate, bus.parity, bus.bytesize, bus.stopbits)
    with pytest.raises(ValueError, match="--sim"):
        wire_for(SimAddress())
