"""The program: which version of it this is, as records say it."""

from importlib.metadata import version
from typing import Final

VERSION: Final = version("rackproof")
"""Read when it is imported: it stands in a file, and no loop waits for it."""
