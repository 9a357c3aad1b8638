"""Certificates: until when one is good. Python's ssl says it of a peer's only, so the two dates are looked up in the file."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_BEGIN, _END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
_SEQUENCE, _EXPLICIT_0, _UTC_TIME = 0x30, 0xA0, 0x17
_FORMATS: Final = {_UTC_TIME: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}


def good_from_to(pem: Path) -> tuple[datetime, datetime]:
    """When the first certificate of a PEM file begins and ends to be good. May block. Raises OSError, ValueError."""
    text = pem.read_text("ascii", errors="replace")
    if _BEGIN not in text:
        raise ValueError(f"there is no certificate in {pem.name}")
    first = text[text.index(_BEGIN) :].partition(_END)[0] + _END
    try:
        return _validity(ssl.PEM_cert_to_DER_cert(first))
    except (IndexError, StopIteration) as odd:
        raise ValueError(f"{pem.name} is no certificate that can be read") from odd


def _validity(der: bytes) -> tuple[datetime, datetime]:
    """Certificate > what is signed > [version], number, algorithm, issuer, validity > two times (RFC 5280)."""
    (_, whole) = next(_parts(der))
    (_, signed) = next(_parts(whole))
    parts = [part for part in _parts(signed) if part[0] != _EXPLICIT_0]
    tag, validity = parts[3]
    if tag != _SEQUENCE:
        raise ValueError("no validity where it should be")
    begins, ends = (_moment(*part) for part in _parts(validity))
    return begins, ends


def _moment(tag: int, text: bytes) -> datetime:
    """A time; strptime takes a year of two digits as RFC 5280 does, but for one from 50 to 68."""
    return datetime.strptime(text.decode("ascii"), _FORMATS[tag]).replace(tzinfo=UTC)


def _parts(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Tags and contents, one after the other."""
    at = 0
    while at < len(der):
        tag, length, at = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(der[at : at + size]), at + size
        yield tag, der[at : at + length]
        at += length
