"""Any reply of any instrument replaced by any bytes: an error that can be told, or a number that those bytes spell.

The walk is over the catalogue: a driver that is new is fuzzed without being named here, and a module of drivers that is no
driver must say where its parsers are fuzzed.
"""

import asyncio
import importlib
import math
import pkgutil
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import drivers
from drivers.errors import InstrumentError
from drivers.links.dialogue import LineLink
from drivers.model import Model
from drivers.operators.barcode_scanner import BarcodeScanner
from drivers.reading import Reading
from sim import clock
from sim.emulator import Emulator
from sim.modbus.rtu import crc
from sim.modbus.slave import Slave
from sim.wires import MemoryWire
from station.bench import Bench, Seat
from station.emulators import emulator_of
from tests.catalogue_hall import CALLS, Call, Hall
from tests.drivers.fake_wire import FakeWire
from tests.test_catalogue import EVERY, HANDS, PEOPLE, readings

WALKED = [name for name in EVERY if name not in PEOPLE | HANDS]
"""Who waits for a person may wait for ever; what a hand's scanner says is fuzzed with its driver."""
TESTS = Path(__file__).parents[1]
LONG = 400.0
"""Seconds, of the loop's, that no call of a role needs: one that is not over by then hangs."""


@dataclass(frozen=True, slots=True)
class Spoil:
    """What comes in the place of a reply: bytes, or a payload in a good frame of the same function."""

    number: int
    """Which reply it is, counted from when the spoiling begins."""
    data: bytes
    framed: bool
    early: bool
    """From the opening on, or from the first reading."""


def good_frame(slave: Slave, reply: bytes, data: bytes) -> bytes:
    """The reply with another payload."""
    data = data[:250]
    if slave.framing == "mbap":
        transaction, protocol, _ = struct.unpack(">HHH", reply[:6])
        return struct.pack(">HHH", transaction, protocol, 2 + len(data)) + reply[6:8] + data
    frame = reply[:2] + data
    return frame + crc(frame)


class SpoilingWire(MemoryWire):
    """A wire in memory, one of whose replies is another."""

    def __init__(self, emulator: Emulator, spoil: Spoil) -> None:
        super().__init__(emulator)
        self.emulator, self.spoil = emulator, spoil
        self.begun, self.spoilt, self.left = spoil.early, False, spoil.number

    def _arrive(self, reply: bytes) -> None:
        if self.begun and not self.spoilt:
            self.left -= 1
            if self.left < 0:
                self.spoilt = True
                reply = self.another(reply)
        super()._arrive(reply)

    def another(self, reply: bytes) -> bytes:
        """What comes instead; in a line, its ending survives, so that the bytes meet the parser."""
        if isinstance(self.emulator, Slave):
            return good_frame(self.emulator, reply, self.spoil.data) if self.spoil.framed else self.spoil.data
        ending = reply[len(reply.rstrip(b"\r\n")) :]
        return self.spoil.data + ending if self.spoil.framed else self.spoil.data


LIKELY = st.sampled_from(
    [
        b"",
        b"0",
        b"1",
        b"nan",
        b"INF",
        b"1_0",
        b"1e400",
        b"9.91E37",
        b"0x1",
        b"-",
        b"ON",
        b"+0",
        b",,,",
        b"\x00\x01",
        b"\xff" * 4,
    ]
)
SPOILS = st.builds(
    Spoil,
    st.one_of(st.integers(0, 3), st.integers(0, 12)),
    st.one_of(LIKELY, st.binary(max_size=40)),
    st.booleans(),
    st.booleans(),
)


def calls(model: Model) -> Iterator[Call]:
    """Everything that a model is asked for."""
    for role in model.roles:
        yield from CALLS[role].values()


def spells_a_number(spoil: Spoil) -> bool:
    """Whether a parser may make a number of those bytes: it takes a digit, or a frame of registers."""
    return any(48 <= byte <= 57 for byte in spoil.data) or spoil.framed


async def told(call: Call, instrument: Any) -> list[Reading]:
    """The readings of an answer; none where the instrument, or its link, said no, and why."""
    try:
        async with asyncio.timeout(LONG):
            return list(readings(await call.ask(instrument)))
    except InstrumentError as no:
        why = str(no)
    assert why
    return []


def right(call: Call, reads: Iterable[Reading]) -> bool:
    """Whether each reading is near the truth, or says that it is no number."""
    return all(
        not read.is_number or abs(read.value - truth) <= read.uncertainty + 1e-9 * abs(truth)
        for truth, read in zip(call.truths, reads, strict=False)
    )


