"""The pen: a file of lines that one thread writes, so that a slow or full disk holds up nobody; it turns pages by itself."""

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Self

PAGE = 8 * 2**20
"""Bytes of one file; the next line begins a new one."""
PAGES = 5
"""Files that are kept, the one that is written included: the oldest goes when a new one begins."""
WAITING = 10_000
"""Lines that wait for a slow disk; those that come after them are dropped and counted."""
PATIENCE = 2.0
"""Seconds that `close` waits for a disk that takes nothing."""


class Pen:
    """Writes lines into `path`; older ones are in `path.1`, `path.2`... `put` takes a microsecond and never raises."""

    def __init__(
        self, path: Path, page: int = PAGE, pages: int = PAGES, notice: Callable[[int], bytes] | None = None
    ) -> None:
        self._path, self._page, self._pages, self._notice = path, page, pages, notice
        self._lines: deque[bytes] = deque()
        self._more, self._closing = Event(), False
        self.dropped = 0
        """Lines that are nowhere: the disk did not take them, or not soon enough."""
        self._told = 0
        self._fd = -1
        self._size = 0
        self._thread = Thread(target=self._serve, name="log", daemon=True)
        self._thread.start()

    def put(self, line: bytes) -> None:
        """Write a line, its end included, some time soon."""
        if len(self._lines) >= WAITING:
            self.dropped += 1
            return
        self._lines.append(line)
        if not self._more.is_set():
            self._more.set()

    @property
    def waiting(self) -> int:
        """Lines that are not in the file yet."""
        return len(self._lines)

    def close(self) -> None:
        """Write what waits, as far as the disk takes it within PATIENCE."""
        self._closing = True
        self._more.set()
        self._thread.join(PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _serve(self) -> None:
        while not self._closing or self._lines:
            self._more.wait()
            self._more.clear()
            while self._lines:
                self._write([self._lines.popleft() for _ in range(min(len(self._lines), 256))])
        if self._fd >= 0:
            os.close(self._fd)

    def _write(self, lines: list[bytes]) -> None:
        if self._notice is not None and self.dropped > self._told:
            lines.insert(0, self._notice(self.dropped - self._told))
        content = b"".join(lines)
        try:
            if self._fd < 0 or self._size + len(content) > self._page:
                self._turn(len(content))
            written = os.write(self._fd, content)
            self._size += written
            if written < len(content):  # the disk is full now: what is half written is ended with the next line
                raise OSError("no room for all of it")
            self._told = self.dropped
        except OSError:
            self.dropped += len(lines) - (1 if self.dropped > self._told and self._notice is not None else 0)

    def _turn(self, coming: int) -> None:
        """Open the file, or begin a new one where this is full."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
        with suppress(FileNotFoundError):
            size = self._path.stat().st_size
            if size and size + coming > self._page:
                for number in range(self._pages - 1, 0, -1):
                    with suppress(FileNotFoundError):
                        page(self._path, number - 1).replace(page(self._path, number))
        self._fd = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        self._size = os.fstat(self._fd).st_size


def page(path: Path, number: int) -> Path:
    """The file that was written so many files ago."""
    return path.with_name(f"{path.name}.{number}") if number else path


def old_pages(path: Path) -> list[Path]:
    """The files before the one that is written, the oldest first."""
    found = [each for each in path.parent.glob(f"{path.name}.*") if each.suffix[1:].isdigit()]
    return sorted(found, key=lambda each: -int(each.suffix[1:]))
