"""One reading of each meter over the real link: the wire answers set-up questions well, and the measuring one as told."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from drivers.links.dialogue import LineLink
from drivers.loads.chroma_63800 import MODELS as LOAD
from drivers.model import Model
from drivers.multimeters.keysight_34461a import MODELS as MULTIMETER
from drivers.ohmmeters.hioki_rm3545 import MODELS as OHMMETER
from drivers.power_meters.yokogawa_wt310 import MODELS as POWER_METER
from drivers.reading import Reading
from drivers.safety.gwinstek_gpt9804 import MODELS as SAFETY
from drivers.sources.chroma_61800 import MODELS as SOURCE
from drivers.switches.keysight_daq970a import MODELS as MAINFRAME
from tests.drivers.fake_wire import FakeWire, Late

NO_ERROR = '+0,"No error"'
QUIET = 0.001
"""Seconds that a good answer takes."""


@dataclass(frozen=True)
class Meter:
    """How one model is read: `question` is the measuring one, `whole` its reply around the number."""

    model: Model
    question: str
    read: Callable[[Any], Awaitable[Reading]]
    answers: dict[str, str]
    whole: str = "{}"
    started_by: str = ""
    """What makes the measuring question mean this test; before it, `idle` is the reply, and after `stopped_by` again."""
    stopped_by: str = ""
    idle: str = ""
    value: float = 1.0
    """What the good reply, a number 1.0, means."""


async def _ohms(driver: Any) -> Reading:
    await driver.prepare(1.0)
    reading: Reading = await driver.resistance()
    return reading


async def _volts(driver: Any) -> Reading:
    reading: Reading = await driver.dc_volts(10.0)
    return reading


async def _channel(driver: Any) -> Reading:
    reading: Reading = await driver.two_wire(301)
    return reading


async def _circuit(driver: Any) -> Reading:
    await driver.prepare(volts=300.0, amps=10.0)
    reading: Reading = (await driver.electrical()).volts
    return reading


async def _phase(driver: Any) -> Reading:
    reading: Reading = await driver.volts(1)
    return reading


async def _amps(driver: Any) -> Reading:
    reading: Reading = await driver.amps()
    return reading


async def _leak(driver: Any) -> Reading:
    proof = await driver.withstand(volts=1500.0, hertz=50.0, seconds=1.0, highest=0.010, lowest=0.0)
    reading: Reading = proof.result
    return reading


METERS = {
    each.model.name: each
    for each in (
        Meter(OHMMETER[0], ":READ?", _ohms, {"*IDN?": "HIOKI,RM3545,1,V1.00", ":RES:RANG?": "1000.000E-03"}),
        Meter(
            MULTIMETER[0], "READ?;:SENS:FUNC?;:SENS:VOLT:DC:RANG?", _volts,
            {
                "*IDN?": "Keysight Technologies,34461A,MY1,A.02", "SYST:ERR?": NO_ERROR,
                "SENS:VOLT:DC:RANG?": "+1.00000000E+01",
            },
            whole='{};"VOLT";+1.00000000E+01',
        ),
        Meter(MAINFRAME[0], "READ?", _channel, {"*IDN?": "Keysight Technologies,DAQ970A,MY1,1", "SYST:ERR?": NO_ERROR}),
        Meter(
            POWER_METER[0], ":NUM:NORM:VAL?", _circuit,
            {
                "*IDN?": "YOKOGAWA,WT310,91N1,F1.03", ":STAT:ERR?": '0,"No error"', ":INP:CFAC?": "3",
                ":INP:VOLT:RANG?": "300.0E+00", ":INP:CURR:RANG?": "10.0E+00", ":NUM:NORM:ITEM1?": "U,1",
                ":NUM:NORM:ITEM2?": "I,1", ":NUM:NORM:ITEM3?": "P,1", ":NUM:NORM:ITEM4?": "FU,1",
            },
            whole="{},1.0E+00,1.0E+00,50.0E+00",
        ),
        Meter(SOURCE[0], "MEAS:VOLT1?", _phase, {"*IDN?": "CHROMA,61845,1,1.20"}),
        Meter(LOAD[0], ":MEAS:CURR?", _amps, {"*IDN?": "CHROMA,63804,1,1.08"}),
        Meter(
            SAFETY[0], "MEAS ?", _leak,
            {
                "*IDN?": "GPT-9804, EM1, V1.00", "SYST:ERR ?": "0,No Error",
                "MANU1:EDIT:SHOW ?": "ACW,1.500kV,H=10.00mA,L=00.00mA,R=000.5S,T=001.0S",
                "MANU:ACW:REF ?": "0.000", "MANU:ACW:FREQ ?": "50",
            },
            whole="ACW,PASS ,1.500kV,{} mA ,T=001.0S",
            started_by="FUNC:TEST ON", stopped_by="FUNC:TEST OFF",
            idle="ACW,VIEW ,0.000kV,0.000 mA ,T=000.0S", value=1e-3,
        ),
    )
}  # fmt: skip


@dataclass
class Answering:
    """The far end: `pieces` is what the measuring question is answered with, whole or not; None for a good reading."""

    meter: Meter
    pieces: Iterable[Late] | None = None
    silent: frozenset[str] = frozenset()
    changed: dict[str, str] = field(default_factory=dict)
    """Other answers to set-up questions."""
    left: list[str] = field(default_factory=list)
    """Errors in the queue, which *CLS forgets."""
    running: bool = False

    def __call__(self, line: str) -> Iterable[Late]:
        """What comes after a line."""
        meter, ending = self.meter, self.meter.model.replies_end_with
        if "*CLS" in line:
            self.left.clear()
        if line in {meter.started_by, meter.stopped_by}:
            self.running = line == meter.started_by
        if line in self.silent:
            return []
        if line == meter.question and (self.running or not meter.started_by):
            return self.good() if self.pieces is None else self.pieces
        reply = meter.idle if line == meter.question else self.changed.get(line, meter.answers.get(line, ""))
        if line.startswith(("SYST:ERR", ":STAT:ERR")) and self.left:
            reply = self.left.pop(0)
        return [(QUIET, reply.encode("ascii") + ending)] if reply else []

    def good(self) -> list[Late]:
        """A reading of 1.0."""
        return [(QUIET, self.whole(b"1.0") + self.meter.model.replies_end_with)]

    def whole(self, payload: bytes) -> bytes:
        """The payload where the number should be."""
        before, _, after = self.meter.whole.partition("{}")
        return before.encode("ascii") + payload + after.encode("ascii")


async def over_a_link(answering: Answering) -> tuple[FakeWire, LineLink, Any]:
    """The wire, the link that has identified the instrument, and its driver."""
    model, wire = answering.meter.model, FakeWire(answering)
    link = LineLink(
        model.name, wire, ends_with=model.ends_with, replies_end_with=model.replies_end_with, within=model.within
    )
    await link.open()
    driver = model.connect(link)
    await driver.identify()
    return wire, link, driver
