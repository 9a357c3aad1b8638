"""However a burn-in ends, the heater goes first, the loop cools, then the pumps stop, then the valves shut: as the plant saw it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim.world
from sim import clock
from sim.cooling.leak_plant import ManifoldPlant
from sim.cooling.loop_plant import LoopPlant
from sim.here import Here
from sim.plant import plant_of
from sim.spec import Slot
from station.ledger.ledger import Ledger
from station.opening import Setup, prepare, service_of
from station.orders import Request
from station.service import Service, Simulated
from tests.station.hot_loops import SHORT, hot_line
from tests.station.lines import SERIAL, Record

HOT = 1800.0
"""Seconds after which the loop is hot."""
PAUSE = 90.0
SETTLED = 2.0
"""Seconds in which relays and the flow controller's valve have moved."""


class Plants(list[Any]):
    """The plants of the worlds that were made."""

    def __call__(self, slot: Slot, here: Here) -> Any:
        """Make one, and remember it."""
        self.append(plant_of(slot, here))
        return self[-1]


@pytest.fixture
def plants(monkeypatch: pytest.MonkeyPatch) -> Plants:
    """Every plant that a test makes."""
    made = Plants()
    monkeypatch.setattr(sim.world, "plant_of", made)
    return made


def run(
    folder: Path, product: str, *faults: str, station: str | None = None, at: float = 0.0,
    then: Callable[[Service], None] = lambda _: None,
) -> Record:  # fmt: skip
    """The record of one run; `then` happens to the service after `at` seconds."""
    prepared = prepare(Setup(station, folder, Simulated(0, faults)), [Request(product, SERIAL)])
    ledger = Ledger.open(folder)

    async def main() -> Record:
        service = service_of(prepared, ledger)
        asyncio.get_running_loop().call_later(at, then, service)
        try:
            record = await service.run(prepared.orders[0])
            await asyncio.sleep(SETTLED)
            return record
        finally:
            service.bench.close()

    try:
        return clock.run(main())
    finally:
        ledger.close()


def hot_run(folder: Path, *faults: str, at: float = 0.0, then: Callable[[Service], None] = lambda _: None) -> Record:
    """One short burn-in."""
    return run(folder / "kept", SHORT, *faults, station=hot_line(folder), at=at, then=then)


def last(plant: LoopPlant, what: str) -> float:
    """When something was switched off for the last time; it must be off."""
    changes = [(when, value) for when, name, value in plant.seen if name == what]
    assert changes, f"{what} was never switched"
    when, value = changes[-1]
    assert 0.0 == value, f"{what} is still on"
    return when


def in_order(plant: LoopPlant) -> tuple[float, float, float]:
    """When the heater went off, the last pump stopped and the first valve shut; in that order, and never heat without flow."""
    heater = last(plant, "heater")
    pumps = [last(plant, name) for name in plant.slot.unit.pumps]
    valves = [last(plant, name) for name in ("supply", "back")]
    assert heater < min(pumps), "a pump stopped before the heater"
    assert max(pumps) < min(valves), "a valve shut before the pumps stood"
    assert 0.0 == plant.loop.dry_heat
    return heater, max(pumps), min(valves)


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [
        ("", "PASSED"),
        ("drip:internal@30m", "FAILED"),
        ("pump-failed:pump2@30m", "FAILED"),
        ("hot-leak:pan", "FAILED"),
        ("cover-open@30m", "ERROR"),
        ("rope-broken@30m", "ERROR"),
        ("silent:meter@30m", "ERROR"),
        ("garbled:keller@30m", "ERROR"),
        ("link-closed:scanner@30m", "PASSED"),
    ],
)
def test_a_hot_loop_cools_before_its_pumps_stop(tmp_path: Path, plants: Plants, fault: str, verdict: str) -> None:
    """A verdict, a trip, an interlock, a lost link: heater, then cool, watched, then pumps, chiller and valves."""
    record = hot_run(tmp_path, *([fault] if fault else []))
    plant = plants[-1]
    heater, pumps, _ = in_order(plant)
    assert verdict == record["verdict"], record["reason"]
    assert pumps - heater > 30.0
    assert plant.loop.mean < 41.0


