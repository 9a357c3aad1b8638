"""Programs of others: skipped where they are absent, unless somebody has promised that they are there (as CI does)."""

import asyncio
import os
import shutil

import pytest

PROMISE = "RACKPROOF_STRANGERS"
"""Set to `required` where every stranger is installed: then an absent one is a failure."""


def absent(what: str) -> None:
    """End this test: a skip, or where strangers are promised a failure."""
    if os.environ.get(PROMISE) == "required":
        pytest.fail(f"{what} is absent, and {PROMISE} is set to required")
    pytest.skip(f"{what} is not installed")


def program(name: str) -> str:
    """The path of a program."""
    found = shutil.which(name)
    if found is None:
        absent(name)
    return str(found)


async def said_by(*words: str) -> str:
    """What a program says, on both of its outputs."""
    process = await asyncio.create_subprocess_exec(
        *words, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    async with asyncio.timeout(30):
        said, _ = await process.communicate()
    return said.decode(errors="replace")
