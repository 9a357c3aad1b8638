"""The ledger: what goes in comes out again, and only what belongs there goes in."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import clock
from station.ledger import bodies
from station.ledger.errors import LedgerError, NoSuchRun
from station.ledger.history import History, Waveform, Which
from station.ledger.ledger import Ledger
from station.record import fold
from station.runid import is_run_id
from station.trace import Event, Measured, RunEnded, RunStarted, Sampled, StepStarted
from tests.station.traces import ended, judged, name, started, step, whole


def ask(ledger: Ledger, asked: str) -> list[tuple[Any, ...]]:
    """What a stranger with an SQL shell is told."""
    with closing(sqlite3.connect(ledger.folder / "ledger.sqlite")) as connection:
        return connection.execute(asked).fetchall()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger."""
    with Ledger.open(tmp_path / "data") as opened:
        yield opened


async def keep(ledger: Ledger, make: Callable[[str], list[Event]] = whole) -> str:
    """A run in the ledger; its id."""
    run = await ledger.begin(name)
    for event in make(run):
        ledger.append(run, event)
    await ledger.sync(run)
    return run


async def test_a_trace_comes_back_as_it_was_told(ledger: Ledger) -> None:
    """Every event, every float and every tuple is equal to the one that went in."""
    run = await keep(ledger)
    assert whole(run) == await ledger.events(run)
    assert fold(whole(run)) == await ledger.record(run)
    assert [] == await ledger.verify()


async def test_what_was_told_can_be_read_at_once(ledger: Ledger) -> None:
    """A question waits for what was told before it, so a run that goes on can be watched."""
    run = await ledger.begin(name)
    trace = [started(run), *step(0)]
    for number, event in enumerate(trace, 1):
        ledger.append(run, event)
        assert trace[:number] == await ledger.events(run)
    (row,) = await ledger.runs()
    assert (run, None, None, None) == (row.id, row.verdict, row.ended, row.line_time_s)
    with pytest.raises(LedgerError, match="has not ended"):
        await ledger.record(run)
    assert [] == await ledger.verify()


def test_a_ledger_keeps_what_it_has_when_it_is_closed(tmp_path: Path) -> None:
    """Closing writes what nobody waited for; opening again finds it."""
    with Ledger.open(tmp_path) as first:
        run = asyncio.run(first.begin(name))
        for event in whole(run):
            first.append(run, event)
    with Ledger.open(tmp_path) as second:
        assert whole(run) == asyncio.run(second.events(run))
        assert [] == asyncio.run(second.verify())
    assert ["ballast", "ledger.sqlite", "owners"] == sorted(each.name for each in tmp_path.iterdir())
    assert [] == list((tmp_path / "owners").iterdir())


def test_a_closed_ledger_says_so(tmp_path: Path) -> None:
    """Nothing hangs and nothing is lost quietly; closing twice does no harm."""
    ledger = Ledger.open(tmp_path)
    run = asyncio.run(ledger.begin(name))
    ledger.close()
    ledger.close()
    with pytest.raises(LedgerError, match="has not begun here"):
        ledger.append(run, started(run))
    with pytest.raises(LedgerError, match="closed"):
        asyncio.run(ledger.begin(name))


async def test_ids_follow_from_how_many_runs_came_before(ledger: Ledger) -> None:
    """The same seed and an empty ledger give the same ids; runs that have only begun count, too."""
    assert [name(0), name(1)] == [await ledger.begin(name), await ledger.begin(name)]
    ledger.append(name(0), started(name(0)))
    ledger.append(name(0), ended())
    assert name(2) == await ledger.begin(name)


async def test_an_id_is_never_used_twice(ledger: Ledger) -> None:
    """A name that is taken is passed over."""
    run = await keep(ledger)
    assert name(7) == await ledger.begin(lambda n: run if n < 4 else name(7))


async def test_only_run_ids_name_a_run(ledger: Ledger) -> None:
    """Nothing else gets as far as a query or a file name."""
    with pytest.raises(LedgerError, match="no run id"):
        await ledger.begin(lambda _: "../../etc/passwd")
    assert is_run_id(await ledger.begin(name))


