"""What an instrument may say in place of a number, row by row of the catalogue of bad inputs (B061 to B089)."""

from collections.abc import Callable

import pytest

from drivers.errors import BadReply, InstrumentError, LinkError, LinkTimeout, WrongInstrument
from drivers.links.dialogue import LineLink
from drivers.reading import Reading, State
from drivers.scpi import identity
from tests.drivers.fake_wire import FakeWire, Late, virtual
from tests.drivers.one_reading import METERS, QUIET, Answering, over_a_link

ROWS = {
    "B061-nan": b"nan",
    "B062-scpi-nan": b"9.91E37",
    "B064-scpi-minus-infinity": b"-9.9E37",
    "B065-overflow": b"1e400",
    "B067-thousands-comma": b"1,234",
    "B068-decimal-comma": b"1,5",
    "B070-hex": b"0x10",
    "B071-unit": b"1.0 V",
    "B073-only-the-terminator": b"",
    "B080-block": b"#9999999999",
    "B082-not-ascii": b"1.0\xb5A",
    "B089-overload-text": b"O.L",
    "B089-dashes": b"----",
    "B089-greater-than": b">1G",
}
STATES = ("B062-scpi-nan", "B064-scpi-minus-infinity")
"""Rows that SCPI meters say as a state."""


async def recovered(answering: Answering, driver: object) -> Reading:
    """The first reading that the link gives again once the far end is well; a link that resynchronises may refuse some."""
    answering.pieces = None
    for _ in range(4):
        try:
            return await answering.meter.read(driver)
        except LinkError:
            continue
    raise AssertionError("it does not recover")


@virtual
@pytest.mark.parametrize("model", METERS)
@pytest.mark.parametrize("row", ROWS)
async def test_what_is_no_number_is_no_reading(row: str, model: str) -> None:
    """A BadReply with the bytes, or a state where SCPI has one; and the next reading is right."""
    answering = Answering(METERS[model])
    _, _, driver = await over_a_link(answering)
    ending = METERS[model].model.replies_end_with
    answering.pieces = [(QUIET, answering.whole(ROWS[row]) + ending)]
    if row in STATES and not METERS[model].started_by:
        read = await METERS[model].read(driver)
        assert (False, True) == (read.is_number, read.state in {State.OVER_RANGE, State.NO_READING})
    else:
        with pytest.raises(BadReply) as caught:
            await METERS[model].read(driver)
        assert str(caught.value).isprintable()
    assert METERS[model].value == pytest.approx((await recovered(answering, driver)).value)


@virtual
@pytest.mark.parametrize("model", METERS)
@pytest.mark.parametrize(
    ("row", "pieces", "kind"),
    [
        ("B074-no-terminator", lambda good: [(QUIET, good.rstrip(b"\r\n"))], LinkTimeout),
        ("B076-two-glued", lambda good: [(QUIET, good + good)], BadReply),
        ("B077-late", lambda good: [(4.5, good)], LinkTimeout),
    ],
)
async def test_what_is_not_one_line_in_time_is_no_reading(
    row: str, pieces: Callable[[bytes], list[Late]], kind: type[InstrumentError], model: str
) -> None:
    """The link is resynchronised before the next reading, which is a new one."""
    del row
    answering = Answering(METERS[model])
    _, _, driver = await over_a_link(answering)
    answering.pieces = pieces(answering.whole(b"0.5") + METERS[model].model.replies_end_with)
    with pytest.raises(kind):
        await METERS[model].read(driver)
    assert METERS[model].value == pytest.approx((await recovered(answering, driver)).value)


@virtual
@pytest.mark.parametrize("model", ["keysight-34461a", "gwinstek-gpt9804"])
async def test_b079_an_endless_stream_ends(model: str) -> None:
    """Within the deadline of the exchange, whatever comes."""
    answering = Answering(METERS[model])
    wire, link, driver = await over_a_link(answering)
    answering.pieces = [(0.001 * each, b"1") for each in range(1, 8000)]
    began = link.now()
    with pytest.raises(InstrumentError):
        await METERS[model].read(driver)
    assert link.now() - began < 30.0
    wire.close()


def test_b083_an_escape_in_an_identity_cannot_be_shown() -> None:
    """Nor do anything to a terminal: the link refuses the line, the parser escapes it."""
    assert "ACME\\x1b[31m" == identity("ACME\x1b[31m,X,1,1").maker


@pytest.mark.parametrize("text", ["A,B,C", "A,B,C,D,E"])
def test_b085_three_or_five_fields_are_an_identity(text: str) -> None:
    """The first three are maker, model and serial number."""
    assert ("A", "B", "C") == (identity(text).maker, identity(text).model, identity(text).serial)


@virtual
async def test_b086_another_serial_number_after_a_reconnect() -> None:
    """Another instrument than before is never measured with."""
    idn = ["ACME,X,1,1"]
    wire = FakeWire(lambda line: [(QUIET, (idn[0] if line == "*IDN?" else "1.0").encode() + b"\n")])
    link = LineLink("meter", wire)
    await link.open()
    await link.query("*IDN?")
    idn[0] = "ACME,X,2,1"
    wire.close()
    with pytest.raises(InstrumentError):
        await link.query("READ?")
    with pytest.raises(WrongInstrument, match="another instrument"):
        await link.query("READ?")


@virtual
@pytest.mark.parametrize("model", METERS)
async def test_b088_more_digits_than_a_number_has(model: str) -> None:
    """Read as the nearest number; a resistance, a voltage or a current all the same."""
    answering = Answering(METERS[model])
    _, _, driver = await over_a_link(answering)
    answering.pieces = [(QUIET, answering.whole(b"1.0000000000000000001") + METERS[model].model.replies_end_with)]
    assert METERS[model].value == pytest.approx((await METERS[model].read(driver)).value)
