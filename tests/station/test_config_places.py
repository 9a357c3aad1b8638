"""Two instruments never share what they cannot share: an address, a unit, a line at two speeds."""

from dataclasses import replace

import pytest

from drivers.model import Model
from station.catalog import models
from station.config.places import Places

LINES = models()["hioki-rm3545"]
REGISTERS = replace(
    LINES, name="a-meter", speaks="registers", links=("modbus-rtu", "modbus-tcp"), unit=3, baudrate=19200, parity="E"
)
NETWORK = replace(REGISTERS, name="a-pdu", links=("modbus-tcp",))


def said(*links: tuple[str, Model]) -> str:
    """What is wrong with the last of some instruments a, b, c; the ones before it are well."""
    places = Places()
    *before, (link, model) = links
    for name, (other, its) in zip("abc", before, strict=False):
        assert "" == places.take(name, other, its)
    return places.take("z", link, model)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("modbus-rtu:/dev/x?unit=1", "modbus-rtu:/dev/x?unit=2"),
        ("modbus-rtu:/dev/x", "modbus-rtu:/dev/x?baudrate=19200&parity=E&unit=4"),
        ("modbus-tcp://host:502?unit=1", "modbus-tcp://host:502?unit=2"),
        ("modbus-tcp://host:502?unit=1", "modbus-tcp://host:503?unit=1"),
        ("sim:bus?unit=1", "sim:bus?unit=2"),
        ("sim:bus?unit=1", "sim:other?unit=1"),
        ("sim:", "sim:"),
    ],
)
def test_units_share_a_bus(first: str, second: str) -> None:
    """Other units, other ports, other buses; and whatever has a simulated wire of its own."""
    assert "" == said((first, REGISTERS), (second, REGISTERS))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("modbus-rtu:/dev/x?unit=3", "modbus-rtu:/dev/x?unit=3"),
        ("modbus-rtu:/dev/x", "modbus-rtu:/dev/x?unit=3"),
        ("modbus-tcp://host:502?unit=3", "modbus-tcp://HOST:502"),
        ("modbus-tcp://[::1]:502?unit=3", "modbus-tcp://[::1]:502?unit=3"),
        ("sim:bus?unit=3", "sim:bus?unit=3"),
    ],
)
def test_two_of_one_unit_are_told(first: str, second: str) -> None:
    """Where no unit is named it is the one from the factory."""
    assert f"{second!r} is the address of a already" == said((first, REGISTERS), (second, REGISTERS))


def test_a_line_has_one_speed() -> None:
    """Named, or from the factory."""
    first = ("modbus-rtu:/dev/x?unit=1", REGISTERS)
    assert (
        "'modbus-rtu:/dev/x?baudrate=9600&unit=2': that is a line of 9600 Bd, parity E, 1 stop, "
        "and a makes it one of 19200 Bd, parity E, 1 stop"
    ) == said(first, ("modbus-rtu:/dev/x?baudrate=9600&unit=2", REGISTERS))
    other = replace(REGISTERS, baudrate=9600)
    assert "and a makes it one of 19200 Bd" in said(first, ("modbus-rtu:/dev/x?unit=2", other))


def test_text_and_modbus_do_not_share_a_line() -> None:
    """Whichever comes first."""
    text, bus = ("serial:/dev/x?baudrate=19200", LINES), ("modbus-rtu:/dev/x?unit=1", REGISTERS)
    assert "text and Modbus do not share one" in said(text, bus)
    assert "text and Modbus do not share one" in said(bus, text)
    assert "'serial:/dev/x?baudrate=9600' is the address of a already" == said(
        text, ("serial:/dev/x?baudrate=9600", LINES)
    )


@pytest.mark.parametrize(
    ("link", "model", "says"),
    [
        ("modbus-tcp://host:502", LINES, "hioki-rm3545 is reached by serial:, tcp:, sim:"),
        ("modbus-rtu:/dev/x", LINES, "is reached by"),
        ("tcp://host:502", REGISTERS, "a-meter is reached by modbus-rtu:, modbus-tcp:, sim:"),
        ("serial:/dev/x", REGISTERS, "is reached by"),
        ("console:", REGISTERS, "is reached by"),
        ("visa:GPIB0::5::INSTR", NETWORK, "is reached by modbus-tcp:, sim:"),
        ("modbus-rtu:/dev/x", NETWORK, "is reached by modbus-tcp:, sim:"),
        ("sim:bus?unit=1", NETWORK, "a-pdu is on no bus: sim:"),
        ("sim:bus?unit=1", LINES, "is on no bus: sim:"),
    ],
)
def test_a_model_is_reached_by_what_carries_its_language(link: str, model: Model, says: str) -> None:
    """A wrong scheme is told with the right ones."""
    assert says in said((link, model))
