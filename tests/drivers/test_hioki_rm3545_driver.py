"""The Hioki RM3545's driver, against the public facts of the manual, exchange by exchange."""

import math

import pytest

from drivers.errors import BadReply, LinkError, LinkTimeout, Refused, Unsupported
from drivers.links.scripted import Exchange, scripted
from drivers.ohmmeters.hioki_rm3545 import ACCURACY, FAST, MODELS, SLOW1, HiokiRm3545
from drivers.reading import Reading, State
from drivers.roles import Identity, Instrument, Ohmmeter

IDN: Exchange = ("*IDN?", "HIOKI,RM3545,123456789,V1.00")
RESET: tuple[Exchange, ...] = (
    ("*RST;*CLS", None),
    (":SYST:LFR 50", None),
    (":SENS:FUNC RES", None),
    (":SAMP:RATE FAST", None),
    (":INIT:CONT OFF", None),
    (":TRIG:SOUR IMM", None),
)
TO_100_MOHM: tuple[Exchange, ...] = ((":RES:RANG 1.00E-01", None), (":RES:RANG?", "100.0000E-03"))
STOP: tuple[Exchange, ...] = ((":INIT:CONT OFF", None), IDN, (":ABOR", None), IDN)


def test_it_is_an_ohmmeter() -> None:
    """The catalogue's entry makes a driver that plays its role."""
    (model,) = MODELS
    with scripted() as link:
        meter = model.connect(link)
    assert isinstance(meter, Ohmmeter)
    assert isinstance(meter, Instrument)
    assert ("hioki-rm3545", (Ohmmeter,)) == (model.name, model.roles)
    assert (b"\r\n", b"\n", True) == (model.ends_with, model.replies_end_with, model.identifies)


async def test_it_says_who_it_is() -> None:
    """Maker, model, serial number, firmware; nonsense is a BadReply."""
    with scripted(IDN, ("*IDN?", "+1.0E-03")) as link:
        meter = HiokiRm3545(link)
        assert Identity("HIOKI", "RM3545", "123456789", "V1.00") == await meter.identify()
        with pytest.raises(BadReply, match="not an identity"):
            await meter.identify()


async def test_a_reading() -> None:
    """Settings once, read back; then one triggered question for each reading, never FETCh? in free run."""
    replies: tuple[Exchange, ...] = ((":READ?", "+12.3456E-03"), (":READ?", " 12.3457E-03"), (":READ?", "-00.0001E-03"))
    with scripted(*RESET, *TO_100_MOHM, *replies, at=5.0, name="ohms") as link:
        meter = HiokiRm3545(link)
        await meter.prepare(0.06)
        await meter.prepare(0.05)
        uncertainty = ACCURACY[FAST][1].expanded(12.3456e-3)
        assert Reading(12.3456e-3, "ohm", uncertainty, 5.0, "ohms") == await meter.resistance()
        assert 12.3457e-3 == (await meter.resistance()).value
        assert -1e-7 == (await meter.resistance()).value


@pytest.mark.parametrize(
    ("rate", "highest", "value", "limit", "digit"),
    [
        (FAST, 0.010, 0.005, 0.00060 * 0.005 + 0.00050 * 0.010 + 2e-6, 10e-9),
        (SLOW1, 0.010, 0.0001, 0.00060 * 0.0001 + 0.00020 * 0.010 + 2e-6, 10e-9),
        (FAST, 0.100, 0.050, 0.00060 * 0.050 + 0.00050 * 0.100 + 20e-6, 100e-9),
        (SLOW1, 0.100, 0.050, 0.00060 * 0.050 + 0.00020 * 0.100 + 20e-6, 100e-9),
        (FAST, 1.000, 0.500, 0.00012 * 0.500 + 0.00010 * 1.000 + 20e-6, 1e-6),
        (SLOW1, 1.000, 0.500, 0.00012 * 0.500 + 0.00008 * 1.000 + 20e-6, 1e-6),
    ],
)
async def test_uncertainty_is_the_data_sheets(
    rate: str, highest: float, value: float, limit: float, digit: float
) -> None:
    """Percent of reading and of range as printed, the offset without zero adjustment, the last digit; k = 2."""
    expected = 2 * math.sqrt(limit**2 / 3 + digit**2 / 12)
    settings = [(line.replace("FAST", rate), reply) for line, reply in RESET]
    ranging: tuple[Exchange, ...] = ((f":RES:RANG {highest:.2E}", None), (":RES:RANG?", f"{highest:.5E}"))
    with scripted(*settings, *ranging, (":READ?", f"{value:+.5E}")) as link:
        meter = HiokiRm3545(link, rate=rate)
        await meter.prepare(highest)
        assert pytest.approx(expected) == (await meter.resistance()).uncertainty


async def test_another_range_is_chosen_without_a_reset() -> None:
    """The smallest that holds what is expected; only what changes is sent, and it is read back."""
    to_10: tuple[Exchange, ...] = ((":RES:RANG 1.00E-02", None), (":RES:RANG?", "10.00000E-03"))
    to_1000: tuple[Exchange, ...] = ((":RES:RANG 1.00E+00", None), (":RES:RANG?", "1000.000E-03"))
    with scripted(*RESET, *to_10, *TO_100_MOHM, *to_1000) as link:
        meter = HiokiRm3545(link)
        for highest in (0.010, 0.0101, 0.1001, 1.0):
            await meter.prepare(highest)


