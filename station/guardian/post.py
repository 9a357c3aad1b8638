"""The post: where a guardian of its own unit waits for its daemon, a socket in the data folder; and serving there."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from station.guardian.deeds import folder_of
from station.guardian.guardian import Guardian

FILE = "guardian.sock"


@contextmanager
def _spelled(data: Path) -> Iterator[str]:
    """The socket's address: by way of the folder's descriptor, as a path of a socket may have 107 bytes only."""
    descriptor = os.open(folder_of(data), os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{FILE}"
    finally:
        os.close(descriptor)


def called(data: Path) -> socket.socket | None:
    """A connection to the guardian that waits there; None where none does."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.settimeout(0.2)
        with _spelled(data) as address:
            sock.connect(address)
        sock.settimeout(0)
    except OSError:
        sock.close()
        return None
    return sock


async def serve(data: Path, waiting: Callable[[], None]) -> None:
    """Guard one daemon after the other until SIGTERM or SIGINT, which wait while something is armed. Raises OSError.

    `waiting` is called once a daemon can find it.
    """
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, told.set)
    with await loop.run_in_executor(None, _listening, data) as listening:
        waiting()
        while not told.is_set():
            sock = await _caller(listening, told)
            if sock is None:
                break
            guardian = Guardian(data)
            guarding = loop.create_task(guardian.guard(sock), name="guard")
            ending = loop.create_task(told.wait(), name="told to end")
            await asyncio.wait({guarding, ending}, return_when=asyncio.FIRST_COMPLETED)
            while not guarding.done() and guardian.armed:
                await asyncio.wait({guarding}, timeout=0.1)
            for task in (guarding, ending):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


async def _caller(listening: socket.socket, told: asyncio.Event) -> socket.socket | None:
    """Who calls next; None where it is told to end first."""
    loop = asyncio.get_running_loop()
    calls = loop.create_task(loop.sock_accept(listening), name="accept")
    ending = loop.create_task(told.wait(), name="told to end")
    await asyncio.wait({calls, ending}, return_when=asyncio.FIRST_COMPLETED)
    for task in (calls, ending):
        task.cancel()
    with suppress(asyncio.CancelledError):
        return (await calls)[0]
    return None


def _listening(data: Path) -> socket.socket:
    if (other := called(data)) is not None:
        other.close()
        raise OSError(f"another guardian waits at {data / 'guardian' / FILE}")
    (folder_of(data) / FILE).unlink(missing_ok=True)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.settimeout(0)
    with _spelled(data) as address:
        sock.bind(address)
    (folder_of(data) / FILE).chmod(0o600)
    sock.listen(4)
    return sock
