"""The unit under test, as it was announced."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Uut:
    """Serial number, part number and revision: each has passed its grammar."""

    serial: str
    part_number: str
    revision: str
