"""`station run --replay`: a recorded run is run again from what its record says, and says where it differs."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, replace
from pathlib import Path

import orjson
import pytest

from sim import world
from sim.quantity import Quantity
from station.comparison import LEFT_OUT, compare, decided
from station.config.library import shipped
from station.keeping import kept
from station.learning_run import learn
from station.ledger import bodies
from station.ledger.history import History
from station.ledger.ledger import Ledger
from station.opening import Setup, prepare, run_orders
from station.orders import Request
from station.replaying import replay
from station.service import Simulated
from station.trace import Event, MadeSafe, Measured, RunEnded, RunStarted, StepEnded, StepStarted
from tests.station.command_line import Captured, Said, station
from tests.station.lines import WHIP, carried_out
from tests.station.traces import name, started, whole

WHIP_FILE = next(file for file in sorted((shipped() / "products").iterdir()) if f'"{WHIP}"' in file.read_text())


def asked(capsys: Captured, folder: Path, run: str, *more: str) -> Said:
    """What the command says of a replay."""
    return station(capsys, "run", "--replay", run, "--data", folder, *more)


def events_of(folder: Path, run: str) -> list[Event]:
    """The recorded events of a run."""
    with closing(History(folder)) as history:
        return history.events(run)


def kept_as(folder: Path, trace: Sequence[Event], run: str = name(1)) -> str:
    """A trace in a ledger, under an id of its own."""

    async def keep(ledger: Ledger) -> None:
        await ledger.begin(lambda _: run)
        for event in trace:
            ledger.append(run, replace(event, run=run) if isinstance(event, RunStarted) else event)
        await ledger.sync(run)

    with Ledger.open(folder) as ledger:
        asyncio.run(keep(ledger))
    return run


def test_a_simulated_run_is_the_same_again_and_leaves_nothing_behind(tmp_path: Path, capsys: Captured) -> None:
    """Event by event, with its seed, its fault and its place; the ledger has the one run that it had."""
    record = carried_out(tmp_path, WHIP, "open:W3", seed=5)
    number = len(events_of(tmp_path, record["run"]))
    for run in ("last", record["run"], record["run"][:12].lower()):
        said = asked(capsys, tmp_path, run)
        assert (0, "") == (said.code, said.out)
        assert f"run {record['run']}: the same, event by event: {number} events" in said.err
    with closing(History(tmp_path)) as history:
        assert 1 == history.count()
    assert {
        "schema": "rackproof.replay/1",
        "run": record["run"],
        "same": True,
        "verdict": {"recorded": "FAILED", "replayed": "FAILED"},
        "events": {"recorded": number, "replayed": number, "compared": number},
        "first": None,
        "different": {},
        "versions": [],
    } == asked(capsys, tmp_path, "last", "--json").document


def test_the_files_are_those_of_then_whatever_became_of_them(
    tmp_path: Path,
) -> None:
    """A product file that was changed, and then deleted with its jig and its station, is still the one that was used."""
    fixtures, data = tmp_path / "fixtures", tmp_path / "data"
    for folder in ("products", "jigs", "stations"):
        (fixtures / folder).mkdir(parents=True)
    product = fixtures / "products/whip.toml"
    text = WHIP_FILE.read_text()
    product.write_text(text.replace('title = "', 'title = "our own: '))
    line = (shipped() / "stations/simulated-line.toml").read_text()
    own = fixtures / "stations/own.toml"
    own.write_text(
        line.replace('name = "simulated-line"', 'name = "own"\nproducts = ["../products"]\njigs = ["../jigs"]')
    )
    record = carried_out(data, WHIP, "short:W2+W5", station=str(own))
    assert (data / "documents").is_dir()
    product.write_text(text.replace("tolerance = 0.04", "tolerance = 0.05"))
    assert (found := replay(data, "last")) is not None
    assert (True, ()) == (found.same, found.versions)
    for each in (product, own):
        each.unlink()
    assert (found := replay(data, record["run"])) is not None
    assert (True, ()) == (found.same, found.versions)


def test_where_it_differs_first_is_said_and_how_often(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another physics: exit code 1; the number, the place and both values of the first event that is not what it was."""
    record = carried_out(tmp_path, WHIP)
    recorded = events_of(tmp_path, record["run"])
    monkeypatch.setitem(world._FLICKER, Quantity.FOUR_WIRE, 2e-4)
    said = asked(capsys, tmp_path, "last", "--json")
    assert 1 == said.code
    first = said.document["first"]
    told = recorded[first["number"] - 1]
    assert isinstance(told, Measured)
    assert ("Measured", told.step, told.at) == (first["kind"], first["step"], first["at"])
    assert getattr(told, first["field"]) == first["recorded"] != first["replayed"]
    assert said.document["different"]["Measured"] > 5
    assert f"first at event {first['number']}, Measured of {told.step} at " in said.err
    assert f"{first['field']} was {first['recorded']!r}, is {first['replayed']!r}" in said.err


