"""Results to carry: ledgers with runs that have ended, and a receiver that keeps each result once."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from station.ledger.ledger import Ledger
from station.mqtt import payloads
from station.mqtt.broker.connection import Connection
from station.mqtt.broker.letter import Heard, Letter, Lost, Unsent
from station.mqtt.contact import Contact
from station.outbox.outbox import Outbox
from tests.station.traces import ended, name, started, step

MADE = partial(payloads.result_of, site="houston")


async def run_in(ledger: Ledger, serial: str = "SN1", *, ends: bool = True, steps: int = 1) -> str:
    """A run in a ledger; its id."""
    run = await ledger.begin(name)
    ledger.append(run, started(run, serial=serial))
    for number in range(steps):
        for event in step(float(number)):
            ledger.append(run, event)
    if ends:
        ledger.append(run, ended(float(steps)))
    return run


async def runs_in(ledger: Ledger, serials: Iterable[str]) -> list[str]:
    """A run of each unit, synced."""
    runs = [await run_in(ledger, serial) for serial in serials]
    await ledger.sync()
    return runs


@asynccontextmanager
async def outbox_in(folder: Path, most: int = 50_000) -> AsyncIterator[Outbox]:
    """The outbox of a data folder, found out and open until the block ends."""
    outbox = await asyncio.to_thread(Outbox.open, folder, MADE, most)
    try:
        await outbox.start()
        yield outbox
    finally:
        await asyncio.to_thread(outbox.close)


@dataclass
class Receiver:
    """Somebody else's program: it takes each result once, by its id, and says so. `answers` may change what it says."""

    port: int
    top: str = "rackproof/houston/cell-2"
    answers: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda receipt: receipt
    client: str = "receiver"
    username: str = ""
    kept: dict[str, dict[str, Any]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    """Every delivery, the repeated ones too."""
    ready: asyncio.Event = field(default_factory=asyncio.Event)

    def has(self, count: int) -> bool:
        """Whether it has so many."""
        return len(self.kept) >= count

    async def run(self) -> None:
        """Receive, until cancelled; a broker that is away is waited for."""
        while True:
            try:
                await self._receive()
            except (Lost, Unsent):
                await asyncio.sleep(0.05)

    async def _receive(self) -> None:
        heard: asyncio.Queue[Heard] = asyncio.Queue()
        contact = Contact("127.0.0.1", self.port, tls=False, client=self.client, username=self.username)
        will = Letter(f"{self.client}/gone", b"")
        connection = Connection(contact, self.client, "127.0.0.1", None, None, will, 60, heard.put_nowait)
        await connection.open(2.0)
        loop = asyncio.get_running_loop()
        lost = loop.create_task(connection.lost())
        taking = loop.create_task(self._take(connection, heard))
        try:
            await connection.ask([f"{self.top}/result"], 2.0)
            self.ready.set()
            await asyncio.wait([lost, taking], return_when=asyncio.FIRST_COMPLETED)
            raise lost.result() if lost.done() else await taking
        finally:
            lost.cancel()
            taking.cancel()
            await asyncio.wait([lost, taking])
            await connection.shut()

    async def _take(self, connection: Connection, heard: "asyncio.Queue[Heard]") -> Unsent:
        while True:
            payload = (await heard.get()).payload
            said = json.loads(payload)
            self.order.append(said["result"])
            digest = hashlib.sha256(payload).hexdigest()
            receipt = {"schema": payloads.RECEIPT, "result": said["result"], "digest": digest, "accepted": True}
            answer = self.answers(receipt)
            if answer is None:
                continue
            if answer.get("accepted"):
                self.kept[said["result"]] = said
            try:
                await connection.publish_letter(Letter(f"{self.top}/receipt", json.dumps(answer).encode()), 1.0)
            except Unsent as unsent:
                return unsent


@asynccontextmanager
async def at_work(*rooms: Callable[[], Any]) -> AsyncIterator[None]:
    """These run until the block ends."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each()) for each in rooms]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()


async def until(holds: Callable[[], bool], within: float = 20.0) -> None:
    """Return when it holds."""
    async with asyncio.timeout(within):
        while not holds():  # noqa: ASYNC110 (any condition: most have no event)
            await asyncio.sleep(0.005)
