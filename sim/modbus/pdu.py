"""Requests and replies of the Modbus application protocol 1.1b3, from the slave's side.

The order of checks is that of the protocol's state diagrams (section 6): is the function known, do the quantity and the
values make sense, does the device have these addresses, and only then is anything done. A request that is cut short or
too long has a length that does not fit, which is a wrong value too.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

READ_COILS, READ_DISCRETE, READ_HOLDING, READ_INPUT = 1, 2, 3, 4
WRITE_COIL, WRITE_REGISTER, WRITE_COILS, WRITE_REGISTERS = 5, 6, 15, 16
MASK_WRITE, READ_WRITE, ENCAPSULATED = 22, 23, 43

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, DEVICE_FAILURE, BUSY, NO_TARGET = 1, 2, 3, 4, 6, 11

_MOST_BITS_READ, _MOST_BITS_WRITTEN = 2000, 1968
_MOST_WORDS_READ, _MOST_WORDS_WRITTEN, _MOST_WORDS_EXCHANGED = 125, 123, 121
_DEVICE_IDENTIFICATION = 14
_ROOM = 253  # bytes of a whole PDU
_ON, _OFF = 0xFF00, 0x0000


class ModbusError(Exception):
    """The device says no; `code` is the protocol's exception."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


class Device(Protocol):
    """What stands behind the requests. Addresses that it does not have, or may not be written, raise ModbusError(2)."""

    @property
    def functions(self) -> frozenset[int]:
        """The function codes that it knows."""
        ...

    @property
    def most_words(self) -> int:
        """Registers that it gives in one reply, if fewer than the protocol allows."""
        ...

    def read_bits(self, function: int, address: int, count: int) -> Sequence[bool]:
        """Coils (function 1) or discrete inputs (function 2)."""
        ...

    def write_bits(self, address: int, bits: Sequence[bool]) -> None:
        """Coils; all or none."""
        ...

    def read_words(self, function: int, address: int, count: int) -> Sequence[int]:
        """Holding registers (function 3) or input registers (function 4)."""
        ...

    def write_words(self, address: int, words: Sequence[int]) -> None:
        """Holding registers; all or none."""
        ...

    def objects(self) -> Mapping[int, bytes]:
        """Its identification, by the numbers of the objects."""
        ...


def refusal(function: int, code: int) -> bytes:
    """An exception response."""
    return bytes((function | 0x80, code))


def obey(device: Device, request: bytes) -> bytes:
    """Obey a request of at least one byte: the reply, or the exception response."""
    function = request[0]
    obeying = _OBEYING.get(function)
    if obeying is None or function not in device.functions:
        return refusal(function, ILLEGAL_FUNCTION)
    try:
        return request[:1] + obeying(device, request)
    except ModbusError as error:
        return refusal(function, error.code)


