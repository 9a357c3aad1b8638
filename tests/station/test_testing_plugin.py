"""The pytest plug-in: what a stranger's tests get from it, and what they are told when they ask wrongly."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.station.command_line import Captured
from tests.station.command_line import station as command

pytest_plugins = ("pytester",)

LIGHT = """
import sys
import station.faces.testing.plugin
heavy = {"pydantic", "numpy", "sim", "drivers", "sequences", "station.opening", "station.config"} & set(sys.modules)
sys.exit(f"imported: {sorted(heavy)}" if heavy else 0)
"""
INI = """
[pytest]
asyncio_default_fixture_loop_scope = function
filterwarnings = error
addopts = -p station.faces.testing.plugin -p no:cacheprovider --strict-markers
"""


class Imported:
    """A plug-in of inner sessions, which run in this process: what they have imported is there afterwards.

    `pytester` forgets it, after each session and at its own end; but numpy can be loaded only once in a process, and our own
    modules must not be there twice. Only what lies in the stranger's folder is forgotten.
    """

    def __init__(self) -> None:
        self.modules: dict[str, ModuleType] = {}

    def note(self) -> None:
        """Remember what is there now."""
        self.modules |= sys.modules

    def pytest_unconfigure(self) -> None:
        """A session has ended."""
        self.note()

    def restore(self, folder: Path) -> None:
        """Put back what is not the stranger's."""
        for name, module in self.modules.items():
            if not str(getattr(module, "__file__", "")).startswith(str(folder)):
                sys.modules.setdefault(name, module)


@pytest.fixture
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Imported]:
    """Outlives `pytester`."""
    made = Imported()
    yield made
    made.restore(tmp_path_factory.getbasetemp())


@pytest.fixture
def strangers(imported: Imported, pytester: pytest.Pytester) -> Iterator[pytest.Pytester]:
    """A stranger's folder of tests."""
    pytester.makeini(INI)
    pytester.plugins = [imported]
    yield pytester
    imported.note()


def session(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run a stranger's tests in this process."""
    (imported,) = pytester.plugins
    assert isinstance(imported, Imported)
    result = pytester.runpytest(*arguments, plugins=[imported])
    imported.restore(pytester.path)
    return result


def failures(result: pytest.RunResult) -> str:
    """All that was printed."""
    return result.stdout.str() + result.stderr.str()


def test_the_plug_in_costs_strangers_nothing() -> None:
    """Whoever has it installed and does not use it imports neither numpy nor pydantic nor the station."""
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=False)
    assert (0, "") == (done.returncode, done.stderr)


def test_a_test_runs_units_and_asks_what_was_found(strangers: pytest.Pytester) -> None:
    """By arguments, by marks on the test, the class and the module; the seed by mark or by option."""
    strangers.makepyfile("""
        import pytest

        pytestmark = pytest.mark.seed(5)

        def test_arguments(station):
            record = station.run("PWR-WHIP-8", serial="A1", slot="A", faults=["short:W5+W2"], seed=3, unit=4)
            assert record.verdict == "FAILED"
            assert not record.passed
            assert record.located("short", "W2+W5")
            assert record.located("short:A/W5+W2=0.2@1s")
            assert not record.located("short", "W2+W4")
            assert not record.located("open", "W2+W5")
            assert [each.cause for each in record.findings] == ["short"]
            assert record["uut"]["serial"] == "A1"
            assert record["simulated"] == {"seed": 3, "faults": ["short:W5+W2"], "unit": 4}
            assert record.trace[-1].verdict == "FAILED"

        @pytest.mark.product("PWR-WHIP-8", serial="B2")
        @pytest.mark.fault("open:W3", "open:W5")
        class TestMarked:
            @pytest.mark.fault("swap:W1+W8")
            def test_several(self, station):
                record = station.run(faults=["high-resistance:W7=0.5"])
                assert record["simulated"]["faults"] == ["open:W3", "open:W5", "swap:W1+W8", "high-resistance:W7=0.5"]
                assert record["simulated"]["seed"] == 5
                assert record["uut"]["serial"] == "B2"
                assert record.located("open:W3") and record.located("open:W5")
                assert record.step("no_two_nets_touch")["attempt"] == 1
                assert record.measured("conduction[W2]")["verdict"] == "PASSED"

            @pytest.mark.seed(9)
            def test_nearest_mark_counts(self, station):
                assert station.run()["simulated"]["seed"] == 9

        def test_names_that_are_not_there(station):
            record = station.run("PWR-WHIP-8")
            with pytest.raises(LookupError, match="no_two_nets_touch"):
                record.step("no_such_step")
            with pytest.raises(LookupError, match="conduction.W3"):
                record.measured("conduction")
    """)
    session(strangers).assert_outcomes(passed=4)


