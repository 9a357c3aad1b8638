"""Commanding: commands that were taken are done to the line, one after the other, and whoever sent one is told what became of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import orjson

from station.condition import Condition
from station.line.line import Line
from station.mqtt.command import Command, Verb
from station.mqtt.commands import Commands, Why
from station.mqtt.key_file import KeyFile
from station.orders import Request
from station.service import RefusalError
from station.walls import WallClock

SCHEMA: Final = "rackproof.answer/1"
MOST_WAITING: Final = 64
"""Commands that came in and were not looked at yet; more are refused."""


@dataclass(eq=False)
class Commanding:
    """`hear` never blocks or raises; `run` lives as long as the daemon. `answer` is called with what to publish."""

    commands: Commands
    line: Line
    wall: WallClock
    answer: Callable[[bytes], None]
    keys: KeyFile | None = None
    """Where they are looked up before each command; else they are those that `commands` has."""
    _waiting: asyncio.Queue[tuple[str, bytes, bool]] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))

    def hear(self, level: str, payload: bytes, *, retained: bool) -> None:
        """A message on a topic of commands, whose last level is `level`."""
        try:
            self._waiting.put_nowait((level, payload, retained))
        except asyncio.QueueFull:
            self.commands.refused[Why.FLOOD] += 1

    async def run(self) -> None:
        """Do what comes in, for ever. Who did not sign is not answered."""
        await self._refresh()
        while True:
            level, payload, retained = await self._waiting.get()
            await self._refresh()
            taken = await self.commands.take(level, payload, self.wall(), retained=retained)
            if isinstance(taken, Command):
                try:
                    self.answer(_said(taken.id, taken.by, accepted=True, **await _do(taken, self.line)))
                except RefusalError as refused:
                    self.answer(_said(taken.id, taken.by, accepted=False, why="line", text=str(refused)))
            elif taken.id:
                self.answer(_said(taken.id, taken.by, accepted=False, why=taken.why, text=taken.text))

    def condition(self) -> Condition:
        """The worse of how it is with the keys and with what comes in."""
        said = [self.commands.condition(), *([self.keys.condition()] if self.keys else [])]
        return max(said, key=lambda each: each.level)

    async def _refresh(self) -> None:
        if self.keys is not None:
            self.commands.keys = await self.keys.refresh()


async def _do(command: Command, line: Line) -> dict[str, str]:
    """Do it; what to tell of it. Raises RefusalError."""
    slot = command.slot or None
    reason = f"{command.by} over MQTT" + (f": {command.reason}" if command.reason else "")
    match command.do:
        case Verb.SUBMIT:
            request = Request(command.product, command.serial, slot, command.sequence or None)
            key = f"{command.by}/{command.id}"
            ticket = await line.submit(request, source="mqtt", key=key, priority=command.priority)
            return {"ticket": ticket.ticket}
        case Verb.WITHDRAW:
            return {"ticket": (await line.withdraw(command.ticket, reason)).ticket}
        case Verb.ABORT:
            line.abort(reason, _meant(command, line))
        case Verb.STOP:
            line.stop(reason, _meant(command, line))
        case Verb.PAUSE:
            line.pause(slot)
        case Verb.GO_ON:
            line.go_on(slot)
        case Verb.DRAIN:
            line.drain()
        case Verb.RELOAD:
            if problems := await line.reload():
                raise RefusalError("; ".join(problems)[:1000])
    return {}


def _meant(command: Command, line: Line) -> str | None:
    """The slot of the run that is meant. Raises RefusalError where that run is not being tested: nothing is done to another."""
    if not command.run:
        return command.slot or None
    for view in line.slots():
        if view.run == command.run and command.slot in {"", view.name}:
            return view.name
    raise RefusalError(f"run {command.run} is not being tested{f' in slot {command.slot}' if command.slot else ''}")


def _said(identity: str, by: str, *, accepted: bool, **rest: str) -> bytes:
    return orjson.dumps({"schema": SCHEMA, "command": identity, "by": by, "accepted": accepted, **rest})
