"""Deadband: what is told, and that telling apart costs little."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.mqtt import deadband
from station.mqtt.deadband import Band, Deadband

ANY = st.none() | st.floats()


def told(band: Deadband, *values: float | None) -> list[float | None]:
    """Those of a series that are told, one a second."""
    return [value for at, value in enumerate(values) if band.changed("v", value, float(at))]


def test_a_value_is_told_when_it_leaves_the_band_around_the_last_one_told() -> None:
    """Not around the last one seen: a slow drift is told."""
    assert [1.0, 1.3, 1.6] == told(Deadband(Band(0.2)), 1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1.6)
    assert [100.0, 112.0] == told(Deadband(Band(relative=0.1)), 100.0, 109.0, 110.0, 112.0, 102.0)
    assert [0.0, 0.2] == told(Deadband(Band(0.1, 0.1)), 0.0, 0.05, 0.1, 0.2, 0.25)
    assert [1.0, 1.5] == told(Deadband(), 1.0, 1.0, 1.5, 1.5)


def test_names_may_have_bands_of_their_own() -> None:
    """The others have the usual one."""
    band = Deadband(Band(1.0), bands={"fine": Band(0.01)})
    for name in ("fine", "coarse"):
        assert band.changed(name, 1.0, 0.0)
    assert (True, False) == (band.changed("fine", 1.5, 1.0), band.changed("coarse", 1.5, 1.0))


def test_a_value_that_stays_is_told_now_and_then() -> None:
    """After the heartbeat, counted from when it was last told."""
    band = Deadband(Band(1.0), heartbeat=10.0)
    assert [0.0, 10.0, 15.0, 25.0] == [
        at for at in (0.0, 5.0, 9.9, 10.0, 15.0, 19.0, 24.9, 25.0) if band.changed("v", 5.0 if at >= 15 else 1.0, at)
    ]


@pytest.mark.parametrize("odd", [None, math.nan, math.inf, -math.inf])
def test_no_reading_is_always_told_and_once(odd: float | None) -> None:
    """Both ways, however wide the band."""
    assert 3 == len(told(Deadband(Band(1e9, 1e9)), 1.0, odd, odd, 1.0, 1.0))


@given(st.lists(ANY, max_size=30), st.floats(0, 10), st.floats(0, 1))
def test_what_is_not_told_is_within_the_band_of_what_was(
    values: list[float | None], absolute: float, relative: float
) -> None:
    """For any series: who listens is never further off than the band."""
    band, last = Deadband(Band(absolute, relative)), None
    for at, value in enumerate(values):
        if band.changed("v", value, float(at)):
            last = value
        elif value is not None and math.isfinite(value):
            assert last is not None
            assert abs(value - last) <= max(absolute, relative * abs(last))
        else:
            assert str(last) == str(value)


@pytest.mark.parametrize("wrong", [-1.0, math.nan, math.inf])
def test_a_band_that_is_none_is_refused(wrong: float) -> None:
    """Nothing would ever leave it, or everything."""
    for absolute, relative in ((wrong, 0.0), (0.0, wrong)):
        with pytest.raises(ValueError, match="0 or more"):
            Band(absolute, relative)


def test_names_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was told longest ago is forgotten, and then told again."""
    monkeypatch.setattr(deadband, "MOST_NAMES", 3)
    band = Deadband()
    for name in ("a", "b", "c"):
        band.changed(name, 1.0, 0.0)
    assert band.changed("a", 2.0, 1.0)
    assert band.changed("d", 1.0, 2.0)
    assert ([False, True], 3) == (
        [band.changed(name, value, 3.0) for name, value in (("a", 2.0), ("b", 1.0))],
        len(band._told),
    )
    band.forget()
    assert band.changed("a", 2.0, 4.0)


def test_1536_values_a_second_cost_little() -> None:
    """64 slots with 24 channels at 1 Hz: far under a hundredth of a core (measured: 0.1 %)."""
    band, names = Deadband(Band(0.01), 60.0), [f"{slot}/channel{n}" for slot in range(64) for n in range(24)]
    began = time.process_time()
    for at in range(10):
        for number, name in enumerate(names):
            band.changed(name, (number + at) % 7 / 100, float(at))
    assert (time.process_time() - began) / 10 < 0.02
