"""The benchmarks: each does what it says in its smallest form. What it takes is never judged here."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from blockbuster import BlockBuster

from benchmarks import __main__ as program
from benchmarks import aborts, crowd, exchanges, harness, modbus, openhtf_peer, plain, scpi, slots, soaks, steps, table
from benchmarks.figure import Beside, Figure, Say
from benchmarks.rounds import alternately

ABSENT = pytest.mark.skipif(not openhtf_peer.is_installed(), reason="OpenHTF is installed by `make bench`")


@pytest.fixture(autouse=True)
def peers_may_block(no_blocking_calls: BlockBuster) -> Iterator[None]:
    """A peer is measured as it is."""
    no_blocking_calls.deactivate()
    yield
    no_blocking_calls.activate()


@pytest.fixture(autouse=True)
def own_benchmarks_only(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The peer is beside us only in the tests of the peer: it is slow."""
    if "openhtf" not in request.node.name:
        monkeypatch.setattr(openhtf_peer, "is_installed", lambda: False)


def quiet(what: str) -> None:
    """Tell nobody."""
    assert what


def named(figures: list[Figure]) -> list[str]:
    """Names of figures; each has a value that is one, and something beside it."""
    for figure in figures:
        assert math.isfinite(figure.value)
        assert figure.beside
        assert all(math.isfinite(figure.ratio(other)) for other in figure.beside)
    return [figure.name for figure in figures]


def test_steps_are_flushed_and_synced() -> None:
    """Both runs earn their PASSED with a real ledger, and both have a target."""
    figures = steps.measure(quiet, rounds=1, steps=2)
    assert ["a step with one judged measurement, flushed", "the same, with fsync"] == named(figures)
    assert [0.10, 0.35] == [figure.at_most for figure in figures]


def test_slots_run_beside_each_other() -> None:
    """Every slot earns its PASSED."""
    found = named(slots.measure(quiet, rounds=1, slots=(3,), steps=2))
    assert ["3 slots x 2 steps x 10 ms", "3 slots x 2 steps x 10 ms, each step measuring"] == found


def test_aborts_switch_every_output_off() -> None:
    """Nothing is off before it was aborted, and one blocked driver does not keep the others on for ever."""
    obeyed, stuck, late, given_up = aborts.measure(quiet, rounds=1)
    assert 0 < obeyed.value < stuck.value
    assert 1000 * aborts.DEADLINE <= stuck.value
    assert 0 < late.value < given_up.value


def test_the_harness_is_tested_in_the_line_and_from_the_shell() -> None:
    """The line time is no less than its bound, and the least number of states is no more than was made."""
    states, line, run, helped = harness.measure(quiet, rounds=1, product="PWR-WHIP-8")
    assert states.value >= states.beside[0].value > 0
    assert line.value >= line.beside[0].value > 0
    assert [harness.RUN_S, harness.HELP_S] == [run.at_most, helped.at_most]


def test_soaks_sample_every_slot_to_the_end() -> None:
    """Each bay's unit passes; no sample is missing; what it takes beside bare sleeps, and the memory, are told."""
    took, rate, grown, log = soaks.measure(quiet, hours=0.5, kinds=((2, 10.0),))
    assert ["2 slots x 0.5 h, a sample each 10 s"] == named([took])
    assert pytest.approx(2 * 181) == rate.value * took.value
    assert took.value > took.beside[0].value > 0
    assert (soaks.GROWTH, soaks.LOG) == (grown.at_most, log.at_most)
    assert not log.over


def test_a_crowd_is_looked_at_aborted_and_leaves_nothing_behind() -> None:
    """Over sockets of another process, then in virtual time; an output is off before its slot is confirmed safe."""
    late, through, busy, off, safe, *grown = crowd.measure(quiet, slots=2, lasting=2.0, days=2, every=7200.0)
    named([late, through, busy, off, safe])
    assert 0 < late.value < through.value
    assert through.value >= through.beside[0].value
    assert 0 < off.value <= safe.value
    assert list(crowd.GROWTH) == [each.name.split(": ")[1].removesuffix(" grown after day 1") for each in grown]
    assert [0.0] * 3 == [each.value for each in grown[1:4]]


def test_exchanges_are_counted_on_the_link() -> None:
    """Each kind of work has exchanges, and they are not the loopback's."""
    assert 4 == len(set(named(exchanges.measure(quiet, rounds=1, turns=2))))


