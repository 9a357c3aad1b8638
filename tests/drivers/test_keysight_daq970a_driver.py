"""The DAQ970A's and 34970A's driver, against the public facts of the manuals, exchange by exchange."""

import asyncio
import math

import pytest

from drivers.errors import BadReply, LinkError, LinkTimeout, Refused, Unsupported
from drivers.links.dialogue import LineLink
from drivers.links.scripted import Exchange, scripted
from drivers.orders import QUEUE
from drivers.reading import State
from drivers.roles import Crosspoint, Identity, Instrument, Matrix, Multimeter, Scanner
from drivers.switches.keysight_daq970a import MODELS, KeysightDaq970a
from tests.drivers.fake_wire import FakeWire, virtual

OK: Exchange = ("SYST:ERR?", '+0,"No error"')
BEGIN: tuple[Exchange, ...] = (("*RST;*CLS", None), OK)
CARDS: tuple[Exchange, ...] = (
    ("SYST:CTYP? 100", "Keysight Technologies,DAQM904A,MY58000001,1.00"),
    ("SYST:CTYP? 200", "Keysight Technologies,DAQM901A,MY58000002,1.00"),
    ("SYST:CTYP? 300", "Keysight Technologies,0,0,0"),
)
MATRIX = "(@111:118,121:128,131:138,141:148)"
SAFE: tuple[Exchange, ...] = (
    (f"*CLS;:ROUT:OPEN {MATRIX}", None),
    OK,
    ("ABOR;:ROUT:SCAN (@);:ROUT:OPEN (@201:220)", None),
    OK,
)


def ohms(channel: int) -> tuple[Exchange, ...]:
    """How a channel is configured for resistance."""
    return (f"CONF:RES (@{channel})", None), OK


def farads(full_scale: str) -> tuple[Exchange, ...]:
    """How channel 201 is configured for capacitance."""
    return (f"CONF:CAP {full_scale},(@201)", None), OK


def test_it_is_a_matrix_a_multimeter_and_a_scanner() -> None:
    """Both models make a driver that plays all roles."""
    assert ["keysight-daq970a", "keysight-34970a"] == [model.name for model in MODELS]
    for model in MODELS:
        with scripted() as link:
            mainframe = model.connect(link)
        assert (Matrix, Multimeter, Scanner) == model.roles
        assert all(isinstance(mainframe, role) for role in (*model.roles, Instrument))


async def test_it_says_who_it_is() -> None:
    """Without touching anything: no reset comes first."""
    with scripted(("*IDN?", "HEWLETT-PACKARD,34970A,0,13-2-2")) as link:
        assert Identity("HEWLETT-PACKARD", "34970A", "0", "13-2-2") == await KeysightDaq970a(link).identify()


async def test_cards() -> None:
    """The second field of the reply is the model; 0 is an empty slot."""
    with scripted(*CARDS) as link:
        assert ("DAQM904A", "DAQM901A", "") == await KeysightDaq970a(link).cards()


@pytest.mark.parametrize("reply", ["", "0", "HEWLETT-PACKARD,34904A", "A,,C,D", "A,B,C,D,E"])
async def test_a_reply_that_names_no_card(reply: str) -> None:
    """A slot of which nothing is known is not an empty slot."""
    with scripted(("SYST:CTYP? 100", reply)) as link, pytest.raises(BadReply, match="not a card"):
        await KeysightDaq970a(link).cards()


async def test_switching() -> None:
    """First opened, then closed, in one line, with runs as ranges; slot, row, column make the channel."""
    with scripted(
        *BEGIN,
        ("ROUT:CLOS (@111,238)", None),
        OK,
        ("ROUT:OPEN (@111,238);:ROUT:CLOS (@121:123)", None),
        OK,
        ("ROUT:OPEN (@121:123)", None),
        OK,
    ) as link:
        mainframe = KeysightDaq970a(link)
        first = [Crosspoint(2, 3, 8), Crosspoint(1, 1, 1)]
        then = [Crosspoint(1, 2, column) for column in (1, 2, 3)]
        await mainframe.switch([], first)
        await mainframe.switch(first, iter(then))
        await mainframe.switch(then, [])
        await mainframe.switch([], [])


