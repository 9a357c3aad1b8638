"""HiSLIP (IVI-6.1, revision 1.1): an emulator behind the two channels of one sub-address, hislip0; synchronised mode."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

from sim.lan.message import MESSAGE_AVAILABLE, Messages
from sim.lan.server import listening
from sim.port import Port

HEAD = struct.Struct(">2sBBIQ")
PROLOGUE = b"HS"
VERSION = 0x0101
VENDOR = int.from_bytes(b"RP", "big")
MOST = 1 << 20
"""Bytes of the longest message that is accepted."""


class Kind(IntEnum):
    """Message types (IVI-6.1, table 4)."""

    INITIALIZE = 0
    INITIALIZE_RESPONSE = 1
    FATAL_ERROR = 2
    ERROR = 3
    ASYNC_LOCK = 4
    ASYNC_LOCK_RESPONSE = 5
    DATA = 6
    DATA_END = 7
    DEVICE_CLEAR_COMPLETE = 8
    DEVICE_CLEAR_ACKNOWLEDGE = 9
    ASYNC_REMOTE = 10
    ASYNC_REMOTE_RESPONSE = 11
    TRIGGER = 12
    INTERRUPTED = 13
    ASYNC_INTERRUPTED = 14
    ASYNC_MAXIMUM = 15
    ASYNC_MAXIMUM_RESPONSE = 16
    ASYNC_INITIALIZE = 17
    ASYNC_INITIALIZE_RESPONSE = 18
    ASYNC_DEVICE_CLEAR = 19
    ASYNC_STATUS_QUERY = 21
    ASYNC_STATUS_RESPONSE = 22
    ASYNC_DEVICE_CLEAR_ACKNOWLEDGE = 23
    ASYNC_LOCK_INFO = 24
    ASYNC_LOCK_INFO_RESPONSE = 25


BAD_HEADER, TOO_EARLY = 1, 2
UNKNOWN_MESSAGE = 1


class Message(NamedTuple):
    """One message of either channel."""

    kind: int
    control: int
    parameter: int
    payload: bytes


@dataclass(slots=True)
class _Client:
    messages: Messages
    sync: asyncio.StreamWriter
    late: asyncio.StreamWriter | None = None
    number: int = 0
    """The id of the message whose answer is awaited."""
    answered: int = -1
    """The id of the message that was answered last."""
    answering: "asyncio.Task[None] | None" = None
    most: int = MOST
    clearing: bool = False
    writers: list[asyncio.StreamWriter] = field(default_factory=list)


class HislipServer:
    """The sub-address and its clients."""

    def __init__(self, port: Port) -> None:
        self._port = port
        self._clients: dict[int, _Client] = {}
        self._born = 0
        self._locked_by: _Client | None = None

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One channel of a client: its first message says which."""
        first = await _next(reader)
        if first is not None and first.kind == Kind.INITIALIZE and self._port.trouble != "closed":
            await self._synchronous(reader, writer)
        elif first is not None and first.kind == Kind.ASYNC_INITIALIZE and first.parameter in self._clients:
            await self._asynchronous(self._clients[first.parameter], reader, writer)
        else:
            _send(writer, Kind.FATAL_ERROR, TOO_EARLY if first else BAD_HEADER)

    def end(self) -> None:
        """Every client is cut off."""
        for client in tuple(self._clients.values()):
            self._leave(client)

    async def _synchronous(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._born += 1
        session = self._born & 0xFFFF
        client = self._clients[session] = _Client(Messages(self._port), writer, writers=[writer])
        _send(writer, Kind.INITIALIZE_RESPONSE, 0, VERSION << 16 | session)
        try:
            while (message := await _next(reader)) is not None:
                self._obey(client, message)
            _send(writer, Kind.FATAL_ERROR, BAD_HEADER)
        finally:
            self._leave(client)
            self._clients.pop(session, None)

    def _obey(self, client: _Client, message: Message) -> None:
        match message.kind:
            case _ if client.clearing and message.kind != Kind.DEVICE_CLEAR_COMPLETE:
                pass  # what was on its way when the client cleared the device
            case Kind.DATA | Kind.DATA_END:
                self._hear(client, message)
            case Kind.DEVICE_CLEAR_COMPLETE:
                client.clearing = False
                _send(client.sync, Kind.DEVICE_CLEAR_ACKNOWLEDGE, 0)
            case Kind.TRIGGER:
                client.messages.write(b"*TRG", end=True)
            case _:
                _send(client.sync, Kind.ERROR, UNKNOWN_MESSAGE)

    def _hear(self, client: _Client, message: Message) -> None:
        end = message.kind == Kind.DATA_END
        client.number = message.parameter
        _stop(client)
        client.messages.write(message.payload, end=end)
        if not end:
            return
        if client.messages.interrupted:
            _send(client.sync, Kind.INTERRUPTED, 0, message.parameter)
            if client.late is not None:
                _send(client.late, Kind.ASYNC_INTERRUPTED, 0, message.parameter)
        client.answering = asyncio.get_running_loop().create_task(self._answer(client), name="hislip answer")

    async def _answer(self, client: _Client) -> None:
        number, last = client.number, False
        while not last:
            some, last = await client.messages.read(client.most)
            if client.messages.closed and not some:
                client.sync.close()
                return
            _send(client.sync, Kind.DATA_END if last else Kind.DATA, 0, number, some)
        client.answered = number

    async def _asynchronous(self, client: _Client, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client.late = writer
        client.writers.append(writer)
        _send(writer, Kind.ASYNC_INITIALIZE_RESPONSE, 0, VENDOR)
        while (message := await _next(reader)) is not None:
            match message.kind:
                case Kind.ASYNC_MAXIMUM if len(message.payload) == 8:
                    client.most = max(1, min(MOST, int.from_bytes(message.payload, "big")))
                    _send(writer, Kind.ASYNC_MAXIMUM_RESPONSE, 0, 0, MOST.to_bytes(8, "big"))
                case Kind.ASYNC_DEVICE_CLEAR:
                    client.clearing = True
                    _stop(client)
                    client.messages.clear()
                    _send(writer, Kind.ASYNC_DEVICE_CLEAR_ACKNOWLEDGE, 0)
                case Kind.ASYNC_STATUS_QUERY:
                    fetched = bool(message.control & 1)
                    status = MESSAGE_AVAILABLE if client.answered == client.number and not fetched else 0
                    _send(writer, Kind.ASYNC_STATUS_RESPONSE, status)
                case Kind.ASYNC_LOCK:
                    _send(writer, Kind.ASYNC_LOCK_RESPONSE, self._lock(client, release=not message.control))
                case Kind.ASYNC_LOCK_INFO:
                    _send(
                        writer,
                        Kind.ASYNC_LOCK_INFO_RESPONSE,
                        self._locked_by is not None,
                        int(self._locked_by is not None),
                    )
                case Kind.ASYNC_REMOTE:
                    _send(writer, Kind.ASYNC_REMOTE_RESPONSE, 0)
                case _:
                    _send(writer, Kind.ERROR, UNKNOWN_MESSAGE)

    def _lock(self, client: _Client, *, release: bool) -> int:
        """1: done; 0: another client has it; 3: there was none to release."""
        if release:
            done = self._locked_by is client
            self._locked_by = None if done else self._locked_by
            return 1 if done else 3
        if self._locked_by not in {None, client}:
            return 0
        self._locked_by = client
        return 1

    def _leave(self, client: _Client) -> None:
        _stop(client)
        client.messages.end()
        if self._locked_by is client:
            self._locked_by = None
        for writer in client.writers:
            writer.close()


def _stop(client: _Client) -> None:
    if client.answering is not None:
        client.answering.cancel()
        client.answering = None


def _send(writer: asyncio.StreamWriter, kind: int, control: int, parameter: int = 0, payload: bytes = b"") -> None:
    if not writer.is_closing():
        writer.write(HEAD.pack(PROLOGUE, kind, control, parameter, len(payload)) + payload)


async def _next(reader: asyncio.StreamReader) -> Message | None:
    """The next message; None for nonsense. Raises IncompleteReadError at the end."""
    prologue, kind, control, parameter, length = HEAD.unpack(await reader.readexactly(HEAD.size))
    if prologue != PROLOGUE or length > MOST:
        return None
    return Message(kind, control, parameter, await reader.readexactly(length))


@asynccontextmanager
async def on_hislip(port: Port, host: str) -> AsyncIterator[str]:
    """Serve until the block ends; the link address."""
    device = HislipServer(port)
    async with listening(device.converse, host) as number:
        try:
            yield f"visa:TCPIP::{host}::hislip0,{number}::INSTR"
        finally:
            device.end()
            port.stop()
