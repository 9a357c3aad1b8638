"""The bench: the instruments of some slots, opened, identified, and each the one that was expected."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from drivers.errors import InstrumentError, LinkError, Refused, WrongInstrument
from drivers.links.address import parse
from drivers.model import Model
from drivers.roles import Identity, Instrument
from station.links import Link, Links, SimWire

OPEN_WITHIN = 15.0
"""Seconds that an instrument has to be reached and to say who it is."""
CHECK_WITHIN = 60.0
"""Seconds that it then has to say whether it is well."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One instrument as the station file names it. `serial` is the one expected there; empty: any."""

    name: str
    model: Model
    link: str
    serial: str
    safe_within: float
    calibration_due: date | None


class _Unwell(InstrumentError):
    """It is there, and says that it is broken."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an instrument is not ready. `refused`: not one that broke on the way but a wrong or an unfit one, nothing may be energised."""

    instrument: str
    text: str
    refused: bool


@dataclass
class Bench:
    """Opened instruments by name. `sim_wire` gives the wire of a `sim:` link."""

    seats: Mapping[str, Seat]
    sim_wire: SimWire | None = None
    instruments: dict[str, Instrument] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    latencies: dict[str, float] = field(default_factory=dict)
    """Seconds that each needed to say who it is."""
    links: dict[str, Link] = field(default_factory=dict)
    opened: dict[str, Seat] = field(default_factory=dict)
    """The seats of those that are open, as they were then: the station's file may have changed since."""
    _unasked: set[str] = field(default_factory=set)
    """Those that have not yet been asked whether they are well."""
    _doors: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))
    """Slots that share an instrument open it once."""
    _links: Links = field(init=False)

    def __post_init__(self) -> None:
        self._links = Links(self.sim_wire)

    async def reach(self, names: Iterable[str], in_use_elsewhere: Callable[[str], bool]) -> list[Trouble]:
        """Open and identify, and leave it to the next `open` to ask whether they are well: what a dead process has left on is
        to be switched off, and no reason to let go of it.
        """
        return await self._all(names, in_use_elsewhere, asking=False)

    async def open(
        self, names: Iterable[str], in_use_elsewhere: Callable[[str], bool] = lambda _: False
    ) -> list[Trouble]:
        """Open and identify all of `names` at once; what is wrong with which, nothing if all is well.

        One that is open already must still be who it was: a connection may have been lost since. One that is not is let go,
        unless it is in use elsewhere: whoever uses it must still be able to make it safe.
        """
        return await self._all(names, in_use_elsewhere, asking=True)

    async def _all(
        self, names: Iterable[str], in_use_elsewhere: Callable[[str], bool], *, asking: bool
    ) -> list[Trouble]:
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._ready(self.seats[name], in_use_elsewhere, asking=asking), name=f"open {name}")
                for name in dict.fromkeys(names)
            ]
        return [trouble for task in tasks if (trouble := task.result()) is not None]

    def close(self) -> None:
        """Let go of every link."""
        for link in self.links.values():
            link.close()
        self.links.clear()
        self.instruments.clear()
        self.opened.clear()
        self.identities.clear()
        self._unasked.clear()

    def recent(self, names: Iterable[str]) -> tuple[str, ...]:
        """The last bytes on the wires of some instruments, as lines of text: when, whose, which way, what; then what each link
        has counted.
        """
        ways = {"out": ">", "in": "<"}
        links = {name: self.links[name] for name in sorted(names) if name in self.links}
        traffic = [(each, name) for name, link in links.items() for each in link.recent]
        traffic.sort(key=lambda each: each[0].at)
        lines = [f"{each.at:.6f} {name} {ways[each.direction]} {each.data!r}" for each, name in traffic[-40:]]
        return (*lines, *(f"{link.now():.6f} {name} # {link.counters}" for name, link in links.items()))

    async def _ready(self, seat: Seat, in_use_elsewhere: Callable[[str], bool], *, asking: bool) -> Trouble | None:
        known = False
        try:
            async with self._doors[seat.name]:
                known = seat.name in self.instruments
                if known and self.opened[seat.name] != seat:
                    if in_use_elsewhere(seat.name):
                        raise _Unwell(seat.name, "another slot still uses it as the station's file had it before")
                    self._let_go(seat.name)
                    known = False
                await (self._recheck(seat) if known else self._open(seat))
                if asking and seat.name in self._unasked:
                    await self._ask(seat)
        except (WrongInstrument, _Unwell) as wrong:
            trouble = Trouble(seat.name, str(wrong), refused=True)
        except (InstrumentError, OSError) as error:
            trouble = Trouble(seat.name, str(error), refused=False)
        except TimeoutError:
            text = (
                f"{seat.name}: did not say who it is within {OPEN_WITHIN:g} s, or how it is within {CHECK_WITHIN:g} s"
            )
            trouble = Trouble(seat.name, text, refused=False)
        except Exception as broken:  # noqa: BLE001 (a driver may be others' code; those beside it must be made safe all the same)
            trouble = Trouble(seat.name, f"{seat.name}: {type(broken).__name__}: {broken}", refused=False)
        else:
            return None
        if not (known and in_use_elsewhere(seat.name)):
            self._let_go(seat.name)
        return trouble

    async def _open(self, seat: Seat) -> None:
        try:
            link = self.links[seat.name] = self._links.link(seat.name, seat.model, parse(seat.link))
        except ValueError as odd:
            raise InstrumentError(seat.name, str(odd)) from None
        async with asyncio.timeout(OPEN_WITHIN):
            await link.open()
            instrument = seat.model.connect(link)
            asked = link.now()
            identity = await instrument.identify()
        self.latencies[seat.name] = link.now() - asked
        if seat.serial and identity.serial != seat.serial:
            said = f"{identity} answers at {seat.link}; expected serial {seat.serial}"
            raise WrongInstrument(seat.name, said)
        self.instruments[seat.name] = instrument
        self.opened[seat.name] = seat
        self.identities[seat.name] = identity
        self._unasked.add(seat.name)

    async def _ask(self, seat: Seat) -> None:
        """Whether it is well."""
        try:
            async with asyncio.timeout(CHECK_WITHIN):
                await self.instruments[seat.name].self_check()
        except Refused as no:
            raise _Unwell(seat.name, f"its self check says: {no.what}") from no
        self._unasked.discard(seat.name)

    async def _recheck(self, seat: Seat) -> None:
        """Ask again who it is; a connection that was lost meanwhile may be restored once."""
        instrument, known = self.instruments[seat.name], self.identities[seat.name]
        async with asyncio.timeout(OPEN_WITHIN):
            try:
                identity = await instrument.identify()
            except LinkError:
                identity = await instrument.identify()
        if identity != known:
            raise WrongInstrument(seat.name, f"was {known} and is {identity} now")

    def _let_go(self, name: str) -> None:
        if (link := self.links.pop(name, None)) is not None:
            link.close()
        self.instruments.pop(name, None)
        self.opened.pop(name, None)
        self.identities.pop(name, None)
        self._unasked.discard(name)
