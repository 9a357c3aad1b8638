"""Crossings: what wrong wiring explains the connections that were found. Pure: a drawing and a partition in, findings out.

A swap shows as two opens and two shorts; a repair person needs it as one sentence. The trick is to look at one connector at
a time: if every group of pins that hang together is known by its pins at the other connectors, then what arrives at
this connector is a permutation of what should, and its cycles are the mistakes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sequences.cabling.netlist import Net, Netlist
from sequences.cabling.places import connector_of, spoken
from sequences.finding import Finding


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is explained: the findings, the pins that need no other explanation, and the pairs of nets mixed up."""

    findings: tuple[Finding, ...]
    pins: frozenset[str]
    crossed: frozenset[frozenset[int]]


def explain(netlist: Netlist, groups: Sequence[frozenset[str]]) -> Explanation:
    """Explain groups of joined pins by wires that land at wrong pins of one connector, for each connector that can.

    `groups` cover the pins of every net that is not as drawn; a pin that is joined to nothing is a group of its own.
    """
    findings: list[Finding] = []
    done: set[str] = set()
    crossed: set[frozenset[int]] = set()
    connectors = list(dict.fromkeys(connector_of(pin) for pin in netlist.pins))
    for connector in sorted(connectors, key=lambda each: _strangeness(netlist, each, groups)):
        moves = {
            was: now
            for was, now in _moves(netlist, connector, groups).items()
            if was not in done and now not in done and was != now
        }
        if not moves:
            continue
        named = _name_cycles(netlist, connector, moves)
        findings += named
        touched = {*moves, *moves.values()}
        if named[0].cause == "reversed":
            touched |= {pin for pin in netlist.pins if connector_of(pin) == connector}
        nets = [netlist.net_of[pin] for pin in touched]
        crossed |= {frozenset((a, b)) for a in nets for b in nets if a != b}
        done |= {pin for at in nets for pin in netlist.nets[at].pins}
    return Explanation(tuple(findings), frozenset(done), frozenset(crossed))


def _anchor(netlist: Netlist, connector: str, group: Iterable[str]) -> int | None:
    """The one drawn net to which a group's pins away from `connector` belong; None when there is none, or more than one."""
    nets = {netlist.net_of[pin] for pin in group if connector_of(pin) != connector}
    return nets.pop() if len(nets) == 1 else None


def _moves(netlist: Netlist, connector: str, groups: Sequence[frozenset[str]]) -> dict[str, str]:
    """Pins of `connector` whose wire arrives at another pin: where it should, and where it does."""
    moves: dict[str, str] = {}
    mirror = _mirror(netlist, connector)
    for group in groups:
        at = _anchor(netlist, connector, group)
        if at is None:
            continue
        drawn = [pin for pin in netlist.nets[at].pins if connector_of(pin) == connector]
        found = [pin for pin in netlist.pins if pin in group and connector_of(pin) == connector]
        away = [pin for pin in drawn if pin not in group]
        here = [pin for pin in found if netlist.net_of[pin] != at]
        # Within one net any pairing is as true as another; the one that makes a mirror says more.
        mirrored = [mirror[pin] for pin in away]
        moves.update(zip(away, mirrored if set(mirrored) == set(here) else here, strict=False))
    return moves


def _mirror(netlist: Netlist, connector: str) -> dict[str, str]:
    """Each pin of a connector to the one where its wire is when the connector is the wrong way round."""
    pins = [pin for pin in netlist.pins if connector_of(pin) == connector]
    return dict(zip(pins, reversed(pins), strict=True))


def _strangeness(netlist: Netlist, connector: str, groups: Sequence[frozenset[str]]) -> tuple[int, int]:
    """How badly a mistake at `connector` alone explains the groups: fewer groups with no anchor first, later connectors first."""
    crossings = [group for group in groups if len({netlist.net_of[pin] for pin in group}) > 1]
    unexplained = sum(_anchor(netlist, connector, group) is None for group in crossings)
    moves = _moves(netlist, connector, groups)
    closed = sum(now not in moves and len(netlist.nets[netlist.net_of[now]].pins) > 1 for now in moves.values())
    order = list(dict.fromkeys(connector_of(pin) for pin in netlist.pins)).index(connector)
    return unexplained + closed + (0 if moves else len(groups)), -order


