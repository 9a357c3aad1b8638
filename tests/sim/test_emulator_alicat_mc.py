"""The Alicat controller as its manual has it."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.quantity import Quantity
from tests.sim.fake_leads import FakeLeads
from tests.sim.talking import Client, talk_to

CONTROLLER = "alicat-mc"
FLOW, PASCAL = (Quantity.LITRES_PER_MINUTE, ""), (Quantity.PASCAL, "")


class Pipe(FakeLeads):
    """Gas at 25 degrees Celsius and at the pressure of the air; what is let through flows, up to what the pipe lets."""

    def __init__(self, most: float = 100.0, pascal: float = 101_325.0) -> None:
        super().__init__(celsius=25.0, there={PASCAL: pascal})
        self.most = most

    def sense(self, device: str, quantity: Quantity, place: str = "") -> float:
        """The flow is what was driven."""
        if quantity is Quantity.LITRES_PER_MINUTE:
            return min(self.most, self.driven.get(FLOW, 0.0))
        return super().sense(device, quantity, place)


def answers(leads: FakeLeads, *lines: str) -> list[str]:
    """What it says to each line, with two seconds between them."""

    async def talk(controller: Client) -> list[str]:
        said = []
        for line in lines:
            said.append(await controller.ask(line))
            await asyncio.sleep(2)
        return said

    return talk_to(CONTROLLER, leads, talk)


def test_polling_brings_a_frame() -> None:
    """Unit, pressure, temperature, volume flow, mass flow, set-point, gas."""
    assert ["A +014.70 +025.00 +00.000 +00.000 00.00 Air"] == answers(Pipe(), "A")
    assert ["A +014.70 +025.00 +00.000 +00.000 00.00 Air"] == answers(Pipe(), "a")


def test_a_set_point_is_reached() -> None:
    """The frame tells the new set-point at once, and the flow when it is there."""
    leads = Pipe()
    assert [
        "A +014.70 +025.00 +00.000 +00.000 10.00 Air",
        "A +014.70 +025.00 +10.000 +10.000 10.00 Air",
        "A +014.70 +025.00 +10.000 +10.000 00.00 Air",
        "A +014.70 +025.00 +00.000 +00.000 00.00 Air",
    ] == answers(leads, "AS10.00", "A", "AS0", "A")
    assert 0.0 == leads.driven[FLOW]


def test_the_flow_comes_nearer_with_its_time_constant() -> None:
    """63 % after a tenth of a second."""

    async def talk(controller: Client) -> list[float]:
        await controller.ask("AS10")
        seen = []
        for pause in (0.101, 0.2, 0.8):
            await asyncio.sleep(pause)
            seen.append(leads.driven[FLOW])
        return seen

    leads = Pipe()
    assert pytest.approx([6.32, 9.50, 10.0], abs=0.01) == talk_to(CONTROLLER, leads, talk)


def test_it_shows_what_really_flows() -> None:
    """Not what it was asked for; the volume is that of the gas as it is."""
    said = answers(Pipe(most=3.0, pascal=202_650.0), "AS10", "A")
    assert "A +029.39 +025.00 +01.500 +03.000 10.00 Air" == said[1]


def test_what_is_beyond_the_display_is_flagged() -> None:
    """A number at the end of the scale never stands alone."""
    leads = FakeLeads(celsius=61.0, there={FLOW: 30.0, PASCAL: 101_325.0})
    assert ["A +014.70 +061.00 +25.600 +25.600 00.00 Air MOV VOV TOV"] == answers(leads, "A")
    leads = FakeLeads(celsius=25.0, there={FLOW: 1.0, PASCAL: 2e6})
    assert ["A +160.00 +025.00 +00.051 +01.000 00.00 Air POV"] == answers(leads, "A")
    leads = FakeLeads(celsius=float("nan"), there={FLOW: float("nan"), PASCAL: float("nan")})
    assert "MOV VOV POV TOV" in answers(leads, "A")[0]


@pytest.mark.parametrize(
    "line",
    [
        "AS20.01",
        "AS-1",
        "ASfast",
        "AS1e1",
        "AR999",
        "AR",
        "AW122=34",
        "AW46",
        "A$$W46=99",
        "AQ",
        "A@=@",
        "AV1",
        "A??X*",
        "A$$",
    ],
)
def test_what_it_does_not_do_it_answers_with_a_question_mark(line: str) -> None:
    """And nothing changes."""
    leads = Pipe()
    assert ("?" if line != "A$$" else "A +014.70 +025.00 +00.000 +00.000 00.00 Air") == answers(leads, line)[0]
    assert {} == leads.driven


def test_another_unit_is_not_answered() -> None:
    """Nor is it obeyed; a unit can be given another letter."""

    async def talk(controller: Client) -> list[str]:
        await controller.write("BS10")
        await asyncio.sleep(1)
        assert b"" == controller.wire.pending()
        assert {} == leads.driven
        said = [(await controller.ask("A@=B"))[0]]
        await controller.write("A")
        await asyncio.sleep(1)
        assert b"" == controller.wire.pending()
        return [*said, (await controller.ask("B"))[0]]

    leads = Pipe()
    assert ["B", "B"] == talk_to(CONTROLLER, leads, talk)


def test_registers_are_read_and_written() -> None:
    """The loop control variable, and the gas."""
    said = answers(Pipe(), "AR122", "A$$W46=8", "A$$R46", "A", "AG1")
    assert ["A   122 = 37", "A   046 = 8", "A   046 = 8"] == said[:3]
    assert said[3].endswith(" N2")
    assert said[4].endswith(" Ar")


def test_the_valve_can_be_held() -> None:
    """As it is, or closed, until that is cancelled."""
    leads = Pipe()
    said = answers(leads, "AS10", "A$$H", "AS5", "A", "AHC", "A$$C", "A")
    assert said[3].split()[4:] == ["+10.000", "05.00", "Air", "HLD"]
    assert said[4].split()[4:] == ["+00.000", "05.00", "Air", "HLD"]
    assert said[6].split()[4:] == ["+05.000", "05.00", "Air"]


def test_a_lock_shows() -> None:
    """And changes nothing for the serial line."""
    said = answers(Pipe(), "A$$L", "AS1", "A$$U")
    assert [True, True, False] == [each.endswith(" LCK") for each in said]


def test_a_tare_takes_away_what_flows() -> None:
    """Right without flow; wrong ever after with flow."""
    leads = Pipe()
    leads.deviate = 1.0
    first, second, *_ = answers(leads, "A", "A$$V")
    assert "+00.030" == first.split()[4]
    assert "+00.000" == second.split()[4]
    leads = Pipe()
    *_, last = answers(leads, "AS10", "AV", "AS0", "A")
    assert "-10.000" == last.split()[4]


def test_it_says_who_made_it() -> None:
    """Ten lines."""

    async def talk(controller: Client) -> list[str]:
        await controller.write("A??M*")
        return controller.wire.pending().decode().split("\r")

    leads = Pipe()
    leads.plate = "139412"
    said = talk_to(CONTROLLER, leads, talk)
    assert 11 == len(said)
    assert {"A M04 Model Number MC-20SLPM-D", "A M05 Serial Number 139412"} <= set(said)


def test_it_is_closed_after_a_loss_of_power() -> None:
    """With no set-point."""

    async def talk(controller: Client) -> str:
        await controller.ask("AS10")
        await asyncio.sleep(0.5)
        controller.emulator.power_on()
        await asyncio.sleep(5)
        return await controller.ask("A")

    leads = Pipe()
    assert "00.00 Air" == talk_to(CONTROLLER, leads, talk)[-9:]
    assert 0.0 == leads.driven[FLOW]


@settings(deadline=None)
@given(st.floats(0, 20), st.floats(-6, 6))
def test_flow_lies_within_its_class(flow: float, deviate: float) -> None:
    """0.8 % of reading and 0.2 % of full scale, after a tare without flow."""
    leads = Pipe()
    leads.deviate = deviate
    *_, said = answers(leads, "AV", f"AS{flow:.3f}", "A")
    assert abs(float(said.split()[4]) - round(flow, 3)) <= 0.008 * flow + 2 * 0.002 * 20 + 0.002
