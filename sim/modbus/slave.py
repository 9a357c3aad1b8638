"""A slave: an instrument of the bench that speaks Modbus. Each model says what lies at which address."""

import struct
from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal, TypeAlias
from zlib import crc32

from sim.leads import Leads
from sim.modbus.pdu import ILLEGAL_ADDRESS, ModbusError, obey
from sim.quantity import Quantity

Carried: TypeAlias = Literal["rtu", "mbap"]
"""How requests are framed: for a serial line, or for TCP."""

NAN = (0x7FC0, 0x0000)
"""A float that is no number."""


class Slave:
    """What all of them have. `answer` obeys one request, given without unit, transaction or checksum."""

    line_ends: ClassVar[bytes] = b""
    urgent: ClassVar[frozenset[bytes]] = frozenset()
    framing: Carried = "rtu"
    unit: int = 1
    baudrate: int = 9600
    """Of its serial line; 0 for an instrument on the network."""
    parity: str = "N"
    turnaround: ClassVar[float] = 0.005
    """Seconds from the end of a request to the beginning of the reply on a serial line."""
    silence: ClassVar[float] = 0.0
    """Seconds that it wants to be left alone after its reply; a request that comes earlier is not answered."""
    functions: frozenset[int] = frozenset({3, 4, 6, 16})
    most_words: ClassVar[int] = 125

    def __init__(self, device: str, leads: Leads) -> None:
        self.device = device
        self.leads = leads
        self._skew = max(-1.0, min(1.0, leads.trait(device, "gain") / 2))

    def answer(self, request: bytes) -> bytes:
        """The reply to a request, or the exception response."""
        return obey(self, request)

    def power_on(self) -> None:
        """It was switched off and on: what is not kept is lost."""

    def read_bits(self, function: int, address: int, count: int) -> Sequence[bool]:
        """No bits, unless a model has some."""
        del function, address, count
        raise ModbusError(ILLEGAL_ADDRESS)

    def write_bits(self, address: int, bits: Sequence[bool]) -> None:
        """No bits, unless a model has some."""
        del address, bits
        raise ModbusError(ILLEGAL_ADDRESS)

    def read_words(self, function: int, address: int, count: int) -> Sequence[int]:
        """No registers, unless a model has some."""
        del function, address, count
        raise ModbusError(ILLEGAL_ADDRESS)

    def write_words(self, address: int, words: Sequence[int]) -> None:
        """No registers, unless a model has some."""
        del address, words
        raise ModbusError(ILLEGAL_ADDRESS)

    def objects(self) -> Mapping[int, bytes]:
        """No identification by function 43, unless a model declares it."""
        return {}

    def reading(self, quantity: Quantity, place: str = "", *, share: float = 0.0, floor: float = 0.0) -> float:
        """What it measures, in SI units: the truth with this instrument's error.

        `share` is its accuracy as a fraction of the reading, `floor` the rest in the quantity's unit. A constant half of the
        accuracy at most belongs to this one; a quarter of `floor` is the standard deviation of its noise.
        """
        leads, device, name = self.leads, self.device, str(quantity)
        value = leads.sense(device, quantity, place) * (1 + self._skew * share / 2) * leads.gain_of(device, name)
        return value + leads.offset_of(device, name) + leads.gauss(device, name, place) * floor / 4

    def float_words(self, *values: float) -> tuple[int, ...]:
        """Floats of 32 bits, the high word of each first; a meter that has no number says so."""
        return NAN * len(values) if self.leads.ill(self.device) == "nan" else words_of_floats(*values)


def words_of_floats(*values: float) -> tuple[int, ...]:
    """Floats of 32 bits as registers, the high word of each first."""
    return words_of(struct.pack(f">{len(values)}f", *values))


def float_of(words: Sequence[int]) -> float:
    """The float of two registers, the high word first."""
    return float(struct.unpack(">f", bytes_of(words))[0])


def words_of(data: bytes) -> tuple[int, ...]:
    """Bytes as registers, the high byte first."""
    return struct.unpack(f">{len(data) // 2}H", data)


def bytes_of(words: Sequence[int]) -> bytes:
    """Registers as bytes, the high byte first."""
    return struct.pack(f">{len(words)}H", *words)


def number_of(serial: str) -> int:
    """A plate's serial number where a register has room for eight digits only: its last ones, or of a plate without any, a
    number that belongs to its text.
    """
    digits = "".join(each for each in serial if each in "0123456789")
    return int(digits[-8:]) if digits else crc32(serial.encode()) % 10**8
