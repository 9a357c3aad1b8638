"""Commanding: what was signed is done to the line, and answered; what was not is neither."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from station.condition import Level
from station.line.ticket import Stage, Ticket
from station.line.views import SlotView
from station.mqtt.command import Verb
from station.mqtt.commanding import MOST_WAITING, Commanding
from station.mqtt.commands import Commands, Why
from station.mqtt.key_file import KeyFile
from station.mqtt.keys import Key, Keys
from station.mqtt.remembered import Remembered
from station.mqtt.signing import sign
from station.orders import Request
from station.service import RefusalError
from tests.station.test_commands import KEY, LATER, MAY, NOW, RUN, Clock, said

OTHER = RUN[:-1] + "1"


@dataclass(eq=False)
class FakeLine:
    """Notes what it is told. Slot A tests RUN."""

    told: list[Any] = field(default_factory=list)

    async def submit(self, request: Request, *, source: str, key: str, priority: int) -> Ticket:
        """Refuses serial numbers that begin with X."""
        if request.serial.startswith("X"):
            raise RefusalError("found 'X1'; a serial number of this product fits S")
        self.told.append((request, source, key, priority))
        return Ticket(RUN, request.product, request.serial, "", "", priority, source, key, "", Stage.QUEUED)

    async def withdraw(self, ticket: str, reason: str) -> Ticket:
        """Takes any."""
        self.told.append(("withdraw", ticket, reason))
        return Ticket(ticket, "P", "S", "", "", 5, "mqtt", "", "", Stage.WITHDRAWN)

    async def reload(self) -> list[str]:
        """Is never well."""
        return ["line 3: no such key"]

    def slots(self) -> list[SlotView]:
        """A is busy."""
        return [SlotView("A", "jig-8", "busy", run=RUN), SlotView("B", "jig-8", "free")]

    def __getattr__(self, name: str) -> Any:
        return lambda *words: self.told.append((name, *words))


@asynccontextmanager
async def commanding(folder: Path) -> AsyncIterator[tuple[Commanding, FakeLine, list[dict[str, Any]]]]:
    """One that runs, its line, and what was answered."""
    remembered = await asyncio.to_thread(Remembered.open, folder)
    line, answers = FakeLine(), list[dict[str, Any]]()
    keys = folder / "commands.toml"
    await asyncio.to_thread(Keys({"plc-7": Key(KEY, MAY, LATER)}).write, keys)
    commands = Commands("cell-2", Keys(), remembered, Clock())
    it = Commanding(commands, line, lambda: NOW, lambda raw: answers.append(json.loads(raw)), KeyFile(keys))  # type: ignore[arg-type]
    async with asyncio.TaskGroup() as group:
        running = group.create_task(it.run())
        yield it, line, answers
        running.cancel()
    await asyncio.to_thread(remembered.close)


async def until(answers: list[dict[str, Any]], number: int) -> None:
    """So many were answered."""
    async with asyncio.timeout(10):
        while len(answers) < number:  # noqa: ASYNC110 (a list says nothing when it grows)
            await asyncio.sleep(0.001)


async def test_a_command_is_done_and_answered(tmp_path: Path) -> None:
    """In order; a refusal of the line is answered in its own words; who handed in again is given his ticket by the line."""
    async with commanding(tmp_path) as (it, line, answers):
        spoken: list[dict[str, Any]] = [
            {"do": "submit", "product": "P1", "serial": "S1", "priority": 7},
            {"do": "submit", "product": "P1", "serial": "X1"},
            {"do": "withdraw", "ticket": OTHER},
            {"do": "abort", "reason": "leak"}, {"do": "stop", "slot": "A"}, {"do": "pause"}, {"do": "go-on", "slot": "B"}, {"do": "drain"},
        ]  # fmt: skip
        for number, command in enumerate(spoken):
            it.hear(command["do"], sign(said(id=f"c{number}", **command), KEY), retained=False)
        await until(answers, 8)
    assert [
        (Request("P1", "S1"), "mqtt", "plc-7/c0", 7), ("withdraw", OTHER, "plc-7 over MQTT"), ("abort", "plc-7 over MQTT: leak", None),
        ("stop", "plc-7 over MQTT", "A"), ("pause", None), ("go_on", "B"), ("drain",),
    ] == line.told  # fmt: skip
    assert [True, False, *[True] * 6] == [each["accepted"] for each in answers]
    assert {"schema": "rackproof.answer/1", "command": "c0", "by": "plc-7", "accepted": True, "ticket": RUN} == answers[
        0
    ]
    assert ("line", "found 'X1'; a serial number of this product fits S") == (answers[1]["why"], answers[1]["text"])


async def test_a_command_that_names_a_run_does_nothing_to_another(tmp_path: Path) -> None:
    """F067: it is found by its run; one that is over, or in another slot, is left alone."""
    async with commanding(tmp_path) as (it, line, answers):
        for number, more in enumerate(
            [{"run": RUN}, {"run": RUN, "slot": "A"}, {"run": OTHER}, {"run": RUN, "slot": "B"}]
        ):
            it.hear("abort", sign(said(id=f"c{number}", **more), KEY), retained=False)
        await until(answers, 4)
    assert [("abort", "plc-7 over MQTT", "A")] * 2 == line.told
    assert [True, True, False, False] == [each["accepted"] for each in answers]


async def test_who_did_not_sign_is_not_answered(tmp_path: Path) -> None:
    """Nor is anything done; who did is told why it was refused."""
    async with commanding(tmp_path) as (it, line, answers):
        for payload in (b"{", sign(said(), bytes(32)), sign(said(), KEY)):
            it.hear("abort", payload, retained=payload == sign(said(), KEY))
        it.hear("drain", sign(said(), KEY), retained=False)
        await until(answers, 1)
    assert ([], ["misdirected"]) == (line.told, [each["why"] for each in answers])


async def test_more_than_can_wait_are_refused(tmp_path: Path) -> None:
    """Without a wait, and counted."""
    async with commanding(tmp_path) as (it, _, _):
        for _ in range(MOST_WAITING + 5):
            it.hear("abort", b"{", retained=False)
        assert 5 == it.commands.refused[Why.FLOOD]


async def test_a_configuration_with_problems_is_refused(tmp_path: Path) -> None:
    """With its problems; who may not reload is told that."""
    async with commanding(tmp_path) as (it, _, answers):
        it.hear("reload", sign(said(do="reload"), KEY), retained=False)
        await until(answers, 1)
        await allow(it, MAY | {Verb.RELOAD})
        it.hear("reload", sign(said(do="reload"), KEY), retained=False)
        await until(answers, 2)
    assert ["not-allowed", "line"] == [each["why"] for each in answers]
    assert "line 3: no such key" == answers[1]["text"]


def keys_of(it: Commanding) -> KeyFile:
    """Its file of keys."""
    assert it.keys is not None
    return it.keys


async def allow(it: Commanding, may: frozenset[Verb], mode: int = 0o600) -> None:
    """The file of keys is written anew, and time passes."""
    await asyncio.to_thread(Keys({"plc-7": Key(KEY, may, LATER)}).write, keys_of(it).path)
    await asyncio.to_thread(keys_of(it).path.chmod, mode)
    keys_of(it)._looked = float("-inf")


async def test_who_is_taken_out_of_the_file_may_not_command_any_more(tmp_path: Path) -> None:
    """Nor may anybody while others could use the file, or it is gone; that is an alarm until it is mended."""
    async with commanding(tmp_path) as (it, line, answers):
        for number, (may, mode) in enumerate([(MAY, 0o600), (frozenset[Verb](), 0o600), (MAY, 0o644), (MAY, 0o600)]):
            await allow(it, may, mode)
            it.hear("abort", sign(said(id=f"c{number}"), KEY), retained=False)
            await asyncio.sleep(0.05)
            assert (Level.ALARM if mode == 0o644 else Level.OK) is it.condition().level
        assert [True, False, True] == [each["accepted"] for each in answers]
        await asyncio.to_thread(keys_of(it).path.unlink)
        keys_of(it)._looked = float("-inf")
        it.hear("abort", sign(said(id="c9"), KEY), retained=False)
        await asyncio.sleep(0.05)
    assert ("commands.toml", 2, 3) == (it.condition().text.split(": ")[1], len(line.told), len(answers))
