"""The watch: who stands guard over a data folder. The lock is held while a slot is armed, and dies with its guardian."""

import asyncio
import fcntl
import json
import os
import signal
from contextlib import suppress
from pathlib import Path

from station.guardian.deeds import FOLDER, folder_of

FILE = "watch"
LOOK_AGAIN = 0.02
MARGIN = 2.0
"""Seconds that a guardian may need beyond its plan."""


class Watch:
    """The lock of a guardian; not held at first."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._descriptor = os.open(folder_of(data) / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def stand(self) -> bool:
        """Stand guard; False where another one does. It waits for no disk."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def tell(self, longest: float) -> None:
        """Say who stands guard, over what takes at most so many seconds to make safe."""
        with suppress(OSError):  # a full disk: the lock stands all the same
            file = os.open(self._data / FOLDER / FILE, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                os.pwrite(file, json.dumps({"pid": os.getpid(), "longest": longest}).ljust(80).encode(), 0)
            finally:
                os.close(file)

    def rest(self) -> None:
        """Nothing is armed any more."""
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


async def relieve(data: Path) -> bool:
    """Wait until an earlier guardian has made safe what it has armed; one that does not end in its time is killed.

    Whether there was one. Raises OSError where its folder cannot be used.
    """
    loop = asyncio.get_running_loop()
    watch = await loop.run_in_executor(None, Watch, data)
    began, found = loop.time(), False
    try:
        while not watch.stand():
            found = True
            pid, longest = await loop.run_in_executor(None, _other, data)
            if loop.time() > began + longest + MARGIN and pid:
                await loop.run_in_executor(None, _end, pid, data)
                began = loop.time()
            await asyncio.sleep(LOOK_AGAIN)
    finally:
        watch.close()
    return found


def _other(data: Path) -> tuple[int, float]:
    """Who stands guard, and for how long at most."""
    try:
        told = json.loads((folder_of(data) / FILE).read_bytes()[:200])
        return int(told["pid"]), min(float(told["longest"]), 2 * 24 * 3600.0)
    except (OSError, ValueError, TypeError, KeyError):
        return 0, 0.0


def _end(pid: int, data: Path) -> None:
    """Kill the one who holds the lock: it lives, so that number is its own."""
    with suppress(OSError):
        handle = os.pidfd_open(pid)
        try:
            watch = Watch(data)
            try:
                if not watch.stand() and _other(data)[0] == pid:
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
            finally:
                watch.close()
        finally:
            os.close(handle)
