"""What of a drawn harness the jig cannot reach: splices, ferrules in their terminals, and connectors that are mated."""

from collections import Counter
from dataclasses import dataclass

from station.importing.harness import DrawnHarness, Mated, Pin


@dataclass(frozen=True, slots=True)
class Reach:
    """`inner` connectors are out of reach; `mates` are those that join something; `ends` counts the wires at each pin."""

    inner: frozenset[str]
    mates: tuple[Mated, ...]
    ends: Counter[Pin]
    notes: tuple[str, ...]

    @property
    def wired(self) -> set[str]:
        """The connectors at which any wire ends."""
        return {connector for connector, _ in self.ends}


def reach_of(harness: DrawnHarness) -> Reach:
    """Tell what can be reached from what cannot."""
    starts = Counter(pin for each in harness.conductors for pin in each.starts)
    stops = Counter(pin for each in harness.conductors for pin in each.stops)
    ends = starts + stops
    ends.update((each.name, pin) for each in harness.connectors for loop in each.loops for pin in loop)
    wired = {connector for connector, _ in ends}
    simple = {each.name for each in harness.connectors if each.simple}
    inner, mates, notes = set[str](), list[Mated](), list[str]()
    for mate in dict.fromkeys(harness.mates):
        both = {mate.one, mate.other}
        crimped = both & simple if mate.pins is not None and len(both & simple) == 1 else both & wired
        if not crimped & wired:
            notes.append(f"{mate.one} and {mate.other} are mated, but no wire leads there: left out")
            continue
        inner |= crimped
        mates.append(mate)
    for each in harness.connectors:
        pin = (each.name, each.pins[0])
        if each.simple and ends[pin] > 1 and (each.splice or (starts[pin] and stops[pin])):
            inner.add(each.name)
    return Reach(frozenset(inner), tuple(mates), ends, tuple(notes))
