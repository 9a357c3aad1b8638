"""Seeded chance: every quantity of every device and slot has its own stream, named by a key.

A number depends on its key alone, so a new quantity changes no other, and neither does the interpreter's hash seed.
"""

import math
from dataclasses import dataclass, field
from hashlib import blake2b

_TURNS = 2.0**-64


def _words(key: tuple[object, ...]) -> tuple[int, int]:
    digest = blake2b("\x1f".join(map(str, key)).encode(), digest_size=16).digest()
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")


def uniform(*key: object) -> float:
    """The number between 0 and 1 that belongs to `key`."""
    return _words(key)[0] * _TURNS


def normal(*key: object) -> float:
    """The standard normal deviate that belongs to `key`."""
    first, second = _words(key)
    return math.sqrt(-2.0 * math.log((first + 1) * _TURNS)) * math.cos(2.0 * math.pi * second * _TURNS)


@dataclass(slots=True)
class Streams:
    """Deviates that come one after the other, counted apart for each owner."""

    seed: int
    _drawn: dict[tuple[str, ...], int] = field(default_factory=dict)

    def next(self, *owner: str) -> float:
        """The next standard normal deviate of that owner: slot, instrument, quantity, place."""
        count = self._drawn.get(owner, 0)
        self._drawn[owner] = count + 1
        return normal(self.seed, *owner, count)
