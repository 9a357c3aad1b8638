"""Copper: gauges as people write them, and what they promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.cabling.copper import GAUGE_STEP, STRANDED, area, at_20_degrees, ohms_per_metre


@pytest.mark.parametrize(
    ("gauge", "milliohms"),
    [
        ("4/0 AWG", 0.161),
        ("2/0 AWG", 0.256),
        ("1/0 AWG", 0.322),
        ("0 AWG", 0.322),
        ("10 AWG", 3.277),
        ("24 AWG", 84.21),
    ],
)
def test_the_resistance_per_metre_is_that_of_the_wire_tables(gauge: str, milliohms: float) -> None:
    """The table of ASTM B258 diameters and 100 % IACS copper, 2 % more for the lay of stranded wire."""
    assert milliohms * STRANDED == pytest.approx(ohms_per_metre(gauge) * 1e3, rel=2e-3)


def test_a_cross_section_in_square_millimetres_is_taken_as_it_is() -> None:
    """0.25 mm2 is 0.25e-6 square metres."""
    assert pytest.approx(0.25e-6) == area("0.25 mm2")


@given(st.integers(min_value=0, max_value=49))
def test_the_next_size_is_a_quarter_more_resistance(size: int) -> None:
    """From one AWG size to the next thinner one resistance rises by 26 %."""
    assert pytest.approx(GAUGE_STEP) == ohms_per_metre(f"{size + 1} AWG") / ohms_per_metre(f"{size} AWG")


SPACED = ["", "24AWG", "24 awg", "24", "AWG 24", "0.25mm2", "24 AWG ", "24 AWG\n", "2,5 mm2", ".5 mm2", "1e3 mm2"]
NO_SIZES = ["51 AWG", "5/0 AWG", "0/0 AWG", "00 AWG", "024 AWG", "-1 AWG", "0 mm2", "0.00 mm2", "1000 mm2", "nan mm2"]


@pytest.mark.parametrize("gauge", [*SPACED, *NO_SIZES, "\u0662\u0664 AWG"])
def test_another_spelling_is_refused(gauge: str) -> None:
    """One way to write a gauge; what a person may have meant is never guessed."""
    with pytest.raises(ValueError, match="allowed: "):
        area(gauge)


@given(st.floats(min_value=-40, max_value=125))
def test_the_temperature_correction_undoes_what_warm_copper_does(celsius: float) -> None:
    """Copper has 0.393 % more resistance per kelvin above 20 degrees."""
    assert pytest.approx(1.0) == at_20_degrees(celsius) * (1 + (celsius - 20) / 254.5)