def test_a_run_can_be_carried_out_again(strangers: pytest.Pytester, capsys: Captured) -> None:
    """By the command that it gives, with the same readings."""
    strangers.makepyfile("""
        import json
        from pathlib import Path

        def test_it(station):
            record = station.run("PWR-WHIP-8", seed=3, faults=["open:W3=2.5", "leak:W1+W5"])
            Path("record.json").write_text(json.dumps([record.again, record]))
    """)
    session(strangers, "--rackproof-station=simulated-line").assert_outcomes(passed=1)
    again, record = json.loads((strangers.path / "record.json").read_text())
    program, *arguments = shlex.split(again)
    said = command(capsys, *arguments, "--data", strangers.path / "data", "--json")
    assert (program, record["steps"], record["findings"]) == (
        "station",
        said.document["steps"],
        said.document["findings"],
    )


def test_the_option_seeds_what_no_mark_does(strangers: pytest.Pytester) -> None:
    """The same seed, the same run."""
    strangers.makepyfile("""
        import pytest

        @pytest.mark.product("PWR-WHIP-8")
        def test_it(station):
            one, two = station.run(), station.run()
            assert one["simulated"]["seed"] == 77
            assert one["steps"] == two["steps"]
    """)
    session(strangers, "--rackproof-seed=77").assert_outcomes(passed=1)


def test_a_wrong_verdict_is_explained_and_can_be_repeated(strangers: pytest.Pytester) -> None:
    """The reason, the findings and the command of the run; no page of JSON."""
    strangers.makepyfile("""
        import pytest

        @pytest.mark.product("PWR-WHIP-8")
        def test_failed(station):
            assert station.run(faults=["open:W3"]).verdict == "PASSED"

        @pytest.mark.product("PWR-WHIP-8")
        def test_error(station):
            assert "PASSED" == station.run(faults=["silent:ohms@3s"]).verdict

        @pytest.mark.product("PWR-WHIP-8")
        def test_refused(station):
            assert station.run(faults=["wrong-instrument:ohms"]).verdict == "PASSED"

        @pytest.mark.product("PWR-WHIP-8")
        def test_located(station):
            assert station.run(faults=["open:W3"]).located("open:W4")
    """)
    result = session(strangers)
    result.assert_outcomes(failed=4)
    said = failures(result)
    for line in (
        "E         AssertionError: assert 'FAILED' == 'PASSED'".replace("  ", ""),
        "FAILED  every conductor conducts",
        "found   open:W3: open at J2 pin 3",
        "station run --sim --product PWR-WHIP-8 --serial SN1 --slot A --sequence cable-continuity --seed 0 --fault open:W3",
        "assert 'PASSED' == 'ERROR'",
        "assert 'REFUSED' == 'PASSED'",
        "<run of PWR-WHIP-8 SN1: FAILED, found open:W3>",
    ):
        assert line.removeprefix("E") in said
    assert "ohms: no reply" in said or "ohms" in said.partition("test_error")[2]
    assert "accept_high" not in said