async def walked(name: str, spoil: Spoil, which: int) -> None:
    """Open it, ask for one thing while a reply is spoilt, then ask for it again."""
    seat = Seat(name, EVERY[name], "sim:", "", 5.0, None)
    wires: list[SpoilingWire] = []

    def wire_of(_: str) -> SpoilingWire:
        wires.append(SpoilingWire(emulator_of(seat, Hall()), spoil))
        return wires[-1]

    bench = Bench({name: seat}, wire_of)
    try:
        for trouble in await bench.open([name]):
            assert trouble.text
            return
        every = list(calls(EVERY[name]))
        call, instrument = every[which % len(every)], bench.instruments[name]
        await told(every[which % len(every) - 1], instrument)  # the one before it may prepare it
        wires[0].begun = True
        first = await told(call, instrument)
        assert all(math.isfinite(read.value) for read in first if read.is_number)
        assert right(call, first) or (wires[0].spoilt and spells_a_number(spoil)), f"{name}: {first}"
        if wires[0].spoilt:
            again = await told(call, instrument)
            assert right(call, again), f"{name}, asked again: {again}"
    finally:
        bench.close()


@pytest.mark.parametrize("name", WALKED)
def test_any_bytes_in_the_place_of_any_reply(name: str) -> None:
    """No crash, no hang, no number that was not said, and nothing of it in the next reading."""

    @settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(SPOILS, st.integers(0, 15))
    @example(Spoil(0, b"", framed=False, early=False), 0)
    @example(Spoil(0, b"nan", framed=True, early=False), 0)
    def one(spoil: Spoil, which: int) -> None:
        clock.run(walked(name, spoil, which))

    one()


@given(st.one_of(st.binary(max_size=80), st.text("A1-_ ~!", max_size=70).map(str.encode)))
def test_any_bytes_in_the_place_of_a_scan(data: bytes) -> None:
    """What is answered has 1 to 64 printable characters and is what was scanned; anything else is an error."""

    async def one() -> None:
        link = LineLink("gun", FakeWire(lambda _: [(0.001, data + b"\r")]), ends_with=b"\r", replies_end_with=b"\r")
        await link.open()
        try:
            said = await BarcodeScanner(link).answer("scan")
        except InstrumentError:
            return
        assert data.decode("ascii") == said
        assert said.isprintable()
        assert 1 <= len(said) <= 64

    clock.run(one())


FUZZED = {
    "drivers.scpi": "drivers/test_scpi_replies.py",
    "drivers.orders": "drivers/test_fuzzed_replies.py",
    "drivers.words": "drivers/test_words.py",
    "drivers.accuracy": "drivers/test_accuracies.py",
    "drivers.maps.codec": "drivers/test_maps_codec.py",
    "drivers.maps.spans": "drivers/test_maps_spans.py",
    "drivers.safety.gpt_replies": "drivers/test_gpt_replies.py",
    "drivers.links.address": "drivers/test_link_addresses.py",
    "drivers.links.functions": "drivers/test_modbus_links.py",
    "drivers.links.pdus": "drivers/test_modbus_links.py",
}
"""Modules with parsers that are fuzzed by themselves, and where."""
NO_REPLIES = {
    "drivers.model", "drivers.errors", "drivers.reading", "drivers.roles", "drivers.power_roles", "drivers.cooling_roles",
    "drivers.maps.map", "drivers.maps.bank", "drivers.safety.gpt_steps",
}  # fmt: skip
"""Modules that read no reply themselves."""


def modules(package: Any) -> Iterator[str]:
    """Every module of a package, by its whole name."""
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if not found.ispkg:
            yield found.name


def test_no_module_of_drivers_is_left_out() -> None:
    """Each is a driver that the catalogue knows, or is fuzzed by itself, or reads no reply. Links are walked under every driver."""
    drives = {name for name in modules(drivers) if getattr(importlib.import_module(name), "MODELS", ())}
    for name in modules(drivers):
        if name in drives or name in NO_REPLIES or name in FUZZED:
            continue
        assert name.startswith("drivers.links."), f"{name}: where are its parsers fuzzed?"


@pytest.mark.parametrize("module", FUZZED)
def test_what_is_fuzzed_by_itself_is(module: str) -> None:
    """The file imports it, and has properties."""
    text = (TESTS / FUZZED[module]).read_text("utf-8")
    package, _, name = module.rpartition(".")
    assert re.search(rf"from {re.escape(module)} import|from {re.escape(package)} import .*\b{name}\b", text)
    assert "@given" in text
