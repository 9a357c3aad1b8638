"""Rows of the layer `instrument` on a whole station: what a run becomes when an instrument ails, and what is made safe."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.reading import Reading, State
from sequences.limits import Limit
from sequences.verdict import Verdict
from sim import makers
from sim.emulators.chroma_61845 import Chroma61845
from sim.emulators.hioki_rm3545 import HiokiRm3545
from sim.parameters import switch
from sim.scpi import Obeying
from station.opening import Prepared, Setup, prepare, run_orders
from station.orders import Request
from station.service import Simulated
from tests.station.lines import HARNESS, SERIAL, WHIP, Record, carried_out, guilty

OHMS = {WHIP: "ohms", HARNESS: "ohms_b"}
MUX = {WHIP: "mux_a1", HARNESS: "mux_b1"}
SAFE = {"verdict": "PASSED"}


def judged(record: Record) -> tuple[str, list[object]]:
    """The verdict, and what was found at the unit."""
    return record["verdict"], record["findings"]


def never_begun(record: Record) -> tuple[str, list[object]]:
    """The verdict, and the steps that were begun."""
    return record["verdict"], record["steps"]


@pytest.mark.parametrize("product", OHMS)
def test_f001_silence_in_mid_measurement(tmp_path: Path, product: str) -> None:
    """An ERROR soon after the deadline of one question, by whichever instrument; the others are made safe."""
    good = carried_out(tmp_path, product)
    began = sum(
        each["seconds"]
        for each in good["steps"][: [s["name"] for s in good["steps"]].index("every_conductor_conducts")]
    )
    for device in (OHMS[product], MUX[product]):
        record = carried_out(tmp_path, product, f"silent:{device}@{began + 0.1:.3f}s")
        assert ("ERROR", []) == judged(record)
        assert guilty(record) in {"every_conductor_conducts", "the_unit_is_mated"}
        assert record["line_time_s"] < began + 60.0
        refusals = record["made_safe"].get("refusals", [])
        assert all(text.startswith(device) for text in refusals), refusals


LIMITS = st.builds(
    Limit,
    unit=st.just("ohm"),
    low=st.one_of(st.none(), st.floats(-1e3, 0)),
    high=st.floats(1.0, 1e3),
)


@given(LIMITS, st.sampled_from([math.nan, math.inf, -math.inf]), st.sampled_from(list(State)))
def test_f005_what_is_no_number_is_within_no_limit(limit: Limit, value: float, state: State) -> None:
    """ERROR, whichever way the limit is open; a bound is a number or it is nothing."""
    verdict, why = limit.judge(Reading(value, "ohm", 0.0, 0.0, "ohms", state))
    assert verdict is not Verdict.PASSED
    assert verdict is Verdict.ERROR or state is not State.OK
    assert why or verdict is Verdict.FAILED


@pytest.mark.parametrize("product", OHMS)
def test_f005_a_meter_without_a_number(tmp_path: Path, product: str) -> None:
    """ERROR on the station's own parts, before a unit is connected."""
    for device in (OHMS[product], MUX[product]):
        assert ("ERROR", []) == judged(carried_out(tmp_path, product, f"nan:{device}"))


@pytest.mark.parametrize("fault", ["frozen", "stuck", "stale"])
@pytest.mark.parametrize("product", OHMS)
def test_f006_an_old_reading_comes_again(tmp_path: Path, product: str, fault: str) -> None:
    """Neither PASSED nor FAILED, from whichever meter, from the start or in the middle."""
    for device in (OHMS[product], MUX[product]):
        for at in ("", "@1.9s"):
            assert ("ERROR", []) == judged(carried_out(tmp_path, product, f"{fault}:{device}{at}")), (device, at)


def test_f010_another_instrument_of_the_same_model(tmp_path: Path) -> None:
    """REFUSED before anything is armed; the reason says who answered."""
    record = carried_out(tmp_path, WHIP, "wrong-instrument:ohms")
    assert ("REFUSED", []) == never_begun(record)
    assert "expected serial SIM-OHMS" in record["reason"]


