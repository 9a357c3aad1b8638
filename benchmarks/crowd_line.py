"""A crowd: bays of rack PDUs side by side, each a source that is on and a mainframe that looks at 24 contacts each second.

The line, the service, the engine, the drivers, the links and the ledger are the product's own. Of each bay the two
instruments that a burn-in works all the time are there: the AC source, and the mainframe with the contacts' thermocouples,
24 channels in one scan. Its sequence is the shortest that a burn-in can be: on, look, off.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from benchmarks.burn_in import FOR_EVER
from drivers.power_roles import AcSource
from drivers.roles import Scanner
from sequences.limits import between
from sequences.measurement import Measurement
from sequences.power.numbers import numbers
from sequences.power.rack_pdu import outlet
from sequences.sequence import Group, SafeOrder, Sequence
from sequences.soak import soak
from sequences.step import Step, step
from sequences.take import Take
from sequences.uut import Uut
from station.config.station_file import Station
from station.line.placing import Placing
from station.opening import Prepared, Setup, prepare
from station.order import Order
from station.orders import Request
from station.service import Simulated

PRODUCT = "PDU-3P-24"
ROLES = ("source", "sensors")
CONTACT = Measurement("contact", "degC", "contacts of an outlet", over=lambda pdu: map(outlet, pdu.outlets))
LIMIT = between(-20.0, 120.0, "degC")
MAINS = (230.0, 230.0, 230.0)
Looked = Callable[[float, float], None]
"""Told of each look: seconds by which it began late, and seconds from when it was due until all was taken."""


@dataclass
class Bay:
    """The fixture: what a burn-in works all the time."""

    SAFE_ORDER: ClassVar[SafeOrder] = (("source",), ("sensors",))

    structure: Any
    wiring: Any
    uut: Uut
    source: AcSource
    sensors: Scanner

    async def rest(self) -> None:
        """It shares nothing."""


@step(timeout=600)
async def it_is_on(source: AcSource) -> None:
    """Feed the unit."""
    await source.energise(MAINS, hertz=50.0, limit=16.0)


@step(timeout=600)
async def it_is_off(source: AcSource) -> None:
    """Feed it no more."""
    await source.off()


def it_soaks(every: float, lasting: float, looked: Looked = lambda *_: None) -> Step:
    """The step that looks at all contacts each `every` seconds, for `lasting` seconds."""

    @step(CONTACT, timeout=FOR_EVER)
    async def it_soaks(bench: Bay, take: Take) -> None:
        """Sample the temperature of every contact."""
        loop = asyncio.get_running_loop()
        channels = numbers(bench.wiring.contacts)
        points = [CONTACT.of(outlet(number)) for number in bench.structure.outlets]
        async for tick in soak(take, every=every, lasting=lasting):
            for point, reading in zip(points, await bench.sensors.scan_thermocouples(channels), strict=True):
                take.sample(point, reading)
            looked(tick.late, loop.time() - tick.due)

    return it_soaks


@dataclass(frozen=True)
class Crowd:
    """The station's documents, and the orders of its bays: as they are in the world, and as the line tests them."""

    one: Prepared
    whole: tuple[Order, ...]
    orders: tuple[Order, ...]
    station: Station

    @classmethod
    def of(cls, slots: int, soaks: Step) -> "Crowd":
        """So many bays."""
        one = prepare(Setup(None, Path(), Simulated(0)), [Request(PRODUCT, "BENCH-0000")])
        (order,) = one.orders
        test = Sequence("crowd", "A burn-in", Bay, Group("crowd", (it_is_on, soaks), cleanup=(it_is_off,)))
        whole = tuple(_beside(order, number) for number in range(slots))
        instruments = {
            f"{name}{number}": replace(one.station.instruments[name], name=f"{name}{number}")
            for name in order.instruments
            for number in range(slots)
        }
        station = replace(one.station, instruments=instruments, slots={each.slot.name: each.slot for each in whole})
        return cls(one, whole, tuple(map(partial(_worked, test), whole)), station)

    def reached(self, links: Mapping[str, str]) -> Station:
        """The line's station, with its instruments at these links."""
        instruments = {name: replace(self.station.instruments[name], link=link) for name, link in links.items()}
        return replace(self.station, instruments=instruments, slots={each.slot.name: each.slot for each in self.orders})

    @property
    def names(self) -> list[str]:
        """The instruments that are worked."""
        return [name for order in self.orders for name in order.instruments]


@dataclass
class Ready(Placing):
    """Places units into bays whose orders are there already."""

    orders: Mapping[str, Order] = field(default_factory=dict)

    def check(self, request: Request) -> frozenset[str]:
        """Any bay will do."""
        del request
        return frozenset(self.orders)

    def place(self, request: Request, free: Collection[str], folder: Path) -> Order | None:
        """The order of the first free bay, for that serial number."""
        del folder
        return next((replace(each, serial=request.serial) for name, each in self.orders.items() if name in free), None)


def _beside(order: Order, number: int) -> Order:
    roles = {role: tuple(f"{name}{number}" for name in names) for role, names in order.slot.roles.items()}
    return replace(order, serial=f"BENCH-{number:04d}", slot=replace(order.slot, name=f"P{number}", roles=roles))


def _worked(test: Sequence, order: Order) -> Order:
    """The same bay with what is worked in it, and its sequence."""
    slot = replace(order.slot, roles={role: order.slot.roles[role] for role in ROLES})
    limits = {CONTACT.of(point): LIMIT for point in CONTACT.points(order.product.structure)}
    return replace(order, slot=slot, sequence=test, limits=limits)