async def test_events_come_in_their_order(ledger: Ledger) -> None:
    """RunStarted first and once, its own; nothing before, nothing after RunEnded, nothing of a run not begun here."""
    run, other = await ledger.begin(name), await ledger.begin(name)
    refused: list[tuple[str, Event, str]] = [
        (run, StepStarted(0, "a", 1), "has not started"),
        (run, started(other), f"is of run {other}"),
        (name(9), started(name(9)), "has not begun here"),
    ]
    for of, event, why in refused:
        with pytest.raises(LedgerError, match=why):
            ledger.append(of, event)
    ledger.append(run, started(run))
    for event, why in ((started(run), "has started already"), (ended(verdict="FINE"), "no verdict of a run")):
        with pytest.raises(LedgerError, match=why):
            ledger.append(run, event)
    ledger.append(run, ended())
    with pytest.raises(LedgerError, match="has ended"):
        ledger.append(run, ended())
    await ledger.sync()
    assert [started(run), ended()] == await ledger.events(run)
    assert [] == await ledger.verify()


FLOATS = [
    pytest.param(event, each.name, id=f"{type(event).__name__}.{each.name}")
    for event in {type(event): event for event in whole(name(0))}.values()
    for each in fields(event)
    if isinstance(getattr(event, each.name), float) or each.name in {"low", "accept_low"}
]


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize(("event", "field"), FLOATS)
def test_a_float_that_is_no_number_is_refused(event: Event, field: str, bad: float) -> None:
    """JSON would make null of a NaN, and null is what says that there was no reading."""
    changed: dict[str, Any] = {field: bad}
    with pytest.raises(LedgerError, match="not a number"):
        bodies.encode(replace(event, **changed))


@pytest.mark.parametrize(
    ("event", "why"),
    [
        pytest.param(Sampled(0, "a", "v", "", "V", (0.0, float("inf")), (1.0, 1.0)), "not a number", id="time"),
        pytest.param(Sampled(0, "a", "v", "", "V", (0.0, 1.0), (None, float("nan"))), "not a number", id="sample"),
        pytest.param(Sampled(0, "a", "v", "", "V", (0.0,), (1.0, 1.0)), "1 times for 2 values", id="lengths"),
        pytest.param(started(name(0), simulated={"faults": [{"x": float("nan")}]}), "not a number", id="deep"),
        pytest.param(replace(judged(0, "a", "W1"), value="0.1"), "JSON", id="text for a number"),  # type: ignore[arg-type]
        pytest.param(StepStarted(0, "\ud800", 1), "JSON", id="half a surrogate pair"),
        pytest.param(started(name(0), simulated={"x": object()}), "JSON", id="no value at all"),
    ],
)
async def test_what_json_cannot_say_is_refused_at_once(ledger: Ledger, event: Event, why: str) -> None:
    """The one who tells it hears of it; what was told before stays, and so does the place in the order."""
    run = await ledger.begin(name)
    told = 0 if isinstance(event, RunStarted) else 1
    for each in whole(run)[:told]:
        ledger.append(run, each)
    with pytest.raises(LedgerError, match=why):
        ledger.append(run, event)
    for each in whole(run)[told:]:
        ledger.append(run, each)
    assert whole(run) == await ledger.events(run)


def test_huge_samples_are_numbers_too() -> None:
    """Two numbers whose sum overflows are finite all the same."""
    event = Sampled(0, "a", "v", "", "V", (1e308, 1e308), (1.7e308, None))
    assert event == bodies.decode("Sampled", bodies.encode(event))


TEXT = st.text(st.characters(codec="utf-8"))
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(
    st.builds(
        Measured,
        *(
            st.floats(0, 1e9),
            TEXT,
            TEXT,
            TEXT,
            NUMBER,
            TEXT,
            NUMBER,
            TEXT,
            TEXT,
            NUMBER,
            NUMBER,
            NUMBER,
            NUMBER,
            TEXT,
            TEXT,
        ),
    )
)
def test_any_event_survives_json(event: Measured) -> None:
    """Whatever text and numbers are in it."""
    assert event == bodies.decode("Measured", bodies.encode(event))