def ready(folder: Path) -> Prepared:
    """A run that is prepared."""
    return prepare(Setup(None, folder, Simulated(0, ())), [Request(WHIP, SERIAL)])


def test_f011_a_calibration_that_has_run_out(tmp_path: Path) -> None:
    """REFUSED before anything is armed."""
    it = ready(tmp_path)
    old = replace(it.station.instruments["ohms"], calibration_due=date(2025, 12, 31))
    station = replace(it.station, instruments={**it.station.instruments, "ohms": old})
    (record,) = run_orders(replace(it, station=station), [lambda _: None])
    assert ("REFUSED", []) == never_begun(record)
    assert "calibration of ohms" in record["reason"]


@pytest.mark.parametrize("product", OHMS)
def test_f012_an_instrument_that_starts_again(tmp_path: Path, product: str) -> None:
    """Its settings are gone: ERROR; the step is not resumed with what nobody has set."""
    for device in (OHMS[product], MUX[product]):
        assert ("ERROR", []) == judged(carried_out(tmp_path, product, f"reset:{device}@1.9s"))


Install = Callable[[str, type], None]


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts another emulator in a model's place."""

    def put(model: str, emulator: type) -> None:
        monkeypatch.setattr(makers, "MAKERS", {**makers.MAKERS, model: emulator})

    return put


class Newer(HiokiRm3545):
    """With another firmware than usual."""

    commands: ClassVar[Mapping[str, Obeying]] = {
        "*IDN?": lambda self: f"HIOKI,RM3545,{self.leads.serial('ohms')},V9.99"
    }


def test_f014_the_firmware_is_in_the_record(tmp_path: Path, install: Install) -> None:
    """Of every instrument that says it."""
    usual = carried_out(tmp_path, WHIP)["instruments"]
    assert {"ohms", "mux_a1", "mux_a2"} == {name for name, who in usual.items() if "firmware" in who}
    install("hioki-rm3545", Newer)
    assert "firmware V9.99" in carried_out(tmp_path, WHIP)["instruments"]["ohms"]


class Welded(Chroma61845):
    """Its output relay is welded: what opens it is obeyed without an error, and nothing opens."""

    def reset(self) -> None:
        """It does not switch off for that either."""
        if not getattr(self, "_on", False):
            super().reset()

    def _close_only(self, state: str) -> None:
        if switch(state):
            self._set_on(state)

    def _no_matter(self, state: str) -> None:
        switch(state)

    commands: ClassVar[Mapping[str, Obeying]] = {"OUTPut[:STATe]": _close_only, "OUTPut:RELay": _no_matter}


class Lying(Welded):
    """And it says that it is open."""

    commands: ClassVar[Mapping[str, Obeying]] = {"OUTPut[:STATe]?": lambda _: "0", "OUTPut:RELay?": lambda _: "0"}


@pytest.mark.parametrize("kind", [Welded, Lying])
@pytest.mark.parametrize(("product", "source"), [("PDU-3P-24", "source_p"), ("ORV3-PSU-3K", "source_s")])
def test_f015_an_output_that_stays_on(
    tmp_path: Path, install: Install, product: str, source: str, kind: type[Chroma61845]
) -> None:
    """ERROR, not confirmed safe and by name, within its deadline; the rest is made safe all the same."""
    install("chroma-61845", kind)
    record = carried_out(tmp_path, product)
    assert ("ERROR", []) == judged(record)
    assert "ERROR" == record["made_safe"]["verdict"]
    (refusal,) = record["made_safe"]["refusals"]
    assert refusal.startswith(f"{source} was not confirmed safe")
    assert record["made_safe"]["seconds"] < 3.0


class Unwell(HiokiRm3545):
    """Its self test says 3."""

    commands: ClassVar[Mapping[str, Obeying]] = {"*TST?": lambda _: "3"}


def test_f016_a_self_test_that_fails(tmp_path: Path, install: Install) -> None:
    """REFUSED with its code, before anything is armed."""
    install("hioki-rm3545", Unwell)
    record = carried_out(tmp_path, WHIP)
    assert ("REFUSED", []) == never_begun(record)
    assert "its self test says 3" in record["reason"]