def test_units_that_shared_a_world_are_run_again_together(tmp_path: Path) -> None:
    """Two slots with shared instruments: each run of the session is the same again, though alone it would not be."""
    setup = Setup(None, tmp_path, Simulated(3, ("open:A/W3",)))
    requests = [Request(WHIP, "SN1", "A"), Request("CTL-HARNESS-64", "SN2", "B")]
    records = run_orders(prepare(setup, requests), [lambda _: None] * 2)
    assert ["FAILED", "PASSED"] == [each["verdict"] for each in records]
    for record in records:
        began = events_of(tmp_path, record["run"])[0]
        assert isinstance(began, RunStarted)
        assert ["A", "B"] == list(began.orders)
        found = replay(tmp_path, record["run"])
        assert found is not None
        assert found.same


def test_a_learning_run_is_the_same_again(tmp_path: Path) -> None:
    """The golden unit that lay on the jig lies there again."""
    learn("NEW-WHIP", "A", "SN1", None, tmp_path, WHIP, lambda _: None)
    found = replay(tmp_path, "last")
    assert found is not None
    assert found.same


def test_a_ledger_of_before_can_be_replayed_with_todays_files(tmp_path: Path, capsys: Captured) -> None:
    """What was not recorded then is said; it is no difference."""
    record = carried_out(tmp_path / "new", WHIP, seed=2)
    began, *others = events_of(tmp_path / "new", record["run"])
    later = {"program", "documents", "orders"}
    body = orjson.dumps({key: each for key, each in asdict(began).items() if key not in later})
    old = bodies.decode("RunStarted", body)
    assert ("", {}, {}) == (old.program, old.documents, old.orders)  # type: ignore[union-attr]
    kept_as(tmp_path / "old", [old, *others])
    said = asked(capsys, tmp_path / "old", "last")
    assert 0 == said.code
    assert "program: not recorded, now 0." in said.err
    assert "stations/simulated-line.toml: not recorded, now " in said.err