BAD_MARKS = [
    ('product("PWR-WHIP-8"), pytest.mark.fault("opne:W3")', "no fault is called 'opne'; there is open"),
    ('product("PWR-WHIP-8"), pytest.mark.fault("open:W33")', "'open:W33': open sits at a wire"),
    ('product("PWR-WHIP-8"), pytest.mark.fault("open:W3=99")', "W3 is only 7.5 m long"),
    ('product("PWR-WHIP-8"), pytest.mark.fault("open:W3@soon")', "a time is a number and s, m or h"),
    ('product("PWR-WHIP-8"), pytest.mark.fault()', "missing 1 required positional argument: 'fault'"),
    ('product("PWR-WIHP-8")', "PWR-WHIP-8"),
    ('product("PWR-WHIP-8", serial="../x")', "serial number"),
    ('product("PWR-WHIP-8", slot="Z")', "no slot 'Z'"),
    ('product("PWR-WHIP-8", sequence="cable-continuty")', "cable-continuity"),
    ("product()", "pytest --markers"),
    ('product("PWR-WHIP-8", serail="A1")', "serail"),
    ("seed()", "pytest --markers"),
]


@pytest.mark.parametrize("fixture", ["station", "plant"])
def test_a_bad_mark_fails_its_test_at_set_up(strangers: pytest.Pytester, fixture: str) -> None:
    """With what is allowed, before anything runs, and without a traceback. Where no product is named, a name must still be one."""
    tests = "".join(
        f"@pytest.mark.{marks}\ndef test_{number}({fixture}):\n    pass\n\n".replace(
            "), pytest.mark", ")\n@pytest.mark"
        )
        for number, (marks, _) in enumerate([*BAD_MARKS, ('fault("opne:W3")', "")])
    )
    strangers.makepyfile(f"import pytest\n\n{tests}")
    result = session(strangers)
    result.assert_outcomes(errors=len(BAD_MARKS) + 1)
    said = failures(result)
    for number, (_, told) in enumerate(BAD_MARKS):
        assert told in said.partition(f"ERROR at setup of test_{number} ")[2].partition("____ ERROR")[0]
    assert "Traceback" not in said


def test_a_place_is_a_test_of_its_own(strangers: pytest.Pytester) -> None:
    """`each_fault` goes over the places, over values, over a few places, or over one example of each kind."""
    strangers.makepyfile("""
        import pytest

        @pytest.mark.each_fault("open", of="PWR-WHIP-8")
        def test_places(station, fault):
            assert station.run("PWR-WHIP-8", faults=[fault]).located(fault)

        @pytest.mark.product("PWR-WHIP-8")
        @pytest.mark.each_fault("high-resistance", values=(0.05, 1), at_most=3)
        def test_values(station, fault):
            assert station.run(faults=[fault]).verdict == "FAILED"

        @pytest.mark.product("PWR-WHIP-8")
        @pytest.mark.each_fault()
        def test_kinds(fault, faults):
            assert faults.parse(fault).fault.name in faults.fitting()
    """)
    result = session(strangers, "-v")
    said = failures(result)
    for line in (
        "test_places[open:W1]", "test_places[open:W8]", "test_kinds[swap:W1+W2]",
        "test_values[high-resistance:W1=0.05]", "test_values[high-resistance:W8=1]",
    ):  # fmt: skip
        assert f"{line} PASSED" in said
    assert said.count("test_values[") == 6
    assert "failed" not in said


BAD_KINDS = [
    ('"opne", of="PWR-WHIP-8"', "allowed: open"),
    ('"relay-welded", of="PWR-WHIP-8"', "this product has none"),
    ('"open", of="PWR-WIHP-8"', "PWR-WHIP-8"),
    ('"open"', "of which product?"),
    ('"high-resistance", of="PWR-WHIP-8", values=[-1]', "the value is"),
    ('"open", of="PWR-WHIP-8", at_most=0', "at_most is 1 or more"),
    ('"open", off="PWR-WHIP-8"', "unexpected keyword argument 'off'"),
]


