"""The metrics: what happens on a line is counted once, nothing unbounded becomes a label, and looking costs little."""

import asyncio
from pathlib import Path
from time import perf_counter

import orjson
import pytest

from station.condition import Condition, Level
from station.ledger.errors import LedgerError
from station.ledger.stopwatch import Stopwatch
from station.line.line import Line
from station.line.news import Item
from station.trace import MadeSafe, RunEnded, Sampled, StepEnded
from station.watching.cadence import Cadence
from station.watching.disk import DiskWatch
from station.watching.metrics import Metrics
from station.watching.names import METRICS
from station.watching.registry import MOST, Registry
from station.watching.watch import watching
from tests.station.fakes import STARTED
from tests.station.line_work import ended, on_line, whip


def value(text: bytes, line: str) -> float:
    """The number behind a name with its labels."""
    return next(float(each.removeprefix(line)) for each in text.decode().splitlines() if each.startswith(f"{line} "))


def test_a_run_on_a_line_is_counted(tmp_path: Path) -> None:
    """Its ticket, its verdict, its time, and that it was made safe; the line's own state is asked for."""

    async def use(line: Line) -> bytes:
        async with watching(line, Stopwatch()) as watch:
            await asyncio.sleep(1)
            await ended(line, await line.submit(whip(), source="api"))
            await asyncio.sleep(10)
            return watch.metrics.text()[0]

    text = on_line(tmp_path, use)
    assert 1 == value(text, 'rackproof_tickets_total{source="api",stage="done"}')
    assert 1 == sum(
        float(each.split()[1]) for each in text.decode().splitlines() if each.startswith("rackproof_runs_total{")
    )
    assert (0, 0, 1) == (
        value(text, "rackproof_queue_depth"),
        value(text, "rackproof_running"),
        value(text, 'rackproof_line_mode{mode="serving"}'),
    )
    assert 0 == value(text, 'rackproof_condition_level{name="budget"}')
    for name in ("memory_bytes", "open_files", "tasks", "threads", "disk_free_bytes", "data_bytes", "data_most_bytes"):
        assert value(text, f"rackproof_{name}") > 0, name
    assert b'station="simulated-line"' in text
    assert b"SN1" not in text
    logged = (tmp_path / "station.log").read_text()
    for each in ("daemon started", "run started", "run ended", "ticket done", "daemon ended"):
        assert f'"event":"{each}"' in logged


def test_what_only_watches_never_ends_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that fails is told in the log and begun again; the line tests on. A condition that changes is logged once."""

    async def broken(_: Metrics) -> None:
        raise RuntimeError("nobody thought of that")

    async def use(line: Line) -> str:
        async with watching(line, Fixed(2.0)) as watch:
            (ticket,) = await ended(line, await line.submit(whip(), source="api"))
            await asyncio.sleep(25)
            assert watch.disk.free is not None
            told = [item.body["condition"].name for item in line.news.items if item.kind == "condition"]
            assert told == ["disk"]  # who watches the line hears it too
            return ticket.verdict

    monkeypatch.setattr(Metrics, "run", broken)
    assert "PASSED" == on_line(tmp_path, use)
    lines = [orjson.loads(line) for line in (tmp_path / "station.log").read_bytes().splitlines()]
    failed = [each for each in lines if each["event"] == "watching failed"]
    assert (3, "RuntimeError: nobody thought of that") == (len(failed), failed[0]["why"])
    assert ["disk"] == [each["condition"] for each in lines if each["event"] == "condition"]


def test_what_goes_wrong_in_the_block_comes_out_as_it_is(tmp_path: Path) -> None:
    """A daemon that cannot begin says why; the log is closed with all that was told."""

    async def use(line: Line) -> None:
        async def go_wrong() -> None:
            async with watching(line, Stopwatch()):
                line.news.tell("mode", {"mode": "paused"})
                raise LedgerError("the ledger is gone")

        with pytest.raises(LedgerError, match="the ledger is gone"):
            await go_wrong()

    on_line(tmp_path, use)
    logged = [orjson.loads(line)["event"] for line in (tmp_path / "station.log").read_bytes().splitlines()]
    assert ["daemon started", "mode", "daemon ended"] == logged


def heard(*events: object) -> Registry:
    """What is counted when a run's events are told."""
    metrics = Metrics.__new__(Metrics)
    metrics.registry, metrics._runs, metrics._cadence = Registry(), {}, Cadence()
    for event in events:
        metrics.hear(Item(0, "event", {"run": "RUN", "slot": "A", "event": event}))
    assert {} == metrics._runs
    return metrics.registry


def test_what_erred_and_what_is_not_safe_is_counted() -> None:
    """By slot and sequence; a run that ended is remembered no more."""
    text, _ = heard(
        STARTED,
        StepEnded(1.0, "it_breaks", 1, "ERROR", "no answer"),
        Sampled(1.0, "soak", "inlet", "", "degC", tuple(map(float, range(8))), (1.0,) * 8),
        MadeSafe(2.0, "ERROR", 0.2, ("heater",)),
        RunEnded(2.2, "2026-01-01T00:00:02Z", "ERROR", "no answer"),
    ).text()
    where = f'sequence="{STARTED.sequence}",slot="A"'
    assert 1 == value(text, f"rackproof_steps_erred_total{{{where}}}")
    assert 1 == value(text, f'rackproof_runs_total{{{where},verdict="ERROR"}}')
    assert (8, 1) == (
        value(text, 'rackproof_samples_total{slot="A"}'),
        value(text, 'rackproof_not_safe_total{slot="A"}'),
    )
    assert 8 == value(text, 'rackproof_sample_lateness_seconds_bucket{le="0.001"}')


