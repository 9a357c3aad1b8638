"""The 34461A's driver, against the public facts of the family, exchange by exchange."""

import math

import pytest

from drivers.errors import BadReply, LinkError, LinkTimeout, Refused, Unsupported
from drivers.links.scripted import Exchange, scripted
from drivers.multimeters.keysight_34461a import AC_VOLTS, DC_VOLTS, MODELS, OHMS, Keysight34461a
from drivers.reading import Reading, State
from drivers.roles import Identity, Instrument, Ohmmeter, Voltmeter

OK: Exchange = ("SYST:ERR?", '+0,"No error"')


def ranged(function: str, told: str, said: str) -> tuple[Exchange, ...]:
    """How a range is chosen and read back."""
    return (f"*CLS;:CONF:{function} {told}", None), OK, (f"SENS:{function}:RANG?", said)


def reads_as(function: str, said: str, full_scale: str) -> Exchange:
    """A reading, with the function and the range that it is of."""
    return f"READ?;:SENS:FUNC?;:SENS:{function}:RANG?", f'{said};"{function.removesuffix(":DC")}";{full_scale}'


def volts(said: str) -> Exchange:
    """One of volts, on the range of 10 V."""
    return reads_as("VOLT:DC", said, "+1.00000000E+01")


TO_100_OHM = ranged("FRES", "100", "+1.00000000E+02")
TO_10_V = ranged("VOLT:DC", "10", "+1.00000000E+01")


def test_it_is_a_voltmeter_and_an_ohmmeter() -> None:
    """The catalogue's entry makes a driver that plays both roles, by whichever link."""
    (model,) = MODELS
    with scripted() as link:
        meter = model.connect(link)
    assert all(isinstance(meter, role) for role in (Voltmeter, Ohmmeter, Instrument))
    assert ("keysight-34461a", b"\n", b"\n") == (model.name, model.ends_with, model.replies_end_with)


async def test_it_says_who_it_is_and_how_it_is() -> None:
    """The self test's code is told."""
    said: tuple[Exchange, ...] = (
        ("*IDN?", "Keysight Technologies,34461A,MY1,A.02.17"),
        ("*TST?", "+0"),
        ("*TST?", "+1"),
    )
    with scripted(*said) as link:
        meter = Keysight34461a(link)
        assert Identity("Keysight Technologies", "34461A", "MY1", "A.02.17") == await meter.identify()
        await meter.self_check()
        with pytest.raises(Refused, match="its self test says 1"):
            await meter.self_check()


async def test_volts() -> None:
    """Configured and read back when function or range change; each reading is triggered."""
    reads: tuple[Exchange, ...] = (volts("-5.12345600E+00"), volts("+5.12345700E+00"))
    to_ac = ranged("VOLT:AC", "750", "+7.50000000E+02")
    with scripted(
        *TO_10_V, *reads, *to_ac, reads_as("VOLT:AC", "+2.30000000E+02", "+7.50000000E+02"), at=2.0, name="dmm"
    ) as link:
        meter = Keysight34461a(link)
        uncertainty = DC_VOLTS.ranges[2].expanded(5.123456)
        assert Reading(-5.123456, "V", uncertainty, 2.0, "dmm") == await meter.dc_volts(9.0)
        assert 5.123457 == (await meter.dc_volts(-10.0)).value
        assert (230.0, "V") == ((read := await meter.ac_volts(277.0)).value, read.unit)


async def test_ohms() -> None:
    """prepare() chooses the range; a reading in between of volts has it chosen anew."""
    one: Exchange = reads_as("FRES", "+1.23456789E+01", "+1.00000000E+02")
    with scripted(*TO_100_OHM, one, one, *TO_10_V, volts("+1.0E+00"), *TO_100_OHM, one) as link:
        meter = Keysight34461a(link)
        with pytest.raises(Unsupported, match=r"prepare\(\) comes first"):
            await meter.resistance()
        await meter.prepare(50.0)
        assert (12.3456789, "ohm") == ((got := await meter.resistance()).value, got.unit)
        await meter.resistance()
        await meter.dc_volts(10.0)
        assert 12.3456789 == (await meter.resistance()).value


