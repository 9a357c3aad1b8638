"""Resistors between numbered nodes, and what an ohmmeter sees of them.

Whatever hangs together is an island. Two nodes of an island without loops are answered by walking its tree; everything
else by removing the inner nodes one by one (star-mesh), which only ever adds and multiplies conductances, so 50 Mohm in
series with 1 mohm costs no digits.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from typing import NamedTuple

NOTHING = 1e-9
"""Ohms below which a resistor counts as a piece of metal."""


class Resistor(NamedTuple):
    """Between nodes `a` and `b`: `copper` ohms at 20 degrees Celsius, which warm up, and `fixed` ohms, which do not."""

    a: int
    b: int
    copper: float
    fixed: float

    def ohms(self, warmth: float) -> float:
        """Resistance when copper has `warmth` times its resistance at 20 degrees Celsius."""
        return max(self.copper * warmth + self.fixed, NOTHING)


class _Branch(NamedTuple):
    """The way from a node towards the root of its tree, with the sums of all resistors up to the root."""

    parent: int
    depth: int
    copper: float
    fixed: float


@dataclass(frozen=True)
class Island:
    """Nodes that hang together."""

    nodes: tuple[int, ...]
    resistors: tuple[Resistor, ...]

    @cached_property
    def _tree(self) -> dict[int, _Branch] | None:
        """Each node's branch; None when the island has loops."""
        if len(self.resistors) != len(self.nodes) - 1:
            return None
        near: dict[int, list[Resistor]] = defaultdict(list)
        for each in self.resistors:
            near[each.a].append(each)
            near[each.b].append(each)
        root = self.nodes[0]
        tree = {root: _Branch(root, 0, 0.0, 0.0)}
        rim = [root]
        while rim:
            node = rim.pop()
            here = tree[node]
            for each in near[node]:
                other = each.b if each.a == node else each.a
                if other not in tree:
                    tree[other] = _Branch(node, here.depth + 1, here.copper + each.copper, here.fixed + each.fixed)
                    rim.append(other)
        return tree

    def ohms(self, high: Iterable[int], low: Iterable[int], warmth: float) -> float:
        """Resistance between the nodes `high`, tied together, and the nodes `low`, tied together."""
        highs, lows = tuple(high), tuple(low)
        tree = self._tree
        if tree is not None and len(highs) == 1 and len(lows) == 1:
            return _along(tree, highs[0], lows[0], warmth)
        return between(self.resistors, highs, lows, warmth)


def _along(tree: dict[int, _Branch], a: int, b: int, warmth: float) -> float:
    left, right = tree[a], tree[b]
    copper, fixed = left.copper + right.copper, left.fixed + right.fixed
    while a != b:
        if left.depth >= right.depth:
            a = left.parent
            left = tree[a]
        else:
            b = right.parent
            right = tree[b]
    return (copper - 2.0 * left.copper) * warmth + fixed - 2.0 * left.fixed


def between(resistors: Iterable[Resistor], high: Iterable[int], low: Iterable[int], warmth: float) -> float:
    """Ohms between two groups of nodes, each tied together; `inf` when nothing joins them, 0 when they share a node."""
    tied = dict.fromkeys(high, -1)
    for node in low:
        if tied.get(node) == -1:
            return 0.0
        tied[node] = -2
    mesh: dict[int, dict[int, float]] = defaultdict(dict)
    for each in resistors:
        a, b = tied.get(each.a, each.a), tied.get(each.b, each.b)
        if a != b:
            siemens = mesh[a].get(b, 0.0) + 1.0 / each.ohms(warmth)
            mesh[a][b] = mesh[b][a] = siemens
    _reduce(mesh)
    siemens = mesh.get(-1, {}).get(-2, 0.0)
    return 1.0 / siemens if siemens else float("inf")


def _reduce(mesh: dict[int, dict[int, float]]) -> None:
    """Remove every node but the two terminals (which are negative), the least connected first."""
    queue = [(len(rays), node) for node, rays in mesh.items() if node >= 0]
    heapify(queue)
    while queue:
        degree, node = heappop(queue)
        rays = mesh[node]
        if degree != len(rays):
            heappush(queue, (len(rays), node))
            continue
        del mesh[node]
        total = sum(rays.values())
        ends = tuple(rays.items())
        for other, _ in ends:
            del mesh[other][node]
        for index, (one, siemens) in enumerate(ends):
            for other, further in ends[index + 1 :]:
                joined = mesh[one].get(other, 0.0) + siemens * further / total
                mesh[one][other] = mesh[other][one] = joined


class Network:
    """Nodes 0 to `size` - 1 and the resistors between them, sorted into islands."""

    def __init__(self, size: int, resistors: Iterable[Resistor]) -> None:
        every = tuple(resistors)
        root = list(range(size))

        def find(node: int) -> int:
            while root[node] != node:
                root[node] = root[root[node]]
                node = root[node]
            return node

        for each in every:
            a, b = find(each.a), find(each.b)
            root[max(a, b)] = min(a, b)
        self.island_of = [find(node) for node in range(size)]
        """Each node's island, named by the lowest node in it."""
        self._nodes: dict[int, list[int]] = defaultdict(list)
        for node, island in enumerate(self.island_of):
            self._nodes[island].append(node)
        self._resistors: dict[int, list[Resistor]] = defaultdict(list)
        for each in every:
            self._resistors[self.island_of[each.a]].append(each)
        self._islands: dict[int, Island] = {}

    def island(self, number: int) -> Island:
        """The island of that number."""
        if number not in self._islands:
            self._islands[number] = Island(tuple(self._nodes[number]), tuple(self._resistors[number]))
        return self._islands[number]
