"""The disk budget: a data folder that stays as big as it may be. What bears on no result is given up first, results never.

In this order: telemetry (waveforms, old pages of the log), events (readings that are evidence), audit (what people were asked
and what they answered); within each the oldest run first, and those last whose result nobody has acknowledged yet. When
nothing is left to give up, no run begins any more.
"""

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from station.condition import Condition, Level
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.ledger.schema import FILE, GIVEN_UP
from station.log import FILE as LOG
from station.pen import old_pages
from station.walls import WallClock, iso, real_wall

EVERY = 10.0
"""Seconds between two looks."""
WARN, BEGIN, REST, ALARM = 0.80, 0.90, 0.88, 0.95
"""Parts of the budget: where people are warned, where giving up begins and where it rests, where they are alarmed."""
RESERVE, SHARE = 256 * 2**20, 0.05
"""Of a disk without a budget so much stays free: so many bytes, or that part of it if that is less."""
PAUSE = 0.02
"""Seconds between two pieces, which are the writer's own."""
MIB = 2**20


@dataclass(frozen=True, slots=True)
class Use:
    """Bytes that the data folder holds, and how many it may; free pages of the ledger do not count."""

    used: int
    most: int

    @property
    def share(self) -> float:
        """1.0 is all of it."""
        return self.used / max(self.most, 1)


@dataclass(eq=False)
class Budget:
    """Keeps the data folder of `ledger` below `most` bytes; 0: below what the disk has, minus a reserve.

    `protected` says of a run whether its result has still to be acknowledged by somebody; asked in the loop's thread.
    """

    ledger: Ledger
    most: int = 0
    protected: Callable[[str], bool] = lambda _: False
    wall: WallClock = real_wall
    again: Callable[[], int] | None = None
    """Says how many bytes it may hold now, at each look: the configuration may have been read again."""
    given_up: dict[str, int] = field(default_factory=lambda: dict.fromkeys(GIVEN_UP, 0))
    """Events given up since this process began, by part."""
    use: Use | None = None
    """As it was at the last look."""
    _bare: dict[str, int] = field(default_factory=lambda: dict.fromkeys(GIVEN_UP, 0))
    """Up to which run nothing is left of a part."""
    _beside: int = 0
    _most: int = 0
    _trouble: str = ""

    async def run(self) -> None:
        """Look now and then, for ever."""
        while True:
            await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Measure, and give up as much as it takes."""
        if self.again is not None:
            self.most = self.again()
        try:
            await self._measure()
            if self._share >= BEGIN:
                await self._give_up()
            self._trouble = ""
        except (LedgerError, OSError) as error:
            self._trouble = str(error)
        full = self._share >= 1.0
        self.ledger.used_up = f"the disk budget is used up: {self._said()}, and only results are left" if full else ""

    def condition(self) -> Condition:
        """Whether there is room."""
        remedy = "give the station a bigger disk or [daemon] most_mib, or move its data folder away and begin a new one"
        if self._trouble:
            return Condition("budget", Level.ALARM, f"the disk budget is not kept: {self._trouble}", remedy)
        if self.ledger.used_up:
            return Condition("budget", Level.ALARM, f"{self.ledger.used_up}; no run begins", remedy)
        if self._share >= ALARM:
            return Condition("budget", Level.ALARM, f"soon no run begins: {self._said()}", remedy)
        if self._share >= WARN:
            gone = ", ".join(f"{count} of {part}" for part, count in self.given_up.items() if count)
            text = f"{self._said()}; " + (f"given up: {gone}" if gone else "nothing has been given up yet")
            return Condition("budget", Level.WARNING, text, remedy)
        return Condition("budget", Level.OK, self._said() if self.use else "not looked at yet")

    @property
    def _share(self) -> float:
        return self.use.share if self.use else 0.0

    def _said(self) -> str:
        used, most = (self.use.used, self.use.most) if self.use else (0, 0)
        return f"the data folder holds {used / MIB:.0f} of {most / MIB:.0f} MiB"

    async def _measure(self) -> None:
        folder = self.ledger.folder
        self._beside, free, total = await asyncio.get_running_loop().run_in_executor(None, weigh, folder)
        room = await self.ledger.room()
        self._most = self.most or self._beside + room.size + free - min(RESERVE, int(SHARE * total))
        await self._measure_ledger()

    async def _measure_ledger(self) -> None:
        room = await self.ledger.room()
        self.use = Use(self._beside + room.size - room.free, self._most)

    async def _give_up(self) -> None:
        """Part by part, until there is room again, or nothing is left that may go."""
        await asyncio.get_running_loop().run_in_executor(None, _tear_out, self.ledger.folder)
        await self._measure()
        for late in (False, True):
            for part in GIVEN_UP:
                if await self._thin(part, protected=late):
                    return

    async def _thin(self, part: str, *, protected: bool) -> bool:
        """Give up this part of run after run; whether there is room now. Runs that are known to have nothing left are not asked."""
        ended, after, spared = await self.ledger.ended(), self._bare[part], list[int]()
        while self._share >= REST and (found := await self.ledger.oldest_with(part, after)):
            after = found[-1][0]
            for number, run in found:
                if self.protected(run) is not protected:
                    spared.append(number)
                    continue
                while self._share >= REST and (gone := await self.ledger.thin(run, part, iso(self.wall()))):
                    self.given_up[part] += gone
                    await asyncio.sleep(PAUSE)
                    await self._measure_ledger()
        if self._share >= REST:  # it came to the end
            self._bare[part] = min([ended, *(number - 1 for number in spared)])
        return self._share < REST


def weigh(folder: Path) -> tuple[int, int, int]:
    """Bytes of everything in a data folder but the ledger's file itself; free bytes of its disk, and all of them."""
    size = 0
    for root, _, files in os.walk(folder):
        for each in files:
            if each != FILE:
                with suppress(FileNotFoundError):
                    size += (Path(root) / each).lstat().st_size
    disk = os.statvfs(folder)
    return size, disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize


def _tear_out(folder: Path) -> None:
    for each in old_pages(folder / LOG):
        each.unlink(missing_ok=True)
