"""Keysight DAQ970A and its predecessor 34970A: a mainframe with three slots and a multimeter; SCPI over TCP 5025.

Channels are numbered `scc`: slot x 100 + channel. On the matrix cards (4 rows x 8 columns) the channel is
row x 10 + column, so 238 is slot 2, row 3, column 8. Every command that changes something is an order (`orders.py`):
the error queue is asked at once whether the mainframe minded.

A measurement is `CONF:...` (only when function or channels change; it replaces the scan list) and `READ?`, which clears
the memory, scans, and waits: a reading is never an old one. A scan goes through its channels in ascending order,
whatever the order in which they were listed, and answers with as many numbers as it has channels.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from drivers.accuracy import Accuracy, autoranged
from drivers.errors import AGAIN, BadReply, Refused, Unsupported
from drivers.links.line import Lines
from drivers.model import Model
from drivers.orders import order, self_test
from drivers.reading import Reading, State
from drivers.roles import Crosspoint, Identity, Matrix, Multimeter, Scanner
from drivers.scpi import channel_list, identity, printable, quantity, reply_of, shown

SLOTS, ROWS, COLUMNS = 3, 4, 8
MATRIX_CARDS = ("DAQM904A", "34904A")
MULTIPLEXERS = {"DAQM901A": 20, "34901A": 20, "DAQM902A": 16, "34902A": 16, "DAQM908A": 40, "34908A": 40}


def _ohms(full_scale: float, of_reading: float, of_range: float) -> Accuracy:
    return Accuracy(full_scale, of_reading / 100, of_range / 100, floor=0.2)  # two-wire without null: 0.2 ohm


# Engineering data of the 34401A class, 1 year, 23 +- 5 degrees Celsius: percent of reading, percent of range.
RESISTANCE = (
    _ohms(1e2, 0.010, 0.004),
    _ohms(1e3, 0.010, 0.001),
    _ohms(1e4, 0.010, 0.001),
    _ohms(1e5, 0.010, 0.001),
    _ohms(1e6, 0.010, 0.001),
    _ohms(1e7, 0.040, 0.001),
    _ohms(1e8, 0.800, 0.010),
)
# Known for 1 nF: 2 % of reading, 2.5 % of range. The part of the range is an offset: it cancels in a difference of
# two readings of one range. The greater ranges are better than that in truth.
CAPACITANCE = tuple(Accuracy(full_scale, 0.02, 0.025) for full_scale in (1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4))
OVERLOAD = 1.2
"""Times full scale; on a fixed capacitance range the meter goes on beyond it without saying so."""
RTD = 1.0
"""Degrees Celsius: expanded uncertainty of a Pt100 with its multimeter, in total."""
# AC volts, 10 Hz to 20 kHz, 1 year, 23 +- 5 degrees Celsius (34970A specifications): 0.06 % of reading, 0.04 % of range,
# 0.08 % of the 300 V range; 0.06 % of reading more from 40 to 100 Hz with the 20 Hz filter that *RST leaves.
AC_VOLTS = (
    *(Accuracy(full_scale, 0.0012, 0.0004, resolution=full_scale * 1e-6) for full_scale in (0.1, 1.0, 10.0, 100.0)),
    Accuracy(300.0, 0.0012, 0.0008, resolution=1e-3),
)
THERMOCOUPLE = Accuracy(400.0, 0.0, 0.0, floor=1.0)
"""Type T from -100 degrees Celsius: 1.0 degree with the multiplexer's reference junction, without the wire's own error."""
COLDEST, HOTTEST = -100.0, THERMOCOUPLE.full_scale
EACH = 2.0
"""Seconds that a channel of a scan may take: with the 20 Hz filter an AC reading takes about 1."""


@dataclass(slots=True)
class KeysightDaq970a:
    """The mainframe on `link`."""

    link: Lines
    farads: bool = True
    """Whether this mainframe measures capacitance: the 34970A does not."""
    _cards: tuple[str, ...] = field(default=(), init=False)
    _fresh: bool = field(default=True, init=False)
    _configured: str = field(default="", init=False)

    async def identify(self) -> Identity:
        """Ask who it is."""
        reply = await self.link.query("*IDN?")
        with reply_of(self.link.name):
            return identity(reply)

    async def self_check(self) -> None:
        """Have it test itself. What it was set to is doubted afterwards."""
        self._configured, self._fresh = "", True
        await self_test(self.link)

    async def cards(self) -> tuple[str, ...]:
        """The models of the plugged-in cards, slot 1 first; empty text for an empty slot."""
        found = []
        for slot in range(1, SLOTS + 1):
            reply = await self.link.query(f"SYST:CTYP? {slot}00")
            with reply_of(self.link.name):
                found.append(_card(reply))
        self._cards = tuple(found)
        return self._cards

    async def switch(self, to_open: Iterable[Crosspoint], to_close: Iterable[Crosspoint]) -> None:
        """Open, then close, in one line; it is never long: three cards have 96 crosspoints, and runs are ranges."""
        orders = [
            f"ROUT:{verb} {channel_list(map(self._channel, points))}"
            for verb, points in (("OPEN", tuple(to_open)), ("CLOS", tuple(to_close)))
            if points
        ]
        if orders:
            await self._begin()
            await self._order(";:".join(orders))

    async def open_all(self) -> None:
        """Open every crosspoint: by ROUT:OPEN in relay time, where *RST would take a second and the settings."""
        await self._begin()
        channels = [channel for slot, card in await self._slots() for channel in _crosspoints(slot, card)]
        if channels:
            await self._order(f"ROUT:OPEN {channel_list(channels)}")

    async def two_wire(self, channel: int) -> Reading:
        """Ohms at `channel`, autoranged."""
        value, state = await self._read(f"CONF:RES (@{channel})")
        return self._reading(value, state, "ohm", autoranged(RESISTANCE, value).expanded(value))

    async def capacitance(self, channel: int) -> Reading:
        """Farads at `channel`, on the smallest range that holds them."""
        if not self.farads:
            raise Unsupported(self.link.name, "a 34970A does not measure capacitance")
        for accuracy in CAPACITANCE:
            value, state = await self._read(f"CONF:CAP {accuracy.full_scale:.0E},(@{channel})")
            if state is State.OK and abs(value) <= OVERLOAD * accuracy.full_scale:
                return self._reading(value, state, "F", accuracy.expanded(value))
            if state is State.NO_READING:
                return self._reading(value, state, "F", math.nan)
        return self._reading(math.nan, State.OVER_RANGE, "F", math.nan)

    async def temperature(self, channel: int) -> Reading:
        """Degrees Celsius of the Pt100 (alpha = 0.00385) at `channel`."""
        value, state = await self._read(f"CONF:TEMP RTD,85,(@{channel})")
        return self._reading(value, state, "degC", RTD)

    async def scan_ac_volts(self, channels: Sequence[int]) -> tuple[Reading, ...]:
        """Volts rms at each of `channels`, in their order, autoranged; all from one scan that is triggered now."""
        scanned = await self._scan("CONF:VOLT:AC AUTO", channels)
        return tuple(
            self._reading(value, state, "V", autoranged(AC_VOLTS, value).expanded(value)) for value, state in scanned
        )

    async def scan_thermocouples(self, channels: Sequence[int]) -> tuple[Reading, ...]:
        """Degrees Celsius of the type T thermocouple at each of `channels`, likewise."""
        scanned = await self._scan("CONF:TEMP TC,T", channels)
        if beyond := [each for each, state in scanned if state is State.OK and not COLDEST <= each <= HOTTEST]:
            self._configured = ""
            raise BadReply(self.link.name, f"no accuracy of type T is public at {beyond[0]:g} degrees Celsius")
        uncertainty = THERMOCOUPLE.expanded(0.0)
        return tuple(self._reading(value, state, "degC", uncertainty) for value, state in scanned)

    async def make_safe(self) -> None:
        """Stop scanning and open every relay, confirmed by the error queue. What did not get through is tried again."""
        self._configured, self._fresh = "", True
        try:
            await self._open_everything()
        except AGAIN:
            await self._open_everything()

    async def _open_everything(self) -> None:
        slots = await self._slots()
        points = [channel for slot, card in slots for channel in _crosspoints(slot, card)]
        inputs = [channel for slot, card in slots for channel in _inputs(slot, card)]
        if points:
            # First what touches the UUT. The order leaves at once, whatever answer the link still waits for; *CLS,
            # because an error that an interrupted step has left is not a refusal to open.
            await self._order(f"*CLS;:ROUT:OPEN {channel_list(points)}")
        # Channels of a scan list cannot be opened by hand, so the list is emptied.
        await self._order("ABOR;:ROUT:SCAN (@)" + (f";:ROUT:OPEN {channel_list(inputs)}" if inputs else ""))

    async def _begin(self) -> None:
        """Before the first use of a run: forget what others have set (formats, triggers, errors); every relay opens."""
        if self._fresh:
            await self._order("*RST;*CLS")
            self._fresh = False

    async def _slots(self) -> list[tuple[int, str]]:
        return list(enumerate(self._cards or await self.cards(), start=1))

    async def _read(self, configuration: str) -> tuple[float, State]:
        (result,) = await self._readings(configuration, 1)
        return result

    async def _scan(self, function: str, channels: Sequence[int]) -> list[tuple[float, State]]:
        """What one scan of `channels` says of each, in the order in which they are asked for."""
        if not channels:
            return []
        ascending = sorted(set(channels))
        configuration = f"{function},{channel_list(ascending)}"
        readings = await self._readings(configuration, len(ascending), within=EACH * (1 + len(ascending)))
        by_channel = dict(zip(ascending, readings, strict=True))
        return [by_channel[channel] for channel in channels]

    async def _readings(
        self, configuration: str, count: int, *, within: float | None = None
    ) -> list[tuple[float, State]]:
        await self._begin()
        configured, self._configured = self._configured, ""  # until the reply is a good one
        if configured != configuration:
            await self._order(configuration)
        reply = await self.link.query("READ?", within=within)
        fields = reply.split(",")
        if len(fields) != count:
            raise BadReply(self.link.name, f"{count} readings were asked for, {len(fields)} came: {shown(reply)}")
        with reply_of(self.link.name):
            results = [quantity(field) for field in fields]
        self._configured = configuration
        return results

    async def _order(self, command: str) -> None:
        """Give a command. Raises Refused with everything that the error queue holds, unless it is empty."""
        try:
            await order(self.link, command)
        except Refused:
            self._configured = ""
            raise

    def _channel(self, point: Crosspoint) -> int:
        card, row, column = point
        if not (1 <= card <= SLOTS and 1 <= row <= ROWS and 1 <= column <= COLUMNS):
            raise Unsupported(self.link.name, f"it has no {point}")
        return card * 100 + row * 10 + column

    def _reading(self, value: float, state: State, unit: str, uncertainty: float) -> Reading:
        spread = uncertainty if state is State.OK else math.nan
        return Reading(value, unit, spread, self.link.now(), self.link.name, state)


def _card(reply: str) -> str:
    """The model in a reply to SYST:CTYP?, `maker,model,serial,firmware`; an empty slot has model 0."""
    fields = reply.split(",")
    if len(fields) != 4 or not fields[1].strip():
        raise ValueError(f"not a card: {printable(reply[:80])!r}")
    model = printable(fields[1].strip())
    return "" if model == "0" else model


def _crosspoints(slot: int, card: str) -> Iterator[int]:
    if card in MATRIX_CARDS:
        yield from (slot * 100 + row * 10 + column for row in range(1, ROWS + 1) for column in range(1, COLUMNS + 1))


def _inputs(slot: int, card: str) -> Iterator[int]:
    yield from range(slot * 100 + 1, slot * 100 + 1 + MULTIPLEXERS.get(card, 0))


def _connect_34970a(link: Lines) -> KeysightDaq970a:
    return KeysightDaq970a(link, farads=False)


ROLES = (Matrix, Multimeter, Scanner)
ACCURACY = "34970A user's guide, chapter 8, 1 year, 23 +- 5 degrees Celsius (34401A class)"
SOURCE = "34970A user's guide, pages 73 and 228-235; DAQ970A programming guide, page 215"
GAPS = (
    "resistance, AC volts and thermocouples of the DAQ970A: those of the 34970A are assumed",
    "type T below -100 degrees Celsius: refused",
    "a Pt100: 1 degree Celsius in total",
)

MODELS = (
    Model(
        name="keysight-daq970a",
        title="Keysight DAQ970A data acquisition system",
        connect=KeysightDaq970a,
        roles=ROLES,
        links=("tcp", "visa", "serial"),
        within=3.0,
        accuracy=ACCURACY,
        source=SOURCE,
        gaps=(*GAPS, "capacitance above 1 nF: the accuracy at 1 nF is assumed"),
    ),
    Model(
        name="keysight-34970a",
        title="Keysight (Agilent, HP) 34970A",
        connect=_connect_34970a,
        roles=ROLES,
        links=("visa", "serial", "tcp"),
        within=3.0,
        accuracy=ACCURACY,
        source=SOURCE,
        gaps=(*GAPS, "no capacitance"),
    ),
)
