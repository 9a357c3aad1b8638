"""The traffic of a link: counters, and the last bytes out and in, which the trace of an ERROR shows."""

from collections import deque
from dataclasses import dataclass, fields
from typing import NamedTuple

KEPT = 32
KEPT_BYTES = 256
"""How many pieces are kept, and how much of each."""


@dataclass(slots=True)
class Counters:
    """What has happened on a link since it was made."""

    exchanges: int = 0
    timeouts: int = 0
    resyncs: int = 0
    reconnects: int = 0
    bad_replies: int = 0
    crc_errors: int = 0
    ignored: int = 0
    """Frames that were whole and for nobody here: of another unit, or of a transaction that was given up."""

    def __str__(self) -> str:
        """What there was of each, and nothing of what there was not."""
        each = ((field.name.replace("_", " "), getattr(self, field.name)) for field in fields(self))
        return ", ".join(f"{count} {name}" for name, count in each if count)


class Piece(NamedTuple):
    """Some bytes that went `out` or came `in`, at the loop's time."""

    at: float
    direction: str
    data: bytes


class Traffic:
    """The last pieces, oldest first when iterated over."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: deque[tuple[float, str, bytes]] = deque(maxlen=KEPT)

    def note(self, at: float, direction: str, data: bytes) -> None:
        """Keep the first bytes of a piece."""
        self._pieces.append((at, direction, data[:KEPT_BYTES]))

    def recent(self) -> tuple[Piece, ...]:
        """What is kept, oldest first."""
        return tuple(Piece(*each) for each in self._pieces)
