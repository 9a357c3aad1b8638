"""Begun: a guardian at the other end of a socket, one that waited in the data folder, or one that was begun for it."""

import asyncio
import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import station
from station.guardian import grammar, words
from station.guardian.deeds import folder_of
from station.guardian.fence import Peer
from station.guardian.post import called
from station.guardian.words import GrammarError, Here

BEGINS_WITHIN = 10.0
"""Seconds in which a new process must say that it is there, on a machine that is busy with other things."""
LEAVES_WITHIN = 2.0
LOG = "guardian.log"


@dataclass(eq=False)
class Begun:
    """A guardian that has said that it is there."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    process: asyncio.subprocess.Process | None
    peer: Peer
    pid: int = 0

    def say(self, said: bytes) -> None:
        """Tell it. Whether it hears is for its answers to show."""
        if not self.writer.is_closing():
            self.writer.write(said)

    async def kill(self) -> None:
        """End it, frozen or not: two must not guard the same."""
        await self.peer.kill()
        if self.process is not None and self.peer.ended:
            await self.process.wait()
        await self._close()

    async def end(self, said: bytes) -> None:
        """Tell it to go, and let it go first: what was told is lost where a socket is closed that has more to read.

        Nothing said: what is armed stays with it.
        """
        if said:
            self.say(said)
            with suppress(TimeoutError, OSError):
                async with asyncio.timeout(LEAVES_WITHIN):
                    while await self.reader.read(1024):
                        pass
            if self.process is not None:
                if not await self.peer.wait(LEAVES_WITHIN):
                    await self.peer.kill()
                await self.process.wait()
        await self._close()

    async def _close(self) -> None:
        self.writer.close()
        with suppress(OSError):
            await self.writer.wait_closed()
        self.peer.close()


async def begin(data: Path) -> Begun:
    """The guardian of a data folder. Raises OSError, ValueError, TimeoutError, GrammarError where none can be had."""
    loop = asyncio.get_running_loop()
    process: asyncio.subprocess.Process | None = None
    sock = await loop.run_in_executor(None, called, data)
    if sock is None:
        sock, process = await _new(data)
    # Not by the process's own kill(): it would take the end from under whoever waits for it.
    peer = Peer(process.pid) if process is not None else Peer.at(sock)
    reader, writer = await asyncio.open_connection(sock=sock, limit=grammar.LONGEST)
    begun = Begun(reader, writer, process, peer)
    try:
        async with asyncio.timeout(BEGINS_WITHIN):
            here = grammar.read(await reader.readline())
        if not isinstance(here, Here) or here.version != words.VERSION:
            raise GrammarError("a guardian of another version is there")
        begun.pid = here.pid
    except BaseException:
        await begun.kill()
        raise
    return begun


async def _new(data: Path) -> tuple[socket.socket, asyncio.subprocess.Process]:
    """Begin one, in a session of its own: what ends the daemon's group does not end it."""
    loop = asyncio.get_running_loop()
    ours, theirs = socket.socketpair()
    try:
        ours.settimeout(0)
        log = await loop.run_in_executor(None, _log, data)
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "station.guardian", str(theirs.fileno()), _spelled(data),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=(theirs.fileno(),), start_new_session=True, env=_environment(),
            )  # fmt: skip
        finally:
            os.close(log)
    except BaseException:
        ours.close()
        raise
    finally:
        theirs.close()
    return ours, process


def _spelled(data: Path) -> str:
    return str(data.absolute())


def _environment() -> dict[str, str]:
    """Ours, with the place that this program came from: the guardian is of the same."""
    root = str(Path(station.__file__).parents[1])
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))}


def _log(data: Path) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    return os.open(folder_of(data) / LOG, flags, 0o600)