def test_a_trace_from_before_there_were_rules_still_folds() -> None:
    """What a ledger holds from then names no rule: it was judged by w = U, and its record says so."""
    old = (
        b'{"at":0.25,"step":"conducts","name":"conduction","point":"W3","value":0.0123,"unit":"ohm","uncertainty":0.0001,'
        b'"state":"ok","by":"ohms","low":null,"high":0.12,"accept_low":null,"accept_high":0.1199,"verdict":"PASSED"}'
    )
    event = bodies.decode("Measured", old)
    run = name(0)
    ((measurement,),) = [each["measurements"] for each in fold([started(run), event, ended(1.0)])["steps"]]
    assert ("u", 0.1199) == (measurement["rule"], measurement["accept_high"])
    assert b'"rule":"u"' in bodies.encode(event)


@pytest.mark.parametrize(
    ("kind", "body"),
    [("StepStarted", "{}"), ("StepStarted", "[1]"), ("Nothing", "{}"), ("StepStarted", "{"), ("Sampled", '{"at":1}')],
)
def test_what_is_no_event_is_no_event(kind: str, body: str) -> None:
    """A body that was not written here is refused by name."""
    with pytest.raises(LedgerError, match=f"no {kind} event"):
        bodies.decode(kind, body)


async def test_samples_come_back_as_one_waveform(ledger: Ledger) -> None:
    """A waveform is all chunks of a point in order; there is an empty one where nothing was sampled."""
    run = await keep(ledger)
    wave = await ledger.waveform(run, "voltage", "W3")
    assert Waveform("V", (2.0, 2.1, 2.2, 2.3), (12.01, None, -0.0, 11.875)) == wave
    assert Waveform("", (), ()) == await ledger.waveform(run, "voltage", "W4")


def test_samples_are_kept_once(ledger: Ledger) -> None:
    """The chunk holds the samples; the event's row does not."""
    asyncio.run(keep(ledger))
    rows = ask(ledger, "SELECT body FROM event WHERE kind = 'Sampled'")
    assert [True, True] == ["12.01" not in body and "values" not in body for (body,) in rows]


async def test_runs_are_listed_newest_first(ledger: Ledger) -> None:
    """In the order in which they began, whatever the clock said."""
    kept = [await keep(ledger) for _ in range(3)]
    assert kept[::-1] == [row.id for row in await ledger.runs()]
    assert kept[:0:-1] == [row.id for row in await ledger.runs(limit=2)]
    assert (kept[-1], 3) == (await ledger.last(), await ledger.count())


async def test_an_empty_ledger_has_no_last_run(ledger: Ledger) -> None:
    """Nothing is an answer."""
    assert (None, 0, [], []) == (await ledger.last(), await ledger.count(), await ledger.runs(), await ledger.verify())


HOSTILE = ["100%", "a_b", "'; DROP TABLE run; --", "*", '"', "\0", "SN\0001", "\N{SNOWMAN}", ""]


@pytest.mark.parametrize("serial", HOSTILE)
async def test_a_filter_means_exactly_what_it_says(ledger: Ledger, serial: str) -> None:
    """No wildcard, no quote and no NUL in a value is anything but itself."""
    run = await keep(ledger, lambda run: [started(run, serial=serial, simulated=None), ended()])
    for other in (*HOSTILE, "SN", "100x", "aXb"):
        expected = [run] if other == serial else []
        assert expected == [row.id for row in await ledger.runs(Which(serial=other))]


async def test_every_filter_filters(ledger: Ledger) -> None:
    """Filters add up; what is not asked for does not count."""
    one = await keep(ledger)
    two = await keep(ledger, lambda run: [started(run, simulated=None, serial="SN2", started="2027-01-01"), ended()])
    row = (await ledger.runs(Which(serial="SN1")))[0]
    assert (one, "FAILED", 4.25, True) == (row.id, row.verdict, row.line_time_s, row.simulated)
    asked = {
        Which(verdict="PASSED"): [two],
        Which(simulated=True): [one],
        Which(simulated=False): [two],
        Which(since="2026-06-01"): [two],
        Which(part_number="PWR-WHIP-8", revision="C", sequence="cable-continuity"): [two, one],
        Which(station="cell-2", slot="B"): [],
        Which(serial="SN1", verdict="PASSED"): [],
    }
    assert asked == {which: [each.id for each in await ledger.runs(which)] for which in asked}


