"""Chunks of waveforms: small, and bit by bit what went in."""

import math
import random
import struct
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.ledger.waveform import decode, encode

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NEAT = st.integers(-(10**9), 10**9).map(lambda whole: whole / 10**4)
SAMPLES = st.lists(st.tuples(FLOATS, st.none() | FLOATS)) | st.lists(st.tuples(NEAT, st.none() | NEAT))


def bits(column: list[float] | list[float | None]) -> list[bytes | None]:
    """Floats as they are in memory: -0.0 is not 0.0."""
    return [None if each is None else struct.pack("<d", each) for each in column]


@given(SAMPLES)
def test_every_bit_comes_back(samples: list[tuple[float, float | None]]) -> None:
    """Whatever the times and values are, subnormal, huge, negative zero or missing."""
    times, values = [time for time, _ in samples], [value for _, value in samples]
    back, again = decode(encode(times, values))
    assert (bits(times), bits(values)) == (bits(back), bits(again))


def test_a_meters_samples_take_two_bytes_each() -> None:
    """Ten minutes at 50 Hz with four decimals, time and value together; 27 bytes as rows of a table."""
    noise = random.Random(1)  # noqa: S311 (noise, no secret)
    times = [round(count * 0.02, 6) for count in range(30_000)]
    values = [round(12 + noise.gauss(0, 0.01), 4) for _ in times]
    assert len(encode(times, values)) < 2 * len(times)


def test_times_with_float_noise_stay_small() -> None:
    """A clock that has added up its period is no reason to keep eight bytes."""
    times = list(accumulate([0.1] * 1000))
    assert times[-1] != 100.0
    assert len(encode(times, [1.0] * 1000)) < 3 * len(times)


def test_raw_floats_cost_no_more_than_themselves() -> None:
    """Noise in every bit cannot be made smaller, and is not made bigger."""
    noise = random.Random(2)  # noqa: S311 (noise, no secret)
    values = [noise.gauss(0, 1) / math.pi for _ in range(1000)]
    assert len(encode(values, values)) < 17 * len(values)


CHUNK = encode([0.0, 0.1, 0.2], [1.0, None, 3.0])


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(b"", id="empty"),
        pytest.param(CHUNK[:5], id="half a head"),
        pytest.param(CHUNK[:-1], id="cut off"),
        pytest.param(b"\x02" + CHUNK[1:], id="another version"),
        pytest.param(CHUNK[:1] + b"\xff\xff\xff\x7f" + CHUNK[5:], id="more samples than there are"),
        pytest.param(CHUNK[:1] + b"\x01" + CHUNK[2:], id="fewer samples than there are"),
        pytest.param(CHUNK[:7] + b"\xff" + CHUNK[8:], id="columns that there cannot be"),
        pytest.param(CHUNK[:8] + b"\0" * 10, id="no zlib"),
    ],
)
def test_what_is_no_chunk_is_refused(damaged: bytes) -> None:
    """A damaged chunk is an error of its own kind, never other samples; and it takes no memory to find out."""
    with pytest.raises(ValueError, match="chunk"):
        decode(damaged)