def _fields(request: bytes, length: int) -> tuple[int, ...]:
    """The 16-bit fields behind the function code, of a request that must have that length."""
    _require(len(request) == length)
    return struct.unpack(f">{(length - 1) // 2}H", request[1 : 1 + (length - 1) // 2 * 2])


def _require(sensible: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not sensible:
        raise ModbusError(ILLEGAL_VALUE)


def _within(address: int, count: int) -> None:
    """Addresses end at 65535; they do not begin again at 0."""
    if address + count > 0x10000:
        raise ModbusError(ILLEGAL_ADDRESS)


def _read_bits(device: Device, request: bytes) -> bytes:
    address, count = _fields(request, 5)
    _require(1 <= count <= _MOST_BITS_READ)
    _within(address, count)
    packed = _packed(device.read_bits(request[0], address, count))
    return bytes((len(packed),)) + packed


def _packed(bits: Sequence[bool]) -> bytes:
    number = sum(1 << place for place, bit in enumerate(bits) if bit)
    return number.to_bytes((len(bits) + 7) // 8, "little")


def _read_words(device: Device, request: bytes) -> bytes:
    address, count = _fields(request, 5)
    _require(1 <= count <= min(_MOST_WORDS_READ, device.most_words))
    _within(address, count)
    return _counted(device.read_words(request[0], address, count))


def _counted(words: Sequence[int]) -> bytes:
    return struct.pack(f">B{len(words)}H", 2 * len(words), *words)


def _write_coil(device: Device, request: bytes) -> bytes:
    address, value = _fields(request, 5)
    _require(value in {_ON, _OFF})
    device.write_bits(address, [value == _ON])
    return request[1:]


def _write_register(device: Device, request: bytes) -> bytes:
    address, word = _fields(request, 5)
    device.write_words(address, [word])
    return request[1:]


def _write_coils(device: Device, request: bytes) -> bytes:
    _require(len(request) >= 6)
    address, count = struct.unpack(">HH", request[1:5])
    size = (count + 7) // 8
    _require(1 <= count <= _MOST_BITS_WRITTEN and request[5] == size and len(request) == 6 + size)
    _within(address, count)
    number = int.from_bytes(request[6:], "little")
    device.write_bits(address, [bool(number >> place & 1) for place in range(count)])
    return request[1:5]


def _write_registers(device: Device, request: bytes) -> bytes:
    _require(len(request) >= 6)
    address, count = struct.unpack(">HH", request[1:5])
    _require(1 <= count <= _MOST_WORDS_WRITTEN and request[5] == 2 * count and len(request) == 6 + 2 * count)
    _within(address, count)
    device.write_words(address, struct.unpack(f">{count}H", request[6:]))
    return request[1:5]


def _mask_write(device: Device, request: bytes) -> bytes:
    address, keep, put = _fields(request, 7)
    word = device.read_words(READ_HOLDING, address, 1)[0]
    device.write_words(address, [word & keep | put & ~keep & 0xFFFF])
    return request[1:]


def _read_write(device: Device, request: bytes) -> bytes:
    """The write comes first; nothing is written when the read would fail."""
    _require(len(request) >= 10)
    start, count, address, written = struct.unpack(">HHHH", request[1:9])
    _require(1 <= count <= min(_MOST_WORDS_READ, device.most_words) and 1 <= written <= _MOST_WORDS_EXCHANGED)
    _require(request[9] == 2 * written and len(request) == 10 + 2 * written)
    _within(start, count)
    _within(address, written)
    device.read_words(READ_HOLDING, start, count)
    device.write_words(address, struct.unpack(f">{written}H", request[10:]))
    return _counted(device.read_words(READ_HOLDING, start, count))


def _identify(device: Device, request: bytes) -> bytes:
    """Function 43 with type 14: streams of the basic, regular and extended objects, or one of them."""
    if len(request) < 2 or request[1] != _DEVICE_IDENTIFICATION:
        raise ModbusError(ILLEGAL_FUNCTION)
    _require(len(request) == 4 and 1 <= request[2] <= 4)
    kind, first = request[2], request[3]
    objects = dict(sorted(device.objects().items()))
    level = 0x80 | (3 if max(objects) >= 0x80 else 2 if max(objects) > 2 else 1)
    if kind == 4:
        if first not in objects:
            raise ModbusError(ILLEGAL_ADDRESS)
        return bytes((14, kind, level, 0, 0, 1, first, len(objects[first]))) + objects[first]
    offered = {number: text for number, text in objects.items() if number <= (0x02, 0x7F, 0xFF)[kind - 1]}
    wanted = [number for number in offered if number >= first] if first in offered else list(offered)
    body, told = b"", 0
    for number in wanted:
        entry = bytes((number, len(offered[number]))) + offered[number]
        if 7 + len(body) + len(entry) > _ROOM:
            break
        body, told = body + entry, told + 1
    more = told < len(wanted)
    return bytes((14, kind, level, 0xFF * more, wanted[told] if more else 0, told)) + body


_OBEYING: Mapping[int, Callable[[Device, bytes], bytes]] = {
    READ_COILS: _read_bits,
    READ_DISCRETE: _read_bits,
    READ_HOLDING: _read_words,
    READ_INPUT: _read_words,
    WRITE_COIL: _write_coil,
    WRITE_REGISTER: _write_register,
    WRITE_COILS: _write_coils,
    WRITE_REGISTERS: _write_registers,
    MASK_WRITE: _mask_write,
    READ_WRITE: _read_write,
    ENCAPSULATED: _identify,
}
