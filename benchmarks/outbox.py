"""The outbox: how fast an outage is made up for at a real mosquitto, and that no SIGKILL loses or doubles a result."""

import asyncio
import hashlib
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import table
from benchmarks.figure import Beside, Figure, Say
from station.ledger.history import History
from station.ledger.ledger import Ledger
from station.mqtt import payloads
from station.mqtt.broker.broker import Broker, Pace
from station.mqtt.broker.connection import Connection
from station.mqtt.broker.letter import Heard, Letter, Lost, Unsent
from station.mqtt.contact import Contact
from station.mqtt.courier import Courier, Patience
from station.outbox.entry import Entry
from station.outbox.outbox import Outbox
from station.runid import run_id
from station.trace import Measured, RunEnded, RunStarted, StepEnded, StepStarted

PER_RESULT_MS = 1.0
"""The target: 1,000 results a second."""
PER_UNIT = 4
"""Results of each unit that wait, in order."""
UNITS = 50
"""Of the station that is killed."""
MEAN_LIFE = 0.15
"""Seconds until it is killed, on average."""
RESULT, RECEIPT = "bench/result", "bench/receipt"
MADE = partial(payloads.result_of, site="bench")
PACE = Pace(keepalive=5, deadline=5, opening=5, first=0.01, most=0.05, taken=0.1)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the receiver had in the end: deliveries of each result, how many payloads each had, and what was lost."""

    results: int
    deliveries: int
    lost: int
    doubled: int
    """Results of which a receiver that goes by the id would keep more than one: other bytes under the same id."""
    unordered: int
    """Results that came for the first time before an older one of the same unit."""
    kills: int

    @property
    def again(self) -> int:
        """Deliveries of what had been delivered before; harmless to who goes by the id."""
        return self.deliveries - self.results


def main() -> int:
    """Measure both, print a table; the exit code."""
    figures = measure(lambda what: print(what, file=sys.stderr, flush=True))
    for line in table.lines({"outbox": figures}):
        print(line)
    return 1 if any(each.over for each in figures) else 0


def measure(say: Say, *, results: int = 10_000, kills: int = 1000, seed: int = 1) -> list[Figure]:
    """Milliseconds per result after an outage; then what many kills cost."""
    filled, took, plain = outage(results)
    say(f"{results} results delivered in {took:.1f} s")
    kept = killed(kills, seed, say)
    per = 1000 / results
    return [
        Figure(
            f"{results} results after an outage, each received", took * per, "ms", PER_RESULT_MS,
            (Beside("the same payloads published with QoS 1, by nobody received", plain * per),
             Beside("taking one from the ledger into the outbox", filled * per)),
        ),
        *(
            Figure(f"{kept.kills} kills: {what}", float(number), "", most, (Beside("results", float(kept.results)),))
            for what, number, most in (
                ("results lost", kept.lost, 0.0), ("results doubled", kept.doubled, 0.0),
                ("results out of their unit's order", kept.unordered, 0.0), ("deliveries of what had been delivered", kept.again, None),
            )
        ),
    ]  # fmt: skip


def outage(results: int) -> tuple[float, float, float]:
    """Seconds to fill the outbox, to empty it, and to publish as much without an outbox."""
    with TemporaryDirectory(prefix="rackproof-bench-") as folder, _broker(Path(folder)) as broker:
        data = Path(folder) / "data"
        filled = asyncio.run(_fill(data, results))
        broker.start()
        with _process(partial(_receive, broker.port, data / "received")):
            took = asyncio.run(_empty(data, broker.port))
        return filled, took, asyncio.run(_plain(broker.port, results))


def killed(kills: int, seed: int, say: Say) -> Kept:
    """Kill a station that tests and delivers, at random moments; then let it end, and compare."""
    chance = random.Random(seed)  # noqa: S311 (seeded, so that it goes the same way each time)
    with TemporaryDirectory(prefix="rackproof-bench-") as folder, _broker(Path(folder)) as broker:
        data = Path(folder) / "data"
        data.mkdir()
        broker.start()
        with _process(partial(_receive, broker.port, data / "received")):
            for turn in range(kills):
                with _process(partial(_station, data, broker.port, turn)):
                    time.sleep(chance.expovariate(1 / MEAN_LIFE))
                if turn % 100 == 99:
                    say(f"{turn + 1} kills")
            asyncio.run(_test_and_deliver(data, broker.port, kills, until_empty=True))
        return _compared(data, kills)


def _compared(data: Path, kills: int) -> Kept:
    history = History(data)
    serials = {row.id: row.serial for row in reversed(history.runs(limit=1_000_000))}
    history.close()
    lines = [line.split() for line in (data / "received").read_text().splitlines()]
    digests = Counter(run for run, _ in {(run, digest) for run, digest in lines})
    first = list(dict.fromkeys(run for run, _ in lines))
    order = {serial: [run for run in serials if serials[run] == serial] for serial in set(serials.values())}
    came = {serial: [run for run in first if serials.get(run) == serial] for serial in order}
    unordered = sum(one != two for serial in order for one, two in zip(order[serial], came[serial], strict=False))
    lost = len(serials.keys() - digests.keys())
    return Kept(len(serials), len(lines), lost, sum(each - 1 for each in digests.values()), unordered, kills)


async def _fill(data: Path, results: int) -> float:
    ledger = Ledger.open(data)
    for number in range(results):
        await _run(ledger, f"SN{number % max(1, results // PER_UNIT)}")
    await ledger.sync()
    outbox = Outbox.open(data, MADE)
    await outbox.start()
    began = time.perf_counter()
    assert await outbox.reconcile(ledger) == results
    took = time.perf_counter() - began
    outbox.close()
    ledger.close()
    return took


async def _empty(data: Path, port: int) -> float:
    outbox = Outbox.open(data, MADE)
    await outbox.start()
    began = time.perf_counter()
    await _delivered(outbox, port, lambda: outbox.waiting == 0)
    outbox.close()
    return time.perf_counter() - began


async def _plain(port: int, results: int) -> float:
    """As many payloads of the same size, many in flight, acknowledged by the broker and by nobody else."""
    connection = _connection(port, "plain", lambda _: None)
    await connection.open(5)
    payload, left = b"x" * 1200, results
    began = time.perf_counter()

    async def some() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await connection.publish_letter(Letter("bench/plain", payload), 5)

    async with asyncio.TaskGroup() as group:
        for _ in range(128):
            group.create_task(some())
    took = time.perf_counter() - began
    await connection.shut()
    return took


def _station(data: Path, port: int, turn: int) -> None:
    asyncio.run(_test_and_deliver(data, port, turn, until_empty=False))


async def _test_and_deliver(data: Path, port: int, turn: int, *, until_empty: bool) -> None:
    """A station that was started again: a few more runs, one of which may not end, and everything on its way."""
    ledger = Ledger.open(data)
    outbox = Outbox.open(data, MADE)
    await outbox.start()

    async def test() -> None:
        await outbox.reconcile(ledger)
        for number in range(3):
            await _run(ledger, f"SN{(3 * turn + number) % UNITS}")
            await ledger.sync()
            await outbox.reconcile(ledger)

    await _delivered(outbox, port, lambda: until_empty and outbox.waiting == 0, test)
    outbox.close()
    ledger.close()


async def _delivered(
    outbox: Outbox, port: int, ends: Callable[[], bool], beside: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Deliver until that holds."""
    chance = random.Random(1)  # noqa: S311 (seeded, so that it goes the same way each time)
    couriers: list[Courier] = []

    def hear(heard: Heard) -> None:
        couriers[0].hear(payloads.receipt_from(heard.payload))

    async def greet() -> None:
        couriers[0].again()

    async def will() -> Letter:
        return Letter("bench/state", b"gone")

    contact = Contact("127.0.0.1", port, tls=False, client="station")
    broker = Broker(contact, (RECEIPT,), hear, greet, will, chance, PACE)

    async def send(entry: Entry) -> None:
        await broker.send(Letter(RESULT, entry.payload))

    couriers.append(Courier(outbox, send, broker.joined, chance, patience=Patience(2.0, 2.0)))
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(each.run()) for each in (broker, couriers[0])]
        if beside is not None:
            await beside()
            couriers[0].more()
        while not ends():  # noqa: ASYNC110 (any condition: most have no event)
            await asyncio.sleep(0.005)
        for each in tasks:
            each.cancel()


