"""Rows of the catalogue of faults that a driver alone can show (layer `instrument`), by their ids."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from drivers.errors import InstrumentError, LinkError, LinkTimeout, Refused
from drivers.links.scripted import scripted
from drivers.loads.chroma_63800 import Chroma63800
from drivers.multimeters.keysight_34461a import Keysight34461a
from drivers.ohmmeters.hioki_rm3545 import HiokiRm3545
from drivers.orders import QUEUE, drained
from drivers.reading import State
from drivers.safety.gwinstek_gpt9804 import GwInstekGpt9804
from drivers.sources.chroma_61800 import Chroma61800
from drivers.switches.keysight_daq970a import EACH, KeysightDaq970a
from tests.drivers.fake_wire import Late, virtual
from tests.drivers.one_reading import METERS, QUIET, Answering, over_a_link

QUEUED = [name for name in METERS if name != "hioki-rm3545"]
"""Those with an error queue. (A Hioki RM3545 has none that is public.)"""
SET_UP = [name for name in QUEUED if name not in {"chroma-61845", "chroma-63804"}]
"""Those of which a reading is set up first. (A source or a load just reads its own meter.)"""


@virtual
@pytest.mark.parametrize("model", [name for name in METERS if name != "gwinstek-gpt9804"])
@pytest.mark.parametrize("text", ["9.91E37", "9.9E37", "-9.9E37", "+9.90000000E+37"])
async def test_f003_infinities_are_states_before_any_limit(model: str, text: str) -> None:
    """Never a large number; a GPT-9800 does not say them at all (B062)."""
    answering = Answering(METERS[model])
    _, _, driver = await over_a_link(answering)
    answering.pieces = [(QUIET, answering.whole(text.encode("ascii")) + METERS[model].model.replies_end_with)]
    read = await METERS[model].read(driver)
    assert not read.is_number
    assert read.state in {State.OVER_RANGE, State.NO_READING}


@virtual
@pytest.mark.parametrize("model", METERS)
@pytest.mark.parametrize("text", ["OVLD", "----", "1_000", " 1 ", "--1", "1e400"])
async def test_f004_text_is_no_number(model: str, text: str) -> None:
    """Whatever `float` would make of it; blanks around a number are the Hioki's and the GPT's own."""
    if text == " 1 " and model in {"hioki-rm3545", "gwinstek-gpt9804"}:
        return
    answering = Answering(METERS[model])
    _, _, driver = await over_a_link(answering)
    answering.pieces = [(QUIET, answering.whole(text.encode("ascii")) + METERS[model].model.replies_end_with)]
    with pytest.raises(InstrumentError):
        await METERS[model].read(driver)


class Minding(Answering):
    """A far end that minds every order, and answers all the same."""

    def __call__(self, line: str) -> Iterable[Late]:
        """After an order the queue holds an error."""
        reply = super().__call__(line)
        if not line.endswith("?"):
            self.left[:] = ['-113,"Undefined header"']
        return reply


@virtual
@pytest.mark.parametrize("model", SET_UP)
async def test_f007_an_error_beside_a_value(model: str) -> None:
    """The order is refused with its code, though the value would come."""
    _, _, driver = await over_a_link(Minding(METERS[model]))
    with pytest.raises(Refused, match="-113"):
        await METERS[model].read(driver)


async def test_f008_an_error_queue_that_overflows() -> None:
    """Read to its end, and the overflow is told; one without an end is read a bounded number of times."""
    full = [("SYST:ERR?", '-113,"Undefined header"')] * 16 + [("SYST:ERR?", '-350,"Queue overflow"')]
    with scripted(*full, ("SYST:ERR?", '+0,"No error"')) as link:
        assert 17 == len(await drained(link))
    with scripted(*([("SYST:ERR?", '-350,"Queue overflow"')] * QUEUE)) as link:
        assert QUEUE == len(await drained(link))
    with (
        scripted(("*RST;*CLS", None), *full, ("SYST:ERR?", '+0,"No error"')) as link,
        pytest.raises(Refused, match="overflowed"),
    ):
        await KeysightDaq970a(link).open_all()


@virtual
@pytest.mark.parametrize("model", QUEUED)
async def test_f009_an_error_that_somebody_else_has_left(model: str) -> None:
    """It is forgotten, and not taken for an answer to our orders; nor does it make an instrument ill."""
    answering = Answering(METERS[model], left=['-113,"Undefined header"'])
    _, _, driver = await over_a_link(answering)
    assert METERS[model].value == pytest.approx((await METERS[model].read(driver)).value)


@virtual
@pytest.mark.parametrize("model", ["hioki-rm3545", *SET_UP])
async def test_f012_a_reboot_in_the_middle(model: str) -> None:
    """The reading is lost; before the next one what decides it is sent again (a DAQ970A's CONF sets all of a channel)."""
    answering = Answering(METERS[model])
    wire, _, driver = await over_a_link(answering)
    await METERS[model].read(driver)
    first = [line for line in wire.sent if not line.endswith("?")]
    answering.pieces = [(QUIET, b"")]
    with pytest.raises(LinkError):
        await METERS[model].read(driver)
    answering.pieces, wire.sent[:] = None, []
    for _ in range(3):
        try:
            await METERS[model].read(driver)
        except LinkError:
            continue
        break
    again = [line for line in wire.sent if not line.endswith("?")]
    last = 1 if model == "keysight-daq970a" else 3
    assert first[-last:] == again[-last:]


@virtual
@pytest.mark.parametrize(
    ("model", "question", "reply"),
    [
        ("hioki-rm3545", ":RES:RANG?", "10.00000E-03"),
        ("keysight-34461a", "SENS:VOLT:DC:RANG?", "+1.00000000E-01"),
        ("yokogawa-wt310", ":INP:VOLT:RANG?", "600.0E+00"),
        ("yokogawa-wt310", ":NUM:NORM:ITEM1?", "I,1"),
        ("gwinstek-gpt9804", "MANU1:EDIT:SHOW ?", "ACW,0.500kV,H=10.00mA,L=00.00mA,R=000.5S,T=001.0S"),
        ("gwinstek-gpt9804", "MANU:ACW:REF ?", "1.000"),
    ],
)
async def test_f013_a_setting_that_was_changed_at_the_front(model: str, question: str, reply: str) -> None:
    """What is read back differs: refused, and nothing is energised."""
    answering = Answering(METERS[model], changed={question: reply})
    wire, _, driver = await over_a_link(answering)
    with pytest.raises(Refused):
        await METERS[model].read(driver)
    assert "FUNC:TEST ON" not in wire.sent


@virtual
async def test_f015_an_output_that_stays_on() -> None:
    """Accepted and ignored, whether it says so or its own meter shows it: refused, within seconds."""
    source = Answering(
        METERS["chroma-61845"],
        changed={"SYST:ERR?": '+0,"No error"', "OUTP:STATE?": "OFF", "MEAS:VOLT2?": "230.0", "MEAS:VOLT3?": "230.0"},
    )
    _, link, driver = await over_a_link(source)
    assert isinstance(driver, Chroma61800)
    began = link.now()
    with pytest.raises(Refused, match="and yet it measures"):
        await driver.make_safe()
    assert link.now() - began < 5.0
    load = Answering(METERS["chroma-63804"], changed={"SYST:ERR?": '+0,"No error"', ":LOAD?": "1"})
    _, _, driver = await over_a_link(load)
    assert isinstance(driver, Chroma63800)
    with pytest.raises(Refused, match="says that it draws"):
        await driver.make_safe()
    tester = Answering(replace(METERS["gwinstek-gpt9804"], idle="ACW,TEST ,1.500kV,1.021 mA ,T=000.4S"))
    _, _, driver = await over_a_link(tester)
    assert isinstance(driver, GwInstekGpt9804)
    with pytest.raises(Refused, match="says that it goes on"):
        await driver.make_safe()


async def test_f016_a_self_test_that_fails() -> None:
    """Refused with its code, before anything is used."""
    for connect in (HiokiRm3545, KeysightDaq970a, Keysight34461a):
        with scripted(("*TST?", "+3")) as link, pytest.raises(Refused, match="its self test says 3"):
            await connect(link).self_check()


@virtual
@pytest.mark.parametrize("model", METERS)
async def test_f017_a_measurement_as_long_as_the_deadline(model: str) -> None:
    """Ten milliseconds before it: a reading. Ten after: none, and the late one is never taken for the next."""
    meter = METERS[model]
    answering = Answering(meter)
    _, _, driver = await over_a_link(answering)
    (good,) = answering.good()
    answering.pieces = [(meter.model.within - 0.010, good[1])]
    assert meter.value == pytest.approx((await meter.read(driver)).value)
    answering.pieces = [(meter.model.within + 0.010, answering.whole(b"0.5") + meter.model.replies_end_with)]
    with pytest.raises(LinkTimeout):
        await meter.read(driver)
    answering.pieces = None
    for _ in range(4):
        try:
            read = await meter.read(driver)
        except LinkError:
            continue
        break
    assert meter.value == pytest.approx(read.value)


@virtual
async def test_f017_a_scan_has_time_for_its_channels() -> None:
    """The deadline grows with the number of channels."""
    answering = Answering(METERS["keysight-daq970a"], pieces=[(EACH * 20, b",".join([b"+1.0E+00"] * 20) + b"\n")])
    _, _, driver = await over_a_link(answering)
    assert 20 == len(await driver.scan_ac_volts(range(301, 321)))


@virtual
@pytest.mark.parametrize("model", SET_UP)
async def test_f018_a_confirmation_that_never_comes(model: str) -> None:
    """The order is not taken as obeyed: a timeout within the deadline."""
    answering = Answering(METERS[model], silent=frozenset({"SYST:ERR?", "SYST:ERR ?", ":STAT:ERR?"}))
    _, link, driver = await over_a_link(answering)
    began = link.now()
    with pytest.raises(LinkTimeout):
        await METERS[model].read(driver)
    assert link.now() - began < 15.0