def test_each_fault_of_what_does_not_exist_is_an_error(strangers: pytest.Pytester) -> None:
    """At collection: no test is silently left out. A test without the argument `fault` would run once, and test nothing."""
    for number, (said, _) in enumerate(BAD_KINDS):
        strangers.makepyfile(
            **{
                f"test_{number}": f"import pytest\n@pytest.mark.each_fault({said})\ndef test_it(station, fault):\n    pass"
            }
        )
    strangers.makepyfile(
        test_none='import pytest\n@pytest.mark.each_fault("open", of="PWR-WHIP-8")\ndef test_it(station):\n    pass'
    )
    result = session(strangers)
    result.assert_outcomes(errors=len(BAD_KINDS) + 1)
    said = failures(result)
    for number, (_, told) in enumerate(BAD_KINDS):
        assert told in said.partition(f"collecting test_{number}.py")[2].partition("____ ERROR")[0]
    assert "argument called `fault`" in said
    assert "Traceback" not in said


DRIVEN = """
    import asyncio

    import pytest

    pytestmark = pytest.mark.product("PWR-WHIP-8")

    async def test_an_hour_and_a_reading(bench, plant):
        began = bench.now
        await asyncio.sleep(3600)
        assert bench.now == began + 3600
        assert bench.identities["ohms"].serial == "SIM-OHMS"
        await bench["ohms"].prepare(0.01)
        panel = bench.fixture
        await panel.crossbar.clear()
        assert plant.closed == ()
        bar = await panel.bar()
        assert 1e-4 < bar.value < 3e-4
        assert plant.closed
        assert plant.look("ohms", "four_wire") == pytest.approx(bar.value, abs=2e-5)
        frame, relay = plant.closed[0].split(".")
        assert plant.driven(frame, "relay", ".".join(relay.replace("0", ""))) == 1
        assert plant.driven(frame, "relay", "3.4.8") == 0
        assert plant.driven("ohms", "relay", "3.4.8") is None
        assert any("READ" in line.upper() or "MEAS" in line.upper() for line in bench.traffic)

    class TestInAClass:
        async def test_a_fault_that_strikes_now(self, bench, plant):
            await bench["ohms"].identify()
            plant.strike("silent:ohms")
            with pytest.raises(Exception, match="ohms"):
                await bench["ohms"].identify()

    @pytest.mark.fault("open:W3")
    def test_a_plain_test_runs_functions(bench, plant):
        assert not plant.is_mated("A")

        async def conducts():
            panel = bench.fixture
            panel.reference = await panel.reference_alone()
            await panel.operator.answer("connect it")
            path = panel.netlist.path["W3"]
            return await panel.conduction(path.a, path.b, panel.netlist.nominal(path))

        began = bench.now
        assert bench.run(conducts).value > 1e6
        assert plant.is_mated("A")
        assert bench.now > began
"""


@pytest.mark.parametrize("mode", ["-p no:asyncio", "--asyncio-mode=strict", "--asyncio-mode=auto"])
def test_a_bench_has_a_time_of_its_own_under_any_plug_in(strangers: pytest.Pytester, mode: str) -> None:
    """Without pytest-asyncio, in its strict mode and in its auto mode: the hour passes in virtual time."""
    if "no:" in mode:
        strangers.makeini(INI.replace("asyncio_default_fixture_loop_scope = function", ""))
    strangers.makepyfile(DRIVEN)
    session(strangers, *mode.split(), "--timeout=20").assert_outcomes(passed=3)


def test_a_marked_asyncio_test_runs_in_the_time_of_its_bench(strangers: pytest.Pytester) -> None:
    """The mark that strict mode asks for changes nothing; fixtures of other loops still work."""
    strangers.makepyfile("""
        import asyncio

        import pytest
        import pytest_asyncio

        @pytest_asyncio.fixture
        async def settled():
            await asyncio.sleep(0)
            return 7

        @pytest.mark.asyncio
        @pytest.mark.product("PWR-WHIP-8")
        async def test_it(settled, bench):
            await asyncio.sleep(1e6)
            assert (settled, bench.now > 1e6) == (7, True)
    """)
    session(strangers).assert_outcomes(passed=1)


