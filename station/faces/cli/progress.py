"""Progress: what is going on, on a terminal as a bar, elsewhere as a line now and then."""

import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Self

from station.trace import Event, Found, Measured, Prompted, RunEnded, RunStarted, StepEnded, StepStarted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

MARKS = {"PASSED": "ok", "FAILED": "FAILED", "ERROR": "ERROR", "ABORTED": "ABORTED", "SKIPPED": "skipped"}


def plain(text: str) -> str:
    """Text with its control characters shown, so that no terminal obeys them."""
    return "".join(each if each.isprintable() or each == "\n" else ascii(each)[1:-1] for each in text)


def say(text: str) -> None:
    """A line for people: they read stderr, machines read stdout."""
    print(plain(text), file=sys.stderr, flush=True)


def spoken(name: str) -> str:
    """A step's name as a sentence."""
    return name.replace("_", " ")


class ShowProgress:
    """A listener on the traces of some runs. Use it as a context manager; `listener(slot)` gives a run's own."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bars: Progress | None = None

    def __enter__(self) -> Self:
        if not self._quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            console = Console(stderr=True, highlight=False)
            columns = (
                TextColumn("{task.fields[slot]}", style="bold"), BarColumn(24), MofNCompleteColumn(),
                TextColumn("{task.description}", markup=False), TimeElapsedColumn(),
            )  # fmt: skip
            self._bars = Progress(*columns, console=console)
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def listener(self, slot: str) -> Callable[[Event], None]:
        """What one run's events are told to."""
        return _OneRun(slot, self._bars, quiet=self._quiet)


class _OneRun:
    def __init__(self, slot: str, bars: "Progress | None", *, quiet: bool) -> None:
        self._slot, self._bars, self._quiet = slot, bars, quiet
        self._bar: TaskID | None = None
        self._taken = 0

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                if self._bars is not None:
                    self._bar = self._bars.add_task("", total=len(event.steps), slot=self._slot)
            case StepStarted():
                self._taken = 0
                self._describe(spoken(event.step))
            case Measured():
                self._taken += 1
                if self._taken % 50 == 0:
                    self._describe(f"{spoken(event.step)}: {self._taken}")
            case Prompted():
                self._line(f">>> {event.text}")
            case Found():
                self._line(f"    {event.text}")
            case StepEnded():
                self._ended(event)
            case RunEnded() if self._bars is not None and self._bar is not None:
                self._bars.update(self._bar, description=event.verdict)
            case _:
                pass

    def _ended(self, event: StepEnded) -> None:
        if self._bars is not None and self._bar is not None:
            self._bars.advance(self._bar)
        elif not self._quiet and event.verdict != "SKIPPED":
            why = f": {event.reason}" if event.reason else ""
            say(f"{self._slot}  {event.at:9.3f} s  {MARKS[event.verdict]:8} {spoken(event.step)}{why}")

    def _describe(self, text: str) -> None:
        if self._bars is not None and self._bar is not None:
            self._bars.update(self._bar, description=text)

    def _line(self, text: str) -> None:
        if self._bars is not None:
            self._bars.console.print(f"{self._slot}  {text}", markup=False)
        else:
            say(f"{self._slot}  {text}")
