"""The Julabo's driver, against the public command lists of its manuals, line by line."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.cooling_roles import Thermostat
from drivers.errors import BadReply, LinkError, LinkTimeout, Refused, Unsupported
from drivers.links.dialogue import LineLink
from drivers.links.scripted import Exchange, scripted
from drivers.reading import State
from drivers.roles import Identity
from drivers.thermostats.julabo import MODELS, STATES, Julabo, status
from tests.drivers.fake_wire import FakeWire, table, virtual

VERSION: Exchange = ("VERSION", "JULABO FL601 VERSION 2.1")
STOPPED: Exchange = ("STATUS", "02 REMOTE STOP")
RUNNING: Exchange = ("STATUS", "03 REMOTE START")
TO_STOP: tuple[Exchange, ...] = (("OUT_MODE_05 0", None), ("IN_MODE_05", "0"))
TO_RUN: tuple[Exchange, ...] = (("OUT_MODE_05 1", None), ("IN_MODE_05", "1"))


def test_it_is_a_thermostat() -> None:
    """The catalogue's entry: CR out, LF in, 250 ms after a command and 10 ms after a reply, XON and XOFF ignored."""
    (model,) = MODELS
    with scripted() as link:
        assert isinstance(model.connect(link), Thermostat)
    assert ("julabo-chiller", (Thermostat,), b"\r", b"\n", 0.25, 0.01, b"\x11\x13") == (
        model.name,
        model.roles,
        model.ends_with,
        model.replies_end_with,
        model.after_command,
        model.after_query,
        model.ignores,
    )
    assert "engineering practice" in model.accuracy


@virtual
async def test_it_says_who_it_is() -> None:
    """The version of its software, and a status that only it has; an alarm does not make it another."""
    with scripted(VERSION, STOPPED, VERSION, ("STATUS", "-01 LOW LEVEL ALARM"), ("VERSION", "hello")) as link:
        bath = Julabo(link)
        assert Identity("Julabo", "chiller", "", "JULABO FL601 VERSION 2.1") == await bath.identify()
        await bath.identify()
        with pytest.raises(BadReply, match="not a version"):
            await bath.identify()


@virtual
async def test_an_aim_is_asked_for_again() -> None:
    """F044: an out command says nothing of its success; what it does not aim at is Refused."""
    with scripted(
        STOPPED,
        ("OUT_SP_00 25.00", None),
        ("IN_SP_00", "25.0"),
        RUNNING,
        ("OUT_SP_00 40.50", None),
        ("IN_SP_00", "25.0"),
    ) as link:
        bath = Julabo(link)
        await bath.aim(25.0)
        with pytest.raises(Refused, match=r"aims at 25"):
            await bath.aim(40.5)
        for wrong in (math.nan, math.inf, -101.0, 401.0):
            with pytest.raises(Unsupported):
                await bath.aim(wrong)


@virtual
async def test_it_runs_and_stops() -> None:
    """Each confirmed by what it answers; a start that it does not do is Refused."""
    with scripted(STOPPED, *TO_RUN, RUNNING, *TO_STOP, STOPPED, ("OUT_MODE_05 1", None), ("IN_MODE_05", "0")) as link:
        bath = Julabo(link)
        await bath.run()
        await bath.stop()
        with pytest.raises(Refused, match="told to run"):
            await bath.run()


@virtual
async def test_a_start_with_an_alarm_is_refused() -> None:
    """It says that it runs, and then why it does not."""
    alarm: Exchange = ("STATUS", "-01 LOW LEVEL ALARM")
    with scripted(STOPPED, *TO_RUN, alarm) as link, pytest.raises(Refused, match="-01 LOW LEVEL ALARM"):
        await Julabo(link).run()
    with scripted(STOPPED, *TO_RUN, STOPPED) as link, pytest.raises(Refused, match="REMOTE STOP"):
        await Julabo(link).run()


@pytest.mark.parametrize("reply", ["00 MANUAL STOP", "01 MANUAL START"])
@virtual
async def test_it_takes_orders_in_remote_control_only(reply: str) -> None:
    """At its own keys it would not hear them."""
    with scripted(("STATUS", reply), ("STATUS", reply)) as link:
        bath = Julabo(link)
        with pytest.raises(Refused, match="remote control only"):
            await bath.aim(25.0)
        with pytest.raises(Refused, match="remote control only"):
            await bath.run()