def test_a_file_that_was_not_kept_and_has_changed_is_named(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Today's is used then, and stands beside the difference that it makes."""
    fixtures, data = tmp_path / "fixtures", tmp_path / "data"
    (fixtures / "products").mkdir(parents=True)
    own = fixtures / "products/own.toml"
    monkeypatch.setenv("STATION_FIXTURES", str(fixtures))
    own.write_text(text := WHIP_FILE.read_text())
    digest = carried_out(data, WHIP)["product_digest"]
    kept(data, digest).unlink()
    own.write_text(f"{text}\n# another word\n")
    said = asked(capsys, data, "last")
    assert 0 == said.code
    assert f"not as it was, without effect:\n    products/{WHIP}@C.toml: {digest}, now " in said.err
    own.write_text(text.replace("tolerance = 0.04", "tolerance = 0.05"))
    said = asked(capsys, data, "last")
    assert 1 == said.code
    assert f"not as it was, which may be why:\n    products/{WHIP}@C.toml: {digest}, now " in said.err


def test_what_cannot_be_replayed_is_refused_with_the_reason(tmp_path: Path, capsys: Captured) -> None:
    """Real hardware, wall time, a run that goes on, no run at all, what the record says already: exit code 2, in words."""
    real = kept_as(tmp_path / "real", [replace(started(name(1)), simulated=None), *whole(name(1))[1:]])
    assert (2, True) == _refused(asked(capsys, tmp_path / "real", real), "was of real hardware")
    began = replace(started(name(1)), started="2026-05-04T10:00:00.000Z")
    kept_as(tmp_path / "wall", [began, *whole(name(1))[1:]])
    said = asked(capsys, tmp_path / "wall", "last")
    assert (2, True) == _refused(said, "in the wall's time")
    assert "station run --sim --product PWR-WHIP-8@C --serial SN1 --seed 7 --fault open:W3" in said.err
    kept_as(tmp_path / "far", [replace(started(name(1)), station="gone"), *whole(name(1))[1:]])
    assert (2, True) == _refused(asked(capsys, tmp_path / "far", "last"), "there is no station 'gone'")
    assert (2, True) == _refused(asked(capsys, tmp_path / "far", "ZZZ"), "no run, or more than one, begins with 'ZZZ'")
    assert (2, True) == _refused(asked(capsys, tmp_path / "none", "last"), "no run, or more than one")
    both = asked(capsys, tmp_path / "far", "last", "--seed", "3", "--fault", "open:W1", "--station", "cell-2")
    assert (2, True) == _refused(both, "leave out --station, --seed, --fault")
    assert (2, True) == _refused(station(capsys, "run", "--sim", "--serial", "SN1"), "Missing option '--product'")


def _refused(said: Said, why: str) -> tuple[int, bool]:
    return said.code, why in said.err


def test_an_interrupted_run_is_compared_as_far_as_it_came(tmp_path: Path, capsys: Captured) -> None:
    """The moment of a process's death is not in the seed; a difference before it is one all the same."""
    record = carried_out(tmp_path / "whole", WHIP)
    trace = events_of(tmp_path / "whole", record["run"])
    died = RunEnded(1.0, "", "INTERRUPTED", "the station's process ended")
    kept_as(tmp_path / "cut", [*trace[:30], died])
    said = asked(capsys, tmp_path / "cut", "last")
    assert 0 == said.code
    assert "the same, event by event: 30 events" in said.err
    assert "of 31 events the first 30 were compared: the moment at which its process died" in said.err
    odd = [replace(each, value=1.0) if isinstance(each, Measured) else each for each in trace[:30]]
    kept_as(tmp_path / "odd", [*odd, died])
    assert 1 == asked(capsys, tmp_path / "odd", "last").code


def test_an_aborted_run_is_compared_up_to_the_abort() -> None:
    """By the step that was cancelled, or by the first that was skipped, or by making safe where none had begun."""
    began: Event = started("RUN")
    passed: list[Event] = [StepStarted(1.0, "zero", 1), StepEnded(2.0, "zero", 1, "PASSED", "")]
    cut: list[Event] = [StepStarted(2.0, "next", 1), StepEnded(2.5, "next", 1, "ABORTED", "by hand")]
    left: list[Event] = [StepStarted(2.0, "next", 1), StepEnded(2.0, "next", 1, "SKIPPED", "by hand")]
    end: list[Event] = [MadeSafe(2.5, "PASSED", 0.1, ()), RunEnded(2.6, "", "ABORTED", "by hand")]
    more: list[Event] = [
        StepStarted(2.0, "next", 1),
        StepEnded(9.0, "next", 1, "PASSED", ""),
        *end[:1],
        RunEnded(9.0, "", "PASSED", ""),
    ]
    assert 3 == decided([began, *passed, *cut, *end])
    assert 3 == decided([began, *passed, *left, *end])
    assert 1 == decided([began, *end])
    traces: list[list[Event]] = [[began, *passed, *cut, *end], [began, *passed, *left, *end], [began, *end]]
    for trace in traces:
        found = compare(trace, [began, *passed, *more])
        assert (True, len(trace)) == (found.same, found.recorded)
        assert found.compared == decided(trace)
    late: list[Event] = [began, StepStarted(1.5, "zero", 1), *passed[1:]]
    found = compare([began, *passed, *cut, *end], [*late, *more])
    assert found.first is not None
    assert (2, "at", 1.0, 1.5) == (found.first.number, found.first.field, found.first.recorded, found.first.replayed)


def test_an_event_that_came_in_between_puts_no_other_kind_out_of_step() -> None:
    """What is missing or too many counts once; its neighbours are what they were."""
    trace = [each for each in whole("RUN") if not isinstance(each, MadeSafe)]
    extra = [*trace[:2], MadeSafe(0.0, "PASSED", 0.0, ()), *trace[2:]]
    found = compare(trace, extra)
    assert {"MadeSafe": 1} == found.different
    assert found.first is not None
    assert (3, "", type(trace[2]).__name__, "MadeSafe") == (
        found.first.number,
        found.first.field,
        found.first.recorded,
        found.first.replayed,
    )
    assert compare(trace, trace).same
    short = compare(trace, [*trace[:-2], trace[-1]])
    assert {type(trace[-2]).__name__: 1} == short.different


def test_the_reference_explains_every_field_of_a_comparison() -> None:
    """By name, and what is left out of it."""
    page = (Path(__file__).parents[2] / "docs/reference/events.md").read_text("utf-8")
    table = page.partition("## The comparison of a replay")[2]
    assert [f"`{name}`" for name in compare(whole("RUN"), whole("RUN")).said] == [
        line.split(" ")[1] for line in table.splitlines() if line.startswith("| `")
    ]
    assert all(f"`{name}`" in table for name in LEFT_OUT)
