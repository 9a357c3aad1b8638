"""A netlist: wires between pins and joints, the nets they form, and the paths that prove every wire."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sequences.cabling.copper import ohms_per_metre
from sequences.cabling.places import connector_of

if TYPE_CHECKING:
    from sequences.cabling.mesh import Mesh


@dataclass(frozen=True, slots=True)
class Wire:
    """One conductor from `a` to `b` (pins or joints); gauge and length are None where the drawing does not say."""

    name: str
    a: str
    b: str
    gauge: str | None
    length: float | None
    kind: str = "wire"

    @property
    def ohms(self) -> float | None:
        """Its resistance at 20 degrees Celsius; None where the drawing does not say. A mated contact has none to speak of."""
        if self.kind == "mate":
            return 0.0
        return None if self.gauge is None or self.length is None else ohms_per_metre(self.gauge) * self.length

    @property
    def is_jumper(self) -> bool:
        """Whether both ends are at one connector."""
        return "." in self.a and "." in self.b and connector_of(self.a) == connector_of(self.b)

    def other(self, end: str) -> str:
        """The end that is not `end`."""
        return self.b if end == self.a else self.a


WiresAt = Callable[[str], list[Wire]]


@dataclass(frozen=True, slots=True)
class Net:
    """Pins that are joined, in the drawing's order, and the wires that join them; an empty cavity is a net of its own."""

    name: str
    pins: tuple[str, ...]
    wires: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """Two pins between which a resistance is measured, and the wires that this proves; named by them: `W3`, `W5+W6`.

    Through joints the wires stand in their order from `a` to `b`; wires beside that way, in a loop, come after it.
    """

    name: str
    a: str
    b: str
    wires: tuple[str, ...]
    shield: bool


