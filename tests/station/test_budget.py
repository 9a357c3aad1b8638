"""The disk budget: what is given up, in which order, and what is not; and when no run begins any more."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from station import budget
from station.budget import MIB, Budget
from station.condition import Level
from station.ledger.errors import LedgerError
from station.ledger.ledger import Ledger
from station.trace import Answered, Observed, Prompted, Sampled
from tests.station.traces import ended, name, started, step


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger."""
    with Ledger.open(tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "PAUSE", 0.0)


async def run_of(ledger: Ledger, chunks: int = 40) -> str:
    """A run with some 800 bytes of samples in each chunk, evidence, and a person's answer."""
    run = await ledger.begin(name)
    ledger.append(run, started(run))
    for event in step(0.0):
        ledger.append(run, event)
    for at in range(chunks):
        values = tuple((each * 7919 * (at + 1) % 10007) / 3 for each in range(100))
        ledger.append(run, Sampled(float(at), "soak", "inlet", "", "degC", tuple(map(float, range(100))), values))
        ledger.append(run, Observed(float(at), "soak", "ambient" * 50, 21.5, "degC", 0.2, "ok", "thermo"))
        ledger.append(run, Prompted(float(at), "soak", "look at it " * 50))
        ledger.append(run, Answered(float(at), "soak", "it is well"))
    ledger.append(run, ended())
    await ledger.sync()
    return run


async def parts(ledger: Ledger, run: str) -> str:
    """Which parts a run has still: T, E, A."""
    left = {type(each).__name__ for each in await ledger.events(run)}
    return "".join(
        letter for letter, kind in zip("TEA", ("Sampled", "Observed", "Prompted"), strict=True) if kind in left
    )


async def used(ledger: Ledger) -> int:
    """Bytes that count."""
    looked = Budget(ledger, most=2**40)
    await looked.look()
    assert looked.use is not None
    return looked.use.used


async def test_with_room_nothing_is_given_up(ledger: Ledger) -> None:
    """And the condition says how much there is."""
    await run_of(ledger)
    kept = Budget(ledger, most=1000 * MIB)
    await kept.look()
    assert (Level.OK, 0) == (kept.condition().level, (await ledger.thinned()).events)
    assert "of 1000 MiB" in kept.condition().text


