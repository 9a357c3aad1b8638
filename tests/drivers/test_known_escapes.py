"""Escapes of public factory code, by name: each let a bad unit pass there, and none may here."""

from collections.abc import Iterable

import pytest

from drivers.errors import BadReply, LinkTimeout, Refused, WrongInstrument
from drivers.links.scripted import Exchange, scripted
from drivers.loads.chroma_63800 import Chroma63800
from drivers.orders import order
from drivers.safety.gwinstek_gpt9804 import GwInstekGpt9804
from drivers.scpi import error
from drivers.sources.chroma_61800 import Chroma61800
from tests.drivers.fake_wire import Late, virtual
from tests.drivers.one_reading import METERS, QUIET, Answering, over_a_link

HIPOT = METERS["gwinstek-gpt9804"]
ENDING = HIPOT.model.replies_end_with


async def withstood(driver: GwInstekGpt9804) -> bool:
    """Whether a unit withstands, as the tester says."""
    proof = await driver.withstand(volts=1500.0, hertz=50.0, seconds=1.0, highest=0.010, lowest=0.0)
    return proof.passed


@pytest.mark.parametrize(
    "text", ["25,Voltage setting error", "0,No Error", '-113,"Undefined header"', "1,no error at all"]
)
async def test_error_text_swallowed(text: str) -> None:
    """There, text in which "no error" was searched for was erased, whatever it said. Here the code alone decides."""
    replies: list[Exchange] = [("SYST:ERR ?", text), ("SYST:ERR ?", "0,No Error")]
    if error(text).code == 0:
        with scripted(("FUNC:TEST ON", None), replies[0]) as link:
            await order(link, "FUNC:TEST ON", ask="SYST:ERR ?")
        return
    with scripted(("FUNC:TEST ON", None), *replies) as link, pytest.raises(Refused, match=str(error(text).code)):
        await order(link, "FUNC:TEST ON", ask="SYST:ERR ?")


@virtual
@pytest.mark.parametrize("said", [b"", b"ACW", b"ACW,PASS", b"ACW,PASS ,,,", b"PASS", b",,,,"])
async def test_empty_results_pass(said: bytes) -> None:
    """There, all of no results were PASS. Here what has no value is no result."""
    answering = Answering(HIPOT)
    _, _, driver = await over_a_link(answering)
    answering.pieces = [(QUIET, said + ENDING)]
    with pytest.raises(BadReply):
        await withstood(driver)


class Forgetful(Answering):
    """A tester that anything like a reset sets back to 100 V."""

    def __call__(self, line: str) -> Iterable[Late]:
        """From a reset on another step is shown."""
        if "*RST" in line:
            self.changed["MANU1:EDIT:SHOW ?"] = "ACW,0.100kV,H=01.00mA,L=00.00mA,R=000.1S,T=001.0S"
        return super().__call__(line)


@virtual
async def test_settings_lost_by_a_reset() -> None:
    """There, a reset came between set-up and test. Here none does, and whatever sets it back is read before the start."""
    answering = Forgetful(HIPOT)
    wire, _, driver = await over_a_link(answering)
    assert await withstood(driver)
    assert not [line for line in wire.sent if "*RST" in line]
    answering("*RST")
    wire.sent.clear()
    with pytest.raises(Refused, match="100 for 1500"):
        await withstood(driver)
    assert "FUNC:TEST ON" not in wire.sent


class Stale(Answering):
    """A tester that does not start, and shows the PASS of the unit before."""

    def __call__(self, line: str) -> Iterable[Late]:
        """PASS, always."""
        if line == "MEAS ?":
            return self.good()
        return super().__call__(line)


@virtual
async def test_an_unchanged_counter_accepted() -> None:
    """There, a counter that had not moved was as good as one that had. Here a judgement that was there before is none."""
    wire, _, driver = await over_a_link(Stale(HIPOT))
    with pytest.raises(Refused, match="PASS of an earlier test"):
        await withstood(driver)
    assert "FUNC:TEST OFF" in wire.sent[-4:]


@virtual
async def test_an_ignored_timeout() -> None:
    """There, nobody looked at whether waiting had succeeded. Here a test that does not end is an error, and is ended."""
    going_on: list[Late] = [(QUIET, b"ACW,TEST ,1.500kV,1.021 mA ,T=000.4S" + ENDING)]
    wire, link, driver = await over_a_link(Answering(HIPOT, pieces=going_on))
    began = link.now()
    with pytest.raises(Refused, match="has not ended"):
        await withstood(driver)
    assert link.now() - began < 15.0
    assert "FUNC:TEST OFF" in wire.sent[-4:]
    _, _, driver = await over_a_link(Answering(HIPOT, pieces=[]))
    with pytest.raises(LinkTimeout):
        await withstood(driver)


@pytest.mark.parametrize("reply", ["Chroma,61845,1,1", "ACME,63804,1,1", "63804,Chroma,1,1", "ACME,ACME,1,1"])
async def test_an_identity_checked_with_and(reply: str) -> None:
    """There, an instrument was wrong only if both maker and model were. Here either is enough."""
    with scripted(("*IDN?", reply)) as link, pytest.raises(WrongInstrument):
        await Chroma63800(link).identify()
    if reply != "Chroma,61845,1,1":
        with scripted(("*IDN?", reply)) as link, pytest.raises(WrongInstrument):
            await Chroma61800(link).identify()


@virtual
async def test_a_judgement_without_its_stimulus() -> None:
    """The proof of a PASS at 24 V says 24 V: whoever takes it can see that nothing was tested."""
    answering = Answering(HIPOT, pieces=[(QUIET, b"ACW,PASS ,0.024kV,0.001 mA ,T=001.0S" + ENDING)])
    _, _, driver = await over_a_link(answering)
    proof = await driver.withstand(volts=1500.0, hertz=50.0, seconds=1.0, highest=0.010, lowest=0.0)
    assert (True, 24.0) == (proof.passed, proof.stimulus.value)


@virtual
async def test_a_unit_that_fails_does_not_pass() -> None:
    """Nor is it an error: FAIL is the tester's own judgement."""
    answering = Answering(HIPOT, pieces=[(QUIET, b"ACW,FAIL ,0.900kV,10.02mA ,R=000.3S" + ENDING)])
    _, _, driver = await over_a_link(answering)
    assert not await withstood(driver)
