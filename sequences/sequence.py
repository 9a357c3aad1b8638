"""Sequences: steps in an order, as data."""

import hashlib
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, runtime_checkable

from sequences.claim import Claim
from sequences.measurement import Measurement
from sequences.step import Step


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """Steps that are run once for each item that `over` finds in the product's structure, or `times` times.

    A step that asks for `item` is given the item, or the turn's number from 0. The steps' names carry it: `name[item]`.

    With `resumes` the turns stand on their own: one whose steps have all passed need not be done again when the run was
    interrupted after it.
    """

    steps: tuple[Step, ...]
    over: Callable[[Any], Iterable[str]] | None = None
    times: int = 0
    resumes: bool = False

    def items(self, structure: Any) -> tuple[str, ...]:  # noqa: ANN401 (each family brings its own structure)
        """What the loop goes over, in order."""
        return tuple(self.over(structure)) if self.over else tuple(str(turn) for turn in range(self.times))


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Setup, main, cleanup. When a setup step does not pass, main is skipped; cleanup runs on every path but an abort.

    An error in one cleanup step does not stop the next.
    """

    name: str
    main: tuple["Node", ...]
    setup: tuple["Node", ...] = ()
    cleanup: tuple["Node", ...] = ()


Node = Step | Loop | Group


@dataclass(frozen=True, slots=True)
class Pause:
    """Seconds between two stages of making safe: what was heated cools before the pumps may stop.

    What comes after it waits for the roles in `needs`: while their instruments are not confirmed safe it is left as it is. A
    pump that runs is the safe state of a loop whose heater may be on.
    """

    seconds: float
    needs: tuple[str, ...] = ()


SafeOrder = tuple[tuple[str, ...] | Pause, ...]
"""Stages of roles, in the order in which their instruments are made safe, and the pauses between them."""


class Fixture(Protocol):
    """What steps ask for: the wiring of one unit to several instruments, made for one run from the roles of a slot."""

    SAFE_ORDER: ClassVar[SafeOrder]
    """How the bench is made safe."""

    async def rest(self) -> None:
        """Leave shared instruments as if this fixture were not there: called before another slot may have them."""
        ...


@runtime_checkable
class Keeping(Protocol):
    """A fixture whose unit may still be a danger when its run ends."""

    def kept(self) -> Mapping[str, str]:
        """The roles whose instruments are left as they are when the bench is made safe, and why: a lamp that warns stays lit."""
        ...


@runtime_checkable
class Resting(Protocol):
    """A fixture that can measure whether its unit and its bench are at rest, after a process died that knew how it left them."""

    def doubt(self) -> None:
        """Take it that the unit is charged, hot, under pressure: what warns of it is `kept` until `rests` finds nothing."""
        ...

    async def rests(self) -> Iterable[str]:
        """What is not at rest, as sentences: asked after the bench was made safe, while nothing is energised. Raises
        InstrumentError where that cannot be measured.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A whole test: the fixture class that its steps ask for, and the group of its steps."""

    name: str
    title: str
    fixture: type[Fixture]
    steps: Group
    learns: bool = False
    """It judges no unit, it learns from one: a structure that nobody has confirmed is no obstacle."""
    catches: tuple[Claim, ...] = ()
    """What it claims to catch; `station prove` holds it to that."""

    def every_step(self) -> Iterator[Step]:
        """Each declared step once, in order."""
        return _steps((self.steps,))

    @property
    def resumes(self) -> bool:
        """Whether anything of an interrupted run counts when it is gone on with."""
        return any(each.earns for each in self.every_step()) or any(each.resumes for each in self.loops())

    def loops(self) -> Iterator[Loop]:
        """Each loop, in order."""
        return _loops((self.steps,))

    def measurements(self) -> tuple[Measurement, ...]:
        """Each declared measurement once, in the order in which it is first taken."""
        return tuple(dict.fromkeys(each for step in self.every_step() for each in step.measurements))

    @property
    def digest(self) -> str:
        """A fingerprint of the sequence's own source: 16 hexadecimal digits."""
        source = "\0".join(inspect.getsource(each.body) for each in self.every_step())
        return hashlib.blake2b(source.encode(), digest_size=8).hexdigest()


def _loops(nodes: Iterable[Node]) -> Iterator[Loop]:
    for node in nodes:
        match node:
            case Loop():
                yield node
            case Group():
                yield from _loops((*node.setup, *node.main, *node.cleanup))
            case _:
                pass


def _steps(nodes: Iterable[Node]) -> Iterator[Step]:
    for node in nodes:
        match node:
            case Step():
                yield node
            case Loop():
                yield from node.steps
            case Group():
                yield from _steps((*node.setup, *node.main, *node.cleanup))