@pytest.mark.parametrize(
    ("accuracy", "value", "limit"),
    [
        (DC_VOLTS.ranges[0], 0.1, 8.5e-6),
        (DC_VOLTS.ranges[1], 1.0, 47e-6),
        (DC_VOLTS.ranges[2], 10.0, 400e-6),
        (DC_VOLTS.ranges[3], 100.0, 5.1e-3),
        (OHMS.ranges[0], 100.0, 14e-3),
        (OHMS.ranges[1], 1e3, 110e-3),
        (OHMS.ranges[2], 1e4, 1.1),
        (AC_VOLTS.ranges[3], 100.0, 0.15),
    ],
)
def test_the_accuracy_is_the_service_guides(accuracy: object, value: float, limit: float) -> None:
    """Full-scale limits of one year (page 69), as an expanded uncertainty."""
    spread = accuracy.expanded(value)  # type: ignore[attr-defined]
    assert pytest.approx(2 * limit / math.sqrt(3), rel=1e-3) == spread


@pytest.mark.parametrize(
    ("reply", "state"),
    [("+9.90000000E+37", State.OVER_RANGE), ("-9.9E+37", State.OVER_RANGE), ("+9.91000000E+37", State.NO_READING)],
)
async def test_infinities_are_no_values(reply: str, state: State) -> None:
    """Said as states, in either direction."""
    with scripted(*TO_10_V, volts(reply)) as link:
        read = await Keysight34461a(link).dc_volts(10.0)
    assert (state, False) == (read.state, read.is_number)
    assert math.isnan(read.value)


@pytest.mark.parametrize("reply", ["", "nan", "OVLD", "+1.3E+01", "1,5", "+1.0 V", "0x10"])
async def test_what_the_range_cannot_show_is_no_reading(reply: str) -> None:
    """Text, and finite numbers beyond 120 % of the range, are BadReplies; the range is chosen anew."""
    with scripted(*TO_10_V, volts(reply), *TO_10_V, volts("+1.0E+00")) as link:
        meter = Keysight34461a(link)
        with pytest.raises(BadReply):
            await meter.dc_volts(10.0)
        assert 1.0 == (await meter.dc_volts(10.0)).value


@pytest.mark.parametrize(
    "reply",
    [
        '+1.0E+00;"FRES";+1.00000000E+01',
        '+1.0E+00;"VOLT:AC";+1.00000000E+01',
        '+1.0E+00;"VOLT";+1.00000000E+02',
        '+9.9E+37;"CURR";+1.00000000E+01',
        '+1.0E+00;"VOLT"',
        '+1.0E+00;"VOLT";+1.00000000E+01;+1',
        '+1.0E+00;"VOLT";AUTO',
        "+1.0E+00",
    ],
)
async def test_a_value_of_something_else_is_no_reading(reply: str) -> None:
    """Somebody has switched it to another function or range, at its front or from elsewhere; it is set anew."""
    question, _ = volts("")
    with scripted(*TO_10_V, (question, reply), *TO_10_V, volts("+1.0E+00")) as link:
        meter = Keysight34461a(link)
        with pytest.raises(BadReply):
            await meter.dc_volts(10.0)
        assert 1.0 == (await meter.dc_volts(10.0)).value


async def test_a_range_that_was_not_taken_is_refused() -> None:
    """Neither one that it refuses, nor one that it says it does not have."""
    refused: tuple[Exchange, ...] = (
        ("*CLS;:CONF:FRES 100", None),
        ("SYST:ERR?", '-222,"Data out of range"'),
        OK,
    )
    with scripted(*refused, *ranged("FRES", "100", "+1.00000000E+03")) as link:
        meter = Keysight34461a(link)
        with pytest.raises(Refused, match="-222"):
            await meter.prepare(100.0)
        with pytest.raises(Refused, match="it has 1000"):
            await meter.prepare(100.0)


@pytest.mark.parametrize("highest", [1001.0, math.inf, math.nan])
async def test_beyond_its_ranges(highest: float) -> None:
    """Said before anything is sent."""
    with scripted() as link, pytest.raises(Unsupported):
        await Keysight34461a(link).dc_volts(highest)


async def test_made_safe_it_drives_no_current() -> None:
    """A voltmeter, confirmed by its error queue, at the second try if need be; then it is configured anew."""
    rest: tuple[Exchange, ...] = (("*CLS;:ABOR;:CONF:VOLT:DC 1000", None), OK)
    lost = LinkTimeout("dmm", "silent")
    with scripted(*TO_10_V, volts("+1.0E+00"), (rest[0][0], lost), *rest, *TO_10_V, volts("+1.0E+00")) as link:
        meter = Keysight34461a(link)
        await meter.dc_volts(10.0)
        await meter.make_safe()
        await meter.dc_volts(10.0)
    with scripted((rest[0][0], lost), (rest[0][0], lost)) as link, pytest.raises(LinkError):
        await Keysight34461a(link).make_safe()
