"""The Julabo cooler as its manual has it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.talking import Client, talk_to

COOLER = "julabo-chiller"
RUN, SETPOINT = (Quantity.RUN, ""), (Quantity.SETPOINT, "")


async def patiently(cooler: Client, line: str) -> str:
    """A command, or a question with its answer, and the pause that it wants."""
    if line.lower().startswith("out_") or line.startswith("!"):
        await cooler.write(line.removeprefix("!"))
        await asyncio.sleep(0.25)
        return ""
    said = await cooler.ask(line)
    await asyncio.sleep(0.01)
    return said


def answers(leads: FakeLeads, *lines: str) -> list[str]:
    """What it says to the questions among these lines."""

    async def talk(cooler: Client) -> list[str]:
        return [said for each in lines if (said := await patiently(cooler, each))]

    return talk_to(COOLER, leads, talk)


def test_it_says_what_it_is() -> None:
    """CR in, CR and LF out, in any case."""
    assert ["JULABO FL1703 VERSION 1.20"] * 2 == answers(FakeLeads(), "version", "VERSION")


def test_it_is_started_and_stopped() -> None:
    """By remote control; the world is told."""

    async def talk(cooler: Client) -> list[str]:
        said = [await patiently(cooler, "status")]
        for line in ("OUT_SP_00 25.0", "OUT_MODE_05 1"):
            await patiently(cooler, line)
        assert (25.0, 1.0) == (leads.driven[SETPOINT], leads.driven[RUN])
        said += [await patiently(cooler, each) for each in ("STATUS", "IN_SP_00", "IN_MODE_05", "IN_PV_00")]
        await patiently(cooler, "out_mode_05 0")
        assert 0.0 == leads.driven[RUN]
        return [*said, await patiently(cooler, "status"), await patiently(cooler, "in_mode_05")]

    leads = FakeLeads(celsius=23.4)
    expected = ["02 REMOTE STOP", "03 REMOTE START", "25.00", "1", "23.40", "02 REMOTE STOP", "0"]
    assert expected == talk_to(COOLER, leads, talk)


@pytest.mark.parametrize(("pause", "heard"), [(0.0, False), (0.2, False), (0.25, True)])
def test_what_comes_too_early_after_a_command_is_lost(pause: float, heard: bool) -> None:
    """A quarter of a second; neither obeyed, nor answered, nor complained of."""

    async def talk(cooler: Client) -> str:
        await cooler.write("out_sp_00 25")
        await asyncio.sleep(pause)
        await cooler.write("out_mode_05 1")
        await asyncio.sleep(0.5)
        assert heard == bool(leads.driven.get(RUN))
        return await cooler.ask("status")

    leads = FakeLeads()
    assert ("03 REMOTE START" if heard else "02 REMOTE STOP") == talk_to(COOLER, leads, talk)


def test_a_question_right_after_an_answer_is_lost() -> None:
    """Ten milliseconds."""

    async def talk(cooler: Client) -> bytes:
        await cooler.ask("in_pv_00")
        await cooler.write("in_sp_00")
        await asyncio.sleep(1)
        return cooler.wire.pending()

    assert b"" == talk_to(COOLER, FakeLeads(), talk)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("!frobnicate", "-08 INVALID COMMAND"),
        ("!in_pv_99", "-08 INVALID COMMAND"),
        ("!in_pv_00 1", "-08 INVALID COMMAND"),
        ("out_sp_00", "-08 INVALID COMMAND"),
        ("out_sp_00 warm", "-08 INVALID COMMAND"),
        ("out_sp_00 1e1", "-08 INVALID COMMAND"),
        ("out_sp_00 -20.1", "-10 VALUE TOO SMALL"),
        ("out_sp_00 80.1", "-11 VALUE TOO LARGE"),
        ("out_mode_05 2", "-11 VALUE TOO LARGE"),
    ],
)
def test_what_it_does_not_do_it_says_at_the_next_status(line: str, said: str) -> None:
    """Once; and nothing has changed."""
    leads = FakeLeads()
    assert [said, "02 REMOTE STOP", "20.00"] == answers(leads, line, "status", "status", "in_sp_00")
    assert {} == leads.driven


def test_in_manual_mode_it_only_answers() -> None:
    """-09 for every command."""

    async def talk(cooler: Client) -> list[str]:
        cooler.emulator.remote = False
        said = [await patiently(cooler, "status")]
        await patiently(cooler, "out_mode_05 1")
        return [*said, await patiently(cooler, "status"), await patiently(cooler, "in_mode_05")]

    expected = ["00 MANUAL STOP", "-09 COMMAND NOT ALLOWED IN CURRENT OPERATING MODE", "0"]
    assert expected == talk_to(COOLER, FakeLeads(), talk)


def test_alarms_last_as_long_as_their_cause() -> None:
    """Too hot; a broken sensor reads no number, and stops the cooler."""

    async def talk(cooler: Client) -> list[str]:
        await patiently(cooler, "out_mode_05 1")
        said = []
        for celsius in (76.0, 30.0, float("nan")):
            leads.celsius = celsius
            said += [await patiently(cooler, "status"), await patiently(cooler, "in_pv_00")]
        assert 0.0 == leads.driven[RUN]
        return said

    leads = FakeLeads()
    expected = [
        "-03 EXCESS TEMPERATURE WARNING",
        "76.00",
        "03 REMOTE START",
        "30.00",
        "-05 WORKING SENSOR ALARM",
        "---.--",
    ]
    assert expected == talk_to(COOLER, leads, talk)


def test_it_is_off_after_a_loss_of_power() -> None:
    """With its set-point."""

    async def talk(cooler: Client) -> list[str]:
        await patiently(cooler, "out_sp_00 12.34")
        await patiently(cooler, "out_mode_05 1")
        cooler.emulator.power_on()
        return [await patiently(cooler, "status"), await patiently(cooler, "in_sp_00")]

    leads = FakeLeads()
    assert ["02 REMOTE STOP", "12.34"] == talk_to(COOLER, leads, talk)
    assert 0.0 == leads.driven[RUN]


@settings(deadline=None)
@given(st.floats(-20, 70), st.floats(-6, 6))
def test_its_thermometer_is_within_half_a_kelvin(celsius: float, deviate: float) -> None:
    """Whatever its own error is."""
    (said,) = answers(FakeLeads(celsius=celsius, deviate=deviate), "in_pv_00")
    assert abs(float(said) - celsius) <= 0.5 + 0.01
