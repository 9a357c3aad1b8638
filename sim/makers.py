"""Where the emulator of a model is found.

Every module in `sim.emulators` that has an `EMULATORS` mapping of model names to makers is found when this one is
imported; nothing else need be touched to add an instrument. Others' modules come in by the entry points of GROUP. A model that
is a map of registers needs no module at all.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeAlias

from sim import emulators
from sim.emulator import Emulator
from sim.emulators.register_map import RegisterMap
from sim.leads import Leads
from sim.modbus.pdu import READ_HOLDING, READ_INPUT
from sim.modbus.slave import Slave
from sim.spec import Device

Maker: TypeAlias = Callable[[str, Leads], Emulator]

GROUP = "rackproof.emulators"
"""The entry point group by which others' emulators come in: a module with EMULATORS."""


def _found() -> dict[str, Maker]:
    found: dict[str, Maker] = {}
    for name in sorted(each.name for each in pkgutil.iter_modules(emulators.__path__, f"{emulators.__name__}.")):
        found.update(getattr(importlib.import_module(name), "EMULATORS", {}))
    for entry in entry_points(group=GROUP):
        found.update(entry.load().EMULATORS)
    return found


MAKERS: dict[str, Maker] = _found()
"""What makes the emulator of a model, given the instrument's name and its leads, by the model's name."""


def add(more: Mapping[str, Maker]) -> None:
    """These are found too from now on. Raises ValueError for a model that has an emulator already."""
    for model, maker in more.items():
        if MAKERS.setdefault(model, maker) is not maker:
            raise ValueError(f"there is an emulator of {model!r} already")


def emulator_for(model: str, device: str, leads: Leads, map_file: str = "") -> Emulator:
    """A new emulator of `model`, or of the map of registers in a document.

    Raises KeyError, naming the known models, when there is neither; OSError or ValueError for a document that is none.
    """
    maker = MAKERS.get(model)
    if maker is not None:
        return maker(device, leads)
    if map_file:
        return RegisterMap(device, leads, Path(map_file))
    raise KeyError(f"no emulator for {model!r}: there is {', '.join(sorted(MAKERS))}")


def speaks_modbus(device: Device) -> bool:
    """Whether it is asked for registers or coils."""
    return device.model not in MAKERS or issubclass(_kind(device), Slave)


def has_registers(device: Device) -> bool:
    """Whether there are registers to be read of it, not coils alone."""
    kind = _kind(device)
    return issubclass(kind, Slave) and bool(kind.functions & {READ_HOLDING, READ_INPUT})


def is_connected_to(device: Device) -> bool:
    """Whether it has a network, where a serial line is plugged in."""
    kind = _kind(device)
    return kind.framing == "mbap" if issubclass(kind, Slave) else not getattr(kind, "baudrate", 0)


def _kind(device: Device) -> type:
    """The class of its emulator: the map's, if its model is none that has its own."""
    maker = MAKERS.get(device.model, RegisterMap)
    return maker if isinstance(maker, type) else object
