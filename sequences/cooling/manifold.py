"""A manifold as its product file writes it: its volume, its test pressure, and its branches with their resistance."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from sequences.cooling.resistance import Curve
from sequences.family import Problem

STRICT = {"extra": "forbid", "strict": True, "use_attribute_docstrings": True}
_NAME = re.compile(r"[a-z][a-z0-9]{0,15}")
HEADER = "header"
"""What the headers and everything that is joined to them for good are called."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One branch: where it ends, and what it resists to air."""

    __pydantic_config__: ClassVar[Any] = STRICT
    ends: str
    """The quick disconnect at its end: qd1, ..."""
    a: float
    """Pa/(l/min)^2: the part of its drop that grows with the flow's square."""
    b: float
    """Pa/(l/min): the part that grows with the flow."""

    @property
    def curve(self) -> Curve:
        """Its nominal drop."""
        return Curve(self.a, self.b)


@dataclass(frozen=True)
class Manifold:
    """The structure of a manifold."""

    __pydantic_config__: ClassVar[Any] = STRICT
    volume: float
    """Litres within headers and branches."""
    pressure: float
    """Pascals, absolute, at which its leaks are stated and tested."""
    flows: list[float]
    """Litres of air per minute at which each branch's drop is measured, the least first."""
    branches: dict[str, Branch]
    """The branches by name, in order."""

    @cached_property
    def disconnects(self) -> tuple[str, ...]:
        """The quick disconnects, in the order of the branches."""
        return tuple(each.ends for each in self.branches.values())

    @cached_property
    def points(self) -> tuple[str, ...]:
        """Every branch at every flow: `branch1@5`."""
        return tuple(f"{name}@{flow:g}" for name in self.branches for flow in self.flows)

    @cached_property
    def nominal_drops(self) -> dict[str, float]:
        """Pascals at each of `points`."""
        return {
            f"{name}@{flow:g}": each.curve.drop(flow) for name, each in self.branches.items() for flow in self.flows
        }

    def problems(self) -> list[Problem]:
        """Everything that the types cannot say, all at once."""
        found: list[Problem] = []
        for key, value, low, high in (
            ("volume", self.volume, 0.01, 100.0),
            ("pressure", self.pressure, 150_000.0, 900_000.0),
        ):
            if not low <= value <= high:
                found.append(((key,), f"found {value:g}; allowed: {low:g} to {high:g}"))
        if len(self.flows) < 3 or list(self.flows) != sorted(set(self.flows)):
            found.append((("flows",), "three or more flows, each greater than the one before"))
        found += [
            (("flows", at), f"found {flow:g}; allowed: 0.1 to 200")
            for at, flow in enumerate(self.flows)
            if not 0.1 <= flow <= 200.0
        ]
        return found + self._odd_branches()

    def lacks(self, point: str) -> str:
        """What the structure must say for a point to have a nominal value: it says all."""
        return "" if point in self.nominal_drops or not point else f"there is no {point}"

    def _odd_branches(self) -> list[Problem]:
        found: list[Problem] = []
        taken: set[str] = set()
        if not self.branches:
            found.append((("branches",), "a manifold has at least one branch"))
        for name, branch in self.branches.items():
            if not _NAME.fullmatch(name) or name == HEADER:
                found.append((("branches", name), f"{name!r} is no branch's name: small letters and digits"))
            if not _NAME.fullmatch(branch.ends) or branch.ends == HEADER:
                found.append((("branches", name, "ends"), f"{branch.ends!r} is no disconnect's name"))
            if branch.ends in taken:
                found.append((("branches", name, "ends"), f"{branch.ends} ends another branch already"))
            taken.add(branch.ends)
            for key, value in (("a", branch.a), ("b", branch.b)):
                if not 0.0 < value <= 1e6:
                    found.append((("branches", name, key), f"found {value:g}; allowed: more than 0, up to 1e6"))
        return found
