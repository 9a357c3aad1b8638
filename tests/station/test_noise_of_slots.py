"""What is measured in one slot, and who runs beside it."""

from pathlib import Path

import pytest

from station.opening import Setup, prepare, run_orders
from station.orders import Request
from station.service import Simulated
from tests.station.lines import HARNESS, WHIP, Record

Values = dict[tuple[str, str, str], float | None]

IN_A, IN_D = Request(WHIP, "SN-A", "A"), Request(WHIP, "SN-D", "D")
IN_B, IN_M, IN_P = Request(HARNESS, "SN-B", "B"), Request("MANIFOLD-8", "SN-M", "M"), Request("PDU-3P-24", "SN-P", "P")


def measured(folder: Path, *requests: Request) -> dict[str, Values]:
    """What a run at once has measured, by slot."""
    ready = prepare(Setup(None, folder, Simulated(5)), requests)
    records = run_orders(ready, [lambda _: None] * len(requests))
    return {each["slot"]: values(each) for each in records}


def values(record: Record) -> Values:
    """Every value of a record that has passed."""
    assert "PASSED" == record["verdict"]
    return {
        (step["name"], each["name"], each["point"]): each["value"]
        for step in record["steps"]
        for each in step["measurements"]
    }


def test_a_slot_with_its_own_instruments_reads_what_it_reads_alone(tmp_path: Path) -> None:
    """Exactly, to the last digit, whoever runs beside it: cable, manifold and rack PDU."""
    together = measured(tmp_path / "all", IN_B, IN_M, IN_P)
    alone = [measured(tmp_path / each.product, each) for each in (IN_B, IN_M, IN_P)]
    assert together == {slot: told for each in alone for slot, told in each.items()}


def test_slots_that_share_an_ohmmeter_draw_their_own_noise(tmp_path: Path) -> None:
    """Waiting for a turn shifts a slot in time: copper has another temperature then, by millikelvins. Nothing else differs."""
    together = measured(tmp_path / "both", IN_A, IN_D)
    for slot, request in (("A", IN_A), ("D", IN_D)):
        alone = measured(tmp_path / slot, request)[slot]
        assert alone == pytest.approx(together[slot], rel=1e-5)
        assert alone != together[slot]
