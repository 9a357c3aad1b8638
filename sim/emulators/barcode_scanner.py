"""A hand scanner with a serial trigger (16 54 0D starts, 16 55 0D stops) in the hand of a simulated operator.

The trigger codes are engineering practice for Honeywell scanners, not read in a manual. There is no emulator of a
"console": a person at a terminal is prompted on a screen, and nothing on the wire would say when to answer.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, ClassVar

from sim.leads import Leads

TRIGGER, RELEASE = b"\x16T", b"\x16U"
HUMAN = 2.0
"""Seconds from the scanner's light to the label: mating the unit included."""


class BarcodeScanner:
    """The scanner, the operator, and what the operator does at the slot."""

    line_ends: ClassVar[bytes] = b"\r"
    urgent: ClassVar[frozenset[bytes]] = frozenset({RELEASE})
    baudrate: ClassVar[int] = 9600

    def __init__(self, device: str, leads: Leads) -> None:
        self.device = device
        self.leads = leads
        self._released = asyncio.Event()

    def answer(self, line: bytes) -> Coroutine[Any, Any, bytes | None] | None:
        """Start to scan, or stop; anything else is for other scanners."""
        if line == TRIGGER:
            self._released.clear()
            return self._scan()
        if line == RELEASE:
            self._released.set()
        return None

    async def _scan(self) -> bytes | None:
        try:
            async with asyncio.timeout(HUMAN):
                await self._released.wait()
        except TimeoutError:
            label = self.leads.scan(self.device)
            return label.encode("ascii") + b"\r" if label else None
        return None


EMULATORS = {"barcode-scanner": BarcodeScanner}
