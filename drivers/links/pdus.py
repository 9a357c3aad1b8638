"""What is taken from pymodbus, and its one door: how a request is spelled, and how it is framed.

Only what a test has shown to be safe. Its way of reading a reply is not: it believes a byte count that lies.
"""

import struct
from collections.abc import Sequence

from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import ModbusPDU, ReadCoilsRequest, ReadHoldingRegistersRequest
from pymodbus.pdu.bit_message import ReadDiscreteInputsRequest, WriteSingleCoilRequest
from pymodbus.pdu.register_message import (
    ReadInputRegistersRequest,
    WriteMultipleRegistersRequest,
    WriteSingleRegisterRequest,
)

from drivers.links.functions import Function

_READS = {
    Function.READ_COILS: ReadCoilsRequest,
    Function.READ_DISCRETE: ReadDiscreteInputsRequest,
    Function.READ_HOLDING: ReadHoldingRegistersRequest,
    Function.READ_INPUT: ReadInputRegistersRequest,
}
_MBAP = struct.Struct(">HHHB")


def read_request(function: Function, address: int, count: int) -> bytes:
    """The request of a read, without its frame. Raises ValueError for a count that the protocol does not allow."""
    return _spelled(_READS[function](address=address, count=count))


def write_register_request(address: int, word: int) -> bytes:
    """The request that writes one register."""
    return _spelled(WriteSingleRegisterRequest(address=address, registers=[word]))


def write_registers_request(address: int, words: Sequence[int]) -> bytes:
    """The request that writes several registers."""
    return _spelled(WriteMultipleRegistersRequest(address=address, count=len(words), registers=list(words)))


def write_coil_request(address: int, *, on: bool) -> bytes:
    """The request that writes one coil."""
    return _spelled(WriteSingleCoilRequest(address=address, bits=[on]))


def rtu_frame(unit: int, pdu: bytes) -> bytes:
    """As it goes over a serial line: unit, function and payload, check sum."""
    frame = bytes((unit,)) + pdu
    return frame + check_sum(frame)


def check_sum(frame: bytes) -> bytes:
    """CRC-16 of all but the check sum itself, as it stands on the wire."""
    return FramerRTU.compute_CRC(frame).to_bytes(2, "big")


def tcp_frame(transaction: int, unit: int, pdu: bytes) -> bytes:
    """As it goes over TCP: transaction, protocol 0, length, unit, function and payload.

    pymodbus's own framer joins the same bytes; a test compares them. This one costs a third of a microsecond.
    """
    return _MBAP.pack(transaction, 0, len(pdu) + 1, unit) + pdu


def _spelled(pdu: ModbusPDU) -> bytes:
    return bytes((pdu.function_code,)) + pdu.encode()
