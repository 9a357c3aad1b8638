"""The pen: whatever the disk does, who writes a line goes on at once; what is kept is bounded, what is lost is counted."""

import os
import threading
from pathlib import Path

import pytest

from station import pen
from station.pen import Pen, old_pages


def test_lines_come_in_order_and_old_pages_go(tmp_path: Path) -> None:
    """A file no bigger than a page, so many of them, and the newest lines are those that are kept."""
    file = tmp_path / "a.log"
    with Pen(file, page=1000, pages=3) as written:
        for number in range(1000):
            written.put(b"%09d\n" % number)
            while number % 100 == 0 and written.waiting:
                pass
    files = [*old_pages(file), file]
    assert ["a.log.2", "a.log.1", "a.log"] == [each.name for each in files]
    assert all(each.stat().st_size <= 1000 + 10 * 256 for each in files)
    kept = [int(line) for each in files for line in each.read_bytes().splitlines()]
    assert (list(range(1000 - len(kept), 1000)), 0) == (kept, written.dropped)


def test_a_pen_goes_on_where_the_last_one_ended(tmp_path: Path) -> None:
    """A restart neither begins a new page nor forgets how full this one is."""
    for text in (b"one\n", b"two\n"):
        with Pen(tmp_path / "a.log") as written:
            written.put(text)
    assert b"one\ntwo\n" == (tmp_path / "a.log").read_bytes()


def test_a_full_disk_costs_lines_that_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And once it takes lines again, it says how many there would have been."""
    write, full = os.write, True

    def maybe(fd: int, content: bytes) -> int:
        if full:
            raise OSError(28, "no space left on device")
        return write(fd, content)

    monkeypatch.setattr(os, "write", maybe)
    with Pen(tmp_path / "a.log", notice=lambda count: b"%d dropped\n" % count) as written:
        for _ in range(3):
            written.put(b"lost\n")
            while written.waiting:
                pass
        while written.dropped < 3:
            pass
        full = False
        written.put(b"kept\n")
    assert (b"3 dropped\nkept\n", 3) == ((tmp_path / "a.log").read_bytes(), written.dropped)


def test_a_disk_that_hangs_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many lines wait for it, the others are dropped and counted; closing does not wait for ever."""
    write, go_on = os.write, threading.Event()
    monkeypatch.setattr(pen, "WAITING", 100)
    monkeypatch.setattr(pen, "PATIENCE", 0.05)

    def hang(fd: int, content: bytes) -> int:
        go_on.wait()
        return write(fd, content)

    monkeypatch.setattr(os, "write", hang)
    written = Pen(tmp_path / "a.log")
    written.put(b"first\n")
    while written.waiting:
        pass
    for _ in range(300):
        written.put(b"more\n")
    assert (100, 200) == (written.waiting, written.dropped)
    written.close()
    go_on.set()
    written._thread.join(10)
    assert not written._thread.is_alive()
