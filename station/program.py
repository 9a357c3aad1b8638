"""The program: which version of it this is, as records say it."""

from datetime import date
from importlib.metadata import version
from typing import Final

VERSION: Final = version("rackproof")
"""Read when it is imported: it stands in a file, and no loop waits for it."""

RELEASED: Final = date(2026, 1, 1)
"""No clock that is right says an earlier day: the year of this version. One whose battery is dead begins decades before."""
