"""What the drawing of a slot's unit and jig tells about where a fault can sit and be seen."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from sim.cable.harness import pins
from sim.cable.spec import CableSlot, Strand
from sim.spec import WorldSpec


def nets(ends: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Nodes that are joined by `ends`, directly or not, with the name of their net: one of its nodes."""
    root: dict[str, str] = {}

    def find(node: str) -> str:
        root.setdefault(node, node)
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for a, b in ends:
        root[find(b)] = find(a)
    return {node: find(node) for node in root}


class Drawing:
    """One slot as drawn, on its bench."""

    def __init__(self, slot: CableSlot, spec: WorldSpec) -> None:
        self.slot, self.jig, self.unit, self.spec = slot, slot.jig, slot.unit, spec
        self.strands = {each.name: each for each in self.unit.strands}
        self.connectors = {name: pins(self.unit, name) for name in self.unit.connectors}
        self._connector = {pin: name for name, every in self.connectors.items() for pin in every}

    @cached_property
    def _net(self) -> dict[str, str]:
        return nets((each.a, each.b) for each in self.unit.strands)

    @cached_property
    def _near(self) -> dict[str, list[Strand]]:
        near: dict[str, list[Strand]] = defaultdict(list)
        for each in self.unit.strands:
            near[each.a].append(each)
            near[each.b].append(each)
        return near

    @cached_property
    def wires(self) -> dict[str, Strand]:
        """Strands that are neither shields nor contacts nor jumpers, and whose net ends on the jig."""
        return {
            name: each for name, each in self._seen.items() if each.length and not each.shield and not self.jumps(each)
        }

    @cached_property
    def shields(self) -> dict[str, Strand]:
        """Shields whose net ends on the jig."""
        return {name: each for name, each in self._seen.items() if each.length and each.shield}

    @cached_property
    def _seen(self) -> dict[str, Strand]:
        probed = {self.net(pin) for pin in self.jig.points}
        return {name: each for name, each in self.strands.items() if self.net(each.a) in probed}

    def net(self, node: str) -> str:
        """The net of a node; a pin that is wired to nothing is a net of its own."""
        return self._net.get(node, node)

    def connector(self, pin: str) -> str | None:
        """The connector of a pin."""
        return self._connector.get(pin)

    def jumps(self, strand: Strand) -> bool:
        """Whether both ends sit in one connector."""
        return self.connector(strand.a) is not None and self.connector(strand.a) == self.connector(strand.b)

    def is_free(self, pin: str) -> bool:
        """Whether the drawing leaves a pin empty."""
        return pin not in self._near

    def carries(self, strand: Strand) -> bool:
        """Whether a current between two points of the jig can flow through the strand."""
        return all(self._probed(self._reach(end, strand)) for end in (strand.a, strand.b))

    @cached_property
    def severing(self) -> dict[str, Strand]:
        """Strands that join two points of the jig which nothing else joins."""
        return {
            name: each
            for name, each in self._seen.items()
            if self.carries(each) and each.b not in self._reach(each.a, each)
        }

    def mirrored(self, connector: str) -> bool:
        """Whether the netlist changes when the connector is wired the wrong way round."""
        there = dict(zip(self.connectors[connector], reversed(self.connectors[connector]), strict=True))
        turned = nets((there.get(each.a, each.a), there.get(each.b, each.b)) for each in self.unit.strands)
        return self._partition(self._net) != self._partition(turned)

    def _partition(self, net: dict[str, str]) -> set[frozenset[str]]:
        groups: dict[str, list[str]] = defaultdict(list)
        for pin in self.jig.points:
            groups[net.get(pin, pin)].append(pin)
        return {frozenset(group) for group in groups.values()}

    def _reach(self, start: str, without: Strand) -> dict[str, None]:
        reached, rim = {start: None}, [start]
        while rim:
            for other in self._beyond(rim.pop(), without):
                if other not in reached:
                    reached[other] = None
                    rim.append(other)
        return reached

    def _beyond(self, node: str, without: Strand) -> Iterator[str]:
        for each in self._near[node]:
            if each is not without:
                yield each.b if each.a == node else each.a

    def _probed(self, nodes: Iterable[str]) -> bool:
        return any(node in self.jig.points for node in nodes)
