"""A case: an ordeal, and all that is known of what came of it."""

from dataclasses import dataclass
from typing import Any

from station.ordeal.disturbance import KILLS, Kind
from station.ordeal.kept import Kept
from station.ordeal.line import Product
from station.ordeal.ordeal import Ordeal
from station.ordeal.seen import Seen

ROUNDED = 2e-6
"""Seconds by which the same time may differ where it is written down twice."""


@dataclass(frozen=True, slots=True)
class Case:
    """All that is known of one ordeal."""

    ordeal: Ordeal
    product: Product
    seen: Seen
    kept: Kept
    cut: Kept | None = None
    """What was left where the power was cut."""
    bad_by_itself: bool = False
    """Whether the unit fails without any fault and disturbance: one of thousands is drawn that lies outside its tolerance."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """What struck."""
        idle = {Kind.DISK_FULL, Kind.FSYNC_FAILS} if not self.seen.refused and not self.killed else set()
        return frozenset(each.kind for _, each in self.seen.struck).difference(idle)

    @property
    def killed(self) -> bool:
        """Whether its process was killed."""
        return any(each.kind in KILLS for _, each in self.seen.struck)

    def when(self, *kinds: Kind) -> list[float]:
        """When disturbances of these kinds struck."""
        return [at for at, each in self.seen.struck if each.kind in kinds]

    def first(self, kind: type[Any]) -> tuple[float, Any] | None:
        """The first event of a kind that was shown, and when."""
        return next(((at, event) for at, event in self.seen.shown if isinstance(event, kind)), None)