async def test_the_longest_line_is_short() -> None:
    """Every other crosspoint of three cards, opened and closed at once: well within an input buffer."""
    points = [Crosspoint(card, row, column) for card in (1, 2, 3) for row in (1, 2, 3, 4) for column in range(1, 9)]
    wire = FakeWire(lambda line: [(0.0, b'+0,"No error"\n')] if line == "SYST:ERR?" else [])
    link = LineLink("daq", wire)
    await link.open()
    await KeysightDaq970a(link).switch(points[::2], points[1::2])
    assert max(len(line) for line in wire.sent) < 1000


@pytest.mark.parametrize("point", [(0, 1, 1), (4, 1, 1), (1, 0, 1), (1, 5, 1), (1, 1, 0), (1, 1, 9), (1, 1, 11)])
async def test_a_crosspoint_that_is_none(point: tuple[int, int, int]) -> None:
    """Row 1, column 11 would be channel 121, which is row 2: refused before a word is said."""
    with scripted() as link, pytest.raises(Unsupported, match="it has no Crosspoint"):
        await KeysightDaq970a(link).switch([], [Crosspoint(*point)])


async def test_a_refusal_names_every_error() -> None:
    """Whatever the queue holds is told, oldest first, and the queue is empty afterwards."""
    with (
        scripted(
            *BEGIN,
            ("ROUT:CLOS (@111)", None),
            ("SYST:ERR?", '+305,"Not able to perform requested operation"'),
            ("SYST:ERR?", '-113,"Undefined header"'),
            OK,
        ) as link,
        pytest.raises(Refused, match=r"\+305,Not able to perform requested operation; -113,Undefined header"),
    ):
        await KeysightDaq970a(link).switch([], [Crosspoint(1, 1, 1)])


async def test_an_error_queue_that_never_empties() -> None:
    """Draining is bounded."""
    endless: list[Exchange] = [("SYST:ERR?", '-350,"Queue overflow"')] * QUEUE
    with scripted(("*RST;*CLS", None), *endless) as link, pytest.raises(Refused, match="-350"):
        await KeysightDaq970a(link).open_all()


@pytest.mark.parametrize("reply", ["", "No error", "0", "+1.0E+00"])
async def test_a_confirmation_that_is_none(reply: str) -> None:
    """Nothing but code 0 says that a relay has moved."""
    with scripted(*BEGIN, ("ROUT:CLOS (@111)", None), ("SYST:ERR?", reply)) as link, pytest.raises(BadReply):
        await KeysightDaq970a(link).switch([], [Crosspoint(1, 1, 1)])


async def test_the_other_spelling_of_no_error() -> None:
    """Only the code counts."""
    with scripted(("*RST;*CLS", None), ("SYST:ERR?", "0,No Error")) as link:
        await KeysightDaq970a(link)._begin()


async def test_open_all_opens_the_matrix_cards() -> None:
    """By name, in relay time; a multiplexer is none of its business. The cards are asked for once."""
    opened: Exchange = (f"ROUT:OPEN {MATRIX}", None)
    with scripted(*BEGIN, *CARDS, opened, OK, opened, OK) as link:
        mainframe = KeysightDaq970a(link)
        await mainframe.open_all()
        await mainframe.open_all()


async def test_open_all_without_a_matrix() -> None:
    """Nothing is there to open."""
    empty: list[Exchange] = [(f"SYST:CTYP? {slot}00", "HEWLETT-PACKARD,0,0,0") for slot in (1, 2, 3)]
    with scripted(*BEGIN, *empty) as link:
        await KeysightDaq970a(link).open_all()


