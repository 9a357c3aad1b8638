"""Instruments that lose their power or their connection in mid-run: ERROR, whenever it strikes."""

from pathlib import Path

import pytest

from tests.station.lines import carried_out


@pytest.mark.parametrize("at", ["0.4s", "2s", "2.9s"])
@pytest.mark.parametrize(
    "fault", ["reset:ohms", "reset:mux_a1", "reset:mux_a2", "half-open:mux_a1", "half-open:mux_a2"]
)
def test_an_instrument_that_goes_in_mid_run_is_an_error(tmp_path: Path, fault: str, at: str) -> None:
    """Nothing is found at the unit."""
    record = carried_out(tmp_path, "PWR-WHIP-8", f"{fault}@{at}")
    assert ("ERROR", []) == (record["verdict"], record["findings"])
