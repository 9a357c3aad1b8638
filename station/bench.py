"""The bench: the instruments of some slots, opened, identified, and each the one that was expected."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from drivers.errors import InstrumentError, WrongInstrument
from drivers.links.address import SimAddress, parse, wire_for
from drivers.links.dialogue import LineLink
from drivers.links.wire import Wire
from drivers.model import Model
from drivers.roles import Identity, Instrument

OPEN_WITHIN = 15.0
"""Seconds that an instrument has to be reached and to say who it is."""


@dataclass(frozen=True, slots=True)
class Seat:
    """One instrument as the station file names it. `serial` is the one expected there; empty: any."""

    name: str
    model: Model
    link: str
    serial: str
    safe_within: float
    calibration_due: date | None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why an instrument is not ready. `refused`: not a broken one but a wrong one, nothing may be energised."""

    instrument: str
    text: str
    refused: bool


@dataclass
class Bench:
    """Opened instruments by name. `sim_wire` gives the wire of a `sim:` link."""

    seats: Mapping[str, Seat]
    sim_wire: Callable[[str], Wire] | None = None
    instruments: dict[str, Instrument] = field(default_factory=dict)
    identities: dict[str, Identity] = field(default_factory=dict)
    links: dict[str, LineLink] = field(default_factory=dict)

    async def open(self, names: Iterable[str]) -> list[Trouble]:
        """Open and identify all of `names` at once, those not open yet; what is wrong with which, nothing if all is well."""
        missing = [name for name in dict.fromkeys(names) if name not in self.instruments]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._open(self.seats[name]), name=f"open {name}") for name in missing]
        return [trouble for task in tasks if (trouble := task.result()) is not None]

    def close(self) -> None:
        """Let go of every link."""
        for link in self.links.values():
            link.close()
        self.links.clear()
        self.instruments.clear()
        self.identities.clear()

    def recent(self, names: Iterable[str]) -> tuple[str, ...]:
        """The last bytes on the wires of some instruments, as lines of text: when, whose, which way, what."""
        ways = {"out": ">", "in": "<"}
        traffic = [(each, name) for name in names if name in self.links for each in self.links[name].recent]
        traffic.sort(key=lambda each: each[0].at)
        return tuple(f"{each.at:.6f} {name} {ways[each.direction]} {each.data!r}" for each, name in traffic[-40:])

    async def _open(self, seat: Seat) -> Trouble | None:
        try:
            async with asyncio.timeout(OPEN_WITHIN):
                link = LineLink(
                    seat.name,
                    self._wire(seat),
                    ends_with=seat.model.ends_with,
                    replies_end_with=seat.model.replies_end_with,
                    within=seat.model.within,
                )
                self.links[seat.name] = link
                await link.open()
                instrument = seat.model.connect(link)
                identity = await instrument.identify()
        except WrongInstrument as wrong:
            return Trouble(seat.name, str(wrong), refused=True)
        except (InstrumentError, OSError) as error:
            return Trouble(seat.name, str(error), refused=False)
        except TimeoutError:
            return Trouble(seat.name, f"{seat.name}: did not say who it is within {OPEN_WITHIN:g} s", refused=False)
        if seat.serial and identity.serial != seat.serial:
            expected = f"expected serial {seat.serial}"
            return Trouble(seat.name, f"{seat.name}: {identity} answers at {seat.link}; {expected}", refused=True)
        self.instruments[seat.name] = instrument
        self.identities[seat.name] = identity
        return None

    def _wire(self, seat: Seat) -> Wire:
        address = parse(seat.link)
        if not isinstance(address, SimAddress):
            return wire_for(address)
        if self.sim_wire is None:
            raise InstrumentError(seat.name, "its link is sim: and this is not a simulation (run with --sim)")
        return self.sim_wire(seat.name)
