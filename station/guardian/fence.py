"""The fence: the daemon is ended before its bench is taken, so that it switches nothing on again and lets go of its links."""

import asyncio
import os
import select
import signal
import socket
import struct
from contextlib import suppress
from typing import Self

_CREDENTIALS = struct.Struct("3i")
ENDS_WITHIN = 1.0
"""Seconds in which a killed process lets go of all it has."""


def _tell(gone: "asyncio.Future[None]") -> None:
    if not gone.done():
        gone.set_result(None)


class Peer:
    """A process, held so that its number cannot become another's."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle: int | None = None
        with suppress(ProcessLookupError):
            self._handle = os.pidfd_open(self.pid)

    @classmethod
    def at(cls, sock: socket.socket) -> Self:
        """The one at the other end of a Unix socket."""
        credentials = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
        return cls(_CREDENTIALS.unpack(credentials)[0])

    @property
    def ended(self) -> bool:
        """Whether it has."""
        return self._handle is None or bool(select.select([self._handle], [], [], 0)[0])

    async def kill(self) -> str:
        """Kill it, and wait until it has let go; how it ended, in words."""
        if self._handle is None or self.ended:
            return f"the daemon, pid {self.pid}, had ended"
        try:
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)
        except ProcessLookupError:
            return f"the daemon, pid {self.pid}, had ended"
        except OSError as error:
            return f"the daemon, pid {self.pid}, could not be killed: {error.strerror}"
        ended = await self.wait(ENDS_WITHIN)
        return f"the daemon, pid {self.pid}, was killed{'' if ended else ', and does not end'}"

    async def wait(self, within: float) -> bool:
        """Wait until it has ended; whether it has."""
        if self._handle is None:
            return True
        loop = asyncio.get_running_loop()
        gone = loop.create_future()
        loop.add_reader(self._handle, _tell, gone)
        try:
            async with asyncio.timeout(within):
                await gone
        except TimeoutError:
            return False
        finally:
            loop.remove_reader(self._handle)
        return True

    def close(self) -> None:
        """Let go of it. Idempotent."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
