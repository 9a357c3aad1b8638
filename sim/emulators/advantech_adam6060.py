"""Advantech ADAM-6060: six inputs and six relays on Modbus/TCP.

From the address table: coils 0 to 5 are the inputs (function 1 and 2), coils 16 to 21 the relays (functions 1, 5 and 15).
Decided here, because no public page says it: the inputs may not be written, other addresses are illegal ones, a relay moves
within five milliseconds; all have dropped after power on.
"""

import asyncio
from collections.abc import Sequence

from sim.leads import Leads
from sim.modbus.pdu import ILLEGAL_ADDRESS, READ_COILS, ModbusError
from sim.modbus.slave import Carried, Slave
from sim.quantity import Quantity

INPUTS, RELAYS = range(6), range(16, 22)
RELAY = 0.005
"""Seconds that a relay takes."""


class AdvantechAdam6060(Slave):
    """The module."""

    framing: Carried = "mbap"
    baudrate: int = 0
    functions: frozenset[int] = frozenset({1, 2, 5, 15})

    def __init__(self, device: str, leads: Leads) -> None:
        super().__init__(device, leads)
        self._on = dict.fromkeys(RELAYS, False)

    def power_on(self) -> None:
        """All relays drop."""
        for at in RELAYS:
            self._switch(at, on=False)

    def read_bits(self, function: int, address: int, count: int) -> Sequence[bool]:
        """Inputs; relays by function 1."""
        return [self._bit(function, at) for at in range(address, address + count)]

    def write_bits(self, address: int, bits: Sequence[bool]) -> None:
        """Relays."""
        if address not in RELAYS or address + len(bits) > RELAYS.stop:
            raise ModbusError(ILLEGAL_ADDRESS)
        for at, bit in enumerate(bits, address):
            self._switch(at, on=bit)

    def _bit(self, function: int, address: int) -> bool:
        if address in INPUTS:
            return self.leads.sense(self.device, Quantity.INPUT, str(address)) >= 0.5
        if address in RELAYS and function == READ_COILS:
            return self._on[address]
        raise ModbusError(ILLEGAL_ADDRESS)

    def _switch(self, address: int, *, on: bool) -> None:
        self._on[address] = on
        place = str(address - RELAYS.start)
        asyncio.get_running_loop().call_later(RELAY, self.leads.drive, self.device, Quantity.OUTPUT, float(on), place)


EMULATORS = {"advantech-adam6060": AdvantechAdam6060}