def test_lateness_is_seen_in_the_times_alone() -> None:
    """A turn that is late is, though the first one was late too; one that was left out is a gap; a new cadence begins anew."""
    cadence = Cadence()
    late, gaps = cadence.late(("RUN", "p"), [0.5, 1.0, 2.0, 3.25, 4.0, 5.0, 6.0, 7.0])
    assert ([0.5, 0.0, 0.0, 0.25, 0.0, 0.0, 0.0, 0.0], 0) == (late, gaps)
    assert ([0.125], 1) == cadence.late(("RUN", "p"), [9.0, 10.125])
    assert ([0.0], 1) == cadence.late(("RUN", "p"), [100.5, 101.5])
    cadence.forget("RUN")
    assert ([], 0) == cadence.late(("RUN", "p"), [1.0])


def test_a_label_is_a_word_and_there_are_not_too_many() -> None:
    """Whatever somebody sends, the series stay few and the text whole."""
    registry = Registry()
    for odd in ('a"b', "a\nb", "", "x" * 65, "\x1b[2J", "../x"):
        registry.count("rackproof_refused_total", source="api", reason=odd)
    for each in range(2 * MOST):
        registry.count("rackproof_refused_total", source="api", reason=f"r{each}")
    text, kind = registry.text()
    lines = [each for each in text.decode().splitlines() if each.startswith("rackproof_refused_total{")]
    assert MOST + 1 == len(lines)
    assert 6 + MOST == value(text, 'rackproof_refused_total{reason="other",source="api"}')
    assert kind.startswith("text/plain")


def test_a_room_that_cannot_say_how_it_is_hides_nobody() -> None:
    """It is told as no number at all."""
    registry = Registry()
    registry.ask("rackproof_outbox_depth", lambda: 1 // 0)
    registry.ask("rackproof_outbox_age_seconds", lambda: None)
    registry.ask("rackproof_queue_depth", lambda: 3)
    replayed = 5
    registry.ask("rackproof_refused_total", lambda: {("mqtt", "replayed"): replayed})
    registry.count("rackproof_refused_total", source="api", reason="forged")
    registry.text()
    replayed = 7
    text, _ = registry.text()
    assert 3 == value(text, "rackproof_queue_depth")
    assert 7 == value(text, 'rackproof_refused_total{reason="replayed",source="mqtt"}')
    assert 1 == text.count(b"# TYPE rackproof_refused_total")
    assert b"outbox" not in text


def test_only_what_is_in_the_table_is_told() -> None:
    """A metric that nobody has explained cannot be counted."""
    with pytest.raises(KeyError):
        Registry().count("rackproof_nonsense_total")
    assert len(METRICS) == len({each.name for each in METRICS})
    for each in METRICS:
        assert (each.kind == "counter") is each.name.endswith("_total"), each
        assert bool(each.buckets) is (each.kind == "histogram"), each
        assert not {"serial", "run", "uut", "ticket"}.intersection(each.labels), each


def test_looking_takes_milliseconds() -> None:
    """With 64 slots and every metric of the table in use: 2.4 ms when it was measured; here a busy machine may take more."""
    registry = Registry()
    for slot in range(64):
        for metric in METRICS:
            labels = {each: str(slot % 8 if each != "slot" else slot) for each in metric.labels}
            if metric.kind == "counter":
                registry.count(metric.name, **labels)
            elif "slot" in labels or slot == 0:
                (registry.observe if metric.kind == "histogram" else registry.set)(metric.name, 1.0, **labels)
    took = []
    for _ in range(20):
        began = perf_counter()
        registry.text()
        took.append(perf_counter() - began)
    assert min(took) < 0.02, took


class Fixed(Stopwatch):
    """A disk that has taken so long."""

    def __init__(self, *took: float, waits: float = 0.0) -> None:
        super().__init__()
        self._took.extend(took)
        self.waits = waits

    @property
    def waiting(self) -> float:
        """As it was told."""
        return self.waits


@pytest.mark.parametrize(
    ("disk", "level"),
    [
        (Fixed(0.001), Level.OK),
        (Fixed(0.001, 2.0), Level.WARNING),
        (Fixed(12.0), Level.ALARM),
        (Fixed(waits=11.0), Level.ALARM),
    ],
)
def test_a_slow_disk_is_told_and_forgotten_after_a_minute(tmp_path: Path, disk: Fixed, level: Level) -> None:
    """Also while the commit that is slow still waits; no run is failed by it."""

    async def use(line: Line) -> tuple[Condition, Condition]:
        watch = DiskWatch(tmp_path, disk, Metrics(line))
        await watch.look()
        told, disk.waits = watch.condition(), 0.0
        for _ in range(12):
            await watch.look()
        return told, watch.condition()

    told, later = on_line(tmp_path, use)
    assert (level, Level.OK) == (told.level, later.level)
    assert bool(told.remedy) is (level is not Level.OK)


def test_a_log_that_grows_behind_a_reader_is_told(tmp_path: Path) -> None:
    """The ledger's write-ahead log, when somebody reads for long."""

    async def use(line: Line) -> Condition:
        watch = DiskWatch(tmp_path, Stopwatch(), Metrics(line))
        watch.wal = 100 * 2**20
        return watch.condition()

    told = on_line(tmp_path, use)
    assert (Level.WARNING, True) == (told.level, "100 MiB" in told.text)


def test_commits_are_timed() -> None:
    """From when the commit begins until it is done; one that fails is not one."""
    disk = Stopwatch()
    disk.committing()
    assert disk.waiting > 0
    disk.committed()
    assert (1, 0.0, []) == (len(disk.take()), disk.waiting, disk.take())
