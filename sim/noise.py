"""Seeded chance: every quantity of every device and slot has its own stream, named by a key.

A number depends on its key alone, so a new quantity changes no other, and neither does the interpreter's hash seed.
"""

import math
from dataclasses import dataclass, field
from hashlib import blake2b

_TURNS = 2.0**-64


_BETWEEN = "\x1f"


def _words(key: bytes) -> tuple[int, int]:
    digest = blake2b(key, digest_size=16).digest()
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:], "big")


def _spelled(key: tuple[object, ...]) -> bytes:
    return _BETWEEN.join(map(str, key)).encode()


def uniform(*key: object) -> float:
    """The number between 0 and 1 that belongs to `key`."""
    return _words(_spelled(key))[0] * _TURNS


def normal(*key: object) -> float:
    """The standard normal deviate that belongs to `key`."""
    return _normal(_spelled(key))


def _normal(key: bytes) -> float:
    first, second = _words(key)
    return math.sqrt(-2.0 * math.log((first + 1) * _TURNS)) * math.cos(2.0 * math.pi * second * _TURNS)


@dataclass(slots=True)
class Streams:
    """Deviates that come one after the other, counted apart for each owner."""

    seed: int
    _drawn: dict[tuple[str, ...], tuple[bytes, int]] = field(default_factory=dict)
    """How each owner's keys begin, and how many have been used."""

    def next(self, *owner: str) -> float:
        """The next standard normal deviate of that owner: slot, instrument, quantity, place."""
        begins, count = self._drawn.get(owner) or (_spelled((self.seed, *owner, "")), 0)
        self._drawn[owner] = begins, count + 1
        return _normal(begins + str(count).encode())
