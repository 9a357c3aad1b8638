"""Links: the right one for each seat of the bench, and the buses that some of them share."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from drivers.links.address import Address, ModbusRtuAddress, ModbusTcpAddress, SimAddress, wire_for
from drivers.links.dialogue import LineLink
from drivers.links.wire import Wire
from drivers.model import Model

if TYPE_CHECKING:
    from drivers.links.bus import Bus
    from drivers.links.register_link import RegisterLink

Link: TypeAlias = "LineLink | RegisterLink"
SimWire: TypeAlias = Callable[[str], Wire]
"""The wire of a `sim:` link, by the name of an instrument: for a simulated bus, that of the first on it."""


@dataclass(slots=True)
class Links:
    """Makes links, not opened yet; a bus is made once, and lasts as long as this."""

    sim_wire: SimWire | None = None
    _buses: dict[str, "Bus"] = field(default_factory=dict)

    def link(self, name: str, model: Model, address: Address) -> Link:
        """The link to an instrument. Raises ValueError where the address does not carry what the model speaks."""
        if model.speaks == "registers":
            return self._registers(name, model, address)
        if isinstance(address, ModbusTcpAddress | ModbusRtuAddress):
            raise ValueError(f"{model.name} does not speak Modbus, so it is not at {address}")  # noqa: TRY004 - of the address
        return LineLink(
            name,
            self._wire(name, model, address),
            ends_with=model.ends_with,
            replies_end_with=model.replies_end_with,
            within=model.within,
            ignores=model.ignores,
            identify=model.identify,
            after_command=model.after_command,
            after_query=model.after_query,
        )

    def _registers(self, name: str, model: Model, address: Address) -> "RegisterLink":
        from drivers.links.register_link import RegisterLink  # it brings pymodbus, which not every command needs

        if not isinstance(address, ModbusTcpAddress | ModbusRtuAddress | SimAddress):
            raise ValueError(f"{model.name} speaks Modbus, which {address} does not carry")  # noqa: TRY004 - of the address
        number = model.unit if address.unit is None else address.unit
        return RegisterLink(
            name,
            self._bus(name, model, address),
            number,
            within=model.within,
            after_command=model.after_command,
            after_query=model.after_query,
            steady=model.steady,
        )

    def _bus(self, name: str, model: Model, address: ModbusTcpAddress | ModbusRtuAddress | SimAddress) -> "Bus":
        from drivers.links.rtu_bus import RtuBus
        from drivers.links.tcp_bus import TcpBus

        place = place_of(address) or f"sim:{name}"
        if place not in self._buses:
            if isinstance(address, ModbusRtuAddress):
                address = settled(address, model)
            wire = self._wire(name, model, address)
            match address:
                case ModbusRtuAddress():
                    self._buses[place] = RtuBus(place, wire, address.baudrate or model.baudrate)
                case SimAddress() if address.bus or model.links[0] == "modbus-rtu":
                    self._buses[place] = RtuBus(place, wire, model.baudrate)
                case _:
                    self._buses[place] = TcpBus(place, wire)
        return self._buses[place]

    def _wire(self, name: str, model: Model, address: Address) -> Wire:
        if not isinstance(address, SimAddress):
            return wire_for(address, within=model.within, replies_end_with=model.replies_end_with)
        if self.sim_wire is None:
            raise ValueError(f"its link is {address} and this is not a simulation (run with --sim)")
        return self.sim_wire(name)


def place_of(address: Address) -> str:
    """The bus at an address, without unit and settings; empty where there is none to share."""
    match address:
        case ModbusTcpAddress():
            return str(replace(address, host=address.host.lower(), unit=None))
        case ModbusRtuAddress(device):
            return str(ModbusRtuAddress(device))
        case SimAddress(bus) if bus:
            return f"sim:{bus}"
        case _:
            return ""


def settled(address: ModbusRtuAddress, model: Model) -> ModbusRtuAddress:
    """The address with what it does not name as it leaves the factory."""
    return replace(
        address,
        baudrate=address.baudrate or model.baudrate,
        parity=address.parity or model.parity,
        stopbits=address.stopbits or 1,
    )
