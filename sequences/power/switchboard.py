"""The switchboard: the contactors of one jig. What is closed is decided here only."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field

from drivers.roles import Crosspoint, Matrix


@dataclass
class Switchboard:
    """What is closed now. Contactors that open go first, and have opened before another closes."""

    matrix: Matrix
    settle: float
    closed: frozenset[Crosspoint] = field(default=frozenset(), init=False)

    async def set(self, wanted: Collection[Crosspoint]) -> None:
        """Open what is not wanted, wait, close what is, wait."""
        target = frozenset(wanted)
        opening, closing = self.closed - target, target - self.closed
        self.closed |= target  # until it is confirmed, everything may be closed
        if opening:
            await self.matrix.switch(sorted(opening), ())
            await asyncio.sleep(self.settle)
        if closing:
            await self.matrix.switch((), sorted(closing))
            await asyncio.sleep(self.settle)
        self.closed = target

    async def clear(self) -> None:
        """Open every contactor."""
        await self.matrix.open_all()
        self.closed = frozenset()
        await asyncio.sleep(self.settle)
