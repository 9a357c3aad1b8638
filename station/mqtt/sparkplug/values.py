"""The values of Sparkplug's metrics: their types, and how each goes over the wire."""

from enum import IntEnum
from typing import Final

from station.mqtt.sparkplug.wire import PayloadError

Value = int | float | str | bytes


class Datatype(IntEnum):
    """What a metric's value is; the numbers are the specification's."""

    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    BYTES = 17


class Carrier(IntEnum):
    """The field of a metric that carries its value; the numbers are those of the .proto file."""

    INT = 10
    LONG = 11
    FLOAT = 12
    DOUBLE = 13
    BOOLEAN = 14
    STRING = 15
    BYTES = 16


_CARRIER: Final = {
    Datatype.INT64: Carrier.LONG,
    Datatype.UINT64: Carrier.LONG,
    Datatype.DATETIME: Carrier.LONG,
    Datatype.FLOAT: Carrier.FLOAT,
    Datatype.DOUBLE: Carrier.DOUBLE,
    Datatype.BOOLEAN: Carrier.BOOLEAN,
    Datatype.STRING: Carrier.STRING,
    Datatype.TEXT: Carrier.STRING,
    Datatype.BYTES: Carrier.BYTES,
}
_RANGE: Final = {
    Datatype.INT8: (-(1 << 7), 1 << 7),
    Datatype.INT16: (-(1 << 15), 1 << 15),
    Datatype.INT32: (-(1 << 31), 1 << 31),
    Datatype.INT64: (-(1 << 63), 1 << 63),
    Datatype.UINT8: (0, 1 << 8),
    Datatype.UINT16: (0, 1 << 16),
    Datatype.UINT32: (0, 1 << 32),
    Datatype.UINT64: (0, 1 << 64),
    Datatype.DATETIME: (0, 1 << 64),
}
_KIND: Final = {Carrier.BOOLEAN: bool, Carrier.STRING: str, Carrier.BYTES: bytes}


def carrier_of(datatype: Datatype) -> Carrier:
    """The field in which a value of that type goes."""
    return _CARRIER.get(datatype, Carrier.INT)


def carried(datatype: Datatype, value: Value) -> Value:
    """A value as it goes over the wire: negative numbers wrapped. Raises PayloadError when it is none of that type."""
    carrier = carrier_of(datatype)
    if datatype in _RANGE:
        return _checked(datatype, value) % (1 << (64 if carrier is Carrier.LONG else 32))
    if carrier in {Carrier.FLOAT, Carrier.DOUBLE}:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PayloadError(f"{value!r:.40} is no number")
        try:
            return float(value)
        except OverflowError:
            raise PayloadError("a number that is too large") from None
    if type(value) is not _KIND[carrier]:
        raise PayloadError(f"{value!r:.40} is no {datatype.name}")
    return value


def meant(datatype: Datatype, value: Value) -> Value:
    """What a value on the wire says: the way back. Raises PayloadError when it says nothing of that type."""
    if datatype in _RANGE and isinstance(value, int):
        wide = 64 if carrier_of(datatype) is Carrier.LONG else 32
        if _RANGE[datatype][0] < 0 and value >> (wide - 1):
            value -= 1 << wide
        return _checked(datatype, value)
    return carried(datatype, value)


def _checked(datatype: Datatype, value: Value) -> int:
    low, high = _RANGE[datatype]
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value < high:
        raise PayloadError(f"{value!r:.40} is no {datatype.name}")
    return value
