"""Pieces: what is left of a drawing when the wires that do not do their duty are taken out. Pure.

Groups of pins are measured; a wire whose two ends lie in different groups is failing. What the other wires hold together is
a piece, and a piece is where a failing wire should begin or end.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from sequences.cabling.netlist import Netlist, Wire
from sequences.cabling.places import connector_of


class Pieces:
    """A drawing seen in the light of groups of joined pins. Pins that no group covers are taken to be as drawn.

    Where wires follow each other through joints, any of them may be the failing one: with a `suspect` connector it is the
    one that ends there.
    """

    def __init__(self, netlist: Netlist, groups: Sequence[frozenset[str]], suspect: str = "") -> None:
        self.netlist = netlist
        self._suspect = suspect
        self._group = {pin: at for at, group in enumerate(groups) for pin in group}
        self._sizes = [len(group) for group in groups]
        self._nets = {netlist.net_of[pin] for pin in self._group}
        self._place_joints()

    def group(self, node: str) -> int | None:
        """The group in which a node was found."""
        return self._group.get(node)

    def pins_with(self, node: str) -> list[str]:
        """The pins that were found joined to a node, in the drawing's order."""
        at = self._group.get(node)
        return [pin for pin in self.netlist.pins if at is not None and self._group.get(pin) == at]

    @cached_property
    def wires(self) -> list[Wire]:
        """The wires of all nets that the groups cover."""
        return [self.netlist.wires[name] for at in sorted(self._nets) for name in self.netlist.nets[at].wires]

    @cached_property
    def failing(self) -> list[Wire]:
        """Wires whose ends were not found joined."""
        return [wire for wire in self.wires if self._group.get(wire.a) != self._group.get(wire.b)]

    @cached_property
    def _piece(self) -> dict[str, frozenset[str]]:
        bad = {wire.name for wire in self.failing}
        found: dict[str, frozenset[str]] = {}
        for start in (end for wire in self.wires for end in (wire.a, wire.b)):
            if start in found:
                continue
            nodes, todo = {start}, [start]
            while todo:
                at = todo.pop()
                for wire in self.netlist.drawn_wires_at(at):
                    other = wire.b if wire.a == at else wire.a
                    if wire.name not in bad and other not in nodes:
                        nodes.add(other)
                        todo.append(other)
            found |= dict.fromkeys(nodes, frozenset(nodes))
        return found

    def piece(self, node: str) -> frozenset[str]:
        """The nodes that good wires hold together with a node."""
        return self._piece.get(node, frozenset((node,)))

    def metres(self, piece: frozenset[str]) -> float | None:
        """The length of the good wires inside a piece; None where the drawing does not say."""
        bad = {wire.name for wire in self.failing}
        inside = [w for w in self.wires if w.name not in bad and w.a in piece and w.b in piece]
        lengths = [wire.length for wire in inside]
        return None if any(length is None for length in lengths) else sum(length or 0.0 for length in lengths)

    def _place_joints(self) -> None:
        """Give each joint the group that makes the fewest wires fail; the suspect connector's wires fail more easily."""
        reach = set(self.netlist.pins)
        for at in sorted(self._nets):
            net = self.netlist.nets[at]
            ends = [end for name in net.wires for end in (self.netlist.wires[name].a, self.netlist.wires[name].b)]
            groups = list(dict.fromkeys(self._group[pin] for pin in net.pins if pin in self._group))
            groups.sort(
                key=self._sizes.__getitem__, reverse=True
            )  # a pin joined to nothing has more likely lost its wire
            for joint in dict.fromkeys(end for end in ends if end not in reach):
                if joint not in self._group:
                    self._place_tree(joint, groups)

    def _place_tree(self, root: str, groups: Sequence[int]) -> None:
        """The cheapest groups of the joints that hang together with `root`, exactly, for a tree: from the leaves inwards."""
        below: dict[str, list[tuple[str, float]]] = {}
        order, came = [root], {root: ""}
        for joint in order:
            below[joint] = []
            for wire in self.netlist.drawn_wires_at(joint):
                end = wire.b if wire.a == joint else wire.a
                if end in came or end == came[joint]:
                    continue
                below[joint].append((end, self._weight(wire)))
                if end not in self._group:
                    came[end] = joint
                    order.append(end)
        costs: dict[str, dict[int, float]] = {}
        for joint in reversed(order):
            costs[joint] = {
                group: sum(min(self._costs_of(end, costs, group, weight).values()) for end, weight in below[joint])
                for group in groups
            }
        for joint in order:
            above = self._group.get(came[joint])
            known = next((w for end, w in below.get(came[joint], ()) if end == joint), 0.0)
            choices = {
                group: cost + (known if above not in {None, group} else 0.0) for group, cost in costs[joint].items()
            }
            self._group[joint] = min(choices, key=lambda group: choices[group])

    def _costs_of(
        self, end: str, costs: Mapping[str, Mapping[int, float]], group: int, weight: float
    ) -> dict[int, float]:
        """What each group of a neighbour costs, the wire to it included, when the joint itself is in `group`."""
        each = costs.get(end) or {self._group.get(end, group): 0.0}
        return {its: cost + (weight if its != group else 0.0) for its, cost in each.items()}

    def _weight(self, wire: Wire) -> float:
        return 0.25 if self._suspect in {connector_of(wire.a), connector_of(wire.b)} else 1.0
