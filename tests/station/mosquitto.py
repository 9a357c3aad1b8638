"""A real mosquitto on a free port, to be frozen, killed and asked for less than it could do."""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.strangers.needed import absent


@dataclass(eq=False)
class Mosquitto:
    """Runs in `folder` with these further lines of configuration; its port stays the same when it is started again."""

    folder: Path
    lines: tuple[str, ...] = ()
    listener: tuple[str, ...] = ("allow_anonymous true",)
    port: int = 0
    process: asyncio.subprocess.Process | None = field(default=None)

    @property
    def url(self) -> str:
        """As a station file says it."""
        return f"mqtt://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        self.port = self.port or free_port()
        text = [f"listener {self.port} 127.0.0.1", *self.listener, "persistence false", *self.lines]
        file = self.folder / "mosquitto.conf"
        whole = "\n".join([*text, "log_dest none", "user root", ""])
        await asyncio.to_thread(file.write_text, whole, "utf-8")
        self.process = await asyncio.create_subprocess_exec(
            await asyncio.to_thread(program),
            "-c",
            str(file),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(10):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    await asyncio.sleep(0.02)
                    continue
                writer.close()
                await writer.wait_closed()
                return

    def freeze(self) -> None:
        """It answers nobody any more, and its connections stay open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._signal(signal.SIGCONT)

    async def kill(self) -> None:
        """It is gone, with all it knew."""
        if self.process is not None and self.process.returncode is None:
            self._signal(signal.SIGKILL)
            await self.process.wait()

    def _signal(self, number: signal.Signals) -> None:
        assert self.process is not None
        os.kill(self.process.pid, number)


def program() -> str:
    """Where it is: many a system keeps it where people have no PATH."""
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        absent("mosquitto")
    return str(found)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@asynccontextmanager
async def mosquitto(
    folder: Path, *lines: str, listener: tuple[str, ...] = ("allow_anonymous true",)
) -> AsyncIterator[Mosquitto]:
    """One that runs until the block ends, however often it is killed meanwhile."""
    broker = Mosquitto(folder, lines, listener)
    await broker.start()
    try:
        yield broker
    finally:
        await broker.kill()
