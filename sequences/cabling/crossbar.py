"""The crossbar: the matrix cards of all mainframes as one matrix of four rows. States of the matrix are made here only."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from drivers.roles import Crosspoint, Matrix
from sequences.cabling.wiring import CableWiring, Column

FORCE, RETURN, HIGH, LOW = 1, 2, 3, 4
"""The matrix rows: the ohmmeter's two terminals, and the multimeter's."""

Closed = tuple[int, Crosspoint]
"""A relay: the mainframe's number from 0, and the crosspoint there."""


@dataclass
class Crossbar:
    """What is closed now, and how to get to another state with the fewest relays moved."""

    wiring: CableWiring
    matrices: tuple[Matrix, ...]
    connectors: dict[str, tuple[str, ...]]
    states: int = 0
    """How many states have been made."""
    _closed: set[Closed] = field(default_factory=set)

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Where each pin lies."""
        return self.wiring.at(self.connectors)

    def spot(self, pin: str, row: int) -> Closed:
        """The relay that joins a pin to a row."""
        column = self.columns[pin]
        return column.mainframe, column.at(row)

    def part(self, points: Sequence[int], first_row: int, second_row: int) -> set[Closed]:
        """The two relays that lay a part of the jig across two rows."""
        a, b = self.wiring.column(points[0]), self.wiring.column(points[1])
        return {(a.mainframe, a.at(first_row)), (b.mainframe, b.at(second_row))}

    def relay(self, closed: Closed) -> str:
        """A relay as the station's people know it: `mainframe 2, channel 213`."""
        frame, (card, row, column) = closed
        return f"mainframe {frame + 1}, channel {card}{row}{column}"

    async def set(self, wanted: set[Closed]) -> None:
        """Open what is not wanted, close what is, wait until it has settled. All mainframes move at once."""
        opening, closing = self._closed - wanted, wanted - self._closed
        if not opening and not closing:
            return
        settled = asyncio.get_running_loop().time() + self.wiring.settle
        frames: dict[int, tuple[list[Crosspoint], list[Crosspoint]]] = defaultdict(lambda: ([], []))
        for frame, relay in opening:
            frames[frame][0].append(relay)
        for frame, relay in closing:
            frames[frame][1].append(relay)
        self._closed = wanted | self._closed  # until it is confirmed, everything may be closed
        if len(frames) == 1:
            ((frame, (away, to)),) = frames.items()
            await self.matrices[frame].switch(sorted(away), sorted(to))
        else:
            async with asyncio.TaskGroup() as together:
                for frame, (away, to) in sorted(frames.items()):
                    together.create_task(self.matrices[frame].switch(sorted(away), sorted(to)))
        self._closed = wanted
        self.states += 1
        await asyncio.sleep(max(0.0, settled - asyncio.get_running_loop().time()))

    async def clear(self) -> None:
        """Open every relay of every mainframe."""
        async with asyncio.TaskGroup() as together:
            for matrix in self.matrices:
                together.create_task(matrix.open_all())
        self._closed = set()
