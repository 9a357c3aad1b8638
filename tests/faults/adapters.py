"""Serial adapters for tests: instruments on ptys, behind the names that udev would give them."""

import asyncio
import os
import tty
from contextlib import suppress
from pathlib import Path

from drivers.links.dialogue import LineLink
from drivers.links.serial import SerialWire


class Adapter:
    """An instrument on a pty: it says who it is, doubles numbers, and says whatever else a test tells it to."""

    def __init__(self, plate: str = "1") -> None:
        self.plate = plate
        self.says: dict[str, bytes] = {}
        """What it says to a question instead."""
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.device = os.ttyname(self._slave)
        self._heard = b""
        os.set_blocking(self.master, False)
        self.listen()

    def listen(self) -> None:
        """Read what is sent, from now on."""
        asyncio.get_running_loop().add_reader(self.master, self._read)

    def ignore(self) -> None:
        """Read nothing any more: what is sent fills the line."""
        asyncio.get_running_loop().remove_reader(self.master)

    def say(self, data: bytes) -> None:
        """Send bytes, asked for or not."""
        if self.master >= 0:
            os.write(self.master, data)

    async def plug(self, name: Path) -> None:
        """Be the adapter of that name from now on."""
        await forget(name)
        await asyncio.to_thread(name.symlink_to, self.device)

    def unplug(self) -> None:
        """Be pulled out."""
        if self.master >= 0:
            self.ignore()
            os.close(self.master)
            self.master = -1

    def put_away(self) -> None:
        """Give the pty back."""
        self.unplug()
        with suppress(OSError):
            os.close(self._slave)

    def _read(self) -> None:
        with suppress(OSError):
            self._heard += os.read(self.master, 4096)
        *lines, self._heard = self._heard.split(b"\r\n")
        for line in map(bytes.decode, lines):
            if line in self.says:
                self.say(self.says[line])
            elif line == "*IDN?":
                self.say(f"HIOKI,RM3545,{self.plate},1.0\r\n".encode())
            else:
                self.say(f"{2 * int(line)}\r\n".encode())


async def forget(name: Path) -> None:
    """Nobody has that name any more."""
    await asyncio.to_thread(name.unlink, missing_ok=True)


def link_to(device: str | Path, within: float = 0.3) -> LineLink:
    """A link to an adapter, not open yet."""
    return LineLink("ohms", SerialWire(str(device)), ends_with=b"\r\n", replies_end_with=b"\r\n", within=within)
