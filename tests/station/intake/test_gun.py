"""The gun: scans on a real socket become tickets, hostile ones nothing, and a scanner that was unplugged comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest

from station.bench import Seat
from station.catalog import models
from station.condition import Level
from station.config.station_file import Station
from station.intake.gun import Gun
from station.opening import load_station
from station.service import RefusalError
from tests.station.intake.fakes import FakeLine, Mode
from tests.station.intake.test_labels import HOSTILE, PRODUCTS


@dataclass
class Scanner:
    """Something at a socket that sends what was scanned; it can be unplugged."""

    port: int = 0
    server: asyncio.Server | None = None
    plugged: asyncio.Event = field(default_factory=asyncio.Event)
    writer: asyncio.StreamWriter | None = None

    async def plug_in(self) -> None:
        """Be there."""
        self.server = await asyncio.start_server(self._met, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.plugged.set()
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    async def scan(self, code: bytes, end: bytes = b"\r") -> None:
        """Send a code."""
        await self.plugged.wait()
        assert self.writer is not None
        self.writer.write(code + end)
        await self.writer.drain()

    async def unplug(self) -> None:
        """Be gone."""
        assert self.server is not None
        assert self.writer is not None
        self.server.close()
        self.writer.transport.abort()
        self.plugged.clear()
        await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
def station() -> Station:
    """The shipped line; none of its slots names the gun."""
    return load_station(None, simulated=True)[0]


def seat(port: int, model: str = "barcode-scanner") -> Seat:
    """The gun at a port."""
    return Seat("gun-1", models()[model], f"tcp://127.0.0.1:{port}", "", 0.2, None)


@asynccontextmanager
async def scanning(station: Station, line: FakeLine) -> AsyncIterator[tuple[Scanner, Gun]]:
    """A scanner, and the gun that listens to it, until the block ends."""
    scanner = Scanner()
    await scanner.plug_in()
    gun = Gun.at(station, seat(scanner.port), line, PRODUCTS.__contains__)
    task = asyncio.get_running_loop().create_task(gun.run())
    try:
        await until(lambda: gun.condition().level is Level.OK)
        yield scanner, gun
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await scanner.unplug()


async def until(met: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(10):
        while not met():  # noqa: ASYNC110 (files and lists change without an event that one could wait for)
            await asyncio.sleep(0.005)


async def test_two_scans_make_a_ticket(station: Station) -> None:
    """Each is told: what is half scanned, and then the unit with its ticket."""
    line = FakeLine()
    async with scanning(station, line) as (scanner, gun):
        for number, code in enumerate((b"SLOT:A", b"SN001", b"PWR-WHIP-8"), 1):
            await scanner.scan(code)
            await until(lambda number=number: len(line.told) == number)  # type: ignore[misc]
        condition = gun.condition()
    (ticket,) = line.kept.values()
    assert ("PWR-WHIP-8", "SN001", "A", "scanner", "") == (
        ticket.product, ticket.serial, ticket.slot, ticket.source, ticket.key,
    )  # fmt: skip
    assert [False, False, True] == [each.body["taken"] for each in line.told]
    assert "gun-1: 3 scans, 1 units handed in, 0 refused" == condition.text


async def test_two_scans_come_close_together(station: Station) -> None:
    """While the line keeps one unit the next is scanned; two codes in one breath are refused, and told."""
    line = FakeLine()
    async with scanning(station, line) as (scanner, _):
        for number in range(5):
            await scanner.scan(f"PWR-WHIP-8 SN{number}".encode())
            await asyncio.sleep(0.02)
        await until(lambda: len(line.kept) == 5)
        await scanner.scan(b"SN6\rSN7")
        await until(lambda: any("more than one line" in each.body["text"] for each in line.told))
        await asyncio.sleep(1.0)
        await scanner.scan(b"PWR-WHIP-8 SN8")
        await until(lambda: len(line.kept) == 6)


async def test_hostile_labels_do_nothing(station: Station) -> None:
    """B001-B053 on the wire, then a good one: that is all the line ever hears of."""
    line = FakeLine()
    async with scanning(station, line) as (scanner, gun):
        for row in ("B001", "B004", "B007", "B014", "B026", "B043"):
            before = len(line.told)
            await scanner.scan(HOSTILE[row].encode())
            await until(lambda before=before: len(line.told) > before)  # type: ignore[misc]
            await asyncio.sleep(0.7)  # a line in doubt must be silent before it is believed again
        await scanner.scan(b"PWR-WHIP-8|SN001")
        await until(lambda: line.kept)
        assert "6 refused" in gun.condition().text
    assert ["PWR-WHIP-8 SN001"] == line.units
    assert all(each.body["text"].isprintable() and not each.body["taken"] for each in line.told[:-1])


async def test_what_the_line_refuses_is_told(station: Station) -> None:
    """With its reason, and so is a line that drains, and one whose disk is full."""
    line = FakeLine()
    async with scanning(station, line) as (scanner, _):
        await scanner.scan(b"PWR-WHIP-8 UNKNOWN")
        await until(lambda: len(line.told) == 1)
        line.mode = Mode("draining")
        await scanner.scan(b"PWR-WHIP-8 SN001")
        await until(lambda: len(line.told) == 2)
        line.mode, line.broken = Mode(), "disk full"
        await scanner.scan(b"PWR-WHIP-8 SN001")
        await until(lambda: len(line.told) == 3)
    assert ["UNKNOWN is not wanted", "the line takes no work now (draining)", "scan again: disk full"] == [
        each.body["text"].partition("SN001: ")[2] or each.body["text"].removeprefix("could not be handed in, ")
        for each in line.told
    ]


async def test_a_scanner_that_was_unplugged_comes_back(station: Station) -> None:
    """An alarm meanwhile, and nothing to be done but to plug it in."""
    line = FakeLine()
    async with scanning(station, line) as (scanner, gun):
        await scanner.unplug()
        await until(lambda: gun.condition().level is Level.ALARM)
        assert "gun-1" in gun.condition().text
        await asyncio.sleep(0.3)
        await scanner.plug_in()
        await until(lambda: gun.condition().level is Level.OK)
        await asyncio.sleep(0.1)
        await scanner.scan(b"PWR-WHIP-8 SN001")
        await until(lambda: line.kept)


def test_what_cannot_be_a_gun_is_refused_by_name(station: Station) -> None:
    """A scanner that serves a slot, an instrument that is none, a person at the terminal."""
    line = FakeLine()
    name, slot = next(
        (each, slot.name)
        for slot in station.slots.values()
        for role, names in slot.roles.items()
        for each in names
        if role == "operator"
    )
    with pytest.raises(RefusalError, match=f"{name} cannot take work: it serves slot {slot}"):
        Gun.at(station, replace(seat(1), name=name), line, bool)
    with pytest.raises(RefusalError, match="it is hioki-rm3545, and no barcode scanner"):
        Gun.at(station, seat(1, "hioki-rm3545"), line, bool)
    with pytest.raises(RefusalError, match="it is console, and no barcode scanner"):
        Gun.at(station, replace(seat(1, "console"), link="console:"), line, bool)
