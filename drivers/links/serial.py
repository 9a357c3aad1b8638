"""A serial wire, and the one door to pyserial: it opens and sets the port; the bytes go through the descriptor."""

import termios
from contextlib import suppress

import serial

from drivers.links.apart import apart
from drivers.links.descriptor import DescriptorWire, Port

OPEN_WITHIN = 5.0


class SerialWire(DescriptorWire):
    """Bytes to a serial port. Name it by /dev/serial/by-id: a ttyUSB number belongs to another adapter tomorrow."""

    def __init__(
        self, device: str, baudrate: int = 9600, parity: str = "N", bytesize: int = 8, stopbits: int = 1
    ) -> None:
        super().__init__()
        self.device = device
        self.baudrate, self.parity, self.bytesize, self.stopbits = baudrate, parity, bytesize, stopbits

    async def _connect(self) -> Port:
        # Opening can block for ever on a dead adapter, so it happens apart.
        return await apart(self._open, within=OPEN_WITHIN, discard=lambda port: port.close())

    def _open(self) -> Port:
        try:
            port = serial.Serial(
                self.device,
                self.baudrate,
                self.bytesize,
                self.parity,
                self.stopbits,
                timeout=0,
                write_timeout=OPEN_WITHIN,
                inter_byte_timeout=0,  # VMIN = 1: an empty read then means "gone", never "nothing yet"
                exclusive=True,  # nobody else may steal bytes
            )
        except (ValueError, termios.error) as error:  # a port that cannot do it says so in the second way
            raise OSError(f"{self.device}: {error}") from error
        return _SerialPort(port)


class _SerialPort:
    def __init__(self, port: serial.Serial) -> None:
        self._port = port

    def fileno(self) -> int:
        return int(self._port.fileno())

    def close(self) -> None:
        with suppress(OSError, termios.error):  # unplugged: nothing is left to throw away
            self._port.reset_output_buffer()  # else the kernel may wait 30 s for a dead line to take the rest
        with suppress(OSError, termios.error):
            self._port.close()