@pytest.mark.parametrize("fault", ["silent:cdu@30m", "garbled:cdu@30m"])
def test_a_unit_that_does_not_answer_any_more_still_loses_its_heater_at_once(
    tmp_path: Path, plants: Plants, fault: str
) -> None:
    """Its pumps cannot be told to stop, and go on; the heater is off within two looks, and the record says what was not."""
    record = hot_run(tmp_path, fault)
    plant = plants[-1]
    assert ("ERROR", "ERROR") == (record["verdict"], record["made_safe"]["verdict"])
    assert HOT <= last(plant, "heater") < HOT + 45.0
    assert 0.0 == plant.loop.dry_heat
    assert plant.loop.mean < 45.0


def test_an_abort_goes_the_safe_way_without_cleanup(tmp_path: Path, plants: Plants) -> None:
    """The heater at once, 90 seconds of flow, then pumps and chiller, then the valves."""
    record = hot_run(tmp_path, at=HOT, then=lambda service: service.abort("the hall is being cleared"))
    plant = plants[-1]
    heater, pumps, valves = in_order(plant)
    assert ("ABORTED", "PASSED") == (record["verdict"], record["made_safe"]["verdict"])
    assert HOT <= heater < HOT + 0.5
    assert PAUSE <= pumps - heater < PAUSE + 3.0
    assert pumps <= last(plant, "chiller") + 3.0 < valves + 6.0


@pytest.mark.parametrize("at", [30.0, 200.0, 700.0, 800.0, 1000.0, 1150.0, 1300.0, 2600.0])
def test_an_abort_at_any_moment_leaves_everything_off(tmp_path: Path, plants: Plants, at: float) -> None:
    """Cold, warming, hot or cooling."""
    record = hot_run(tmp_path, at=at, then=lambda service: service.abort("stop"))
    plant = plants[-1]
    assert ("ABORTED", "PASSED") == (record["verdict"], record["made_safe"]["verdict"])
    assert (False, {0.0}, set()) == (plant.loop.heating, set(plant.loop.duty.values()), plant.loop.open)
    assert (False, 0.0) == (plant.loop.chilling, plant.loop.dry_heat)


def test_stopping_after_the_step_cools_down_as_well(tmp_path: Path, plants: Plants) -> None:
    """Asked to stop while it warms up: the step ends, cleanup runs."""
    record = hot_run(tmp_path, at=1200.0, then=lambda service: service.stop("shift ends"))
    heater, pumps, _ = in_order(plants[-1])
    assert "ABORTED" == record["verdict"]
    assert pumps - heater > 30.0


def test_the_heater_is_off_while_its_module_can_be_reached_and_pumps_run_on_while_it_cannot(
    tmp_path: Path, plants: Plants
) -> None:
    """While nobody knows whether the heater is off, neither cleanup nor making safe stops the pumps, and the record says so."""
    record = hot_run(tmp_path, "silent:io1@30m")
    plant = plants[-1]
    assert ("ERROR", "ERROR") == (record["verdict"], record["made_safe"]["verdict"])
    assert [] == [when for when, name, value in plant.seen if name == "pump1" and value == 0.0 and when > HOT]
    assert any("is left as it is: io1 is not confirmed safe" in each for each in record["made_safe"]["refusals"])


def test_a_heater_is_never_switched_on_without_flow(tmp_path: Path, plants: Plants) -> None:
    """A loop that is too narrow fails before the heater is on for a moment."""
    record = hot_run(tmp_path, "loop-blocked=3")
    assert "FAILED" == record["verdict"]
    assert "heater" not in {name for _, name, value in plants[-1].seen if value}


@pytest.mark.parametrize("at", [5.0, 100.0, 250.0, 310.0, 400.0, 700.0, 1100.0, 1400.0])
def test_a_leak_bench_is_vented_whatever_happens(tmp_path: Path, plants: Plants, at: float) -> None:
    """Aborted at any moment: no flow, every valve and coupling at rest, and the pressure of the air a minute later."""
    record = run(tmp_path, "MANIFOLD-8", at=at, then=lambda service: service.abort("stop"))
    plant = plants[-1]
    assert isinstance(plant, ManifoldPlant)
    assert ("ABORTED", "PASSED") == (record["verdict"], record["made_safe"]["verdict"])
    assert (set(), 0.0) == (plant.rig.on, plant.rig.set_point)
