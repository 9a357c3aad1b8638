"""Plug-in cards of the Keysight/Agilent data acquisition mainframes, and the channels that they bring.

A channel is numbered slot * 100 + n; on a matrix card n is row * 10 + column.
"""

from bisect import bisect_left, bisect_right
from typing import NamedTuple

from sim.parameters import out_of_range, spans

_REMEMBERED = 4096  # channel lists


class Card(NamedTuple):
    """What a card has: a matrix's rows and columns, or a multiplexer's channels, of which the last carry current."""

    rows: int = 0
    columns: int = 0
    channels: int = 0
    current: int = 0


CARDS = {
    "": Card(),
    "DAQM901A": Card(channels=22, current=2),
    "DAQM902A": Card(channels=16),
    "DAQM904A": Card(rows=4, columns=8),
    "DAQM908A": Card(channels=40),
    "34901A": Card(channels=22, current=2),
    "34902A": Card(channels=16),
    "34904A": Card(rows=4, columns=8),
    "34908A": Card(channels=40),
}


class Cage:
    """The three slots with their cards."""

    def __init__(self, models: tuple[str, ...]) -> None:
        self._fitted: tuple[str, ...] | None = None
        self.fit(models)

    def fit(self, models: tuple[str, ...]) -> bool:
        """Plug these cards in; whether anything changed. Raises ValueError for a card that is not in `CARDS`."""
        if models == self._fitted:
            return False
        if len(models) > 3 or set(models) - set(CARDS):
            raise ValueError(f"{models} do not fit: three slots, and {', '.join(filter(None, CARDS))}")
        self._fitted = models
        self.models = (*models, "", "", "")[:3]
        self.crosspoints: dict[int, str] = {}
        """The place of each relay of a matrix: slot, row and column, as `Quantity.RELAY` has it."""
        self.measurable: set[int] = set()
        """The channels at which the multimeter measures anything but current."""
        self.channels: list[int] = []
        self._listed: dict[str, tuple[int, ...]] = {}
        for slot, model in enumerate(self.models, 1):
            self._plug(slot, CARDS[model])
        return True

    def _plug(self, slot: int, card: Card) -> None:
        multiplexed = range(slot * 100 + 1, slot * 100 + 1 + card.channels)
        crosspoints = {
            slot * 100 + row * 10 + column: f"{slot}.{row}.{column}"
            for row in range(1, card.rows + 1)
            for column in range(1, card.columns + 1)
        }
        self.crosspoints |= crosspoints
        self.measurable.update(multiplexed[: card.channels - card.current])
        self.channels += [*multiplexed, *crosspoints]

    def listed(self, text: str) -> tuple[int, ...]:
        """The channels of a list such as "(@111:118,121)"; a span passes over numbers that no card has."""
        known = self._listed.get(text)
        if known is None:
            known = tuple(each for first, last in spans(text) for each in self._span(first, last))
            if len(self._listed) >= _REMEMBERED:
                self._listed.clear()
            self._listed[text] = known
        return known

    def _span(self, first: int, last: int) -> list[int]:
        channels = self.channels  # ascending
        begin, end = bisect_left(channels, first), bisect_right(channels, last)
        if channels[begin : begin + 1] != [first] or channels[end - 1 : end] != [last] or first > last:
            raise out_of_range()
        return channels[begin:end]
