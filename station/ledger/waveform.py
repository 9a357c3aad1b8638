"""Waveforms as chunks: a few bytes per sample, and every float comes back bit by bit.

A column of floats is kept as the whole numbers that it shows at a fixed number of decimals, differences of neighbours
first; what decimals cannot say is kept beside them as differences of bit patterns. Bytes of equal weight stand together,
so that zlib finds the zeros. A value that is missing is a NaN in here; events have none.
"""

import math
import struct
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bits = NDArray[np.int64]

_HEAD = struct.Struct("<BIbbB")  # version, samples; decimals of times and of values; which columns need their bits
_VERSION = 1
_MICROSECONDS = 6
_DECIMALS = range(10)
_NONE = -1


def encode(times: Sequence[float], values: Sequence[float | None]) -> bytes:
    """A chunk. Times are smallest when they are whole microseconds, values when they have at most nine decimals."""
    import numpy as np

    seconds = np.array(times, dtype="<f8")
    readings = np.array(values, dtype="<f8")
    decimals = next((each for each in _DECIMALS if not _rest(readings, each).any()), _NONE)
    columns, inexact = b"", 0
    for place, (column, digits) in enumerate(((seconds, _MICROSECONDS), (readings, decimals))):
        whole, rest = _whole(column, digits), _rest(column, digits)
        columns += _planes(whole)
        if rest.any():
            inexact |= 1 << place
            columns += _planes(rest)
    return _HEAD.pack(_VERSION, len(times), _MICROSECONDS, decimals, inexact) + zlib.compress(columns)


def decode(chunk: bytes) -> tuple[list[float], list[float | None]]:
    """Times and values of a chunk. Raises ValueError when it is not one."""
    import numpy as np

    try:
        version, count, *decimals, inexact = _HEAD.unpack_from(chunk)
        inflate = zlib.decompressobj()
        size = 8 * count * (2 + int(inexact).bit_count())
        columns = inflate.decompress(chunk[_HEAD.size :], size + 1)
    except (struct.error, zlib.error) as error:
        raise ValueError(f"a damaged chunk: {error}") from error
    if version != _VERSION or inexact > 0b11 or len(columns) != size or not inflate.eof:
        raise ValueError("a chunk that was not written here")
    parts = [columns[at : at + 8 * count] for at in range(0, size, 8 * count)] if count else [b""] * 4
    found: list[list[float]] = []
    for place, digits in enumerate(decimals):
        whole = _from_planes(parts.pop(0))
        rest = _from_planes(parts.pop(0)) if inexact >> place & 1 else np.zeros_like(whole)
        found.append((_bits(_shown(whole, digits)) + rest).view("<f8").tolist())
    return found[0], [None if math.isnan(value) else value for value in found[1]]


def _whole(column: "Floats", decimals: int) -> "Bits":
    """The column at so many decimals, without the point; 0 where a float is too big for that, or is none."""
    import numpy as np

    if decimals == _NONE:
        return np.zeros(len(column), dtype="<i8")
    with np.errstate(over="ignore"):
        scaled = np.rint(column * 10.0**decimals)
    scaled[~(np.abs(scaled) < 2.0**53)] = 0.0
    return scaled.astype("<i8")


def _shown(whole: "Bits", decimals: int) -> "Floats":
    shown: Floats = whole / (1.0 if decimals == _NONE else 10.0**decimals)
    return shown


def _rest(column: "Floats", decimals: int) -> "Bits":
    """What the decimals leave to say, as differences of bit patterns."""
    return _bits(column) - _bits(_shown(_whole(column, decimals), decimals))


def _bits(column: "Floats") -> "Bits":
    return column.view("<i8")


def _planes(numbers: "Bits") -> bytes:
    """Differences of neighbours, small in size and sign, first the low bytes of all, then the next."""
    import numpy as np

    steps = np.diff(numbers, prepend=np.int64(0))
    return ((steps << 1) ^ (steps >> 63)).view("u1").reshape(-1, 8).T.tobytes()


def _from_planes(planes: bytes) -> "Bits":
    import numpy as np

    folded = np.frombuffer(planes, dtype="u1").reshape(8, -1).T.copy().view("<u8").ravel()
    steps = (folded >> np.uint64(1)).astype("<i8") ^ -(folded & np.uint64(1)).astype("<i8")
    numbers: Bits = np.cumsum(steps, dtype="<i8")
    return numbers
