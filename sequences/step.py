"""Steps: sentences of a test procedure, as async functions that ask for what they need."""

import inspect
from collections.abc import Awaitable, Callable
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


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step. Its parameters are what it asks for: `take`, the fixture (by its class), a role or anything else the
    fixture has (by name), and in a loop `item`.

    `needs` are steps that must have passed, else this one is SKIPPED. `timeout` is in seconds.
    """

    name: str
    doc: str
    body: Body
    measurements: tuple[Measurement, ...]
    timeout: float
    retry: Retry = ONCE
    needs: tuple["Step", ...] = ()
    asks: tuple[tuple[str, Any], ...] = field(default=())

    @property
    def title(self) -> str:
        """The step's name as a sentence."""
        return self.name.replace("_", " ")


def step(
    *measurements: Measurement, timeout: float, retry: Retry = ONCE, needs: tuple[Step, ...] = ()
) -> Callable[[Body], Step]:
    """Declare an async function as a step that takes `measurements`, all of them."""
    if not timeout > 0:
        raise ValueError(f"a timeout is more than 0 seconds, not {timeout}")

    def declare(body: Body) -> Step:
        if not inspect.iscoroutinefunction(body):
            raise TypeError(f"{body.__name__} is not an async function")
        asks = tuple((name, each.annotation) for name, each in inspect.signature(body).parameters.items())
        doc = inspect.cleandoc(body.__doc__ or "")
        return Step(body.__name__, doc, body, measurements, timeout, retry, needs, asks)

    return declare
