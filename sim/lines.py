"""Instruments that are spoken to in lines of text."""

import re
from dataclasses import dataclass

from sim.emulator import Emulator
from sim.message import Hear, Message, spoiled

_LONGEST = 65536  # bytes without an ending that an input buffer keeps
_READING = re.compile(rb"(?i)READ\?|FETCh?\?|MEAS|NORM(?:AL)?:VAL(?:UE)?\?|^IN_PV_0[0-9]|^[A-Z]$")
_NUMBER = re.compile(rb"[+-]?\d+\.?\d*(?:E[+-]?\d+)?", re.IGNORECASE)
_NAN = b"+9.91000000E+37"


@dataclass(frozen=True, slots=True)
class Line(Message):
    """One line, without its ending."""

    @property
    def is_reading(self) -> bool:
        """Whether it is a question for a measurement: of SCPI, of a chiller, or a unit's letter alone, which asks for its frame."""
        return bool(_READING.search(self.body))

    def astray(self, reply: bytes) -> bytes:
        """What another question would have been answered with."""
        return b"0" + reply[len(reply.rstrip(b"\r\n")) :]

    def cut(self, reply: bytes) -> bytes:
        """The first half of the text, and no ending."""
        text = reply.rstrip(b"\r\n")
        return text[: (len(text) + 1) // 2]

    def garbled(self, reply: bytes) -> bytes:
        """Spoiled text; the ending survives."""
        text = reply.rstrip(b"\r\n")
        return spoiled(text) + reply[len(text) :]

    def numberless(self, reply: bytes) -> bytes:
        """SCPI's not-a-number in place of a reading."""
        return _NUMBER.sub(_NAN, reply) if self.is_reading else reply


class Lines:
    """Bytes cut at each of the instrument's line endings; empty lines are none."""

    def __init__(self, emulator: Emulator, hear: Hear) -> None:
        self._emulator, self._hear = emulator, hear
        self._ends = emulator.line_ends
        self._end = self._ends[:1]
        self._as_one = bytes.maketrans(self._ends, self._end * len(self._ends))
        self._rest = b""

    def take(self, sent: bytes) -> None:
        """Hand on every line that is whole."""
        if len(self._ends) > 1:
            sent = sent.translate(self._as_one)
        *lines, rest = (self._rest + sent).split(self._end)
        self._rest = rest if len(rest) <= _LONGEST else b""
        for line in lines:
            if text := line.strip():
                self._hear(Line(self._emulator, text))

    def close(self) -> None:
        """Half a line is nothing."""
        self._rest = b""
