"""The consoles of a page: its files and its commands as one bash script, and what came of each command.

A fence ```console holds commands behind `$ ` and what they print; `# exit 1` behind a command is the exit code that it
should have. A fence with title="NAME" is a file. Pages that say so work in a copy of the clone, the others in an empty folder.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IN_A_CLONE = "<!-- the commands of this page run in a copy of the clone -->"
COPIED = ("drivers", "fixtures", "sequences", "sim", "station", "tests", "pyproject.toml")
DEADLINE = 45.0
"""Seconds that a page has; pytest gives its test a little more."""
_FENCE = re.compile(
    r"^```(?P<kind>[a-z]+)(?: title=\"(?P<title>[^\"]+)\")?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL
)
_CODE = re.compile(r"\s+# exit (?P<code>[0-9]+)$")
_MARK = "\x1e"
_VARIES = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}|[0-9]+(?:\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Command:
    """One command as the page shows it: its line there, the exit code and the lines of output that it promises."""

    line: int
    text: str
    code: int
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A file that the page tells its reader to save."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a command."""

    command: Command
    code: int
    output: str

    @property
    def missing(self) -> list[str]:
        """The promised lines that the output does not have, in their order; numbers may differ, `...` stands for any."""
        said = iter([_plain(line) for line in self.output.splitlines()])
        promised = [line for line in self.command.shown if _plain(line) not in {"", "..."}]
        return [line for line in promised if not any(_plain(line) == each for each in said)][:1]


def parts(text: str) -> Iterator[Command | File]:
    """The files and the commands of a page, in order."""
    for fence in _FENCE.finditer(text):
        if fence["title"]:
            yield File(fence["title"], fence["body"])
        elif fence["kind"] == "console":
            yield from _commands(fence["body"], text.count("\n", 0, fence.start("body")) + 1)


def run(text: str, folder: Path) -> list[Ran]:
    """Carry a page out in an empty folder, in one shell; each command with what came of it."""
    home, place = folder / "home", folder / "here"
    home.mkdir()
    place.mkdir()
    env = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": str(ROOT),
    }
    if IN_A_CLONE in text:
        for name in COPIED:
            source = ROOT / name
            copied = shutil.copytree if source.is_dir() else shutil.copy2
            copied(source, place / name)
        env["PYTHONPATH"] = str(place)
    page = list(parts(text))
    said = _shell(_script(page), place, env).split(_MARK)
    outcomes = [each.partition("\n") for each in said[1:]]
    outputs = [said[0], *(rest for _, _, rest in outcomes)]
    commands = [each for each in page if isinstance(each, Command)]
    return [Ran(each, int(code), out) for each, (code, _, _), out in zip(commands, outcomes, outputs, strict=False)]


def _commands(body: str, first: int) -> Iterator[Command]:
    lines = body.splitlines()
    starts = [at for at, line in enumerate(lines) if line.startswith("$ ")]
    for start, stop in zip(starts, [*starts[1:], len(lines)], strict=True):
        end = start + 1
        while lines[end - 1].endswith("\\"):
            end += 1
        command = "\n".join([lines[start][2:], *lines[start + 1 : end]])
        code = _CODE.search(command)
        yield Command(first + start, command, int(code["code"]) if code else 0, tuple(lines[end:stop]))


def _script(page: list[Command | File]) -> str:
    lines = ["exec 2>&1", "trap 'kill $(jobs -p) 2>/dev/null' EXIT"]
    for number, each in enumerate(page):
        if isinstance(each, File):
            lines.append(f"mkdir -p \"$(dirname '{each.name}')\"; cat > '{each.name}' <<'END{number}'")
            lines.append(f"{each.text}END{number}")
        else:
            lines += [each.text, f"printf '{_MARK}%s\\n' $?"]
    return "\n".join(lines) + "\n"


def _shell(script: str, place: Path, env: dict[str, str]) -> str:
    bash = shutil.which("bash") or "bash"
    with subprocess.Popen(
        [bash, "-c", script], cwd=place, env=env, text=True, stdout=subprocess.PIPE, start_new_session=True
    ) as shell:
        try:
            return shell.communicate(timeout=DEADLINE)[0]
        except subprocess.TimeoutExpired:
            os.killpg(shell.pid, signal.SIGKILL)
            return shell.communicate()[0]


def _plain(line: str) -> str:
    """A line without what varies: blanks and numbers."""
    return " ".join(_VARIES.sub("0", line).split())
