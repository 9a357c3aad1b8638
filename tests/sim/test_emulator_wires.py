"""A wire in memory: order, deadlines, and each of its troubles."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, ClassVar

import pytest

from sim import clock
from sim.makers import MAKERS, emulator_for
from sim.wires import MemoryWire
from tests.sim.fake_leads import FakeLeads


class Parrot:
    """Says each line back; a line that begins with `wait` takes a second, `crash` is a bug of the emulator."""

    line_ends: ClassVar[bytes] = b"\r\n"
    urgent: ClassVar[frozenset[bytes]] = frozenset({b"stop"})
    baudrate: ClassVar[int] = 0
    device = "parrot"

    def __init__(self, leads: FakeLeads) -> None:
        self.leads = leads
        self.heard: list[bytes] = []

    def answer(self, line: bytes) -> bytes | Coroutine[Any, Any, bytes] | None:
        """Answer at once, or after a second."""
        self.heard.append(line)
        if line.startswith(b"wait"):
            return self._wait(line)
        if line == b"crash":
            raise ValueError("a bug")
        return None if line.startswith(b"hush") else line + b"\r\n"

    async def _wait(self, line: bytes) -> bytes:
        await asyncio.sleep(1)
        if line == b"wait and crash":
            raise ValueError("a bug")
        return line + b"\r\n"


def now() -> float:
    """The running loop's time."""
    return asyncio.get_running_loop().time()


def on_wire(talk: Callable[[MemoryWire, Parrot], Awaitable[Any]], trouble: str = "") -> Any:
    """What a talk over an open wire comes to, in virtual time."""

    async def main() -> Any:
        parrot = Parrot(FakeLeads())
        wire = MemoryWire(parrot)
        await wire.open()
        parrot.leads.trouble = trouble
        try:
            return await talk(wire, parrot)
        finally:
            wire.close()

    return clock.run(main())


async def ask(wire: MemoryWire, line: bytes) -> bytes:
    """One question, and what comes first."""
    await wire.send(line)
    return await wire.receive()


def test_lines_are_cut_at_their_endings_in_whatever_pieces_they_come() -> None:
    """Half a line waits for its end; two lines in one piece are two; empty ones are none."""

    async def talk(wire: MemoryWire, parrot: Parrot) -> bytes:
        await wire.send(b"on")
        assert b"" == wire.pending()
        await wire.send(b"e\r")
        await wire.send(b"\ntwo\r\n\r\nthree\nfour")
        assert [b"one", b"two", b"three"] == parrot.heard
        return await wire.receive()

    assert b"one\r\ntwo\r\nthree\r\n" == on_wire(talk)


def test_lines_are_obeyed_in_order() -> None:
    """A quick question behind a slow one waits; nothing overtakes."""

    async def talk(wire: MemoryWire, parrot: Parrot) -> list[tuple[bytes, float]]:
        await wire.send(b"first\nwait 1\nsecond\nwait 2\nthird\n")
        assert [b"first", b"wait 1"] == parrot.heard
        return [(await wire.receive(), now()) for _ in range(3)]

    expected = [(b"first\r\n", 0.0), (b"wait 1\r\nsecond\r\n", 1.0), (b"wait 2\r\nthird\r\n", 2.0)]
    assert expected == on_wire(talk)


def test_an_urgent_line_is_heard_while_the_instrument_is_busy() -> None:
    """A scanner that waits for a person can be told to stop."""

    async def talk(wire: MemoryWire, _: Parrot) -> bytes:
        await wire.send(b"wait\nstop\n")
        return await wire.receive()

    assert b"stop\r\n" == on_wire(talk)


def test_a_closed_wire_loses_what_was_under_way() -> None:
    """Replies to a connection that is gone do not show up in the next one."""

    async def talk(wire: MemoryWire, parrot: Parrot) -> tuple[bytes, float]:
        await wire.send(b"wait\nlost\n")
        wire.close()
        wire.close()
        with pytest.raises(ConnectionResetError):
            await wire.send(b"nobody\n")
        assert b"" == await wire.receive()
        await wire.open()
        assert b"again\r\n" == await ask(wire, b"again\n")
        await asyncio.sleep(10)
        assert [b"wait", b"again"] == parrot.heard
        return wire.pending(), now()

    assert (b"", 10.0) == on_wire(talk)


def test_closing_wakes_who_waits() -> None:
    """A receiver learns that the wire is closed."""

    async def talk(wire: MemoryWire, _: Parrot) -> bytes:
        asyncio.get_running_loop().call_later(3, wire.close)
        return await wire.receive()

    assert b"" == on_wire(talk)


def test_polling_for_ever_meets_its_deadline() -> None:
    """Answers that need no waiting still let time pass, a little."""

    async def talk(wire: MemoryWire, _: Parrot) -> float:
        async def poll() -> None:
            async with asyncio.timeout(0.005):
                while True:
                    await ask(wire, b"ready?\n")

        with pytest.raises(TimeoutError):
            await poll()
        return now()

    assert 0.005 == on_wire(talk)


