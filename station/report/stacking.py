"""Stacking: things that want to lie somewhere on a line, and must not overlap."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Heap:
    """Things that touch each other and move as one."""

    members: list[int] = field(default_factory=list)
    wish: float = 0.0
    size: float = 0.0

    @property
    def start(self) -> float:
        return self.wish / len(self.members)


def spread(wishes: Sequence[float], sizes: Sequence[float], gap: float) -> list[float]:
    """The starts of all things, each as near to its wish as the others allow, `gap` apart; their order is that of the wishes."""
    heaps: list[_Heap] = []
    for at in sorted(range(len(wishes)), key=lambda each: wishes[each]):
        heap = _Heap([at], wishes[at], sizes[at] + gap)
        while heaps and heaps[-1].start + heaps[-1].size > heap.start:
            before = heaps.pop()
            moved = heap.wish - len(heap.members) * before.size
            heap = _Heap(before.members + heap.members, before.wish + moved, before.size + heap.size)
        heaps.append(heap)
    starts = [0.0] * len(wishes)
    for heap in heaps:
        top = heap.start
        for at in heap.members:
            starts[at] = top
            top += sizes[at] + gap
    return starts
