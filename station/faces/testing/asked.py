"""What a test asks for, by its marks and options: a station, a product, a seed, faults."""

from collections.abc import Iterable
from dataclasses import dataclass

SERIAL = "SN1"


@dataclass(frozen=True, slots=True)
class Asked:
    """The world of one test. Without a station, the shipped simulated line; without a product, one that fits each jig."""

    station: str | None = None
    product: str | None = None
    serial: str = SERIAL
    slot: str | None = None
    sequence: str | None = None
    seed: int = 0
    unit: int = 0
    faults: tuple[str, ...] = ()

    def with_faults(self, more: Iterable[str]) -> tuple[str, ...]:
        """The faults of the test's marks, and more."""
        return (*self.faults, *more)
