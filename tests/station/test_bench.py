"""The bench: every instrument opened once, identified, and the one that was expected."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from drivers.links.traffic import Counters
from drivers.links.wire import Wire
from drivers.roles import Identity
from sim import clock
from station.bench import Bench, Seat, Trouble
from station.catalog import models

MODEL = models()["hioki-rm3545"]


@dataclass
class FakeWire:
    """Answers `*IDN?`; counts how often it was opened; may be silent, slow, gone or somebody else."""

    serial: str = "1"
    silent: bool = False
    refuses: bool = False
    health: int = 0
    opened: int = 0
    closed: int = 0
    _said: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)

    async def open(self) -> None:
        """Connect, taking a moment."""
        await asyncio.sleep(0.01)
        if self.refuses:
            raise ConnectionRefusedError("nobody listens there")
        self.opened += 1

    async def send(self, data: bytes) -> None:
        """Answer an identity, and a self test with its result."""
        if not self.silent and b"*IDN?" in data:
            self._said.put_nowait(f"HIOKI,RM3545,{self.serial},V1\r\n".encode())
        if b"*TST?" in data:
            self._said.put_nowait(f"{self.health}\r\n".encode())

    async def receive(self) -> bytes:
        """The next answer."""
        return await self._said.get()

    def pending(self) -> bytes:
        """Nothing came early."""
        return b""

    def close(self) -> None:
        """Let go."""
        self.closed += 1


def bench(wires: dict[str, FakeWire], serial: str = "") -> Bench:
    """A bench of ohmmeters on fake wires."""
    find: Callable[[str], Wire] = lambda name: wires[name]  # noqa: E731 (one line is enough of a fake)
    return Bench({name: Seat(name, MODEL, "sim:", serial, 0.2, None) for name in wires}, find)


def opened(wires: dict[str, FakeWire], serial: str = "", *, twice: bool = False) -> tuple[list[Trouble], Bench]:
    """What opening all of them says; `twice` at the same time, as two slots would."""

    async def main() -> tuple[list[Trouble], Bench]:
        it = bench(wires, serial)
        calls = [it.open(wires) for _ in range(2 if twice else 1)]
        troubles = [each for found in await asyncio.gather(*calls) for each in found]
        return troubles, it

    return clock.run(main())


def test_each_says_who_it_is() -> None:
    """All at once, and known by name afterwards."""
    troubles, it = opened({"ohms": FakeWire(), "other": FakeWire("2")})
    assert [] == troubles
    assert {
        "ohms": Identity("HIOKI", "RM3545", "1", "V1"),
        "other": Identity("HIOKI", "RM3545", "2", "V1"),
    } == it.identities


def test_slots_that_share_an_instrument_open_it_once() -> None:
    """Two links on one wire would steal each other's answers."""
    wire = FakeWire()
    troubles, it = opened({"ohms": wire}, twice=True)
    assert ([], 1, ["ohms"]) == (troubles, wire.opened, list(it.instruments))


def test_one_that_is_not_there_is_an_error_and_does_not_hide_the_others() -> None:
    """Silent, refusing: all are named; what answered is there to be made safe; what did not is let go."""
    wires = {"deaf": FakeWire(silent=True), "gone": FakeWire(refuses=True), "good": FakeWire()}
    troubles, it = opened(wires)
    assert [("deaf", False), ("gone", False)] == [(each.instrument, each.refused) for each in troubles]
    assert ["good"] == list(it.instruments) == list(it.links)
    assert wires["deaf"].closed >= 1


def test_a_driver_that_breaks_does_not_keep_the_others_from_being_opened() -> None:
    """Whatever it raises is that instrument's trouble: the others can be reached, and made safe."""

    def broken(_: object) -> Any:
        raise IndexError("a reply without a comma")

    wires = {"a": FakeWire(), "b": FakeWire()}
    ours = bench(wires)
    ours.seats = dict(ours.seats) | {"a": replace(ours.seats["a"], model=replace(MODEL, connect=broken))}
    (trouble,) = clock.run(ours.open(["a", "b"]))
    assert Trouble("a", "a: IndexError: a reply without a comma", refused=False) == trouble
    assert ["b"] == list(ours.instruments)
    assert (1, 0) == (wires["a"].closed, wires["b"].closed)
    ours.close()


def test_another_serial_number_than_expected_is_refused() -> None:
    """A wrong instrument is not a broken one: nothing may be energised, and the text says who is there."""
    troubles, it = opened({"ohms": FakeWire("7")}, serial="8")
    assert [True] == [each.refused for each in troubles]
    assert "RM3545 7" in troubles[0].text
    assert "expected serial 8" in troubles[0].text
    assert {} == it.instruments


def test_one_that_says_it_is_broken_is_refused() -> None:
    """Its self check runs once, when it is first opened; what it finds is told, and nothing may be energised."""
    troubles, it = opened({"ohms": FakeWire(health=1)})
    assert [True] == [each.refused for each in troubles]
    assert "its self check says: " in troubles[0].text
    assert {} == it.instruments


def test_one_that_has_become_another_since_is_refused() -> None:
    """Between two runs somebody may swap instruments: who is open already is asked again."""

    async def main() -> list[Trouble]:
        wire = FakeWire("1")
        it = bench({"ohms": wire})
        assert [] == await it.open(["ohms"])
        wire.serial = "2"
        return await it.open(["ohms"])

    assert [("ohms", True)] == [(each.instrument, each.refused) for each in clock.run(main())]


def test_one_that_another_slot_uses_is_not_let_go() -> None:
    """A slot that finds it silent does not start; the other one can still speak to it, and make it safe."""
    wire = FakeWire()
    whole = bench({"a": wire})

    async def main() -> list[Trouble]:
        await whole.open(["a"])
        wire.silent = True
        return await whole.open(["a"], lambda _: True)

    (trouble,) = clock.run(main())
    assert not trouble.refused
    assert "a" in whole.instruments
    assert "a" in whole.links
    whole.close()


def test_a_sim_link_without_a_simulation_is_told() -> None:
    """Nobody tests a real unit on emulators by mistake."""

    async def main() -> list[Trouble]:
        return await Bench({"ohms": Seat("ohms", MODEL, "sim:", "", 0.2, None)}).open(["ohms"])

    (trouble,) = clock.run(main())
    assert "this is not a simulation" in trouble.text


def test_the_counters_of_a_link_say_what_there_was() -> None:
    """And nothing of what there was not; they stand behind the last bytes in the trace of an ERROR."""
    assert "" == str(Counters())
    assert "12 exchanges, 1 timeouts, 3 crc errors" == str(Counters(exchanges=12, timeouts=1, crc_errors=3))
