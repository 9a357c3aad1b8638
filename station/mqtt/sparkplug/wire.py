"""The wire format of protobuf: fields of a message, written as its own library writes them and read strictly."""

import struct
from collections.abc import Iterator
from typing import Final

VARINT, FIXED64, RUN, FIXED32 = 0, 1, 2, 5
"""The wire types. Groups (3 and 4) have been given up by protobuf itself, and are refused."""
MOST_FIELD: Final = (1 << 29) - 1


class PayloadError(ValueError):
    """These bytes are no payload, or this value is not of its type."""


def put_number(out: bytearray, field: int, value: int | None, bits: int = 64) -> None:
    """Write a number; None writes nothing. Raises PayloadError when it has no place in so many bits."""
    if value is None:
        return
    if not 0 <= value < 1 << bits:
        raise PayloadError(f"{value} does not fit into {bits} bits")
    out += _varint(field << 3) + _varint(int(value))


def put_run(out: bytearray, field: int, value: bytes | bytearray | None) -> None:
    """Write bytes, or a message within."""
    if value is not None:
        out += _varint(field << 3 | RUN) + _varint(len(value)) + value


def put_text(out: bytearray, field: int, value: str | None) -> None:
    """Write text. Raises PayloadError for half a surrogate pair."""
    try:
        put_run(out, field, None if value is None else value.encode())
    except UnicodeEncodeError:
        raise PayloadError(f"{value!a:.80} is no text") from None


def put_float(out: bytearray, field: int, value: float) -> None:
    """Write four bytes. Raises PayloadError for a finite number that is too large for them."""
    try:
        out += _varint(field << 3 | FIXED32) + struct.pack("<f", value)
    except OverflowError:
        raise PayloadError(f"{value} is too large for a Float") from None


def put_double(out: bytearray, field: int, value: float) -> None:
    """Write eight bytes."""
    out += _varint(field << 3 | FIXED64) + struct.pack("<d", value)


class Fields:
    """The fields of one message. Asking for one that came twice, or with another wire type, raises PayloadError."""

    def __init__(self, raw: bytes) -> None:
        self._found: dict[int, list[tuple[int, int | bytes]]] = {}
        for field, kind, value in _fields(raw):
            self._found.setdefault(field, []).append((kind, value))

    def __contains__(self, field: int) -> bool:
        return field in self._found

    def number(self, field: int, bits: int = 64) -> int | None:
        """A number of at most so many bits."""
        value = self._one(field, VARINT)
        if not isinstance(value, int):
            return None
        if value >> bits:
            raise PayloadError(f"field {field} is {value}: more than {bits} bits")
        return value

    def flag(self, field: int) -> bool | None:
        """True or false."""
        value = self.number(field, 1)
        return None if value is None else bool(value)

    def run(self, field: int) -> bytes | None:
        """Bytes, or a message within."""
        return self._bytes(field, RUN)

    def text(self, field: int) -> str | None:
        """Text."""
        value = self.run(field)
        try:
            return None if value is None else value.decode()
        except UnicodeDecodeError:
            raise PayloadError(f"field {field} is no UTF-8") from None

    def real(self, field: int, kind: int) -> float | None:
        """A number of four or eight bytes."""
        value = self._bytes(field, kind)
        if value is None:
            return None
        found: float = struct.unpack("<f" if kind == FIXED32 else "<d", value)[0]
        return found

    def runs(self, field: int) -> list[bytes]:
        """All of a field that may come again and again."""
        found = [value for kind, value in self._found.get(field, []) if kind == RUN and isinstance(value, bytes)]
        if len(found) != len(self._found.get(field, [])):
            raise PayloadError(f"field {field} has a wire type that is not its own")
        return found

    def _bytes(self, field: int, kind: int) -> bytes | None:
        value = self._one(field, kind)
        return value if isinstance(value, bytes) else None

    def _one(self, field: int, kind: int) -> int | bytes | None:
        found = self._found.get(field)
        if found is None:
            return None
        if len(found) > 1:
            raise PayloadError(f"field {field} comes twice")
        if found[0][0] != kind:
            raise PayloadError(f"field {field} has a wire type that is not its own")
        return found[0][1]


def _varint(value: int) -> bytes:
    if value < 0x80:
        return bytes((value,))
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _fields(raw: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    at = 0
    while at < len(raw):
        key, at = _read_varint(raw, at)
        field, kind = key >> 3, key & 7
        if not 1 <= field <= MOST_FIELD:
            raise PayloadError(f"there is no field {field}")
        if kind == VARINT:
            value, at = _read_varint(raw, at)
            yield field, kind, value
            continue
        if kind == RUN:
            size, at = _read_varint(raw, at)
        elif kind in {FIXED32, FIXED64}:
            size = 4 if kind == FIXED32 else 8
        else:
            raise PayloadError(f"field {field} has the wire type {kind}")
        if size > len(raw) - at:
            raise PayloadError(f"field {field} ends after the payload")
        yield field, kind, raw[at : at + size]
        at += size


def _read_varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(10):
        if at + place >= len(raw):
            raise PayloadError("a number ends after the payload")
        byte = raw[at + place]
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            if value >> 64:
                break
            return value, at + place + 1
    raise PayloadError("a number of more than 64 bits")
