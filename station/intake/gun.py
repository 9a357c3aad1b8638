"""The gun: a barcode scanner at which people hand in units. It is on a link of its own, and comes back when it was unplugged."""

import asyncio
from collections.abc import Callable, Mapping

from drivers.errors import BadReply, InstrumentError
from drivers.links.address import parse
from drivers.links.dialogue import LineLink
from drivers.roles import Operator
from sequences.family import CONSOLE
from station.bench import Seat
from station.condition import Condition, Level
from station.config.library import Library
from station.config.problems import BadDocuments
from station.config.shelf import UnknownName
from station.config.station_file import Station
from station.intake.door import Door, takes_work, tell
from station.intake.labels import Outcome, Pair, Scanned, asks_for_product, shown_safely
from station.links import Links, SimWire
from station.service import RefusalError

SOURCE = "scanner"
MOST = 8
"""Codes that may wait while the line keeps a ticket; who scans faster than that is told to scan again."""
PAUSE = 1.0
"""Seconds after a trouble that nobody has foreseen."""


class Gun:
    """One scanner. `run` as long as the daemon lives. `known` says whether a code is a part number here; it may block."""

    def __init__(self, link: LineLink, door: Door, known: Callable[[str], bool]) -> None:
        self._link, self._door, self._known = link, door, known
        self._pair, self._waiting = Pair(), asyncio.Queue[str](MOST)
        self._trouble = "has not been reached yet"
        self._scans = self._units = self._refused = 0

    @classmethod
    def at(
        cls, station: Station, seat: Seat, door: Door, known: Callable[[str], bool], sim_wire: SimWire | None = None
    ) -> "Gun":
        """The one that the station file names. Raises RefusalError for what is none, or serves a slot."""
        if slot := next((each.name for each in station.slots.values() if _serves(each.roles, seat.name)), ""):
            raise RefusalError(
                f"{seat.name} cannot take work: it serves slot {slot}, whose steps ask for scans of their own; "
                "[daemon] scanner names a scanner that no slot names"
            )
        if Operator not in seat.model.roles or seat.model.name == CONSOLE:
            raise RefusalError(f"{seat.name} cannot take work: it is {seat.model.name}, and no barcode scanner")
        try:
            link = Links(sim_wire).link(seat.name, seat.model, parse(seat.link))
        except ValueError as odd:
            raise RefusalError(f"{seat.name}: {odd}") from None
        if not isinstance(link, LineLink):
            raise RefusalError(f"{seat.name} cannot take work: its link carries no lines")
        return cls(link, door, known)

    def condition(self) -> Condition:
        """Whether it can be scanned with."""
        name = self._link.name
        if self._trouble:
            return Condition("scanner", Level.ALARM, self._trouble, f"see that {name} is plugged in and switched on")
        said = f"{name}: {self._scans} scans, {self._units} units handed in, {self._refused} refused"
        return Condition("scanner", Level.OK, said)

    async def run(self) -> None:
        """Listen, until cancelled; the link is let go then."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._work(), name="scans")
                group.create_task(self._watch_the_pair(), name="half scanned")
                while True:
                    await self._listen()
        finally:
            self._link.close()

    async def _listen(self) -> None:
        """Wait for one code; a link that is gone comes back as its backoff allows."""
        try:
            await self._link.open()
            self._trouble = ""
            code = await self._link.listen()
        except BadReply as odd:  # not a line of printable ASCII, too long, or two at once
            self._refuse("", odd.what)
        except InstrumentError as odd:
            self._trouble = str(odd)
        except Exception as odd:  # noqa: BLE001 (whatever the link's trouble, people must be able to scan again)
            self._trouble = f"{self._link.name}: {odd}"
            await asyncio.sleep(PAUSE)
        else:
            if self._waiting.full():
                self._refuse(code, "too many scans at once; scan it again")
            else:
                self._waiting.put_nowait(code)

    async def _work(self) -> None:
        """Carry the scans out, one by one."""
        loop = asyncio.get_running_loop()
        while True:
            code = await self._waiting.get()
            self._scans += 1
            try:
                known = asks_for_product(code) and await loop.run_in_executor(None, self._known, code)
                await self._carry_out(code, self._pair.take(code, loop.time(), is_product=known))
            except Exception as odd:  # noqa: BLE001 (the line's trouble is told to whoever scanned; the next scan may fare better)
                self._pair.forget()
                self._refuse(code, f"could not be handed in, scan again: {odd}")

    async def _carry_out(self, code: str, scanned: Scanned) -> None:
        if scanned.outcome is Outcome.REFUSED:
            self._refuse(code, scanned.text)
        elif scanned.request is None:
            tell(self._door, SOURCE, shown_safely(code), scanned.text)
        elif not takes_work(self._door):
            self._refuse(code, f"{scanned.text}: the line takes no work now ({self._door.status().mode})")
        else:
            try:
                ticket = await self._door.submit(scanned.request, source=SOURCE)
            except (RefusalError, BadDocuments) as refused:
                self._refuse(code, str(refused))
            else:
                self._units += 1
                tell(self._door, SOURCE, shown_safely(code), scanned.text, ticket)

    async def _watch_the_pair(self) -> None:
        """Forget in time what was half scanned."""
        loop = asyncio.get_running_loop()
        while True:
            if said := self._pair.forgotten(loop.time()):
                tell(self._door, SOURCE, "", said)
            await asyncio.sleep(1.0)

    def _refuse(self, code: str, why: str) -> None:
        self._refused += 1
        tell(self._door, SOURCE, shown_safely(code) if code else "", why)


def is_product(library: Library, code: str) -> bool:
    """Whether a code is a part number of a library, with its revision or without; it reads files."""
    try:
        library.product(code)
    except UnknownName:
        return False
    except BadDocuments:
        return True  # it is one, and what is wrong with it the line says
    return True


def _serves(roles: Mapping[str, tuple[str, ...]], name: str) -> bool:
    return any(name in names for names in roles.values())
