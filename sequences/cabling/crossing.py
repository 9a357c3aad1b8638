"""Crossings: what wrong wiring explains the connections that were found. Pure: a drawing and a partition in, findings out.

A swap shows as two opens and two shorts; a repair person needs it as one sentence. A failing wire still begins somewhere: at
its far piece. What hangs on that piece at one connector, and should not, is where the wire has landed. So each connector
has its moves, and the cycles of its moves are the mistakes; the connector that explains most is asked first.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sequences.cabling.netlist import Netlist, Wire
from sequences.cabling.pieces import Pieces
from sequences.cabling.places import connector_of, spoken
from sequences.finding import Finding

MOST_BROKEN = 8
"""Of so many wires of a reversed connector at most one may be broken as well."""


@dataclass(frozen=True, slots=True)
class Move:
    """A wire that should be at pin `was` and is at pin `now` of the same connector."""

    wire: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is explained: the findings, the wires that need no other explanation, and the pairs of nets mixed up.

    `broken` are the failing wires that nothing explains: they are simply open.
    """

    findings: tuple[Finding, ...]
    wires: frozenset[str]
    crossed: frozenset[frozenset[int]]
    broken: tuple[Wire, ...]


def explain(netlist: Netlist, groups: Sequence[frozenset[str]]) -> Explanation:
    """Explain groups of joined pins by wires that land at wrong pins of one connector, for each connector that can.

    `groups` cover the pins of every net that is not as drawn; a pin that is joined to nothing is a group of its own.
    """
    findings, done, crossed = list[Finding](), set[str](), set[frozenset[int]]()
    connectors = list(dict.fromkeys(connector_of(pin) for pin in netlist.pins))
    seen = [Pieces(netlist, groups, suspect=each) for each in connectors]
    while True:
        asked = [(_moves(seen[at], each, done), at) for at, each in enumerate(connectors)]
        found = [(_is_mirrored(seen[at], connectors[at], moves), len(moves), at, moves) for moves, at in asked if moves]
        if not found:
            break
        mirrored, _, at, moves = max(found, key=lambda each: each[:3])
        findings += [_reversed(connectors[at], moves)] if mirrored else _name_cycles(netlist, connectors[at], moves)
        touched = {pin for move in moves for pin in (move.was, move.now)}
        moved = {move.wire for move in moves}
        if mirrored:
            lost = _lost(seen[at], connectors[at], moves)
            touched |= {pin for pin in netlist.pins if connector_of(pin) == connectors[at]}
            moved |= {wire.name for pin in touched for wire in netlist.drawn_wires_at(pin)} - lost
        # A wire that is followed by others through joints explains the whole path.
        done |= moved | {name for path in netlist.paths if not moved.isdisjoint(path.wires) for name in path.wires}
        nets = {netlist.net_of[pin] for pin in touched}
        crossed |= {frozenset((a, b)) for a in nets for b in nets if a != b}
    broken = tuple(wire for wire in Pieces(netlist, groups).failing if wire.name not in done)
    return Explanation(tuple(findings), frozenset(done), frozenset(crossed), broken)


def _moves(pieces: Pieces, connector: str, done: set[str]) -> list[Move]:
    """The moves at one connector of failing wires that are not explained yet."""
    away: dict[frozenset[str], list[tuple[Wire, str]]] = defaultdict(list)
    for wire in pieces.failing:
        ends = [end for end in (wire.a, wire.b) if connector_of(end) == connector]
        if len(ends) == 1 and wire.name not in done:
            begins = wire.b if ends[0] == wire.a else wire.a
            away[pieces.piece(begins)].append((wire, ends[0]))
    mirror, moves = _mirror(pieces.netlist, connector), list[Move]()
    for far, wires in away.items():
        here = [pin for pin in pieces.pins_with(next(iter(far))) if connector_of(pin) == connector and pin not in far]
        here = [pin for pin in here if _may_land(pieces, pin, done)]
        # Wires of one net are alike to a meter: any pairing is as true as another, and the mirrored one says more.
        mirrored = [mirror[was] for _, was in wires]
        landed = mirrored if set(mirrored) <= set(here) else here
        moves += [Move(wire.name, was, now) for (wire, was), now in zip(wires, landed, strict=False) if was != now]
    return moves


def _may_land(pieces: Pieces, pin: str, done: set[str]) -> bool:
    """Whether a wire may have landed at a pin: an empty cavity, one whose own wire is missing there, or a jumper's."""
    wires = pieces.netlist.drawn_wires_at(pin)
    missing = [wire for wire in wires if wire in pieces.failing and wire.name not in done]
    return not wires or bool(missing) or all(wire.is_jumper for wire in wires)


def _mirror(netlist: Netlist, connector: str) -> dict[str, str]:
    """Each pin of a connector to the one where its wire is when the connector is the wrong way round."""
    pins = [pin for pin in netlist.pins if connector_of(pin) == connector]
    return dict(zip(pins, reversed(pins), strict=True))


