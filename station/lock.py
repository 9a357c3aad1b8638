"""A lock: a file that a process holds for as long as it lives. The kernel lets go of it when the process dies."""

import fcntl
import os
from pathlib import Path


def is_held(file: Path) -> bool:
    """Whether a process holds it; asking disturbs neither that one nor others who ask. Where there is no file, nobody does.

    Raises OSError for a file that cannot be opened.
    """
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
