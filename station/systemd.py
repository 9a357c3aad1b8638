"""systemd: told that the line is ready, how it is, and that it lives, by datagrams that never hold anything up.

The protocol is sd_notify(3). Outside systemd there is no socket to tell, and nothing happens.
"""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Self

_MOST = 400
"""Characters of a status."""


class Systemd:
    """The other end of $NOTIFY_SOCKET. `watchdog` is the seconds after which a silent process is killed; 0: never."""

    def __init__(self, place: str = "", watchdog: float = 0.0) -> None:
        self.watchdog = watchdog
        self.fed: float | None = None
        """When the watchdog was fed last, in the loop's time; None where there is none."""
        # A name that begins with @ is in the abstract namespace; anything else but a path is nothing of sd_notify's.
        self._place = f"\0{place[1:]}" if place.startswith("@") else place if place.startswith("/") else ""
        self._socket: socket.socket | None = None
        if self._place:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.settimeout(0.0)

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """The one that began this process, if one did; a watchdog that was meant for another process is not ours."""
        microseconds = environ.get("WATCHDOG_USEC", "")
        ours = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        watchdog = int(microseconds) / 1e6 if microseconds.isascii() and microseconds.isdigit() and ours else 0.0
        return cls(environ.get("NOTIFY_SOCKET", ""), watchdog)

    def ready(self, status: str) -> None:
        """The line serves; also after a reload."""
        self._tell("READY=1", _status(status))

    def status(self, text: str) -> None:
        """What `systemctl status` shows."""
        self._tell(_status(text))

    def reloading(self) -> None:
        """The configuration is being read again; `ready` ends it."""
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000  # systemd's clock, and no time of ours
        self._tell("RELOADING=1", f"MONOTONIC_USEC={now}")

    def stopping(self, status: str) -> None:
        """The line ends: it drains, or makes safe and leaves."""
        self._tell("STOPPING=1", _status(status))

    async def feed(self, alive: Callable[[], bool]) -> None:
        """Feed the watchdog, twice as often as it wants, while `alive()`; until cancelled.

        A loop that is held up feeds nothing, nor does one whose work makes no progress: then systemd kills the process,
        and the guardian, which is left alone, makes the bench safe.
        """
        starved = False
        while self._socket is not None and self.watchdog:
            if alive():
                self.fed = asyncio.get_running_loop().time()
                self._tell("WATCHDOG=1", *([_status("makes progress again")] if starved else []))
                starved = False
            elif not starved:
                self.status("makes no progress: the watchdog is not fed any more")
                starved = True
            await asyncio.sleep(self.watchdog / 2)

    def close(self) -> None:
        """Tell nothing any more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _tell(self, *lines: str) -> None:
        if self._socket is not None:
            with suppress(OSError):  # it is full or gone: whoever waits for us there would not be helped by our waiting
                self._socket.sendto("\n".join(lines).encode(), self._place)


def _status(text: str) -> str:
    """One line, of what is printable: a status can quote what somebody scanned."""
    return "STATUS=" + "".join(each if each.isprintable() else " " for each in text[:_MOST])
