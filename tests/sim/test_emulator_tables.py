"""Every emulator that speaks in lines: each command of its table is reached in each spelling; no bytes put it out of order."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import clock
from sim.emulators.alicat_mc import AlicatMc
from sim.emulators.julabo_chiller import JulaboChiller
from sim.makers import MAKERS, emulator_for
from sim.scpi import Obeying, Scpi, spellings
from sim.wires import MemoryWire
from tests.sim.fake_leads import FakeLeads

LINES = {name: emulator for name in MAKERS if isinstance(emulator := emulator_for(name, "it", FakeLeads()), Scpi)}
OTHERS = ("alicat-mc", "julabo-chiller")
NEW = {"keysight-34461a", "keysight-daq970a", "gwinstek-gpt9804", "yokogawa-wt310", "chroma-61845", "chroma-63804"}


def table_of(kind: type[Scpi]) -> dict[str, Obeying]:
    """The commands of a class and of those that it is made from."""
    found: dict[str, Obeying] = {}
    for each in reversed(kind.__mro__):
        found.update(vars(each).get("commands", {}))
    return found


def _note(self: Any, *_: str, header: str) -> str:
    self.noted = header
    return ""


def recording(kind: type[Scpi]) -> type[Scpi]:
    """The same instrument, which only says which command it was told."""

    class Recording(kind):  # type: ignore[valid-type, misc]
        commands: ClassVar[Mapping[str, Obeying]] = {header: partial(_note, header=header) for header in table_of(kind)}

    return Recording


def test_all_of_them_are_tried() -> None:
    """A new one is found by itself."""
    assert set(LINES) >= NEW
    assert set(MAKERS) >= set(OTHERS)


@pytest.mark.parametrize("model", sorted(LINES))
def test_every_command_is_reached_in_its_short_and_in_its_long_form(model: str) -> None:
    """With each part that may be left out, and without; with a colon in front, and in small letters. No two collide."""

    async def main() -> None:
        kind = type(LINES[model])
        instrument: Any = recording(kind)("it", FakeLeads())
        overridden = {way: header for header in table_of(kind) for way in spellings(header)}
        for header in table_of(kind):
            for way in spellings(header):
                said = way.replace("<n>", "1")
                for line in (said, f":{said.lower()}" if said[0] != "*" else said.lower()):
                    instrument.noted = ""
                    instrument.answer(line.encode())
                    assert overridden[way] == instrument.noted, line

    clock.run(main())


@pytest.mark.parametrize("model", sorted(LINES))
def test_no_header_means_two_things(model: str) -> None:
    """Only a command of the instrument itself may stand in the place of a common one."""
    for each in type(LINES[model]).__mro__:
        ways = [way for header in vars(each).get("commands", {}) for way in set(spellings(header))]
        assert len(ways) == len(set(ways))


async def _identity(wire: MemoryWire, emulator: Any) -> bytes:
    """What it says to the question that its kind of instrument always answers."""
    question = {AlicatMc: getattr(emulator, "_unit", ""), JulaboChiller: "version"}.get(type(emulator), "*IDN?")
    await wire.send(question.encode() + emulator.line_ends)
    return await wire.receive()


def survives(model: str, *lines: bytes) -> None:
    """It hears these bytes, is left alone, is connected to anew, and answers."""

    async def main() -> None:
        problems: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
        leads = FakeLeads()
        emulator = emulator_for(model, "it", leads)
        wire = MemoryWire(emulator)
        await wire.open()
        for line in lines:
            await wire.send(line + emulator.line_ends)
        await asyncio.sleep(2)
        wire.close()
        await asyncio.sleep(2)
        await wire.open()
        assert await _identity(wire, emulator)
        wire.close()
        assert [] == problems

    clock.run(main())


@pytest.mark.parametrize("model", sorted([*LINES, *OTHERS]))
@settings(deadline=None, max_examples=60)
@given(noise=st.lists(st.binary(max_size=60), max_size=4))
def test_arbitrary_bytes_are_survived(model: str, noise: list[bytes]) -> None:
    """Whatever comes, it answers who it is."""
    survives(model, *noise)


_SAID = '|0|1|2|-1|0.5|10|100|230|1E9|ON|OFF|MIN|DEF|AUTO|ACW|GB|BUS|EXT|"FRES"|(@301)|(@301,302)|U,1|K|50 V|1 MA'
PARAMETERS = st.sampled_from([*_SAID.split("|"), "?", "1,2,3", "NULL", "ALL", "POW", "TC,K,(@301)", "'", "("])


@pytest.mark.parametrize("model", sorted(LINES))
@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_its_own_commands_in_any_order_are_survived(model: str, data: st.DataObject) -> None:
    """With parameters that fit, and with those that do not."""
    headers = sorted({way.replace("<n>", "3") for header in table_of(type(LINES[model])) for way in spellings(header)})
    units = st.tuples(st.sampled_from(headers), PARAMETERS).map(" ".join)
    lines = data.draw(st.lists(st.lists(units, min_size=1, max_size=3).map(";:".join), min_size=1, max_size=6))
    survives(model, *(each.encode() for each in lines))


@pytest.mark.parametrize("model", OTHERS)
@settings(deadline=None, max_examples=120)
@given(data=st.data())
def test_commands_without_scpi_in_any_order_are_survived(model: str, data: st.DataObject) -> None:
    """With parameters that fit, and with those that do not; in capitals or not."""
    front = "A" if model == "alicat-mc" else ""
    commands = st.sampled_from(sorted(AlicatMc.commands if front else JulaboChiller.commands))
    lines = data.draw(
        st.lists(st.tuples(commands, st.sampled_from(["", " "]), PARAMETERS).map("".join), min_size=1, max_size=6)
    )
    cased = [data.draw(st.sampled_from([each.upper(), each.lower()])) for each in lines]
    survives(model, *(f"{front}{each}".encode() for each in cased))


@pytest.mark.parametrize("command", sorted(AlicatMc.commands))
def test_every_command_of_the_controller_is_reached_with_and_without_its_prefix(command: str) -> None:
    """`$$` or not, small or not: the answer is the same, and is not a refusal of the command itself."""
    parameter = {"S": "1", "R": "122", "W": "46=0", "G": "0", "@": "A"}.get(command, "")

    def said(line: str) -> object:
        return AlicatMc("it", FakeLeads(celsius=25.0)).answer(line.encode())

    async def main() -> None:
        answers = {
            said(line)
            for line in (f"A{command}{parameter}", f"A$${command}{parameter}", f"a{command}{parameter}".lower())
        }
        assert 1 == len(answers)
        assert b"?\r" not in answers

    clock.run(main())


@pytest.mark.parametrize("command", sorted(JulaboChiller.commands))
def test_every_command_of_the_cooler_is_reached_in_any_case(command: str) -> None:
    """No complaint at the next status."""
    parameter = " 1" if command.startswith("out_") else ""

    async def main() -> None:
        for line in (command + parameter, (command + parameter).upper()):
            cooler = JulaboChiller("it", FakeLeads())
            cooler.answer(line.encode())
            await asyncio.sleep(1)
            status = cooler.answer(b"status")
            assert isinstance(status, bytes)
            assert status.startswith((b"02 REMOTE", b"03 REMOTE"))

    clock.run(main())
