"""What can go wrong between us and an instrument.

* InstrumentError
  - LinkError         the bytes did not get through
    - LinkTimeout     nothing came within the deadline; the link is poisoned until it has resynchronised
    - Revoked         the run that asked has been told to let go
  - BadReply          bytes came back, but not the ones the manual promises
  - Refused           the instrument understood, and said no (its error queue says why)
    - Declined        ... with an exception of the Modbus protocol, whose code tells
  - WrongInstrument   somebody answered, but not the one that was expected here
  - Unsupported       the manual's public facts do not cover what was asked
"""


class InstrumentError(Exception):
    """Something went wrong at `instrument`; never the fault of the unit under test."""

    def __init__(self, instrument: str, what: str) -> None:
        super().__init__(f"{instrument}: {what}")
        self.instrument = instrument
        self.what = what


class LinkError(InstrumentError):
    """The bytes did not get through."""


class LinkTimeout(LinkError):
    """Nothing came within the deadline."""


class Revoked(LinkError):
    """The run that asked no longer holds this instrument."""


class BadReply(InstrumentError):
    """Bytes came back, but not the ones the manual promises."""


class Refused(InstrumentError):
    """The instrument understood, and said no."""


class Declined(Refused):
    """The device answered with an exception of the Modbus application protocol 1.1b3, section 7; `code` is its number."""

    def __init__(self, instrument: str, what: str, code: int) -> None:
        super().__init__(instrument, what)
        self.code = code


class WrongInstrument(InstrumentError):
    """Somebody answered, but not the one that was expected here."""


class Unsupported(InstrumentError):
    """The manual's public facts do not cover what was asked."""


AGAIN = (LinkError, BadReply)
"""What making safe tries a second time: bytes that did not get through, or not as promised."""
