"""The pulse: a run that is overdue stops it, one that waits for others does not, and a machine that slept is noticed."""

import asyncio
import math
from pathlib import Path

import pytest

from sim import clock
from station.pulse import SLACK, TICK, Pulse
from tests.station.lines import carried_out


def test_it_beats_while_every_run_is_within_its_time() -> None:
    """One that is late by more than SLACK stops it; told of later, or over, it beats again."""
    pulse = Pulse()
    assert pulse.alive(1e9)
    pulse.expect("A", 10.0)
    pulse.expect("B", math.inf)
    assert pulse.alive(10.0 + SLACK)
    assert ["A"] == pulse.overdue(10.1 + SLACK)
    pulse.expect("A", 20.0)
    assert pulse.alive(20.0)
    pulse.over("A")
    assert pulse.alive(1e9)


def test_a_machine_that_slept_is_noticed() -> None:
    """F084: told once for each time, with the seconds; clocks that drift by less than a tick are nothing."""
    said: list[str] = []
    slept = iter([0.0, 0.0, 0.0, 3600.0, 3600.0, 3600.1, 3600.1, *[3600.1] * 40])

    async def main() -> None:
        watching = asyncio.get_running_loop().create_task(Pulse(lambda: next(slept)).watch(said.append))
        await asyncio.sleep(10 * TICK)
        watching.cancel()
        await asyncio.wait({watching})

    clock.run(main())
    assert ["this machine slept for 3600.0 s, and nobody watched"] == said


def test_a_run_is_never_overdue_in_virtual_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every step of a whole run says by when it will be heard of, and is; when it is over nothing is waited for."""
    expect, said = Pulse.expect, list[float]()
    pulses: set[Pulse] = set()

    def looking(pulse: Pulse, who: str, by: float) -> None:
        now = asyncio.get_running_loop().time()
        assert pulse.alive(now)
        assert by > now
        pulses.add(pulse)
        said.append(by)
        expect(pulse, who, by)

    monkeypatch.setattr(Pulse, "expect", looking)
    assert "PASSED" == carried_out(tmp_path, "PWR-WHIP-8")["verdict"]
    assert len(said) > 10
    (pulse,) = pulses
    assert pulse.alive(math.inf)
