"""The far end of a crowd: its emulators on TCP sockets, in a process of their own until its stdin is closed.

It says on stdout where they are, as one line of JSON, and at its end on another one when each source's output went dead: at
the terminals, in the time of this machine's monotonic clock, which every loop here goes by.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.crowd_line import Crowd, it_soaks
from sim.quantity import Quantity
from sim.serving import serve
from sim.spec import WorldSpec
from sim.world import World
from station.emulators import emulator_of
from station.seats import seats_of
from station.service import Simulated
from station.simulating import spec_of


@dataclass
class FarEnd:
    """Where the instruments are, and when each source's output went dead for the last time, known once it has ended."""

    addresses: dict[str, str]
    dead: dict[str, float] = field(default_factory=dict)


@asynccontextmanager
async def far_end(slots: int) -> AsyncIterator[FarEnd]:
    """The instruments of so many bays while they are served."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "benchmarks.far_end", str(slots), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        limit=2**20,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        served = FarEnd(json.loads(await process.stdout.readline()))
        yield served
        process.stdin.close()
        served.dead |= json.loads(await process.stdout.readline())
    finally:
        process.stdin.close()
        await process.wait()


class Noting(World):
    """A world in which it is noted when an output goes dead."""

    def __init__(self, spec: WorldSpec, clock: Callable[[], float]) -> None:
        super().__init__(spec, clock)
        self.live: dict[str, set[str]] = {}
        self.dead: dict[str, float] = {}

    def drive(self, device: str, quantity: Quantity, value: float, place: str = "") -> None:
        """Note it, and do it."""
        super().drive(device, quantity, value, place)
        if quantity is Quantity.AC_VOLTS:
            live = self.live.setdefault(device, set())
            if value:
                live.add(place)
            elif live:
                live.discard(place)
                if not live:
                    self.dead[device] = asyncio.get_running_loop().time()


async def _serve(slots: int) -> None:
    crowd = Crowd.of(slots, it_soaks(1.0, 1.0))
    world = Noting(spec_of(crowd.station, crowd.whole, Simulated(0)), asyncio.get_running_loop().time)
    seats = seats_of(crowd.station)
    async with serve({name: emulator_of(seats[name], world) for name in crowd.names}, Path()) as addresses:
        print(json.dumps(addresses), flush=True)
        await asyncio.to_thread(sys.stdin.read)
        print(json.dumps(world.dead), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
