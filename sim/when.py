"""When a fault is there: from a moment on, until another, and again and again."""

import math
import re
from decimal import Decimal
from typing import NamedTuple

_TIME = re.compile(r"(\d+(?:\.\d+)?)([smh])", re.ASCII)
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
_WHEN = re.compile(r"(?P<at>[^-/]*)(?:-(?P<until>[^-/]*)(?:/(?P<every>[^-/]*))?)?")
OFTEN = 0.1
"""Seconds: the least EVERY. What comes more often than that is there all the time, to a meter that integrates."""
ALLOWED = (
    "a time is a number and s, m or h, for example @30s, @30s-32s (from, until) or @30s-32s/10m (again every 10 m)"
)


class When(NamedTuple):
    """Seconds after the world began: it strikes `at`, is gone `until`, and comes again `every`; infinite where it never does."""

    at: float = 0.0
    until: float = math.inf
    every: float = math.inf

    def __str__(self) -> str:
        """As it is written after the @."""
        text = _written(self.at)
        text += f"-{_written(self.until)}" if math.isfinite(self.until) else ""
        return text + (f"/{_written(self.every)}" if math.isfinite(self.every) else "")

    def strikes(self, time: int) -> float:
        """When it strikes for the `time`-th time, from 0; counted from the first, so that nothing adds up."""
        return self.at + time * self.every if time else self.at

    def ends(self, time: int) -> float:
        """When it is gone after that; infinite where it stays."""
        return self.until + time * self.every if time else self.until

    @property
    def lasts(self) -> float:
        """Seconds that it is there each time."""
        return self.until - self.at


def read(text: str) -> When:
    """The moments that are written behind an @. Raises ValueError with what would be allowed."""
    written = _WHEN.fullmatch(text)
    if not written:
        raise ValueError(ALLOWED)
    when = When(*(_seconds(each) for each in written.groups() if each is not None))
    if when.until <= when.at:
        raise ValueError(f"it is gone ({written['until']}) before it has struck ({written['at']}): FROM-UNTIL")
    if math.isfinite(when.until) and when.every <= when.lasts:
        raise ValueError(
            f"it lasts {_written(when.lasts)}: EVERY must be longer than that, for example {_longer(when)}"
        )
    if when.every < OFTEN:
        raise ValueError(f"EVERY is at least {_written(OFTEN)}")
    return when


def _longer(when: When) -> str:
    return f"{_written(when.at)}-{_written(when.until)}/{_written(max(OFTEN, 10.0 * when.lasts))}"


def _seconds(text: str) -> float:
    time = _TIME.fullmatch(text)
    seconds = float(time[1]) * _SECONDS[time[2]] if time else math.inf
    if not math.isfinite(seconds):
        raise ValueError(f"{text!r} is no time: {ALLOWED}" if text else ALLOWED)
    return seconds


def _written(seconds: float) -> str:
    text = format(Decimal(repr(seconds)), "f")
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text}s"
