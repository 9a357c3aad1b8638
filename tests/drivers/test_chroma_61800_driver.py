"""The Chroma 61800's driver, against the public facts of its commands, exchange by exchange."""

import math

import pytest

from drivers.errors import BadReply, LinkError, LinkTimeout, Refused, Unsupported, WrongInstrument
from drivers.links.scripted import Exchange, scripted
from drivers.power_roles import AcSource
from drivers.reading import State
from drivers.roles import Instrument
from drivers.sources.chroma_61800 import MODELS, Chroma61800
from tests.drivers.fake_wire import virtual

OK: Exchange = ("SYST:ERR?", '+0,"No error"')
IDN: Exchange = ("*IDN?", "CHROMA,61845,618450000001,1.20")
VOLTS = (230.0, 230.0, 0.0)


def told(*commands: str) -> list[Exchange]:
    """Commands that it takes, each with its empty error queue."""
    return [exchange for command in commands for exchange in ((command, None), OK)]


def shows(*volts: float) -> list[Exchange]:
    """What it measures at its terminals."""
    return [(f"MEAS:VOLT{phase}?", f"{each:.1f}") for phase, each in enumerate(volts, start=1)]


OFF: list[Exchange] = [*told("*CLS;:OUTP:STATE OFF", "OUTP:RELAY OFF"), ("OUTP:STATE?", "OFF"), *shows(0, 0, 0)]
ON: list[Exchange] = told("OUTP:RELAY ON", "OUTP:STATE ON")


def phase_of(number: int, volts: str, limit: str = "20", *, said: str = "") -> list[Exchange]:
    """How one phase is set and read back."""
    return [
        *told(f"INST:NSEL {number}", f"SOUR:CURR:LIM {limit}", f"SOUR:VOLT:LEV:IMM:AMPL:AC {volts}"),
        ("INST:NSEL?", str(number)),
        ("SOUR:CURR:LIM?", f"{float(limit):.2f}"),
        ("SOUR:VOLT:LEV:IMM:AMPL:AC?", said or f"{float(volts):.1f}"),
    ]


SET: list[Exchange] = [
    *told(
        "INST:PHAS THREE", "OUTP:MODE FIXED", "SOUR:FUNC:SHAP A", "VOLT:RANG HIGH",
        "SOUR:PHAS:P12 120", "SOUR:PHAS:P13 240", "SOUR:FREQ 50", "INST:COUP NONE",
    ),
    *phase_of(1, "230"),
    *phase_of(2, "230"),
    *phase_of(3, "0"),
    ("SOUR:FREQ?", "50.00"),
    ("SOUR:PHAS:P12?", "120.0"),
    ("SOUR:PHAS:P13?", "240.0"),
]  # fmt: skip


def test_it_is_an_ac_source() -> None:
    """The catalogue's entry makes a driver that plays its role."""
    (model,) = MODELS
    with scripted() as link:
        source = model.connect(link)
    assert isinstance(source, AcSource)
    assert isinstance(source, Instrument)
    assert ("chroma-61845", (AcSource,)) == (model.name, model.roles)


@pytest.mark.parametrize("reply", ["CHROMA,63804,1,1", "ACME,61845,1,1", "PACIFIC,360,1,1"])
async def test_another_instrument_is_not_driven(reply: str) -> None:
    """Both maker and model must be right."""
    with scripted(("*IDN?", reply)) as link, pytest.raises(WrongInstrument):
        await Chroma61800(link).energise(VOLTS, hertz=50.0, limit=20.0)


@virtual
async def test_energising() -> None:
    """Open first, every setting read back, then closed, then the volts must be there; who it is is asked once."""
    rising: list[Exchange] = [("OUTP:STATE?", "ON"), *shows(80, 79, 0), ("OUTP:STATE?", "1"), *shows(229.9, 230.1, 0.2)]
    with scripted(IDN, *OFF, *SET, *ON, *rising, *OFF, *SET, *ON, *rising[4:]) as link:
        source = Chroma61800(link)
        await source.energise(VOLTS, hertz=50.0, limit=20.0)
        await source.energise(VOLTS, hertz=50.0, limit=20.0)


@virtual
async def test_a_setting_that_it_does_not_have_keeps_the_output_open() -> None:
    """It is refused before anything is energised; so is one that it minds."""
    wrong = [*SET[:16], *phase_of(1, "230", said="115.0")]
    minds: list[Exchange] = [("INST:PHAS THREE", None), ("SYST:ERR?", '-113,"Undefined header"'), OK]
    with scripted(IDN, *OFF, *wrong, *OFF, *minds) as link:
        source = Chroma61800(link)
        with pytest.raises(Refused, match="says 115, told was 230"):
            await source.energise(VOLTS, hertz=50.0, limit=20.0)
        with pytest.raises(Refused, match="-113"):
            await source.energise(VOLTS, hertz=50.0, limit=20.0)


@virtual
async def test_a_trip_opens_the_output() -> None:
    """And is told."""
    tripped: list[Exchange] = [("OUTP:STATE?", "ON"), *shows(100, 90, 0), ("OUTP:STATE?", "OFF")]
    with scripted(IDN, *OFF, *SET, *ON, *tripped, *OFF) as link, pytest.raises(Refused, match="tripped"):
        await Chroma61800(link).energise(VOLTS, hertz=50.0, limit=20.0)


