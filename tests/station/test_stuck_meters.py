"""Meters whose readings stop to move while a unit is tested: no unit is judged by them."""

from pathlib import Path

import pytest

from tests.station.lines import HARNESS, WHIP, carried_out, guilty

METERS = {WHIP: ("ohms", "mux_a1"), HARNESS: ("ohms_b", "mux_b1")}
"""The ohmmeter and the multimeter of each one's slot."""
MATED = {"every_conductor_conducts", "every_shield_conducts", "no_two_nets_touch"}
"""The steps that judge a unit by both meters."""


@pytest.mark.parametrize("product", METERS)
def test_a_meter_that_stops_in_mid_run_judges_no_unit(tmp_path: Path, product: str) -> None:
    """Good or bad: ERROR with no finding, whenever in the conductors' or the insulation's time it begins."""
    began = 0.0
    for step in carried_out(tmp_path, product)["steps"]:
        begun, began = began, began + step["seconds"]
        if step["name"] not in MATED:
            continue
        for part in (0.1, 0.6):
            at = begun + part * step["seconds"]
            ohmmeter, multimeter = METERS[product]
            if step["name"] == "every_conductor_conducts":
                record = carried_out(tmp_path, product, f"stuck:{ohmmeter}@{at:.3f}s")
                assert ("ERROR", []) == (record["verdict"], record["findings"]), (step["name"], record["reason"])
            record = carried_out(tmp_path, product, f"stuck:{multimeter}@{at:.3f}s")
            assert ("ERROR", []) == (record["verdict"], record["findings"]), (step["name"], record["reason"])


@pytest.mark.parametrize("product", METERS)
def test_a_bad_unit_is_not_failed_by_an_ohmmeter_that_repeats_itself(tmp_path: Path, product: str) -> None:
    """It may well be bad; this station cannot say so."""
    ohmmeter, _ = METERS[product]
    record = carried_out(tmp_path, product, f"stuck:{ohmmeter}", "high-resistance:W3")
    assert ("ERROR", [], "every_conductor_conducts") == (record["verdict"], record["findings"], guilty(record))
    assert "does not move" in record["reason"]
