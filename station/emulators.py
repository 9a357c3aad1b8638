"""The emulators of a simulated station: each as its model has it, and which of them share a bus."""

from collections.abc import Callable, Iterable, Mapping

from drivers.links.address import ModbusRtuAddress, ModbusTcpAddress, SimAddress, parse
from drivers.links.wire import Wire
from sim.emulator import Emulator
from sim.leads import Leads
from sim.makers import emulator_for
from sim.modbus.slave import Slave
from sim.wires import MemoryWire
from station.bench import Seat
from station.links import place_of


def emulator_of(seat: Seat, world: Leads) -> Emulator:
    """The emulator of one instrument. One that speaks Modbus has its seat's unit, and the framing of its seat's link."""
    emulator = emulator_for(seat.model.name, seat.name, world, seat.model.file)
    if isinstance(emulator, Slave):
        address = parse(seat.link)
        named = address.unit if isinstance(address, SimAddress | ModbusTcpAddress | ModbusRtuAddress) else None
        emulator.unit = seat.model.unit if named is None else named
        alone = not (isinstance(address, SimAddress) and address.bus)
        emulator.framing = "mbap" if alone and seat.model.links[0] == "modbus-tcp" else "rtu"
    return emulator


def buses_of(seats: Iterable[Seat]) -> dict[str, list[str]]:
    """The names of the instruments on each simulated bus."""
    buses: dict[str, list[str]] = {}
    for seat in seats:
        address = parse(seat.link)
        if isinstance(address, SimAddress) and address.bus:
            buses.setdefault(address.bus, []).append(seat.name)
    return buses


def wires_of(seats: Mapping[str, Seat], world: Leads) -> Callable[[str], Wire]:
    """What joins the link of an instrument, or of the first on a bus, to its emulator or to all of the bus's."""
    together = {name: names for names in buses_of(seats.values()).values() for name in names}

    def wire(name: str) -> Wire:
        return MemoryWire(*(emulator_of(seats[each], world) for each in together.get(name, [name])))

    return wire


def simulated_links(links: Mapping[str, tuple[str, int]]) -> dict[str, str]:
    """For each instrument's link and usual unit, the simulated one: those that share a place of Modbus share a bus."""
    at = {name: parse(link) for name, (link, _) in links.items()}
    places = {name: place_of(address) for name, address in at.items()}
    shared = [place for place in dict.fromkeys(places.values()) if place and [*places.values()].count(place) > 1]
    names = {place: f"bus-{number}" for number, place in enumerate(shared, 1)}

    def simulated(name: str) -> str:
        address = at[name]
        if isinstance(address, SimAddress):
            return str(address)
        if places[name] in names and isinstance(address, ModbusTcpAddress | ModbusRtuAddress):
            return str(SimAddress(names[places[name]], address.unit or links[name][1]))
        return "sim:"

    return {name: simulated(name) for name in links}
