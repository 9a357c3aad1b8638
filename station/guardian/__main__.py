"""`python -m station.guardian FD DATA`: a guardian that a daemon has begun, at the other end of a descriptor."""

import asyncio
import os
import signal
import socket
import sys
from pathlib import Path

from station.guardian.guardian import Guardian


def main(descriptor: str, data: str) -> None:
    """Guard one daemon. A signal to the whole group must not end it before the daemon has left."""
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    asyncio.run(_guard(socket.socket(fileno=int(descriptor)), Path(data)))
    os._exit(0)  # a driver's library may be stuck in a thread of its own, for which nobody waits


async def _guard(sock: socket.socket, data: Path) -> None:
    sock.settimeout(0)
    await Guardian(data).guard(sock)


if __name__ == "__main__":
    main(*sys.argv[1:3])
