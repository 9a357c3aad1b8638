"""Simulating: the world behind some slots, and a station with nothing real at any far end."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from drivers.links.wire import Wire
from sequences.family import CONSOLE
from sim.leads import Leads
from sim.maps import reader as maps
from sim.spec import WorldSpec
from sim.world import World
from station.catalog import models
from station.config.station_file import Station
from station.emulators import simulated_links, wires_of
from station.order import Order
from station.seats import seats_of
from station.service import RefusalError, Simulated
from station.simulated.world import MAKERS, Plugged, world_spec

SCANNER = "barcode-scanner"
"""The operator of a simulated bench."""


def sim_wires(station: Station, world: Leads) -> Callable[[str], Wire]:
    """What joins a link to the emulator of an instrument, in this process."""
    return wires_of(seats_of(station), world)


def simulated_station(station: Station) -> Station:
    """The same station with nothing real at any far end; who answered at the terminal answers at a scanner.

    What its emulators must read is read here, so that no loop waits for it.
    """
    known = {**models(), **station.models}
    for model in station.models.values():
        if model.file:
            maps.read(Path(model.file))
    links = simulated_links({name: (each.link, known[each.model].unit) for name, each in station.instruments.items()})
    instruments = {
        name: replace(each, link=links[name], model=SCANNER if each.model == CONSOLE else each.model)
        for name, each in station.instruments.items()
    }
    return replace(station, instruments=instruments)


def _device(station: Station, name: str) -> Plugged:
    instrument = station.instruments[name]
    model = station.models.get(instrument.model)
    return Plugged(name, instrument.model, instrument.serial or "", model.file if model is not None else "")


def world_of(
    station: Station,
    orders: Sequence[Order],
    simulated: Simulated,
    clock: Callable[[], float],
    *,
    labelled: bool = True,
    also: Iterable[str] = (),
) -> World:
    """The world behind some slots, as `spec_of` says. Raises RefusalError for an impossible fault."""
    try:
        return World(spec_of(station, orders, simulated, labelled=labelled, also=also), clock)
    except ValueError as odd:
        raise RefusalError(str(odd)) from None


def spec_of(
    station: Station, orders: Sequence[Order], simulated: Simulated, *, labelled: bool = True, also: Iterable[str] = ()
) -> WorldSpec:
    """What the world behind some slots is made of, with the instruments of `also` that serve none of them; units not
    `labelled` have blank labels. Raises RefusalError for a family that has no plant.
    """
    makers = []
    for order in orders:
        if (maker := MAKERS.get(order.product.family.name)) is None:
            raise RefusalError(f"{order.product.name}: there is no simulated {order.product.family.name} yet")
        makers.append((maker, order))
    names = dict.fromkeys([*(name for order in orders for name in order.instruments), *also])
    devices = [_device(station, name) for name in names]
    made = [maker(order, order.serial if labelled else "", simulated.unit) for maker, order in makers]
    return world_spec(devices, made, simulated.seed, simulated.faults)
