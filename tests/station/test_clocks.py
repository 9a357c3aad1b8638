"""The wall clock of a machine may say anything: no run, and no hour of a soak, depends on it."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sim import clock
from station.ledger.history import History
from station.ledger.ledger import Ledger
from station.opening import prepare, service_of
from station.orders import Request
from station.resuming import last_known
from station.trace import Event
from station.walls import iso
from tests.station.interrupted_lines import HOLDS, good, hot_loop, soaked
from tests.station.lines import HARNESS, SERIAL, carried_out


def test_the_same_clock_says_all_it_can(tmp_path: Path) -> None:
    """F087: two runs of one moment have two ids, and the ledger keeps them in the order in which they began."""
    first, second = (carried_out(tmp_path, HARNESS, seed=seed) for seed in (0, 1))
    assert first["started"] == second["started"]
    assert first["run"] != second["run"]
    with closing(History(tmp_path)) as history:
        assert [second["run"], first["run"]] == [row.id for row in history.runs()]


@pytest.mark.parametrize(
    ("day", "refused"), [(datetime(1970, 1, 1, tzinfo=UTC), True), (datetime(2026, 6, 1, tzinfo=UTC), False)]
)
def test_a_machine_whose_clock_is_not_set_energises_nothing(tmp_path: Path, day: datetime, *, refused: bool) -> None:
    """F085: on a real bench, with a wall clock that is earlier than this program: REFUSED, and the record says what it says."""
    prepared = prepare(replace(hot_loop(tmp_path).setup, station=None), [Request(HARNESS, SERIAL)])

    async def main(ledger: Ledger) -> dict[str, Any]:
        service, loop = service_of(prepared, ledger), asyncio.get_running_loop()
        service.simulated, service.wall = None, lambda: day + timedelta(seconds=loop.time())
        record = await service.run(prepared.orders[0])
        service.bench.close()
        return record

    with Ledger.open(tmp_path / "data") as ledger:
        record = clock.run(main(ledger))
    assert refused is (record["verdict"] == "REFUSED")
    assert refused is ("the clock of this machine is not set: it says 1970-01-01" in record["reason"])
    assert record["started"][:19] == iso(day)[:19]


@pytest.mark.parametrize("jump", [-3600.0, 86_400.0], ids=["back", "forward"])
def test_a_clock_that_jumps_in_a_burn_in_changes_no_hour_of_it(tmp_path: Path, jump: float) -> None:
    """F082, F083: set back by an hour, or forward by a day, in the middle of it: it stays hot for as long as declared."""
    prepared = hot_loop(tmp_path)
    jumps = 0.5 * last_known(good(hot_loop))
    trace: list[Event] = []

    async def main(ledger: Ledger) -> dict[str, Any]:
        service, loop = service_of(prepared, ledger), asyncio.get_running_loop()
        start = datetime(2026, 5, 1, 12, tzinfo=UTC)
        service.wall = lambda: start + timedelta(seconds=loop.time() + (jump if loop.time() > jumps else 0.0))
        record = await service.run(prepared.orders[0], trace.append)
        service.bench.close()
        return record

    with Ledger.open(tmp_path / "data") as ledger:
        record = clock.run(main(ledger))
    assert "PASSED" == record["verdict"]
    assert [3600.0] == pytest.approx(soaked(trace, HOLDS), abs=1.0)
    assert record["line_time_s"] == pytest.approx(last_known(good(hot_loop)), abs=1.0)
    assert record["started"].endswith("Z"), "UTC"
