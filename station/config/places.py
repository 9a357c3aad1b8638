"""Places: which instrument is at which address, and what two of them cannot share."""

from drivers.links.address import ModbusRtuAddress, ModbusTcpAddress, SerialAddress, SimAddress, parse
from drivers.model import Model
from station.links import place_of, settled

LINES = ("tcp", "serial", "visa", "console")
"""The schemes that carry lines of text."""


class Places:
    """What the links read so far have taken."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}
        self._lines: dict[str, tuple[str, str]] = {}

    def take(self, name: str, link: str, model: Model | None) -> str:
        """Take an instrument's address; what is wrong with that, empty if nothing is."""
        if model is not None and (wrong := _unfit(link, model)):
            return wrong
        match address := parse(link):
            case SerialAddress(device):
                return self._take_line(device, "", name, link) or self._take(f"serial:{device}", name, link)
            case ModbusRtuAddress(device):
                runs = _settings(address, model)
                at = f"modbus-rtu:{device}?unit={_unit(address, model)}"
                return self._take_line(device, runs, name, link) or self._take(at, name, link)
            case ModbusTcpAddress() | SimAddress():
                place = place_of(address)
                return self._take(f"{place}?unit={_unit(address, model)}", name, link) if place else ""
            case _:
                return self._take(link.partition("?")[0].lower(), name, link)

    def _take(self, place: str, name: str, link: str) -> str:
        if place in self._taken:
            return f"{link!r} is the address of {self._taken[place]} already"
        self._taken[place] = name
        return ""

    def _take_line(self, device: str, runs: str, name: str, link: str) -> str:
        """A serial line carries one instrument of text, or a bus at one speed."""
        other, before = self._lines.setdefault(device.rstrip("/"), (name, runs))
        if before == runs:
            return ""
        if not (before and runs):
            return f"{link!r}: {other} is on that line already, and text and Modbus do not share one"
        return f"{link!r}: that is a line of {runs}, and {other} makes it one of {before}"


def _unfit(link: str, model: Model) -> str:
    scheme = link.partition(":")[0]
    allowed = LINES if model.speaks == "lines" else model.links
    if scheme == "sim":
        return "" if model.links[0] == "modbus-rtu" or link == "sim:" else f"{link!r}: {model.name} is on no bus: sim:"
    if scheme in allowed:
        return ""
    told = [*dict.fromkeys((*model.links, "sim"))]
    return f"{link!r}: {model.name} is reached by {', '.join(f'{each}:' for each in told)}"


def _settings(address: ModbusRtuAddress, model: Model | None) -> str:
    whole = address if model is None else settled(address, model)
    return f"{whole.baudrate or 9600} Bd, parity {whole.parity or 'N'}, {whole.stopbits or 1} stop"


def _unit(address: ModbusRtuAddress | ModbusTcpAddress | SimAddress, model: Model | None) -> int:
    if address.unit is not None:
        return address.unit
    return 1 if model is None else model.unit