async def test_two_wire_resistance() -> None:
    """Configured when the channel changes; READ? clears the memory and scans, so every reading is a new one."""
    with scripted(
        *BEGIN,
        *ohms(201),
        ("READ?", "+1.00500000E+04"),
        ("READ?", "+1.00500001E+04"),
        *ohms(202),
        ("READ?", "+9.90000000E+37"),
        at=3.0,
        name="daq",
    ) as link:
        mainframe = KeysightDaq970a(link)
        first = await mainframe.two_wire(201)
        assert (10050.0, "ohm", 3.0, "daq", State.OK) == (first.value, first.unit, first.at, first.by, first.state)
        limit = 0.0001 * 10050 + 0.00001 * 1e5 + 0.2
        assert pytest.approx(2 * limit / math.sqrt(3)) == first.uncertainty
        assert 10050.0001 == (await mainframe.two_wire(201)).value
        open_circuit = await mainframe.two_wire(202)
        assert (State.OVER_RANGE, False) == (open_circuit.state, open_circuit.is_number)
        assert math.isnan(open_circuit.value)


@pytest.mark.parametrize(
    ("value", "limit"),
    [
        (50.0, 0.0001 * 50 + 0.00004 * 100 + 0.2),
        (5e6, 0.0004 * 5e6 + 0.00001 * 1e7 + 0.2),
        (9e7, 0.008 * 9e7 + 0.0001 * 1e8 + 0.2),
    ],
)
async def test_the_uncertainty_of_a_resistance(value: float, limit: float) -> None:
    """The 34401A class, with the two-wire offset."""
    with scripted(*BEGIN, *ohms(201), ("READ?", f"{value:+.8E}")) as link:
        assert pytest.approx(2 * limit / math.sqrt(3)) == (await KeysightDaq970a(link).two_wire(201)).uncertainty


async def test_capacitance() -> None:
    """On the smallest range that holds it, so that the uncertainty is known; too much is over-range or just too much."""
    with scripted(
        *BEGIN,
        *farads("1E-09"),
        ("READ?", "+3.01574316E-10"),
        ("READ?", "+1.30000000E-09"),
        *farads("1E-08"),
        ("READ?", "+1.31000000E-09"),
        *farads("1E-09"),
        ("READ?", "+9.91000000E+37"),
    ) as link:
        mainframe = KeysightDaq970a(link)
        small = await mainframe.capacitance(201)
        assert (3.01574316e-10, "F") == (small.value, small.unit)
        assert pytest.approx(2 * (0.02 * 3.01574316e-10 + 0.025e-9) / math.sqrt(3)) == small.uncertainty
        greater = await mainframe.capacitance(201)
        assert (1.31e-9, State.OK) == (greater.value, greater.state)
        assert State.NO_READING is (await mainframe.capacitance(201)).state


async def test_a_short_circuit_has_no_capacitance() -> None:
    """Overload on every range."""
    overload: list[Exchange] = []
    for exponent in (-9, -8, -7, -6, -5, -4):
        overload += [*farads(f"1E{exponent:+03d}"), ("READ?", "+9.90000000E+37")]
    with scripted(*BEGIN, *overload) as link:
        read = await KeysightDaq970a(link).capacitance(201)
        assert (State.OVER_RANGE, False) == (read.state, read.is_number)


async def test_the_34970a_has_no_capacitance() -> None:
    """It is said before anything is sent."""
    with scripted() as link:
        mainframe = MODELS[1].connect(link)
        assert isinstance(mainframe, KeysightDaq970a)
        with pytest.raises(Unsupported, match="does not measure capacitance"):
            await mainframe.capacitance(201)


async def test_temperature() -> None:
    """A Pt100, in degrees Celsius, known to one degree."""
    with scripted(*BEGIN, ("CONF:TEMP RTD,85,(@202)", None), OK, ("READ?", "+2.31000000E+01")) as link:
        read = await KeysightDaq970a(link).temperature(202)
        assert (23.1, "degC", 1.0) == (read.value, read.unit, read.uncertainty)


