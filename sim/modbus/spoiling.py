"""Replies of Modbus with the order of their bytes exchanged, as a wrong setting or a wrong manual leaves them."""

import struct


def swapped(reply: bytes) -> bytes:
    """What a read gives, with the words of each pair exchanged; of an odd number of words, the bytes of each word."""
    if reply[0] & 0x80 or len(reply) < 4:
        return reply
    count = (len(reply) - 2) // 2
    words = struct.unpack(f">{count}H", reply[2:])
    if count % 2:
        return reply[:2] + struct.pack(f"<{count}H", *words)
    pairs = [word for at in range(0, count, 2) for word in (words[at + 1], words[at])]
    return reply[:2] + struct.pack(f">{count}H", *pairs)
