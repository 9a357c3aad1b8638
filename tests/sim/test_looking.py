"""A plant's state is a formula of time: looked at once after eight hours, or ever so often before, it is the same."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.ambient import Ambient
from sim.quantity import Quantity
from sim.world import World
from tests.sim import test_cooling_plants as cooling
from tests.sim import test_power_plants as power
from tests.sim.small_bench import bench as cables
from tests.sim.small_bench import drawn
from tests.sim.small_world import Clock, move

HOURS = 8.0 * 3600.0
LOOKS = st.lists(st.floats(0.0, HOURS), max_size=60).map(sorted)
"""When somebody looks, before the end."""

CLOSE = 3e-5
"""By which part two ways of looking may differ: what is exact differs by rounding alone, gas by the length of its steps, and the
moment in which a joint begins to leak is between two steps.
"""

Look = Callable[[float], tuple[float, ...]]


def hot_loop() -> Look:
    """A loop with its heater on, that drips, and leaks at a joint once it is warm: temperatures and seconds."""
    hall, plant = cooling.loop(*cooling.RUNNING)
    plant.drive("chiller", Quantity.SETPOINT, "", 38.0)
    plant.drive("chiller", Quantity.RUN, "", 1.0)
    plant.drive("h", Quantity.OUTPUT, "0", 1.0)
    plant.strike("drip", ("internal",), None)
    plant.strike("hot-leak", ("external",), 45.0)

    def look(at: float) -> tuple[float, ...]:
        hall.at = at
        plant.loop.settle()
        loop = plant.loop
        return loop.mean, loop.bath, loop.flow, loop.dripped.get("internal", 0.0), loop.dripped.get("external", 0.0)

    return look


def cold_loop() -> Look:
    """A loop that nothing heats or cools but the air of the hall, and its pumps."""
    hall, plant = cooling.loop(*cooling.RUNNING)
    plant.strike("filter-clogging", ("",), 5.0)

    def look(at: float) -> tuple[float, ...]:
        hall.at = at
        plant.loop.settle()
        return plant.loop.mean, plant.loop.flow, plant.loop.lift

    return look


def manifold() -> Look:
    """A manifold under pressure, that leaks and creeps while the air goes up and down."""
    hall, plant = cooling.bench("fill", "vent", *cooling.NAMES)
    plant.strike("gas-leak", ("header",), 5.0)
    plant.strike("creep", ("",), 0.2)
    cooling.fill(hall, plant, 45.0)
    since = hall.at

    def look(at: float) -> tuple[float, ...]:
        hall.at = since + at
        return cooling.pressure(plant), plant.rig.block

    return look


def rack_pdu() -> Look:
    """Outlets under load: temperatures of their contacts."""
    clock = power.Clock()
    plant = power.pdu(clock)
    power.close(plant, "load1", "load2")
    plant.drive("load", Quantity.AMPS, "", 16.0)

    def look(at: float) -> tuple[float, ...]:
        clock.now = at
        return tuple(plant.sense("sensors", Quantity.TEMPERATURE, f"20{n}") or 0.0 for n in (1, 2, 3))

    return look


def supply() -> Look:
    """A power supply under load: its air."""
    clock = power.Clock()
    plant = power.psu(clock, 40.0)

    def look(at: float) -> tuple[float, ...]:
        clock.now = at
        return (plant.unit.warmth.at(clock.now) + plant._here.celsius,)

    return look


def cable() -> Look:
    """Copper in the air of the hall."""
    clock, spec = Clock(), cables()
    here = World(spec, clock)
    here.scan("gun")
    move(spec, here, 1, "J1.1")
    move(spec, here, 2, "J2.1")
    plant, began = here._plants[drawn(spec).name], clock.seconds

    def look(at: float) -> tuple[float, ...]:
        clock.seconds = began + at
        return (plant.sense("ohms", Quantity.FOUR_WIRE, "") or 0.0,)

    return look


EVERY = [hot_loop, cold_loop, manifold, rack_pdu, supply, cable]


@pytest.mark.parametrize("made", EVERY)
@given(looks=LOOKS)
@settings(max_examples=4, deadline=None)
def test_a_look_changes_nothing(made: Callable[[], Look], looks: list[float]) -> None:
    """However often somebody has looked before."""
    once, often = made(), made()
    for at in looks:
        often(at)
    assert once(HOURS) == pytest.approx(often(HOURS), rel=CLOSE, abs=1e-9)


@pytest.mark.parametrize("made", EVERY)
def test_looking_every_second_is_looking_once(made: Callable[[], Look]) -> None:
    """For twenty minutes."""
    once, often = made(), made()
    for second in range(1200):
        often(float(second))
    assert once(1200.0) == pytest.approx(often(1200.0), rel=CLOSE, abs=1e-9)


@pytest.mark.parametrize("lag", [47.0, 20_000.0])
def test_a_body_follows_the_air_by_the_formula(lag: float) -> None:
    """Small steps of dT/dt = (air - T) / lag, over an hour, come to the same."""
    air, celsius = Ambient.seeded(4), 25.0
    for second in range(36_000):
        celsius += (air.at((second + 0.5) / 10.0) - celsius) * 0.1 / lag
    kept = 2.718281828459045 ** (-3600.0 / lag)
    assert pytest.approx(25.0 * kept + air.followed(0.0, 3600.0, lag), abs=2e-4) == celsius
