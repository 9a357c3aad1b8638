"""Trust: a meter that says the same of two things is no witness; one that moves is."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import pytest

from drivers.errors import InstrumentError
from drivers.reading import Reading, State
from sequences.cabling.panel import CablePanel
from sequences.cabling.trust import Known, must_move, must_tell_apart
from sim import clock
from tests.sequences.fake_panel import FakeMeters, as_drawn, panel_of

Wrong = Callable[[Reading], Reading]


def read(value: float, state: State = State.OK) -> Reading:
    """A reading within 10 microhms."""
    return Reading(value, "ohm", 1e-5, 0.0, "fake", state)


def parts(bar: Reading) -> Known:
    """A bar as it is read, and a multimeter that is well."""
    return Known(bar, read(1.0), read(5e6))


@pytest.mark.parametrize("last", [read(0.027), read(2.5e-5), read(float("nan"), State.OVER_RANGE), None])
def test_what_is_told_apart(last: Reading | None) -> None:
    """A conductor, a very short one, a broken one; and nothing was asked of a unit without conductors."""
    must_tell_apart(last, parts(read(0.0)))


@pytest.mark.parametrize(
    ("last", "bar"),
    [
        (read(0.0), read(0.0)),
        (read(0.027), read(0.027)),
        (read(1.5e-5), read(0.0)),
        (read(float("nan"), State.OVER_RANGE), read(float("nan"), State.OVER_RANGE)),
    ],
)
def test_what_is_not(last: Reading, bar: Reading) -> None:
    """The same number, one within the uncertainties, the same state: the meter may have repeated itself."""
    with pytest.raises(InstrumentError, match="does not move"):
        must_tell_apart(last, parts(bar))


@pytest.mark.parametrize(
    ("leads", "reference"),
    [
        (read(1.0), read(1.0)),
        (read(5e6), read(5e6)),
        (read(1.0), read(float("nan"), State.OVER_RANGE)),
        (read(float("nan"), State.NO_READING), read(5e6)),
    ],
)
def test_a_multimeter_that_does_not_move(leads: Reading, reference: Reading) -> None:
    """It must read the bar as joined and the reference resistor as not."""
    with pytest.raises(InstrumentError, match="does not move"):
        must_tell_apart(None, Known(read(0.0), leads, reference))


@dataclass
class Repeating(FakeMeters):
    """An ohmmeter that has said all that it will say."""

    said: float = 0.0

    async def resistance(self) -> Reading:
        """The same again, as fresh as ever."""
        return Reading(self.said, "ohm", 1e-5, asyncio.get_running_loop().time(), "fake")


def proven(ohmmeter: Callable[[Any], FakeMeters] = FakeMeters, bar: float = 1e-4) -> None:
    """A conductor is read, then the meters prove themselves."""
    copper = as_drawn()
    copper.ohms[frozenset(("bar",))] = bar
    panel: CablePanel = panel_of(copper)
    panel.ohmmeter = ohmmeter(copper)

    async def main() -> None:
        await panel.four_wire("J1.1", "J2.1", 0.2)
        await must_move(panel)

    work: Coroutine[Any, Any, None] = main()
    clock.run(work)


def test_meters_that_are_well() -> None:
    """They say something else of the bar than of the unit, and nothing is wrong."""
    proven()


@pytest.mark.parametrize("said", [0.0, 0.168, 1.0])
def test_an_ohmmeter_that_repeats_itself(said: float) -> None:
    """Whatever it says again and again: zero, a good conductor, a bad one."""
    with pytest.raises(InstrumentError, match="does not move"):
        proven(lambda copper: Repeating(copper, said=said))


def test_an_ohmmeter_that_has_lost_its_zero() -> None:
    """It moves, and is wrong: what it said of the unit counts for nothing."""
    with pytest.raises(InstrumentError, match="counts for nothing"):
        proven(bar=0.05)
