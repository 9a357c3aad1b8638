"""The guardian: hears a daemon, and when it hears no more, ends it and makes safe whatever is armed.

It waits twice before it acts: one that was itself frozen finds what was said meanwhile before its second wait is over.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from drivers.errors import InstrumentError
from station.guardian import grammar, words
from station.guardian.deeds import Deed, record
from station.guardian.fence import Peer
from station.guardian.rescue import Ready, longest, ready, rescue
from station.guardian.watch import Watch
from station.guardian.words import Arm, Armed, Beat, Disarm, GrammarError, Heard, Here, Leave, Rescue, Unable, Word
from station.walls import WallClock, iso, real_wall

PATIENCE = 1.0
"""Seconds of silence, twice in a row, after which the daemon is given up."""
STAND_AGAIN = 0.05


@dataclass(eq=False)
class Guardian:
    """Guards one daemon, at the other end of a socket, whose data folder is `data`."""

    data: Path
    wall: WallClock = real_wall
    patience: float = PATIENCE
    armed: dict[str, Ready] = field(default_factory=dict)

    async def guard(self, sock: socket.socket) -> bool:
        """Until the daemon leaves, or is made safe after; whether it was left in order."""
        peer = Peer.at(sock)
        watch = await _aside(partial(Watch, self.data))
        try:
            async with _lines(sock) as (reader, writer):
                writer.write(grammar.line(Here(words.VERSION, os.getpid())))
                why = await self._hear(reader, writer, watch)
            if self.armed:
                await self._rescue(peer, why)
        finally:
            watch.close()
            peer.close()
        return not why

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, watch: Watch) -> str:
        """Do what is said until nothing is said any more; why it must be made safe, empty where it need not."""
        silent = 0
        while True:
            try:
                async with asyncio.timeout(self.patience):
                    said = await reader.readline()
            except TimeoutError:
                silent += 1
                if silent > 1 and self.armed:
                    return f"the daemon was silent for {2 * self.patience:g} s"
                continue
            except (OSError, ValueError) as error:
                return f"the daemon was lost: {error}"
            if not said:
                return "the daemon has ended"
            silent = 0
            try:
                word = grammar.read(said)
            except GrammarError as odd:
                return f"the daemon does not speak sense: {odd}"
            if isinstance(word, Leave) and not self.armed:
                return ""
            if isinstance(word, Rescue):
                return word.why or "the daemon asked for it"
            if (answer := await self._obey(word, watch)) is not None:
                with suppress(OSError):
                    writer.write(grammar.line(answer))

    async def _obey(self, word: Word, watch: Watch) -> Word | None:
        match word:
            case Beat(number):
                return Heard(number)
            case Arm(slot, run):
                try:
                    slot_ready = ready(word)
                except (GrammarError, InstrumentError) as odd:
                    return Unable(slot, run, str(odd)[:1000])
                except Exception as broken:  # noqa: BLE001 (a model may be others' code; the slots that are armed stay so)
                    return Unable(slot, run, f"{type(broken).__name__}: {broken}"[:1000])
                if not await self._stand(watch, [*self.armed.values(), slot_ready]):
                    return Unable(slot, run, "another guardian stands guard over this data folder")
                self.armed[slot] = slot_ready
                return Armed(slot, run)
            case Disarm(slot):
                self.armed.pop(slot, None)
                if not self.armed:
                    watch.rest()
            case _:
                pass
        return None

    async def _stand(self, watch: Watch, armed: list[Ready]) -> bool:
        """Stand guard; one who was killed just now may take a moment to let go."""
        for _ in range(10):
            if watch.stand():
                asyncio.get_running_loop().run_in_executor(None, watch.tell, longest(armed))
                return True
            await asyncio.sleep(STAND_AGAIN)
        return False

    async def _rescue(self, peer: Peer, why: str) -> None:
        """End the daemon, make all safe, and write it down: neither waits for a disk."""
        loop = asyncio.get_running_loop()
        began, at = loop.time(), iso(self.wall())
        begun = [Deed(at, each.arm.slot, each.arm.run, why) for each in self.armed.values()]
        writing = loop.run_in_executor(None, _written, self.data, begun)
        fenced = await peer.kill()
        refusals = await rescue(list(self.armed.values()))
        seconds = round(loop.time() - began, 6)
        await writing
        ended = [
            replace(each, ended=True, fenced=fenced, refusals=refusals[each.slot], seconds=seconds) for each in begun
        ]
        await loop.run_in_executor(None, _written, self.data, ended)
        self.armed.clear()


def _written(data: Path, each: list[Deed]) -> None:
    """A disk that does not take it costs the record: what is safe is safe, and the next daemon measures it."""
    with suppress(OSError):
        record(data, each)


async def _aside(work: Callable[[], Watch]) -> Watch:
    return await asyncio.get_running_loop().run_in_executor(None, work)


@asynccontextmanager
async def _lines(sock: socket.socket) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(sock=sock, limit=grammar.LONGEST)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