async def test_a_run_is_found_by_how_its_id_begins(ledger: Ledger) -> None:
    """People type a few characters, in either case; a wildcard is not one of them."""
    runs = [await keep(ledger) for _ in range(3)]
    assert runs[::-1] == await ledger.find("")
    assert runs[::-1] == await ledger.find(runs[0][:6])
    assert [runs[1]] == await ledger.find(runs[1].lower())
    assert [[]] * 5 == [await ledger.find(text) for text in ("%", "_", "0%", runs[0] + "0", "Z")]


async def test_a_run_that_is_not_there_is_named(ledger: Ledger) -> None:
    """The answer to a wrong id is its own error."""
    for question in (ledger.events, ledger.record):
        with pytest.raises(NoSuchRun, match=name(5)):
            await question(name(5))


async def test_a_history_needs_no_ledger_to_be_open(ledger: Ledger) -> None:
    """Somebody else can read while runs go on."""
    run = await keep(ledger)

    def look() -> tuple[int, str | None]:
        history = History(ledger.folder)
        try:
            return history.count(), history.last()
        finally:
            history.close()

    assert (1, run) == await asyncio.to_thread(look)


def test_there_is_no_history_without_a_ledger(tmp_path: Path) -> None:
    """Reading never makes a file."""
    with pytest.raises(LedgerError, match="cannot be read"):
        History(tmp_path)
    assert [] == list(tmp_path.iterdir())


def test_time_stands_still_while_the_disk_is_waited_for(tmp_path: Path) -> None:
    """In virtual time a sync takes no time, though a timer is due in an hour; telling needs no wait at all."""
    with Ledger.open(tmp_path) as ledger:

        async def scenario() -> float:
            loop = asyncio.get_running_loop()
            far = loop.call_later(3600, lambda: None)
            for _ in range(3):
                await keep(ledger)
            await ledger.verify()
            far.cancel()
            return loop.time()

        assert clock.run(scenario()) == 0.0


async def test_a_step_that_was_told_is_flushed_without_waiting(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was told is in memory that outlives the process: `flushed` has nothing to wait for."""
    run = await ledger.begin(name)
    monkeypatch.setattr(asyncio.get_running_loop(), "run_in_executor", None)
    for event in (started(run), *step(0), *step(1)):
        ledger.append(run, event)
        await ledger.flushed()


async def test_many_runs_are_told_side_by_side(ledger: Ledger) -> None:
    """Each run keeps its own order, however they are mixed."""

    async def one() -> str:
        run = await ledger.begin(name)
        for event in whole(run):
            ledger.append(run, event)
            await asyncio.sleep(0)
        await ledger.sync(run)
        return run

    runs = await asyncio.gather(*(one() for _ in range(20)))
    assert [whole(run) for run in runs] == [await ledger.events(run) for run in runs]
    assert [] == await ledger.verify()


def test_the_tables_answer_questions(ledger: Ledger) -> None:
    """Steps, measurements and findings can be asked for with SQL."""
    run = asyncio.run(keep(ledger))
    failed = ask(
        ledger,
        "SELECT step.name, point, value, state FROM measurement "
        "JOIN step ON (step.run, step.number) = (measurement.run, step) WHERE measurement.verdict = 'FAILED'",
    )
    assert [("conducts", "W3", 1e9, "at-least")] == failed
    found = ask(ledger, "SELECT run, cause, place FROM finding ORDER BY number")
    assert [(run, "open", "W3"), (run, "high-resistance", "W1")] == found


@pytest.mark.parametrize("table", ["event", "waveform"])
@pytest.mark.parametrize("change", ["UPDATE {} SET run = run", "DELETE FROM {}"])
def test_the_truth_is_append_only(ledger: Ledger, table: str, change: str) -> None:
    """Neither an event nor a chunk can be changed or removed, whoever tries."""
    asyncio.run(keep(ledger))
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        ask(ledger, change.format(table))


async def test_a_verdict_is_synced_before_it_is_shown(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The transaction that holds a run's end is written with full sync, even if nobody has asked for it yet."""
    full: list[bool] = []
    write = ledger._writer._book.write

    def spy(entries: Any, *, full: bool, into: list[bool] = full) -> None:
        if any(isinstance(entry.event, RunEnded) for entry in entries):
            into.append(full)
        write(entries, full=full)

    monkeypatch.setattr(ledger._writer._book, "write", spy)
    run = await ledger.begin(name)
    ledger.append(run, started(run))
    ledger.append(run, ended())
    await ledger.runs()
    assert [True] == full