def test_modbus_is_measured_beside_its_peers() -> None:
    """Every figure but the rate has a target; a line is never quicker than its own characters."""
    rate, ratio, slow, fast, many = modbus.measure(quiet, rounds=1, turns=40, readings=3)
    assert 5 == len(named([rate, ratio, slow, fast, many]))
    assert [None, 1 / 0.7, 5.0] == [rate.at_most, ratio.at_most, many.at_most]
    for line in (slow, fast):
        assert line.beside[0].value <= line.value * (1 + 1e-9)
        assert not line.over


def test_scpi_is_measured_beside_its_peers() -> None:
    """A rate, and a ratio that has a target."""
    rate, ratio = scpi.measure(quiet, rounds=1, turns=40)
    assert ["raw asyncio streams", "pyvisa-py through an executor"] == [each.name for each in rate.beside]
    assert [None, 1 / 0.7] == [rate.at_most, ratio.at_most]


@pytest.mark.parametrize("synced", [False, True])
def test_the_plain_program_writes_its_lines(synced: bool) -> None:
    """It ends, and took some time for it."""
    assert plain.lines(2, synced=synced) > 0


@ABSENT
@pytest.mark.filterwarnings("ignore")  # the peer's own, and its dependencies'
def test_openhtf_passes_what_it_measures() -> None:
    """One measurement per phase, and tests beside each other."""
    assert openhtf_peer.measured_phases(2) > 0
    assert openhtf_peer.sleeping_phases(2, 2, 0.001) > 0.002


def test_contenders_go_in_turn_and_the_first_round_does_not_count() -> None:
    """Each round begins with another one; the median is of the rounds that count."""
    order: list[str] = []

    def contender(name: str, values: list[float]) -> float:
        order.append(name)
        return values.pop(0)

    a, b = [100.0, 1.0, 3.0, 2.0], [100.0, 6.0, 4.0, 5.0]
    found = alternately({"a": lambda: contender("a", a), "b": lambda: contender("b", b)}, 3, quiet)
    assert {"a": 2.0, "b": 5.0} == found
    assert list("abbaabba") == order


@pytest.mark.parametrize(("value", "over"), [(0.9, False), (1.0, False), (1.1, True), (math.nan, True)])
def test_a_target_is_met_up_to_its_value(value: float, over: bool) -> None:
    """And what is not a number meets nothing."""
    assert over is Figure("a", value, "s", 1.0).over


def test_a_figure_without_a_target_is_only_told() -> None:
    """However large it is."""
    assert not Figure("a", 1e9, "s").over


def test_the_table_has_a_line_for_each_thing_beside() -> None:
    """The figure once, with its target and verdict; every ratio."""
    figure = Figure("a step", 0.2, "ms", 0.1, (Beside("a peer", 0.4), Beside("the disk", 0.05)))
    head, first, second = table.lines({"steps": [figure]})
    assert ["figure", "measured", "target", "beside", "it,", "in", "the", "same", "run", "ratio"] == head.split()
    assert [
        "steps",
        "a",
        "step",
        "0.2",
        "ms",
        "<=",
        "0.1",
        "ms",
        "over",
        "a",
        "peer",
        "0.4",
        "ms",
        "0.5",
    ] == first.split()
    assert head.index("ratio") == first.index("0.5") == second.rindex("4")
    assert ["the", "disk", "0.05", "ms", "4"] == second.split()


@pytest.mark.parametrize(("value", "code"), [(0.5, 0), (2.0, 1)])
def test_a_missed_target_is_an_exit_code(
    value: float, code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """1 and its name; else 0. `--json` writes the same figures."""

    def one(say: Say) -> list[Figure]:
        say("half way")
        return [Figure("a figure", value, "s", 1.0, (Beside("a peer", 4.0),))]

    monkeypatch.setitem(program.BENCHMARKS, "steps", one)
    assert code == program.main(["--only", "steps", "--json", str(tmp_path / "figures.json")])
    said = capsys.readouterr()
    assert ("targets missed: a figure" if code else "every target is met") in said.out
    assert "steps: half way" in said.err
    written = json.loads((tmp_path / "figures.json").read_text())
    assert [bool(code), [value / 4]] == [
        written["figures"]["steps"][0]["over"],
        [other["ratio"] for other in written["figures"]["steps"][0]["beside"]],
    ]


def test_an_unknown_benchmark_is_refused() -> None:
    """With the exit code of wrong usage."""
    with pytest.raises(SystemExit) as left:
        program.main(["--only", "nothing"])
    assert 2 == left.value.code