def test_an_emulator_that_crashes_drops_the_connection_and_is_reported() -> None:
    """A bug in an emulator is never a silent instrument."""
    reported: list[object] = []

    async def talk(wire: MemoryWire, _: Parrot) -> None:
        with pytest.raises(ValueError, match="a bug"):
            await wire.send(b"crash\n")
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reported.append(context["exception"]))
        assert b"" == await ask(wire, b"wait and crash\n")

    on_wire(talk)
    assert ["a bug"] == [str(each) for each in reported]


def test_a_silent_instrument_swallows_the_question() -> None:
    """It neither answers nor obeys."""

    async def talk(wire: MemoryWire, parrot: Parrot) -> list[bytes]:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await ask(wire, b"one\n")
        return parrot.heard

    assert [] == on_wire(talk, "silent")


def test_a_late_reply_comes_after_the_next_question() -> None:
    """Five seconds late, in order: who gives up after two seconds finds the old answer behind his new question."""

    async def talk(wire: MemoryWire, parrot: Parrot) -> tuple[bytes, float]:
        await wire.send(b"old\n")
        await asyncio.sleep(2)
        parrot.leads.trouble = ""
        return await ask(wire, b"new\n"), now()

    assert (b"old\r\nnew\r\n", 5.0) == on_wire(talk, "late")


@pytest.mark.parametrize(
    ("trouble", "expected"),
    [
        pytest.param("short", b"+1.23", id="half a number without an ending"),
        pytest.param("garbled", b"\xbe1.\xa734\xd0-0\xa6\r\n", id="bytes with the high bit set"),
    ],
)
def test_a_spoiled_reply(trouble: str, expected: bytes) -> None:
    """What is lost on the way, and what is changed."""

    async def talk(wire: MemoryWire, _: Parrot) -> bytes:
        return await ask(wire, b"+1.234E-03\n")

    assert expected == on_wire(talk, trouble)


def test_nan_replaces_readings_and_nothing_else() -> None:
    """The instrument says that it has no number where it would measure; its settings and errors are as they are."""

    async def talk(wire: MemoryWire, _: Parrot) -> list[bytes]:
        return [await ask(wire, each) for each in (b"READ? 1.5,-2E+03\n", b":RES:RANG? 0.1\n", b"*ESR? 0\n")]

    nan = b"+9.91000000E+37"
    assert [b"READ? %b,%b\r\n" % (nan, nan), b":RES:RANG? 0.1\r\n", b"*ESR? 0\r\n"] == on_wire(talk, "nan")


def test_a_frozen_instrument_repeats_itself() -> None:
    """The first answer to a question is the answer for ever."""

    async def main() -> list[bytes]:
        leads = FakeLeads(trouble="frozen", ohms=0.1)
        wire = MemoryWire(emulator_for("hioki-rm3545", "ohms", leads))
        await wire.open()
        first = await ask(wire, b":READ?\n")
        leads.ohms = 0.2
        second = await ask(wire, b":READ?\n")
        wire.close()
        return [first, second]

    first, second = clock.run(main())
    assert first == second


def test_a_cut_wire_ends_and_refuses() -> None:
    """The connection drops at the next word, and cannot be made again while the trouble lasts."""

    async def talk(wire: MemoryWire, parrot: Parrot) -> bytes:
        assert b"" == await ask(wire, b"one\n")
        with pytest.raises(ConnectionResetError):
            await wire.send(b"two\n")
        with pytest.raises(ConnectionRefusedError):
            await wire.open()
        parrot.leads.trouble = ""
        await wire.open()
        return await ask(wire, b"three\n")

    assert b"three\r\n" == on_wire(talk, "closed")


def test_a_trouble_that_no_wire_has_is_an_error() -> None:
    """A misspelt trouble does not pass for health."""

    async def talk(wire: MemoryWire, _: Parrot) -> None:
        with pytest.raises(ValueError, match="tired"):
            await ask(wire, b"one\n")

    on_wire(talk, "tired")


def test_the_emulators_are_found_by_model() -> None:
    """Every module of emulators is looked at; an unknown model names the known ones."""
    assert {"hioki-rm3545", "keysight-daq970a", "keysight-34970a", "barcode-scanner"} <= set(MAKERS)
    with pytest.raises(KeyError, match="barcode-scanner"):
        emulator_for("no-such", "x", FakeLeads())


@pytest.mark.parametrize("model", sorted(MAKERS))
def test_every_emulator_survives_noise(model: str) -> None:
    """Bytes that are no command neither crash it nor stop it."""

    async def main() -> None:
        emulator = emulator_for(model, "it", FakeLeads())
        wire = MemoryWire(emulator)
        await wire.open()
        with suppress(ConnectionResetError):  # on Modbus over TCP, a length that cannot be ends the connection
            await wire.send(bytes(range(256)) + emulator.line_ends[:1])
            await wire.send(b"x" * 100_000 + emulator.line_ends[:1])
        await asyncio.sleep(10)
        await wire.open()
        wire.close()

    clock.run(main())
