"""What an emulator is, and where to find the one of a model.

An emulator is written from the instrument's manual alone: bytes in, bytes out. Every module in `sim.emulators` that has
an `EMULATORS` mapping of model names to makers is found; nothing else need be touched to add one.
"""

import importlib
import pkgutil
from collections.abc import Callable, Collection, Coroutine, Mapping
from functools import cache
from typing import Any, Protocol, TypeAlias

from sim import emulators
from sim.leads import Leads

Answer: TypeAlias = bytes | None
"""A whole reply with its ending, or nothing."""
Answering: TypeAlias = Answer | Coroutine[Any, Any, Answer]
"""An answer, or, where the instrument takes its time, the way to it: the port waits before it hands on another line."""


class Emulator(Protocol):
    """One instrument of the bench, seen from its wire."""

    @property
    def device(self) -> str:
        """The instrument's name on the bench."""
        ...

    @property
    def leads(self) -> Leads:
        """What it reaches in the world."""
        ...

    @property
    def line_ends(self) -> bytes:
        """Every byte that ends a line sent to it."""
        ...

    @property
    def urgent(self) -> Collection[bytes]:
        """Lines that it hears although it still owes an answer; it answers them at once."""
        ...

    @property
    def baudrate(self) -> int:
        """Of its serial line; 0 for an instrument on the network."""
        ...

    def answer(self, line: bytes) -> Answering:
        """Obey one line, given without its ending and never empty. `async def` will do."""
        ...


Maker: TypeAlias = Callable[[str, Leads], Emulator]


@cache
def makers() -> Mapping[str, Maker]:
    """What makes the emulator of a model, by the model's name."""
    found: dict[str, Maker] = {}
    for module in sorted(
        pkgutil.iter_modules(emulators.__path__, f"{emulators.__name__}."), key=lambda each: each.name
    ):
        found.update(getattr(importlib.import_module(module.name), "EMULATORS", {}))
    return found


def emulator_for(model: str, device: str, leads: Leads) -> Emulator:
    """A new emulator of `model`. Raises KeyError, naming the known models, when there is none."""
    maker = makers().get(model)
    if maker is None:
        raise KeyError(f"no emulator for {model!r}: there is {', '.join(sorted(makers()))}")
    return maker(device, leads)