async def test_what_is_not_publicly_known_is_not_promised() -> None:
    """Above 1000 mohm no accuracy is public; and before prepare() nobody has said what is expected."""
    with scripted() as link:
        meter = HiokiRm3545(link)
        for highest in (1.001, math.inf, math.nan):
            with pytest.raises(Unsupported, match="above 1 ohm"):
                await meter.prepare(highest)
        with pytest.raises(Unsupported, match=r"prepare\(\) comes first"):
            await meter.resistance()


async def test_a_range_that_was_not_taken_is_refused() -> None:
    """Settings that the meter does not have are never measured with; they are sent anew next time."""
    wrong: tuple[Exchange, ...] = ((":RES:RANG 1.00E-01", None), (":RES:RANG?", "1000.000E-03"))
    nonsense: tuple[Exchange, ...] = ((":RES:RANG 1.00E-01", None), (":RES:RANG?", "----"))
    with scripted(*RESET, *wrong, *RESET, *nonsense, *RESET, *TO_100_MOHM, (":READ?", "+50.0000E-03")) as link:
        meter = HiokiRm3545(link)
        with pytest.raises(Refused, match=r"0\.1 ohm, it has 1 ohm"):
            await meter.prepare(0.1)
        with pytest.raises(BadReply):
            await meter.resistance()
        assert 0.05 == (await meter.resistance()).value


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ("+10.0000E+19", State.OVER_RANGE),
        ("-10.0000E+19", State.OVER_RANGE),
        ("+1.00000E+18", State.OVER_RANGE),
        ("+10.0000E+29", State.NO_READING),
        ("+1000.00E+27", State.NO_READING),
        ("9.91E37", State.NO_READING),
    ],
)
async def test_huge_numbers_are_no_values(reply: str, state: State) -> None:
    """Over-range, and a measurement fault such as an open sense lead, as the meter writes them; settings stay."""
    with scripted(*RESET, *TO_100_MOHM, (":READ?", reply), (":READ?", "+50.0000E-03")) as link:
        meter = HiokiRm3545(link)
        await meter.prepare(0.1)
        read = await meter.resistance()
        assert state is read.state
        assert not read.is_number
        assert math.isnan(read.value)
        assert (await meter.resistance()).is_number


@pytest.mark.parametrize("reply", ["", "nan", "OVLD", "+12.3456", "+1.0E+09", "12.3456E-03 ohm", "+1,2E-02", "- - -"])
async def test_what_the_range_cannot_show_is_no_reading(reply: str) -> None:
    """Text, and finite numbers beyond 120 % of the range (a lost exponent), are BadReplies, and settings are doubted."""
    with scripted(*RESET, *TO_100_MOHM, (":READ?", reply), *RESET, *TO_100_MOHM, (":READ?", "+50.0000E-03")) as link:
        meter = HiokiRm3545(link)
        await meter.prepare(0.1)
        with pytest.raises(BadReply):
            await meter.resistance()
        assert 0.05 == (await meter.resistance()).value


async def test_settings_are_sent_again_after_a_lost_link() -> None:
    """A meter that may have lost its power is set up anew."""
    lost = LinkError("ohms", "connection lost")
    with scripted(*RESET, *TO_100_MOHM, (":READ?", lost), *RESET, *TO_100_MOHM, (":READ?", "+50.0000E-03")) as link:
        meter = HiokiRm3545(link)
        await meter.prepare(0.1)
        with pytest.raises(LinkError):
            await meter.resistance()
        await meter.prepare(0.1)
        assert 0.05 == (await meter.resistance()).value


async def test_made_safe_it_measures_no_more() -> None:
    """No continuous measurement, no pending one, confirmed by an answer; the next run sets it up anew."""
    with scripted(*RESET, *TO_100_MOHM, *STOP, *RESET, *TO_100_MOHM) as link:
        meter = HiokiRm3545(link)
        await meter.prepare(0.1)
        await meter.make_safe()
        await meter.prepare(0.1)


async def test_making_safe_tries_a_broken_link_twice() -> None:
    """The first exchange after a lost connection only tells of it."""
    lost = LinkTimeout("ohms", "silent")
    with scripted((":INIT:CONT OFF", lost), *STOP) as link:
        await HiokiRm3545(link).make_safe()
    with scripted((":INIT:CONT OFF", lost), (":INIT:CONT OFF", lost)) as link, pytest.raises(LinkTimeout):
        await HiokiRm3545(link).make_safe()


async def test_its_self_test() -> None:
    """0 is well; a bit for each memory that is not; afterwards it is set up anew."""
    with scripted(*RESET, *TO_100_MOHM, ("*TST?", "0"), *RESET, *TO_100_MOHM, ("*TST?", "4")) as link:
        meter = HiokiRm3545(link)
        await meter.prepare(0.1)
        await meter.self_check()
        await meter.prepare(0.1)
        with pytest.raises(Refused, match="its self test says 4"):
            await meter.self_check()
