"""Remote procedure calls (RFC 5531, version 2) over TCP, with XDR (RFC 4506): as much as VXI-11 needs of them."""

import asyncio
import struct
from collections.abc import Awaitable, Callable, Mapping

LAST, MOST = 0x80000000, 1 << 20
CALL, REPLY, VERSION = 0, 1, 2
SUCCESS, PROGRAM_UNAVAILABLE, VERSION_MISMATCH, PROCEDURE_UNAVAILABLE, GARBAGE = 0, 1, 2, 3, 4


class Unpacker:
    """The arguments of a call, one after the other. Raises struct.error where there are no more."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self) -> int:
        """An unsigned integer, a boolean or an enumeration."""
        (value,) = struct.unpack_from(">I", self._data, self._at)
        self._at += 4
        return int(value)

    def opaque(self) -> bytes:
        """Bytes, or a text."""
        length = self.number()
        if length > len(self._data) - self._at:
            raise struct.error("opaque data is shorter than it says")
        value = self._data[self._at : self._at + length]
        self._at += (length + 3) // 4 * 4
        return value


def opaque(data: bytes) -> bytes:
    """Bytes as XDR writes them."""
    return struct.pack(">I", len(data)) + data + b"\0" * (-len(data) % 4)


Procedure = Callable[[Unpacker], Awaitable[bytes]]
Programs = Mapping[tuple[int, int], Mapping[int, Procedure]]
"""Procedures by program and version; each returns its results in XDR."""


async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, programs: Programs) -> None:
    """Answer calls until the client goes, one after the other. Nonsense ends the conversation."""
    while (record := await _record(reader)) is not None:
        reply = await _answer(record, programs)
        if reply is None:
            return
        writer.write(struct.pack(">I", LAST | len(reply)) + reply)
        await writer.drain()


async def _record(reader: asyncio.StreamReader) -> bytes | None:
    """One record of any number of fragments; None at the end, or for one that is too long."""
    whole = b""
    while True:
        head = await reader.read(4)
        if len(head) < 4:
            return None
        (mark,) = struct.unpack(">I", head)
        length = mark & ~LAST
        if len(whole) + length > MOST:
            return None
        whole += await reader.readexactly(length)
        if mark & LAST:
            return whole


async def _answer(record: bytes, programs: Programs) -> bytes | None:
    """The reply to a call; None for what is no call."""
    call = Unpacker(record)
    try:
        number, kind, version = call.number(), call.number(), call.number()
        program, its_version, procedure = call.number(), call.number(), call.number()
        for _ in ("credentials", "verifier"):
            call.number()
            call.opaque()
    except struct.error:
        return None
    if kind != CALL or version != VERSION:
        return None
    accepted = struct.pack(">IIIII", number, REPLY, 0, 0, 0)  # no verifier
    return accepted + await _result(call, programs, program, its_version, procedure)


async def _result(call: Unpacker, programs: Programs, program: int, version: int, procedure: int) -> bytes:
    versions = [each for known, each in programs if known == program]
    if not versions:
        return struct.pack(">I", PROGRAM_UNAVAILABLE)
    procedures = programs.get((program, version))
    if procedures is None:
        return struct.pack(">III", VERSION_MISMATCH, min(versions), max(versions))
    if procedure == 0:
        return struct.pack(">I", SUCCESS)
    if procedure not in procedures:
        return struct.pack(">I", PROCEDURE_UNAVAILABLE)
    try:
        results = await procedures[procedure](call)
    except struct.error:
        return struct.pack(">I", GARBAGE)
    return struct.pack(">I", SUCCESS) + results
