"""Certificates: when they end. As much of X.509 as that takes."""

import re
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
_UTC_TIME, _SEQUENCE, _VERSION = 0x17, 0x30, 0xA0


def ends(text: str) -> datetime:
    """When the first certificate in a PEM file, the owner's own, ends. Raises ValueError for what is none."""
    found = _PEM.search(text)
    if found is None:
        raise ValueError("no certificate is in it")
    try:
        ((_, certificate),) = _parts(ssl.PEM_cert_to_DER_cert(found[0]))
        _, to_be_signed = next(_parts(certificate))
        fields = [(tag, content) for tag, content in _parts(to_be_signed) if tag != _VERSION]
        _, validity = fields[3]  # serial number, algorithm, issuer, validity
        _, (tag, ending) = _parts(validity)
        said = ending.decode("ascii")
        if tag == _UTC_TIME:
            said = f"{'19' if said[:2] >= '50' else '20'}{said}"
        return datetime.strptime(said, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except (ValueError, IndexError, StopIteration) as odd:
        raise ValueError(f"its certificate cannot be read ({odd})") from odd


def _parts(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The values in a piece of DER, each with its tag."""
    at = 0
    while at < len(content):
        tag, length, at = content[at], content[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(content[at : at + size]), at + size
        if at + length > len(content):
            raise ValueError("it is cut off")
        yield tag, content[at : at + length]
        at += length