@virtual
async def test_a_temperature() -> None:
    """Degrees Celsius of its bath, with an uncertainty."""
    with scripted(("IN_PV_00", "24.95"), ("IN_PV_00", " -12.30"), at=6.0, name="bath") as link:
        bath = Julabo(link)
        read = await bath.temperature()
        assert (24.95, "degC", 6.0, "bath", State.OK) == (read.value, read.unit, read.at, read.by, read.state)
        assert read.uncertainty > 0.5
        assert -12.3 == (await bath.temperature()).value


@pytest.mark.parametrize("reply", ["", "----", "nan", "24,9", "24.9 C", "999.9", "2.4E5", "03 REMOTE START", "1e999"])
@virtual
async def test_what_is_no_temperature_is_no_number(reply: str) -> None:
    """I29, I30: text, a number of another kind, the answer to another question."""
    with scripted(("IN_PV_00", reply)) as link, pytest.raises(BadReply):
        await Julabo(link).temperature()


@virtual
async def test_made_safe_it_stands_still() -> None:
    """Stopped and confirmed, whatever it did before; a broken connection is tried a second time."""
    with scripted(*TO_STOP, ("OUT_MODE_05 0", LinkError("bath", "lost")), *TO_STOP) as link:
        bath = Julabo(link)
        await bath.make_safe()
        await bath.make_safe()
    with scripted(("OUT_MODE_05 0", None), ("IN_MODE_05", "1")) as link, pytest.raises(Refused, match="told to stop"):
        await Julabo(link).make_safe()
    garbled: list[Exchange] = [("OUT_MODE_05 0", None), ("IN_MODE_05", "2")]
    with scripted(*garbled, *garbled) as link, pytest.raises(BadReply, match="neither 0"):
        await Julabo(link).make_safe()
    silent: Exchange = ("OUT_MODE_05 0", LinkTimeout("bath", "silent"))
    with scripted(silent, silent) as link, pytest.raises(LinkTimeout):
        await Julabo(link).make_safe()


@virtual
async def test_its_check_is_its_status() -> None:
    """An alarm or an error is told as it says it."""
    with scripted(RUNNING, ("STATUS", "-05 WORKING SENSOR ALARM"), ("STATUS", "04 REMOTE DANCE")) as link:
        bath = Julabo(link)
        await bath.self_check()
        with pytest.raises(Refused, match="-05 WORKING SENSOR ALARM"):
            await bath.self_check()
        with pytest.raises(BadReply):
            await bath.self_check()


@virtual
async def test_flow_control_between_the_bytes_is_ignored() -> None:
    """On the wire and off it: XON and XOFF mean nothing."""
    (model,) = MODELS
    wire = FakeWire(table(("IN_PV_00", [(0.0, b"\x13"), (0.1, b"\x112"), (0.1, b"4.9\x135\r\n\x11")])))
    link = LineLink(
        "bath", wire, ends_with=model.ends_with, replies_end_with=model.replies_end_with, ignores=model.ignores
    )
    await link.open()
    assert 24.95 == (await Julabo(link).temperature()).value
    link.close()
    with scripted(("IN_PV_00", "\x1124.95\x13")) as bare:
        assert 24.95 == (await Julabo(bare).temperature()).value


@pytest.mark.parametrize("text", ["03 REMOTE STOP", "3 REMOTE START", "REMOTE START", "03", "04 X", "", "--1 X", "-01"])
def test_what_is_no_status_is_none(text: str) -> None:
    """The number and the words must agree."""
    with pytest.raises(ValueError, match="not a status"):
        status(text)


@given(st.text(alphabet="0123456789- REMOTSAULP", max_size=20) | st.text(max_size=20))
def test_any_text_is_a_status_or_none(text: str) -> None:
    """Never a crash; a state is one of four."""
    with contextlib.suppress(ValueError):
        code, said = status(text)
        assert code < 0 or STATES[code] == said
