"""Where the emulator of a model is found.

Every module in `sim.emulators` that has an `EMULATORS` mapping of model names to makers is found when this one is
imported; nothing else need be touched to add an instrument.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import TypeAlias

from sim import emulators
from sim.emulator import Emulator
from sim.leads import Leads

Maker: TypeAlias = Callable[[str, Leads], Emulator]


def _found() -> dict[str, Maker]:
    found: dict[str, Maker] = {}
    for name in sorted(each.name for each in pkgutil.iter_modules(emulators.__path__, f"{emulators.__name__}.")):
        found.update(getattr(importlib.import_module(name), "EMULATORS", {}))
    return found


MAKERS: Mapping[str, Maker] = _found()
"""What makes the emulator of a model, given the instrument's name and its leads, by the model's name."""


def emulator_for(model: str, device: str, leads: Leads) -> Emulator:
    """A new emulator of `model`. Raises KeyError, naming the known models, when there is none."""
    maker = MAKERS.get(model)
    if maker is None:
        raise KeyError(f"no emulator for {model!r}: there is {', '.join(sorted(MAKERS))}")
    return maker(device, leads)
