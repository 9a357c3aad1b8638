"""Steps: sentences of a test procedure, as async functions that ask for what they need."""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from sequences.measurement import Measurement
from sequences.verdict import Verdict

Body = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a step may be tried, and after which verdicts. Every attempt is recorded; the last one counts."""

    attempts: int
    after: tuple[Verdict, ...] = (Verdict.ERROR,)

    def __post_init__(self) -> None:
        if not 1 <= self.attempts <= 10:
            raise ValueError(f"a step has 1 to 10 attempts, not {self.attempts}")


ONCE = Retry(1)


@dataclass(frozen=True, slots=True)
class Earns:
    """A step whose soak counts although the run is interrupted in it, and resumed. It soaks once.

    `warms` are the seconds that a unit which has cooled down needs to be as warm as it was: at the beginning of each part of
    the soak so many are no soak, and count once only.
    """

    warms: float

    def of(self, parts: Iterable[float]) -> float:
        """Seconds that count of parts which lasted so long."""
        return sum(max(0.0, part - self.warms) for part in parts)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step. Its parameters are what it asks for: `take`, the fixture (by its class), a role or anything else the
    fixture has (by name), and in a loop `item`.

    `needs` are steps that must have passed, else this one is SKIPPED. `timeout` is in seconds. With `earns` its soak counts
    after an interruption.
    """

    name: str
    doc: str
    body: Body
    measurements: tuple[Measurement, ...]
    timeout: float
    retry: Retry = ONCE
    needs: tuple["Step", ...] = ()
    asks: tuple[tuple[str, Any], ...] = field(default=())
    earns: Earns | None = None

    @property
    def title(self) -> str:
        """The step's name as a sentence."""
        return self.name.replace("_", " ")


def step(
    *measurements: Measurement,
    timeout: float,
    retry: Retry = ONCE,
    needs: tuple[Step, ...] = (),
    earns: Earns | None = None,
) -> Callable[[Body], Step]:
    """Declare an async function as a step that takes `measurements`, all of them."""
    if not timeout > 0:
        raise ValueError(f"a timeout is more than 0 seconds, not {timeout}")

    def declare(body: Body) -> Step:
        if not inspect.iscoroutinefunction(body):
            raise TypeError(f"{body.__name__} is not an async function")
        asks = tuple((name, each.annotation) for name, each in inspect.signature(body).parameters.items())
        doc = inspect.cleandoc(body.__doc__ or "")
        return Step(body.__name__, doc, body, measurements, timeout, retry, needs, asks, earns)

    return declare
