"""A bay for rack PDUs on real sockets, a guarded process that burns a unit in, and a client that asks what is on."""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from station.guardian.deeds import Deed, deeds
from tests.station.command_line import finished, process
from tests.station.short_burn_in import PRODUCT, SEQUENCE, short_bay

WITHIN = 40.0
"""Seconds in which something must have happened, on a machine that is busy with other things."""


def until(what: Any, within: float = WITHIN) -> Any:
    """Wait until `what()` gives something that counts."""
    end = time.perf_counter() + within
    while not (found := what()):
        assert time.perf_counter() < end, "it did not happen"
        time.sleep(0.02)
    return found


class Bay:
    """Emulators in one process, the line in another, its guardian in a third."""

    def __init__(self, folder: Path, lasting: float = 170.0) -> None:
        self.data = folder / "data"
        self.served = process(
            "sim", "serve", "--station", short_bay(folder), "--product", PRODUCT,
            "--folder", folder / "served", "--for", str(lasting),
        )  # fmt: skip
        assert self.served.stdout is not None
        self.file = self.served.stdout.readline().strip()
        assert self.file, finished(self.served)
        self.links = {
            name: each["link"] for name, each in tomllib.loads(Path(self.file).read_text())["instruments"].items()
        }
        self.said: list[dict[str, Any]] = []
        self.line: subprocess.Popen[str] | None = None

    def begin(self) -> None:
        """Burn a unit in."""
        given = [self.file, str(self.data), PRODUCT, "SN1", SEQUENCE]
        self.line = subprocess.Popen(
            [sys.executable, "-m", "tests.station.guarded_line", *given], stdout=subprocess.PIPE, text=True
        )

    def reach(self, step: str) -> int:
        """Wait until a step has begun; the guardian's process."""
        while True:
            told = self.next()
            assert "verdict" not in told, told
            if told["step"].partition("[")[0] == step:
                return int(told["guardian"])

    def next(self) -> dict[str, Any]:
        """What the line says next."""
        assert self.line is not None
        assert self.line.stdout is not None
        told: dict[str, Any] = json.loads(self.line.stdout.readline())
        self.said.append(told)
        return told

    def on(self) -> list[str]:
        """What is on: of the source, the relays, and where nobody else can be listening, of the load and the tester."""
        return is_on(self.links)

    def seconds_on(self, since: float) -> float:
        """Seconds from `since` until nothing was on any more."""
        until(lambda: not self.on())
        return time.perf_counter() - since

    def deeds(self, *, runs: int = 1) -> list[Deed]:
        """What the guardian has written down, once it is through."""
        found: list[Deed] = until(lambda: len(d := deeds(self.data)) == runs and all(each.ended for each in d) and d)
        return found

    def serial_on(self) -> list[str]:
        """What of the load and the tester is on; only when nobody else talks to them."""
        found = [f"load {said}" for said in [_pty(self.links["load"], b":LOAD?\n")] if said not in {"0", "OFF"}]
        return found + [f"tester {said}" for said in [_pty(self.links["hipot"], b"MEAS ?\n")] if "TEST" in said]

    def end(self) -> None:
        """End all that was begun."""
        for each in (self.line, self.served):
            if each is not None:
                with suppress(ProcessLookupError):
                    each.send_signal(signal.SIGCONT)
                each.kill()
                each.communicate()


def is_on(links: Mapping[str, str]) -> list[str]:
    """What is on of the source and the relays behind these links."""
    found = [f"source {said}" for said in [_scpi(links["source"], "OUTP:STATE?")] if said not in {"0", "OFF"}]
    return found + [f"relay {number}" for number in _relays(links["io"])]


def _address(link: str) -> tuple[str, int]:
    host, _, port = link.partition("//")[2].partition("?")[0].rpartition(":")
    return host, int(port)


def _scpi(link: str, question: str) -> str:
    with socket.create_connection(_address(link), 5.0) as sock:
        sock.sendall(question.encode() + b"\n")
        said = b""
        while not said.endswith(b"\n"):
            said += sock.recv(100) or b"\n"
        return said.decode().strip()


def _relays(link: str) -> list[int]:
    with socket.create_connection(_address(link), 5.0) as sock:
        sock.sendall(struct.pack(">HHHBBHH", 1, 0, 6, 1, 1, 16, 6))
        said = b""
        while len(said) < 10:
            said += sock.recv(100)
        return [number for number in range(6) if said[9] >> number & 1]


def _pty(link: str, question: bytes) -> str:
    descriptor = os.open(link.partition(":")[2].partition("?")[0], os.O_RDWR | os.O_NOCTTY)
    try:
        os.write(descriptor, question)
        said = b""
        while not said.endswith((b"\n", b"\r")) and select.select([descriptor], [], [], 3.0)[0]:
            said += os.read(descriptor, 200)
        return said.decode().strip()
    finally:
        os.close(descriptor)
