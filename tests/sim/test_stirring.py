"""Instruments that watch their leads do nothing while nothing changes there, and look when something does."""

import asyncio

import pytest

from sim import clock
from sim.clock import Deadlock
from sim.quantity import Quantity
from sim.stirring import Stirred
from sim.world import World
from tests.sim.fake_leads import FakeLeads
from tests.sim.small_bench import bench
from tests.sim.small_world import Clock
from tests.sim.talking import Client, talk_to
from tests.sim.test_emulator_chroma_61845 import ON, SOURCE, Loaded

LOAD = "chroma-63804"


def test_a_beat_comes_only_after_something_has_stirred() -> None:
    """Beats keep their grid; the first comes anyway, and however often something stirs between two, it is one beat."""

    async def main() -> list[float]:
        loop, beats = asyncio.get_running_loop(), list[float]()
        await asyncio.sleep(0.25)
        stirred = Stirred(1.0)
        for when in (3.0, 3.1, 7.25, 100.0):
            loop.call_at(when, stirred.stir)
        for _ in range(4):
            await stirred.beat()
            beats.append(loop.time())
        return beats

    assert [1.25, 3.25, 8.25, 100.25] == clock.run(main())


def test_without_a_stir_there_is_no_timer() -> None:
    """Who waits for a beat that nothing makes waits for ever: the loop says so at once."""

    async def main() -> None:
        stirred = Stirred(1.0)
        await stirred.beat()
        await stirred.beat()

    with pytest.raises(Deadlock, match=r"Stirred\.beat"):
        clock.run(main())


@pytest.mark.parametrize(
    ("model", "on", "leads"),
    [
        (SOURCE, ON, Loaded()),
        (LOAD, ":LOAD:CURR 5;:LOAD 1", FakeLeads(there={(Quantity.AC_VOLTS, ""): 230.0})),
    ],
    ids=["source", "load"],
)
def test_what_is_left_alone_looks_at_nothing(
    model: str, on: str, leads: FakeLeads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """72 hours with the output on: no look at the leads after the first seconds, and no timer."""
    seen: list[float] = []

    async def talk(instrument: Client) -> int:
        await instrument.write(on)
        await asyncio.sleep(10.0)
        sense = leads.sense

        def watched(device: str, quantity: Quantity, place: str = "") -> float:
            seen.append(instrument.now())
            return sense(device, quantity, place)

        monkeypatch.setattr(leads, "sense", watched)
        await asyncio.sleep(72 * 3600.0)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, clock.VirtualLoop)
        return len(loop._timers)

    assert (0, []) == (talk_to(model, leads, talk), seen)


def test_a_source_notices_a_load_that_comes_late() -> None:
    """Hours after it was switched on: within a second its voltage sags to what its limit allows, and rises again."""

    async def talk(source: Client) -> list[float]:
        await source.write(f"SOUR:CURR:LIM 10;:{ON}")
        await asyncio.sleep(5000.3)
        volts = []
        for ohms in (10.0, 1e9):
            leads.resistors = (ohms, 1e9, 1e9)
            leads.stir()
            await asyncio.sleep(1.0)
            volts.append(leads.volts[0])
        return volts

    leads = Loaded()
    sagged, risen = talk_to(SOURCE, leads, talk)
    assert pytest.approx(100.0, rel=0.01) == sagged
    assert 230.0 == risen


def test_a_world_tells_who_watches_of_what_others_do_there() -> None:
    """A relay that moves, a unit that comes and goes, a fault: each is told; what happens at another slot is not."""
    time = Clock()
    here = World(bench(("open:W1@10s",)), time)
    told: list[str] = []
    here.watch("mux1", lambda: told.append("mux1"))
    here.watch("nowhere", lambda: told.append("nowhere"))
    here.drive("mux1", Quantity.RELAY, 1.0, "1.1.1")
    here.scan("gun")
    here.unmate("A")
    assert ["mux1"] * 3 == told
    time.seconds += 11.0
    here.ill("ohms")
    assert ["mux1"] * 4 == told
