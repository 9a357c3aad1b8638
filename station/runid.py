"""Run ids: one per run, ordered by time, unique across stations; 26 characters in Crockford's base 32, laid out as a ULID.

48 bits are the milliseconds since 1970, 80 bits a digest of the station's name and a nonce. The nonce is random on real
hardware; a simulation gives one that follows from its seed, so that the same seed gives the same id.
"""

import re
from datetime import UTC, datetime, timedelta
from hashlib import blake2b

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: no I, L, O or U, which people misread."""

_LENGTH = 26
_GRAMMAR = re.compile(f"[0-7][{ALPHABET}]{{25}}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def run_id(when: datetime, station: str, nonce: bytes) -> str:
    """The id of a run that starts at `when`, which must know its time zone and not lie before 1970."""
    if when.tzinfo is None:
        raise ValueError(f"{when} has no time zone: a run id needs to know which instant it is")
    milliseconds = (when - _EPOCH) // timedelta(milliseconds=1)
    if milliseconds < 0:
        raise ValueError(f"{when} lies before 1970: the clock of this machine is not set")
    name = station.encode()
    digest = blake2b(len(name).to_bytes(4) + name + nonce, digest_size=10, person=b"rackproof run").digest()
    number = milliseconds << 80 | int.from_bytes(digest)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(_LENGTH)))


def is_run_id(text: str) -> bool:
    """Whether `text` is written exactly as a run id is; nothing else may reach a file name or a query."""
    return _GRAMMAR.fullmatch(text) is not None
