"""Touching: every short circuit is found with few questions, and told by where it is."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.reading import Reading, State
from sequences.cabling.bound import bits
from sequences.cabling.clusters import Clusters
from sequences.cabling.netlist import Netlist, Wire
from sequences.cabling.touching import Touch, across, halves, locate, touching
from sequences.limits import at_least
from sim import clock
from tests.sequences.trees import drawn, ways, wire

LEAST = 5e6
EIGHT = drawn([wire(f"W{n}", f"J1.{n}", f"J2.{n}", 2.0) for n in range(1, 9)], ["J1.9", "J1.10"])
SPLICED = drawn(
    [
        wire("W1", "J1.1", "S1", 1.2),
        wire("W2", "S1", "J2.1", 0.8),
        wire("W3", "S1", "J3.1", 1.4),
        wire("W4", "J1.2", "J2.2", 2.0),
        Wire("SH1", "J1.3", "J2.3", "20 AWG", 2.0, "shield"),
    ]
)


@dataclass
class FakePanel:
    """Nets, some of which touch: `touches` are two wires, or pins, with metres from their a ends, and the ohms between."""

    netlist: Netlist
    touches: list[tuple[tuple[str, float], tuple[str, float], float]] = field(default_factory=list)
    pairs: dict[tuple[int, int], float] = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)
    asked: int = 0

    async def between(self, high: list[str], low: list[str]) -> Reading:
        """The least ohms between any two nets of the two sides."""
        self.asked += 1
        left, right = ({self.netlist.net_of[pin] for pin in side} for side in (high, low))
        found = [
            ohms for (a, b), ohms in self.pairs.items() if (a in left and b in right) or (b in left and a in right)
        ]
        if not found:
            return Reading(1e9, "ohm", 0.0, 0.0, "mux", State.AT_LEAST)
        return Reading(min(found), "ohm", 0.01 * min(found), 0.0, "mux")

    async def four_wire(self, a: str, b: str, expected: float | None = None) -> Reading:
        """The copper from one pin to the touch, through it, and on to the other."""
        for one, other, ohms in self.touches:
            for here, there in ((one, other), (other, one)):
                ways_a, ways_b = self._way(a, *here), self._way(b, *there)
                if ways_a is not None and ways_b is not None and ways_a + ohms + ways_b <= 1.2:
                    return Reading(ways_a + ohms + ways_b, "ohm", 1e-5, 0.0, "ohms")
        return Reading(float("nan"), "ohm", float("nan"), 0.0, "ohms", State.OVER_RANGE)

    def to_20_degrees(self, read: Reading) -> Reading:
        """It is 20 degrees."""
        return read

    def _way(self, pin: str, name: str, metres: float) -> float | None:
        """Ohms from a pin to a place; None where no copper leads there."""
        if name not in self.netlist.wires:
            ohms = {each.name: each.ohms or 0.0 for each in self.netlist.drawn}
            return ways(self.netlist, name, ohms).get(pin)
        at, reached = self.netlist.wires[name], dict[str, float]()
        rest = {each.name: each.ohms or 0.0 for each in self.netlist.drawn if each is not at}
        share = metres / (at.length or 1.0)
        for end, away in ((at.a, share), (at.b, 1 - share)):
            reached |= {node: way + away * (at.ohms or 0.0) for node, way in ways(self.netlist, end, rest).items()}
        return reached.get(pin)


def found(panel: FakePanel, count: int, clusters: Clusters | None = None) -> list[tuple[int, int]]:
    """Every touch that comes out of the groups that tell nets apart, as the isolation step asks for them."""
    clusters = clusters or Clusters()

    async def main() -> list[tuple[int, int]]:
        every, news = range(count), list[tuple[int, int]]()

        async def one(bit: int) -> bool:
            left, right = halves(every, bit, clusters)
            touches = await touching(panel, left, right, at_least(LEAST, "ohm"))  # type: ignore[arg-type]  # a fake
            new = [each.nets for each in touches if clusters.join(*each.nets)]
            news.extend(new)
            return bool(new)

        bad = [bit for bit in range(bits(count)) if (await across(panel, *halves(every, bit))).value < LEAST]  # type: ignore[arg-type]  # a fake
        more = any([await one(bit) for bit in bad])
        while more:
            more = any([await one(bit) for bit in range(bits(count))])
        return news

    return clock.run(main())


PAIRS = st.sets(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]), min_size=1, max_size=8
)


@given(PAIRS)
def test_all_that_touches_is_found(pairs: set[tuple[int, int]]) -> None:
    """However many: what is found hangs together exactly as what touches does, and nothing is told twice."""
    told = found(FakePanel(EIGHT, pairs=dict.fromkeys(sorted(pairs), 0.1)), 10)
    assert set(told) <= pairs
    assert clusters_of(pairs) == clusters_of(told)
    assert len(told) == sum(len(each) - 1 for each in clusters_of(pairs))


def clusters_of(pairs: set[tuple[int, int]] | list[tuple[int, int]]) -> set[frozenset[int]]:
    """What hangs together."""
    clusters = Clusters()
    for pair in pairs:
        clusters.join(*pair)
    every: dict[int, set[int]] = {}
    for net in {each for pair in pairs for each in pair}:
        every.setdefault(clusters.first(net), set()).add(net)
    return {frozenset(each) for each in every.values()}


@settings(max_examples=25)
@given(st.integers(2, 400), st.data())
def test_one_touch_among_many_nets_takes_few_questions(count: int, draws: st.DataObject) -> None:
    """A few for each binary digit of the nets' number: never pair by pair."""
    netlist = drawn([], [f"J1.{n}" for n in range(count)])
    one, other = draws.draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True))
    panel = FakePanel(netlist, pairs={(min(one, other), max(one, other)): 0.1})
    assert [(min(one, other), max(one, other))] == found(panel, count)
    assert panel.asked <= 8 * bits(count) + 4


