"""A family of products: how its structure and its jigs are written down, and which fixture and sequences test it."""

from dataclasses import dataclass

from sequences.sequence import Sequence


@dataclass(frozen=True, slots=True)
class Need:
    """The instruments that a slot names for one role: what each must be able to do, and how many (0: one, or none)."""

    role: type
    count: int = 1


@dataclass(frozen=True, slots=True)
class Family:
    """What a family brings: the types of a product's `[structure]` and of a jig's wiring (plain dataclasses, strictly
    read), and its sequences. Both types have `problems() -> list[tuple[path, message]]` for what types cannot say; a
    wiring also has `needs() -> dict[role, Need]`, the instruments of a slot with that jig.
    """

    name: str
    structure: type
    wiring: type
    sequences: tuple[Sequence, ...]