def _name_cycles(netlist: Netlist, connector: str, moves: Mapping[str, str]) -> list[Finding]:
    if _is_mirrored(netlist, connector, moves):
        text = f"{connector} is reversed: its first wire is at its last pin, and so on ({len(moves)} wires)"
        return [Finding("reversed", connector, text, 0.98, (connector,))]
    cycles = _cycles(moves)
    swaps = {tuple(cycle) for cycle in cycles if len(cycle) == 2 and moves.get(cycle[1]) == cycle[0]}
    findings = []
    for pair, other, first, second in _swapped_pairs(netlist, swaps):
        swaps -= {first, second}
        pins = ", ".join(spoken(pin) for pin in sorted({*first, *second}, key=netlist.pins.index))
        text = f"pairs {pair} and {other} are swapped at {connector} ({pins})"
        marks = (*netlist.pairs[pair], *netlist.pairs[other])
        findings.append(Finding("swap-pair", f"{pair}+{other}", text, 0.98, marks))
    for cycle in cycles:
        names = [_wire_at(netlist, pin) for pin in cycle]
        closed = moves.get(cycle[-1]) == cycle[0]
        if closed and len(cycle) == 2:
            if tuple(cycle) not in swaps:
                continue
            names.sort(key=list(netlist.wires).index)
            text = f"{names[0]} and {names[1]} are swapped at {connector} ({spoken(cycle[0])} and {spoken(cycle[1])})"
            findings.append(Finding("swap", "+".join(names), text, 0.98, tuple(names)))
        elif closed:
            way = ", ".join(f"{name} is at {spoken(moves[pin])}" for name, pin in zip(names, cycle, strict=True))
            text = f"{len(names)} wires have changed places at {connector}: {way}"
            findings.append(Finding("miswire", "+".join(names), text, 0.95, tuple(names)))
        else:
            findings += [
                Finding(
                    "miswire",
                    f"{name}+{moves[pin]}",
                    f"{name} is at {spoken(moves[pin])} and belongs at {spoken(pin)}",
                    0.97,
                    (name, moves[pin]),
                )
                for name, pin in zip(names, cycle, strict=True)
            ]
    return findings


def _is_mirrored(netlist: Netlist, connector: str, moves: Mapping[str, str]) -> bool:
    """Whether the moves are a mirror, and all that can be told of the connector's wires that lead elsewhere."""
    mirror = _mirror(netlist, connector)
    return len(moves) >= 3 and all(mirror[was] == now for was, now in moves.items()) and len(moves) >= len(mirror) // 2


def _cycles(moves: Mapping[str, str]) -> list[list[str]]:
    """Chains of moves: each pin's wire is where the next one's should be; a chain that closes is a cycle."""
    todo, cycles = dict(moves), list[list[str]]()
    arrivals = set(moves.values())
    for start in [*(pin for pin in moves if pin not in arrivals), *moves]:
        chain, at = list[str](), start
        while at in todo:
            chain.append(at)
            at = todo.pop(at)
        if chain:
            cycles.append(chain)
    return cycles


def _swapped_pairs(
    netlist: Netlist, swaps: Iterable[tuple[str, ...]]
) -> list[tuple[str, str, tuple[str, ...], tuple[str, ...]]]:
    """Two swaps that exchange the two wires of one twisted pair with those of another, in order."""
    by_wires = {frozenset(_wire_at(netlist, pin) for pin in swap): swap for swap in swaps}
    names, found = list(netlist.pairs), []
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            both = [
                by_wires.get(frozenset(each)) for each in zip(netlist.pairs[one], netlist.pairs[other], strict=True)
            ]
            if both[0] and both[1]:
                found.append((one, other, both[0], both[1]))
    return found


def _wire_at(netlist: Netlist, pin: str) -> str:
    """The wire that should end at a pin; the pin itself where none should."""
    wires = netlist.drawn_wires_at(pin)
    return wires[0].name if wires else pin


def pieces(groups: Sequence[frozenset[str]], net: Net) -> list[list[str]]:
    """A net's pins as the pieces in which they were found, the largest first."""
    found = [[pin for pin in net.pins if pin in group] for group in groups]
    return sorted((piece for piece in found if piece), key=len, reverse=True)
