"""The watched folder: job files become tickets, and tickets that have ended become results beside them."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import orjson

from drivers.links.apart import apart
from station.condition import Condition, Level
from station.config.problems import BadDocuments
from station.config.station_file import Station
from station.intake.door import Door, takes_work, tell
from station.intake.drop import Claimed, Drop
from station.intake.job_file import JobFile, job_in
from station.line.news import FellBehind
from station.line.ticket import Ticket
from station.service import NotNowError, RefusalError

T = TypeVar("T")

SOURCE = "folder"
EVERY = 1.0
"""Seconds between two looks at the folder."""
MOST = 32
"""Files that are handed in at one turn; where there are more, the next turn comes at once."""
WITHIN = 10.0
"""Seconds that the folder has to answer; a network's may never."""


def watched_folder(station: Station) -> Path | None:
    """The folder that a station file names, if it names one."""
    return station.document.file.absolute().parent / station.daemon.watch if station.daemon.watch else None


class WatchedFolder:
    """One folder. `run` as long as the daemon lives; whatever happens to the folder, it goes on when it can."""

    def __init__(self, folder: Path, door: Door, every: float = EVERY, within: float = WITHIN) -> None:
        self._drop, self._door = Drop(folder), door
        self._every, self._within = every, within
        self._keys: dict[str, str] = {}
        """Of the files whose tickets go on, by name."""
        self._names: dict[str, str] = {}
        """Of the files whose tickets go on, by ticket."""
        self._ended: dict[str, Ticket] = {}
        self._doubtful: list[str] = []
        """Tickets of which news may have been missed."""
        self._caught_up = self._hangs = False
        self._trouble = ""
        self._taken = self._refused = 0

    def condition(self) -> Condition:
        """Whether job files are taken."""
        if self._trouble:
            remedy = f"see that {self._drop.folder} is there, that this user may write it, and that its disk has room"
            return Condition("folder", Level.ALARM, self._trouble, remedy)
        said = f"{self._taken} job files taken, {self._refused} refused, {len(self._keys)} going on"
        if strange := self._drop.strange:
            text = f"{said}; {len(strange)} things in it are no job files, such as {strange[0]}"
            return Condition("folder", Level.WARNING, text, "take them away: only NAME.toml and NAME.json are read")
        return Condition("folder", Level.OK, said)

    async def run(self) -> None:
        """Watch it, until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(), name="follow tickets")
            while True:
                more = await self._turn()
                await asyncio.sleep(0 if more else self._every)

    async def _turn(self) -> bool:
        """One look. Whether there is more to do at once."""
        more = False
        try:
            await self._finish()
            if not self._caught_up:
                left = await self._ask(lambda: self._drop.going(self._keys, MOST))
                for each in left:
                    await self._accept(each)
                self._caught_up = not left
                more = bool(left)
            elif takes_work(self._door):
                claimed = await self._ask(lambda: self._drop.claim(MOST))
                for each in claimed:
                    await self._accept(each)
                more = len(claimed) == MOST
        except OSError as odd:
            self._caught_up, more = False, False
            self._trouble = f"job files cannot be taken: {odd.strerror or odd}"
        except Exception as odd:  # noqa: BLE001 (whatever keeps the line from keeping a ticket: the file waits for the next turn)
            more, self._trouble = False, f"a job file could not be handed in: {odd}"
        else:
            self._trouble = ""
        return more

    async def _accept(self, claimed: Claimed) -> None:
        """Hand one file in. The ticket is sure before the file is moved: killed between, the same file finds the same ticket."""
        name = claimed.name
        try:
            if claimed.why:
                raise RefusalError(f"{name}: {claimed.why}")
            if self._keys.get(name, claimed.key) != claimed.key:
                raise RefusalError(f"{name}: another job of that name goes on; give each job a name of its own")
            job = await self._ask(lambda: self._job(claimed))
            ticket = await self._door.submit(job.request, source=SOURCE, key=claimed.key, priority=job.priority)
        except NotNowError:
            raise  # the file waits
        except (RefusalError, BadDocuments) as refused:
            why = str(refused)
            await self._ask(lambda: self._drop.refuse(claimed, why))
            self._refused += 1
            tell(self._door, SOURCE, name, why)
            return
        await self._ask(lambda: self._drop.take(claimed))
        new = name not in self._keys
        self._keys[name], self._names[ticket.ticket] = claimed.key, name
        if ticket.stage.is_end:
            self._ended[ticket.ticket] = ticket
        if new and self._caught_up:
            self._taken += 1
            tell(self._door, SOURCE, name, f"{job.product} {job.serial}", ticket)

    def _job(self, claimed: Claimed) -> JobFile:
        return job_in(self._drop.folder / claimed.name, claimed.raw)

    async def _finish(self) -> None:
        """Write the results of the tickets that have ended."""
        for each in self._doubtful[:MOST]:
            with suppress(RefusalError):  # the line has forgotten it
                if each in self._names and (ticket := await self._door.ticket(each)).stage.is_end:
                    self._ended[each] = ticket
        del self._doubtful[:MOST]
        for ticket in list(self._ended.values()):
            name = self._names[ticket.ticket]
            result = _result(name, ticket)
            await self._ask(lambda name=name, result=result: self._drop.finish(name, result))  # type: ignore[misc]
            del self._ended[ticket.ticket], self._names[ticket.ticket], self._keys[name]

    async def _follow(self) -> None:
        """Note which tickets end."""
        number = self._door.news.last
        while True:
            try:
                async for item in self._door.news.since(number):
                    number = item.number
                    ticket = item.body.get("ticket") if item.kind == "ticket" else None
                    if isinstance(ticket, Ticket) and ticket.stage.is_end and ticket.ticket in self._names:
                        self._ended[ticket.ticket] = ticket
            except FellBehind:
                number = self._door.news.last
                self._doubtful = list(self._names)

    async def _ask(self, call: Callable[[], T]) -> T:
        """Ask something of the folder, apart: one that hangs holds up nothing, and is not asked again while it does."""
        if self._hangs:
            raise OSError("the folder does not answer")

        def asked() -> T:
            self._hangs = True
            try:
                return call()
            finally:
                self._hangs = False

        try:
            return await apart(asked, within=self._within)
        except TimeoutError:
            raise OSError(f"the folder has not answered within {self._within:g} s") from None


def _result(name: str, ticket: Ticket) -> bytes:
    said = {key: value for key, value in asdict(ticket).items() if key not in {"source", "key"}}
    return orjson.dumps(
        {"schema": "rackproof.ticket/1", "file": name, **said}, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )
