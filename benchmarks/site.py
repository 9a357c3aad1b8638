"""The site of a soak: emulators, broker, daemon and guardian, each a process; who hands units in, and who receives results."""

import asyncio
import hashlib
import json
import os
import random
import signal
import sys
import time
import tomllib
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiomqtt

from benchmarks.figure import Say
from station.asking import Daemon, DeniedError, NoDaemonError
from tests.station.guarded_bay import is_on
from tests.station.mosquitto import Mosquitto, free_port
from tests.station.short_burn_in import PRODUCT, SEQUENCE, short_bay

WHIPS = ("A", "B")
EVERY = 2.5
"""Seconds between two units that are handed in."""
FROZEN_FOR = 2.5
"""Seconds that the broker or the emulators are frozen; a frozen daemon or guardian is replaced."""
ON_WITHIN = 15.0
"""Seconds that are waited, before the daemon is struck, for something to be on."""
STATION = [sys.executable, "-c", "from station.faces.cli import main; main()"]


def bay(folder: Path) -> str:
    """The station file: a bay for rack PDUs, and two places for whips."""
    file = Path(short_bay(folder))
    text = file.read_text()
    for slot in WHIPS:
        name = slot.lower()
        text += (
            f'[instruments.ohms_{name}]\nmodel = "hioki-rm3545"\n[instruments.mux_{name}]\nmodel = "keysight-daq970a"\n'
            f'count = 2\n[instruments.scan_{name}]\nmodel = "barcode-scanner"\n[slots.{slot}]\njig = "whip-panel-8"\n'
            f'[slots.{slot}.roles]\nohmmeter = "ohms_{name}"\nmatrix = "mux_{name}"\nmultimeter = "mux_{name}1"\n'
            f'operator = "scan_{name}"\n'
        )
    file.write_text(text)
    return str(file)


@dataclass
class Site:
    """All that runs, and what is known of it."""

    folder: Path
    say: Say
    broker: Mosquitto
    ports: int = field(default_factory=free_port)
    given: list[str] = field(default_factory=list)
    received: dict[str, str] = field(default_factory=dict)
    again: int = 0
    locked: int = 0
    """How often a slot was found locked, and its release was asked for: its instruments had been killed."""
    changed: int = 0
    on_for: dict[str, list[float]] = field(default_factory=dict)
    blows: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, float]] = field(default_factory=list)
    lives: int = 0
    fell: list[str] = field(default_factory=list)
    """How the daemon ended when nobody had struck it."""
    emulators: asyncio.subprocess.Process | None = None
    daemon: asyncio.subprocess.Process | None = None

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def file(self) -> Path:
        """The station file that the daemon reads."""
        return self.folder / "served" / "soak.toml"

    async def serve(self, station: str) -> None:
        """Start the emulators, on the ports that they had."""
        asked = ["sim", "serve", "--station", station, "--product", PRODUCT, "--product", "PWR-WHIP-8"]
        asked += ["--folder", str(self.folder / "served"), "--ports", str(self.ports)]
        self.emulators = await self._begin(*asked)
        out = self.emulators.stdout
        written = (await out.readline()).decode().strip() if out is not None else ""
        if not written:
            raise RuntimeError("the emulators do not begin")
        await asyncio.to_thread(self._write, Path(written))

    def _write(self, served: Path) -> None:
        if not self.file.exists():
            self.file.write_text(served.read_text() + f'\n[mqtt]\nbroker = "{self.broker.url}"\n')

    async def start(self) -> None:
        """Start the daemon, and wait until it answers."""
        self.daemon = await self._begin("daemon", "--station", str(self.file), "--data", str(self.data))
        self.lives += 1
        self.memory.clear()
        for _ in range(1200):
            with suppress(NoDaemonError, DeniedError):
                await self.ask("GET", "/v1/status")
                return
            if self.daemon.returncode is not None:
                log = (self.folder / "daemon.log").read_text()[-2000:]
                raise RuntimeError(f"the daemon ended with {self.daemon.returncode}: {log}")
            await asyncio.sleep(0.1)
        raise RuntimeError("the daemon does not answer")

    async def _begin(self, *asked: str) -> asyncio.subprocess.Process:
        with (self.folder / f"{asked[0]}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(*STATION, *asked, stdout=asyncio.subprocess.PIPE, stderr=log)

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask the daemon."""
        return await asyncio.to_thread(Daemon(self.data / "station.sock").ask, method, path, body)

    async def hand_in(self, product: str, serial: str, **more: str) -> None:
        """Hand a unit in until it is acknowledged; the same key makes it one unit, however often that is."""
        while True:
            try:
                await self.ask("POST", "/v1/tickets", {"product": product, "serial": serial, "key": serial, **more})
            except (NoDaemonError, DeniedError):
                await asyncio.sleep(0.3)
            else:
                self.given.append(serial)
                return

    async def feed(self, chance: random.Random) -> None:
        """Hand in whips all the time, and a burn-in whenever there is none."""
        number = 0
        while True:
            number += 1
            await self.hand_in("PWR-WHIP-8", f"W{number:05d}")
            with suppress(NoDaemonError, DeniedError):
                slots = await self._released()
                waiting = (await self.ask("GET", "/v1/tickets?stage=queued"))["tickets"]
                if slots["P"]["mode"] == "free" and not any(each["product"] == PRODUCT for each in waiting):
                    await self.hand_in(PRODUCT, f"P{number:05d}", sequence=SEQUENCE)
            await asyncio.sleep(EVERY * chance.uniform(0.5, 1.5))

    async def receive(self) -> None:
        """Be the receiver: keep each result once, and say that it is here."""
        top = "rackproof/nowhere/short-bay"
        while True:
            try:
                async with aiomqtt.Client("127.0.0.1", self.broker.port, keepalive=5, timeout=3) as client:
                    await client.subscribe(f"{top}/result", qos=1)
                    async for message in client.messages:
                        payload = bytes(message.payload)
                        result, digest = json.loads(payload)["result"], hashlib.sha256(payload).hexdigest()
                        known = self.received.setdefault(result, digest)
                        self.changed += known != digest
                        self.again += known == digest and result in self.received
                        said = {"schema": "rackproof.receipt/1", "result": result, "digest": digest, "accepted": True}
                        await client.publish(f"{top}/receipt", json.dumps(said), qos=1)
            except aiomqtt.MqttError:
                await asyncio.sleep(0.3)

    async def weigh(self) -> None:
        """What the daemon holds in memory, once a second."""
        while True:
            if self.daemon is not None and (mib := await asyncio.to_thread(_mib, self.daemon.pid)):
                self.memory.append((time.perf_counter(), mib))
            await asyncio.sleep(1.0)

    def guardian(self) -> int:
        """The guardian's process; 0 where there is none."""
        mine = str(self.data).encode()
        for each in Path("/proc").iterdir():
            with suppress(OSError):
                said = (each / "cmdline").read_bytes().split(b"\0")
                if b"station.guardian" in said and mine in said:
                    return int(each.name)
        return 0

    async def stands(self) -> None:
        """Start the daemon again if it has ended though nobody struck it."""
        if self.daemon is not None and self.daemon.returncode is not None:
            self.fell.append(f"{self.daemon.returncode}: {await asyncio.to_thread(self._last_words)}")
            self.say(f"the daemon ended by itself: {self.fell[-1]}")
            await self.start()

    def _last_words(self) -> str:
        deeds = self.data / "guardian" / "deeds.jsonl"
        said = (self.folder / "daemon.log").read_text()[-1500:]
        return said + (deeds.read_text()[-500:] if deeds.exists() else "")

    async def blow(self, who: str, how: signal.Signals, station: str) -> None:
        """Kill or freeze one of them; then all is as it was again, but for what was lost."""
        self.blows[f"{who} {how.name}"] += 1
        if who == "daemon":
            await self._strike_daemon(how)
        elif who == "guardian":
            if pid := await asyncio.to_thread(self.guardian):
                with suppress(ProcessLookupError):
                    os.kill(pid, how)
        elif who == "broker":
            await (self._freeze(self.broker.process) if how is signal.SIGSTOP else self._restart_broker())
        elif how is signal.SIGSTOP:
            await self._freeze(self.emulators)
        elif self.emulators is not None:
            self.emulators.kill()
            await self.emulators.wait()
            await self.serve(station)

    async def _strike_daemon(self, how: signal.Signals) -> None:
        assert self.daemon is not None
        links = {name: link for name, link in _links(self.file).items() if name in {"source", "io"}}
        since, was_on = time.perf_counter(), list[str]()
        while not was_on and time.perf_counter() < since + ON_WITHIN:
            was_on = await asyncio.to_thread(is_on, links)
            await asyncio.sleep(0.1)
        self.daemon.send_signal(how)
        since = time.perf_counter()
        while await asyncio.to_thread(is_on, links):
            if time.perf_counter() > since + 60:
                break
            await asyncio.sleep(0.02)
        if was_on:
            self.on_for.setdefault(how.name, []).append(time.perf_counter() - since)
        if how is signal.SIGSTOP and not was_on:  # nothing is armed: nobody needs to end it
            await asyncio.sleep(FROZEN_FOR)
            with suppress(ProcessLookupError):
                self.daemon.send_signal(signal.SIGCONT)
                return
        with suppress(TimeoutError):
            async with asyncio.timeout(20):
                await self.daemon.wait()
        if self.daemon.returncode is None:
            self.daemon.send_signal(signal.SIGCONT)
        else:
            await self.start()

    async def _freeze(self, process: asyncio.subprocess.Process | None) -> None:
        if process is not None and process.returncode is None:
            process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(FROZEN_FOR)
            process.send_signal(signal.SIGCONT)

    async def _restart_broker(self) -> None:
        await self.broker.kill()
        await asyncio.sleep(1.0)
        await self.broker.start()

    async def end(self) -> int:
        """Let everything come to its end; the daemon's exit code."""
        for _ in range(1200):
            with suppress(NoDaemonError, DeniedError):
                await self._released()
                # Again and again: one that was interrupted may only now go on.
                await self.ask("POST", "/v1/slots/P/abort", {"reason": "the soak is over"})
                status = await self.ask("GET", "/v1/status")
                if status["queued"] == status["running"] == 0 and not await self._owed():
                    break
            await asyncio.sleep(0.1)
        assert self.daemon is not None
        self.daemon.terminate()
        async with asyncio.timeout(60):
            return await self.daemon.wait()

    async def _released(self) -> dict[str, Any]:
        """The slots, once whoever looks after the line has looked at those that are locked."""
        slots = {each["name"]: each for each in (await self.ask("GET", "/v1/slots"))["slots"]}
        for name in [name for name, slot in slots.items() if slot["mode"] == "locked"]:
            self.locked += 1
            with suppress(DeniedError):
                await self.ask("POST", f"/v1/slots/{name}/release", {"reason": "looked at it"})
        return slots

    async def _owed(self) -> bool:
        runs = (await self.ask("GET", "/v1/runs?limit=500"))["runs"]
        return any(each["id"] not in self.received for each in runs)


def _mib(pid: int) -> float:
    """Resident memory of a process; 0.0 where it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) / 1024
    return 0.0


def _links(file: Path) -> dict[str, str]:
    return {name: each["link"] for name, each in tomllib.loads(file.read_text())["instruments"].items()}
