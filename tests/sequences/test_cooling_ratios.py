"""Ratios of a pumping unit, where the signs are the wrong way round: uncertainties stay what they can be."""

import math
from types import SimpleNamespace
from typing import Any

from drivers.reading import Reading
from sequences.cooling.ratios import growth


def look() -> Any:
    """Flow and pressure drop, as one look at a loop gives them; with exchanged pressure sensors the drop is negative."""
    return SimpleNamespace(flow=Reading(30.0, "L/min", 0.3, 9.0, "cdu"), drop=Reading(-80.0, "kPa", 0.5, 9.0, "cdu"))


def test_a_resistance_that_reads_negative_grows_with_an_uncertainty_that_is_one() -> None:
    """Exchanged pressure sensors make every ratio negative; that is a unit to be judged, not a reading that failed."""
    read = growth([0.0, 60.0, 120.0, 180.0], [-1.0, -1.01, -0.99, -1.02], look())
    assert read.is_number
    assert math.isfinite(read.value)
    assert read.uncertainty > 0.0
