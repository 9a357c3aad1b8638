"""Plans: what a daemon is to be, looked up and checked before anything is opened."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from station.bench import Bench
from station.config.library import Library
from station.config.station_file import Station
from station.ledger.ledger import Ledger
from station.line.placing import Placing
from station.opening import Setup, load_station, own
from station.order import Order
from station.owning import InUseError, Owning
from station.seats import seats_of
from station.service import RefusalError, Service, Simulated
from station.walls import real_wall

Say = Callable[[str], None]
"""Tells the person who has started the daemon."""
COMMAND = "station daemon"


@dataclass(frozen=True, slots=True)
class Plan:
    """Which station, where its data goes, what lies in the slots of a simulated one.

    Asked to drain, it aborts what still runs after `drain_within` seconds; None: never.
    """

    setup: Setup
    products: tuple[str, ...] = ()
    drain_within: float | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """A plan whose files have no problems."""

    plan: Plan
    station: Station
    library: Library
    laid: tuple[Order, ...]
    """What lies in the slots of a simulated station."""

    @property
    def is_real(self) -> bool:
        """Whether there is anything at the other end that another process could want too, or that must be guarded."""
        return self.plan.setup.simulated is None

    def own(self) -> Owning:
        """Own every instrument of the station. Raises RefusalError that names who has them."""
        return own(self.station, self.station.instruments if self.is_real else (), COMMAND, self.plan.setup.data)

    def service(self, ledger: Ledger) -> Service:
        """The service of the station; call it inside the running loop."""
        station, simulated = self.station, self.plan.setup.simulated
        if simulated is None:
            served = station.simulated
            said = Simulated(served.seed, tuple(served.faults), served.unit) if served else None
            return Service(station, Bench(seats_of(station)), ledger, real_wall, said)
        from station.simulating import sim_wires, world_of

        world = world_of(station, self.laid, simulated, asyncio.get_running_loop().time, labelled=False)
        return Service(station, Bench(seats_of(station), sim_wires(station, world)), ledger, real_wall, simulated)

    def placing(self, owning: Owning) -> Placing:
        """Where units go; read again, it owns the instruments that are new."""

        def load() -> tuple[Station, Library]:
            station, library = load_station(self.plan.setup.station, simulated=not self.is_real)
            if self.is_real:
                try:
                    owning.take((name, each.link) for name, each in station.instruments.items())
                except InUseError as other:
                    raise RefusalError(str(other)) from None
            return station, library

        return Placing(self.station, self.library, load, {each.slot.name: each.product.name for each in self.laid})


def check(plan: Plan) -> Checked:
    """Look everything up. Raises BadDocuments, RefusalError."""
    setup = plan.setup
    station, library = load_station(setup.station, simulated=setup.simulated is not None)
    if setup.simulated is None:
        return Checked(plan, station, library, ())
    from station.serving import lay  # the sim takes room, which a real station has no use for
    from station.simulating import world_of

    laid = lay(setup.station, plan.products).orders
    world_of(station, laid, setup.simulated, lambda: 0.0, labelled=False)
    return Checked(plan, station, library, laid)
