"""A lock is asked about by others than who holds it."""

import fcntl
import os
from pathlib import Path

import pytest

from station.lock import is_held


def test_a_lock_is_held_until_its_process_lets_go(tmp_path: Path) -> None:
    """Asking takes nothing from who holds it, and nothing from who wants it next."""
    file = tmp_path / "line.lock"
    assert not is_held(file)
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT)
    assert not is_held(file)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert [True, True] == [is_held(file), is_held(file)]
    os.close(descriptor)
    assert not is_held(file)


def test_what_is_no_lock_is_not_waited_for(tmp_path: Path) -> None:
    """A pipe that nobody writes is not held; a link to somewhere else is not followed."""
    os.mkfifo(tmp_path / "pipe")
    assert not is_held(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    with pytest.raises(OSError, match="symbolic"):
        is_held(tmp_path / "link")