@pytest.mark.parametrize("reply", ["", "nan", "OVLD", "+1.0E+04,+1.0E+04", "+1.0E+04 OHM", "1e400"])
async def test_nonsense_is_no_reading_and_the_configuration_is_doubted(reply: str) -> None:
    """Two readings (somebody has changed the scan list), units, words: the channel is configured anew next time."""
    good: Exchange = ("READ?", "+1.0E+04")
    with scripted(*BEGIN, *ohms(201), good, ("READ?", reply), *ohms(201), good) as link:
        mainframe = KeysightDaq970a(link)
        await mainframe.two_wire(201)
        with pytest.raises(BadReply):
            await mainframe.two_wire(201)
        assert 1e4 == (await mainframe.two_wire(201)).value


async def test_a_lost_link_is_no_reading_and_the_configuration_is_doubted() -> None:
    """So it is after a refusal, which may have left the scan list as it was."""
    lost = LinkError("daq", "connection lost")
    refused: tuple[Exchange, ...] = (("CONF:RES (@999)", None), ("SYST:ERR?", '-222,"Data out of range"'), OK)
    with scripted(
        *BEGIN,
        *ohms(201),
        ("READ?", lost),
        *ohms(201),
        ("READ?", "+1.0E+04"),
        *refused,
        *ohms(201),
        ("READ?", "+1.0E+04"),
    ) as link:
        mainframe = KeysightDaq970a(link)
        with pytest.raises(LinkError):
            await mainframe.two_wire(201)
        await mainframe.two_wire(201)
        with pytest.raises(Refused, match="out of range"):
            await mainframe.two_wire(999)
        await mainframe.two_wire(201)


async def test_made_safe() -> None:
    """The matrix first, then the multiplexers, each confirmed; the next run begins from *RST."""
    measured: tuple[Exchange, ...] = (*BEGIN, *ohms(201), ("READ?", "+1.0E+04"))
    with scripted(*measured, *CARDS, *SAFE, *SAFE, *measured) as link:
        mainframe = KeysightDaq970a(link)
        await mainframe.two_wire(201)
        await mainframe.make_safe()
        await mainframe.make_safe()
        await mainframe.two_wire(201)


async def test_making_safe_tries_a_broken_link_twice() -> None:
    """The first exchange after a lost connection only tells of it; a refusal is not tried again."""
    lost = LinkTimeout("daq", "silent")
    with scripted(*CARDS, (SAFE[0][0], lost), *SAFE) as link:
        await KeysightDaq970a(link).make_safe()
    with scripted(*CARDS, SAFE[0], ("SYST:ERR?", '+305,"Not able to"'), OK) as link, pytest.raises(Refused):
        await KeysightDaq970a(link).make_safe()


@virtual
async def test_an_aborted_reading_does_not_keep_the_relays_closed() -> None:
    """The order to open leaves at once, though the link still waits for the reading; it is confirmed soon after."""

    def answer(line: str) -> list[tuple[float, bytes]]:
        replies = {
            "*IDN?": (0.001, b"Keysight Technologies,DAQ970A,MY1,1\n"),
            "SYST:ERR?": (0.001, b'+0,"No error"\n'),
            "READ?": (0.1, b"+1.0E+04\n"),
            "SYST:CTYP? 100": (0.001, b"Keysight Technologies,DAQM904A,MY1,1\n"),
            "SYST:CTYP? 200": (0.001, b"Keysight Technologies,0,0,0\n"),
            "SYST:CTYP? 300": (0.001, b"Keysight Technologies,0,0,0\n"),
        }
        return [replies[line]] if line in replies else []

    wire = FakeWire(answer)
    link = LineLink("daq", wire, within=3.0)
    await link.open()
    mainframe = KeysightDaq970a(link)
    await mainframe.identify()
    await mainframe.cards()
    await mainframe.two_wire(201)
    reading = asyncio.get_running_loop().create_task(mainframe.two_wire(201))
    await asyncio.sleep(0.03)
    reading.cancel()
    await asyncio.wait({reading})
    began = link.now()
    safe = asyncio.get_running_loop().create_task(mainframe.make_safe())
    await asyncio.sleep(0)
    assert f"*CLS;:ROUT:OPEN {MATRIX}" in wire.sent
    await safe
    assert link.now() - began < 0.2


