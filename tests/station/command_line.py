"""The command line in this process and in others, as people and scripts use it."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from _pytest.capture import CaptureFixture

from station.faces.cli.commands import Commands

Captured = CaptureFixture[str]
PROGRAM = [sys.executable, "-c", "from station.faces.cli import main; main()"]


class Said(NamedTuple):
    """An exit code, and what stood on stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return orjson.loads(self.out)


def station(capsys: Captured, *arguments: str | Path) -> Said:
    """Carry out a command line in this process."""
    capsys.readouterr()
    code = Commands.run([str(each) for each in arguments])
    return Said(code, *capsys.readouterr())


def process(*arguments: str | Path, **environment: str) -> "subprocess.Popen[str]":
    """Start a command line in a process of its own; nobody has a terminal there."""
    return subprocess.Popen(
        [*PROGRAM, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def finished(started: "subprocess.Popen[str]", within: float = 30.0) -> Said:
    """Wait for a process to end."""
    with started:
        out, err = started.communicate(timeout=within)
    return Said(started.returncode, out, err)
