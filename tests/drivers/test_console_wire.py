"""The console wire: lines from a terminal, a pipe or a file, without blocking the loop."""

import asyncio
import os
from pathlib import Path

import pytest

from drivers.errors import LinkError
from drivers.links.console import ConsoleWire
from drivers.links.dialogue import LineLink


async def test_a_person_types_a_line() -> None:
    """What was typed before the prompt does not count; the terminal itself stays blocking for everybody else."""
    master, slave = os.openpty()
    os.set_blocking(master, False)
    try:
        link = LineLink("operator", ConsoleWire(slave), quiet=0.01)
        os.write(master, b"TOO EARLY\n")
        await link.open()
        link_hears = link.listen(within=1.0)
        os.write(master, b"BEFORE THE PROMPT\n")
        asyncio.get_running_loop().call_later(0.02, os.write, master, b"SN-1\n")
        assert "SN-1" == await link_hears
        assert os.get_blocking(slave)
        link.close()
    finally:
        os.close(master)
        os.close(slave)


async def test_the_end_of_a_pipe_closes_the_console() -> None:
    """Nobody is there to answer: an error, not an endless wait."""
    source, sink = os.pipe()
    try:
        link = LineLink("operator", ConsoleWire(source), quiet=0.01)
        await link.open()
        os.close(sink)
        with pytest.raises(LinkError, match="closed"):
            await link.listen()
        link.close()
    finally:
        os.close(source)


def test_a_file_is_no_person(tmp_path: Path) -> None:
    """A file can always be read, so everything in it came before the prompt."""
    path = tmp_path / "answers"
    path.write_bytes(b"SN-1\n")

    async def opens(source: int) -> None:
        await LineLink("operator", ConsoleWire(source)).open()

    with path.open("rb") as file, pytest.raises(LinkError):
        asyncio.run(opens(file.fileno()))


async def test_a_console_takes_no_commands() -> None:
    """Prompts are a face's business."""
    source, sink = os.pipe()
    try:
        wire = ConsoleWire(source)
        await wire.open()
        with pytest.raises(OSError, match="takes no commands"):
            await wire.send(b"hello")
        wire.close()
    finally:
        os.close(source)
        os.close(sink)


async def test_where_nobody_can_answer_it_says_so() -> None:
    """A run whose input is /dev/null has no operator; the loop's own message would not tell anybody that."""
    null = os.open(os.devnull, os.O_RDONLY)
    try:
        link = LineLink("operator", ConsoleWire(null), quiet=0.01)
        with pytest.raises(LinkError, match="neither a terminal nor a pipe"):
            await link.open()
    finally:
        os.close(null)
