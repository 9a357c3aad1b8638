"""Death: an ordeal in a process of its own, which is killed as nothing can be caught."""

import os
import signal
import sys
from pathlib import Path

from station.ledger import bodies
from station.ordeal.disturbance import KILLS
from station.ordeal.ordeal import Ordeal
from station.ordeal.seen import Seen
from station.ordeal.stage import carry_out
from station.trace import Event


def die(ordeal: Ordeal, folder: Path) -> Seen | None:
    """Carry an ordeal out in a fork of this process, until it is killed; None when its run had ended before that.

    What was shown comes through a pipe, line by line, so that it outlives whoever has shown it. No other thread may hold a lock
    here: the fork would keep it for ever.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        _live(ordeal, folder, writer)
    os.close(writer)
    with open(reader, "rb") as pipe:  # noqa: PTH123 (a pipe has no path)
        lines = pipe.read().splitlines()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        shown = [_read(line) for line in lines]
        return Seen(shown=shown, struck=[(0.0, each) for each in ordeal.disturbances if each.kind in KILLS])
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"the process that was to be killed has ended by itself: {lines[-1:]!r}")
    return None


def _live(ordeal: Ordeal, folder: Path, writer: int) -> None:
    """In the child: never returns."""
    code = 1
    try:
        carry_out(ordeal, folder, lambda event: _say(writer, event))
        code = 0
    except BaseException as error:  # noqa: BLE001 (nothing of this process may run on in the child)
        os.write(writer, f"{type(error).__name__}: {error}\n".encode())
    finally:
        sys.stderr.flush()
        os._exit(code)


def _say(writer: int, event: Event) -> None:
    from asyncio import get_running_loop

    line = b"%.9f %s %s\n" % (get_running_loop().time(), type(event).__name__.encode(), bodies.encode(event))
    while line:
        line = line[os.write(writer, line) :]


def _read(line: bytes) -> tuple[float, Event]:
    at, kind, body = line.split(b" ", 2)
    return float(at), bodies.decode(kind.decode(), body)