@given(PAIRS)
def test_what_is_explained_already_is_neither_told_again_nor_in_the_way(pairs: set[tuple[int, int]]) -> None:
    """Nets that wrong wiring has mixed up go to one side whole; other touches are still found."""
    known, clusters = sorted(pairs)[:1], Clusters()
    for pair in known:
        clusters.join(*pair)
    told = found(FakePanel(EIGHT, pairs=dict.fromkeys(sorted(pairs), 0.1)), 10, clusters)
    assert known[0] not in told
    assert clusters_of(pairs) == clusters_of([*told, *known])


@given(st.integers(1, 64), PAIRS)
def test_any_two_nets_of_different_clusters_are_on_different_sides_once(
    count: int, pairs: set[tuple[int, int]]
) -> None:
    """That is what the groups are for; and a cluster is never divided."""
    clusters = Clusters()
    for pair in pairs:
        clusters.join(*pair)
    sides = [halves(range(count), bit, clusters) for bit in range(max(1, bits(count)))]
    for one in range(count):
        for other in range(one):
            apart = any((one in left) != (other in left) for left, _ in sides)
            assert (clusters.first(one) != clusters.first(other)) == apart


def at(netlist: Netlist, one: tuple[str, float], other: tuple[str, float], ohms: float = 0.05) -> tuple[str, str, str]:
    """Cause, place and text of the finding for a touch between two places."""
    panel = FakePanel(netlist, [(one, other, ohms)])
    nets = sorted(netlist.net_with.get(name, netlist.net_of.get(name, -1)) for name, _ in (one, other))
    finding = clock.run(locate(panel, Touch((nets[0], nets[1]), ohms)))  # type: ignore[arg-type]  # a fake
    assert set(finding.where.split("+")) == set(finding.marks)
    return finding.cause, finding.where, finding.text


def test_two_wires_touch_somewhere_along_them() -> None:
    """The wires, and the distance from the end of the first."""
    assert ("short", "W3+W7") == at(EIGHT, ("W3", 0.8), ("W7", 0.9))[:2]
    assert "W3 and W7 touch 0.8 m from J1 (50 mohm between them)" == at(EIGHT, ("W3", 0.8), ("W7", 0.9))[2]


@pytest.mark.parametrize("leg", ["W1", "W2", "W3"])
def test_the_leg_of_a_splice_that_touches_is_told(leg: str) -> None:
    """Not only the net."""
    assert {leg, "W4"} == set(at(SPLICED, (leg, 0.4), ("W4", 0.7))[1].split("+"))


def test_a_touch_at_a_splice_is_counted_from_it() -> None:
    """What begins at a splice is told from there."""
    assert "0.3 m from splice S1" in at(SPLICED, ("W2", 0.3), ("W4", 0.7))[2]


def test_a_shield_is_named_first() -> None:
    """As the fault is written."""
    assert ("shield-short", "SH1+W4") == at(SPLICED, ("W4", 0.7), ("SH1", 0.7))[:2]


def test_two_pins_of_one_connector_are_an_extra_jumper() -> None:
    """Wired pins, empty cavities, or one of each; the pins in the connector's order."""
    assert ("extra-jumper", "J1.3+J1.7") == at(EIGHT, ("W7", 0.0), ("W3", 0.0))[:2]
    assert ("extra-jumper", "J1.9+J1.10") == at(EIGHT, ("J1.9", 0.0), ("J1.10", 0.0))[:2]
    assert ("extra-jumper", "J1.3+J1.9") == at(EIGHT, ("W3", 0.0), ("J1.9", 0.0))[:2]


def test_ends_in_two_connectors_are_no_jumper() -> None:
    """Something else must have brought them together."""
    assert "short" == at(EIGHT, ("W3", 0.0), ("W7", 2.0))[0]


@pytest.mark.parametrize("ohms", [2.0, 80.0, 999.0])
def test_beyond_the_meters_range_no_distance_is_made_up(ohms: float) -> None:
    """The wires are known, the place is not; what can only be at one pin is said to be there."""
    cause, where, text = at(EIGHT, ("W3", 0.8), ("W7", 0.9), ohms)
    assert ("short", "W3+W7", False) == (cause, where, " m from" in text)
    assert ("extra-jumper", "J1.3+J1.9") == at(EIGHT, ("W3", 0.0), ("J1.9", 0.0), ohms)[:2]
    assert ("extra-jumper", "J1.9+J1.10") == at(EIGHT, ("J1.9", 0.0), ("J1.10", 0.0), ohms)[:2]


@pytest.mark.parametrize(
    ("ohms", "said"), [(1.5e3, "1.5 kohm"), (5e4, "50 kohm"), (999_999.0, "1 Mohm"), (3e6, "3 Mohm")]
)
def test_kilohms_and_more_are_a_leak(ohms: float, said: str) -> None:
    """Named by each net's first wire: no copper leads to the place."""
    cause, where, text = at(SPLICED, ("W3", 0.4), ("W4", 0.7), ohms)
    assert ("leak", "W1+W4", True) == (cause, where, said in text)
    assert ("leak", "SH1+W1") == at(SPLICED, ("W1", 0.4), ("SH1", 0.7), ohms)[:2]
