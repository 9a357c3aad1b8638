"""VXI-11 (TCP/IP Instrument Protocol, revision 1.0): an emulator behind the core and abort channels of one device, inst0.

One lock, no service requests, no interrupt channel: a client that asks for one is told "operation not supported" (error 8).
"""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial

from sim.lan.message import MESSAGE_AVAILABLE, Messages
from sim.lan.rpc import Procedure, Unpacker, converse, opaque
from sim.lan.server import listening
from sim.port import Port

CORE, ABORT = (0x0607AF, 1), (0x0607B0, 1)
DEVICE = b"inst0"
MOST = 16 * 1024
"""Bytes of the longest write that a client may send at once."""
NO_ERROR, NOT_ACCESSIBLE, INVALID_LINK, UNSUPPORTED = 0, 3, 4, 8
LOCKED, NO_LOCK, TIMEOUT, IO_ERROR, ABORTED = 11, 12, 15, 17, 23
END = 8
"""The flag of a write that is the last part of its message."""
REASON_COUNT, REASON_END = 1, 4


class Vxi11Server:
    """The device and its links, whoever holds them."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._links: dict[int, Messages] = {}
        self._reads: dict[int, asyncio.Future[None]] = {}
        self._born = 0
        self._locked_by = 0
        self.abort_port = 0

    @property
    def core(self) -> dict[int, Procedure]:
        """The procedures of the core channel by number."""
        return {
            10: self._create_link,
            11: self._write,
            12: self._read,
            13: self._read_status,
            14: partial(self._generic, NO_ERROR),
            15: self._clear,
            16: partial(self._generic, NO_ERROR),
            17: partial(self._generic, NO_ERROR),
            18: self._lock,
            19: self._unlock,
            20: partial(self._generic, UNSUPPORTED),
            22: self._do_command,
            23: self._destroy_link,
            25: self._unsupported,
            26: self._unsupported,
        }

    async def abort(self, call: Unpacker) -> bytes:
        """Procedure 1 of the abort channel: a read that waits ends with error 23."""
        link = call.number()
        if (waiting := self._reads.get(link)) is not None and not waiting.done():
            waiting.set_result(None)
        return _error(NO_ERROR if link in self._links else INVALID_LINK)

    def end(self) -> None:
        """All links are gone."""
        for each in self._links.values():
            each.end()
        self._links.clear()

    async def _create_link(self, call: Unpacker) -> bytes:
        call.number()  # the client's own number
        lock, _, device = call.number(), call.number(), call.opaque()
        if device.lower() != DEVICE or self._port.trouble == "closed":
            return _error(NOT_ACCESSIBLE) + struct.pack(">III", 0, 0, 0)
        if lock and self._locked_by:
            return _error(LOCKED) + struct.pack(">III", 0, 0, 0)
        self._born += 1
        self._links[self._born] = Messages(self._port)
        if lock:
            self._locked_by = self._born
        return _error(NO_ERROR) + struct.pack(">III", self._born, self.abort_port, MOST)

    async def _write(self, call: Unpacker) -> bytes:
        link, _, _, flags, data = call.number(), call.number(), call.number(), call.number(), call.opaque()
        if (refused := self._refusal(link)) != NO_ERROR:
            return _error(refused) + struct.pack(">I", 0)
        self._links[link].write(data, end=bool(flags & END))
        return _error(NO_ERROR) + struct.pack(">I", len(data))

    async def _read(self, call: Unpacker) -> bytes:
        link, most, milliseconds = call.number(), call.number(), call.number()
        if (refused := self._refusal(link)) != NO_ERROR:
            return _error(refused) + struct.pack(">I", 0) + opaque(b"")
        loop = asyncio.get_running_loop()
        messages, waiting = self._links[link], loop.create_future()
        self._reads[link] = waiting
        messages.fetched()
        reading = loop.create_task(messages.read(most), name="vxi-11 read")
        try:
            await asyncio.wait({reading, waiting}, timeout=milliseconds / 1000, return_when=asyncio.FIRST_COMPLETED)
            if not reading.done():
                return _error(ABORTED if waiting.done() else TIMEOUT) + struct.pack(">I", 0) + opaque(b"")
            data, last = reading.result()
            if messages.closed and not data:
                return _error(IO_ERROR) + struct.pack(">I", 0) + opaque(b"")
            return _error(NO_ERROR) + struct.pack(">I", REASON_END if last else REASON_COUNT) + opaque(data)
        finally:
            del self._reads[link]
            waiting.cancel()
            if not reading.done():
                reading.cancel()
                with suppress(asyncio.CancelledError):
                    await reading

    async def _read_status(self, call: Unpacker) -> bytes:
        link = call.number()
        refused = self._refusal(link)
        status = MESSAGE_AVAILABLE if refused == NO_ERROR and self._links[link].available else 0
        return _error(refused) + struct.pack(">I", status)

    async def _clear(self, call: Unpacker) -> bytes:
        link = call.number()
        if (refused := self._refusal(link)) == NO_ERROR:
            self._links[link].clear()
        return _error(refused)

    async def _lock(self, call: Unpacker) -> bytes:
        link = call.number()
        if link not in self._links:
            return _error(INVALID_LINK)
        if self._locked_by not in {0, link}:
            return _error(LOCKED)
        self._locked_by = link
        return _error(NO_ERROR)

    async def _unlock(self, call: Unpacker) -> bytes:
        link = call.number()
        if link not in self._links:
            return _error(INVALID_LINK)
        if self._locked_by != link:
            return _error(NO_LOCK)
        self._locked_by = 0
        return _error(NO_ERROR)

    async def _destroy_link(self, call: Unpacker) -> bytes:
        link = call.number()
        if (messages := self._links.pop(link, None)) is None:
            return _error(INVALID_LINK)
        messages.end()
        if self._locked_by == link:
            self._locked_by = 0
        return _error(NO_ERROR)

    async def _generic(self, answer: int, call: Unpacker) -> bytes:
        refused = self._refusal(call.number())
        return _error(answer if refused == NO_ERROR else refused)

    async def _do_command(self, call: Unpacker) -> bytes:
        del call
        return _error(UNSUPPORTED) + opaque(b"")

    async def _unsupported(self, call: Unpacker) -> bytes:
        del call
        return _error(UNSUPPORTED)

    def _refusal(self, link: int) -> int:
        if link not in self._links:
            return INVALID_LINK
        return NO_ERROR if self._locked_by in {0, link} else LOCKED


def _error(code: int) -> bytes:
    return struct.pack(">I", code)


@asynccontextmanager
async def on_vxi11(port: Port, host: str) -> AsyncIterator[str]:
    """Serve until the block ends; the link address. The port mapper (port 111) is nobody's here: the address has the port."""
    device = Vxi11Server(port)
    async with (
        listening(partial(converse, programs={ABORT: {1: device.abort}}), host) as device.abort_port,
        listening(partial(converse, programs={CORE: device.core}), host) as number,
    ):
        try:
            yield f"visa:TCPIP::{host},{number}::inst0::INSTR"
        finally:
            device.end()
            port.stop()