async def test_telemetry_goes_first_and_the_oldest_before_the_newer(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Little by little, as the budget shrinks: telemetry of the oldest, all telemetry, evidence, what people said; then no more."""
    monkeypatch.setattr(budget, "weigh", lambda _: (0, 2**40, 2**41))
    runs = [await run_of(ledger) for _ in range(4)]
    records = [await ledger.record(run) for run in runs]
    seen: list[list[str]] = []
    most = int(await used(ledger) / budget.BEGIN)
    for _ in range(400):
        kept = Budget(ledger, most=most)
        await kept.look()
        now = [await parts(ledger, run) for run in runs]
        if not seen or seen[-1] != now:
            seen.append(now)
        if ledger.used_up:
            break
        most = int(most * 0.99)
    lost = ["".join(sorted({"T", "E", "A"}.difference(*map(set, each)))) for each in seen]
    assert lost == sorted(lost, key=len), seen
    for each in seen:
        assert each == sorted(each, key=len), seen  # the older a run, the less is left of it
        for letter, before in (("E", "T"), ("A", "E")):  # nothing of a later part goes while one of an earlier is left
            if any(letter not in run for run in each):
                assert all(before not in run for run in each), seen
    assert ["", "", "", ""] == seen[-1]
    assert len(seen) > 6
    assert records == [await ledger.record(run) for run in runs]
    assert [] == await ledger.verify()


async def test_when_only_results_are_left_no_run_begins(ledger: Ledger) -> None:
    """The refusal says why; with a bigger budget the line goes on."""
    await run_of(ledger)
    kept = Budget(ledger, most=1)
    await kept.look()
    assert (Level.ALARM, True) == (kept.condition().level, "no run begins" in kept.condition().text)
    with pytest.raises(LedgerError, match="the disk budget is used up"):
        await ledger.admit()
    kept.most = 1000 * MIB
    await kept.look()
    await ledger.admit()
    assert Level.OK is kept.condition().level


@pytest.mark.parametrize(("share", "level"), [(0.79, Level.OK), (0.81, Level.WARNING), (0.96, Level.ALARM)])
async def test_people_are_told_before_it_is_too_late(ledger: Ledger, share: float, level: Level) -> None:
    """A warning while nothing is lost yet, an alarm while runs still begin."""
    await ledger.sync()
    kept = Budget(ledger, most=int(await used(ledger) / share))
    await kept.look()
    assert level is kept.condition().level
    assert bool(kept.condition().remedy) is (level is not Level.OK)
    await ledger.admit()


async def test_what_nobody_has_acknowledged_goes_last(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it is the oldest: everything of the others goes before anything of it."""
    monkeypatch.setattr(budget, "weigh", lambda _: (0, 2**40, 2**41))
    runs = [await run_of(ledger) for _ in range(3)]
    seen: list[list[str]] = []
    most = int(await used(ledger) / budget.BEGIN)
    while not ledger.used_up:
        await Budget(ledger, most=most, protected=lambda run: run == runs[0]).look()
        seen.append([await parts(ledger, run) for run in runs])
        most = int(most * 0.97)
    assert all(each[1:] == ["", ""] for each in seen if each[0] != "TEA")
    assert ["TEA", "", ""] in seen
    assert ["", "", ""] == seen[-1]


async def test_where_nothing_is_left_nothing_is_looked_for(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger of results alone is not read through at each look; one that was spared is looked at again, and what comes later."""
    spared = {await run_of(ledger, 2)}
    for _ in range(3):
        await run_of(ledger, 2)
    going = await ledger.begin(name)
    ledger.append(going, started(going))
    asked: list[int] = []
    look = ledger.oldest_with

    async def noted(part: str, after: int) -> list[tuple[int, str]]:
        asked.append(after)
        return await look(part, after)

    monkeypatch.setattr(ledger, "oldest_with", noted)
    kept = Budget(ledger, most=1, protected=lambda run: run in spared)
    for _ in range(2):
        asked.clear()
        await kept.look()
    assert {4} == set(asked)
    assert 4 == (await ledger.thinned()).runs
    ledger.append(going, Sampled(0.0, "soak", "inlet", "", "degC", (0.0,), (1.0,)))
    ledger.append(going, ended())
    await kept.look()
    assert 5 == (await ledger.thinned()).runs


async def test_old_pages_of_the_log_go_with_the_telemetry(ledger: Ledger) -> None:
    """The page that is written stays."""
    loop = asyncio.get_running_loop()
    for each in ("station.log", "station.log.1", "station.log.2"):
        await loop.run_in_executor(None, (ledger.folder / each).write_bytes, b"x" * 100_000)
    await Budget(ledger, most=250_000).look()
    left = await loop.run_in_executor(None, lambda: sorted(each.name for each in ledger.folder.glob("station.log*")))
    assert ["station.log"] == left


async def test_without_a_budget_the_disk_is_one(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that is free, but for a reserve."""
    monkeypatch.setattr(budget, "weigh", lambda _: (0, 10 * MIB, 100 * MIB))
    kept = Budget(ledger)
    await kept.look()
    assert kept.use is not None
    assert 0 < kept.use.most - kept.use.used <= 5 * MIB + 2**20


async def test_a_ledger_that_gives_nothing_up_is_an_alarm(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk refuses: that is told, and the line goes on as long as it can."""
    await run_of(ledger)

    async def refuse(*_: object) -> int:
        raise LedgerError("nothing can be given up: disk I/O error")

    monkeypatch.setattr(ledger, "thin", refuse)
    kept = Budget(ledger, most=int(await used(ledger) / 0.92))
    await kept.look()
    assert (Level.ALARM, True) == (kept.condition().level, "disk I/O error" in kept.condition().text)
