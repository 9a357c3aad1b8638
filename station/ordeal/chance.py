"""Chance: everything that is drawn for one run of a campaign, each quantity by its own name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sim.noise import uniform

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Chance:
    """The chance of the run with this number in the campaign with this seed. Asked again, it says the same."""

    seed: int
    number: int

    def of(self, *what: object) -> float:
        """From 0 to 1."""
        return uniform("ordeal", self.seed, self.number, *what)

    def between(self, low: float, high: float, *what: object) -> float:
        """From low to high, rounded to a thousandth."""
        return round(low + (high - low) * self.of(*what), 3)

    def one(self, among: Sequence[T], *what: object) -> T:
        """One of several, all alike likely."""
        return among[int(self.of(*what) * len(among))]

    def weighed(self, among: Mapping[T, float], *what: object) -> T:
        """One of several, as likely as its weight says."""
        left = self.of(*what) * sum(among.values())
        for each, weight in among.items():
            if left < weight:
                return each
            left -= weight
        return each
