"""The Chroma 63800's driver, against the public facts of its commands, exchange by exchange."""

import math

import pytest

from drivers.errors import BadReply, LinkError, LinkTimeout, Refused, Unsupported
from drivers.links.scripted import Exchange, scripted
from drivers.loads.chroma_63800 import MODELS, Chroma63800
from drivers.power_roles import Load
from drivers.reading import State
from drivers.roles import Instrument

OK: Exchange = ("SYST:ERR?", '+0,"No error"')
IDN: Exchange = ("*IDN?", "Chroma,63804,638040000001,1.08")


def told(*commands: str) -> list[Exchange]:
    """Commands that it takes, each with its empty error queue."""
    return [exchange for command in commands for exchange in ((command, None), OK)]


OFF: list[Exchange] = [*told("*CLS;:LOAD 0"), (":LOAD?", "0")]
MODED: list[Exchange] = [(":LOAD:MODE?", "CURR"), (":SYST:SET:CFPF:MODE?", "PF")]
MODE: list[Exchange] = [*OFF, *told(":LOAD:MODE CURR", ":SYST:SET:CFPF:MODE PF"), *MODED]


def drawing(amperes: str, factor: str = "1.000", *, said: str = "", state: str = "1") -> list[Exchange]:
    """How a current is set, read back and drawn."""
    return [
        *told(f":PFAC {factor}", f":LOAD:CURR {amperes}"),
        (":PFAC?", factor),
        (":LOAD:CURR?", said or amperes),
        *told(":LOAD 1"),
        (":LOAD?", state),
    ]


def test_it_is_a_load() -> None:
    """The catalogue's entry makes a driver that plays its role, at 57600 Bd."""
    (model,) = MODELS
    with scripted() as link:
        load = model.connect(link)
    assert isinstance(load, Load)
    assert isinstance(load, Instrument)
    assert ("chroma-63804", (Load,), 57600) == (model.name, model.roles, model.baudrate)


async def test_drawing() -> None:
    """The mode once, from off; it, each current and power factor are read back before it draws; 0 is nothing at all."""
    first = [*MODE, *drawing("5.000", "0.800"), *MODED, *drawing("7.500"), *OFF]
    with scripted(IDN, *first, *MODE, *drawing("1.000")) as link:
        load = Chroma63800(link)
        await load.draw(5.0, power_factor=0.8)
        await load.draw(7.5)
        await load.draw(0.0)
        await load.draw(1.0)


async def test_a_load_that_has_started_anew_does_not_draw() -> None:
    """On a serial line nothing is lost when it does: it is in another mode than it was told, and is let go of."""
    anew: list[Exchange] = [(":LOAD:MODE?", "RES"), *OFF]
    with scripted(IDN, *MODE, *drawing("5.000"), *anew, *MODE, *drawing("5.000")) as link:
        load = Chroma63800(link)
        await load.draw(5.0)
        with pytest.raises(Refused, match="told was CURR"):
            await load.draw(5.0)
        await load.draw(5.0)


async def test_a_current_that_it_does_not_have_is_not_drawn() -> None:
    """Refused, let go of, and set up from the beginning next time."""
    wrong = drawing("5.000", said="50.000")[:6]
    with scripted(IDN, *MODE, *wrong, *OFF, *MODE, *drawing("5.000")) as link:
        load = Chroma63800(link)
        with pytest.raises(Refused, match="says 50, told was 5"):
            await load.draw(5.0)
        await load.draw(5.0)


async def test_a_load_that_switches_itself_off() -> None:
    """A protection that has tripped is told; so is a mode that was not taken, and an order that it minds."""
    with scripted(IDN, *MODE, *drawing("5.000", state="0"), *OFF) as link, pytest.raises(Refused, match="does not"):
        await Chroma63800(link).draw(5.0)
    power: list[Exchange] = [*MODE[:7], (":LOAD:MODE?", "POW"), *OFF]
    with scripted(IDN, *power) as link, pytest.raises(Refused, match="told was CURR"):
        await Chroma63800(link).draw(5.0)
    minds: list[Exchange] = [(":LOAD:MODE CURR", None), ("SYST:ERR?", '-222,"Data out of range"'), OK]
    with scripted(IDN, *OFF, *minds, *OFF) as link, pytest.raises(Refused, match="-222"):
        await Chroma63800(link).draw(5.0)


async def test_a_load_that_does_not_let_go() -> None:
    """Both troubles are told."""
    stuck: list[Exchange] = [*told("*CLS;:LOAD 0"), (":LOAD?", "1")]
    with scripted(*stuck) as link, pytest.raises(Refused, match="says that it draws"):
        await Chroma63800(link).release()
    wrong = drawing("5.000", said="50.000")[:6]
    with (
        scripted(IDN, *MODE, *wrong, *stuck) as link,
        pytest.raises(Refused, match="told was 5; and it does not let go"),
    ):
        await Chroma63800(link).draw(5.0)


@pytest.mark.parametrize(("amperes", "factor"), [(45.1, 1.0), (-1.0, 1.0), (math.nan, 1.0), (1.0, -0.8), (1.0, 0.0)])
async def test_what_is_not_publicly_known(amperes: float, factor: float) -> None:
    """Refused before a word is said."""
    with scripted() as link, pytest.raises(Unsupported):
        await Chroma63800(link).draw(amperes, power_factor=factor)


async def test_its_meters() -> None:
    """Volts and amperes with their uncertainty; infinities are states; words are none."""
    said: tuple[Exchange, ...] = ((":MEAS:VOLT?", "229.87"), (":MEAS:CURR?", "4.998"), (":MEAS:CURR?", "9.91E+37"))
    with scripted(*said, (":MEAS:VOLT?", "LOW"), at=3.0, name="load") as link:
        load = Chroma63800(link)
        volts, amps, none = await load.volts(), await load.amps(), await load.amps()
        with pytest.raises(BadReply):
            await load.volts()
    assert (229.87, "V", 4.998, "A", 3.0, "load") == (volts.value, volts.unit, amps.value, amps.unit, amps.at, amps.by)
    limit = 0.001 * 4.998 + 0.002 * 45
    assert pytest.approx(2 * math.sqrt(limit**2 / 3 + 0.001**2 / 12)) == amps.uncertainty
    assert (State.NO_READING, False) == (none.state, none.is_number)


async def test_well_and_safe() -> None:
    """One that draws is not well; made safe it draws nothing, at the second try if need be."""
    with scripted(*told("*CLS"), (":LOAD?", "OFF"), *told("*CLS"), (":LOAD?", "ON")) as link:
        await Chroma63800(link).self_check()
        with pytest.raises(Refused, match="draws"):
            await Chroma63800(link).self_check()
    lost = LinkTimeout("load", "silent")
    with scripted((OFF[0][0], lost), *OFF) as link:
        await Chroma63800(link).make_safe()
    with scripted((OFF[0][0], lost), (OFF[0][0], lost)) as link, pytest.raises(LinkError):
        await Chroma63800(link).make_safe()
    garbled: list[Exchange] = [*OFF[:2], (":LOAD?", "")]
    with scripted(*garbled, *OFF) as link:
        await Chroma63800(link).make_safe()
    with scripted(*garbled, *garbled) as link, pytest.raises(BadReply):
        await Chroma63800(link).make_safe()
