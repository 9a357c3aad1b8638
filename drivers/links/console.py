"""A console wire: the lines that a person types. Nothing is sent to it; prompts are a face's business."""

import errno
import os
import stat
from dataclasses import dataclass

from drivers.links.descriptor import DescriptorWire, Port


class ConsoleWire(DescriptorWire):
    """The standard input (or another descriptor), read without blocking; its end closes the wire."""

    def __init__(self, source: int = 0) -> None:
        super().__init__()
        self._source = source

    async def _connect(self) -> Port:
        if os.isatty(self._source):
            # A second description of the terminal: O_NONBLOCK on the shared one would break the output and the shell.
            return _Opened(os.open(os.ttyname(self._source), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
        mode = os.fstat(self._source).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            raise OSError(errno.ENOTTY, "nobody can answer here: the standard input is neither a terminal nor a pipe")
        copy = os.dup(self._source)
        try:
            os.set_blocking(copy, False)
        except OSError:
            os.close(copy)
            raise
        return _Opened(copy)

    async def send(self, data: bytes) -> None:
        """Raise OSError: a person is prompted on a screen, not through this wire."""
        raise OSError(errno.EBADF, f"a console takes no commands, so not {data!r} either")


@dataclass(frozen=True, slots=True)
class _Opened:
    fd: int

    def fileno(self) -> int:
        return self.fd

    def close(self) -> None:
        os.close(self.fd)
