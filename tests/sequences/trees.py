"""Random harness nets for tests: trees of wires whose leaves are pins, and what lies between their nodes."""

from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from sequences.cabling.netlist import Netlist, Wire

Draw = st.DrawFn


def drawn(wires: Iterable[Wire], more_pins: Iterable[str] = ()) -> Netlist:
    """A netlist of some wires; a node with a dot is a pin."""
    listed = tuple(wires)
    pins = dict.fromkeys([*(end for wire in listed for end in (wire.a, wire.b) if "." in end), *more_pins])
    return Netlist(tuple(pins), listed, {}, {})


def wire(name: str, a: str, b: str, metres: float | None = 1.0, gauge: str | None = "24 AWG") -> Wire:
    """A wire of 24 AWG, a metre long."""
    return Wire(name, a, b, gauge, metres)


@st.composite
def trees(draw: Draw, most: int = 6) -> Netlist:
    """One net: joints that hang together as a tree, and at each as many pins as make it a joint of three or more."""
    joints = draw(st.integers(1, most))
    above = [draw(st.integers(0, at - 1)) for at in range(1, joints)]
    ends = [(f"S{parent}", f"S{at}") for at, parent in enumerate(above, start=1)]
    for at in range(joints):
        inner = sum(at in (parent, child) for child, parent in enumerate(above, start=1))
        legs = max(3 - inner, 0) + draw(st.integers(0, 1))
        ends += [(f"S{at}", f"J{draw(st.integers(1, 3))}.{at}_{leg}") for leg in range(legs)]
    lengths = st.floats(0.3, 5.0)
    turned = [draw(st.booleans()) for _ in ends]
    return drawn(
        wire(f"W{n}", *(pair[::-1] if back else pair), metres=round(draw(lengths), 3))
        for n, (pair, back) in enumerate(zip(ends, turned, strict=True), start=1)
    )


def without(netlist: Netlist, *names: str) -> dict[str, frozenset[str]]:
    """Each pin, and the pins that still hang together with it when some wires are taken out."""
    found: dict[str, frozenset[str]] = {}
    for pin in netlist.pins:
        reached = ways(netlist, pin, {name: 0.0 for name in netlist.wires if name not in names})
        found[pin] = frozenset(each for each in reached if each in netlist.pins)
    return found


def ways(netlist: Netlist, start: str, ohms: Mapping[str, float]) -> dict[str, float]:
    """What lies between a node and every other that wires with a value join to it; for trees."""
    found, todo = {start: 0.0}, [start]
    while todo:
        at = todo.pop()
        for each in netlist.drawn_wires_at(at):
            if each.name in ohms and each.other(at) not in found:
                found[each.other(at)] = found[at] + ohms[each.name]
                todo.append(each.other(at))
    return found