def _is_mirrored(pieces: Pieces, connector: str, moves: Sequence[Move]) -> bool:
    """Whether the wires that lead away from a connector are at the mirrored pins; two wires exchanged are a swap.

    A few of them may be nowhere, when they are broken as well.
    """
    mirror = _mirror(pieces.netlist, connector)
    moved, failing = {move.wire for move in moves}, {wire.name for wire in pieces.failing}
    leading = _leading(pieces.netlist, connector)
    swap = len(moves) == 2 and moves[0].was == moves[1].now and moves[0].now == moves[1].was
    all_seen = all(_is_unseen(pieces, name) for name in leading - moved - failing)
    few_lost = len(_lost(pieces, connector, moves)) * MOST_BROKEN <= len(leading)
    mirrored = all(mirror[move.was] == move.now for move in moves)
    return len(moves) >= 2 and not swap and all_seen and few_lost and mirrored


def _lost(pieces: Pieces, connector: str, moves: Sequence[Move]) -> set[str]:
    """The failing wires that lead away from a connector and were found at none of its pins."""
    failing = {wire.name for wire in pieces.failing}
    return _leading(pieces.netlist, connector) & failing - {move.wire for move in moves}


def _leading(netlist: Netlist, connector: str) -> set[str]:
    """The wires that lead away from a connector, from pins that a mirror would put into another net."""
    net_of = netlist.net_of
    ends = [was for was, now in _mirror(netlist, connector).items() if net_of[was] != net_of[now]]
    return {wire.name for end in ends for wire in netlist.drawn_wires_at(end) if not wire.is_jumper}


def _is_unseen(pieces: Pieces, name: str) -> bool:
    """Whether nothing is known of a wire yet: a shield that no group covers is measured later."""
    wire = pieces.netlist.wires[name]
    return wire.kind == "shield" and wire not in pieces.wires


def _reversed(connector: str, moves: Sequence[Move]) -> Finding:
    text = f"{connector} is reversed: its first wire is at its last pin, and so on ({len(moves)} wires)"
    return Finding("reversed", connector, text, 0.98, (connector,))


def _name_cycles(netlist: Netlist, connector: str, moves: Sequence[Move]) -> list[Finding]:
    order = list(netlist.wires).index
    cycles = _cycles(moves)
    swaps = [cycle for cycle in cycles if len(cycle) == 2 and _closes(cycle)]
    findings = []
    for one, other, parts in _swapped_pairs(netlist, swaps):
        for part in parts:
            cycles.remove(part)
        pins = ", ".join(spoken(pin) for pin in sorted((m.was for p in parts for m in p), key=netlist.pins.index))
        marks = (*netlist.pairs[one], *netlist.pairs[other])
        text = f"pairs {one} and {other} are swapped at {connector} ({pins})"
        findings.append(Finding("swap-pair", f"{one}+{other}", text, 0.98, marks))
    for cycle in cycles:
        names = sorted((move.wire for move in cycle), key=order)
        if len(cycle) == 2 and _closes(cycle):
            pins = " and ".join(spoken(pin) for pin in sorted((m.was for m in cycle), key=netlist.pins.index))
            text = f"{names[0]} and {names[1]} are swapped at {connector} ({pins})"
            findings.append(Finding("swap", "+".join(names), text, 0.98, tuple(names)))
        elif _closes(cycle):
            way = ", ".join(f"{move.wire} is at {spoken(move.now)}" for move in cycle)
            text = f"{len(names)} wires have changed places at {connector}: {way}"
            findings.append(Finding("miswire", "+".join(names), text, 0.95, tuple(names)))
        else:
            findings += [
                Finding(
                    "miswire",
                    f"{move.wire}+{move.now}",
                    f"{move.wire} is at {spoken(move.now)} and belongs at {spoken(move.was)}",
                    0.97,
                    (move.wire, move.now),
                )
                for move in cycle
            ]
    return findings


def _closes(cycle: Sequence[Move]) -> bool:
    return cycle[-1].now == cycle[0].was


def _cycles(moves: Sequence[Move]) -> list[list[Move]]:
    """Chains of moves: each wire is where the next one should be; a chain that closes is a cycle."""
    left, chains = list(moves), list[list[Move]]()
    arrivals = {move.now for move in moves}
    for start in [*(move for move in moves if move.was not in arrivals), *moves]:
        if start not in left:
            continue
        left.remove(start)
        chain = [start]
        while (after := next((move for move in left if move.was == chain[-1].now), None)) is not None:
            left.remove(after)
            chain.append(after)
        chains.append(chain)
    return chains


def _swapped_pairs(
    netlist: Netlist, swaps: Iterable[list[Move]]
) -> list[tuple[str, str, tuple[list[Move], list[Move]]]]:
    """Two swaps that exchange the two wires of one twisted pair with those of another, in order."""
    by_wires = {frozenset(move.wire for move in swap): swap for swap in swaps}
    names, found = list(netlist.pairs), []
    for at, one in enumerate(names):
        for other in names[at + 1 :]:
            first, second = (
                by_wires.get(frozenset(each)) for each in zip(netlist.pairs[one], netlist.pairs[other], strict=True)
            )
            if first is not None and second is not None:
                found.append((one, other, (first, second)))
    return found
