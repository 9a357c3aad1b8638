"""However the broker is when the daemon ends, publishing ends soon, and so does the process."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trustme

from station.ledger.ledger import Ledger
from station.mqtt.publishing import Publishing
from tests.station.mosquitto import mosquitto
from tests.station.mqtt_line import publishing_of
from tests.station.results import runs_in, until

SOON = 2.0
"""Seconds: a polite goodbye has one."""

HANGING = """
import asyncio, threading
from station.mqtt.broker import addresses
from station.mqtt.broker.letter import Lost

addresses.addresses_of = lambda host, port: threading.Event().wait()

async def main():
    try:
        await addresses.Addresses().of("broker.example", 1883, 0.1)
    except Lost as lost:
        print(lost)

asyncio.run(main())
"""


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """One with results to be carried."""
    opened = await asyncio.to_thread(Ledger.open, tmp_path)
    await runs_in(opened, ["SN1", "SN2", "SN3"])
    yield opened
    await asyncio.to_thread(opened.close)


async def ends_soon(task: asyncio.Task[None]) -> None:
    """It is cancelled, and has ended soon."""
    task.cancel()
    _, late = await asyncio.wait([task], timeout=SOON)
    assert not late


def at_work(publishing: Publishing) -> asyncio.Task[None]:
    """It runs."""
    return asyncio.get_running_loop().create_task(publishing.run())


@pytest.mark.parametrize("payload", ["json", "sparkplug"])
async def test_a_broker_that_freezes(ledger: Ledger, tmp_path: Path, payload: str) -> None:
    """SIGSTOP while results are on their way."""
    async with mosquitto(tmp_path) as broker:
        publishing = publishing_of(tmp_path, ledger, broker.url, payload=payload)
        task = at_work(publishing)
        await until(lambda: publishing.broker.connected)
        broker.freeze()
        await ends_soon(task)


async def test_a_broker_that_is_frozen_already(ledger: Ledger, tmp_path: Path) -> None:
    """The system answers the dial, and nobody the greeting."""
    async with mosquitto(tmp_path) as broker:
        broker.freeze()
        task = at_work(publishing_of(tmp_path, ledger, broker.url))
        await asyncio.sleep(0.5)
        await ends_soon(task)


async def test_a_broker_that_is_frozen_and_secured(ledger: Ledger, tmp_path: Path) -> None:
    """Nor does anybody shake hands."""
    await asyncio.to_thread(trustme.CA().cert_pem.write_to_path, str(tmp_path / "ca.pem"))
    async with mosquitto(tmp_path) as broker:
        broker.freeze()
        url = broker.url.replace("mqtt:", "mqtts:")
        task = at_work(publishing_of(tmp_path, ledger, url, ca="ca.pem"))
        await asyncio.sleep(0.5)
        await ends_soon(task)


async def test_a_resolver_that_hangs(ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks it is left behind."""
    asked, never = threading.Event(), threading.Event()

    def hang(host: str, port: int) -> tuple[str, ...]:
        asked.set()
        never.wait(30)
        return (host, str(port))

    monkeypatch.setattr("station.mqtt.broker.addresses.addresses_of", hang)
    task = at_work(publishing_of(tmp_path, ledger, "mqtt://broker.example"))
    await until(asked.is_set)
    await ends_soon(task)
    never.set()


def test_a_resolver_that_hangs_does_not_keep_the_process() -> None:
    """An interpreter waits for the threads of executors when it ends."""
    ended = subprocess.run([sys.executable, "-c", HANGING], capture_output=True, text=True, timeout=20, check=True)
    assert ended.stdout == "broker.example has no address: no answer in time\n"