def test_a_failing_async_test_fails(strangers: pytest.Pytester) -> None:
    """An assertion, a hang (which names who waits for what), an instrument that is not ready, a name that is none."""
    strangers.makepyfile("""
        import asyncio

        import pytest

        pytestmark = pytest.mark.product("PWR-WHIP-8")

        async def test_wrong(bench):
            assert bench.now < 0

        async def test_hangs(bench):
            await asyncio.Event().wait()

        @pytest.mark.fault("silent:ohms")
        async def test_not_ready(bench):
            raise AssertionError("it ran")

        async def test_no_such_instrument(bench):
            bench["ohsm"]

        async def test_no_such_quantity(bench, plant):
            plant.look("ohms", "for_wire")

        async def test_no_such_fault(bench, plant):
            plant.strike("open:W33")

        async def test_a_run_inside(bench, station):
            station.run()

        def test_not_opened(bench):
            bench["ohms"]
    """)
    result = session(strangers)
    result.assert_outcomes(failed=8)
    said = failures(result)
    for told in (
        "every task waits and no timer is set",
        "allowed: ohms",
        "allowed: four_wire",
        "open sits at a wire",
        "call it from a plain `def` test",
        "is opened inside bench.run()",
    ):
        assert told in said
    assert "AssertionError: it ran" not in said


def test_without_a_product_the_whole_bench_is_there(strangers: pytest.Pytester) -> None:
    """Every instrument of the station, a unit that fits on each jig: enough for a test of a driver."""
    strangers.makepyfile("""
        async def test_it(bench):
            assert len(bench.instruments) > 20
            assert (await bench["ohms"].identify()).model
    """)
    session(strangers).assert_outcomes(passed=1)


def test_a_sequence_that_is_registered_nowhere_can_be_tried(strangers: pytest.Pytester) -> None:
    """As a mutant of one that is: a step is left out, and a fault escapes."""
    strangers.makepyfile("""
        from dataclasses import replace

        import pytest
        from sequences.cabling.continuity import CABLE_CONTINUITY, no_two_nets_touch

        @pytest.mark.product("PWR-WHIP-8")
        @pytest.mark.fault("short:W2+W5=0.2")
        def test_the_step_is_needed(station):
            steps = CABLE_CONTINUITY.steps
            main = tuple(each for each in steps.main if each is not no_two_nets_touch)
            mutant = replace(CABLE_CONTINUITY, steps=replace(steps, main=main))
            escaped = station.run(sequence=mutant)
            assert not escaped.located("short:W2+W5")
            assert "a sequence of this test" in escaped.again
            assert station.run().located("short:W2+W5")
    """)
    session(strangers).assert_outcomes(passed=1)


def test_a_file_that_changes_between_two_tests_is_read_anew(strangers: pytest.Pytester) -> None:
    """What is kept for a session is kept only while its files are as they were."""
    strangers.makepyfile("""
        from pathlib import Path

        import pytest
        from station.config.library import shipped

        FILE = Path("mine/products/whip.toml")

        @pytest.fixture(autouse=True)
        def mine(monkeypatch):
            monkeypatch.setenv("STATION_FIXTURES", str(Path("mine").absolute()))
            FILE.parent.mkdir(parents=True, exist_ok=True)

        @pytest.mark.parametrize(("ohms", "verdict"), [("0.0063", "PASSED"), ("0.0001", "FAILED")])
        def test_it(station, ohms, verdict):
            text = (shipped() / "products" / "PWR-WHIP-8.toml").read_text()
            FILE.write_text(text.replace("PWR-WHIP-8", "OWN-WHIP").replace("0.0063", ohms))
            assert station.run("OWN-WHIP").verdict == verdict
    """)
    session(strangers).assert_outcomes(passed=2)