async def _run(ledger: Ledger, serial: str) -> None:
    """A run of one step with one measurement."""
    run = await ledger.begin(lambda _: run_id(datetime.now(UTC), "bench", os.urandom(16)))
    at = datetime.now(UTC).isoformat()
    started = RunStarted(run, at, "bench", "A", serial, "PN", "A", "", "benchmark", "", {}, None, ("measured",))
    judged = Measured(0.1, "measured", "volts", "", 1.0, "V", 0.001, "ok", "meter", None, 2.0, None, 1.9, "PASSED")
    for event in (started, StepStarted(0.0, "measured", 1), judged, StepEnded(0.2, "measured", 1, "PASSED", "")):
        ledger.append(run, event)
    ledger.append(run, RunEnded(0.3, at, "PASSED", ""))


def _receive(port: int, file: Path) -> None:
    """The subscriber, a process of its own: notes each delivery, then says that he has it."""
    asyncio.run(_receiving(port, file))


async def _receiving(port: int, file: Path) -> None:
    heard: asyncio.Queue[Heard] = asyncio.Queue()
    connection = _connection(port, "receiver", heard.put_nowait)
    await connection.open(5)
    await connection.ask([RESULT], 5)
    with file.open("a", buffering=1) as noted, suppress(Unsent, Lost):
        while True:
            payload = (await heard.get()).payload
            result, digest = json.loads(payload)["result"], hashlib.sha256(payload).hexdigest()
            noted.write(f"{result} {digest}\n")
            receipt = {"schema": payloads.RECEIPT, "result": result, "digest": digest, "accepted": True}
            await connection.publish_letter(Letter(RECEIPT, json.dumps(receipt).encode(), qos=0), 5)


def _connection(port: int, client: str, hear: Callable[[Heard], None]) -> Connection:
    contact = Contact("127.0.0.1", port, tls=False, client=client)
    return Connection(contact, client, "127.0.0.1", None, None, Letter(f"bench/{client}", b""), 60, hear)


@contextmanager
def _process(do: Callable[[], None]) -> Iterator[None]:
    """A child that does it, until it is killed at the end of the block."""
    child = os.fork()
    if child == 0:
        with suppress(BaseException):
            do()
        os._exit(1)
    try:
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


class _Mosquitto:
    """A broker as it comes, on a free port."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as held:
            held.bind(("127.0.0.1", 0))
            self.port = int(held.getsockname()[1])
        self._file = folder / "mosquitto.conf"
        self._file.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nlog_dest none\nuser root\n")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        assert program, "mosquitto is not installed"
        self.process = subprocess.Popen([program, "-c", str(self._file)], stderr=subprocess.DEVNULL)
        for _ in range(500):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 0.1):
                return
            time.sleep(0.01)
        raise TimeoutError("mosquitto did not start")


@contextmanager
def _broker(folder: Path) -> Iterator[_Mosquitto]:
    broker = _Mosquitto(folder)
    try:
        yield broker
    finally:
        if broker.process is not None:
            broker.process.kill()
            broker.process.wait()


if __name__ == "__main__":
    sys.exit(main())
