"""Plug-in cards of the Keysight/Agilent data acquisition mainframes, and the channels that they bring.

A channel is numbered slot * 100 + n; on a matrix card n is row * 10 + column.
"""

from typing import NamedTuple


class Crosspoint(NamedTuple):
    """A relay of a matrix card."""

    slot: int
    row: int
    column: int


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


def channels(models: tuple[str, ...]) -> dict[int, Crosspoint | None]:
    """Every channel of the cards in slots 1, 2, 3, in ascending order; None stands for a multiplexer's channel."""
    found: dict[int, Crosspoint | None] = {}
    for slot, model in enumerate(models, 1):
        card = CARDS[model]
        found |= {slot * 100 + each: None for each in range(1, card.channels + 1)}
        found |= {
            slot * 100 + row * 10 + column: Crosspoint(slot, row, column)
            for row in range(1, card.rows + 1)
            for column in range(1, card.columns + 1)
        }
    return found


def measurable(models: tuple[str, ...]) -> frozenset[int]:
    """The channels at which the mainframe's own multimeter measures resistance, capacitance and temperature."""
    return frozenset(
        slot * 100 + each
        for slot, model in enumerate(models, 1)
        for each in range(1, CARDS[model].channels - CARDS[model].current + 1)
    )