async def test_its_self_test() -> None:
    """0 is well; anything else is a refusal with the code; afterwards it is set up anew."""
    passed, failed, nonsense = ("*TST?", "+0"), ("*TST?", "+1"), ("*TST?", "PASS")
    with scripted(*BEGIN, *ohms(201), ("READ?", "+1.0E+04"), passed, *BEGIN, *ohms(201), ("READ?", "+1.0E+04")) as link:
        mainframe = KeysightDaq970a(link)
        await mainframe.two_wire(201)
        await mainframe.self_check()
        await mainframe.two_wire(201)
    with scripted(failed) as link, pytest.raises(Refused, match="its self test says 1"):
        await KeysightDaq970a(link).self_check()
    with scripted(nonsense) as link, pytest.raises(BadReply, match="not the result of a self test"):
        await KeysightDaq970a(link).self_check()


async def test_a_scan_of_ac_volts() -> None:
    """One READ? for all; the instrument scans in ascending order, the readings come back in the order asked for."""
    with scripted(
        *BEGIN,
        ("CONF:VOLT:AC AUTO,(@101:102,205)", None),
        OK,
        ("READ?", "+1.00000000E+00,+9.90000000E+37,+2.30000000E+02"),
        ("READ?", "+1.10000000E+00,+2.00000000E+00,+2.31000000E+02"),
        at=4.0,
        name="daq",
    ) as link:
        mainframe = KeysightDaq970a(link)
        reads = await mainframe.scan_ac_volts((205, 101, 102, 205))
        assert [230.0, 1.0, 230.0] == [reads[at].value for at in (0, 1, 3)]
        assert (State.OVER_RANGE, "V", "daq", 4.0) == (reads[2].state, reads[2].unit, reads[2].by, reads[2].at)
        limit = 0.0012 * 230 + 0.0008 * 300
        assert pytest.approx(2 * math.sqrt(limit**2 / 3 + 1e-6 / 12)) == reads[0].uncertainty
        assert [231.0, 1.1] == [each.value for each in (await mainframe.scan_ac_volts((205, 101, 102)))[:2]]


async def test_a_scan_of_thermocouples() -> None:
    """Type T, one degree of error at most; none at all is an empty scan without a word."""
    with scripted(*BEGIN, ("CONF:TEMP TC,T,(@101,103)", None), OK, ("READ?", "+2.5E+01,+9.91E+37")) as link:
        mainframe = KeysightDaq970a(link)
        assert () == await mainframe.scan_thermocouples(())
        broken, warm = await mainframe.scan_thermocouples((103, 101))
    assert (25.0, "degC", State.OK, State.NO_READING) == (warm.value, warm.unit, warm.state, broken.state)
    assert pytest.approx(2 / math.sqrt(3)) == warm.uncertainty


@pytest.mark.parametrize("reply", ["+1.0E+01", "+1.0E+01,+2.0E+01,+3.0E+01", "", "+1.0E+01,", "+1.0E+01,+5.0E+02"])
async def test_a_scan_that_does_not_fit_is_no_reading(reply: str) -> None:
    """Too few, too many, an empty field, a temperature that no type T has: a BadReply, and it is configured anew."""
    configured: tuple[Exchange, ...] = (("CONF:TEMP TC,T,(@101:102)", None), OK)
    with scripted(*BEGIN, *configured, ("READ?", reply), *configured, ("READ?", "+1.0E+01,+2.0E+01")) as link:
        mainframe = KeysightDaq970a(link)
        with pytest.raises(BadReply):
            await mainframe.scan_thermocouples((101, 102))
        assert [20.0, 10.0] == [each.value for each in await mainframe.scan_thermocouples((102, 101))]
