"""Labels: what people scan, and the pair that two scans make.

A code is exactly one of these:

    CANCEL            forget what was scanned
    SLOT:NAME         the slot for the next unit; SLOT:ANY, any that fits
    PN SN   PN|SN     a unit: part number (PN or PN@REV), one blank or bar, serial number
    PN                a part number that this station knows; its serial number may come before or after it
    SN                a serial number: what keeps to the grammar and is no part number here
"""

import re
from dataclasses import dataclass
from enum import Enum

from station.config.names import SHORT_NAME
from station.config.problems import shown
from station.config.serials import SERIAL
from station.orders import Request

WITHIN = 60.0
"""Seconds after which what was half scanned is forgotten: by then another unit may lie there."""
CANCEL, SLOT, ANY = "CANCEL", "SLOT:", "ANY"
ALLOWED = "CANCEL, SLOT:NAME, a part number, a serial number, or both with one blank or | between them"
_PRODUCT = r"[A-Z0-9][A-Z0-9._-]{0,63}(?:@[A-Z0-9][A-Z0-9._-]{0,15})?"
_ONE = re.compile(_PRODUCT)
_BOTH = re.compile(rf"(?P<product>{_PRODUCT})[ |](?P<serial>{SERIAL.pattern})")


class Outcome(Enum):
    """What came of a scan."""

    KEPT = "kept"
    UNIT = "unit"
    FORGOTTEN = "forgotten"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What came of a scan, in words; of a whole unit, what to ask the line for."""

    outcome: Outcome
    text: str
    request: Request | None = None


def asks_for_product(text: str) -> bool:
    """Whether it matters if `text` is a part number of this station."""
    return _ONE.fullmatch(text) is not None and text != CANCEL


@dataclass
class Pair:
    """What was scanned and is no whole unit yet. Times are the loop's."""

    product: str = ""
    serial: str = ""
    slot: str = ""
    until: float = 0.0

    def forget(self) -> None:
        """As if nothing had been scanned."""
        self.product = self.serial = self.slot = ""

    def forgotten(self, now: float) -> str:
        """What is forgotten by now, in words; empty where nothing is."""
        if now < self.until or not (self.product or self.serial or self.slot):
            return ""
        said = self._said()
        self.forget()
        return f"{said} forgotten: nothing came after it for {WITHIN:g} s"

    def take(self, text: str, now: float, *, is_product: bool = False) -> Scanned:
        """One code. `is_product` where `asks_for_product`: whether it is a part number here."""
        if text == CANCEL:
            said = self._said()
            self.forget()
            return Scanned(Outcome.FORGOTTEN, f"{said} forgotten" if said else "nothing was scanned yet")
        if text.startswith(SLOT):
            return self._take_slot(text.removeprefix(SLOT), now)
        if both := _BOTH.fullmatch(text):
            self.product, self.serial = both["product"], both["serial"]
        elif is_product:
            self.product = text
        elif SERIAL.fullmatch(text):
            self.serial = text
        else:
            return Scanned(Outcome.REFUSED, f"found {shown_safely(text)}; allowed: {ALLOWED}")
        if not (self.product and self.serial):
            return self._kept(now)
        request = Request(self.product, self.serial, self.slot or None)
        said = self._said()
        self.forget()
        return Scanned(Outcome.UNIT, said, request)

    def _take_slot(self, name: str, now: float) -> Scanned:
        if not SHORT_NAME.fullmatch(name):
            return Scanned(Outcome.REFUSED, f"found slot {shown_safely(name)}; allowed: the name of a slot, or {ANY}")
        self.slot = "" if name == ANY else name
        return self._kept(now)

    def _kept(self, now: float) -> Scanned:
        self.until = now + WITHIN
        return Scanned(Outcome.KEPT, self._said() or "any slot")

    def _said(self) -> str:
        slot = f"slot {self.slot}" if self.slot else ""
        return " ".join(filter(None, (self.product, self.serial, slot)))


def shown_safely(text: str) -> str:
    """A code as it may stand in a message, in ASCII."""
    return ascii(text)[:80] if not text.isascii() else shown(text)
