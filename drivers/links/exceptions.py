"""The exceptions of Modbus (application protocol 1.1b3, section 7), in words."""

ACKNOWLEDGE, BUSY, GATEWAY_SILENT = 0x05, 0x06, 0x0B

WORDS = {
    0x01: "illegal function: it does not know or does not allow that function",
    0x02: "illegal data address: it has not all of the addresses that were asked for",
    0x03: "illegal data value: it does not take such a value or such a number of them",
    0x04: "server device failure: it has failed at it and cannot recover",
    ACKNOWLEDGE: "acknowledge: it has begun, and will take long",
    BUSY: "server device busy: it is at a long command, and is to be asked again later",
    0x08: "memory parity error: its extended memory has failed a check",
    0x0A: "gateway path unavailable: the gateway is set up wrongly or overloaded",
    GATEWAY_SILENT: "gateway target device failed to respond: it is probably not on the network behind the gateway",
}


def spoken(code: int) -> str:
    """An exception code in words."""
    return WORDS.get(code, "an exception that the protocol does not know") + f" ({code:#04x})"