@virtual
async def test_volts_that_do_not_come() -> None:
    """Seconds later it is switched off, and refused; a dead phase with volts on it is as wrong."""
    wrong: list[Exchange] = [("OUTP:STATE?", "ON"), *shows(230, 230, 8)]
    with scripted(IDN, *OFF, *SET, *ON, *(wrong * 100), *OFF) as link, pytest.raises(Refused, match="it measures"):
        await Chroma61800(link).energise(VOLTS, hertz=50.0, limit=20.0)


@virtual
async def test_an_output_that_stays_closed() -> None:
    """Whether it says so or shows it: refused, as an error of the station."""
    says: list[Exchange] = [*told("*CLS;:OUTP:STATE OFF", "OUTP:RELAY OFF"), ("OUTP:STATE?", "ON")]
    with scripted(*says) as link, pytest.raises(Refused, match="says that it is closed"):
        await Chroma61800(link).off()
    live = [*OFF[:5], *(shows(230, 230, 230) * 40)]
    with scripted(*live) as link, pytest.raises(Refused, match="and yet it measures 230 V"):
        await Chroma61800(link).off()


@virtual
async def test_an_output_that_falls_is_waited_for() -> None:
    """Off is when nothing is left."""
    with scripted(*OFF[:5], *shows(120, 120, 120), *shows(0.4, 0.3, 0.2)) as link:
        await Chroma61800(link).off()


@pytest.mark.parametrize(
    ("volts", "hertz", "limit"),
    [
        ((301.0, 0.0, 0.0), 50.0, 20.0),
        ((-1.0, 0.0, 0.0), 50.0, 20.0),
        ((math.nan, 0.0, 0.0), 50.0, 20.0),
        (VOLTS, 400.0, 20.0),
        (VOLTS, 50.0, 0.0),
        (VOLTS, 50.0, 80.0),
    ],
)
async def test_what_is_not_publicly_known(volts: tuple[float, float, float], hertz: float, limit: float) -> None:
    """Refused before a word is said."""
    with scripted() as link, pytest.raises(Unsupported):
        await Chroma61800(link).energise(volts, hertz=hertz, limit=limit)


async def test_its_meters() -> None:
    """Volts and amperes by phase, with their uncertainty; infinities are states; words are none."""
    said: tuple[Exchange, ...] = (
        ("MEAS:VOLT2?", "230.1"),
        ("MEAS:CURR3?", "5.02"),
        ("MEAS:CURR1?", "9.9E+37"),
        ("MEAS:CURR1?", "OVER"),
    )
    with scripted(*said, at=1.0, name="source") as link:
        source = Chroma61800(link)
        volts = await source.volts(2)
        assert (230.1, "V", 1.0, "source") == (volts.value, volts.unit, volts.at, volts.by)
        limit = 0.001 * 230.1 + 0.002 * 300
        assert pytest.approx(2 * math.sqrt(limit**2 / 3 + 0.1**2 / 12)) == volts.uncertainty
        assert (5.02, "A") == ((amps := await source.amps(3)).value, amps.unit)
        assert State.OVER_RANGE is (await source.amps(1)).state
        with pytest.raises(BadReply):
            await source.amps(1)
        for phase in (0, 4):
            with pytest.raises(Unsupported):
                await source.volts(phase)


@virtual
async def test_well_and_safe() -> None:
    """A closed output is not well; made safe it is off, at the second try if need be; a refusal is not tried again."""
    with scripted(*told("*CLS"), ("OUTP:STATE?", "OFF"), *told("*CLS"), ("OUTP:STATE?", "ON")) as link:
        await Chroma61800(link).self_check()
        with pytest.raises(Refused, match="closed"):
            await Chroma61800(link).self_check()
    lost = LinkTimeout("source", "silent")
    with scripted((OFF[0][0], lost), *OFF) as link:
        await Chroma61800(link).make_safe()
    with scripted((OFF[0][0], lost), (OFF[0][0], lost)) as link, pytest.raises(LinkError):
        await Chroma61800(link).make_safe()
    garbled: list[Exchange] = [*OFF[:4], ("OUTP:STATE?", "PERHAPS")]
    with scripted(*garbled, *OFF) as link:
        await Chroma61800(link).make_safe()
    with scripted(*garbled, *garbled) as link, pytest.raises(BadReply):
        await Chroma61800(link).make_safe()


@virtual
async def test_an_error_does_not_keep_its_relay_from_opening() -> None:
    """It is told in the end; an output that stays closed is worse, and is told in its place."""
    ill: list[Exchange] = [(OFF[0][0], None), ("SYST:ERR?", '-240,"Hardware error"'), OK]
    with scripted(*ill, *OFF[2:]) as link, pytest.raises(Refused, match="-240"):
        await Chroma61800(link).make_safe()
    with scripted(*ill, *OFF[2:4], ("OUTP:STATE?", "ON")) as link, pytest.raises(Refused, match="it is closed"):
        await Chroma61800(link).make_safe()
