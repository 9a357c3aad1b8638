"""A family of products: how its structure and its jigs are written down, and which fixture and sequences test it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from sequences.sequence import Sequence

Place = tuple[str | int, ...]
Problem = tuple[Place, str]
"""Where in the document, as keys and indices, and what is wrong there."""


CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Need:
    """The instruments that a slot names for one role: what each must be able to do, and how many.

    Where the slot names none, the first instrument of the role `otherwise` serves, or with CONSOLE the person at the terminal.
    """

    role: type
    count: int = 1
    otherwise: str = ""


class Structure(Protocol):
    """What a product's `[structure]` can say of itself."""

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        ...

    def lacks(self, point: str) -> str:
        """What the structure must say for a point to have a nominal value; empty when it says all."""
        ...


@runtime_checkable
class Mapped(Protocol):
    """A structure whose unit speaks by a map of registers."""

    @property
    def map(self) -> str:
        """The name of the map."""
        ...

    def spoken(self) -> Mapping[Place, str]:
        """Where the structure names a register of it, or a flag as REGISTER.FLAG."""
        ...


class Wiring(Protocol):
    """What a jig's `[wiring]` can say of itself."""

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        ...

    def needs(self) -> Mapping[str, Need]:
        """The instruments that a slot with this jig names, by role."""
        ...

    def misfits(self, structure: Any) -> list[str]:  # noqa: ANN401 (each family brings its own structure)
        """Why a product of that structure cannot be mated with this jig, as sentences; none when it can."""
        ...


@dataclass(frozen=True, slots=True)
class Family:
    """What a family brings: the types of a product's `[structure]` and of a jig's `[wiring]`, and its sequences.

    Both types are plain dataclasses, strictly read.
    """

    name: str
    structure: type[Structure]
    wiring: type[Wiring]
    sequences: tuple[Sequence, ...]
