"""A model: what a driver module tells the catalogue about itself."""

from collections.abc import Callable
from dataclasses import dataclass

from drivers.links.line import Lines
from drivers.roles import Instrument


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the catalogue. Every driver module has a `MODELS` tuple of these.

    `connect` makes the driver on an open link. `ends_with` and `replies_end_with` are the line endings out and in;
    `within` is the longest time in seconds that any reply of this model may take.
    """

    name: str
    title: str
    connect: Callable[[Lines], Instrument]
    roles: tuple[type, ...]
    ends_with: bytes = b"\n"
    replies_end_with: bytes = b"\n"
    within: float = 2.0
    identifies: bool = True