@dataclass(frozen=True)
class Netlist:
    """Everything that follows from a drawing. Order is the drawing's everywhere, so that runs repeat exactly."""

    pins: tuple[str, ...]
    drawn: tuple[Wire, ...]
    pairs: Mapping[str, tuple[str, str]]
    labels: Mapping[str, str]

    @cached_property
    def wires(self) -> dict[str, Wire]:
        """The wires by name."""
        return {wire.name: wire for wire in self.drawn}

    @cached_property
    def neighbours(self) -> dict[str, list[Wire]]:
        """The wires that end at each node."""
        found: dict[str, list[Wire]] = defaultdict(list)
        for wire in self.drawn:
            found[wire.a].append(wire)
            found[wire.b].append(wire)
        return found

    @cached_property
    def nets(self) -> tuple[Net, ...]:
        """The nets, in the order of their first pins."""
        nets, seen = [], set[str]()
        for pin in self.pins:
            if pin in seen:
                continue
            nodes, wires = self._reach(pin, self.drawn_wires_at)
            seen |= nodes
            names = tuple(wire.name for wire in self._in_order(wires))
            nets.append(
                Net("+".join(names[:3]) + ("+..." if len(names) > 3 else "") or pin, self._pins_of(nodes), names)
            )
        return tuple(nets)

    def drawn_wires_at(self, node: str) -> list[Wire]:
        """The wires that end at a node."""
        return self.neighbours.get(node, [])

    @cached_property
    def net_of(self) -> dict[str, int]:
        """The index of each pin's net."""
        return {pin: at for at, net in enumerate(self.nets) for pin in net.pins}

    @cached_property
    def net_with(self) -> dict[str, int]:
        """The index of each wire's net."""
        return {name: at for at, net in enumerate(self.nets) for name in net.wires}

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The measurements that together prove every wire: pin to pin directly, and through joints from a first pin."""
        found: dict[tuple[str, str], list[Wire]] = {}

        def add(a: str, b: str, wires: list[Wire]) -> None:
            found.setdefault((b, a) if (b, a) in found else (a, b), []).extend(wires)

        for wire in self.drawn:
            if wire.a in self._pin_place and wire.b in self._pin_place:
                add(wire.a, wire.b, [wire])
        for nodes in self._joints():
            first, *others = self._pins_of(nodes) or ("",)
            looped = self._looped(nodes)
            mesh = _odd_mesh(looped) if looped else None
            for pin in others:
                way = self._way(first, pin, nodes)
                beside = _carrying(mesh, first, pin, looped) if mesh else []
                add(first, pin, way + [wire for wire in beside if wire not in way])
        copper = ["+".join(wire.name for wire in wires if wire.kind != "mate") for wires in found.values()]
        uses = Counter(copper)
        return tuple(
            Path(
                name if name and uses[name] == 1 else "+".join(wire.name for wire in wires),
                a,
                b,
                tuple(wire.name for wire in wires),
                any(wire.kind == "shield" for wire in wires),
            )
            for name, ((a, b), wires) in zip(copper, found.items(), strict=True)
        )

    @cached_property
    def path(self) -> dict[str, Path]:
        """The paths by name."""
        return {path.name: path for path in self.paths}

    def blind_spots(self) -> dict[str, str]:
        """Wires that no measurement from the pins can prove: name to a sentence."""
        proven = {name for path in self.paths for name in path.wires}
        return {
            wire.name: f"no measurement reaches {wire.name}: "
            f"no current between two pins flows through it, from {wire.a} to {wire.b}"
            for wire in self.drawn
            if wire.name not in proven
        }

    def carrying(self, path: Path) -> list[Wire]:
        """The wires through which current flows between the path's pins: its own, and those beside it in a loop."""
        at = self.net_of[path.a]
        wires = self._wires_of(at)
        return _carrying(self._odd_meshes[at], path.a, path.b, wires) if at in self._odd_meshes else self._own(path)

    def nominal(self, path: Path) -> float | None:
        """Ohms at 20 degrees Celsius that the drawing promises between the path's pins, loops and all; None where it is silent."""
        at = self.net_of[path.a]
        if at in self._meshes:
            return self._meshes[at].ohms(path.a, path.b)
        wires = self.carrying(path)
        if any(wire.ohms is None for wire in wires):
            return None
        return _mesh(wires).ohms(path.a, path.b) if at in self._odd_meshes else sum(wire.ohms or 0.0 for wire in wires)

    @cached_property
    def _odd_meshes(self) -> "dict[int, Mesh]":
        """The nets with loops, every wire with a resistance of its own: no two alike, so that no bridge is in balance."""
        looped = {at: self._wires_of(at) for at in range(len(self.nets)) if _has_loops(self._wires_of(at))}
        return {at: _odd_mesh(wires) for at, wires in looped.items()}

    @cached_property
    def _meshes(self) -> "dict[int, Mesh]":
        """The nets with loops of which the drawing says all."""
        looped = {at: self._wires_of(at) for at in self._odd_meshes}
        return {at: _mesh(wires) for at, wires in looped.items() if all(wire.ohms is not None for wire in wires)}

    def _wires_of(self, net: int) -> list[Wire]:
        return [self.wires[name] for name in self.nets[net].wires]

    def _own(self, path: Path) -> list[Wire]:
        return [self.wires[name] for name in path.wires]

    def _pins_of(self, nodes: set[str]) -> tuple[str, ...]:
        place = self._pin_place
        return tuple(sorted((node for node in nodes if node in place), key=place.__getitem__))

    def _joints(self) -> list[set[str]]:
        """Each set of nodes that hang together through joints: the joints, and the pins around them."""
        reach, seen, found = self._pin_place, set[str](), list[set[str]]()
        for node in self.neighbours:
            if node in reach or node in seen:
                continue
            nodes, _ = self._reach(node, lambda at: [] if at in reach else self.drawn_wires_at(at))
            seen |= nodes - reach.keys()
            found.append(nodes)
        return found

    def _reach(self, start: str, wires_at: WiresAt) -> tuple[set[str], set[Wire]]:
        nodes, wires, todo = {start}, set[Wire](), [start]
        while todo:
            at = todo.pop()
            for wire in wires_at(at):
                wires.add(wire)
                other = wire.other(at)
                if other not in nodes:
                    nodes.add(other)
                    todo.append(other)
        return nodes, wires

    def _way(self, a: str, b: str, within: set[str]) -> list[Wire]:
        """The wires of the shortest way from `a` to `b` through joints."""
        came, todo = dict[str, Wire | None]({a: None}), [a]
        for at in todo:
            if at in self._pin_place and at != a:
                continue
            for wire in self._inner(at):
                other = wire.other(at)
                if other in within and other not in came:
                    came[other] = wire
                    todo.append(other)
        way: list[Wire] = []
        at, back = b, came[b]
        while back is not None:
            way.append(back)
            at = back.other(at)
            back = came[at]
        return way[::-1]

    def _looped(self, nodes: set[str]) -> list[Wire]:
        """All wires around a set of joints, if there is more than one way through them."""
        inner = {wire for node in nodes for wire in self._inner(node) if {wire.a, wire.b} <= nodes}
        wires = list(self._in_order(inner))
        return [] if len(wires) < len(nodes) else wires

    def _inner(self, node: str) -> list[Wire]:
        """The wires at a node that end at a joint."""
        reach = self._pin_place
        return [wire for wire in self.drawn_wires_at(node) if wire.a not in reach or wire.b not in reach]

    def _in_order(self, wires: set[Wire]) -> Iterable[Wire]:
        if len(wires) <= 1:
            return wires
        place = self._place
        return sorted(wires, key=lambda wire: place[wire.name])

    @cached_property
    def _place(self) -> dict[str, int]:
        return {wire.name: at for at, wire in enumerate(self.drawn)}

    @cached_property
    def _pin_place(self) -> dict[str, int]:
        return {pin: at for at, pin in enumerate(self.pins)}


def _has_loops(wires: list[Wire]) -> bool:
    return len(wires) > 1 and len(wires) >= len({end for wire in wires for end in (wire.a, wire.b)})


def _carrying(mesh: "Mesh", a: str, b: str, wires: list[Wire]) -> list[Wire]:
    """Those of `wires` that lie on any way from `a` to `b`."""
    return [wire for wire in wires if abs(mesh.volts(a, b, wire.a, wire.b)) > 1e-12]


def _odd_mesh(wires: list[Wire]) -> "Mesh":
    from sequences.cabling.mesh import Mesh  # numpy is needed for harnesses with loops only

    return Mesh((wire.a, wire.b, 1.0 + (at * 0.6180339887498949) % 1.0) for at, wire in enumerate(wires))


def _mesh(wires: list[Wire]) -> "Mesh":
    from sequences.cabling.mesh import Mesh

    return Mesh((wire.a, wire.b, wire.ohms or 0.0) for wire in wires)
