"""Decision rules on the line: one unit within the guard band, by each rule of a product's file."""

from pathlib import Path
from typing import Any

import pytest

from sequences.rules import Rule, acceptance
from tests.station.command_line import Captured
from tests.station.command_line import station as command
from tests.station.lines import carried_out

SHIPPED = Path("fixtures/products/PWR-WHIP-8.toml")


def conduction(record: dict[str, Any]) -> dict[str, Any]:
    """What was judged of W3."""
    steps = [each for step in record["steps"] for each in step["measurements"]]
    return next(each for each in steps if (each["name"], each["point"]) == ("conduction", "W3"))


def products(folder: Path, limit: float) -> None:
    """A product for each rule, named after it; W3 reads at most `limit` ohms."""
    folder.mkdir(parents=True)
    text = SHIPPED.read_text(encoding="utf-8")
    own = f'"conduction[W3]" = {{ at_most = {limit!r}, unit = "ohm" }}'
    for rule in Rule:
        name = f"WHIP-{rule.upper()}"
        changed = text.replace('part_number = "PWR-WHIP-8"', f'part_number = "{name}"\nrule = "{rule}"')
        (folder / f"{name}.toml").write_text(changed.replace("[limits]", f"[limits]\n{own}"), encoding="utf-8")


def test_the_products_rule_decides_and_the_record_says_it(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same reading within half of its uncertainty of the limit: what is accepted differs, and with it the verdict."""
    read = conduction(carried_out(tmp_path / "first", "PWR-WHIP-8"))
    products(tmp_path / "mine" / "products", read["value"] + read["uncertainty"] / 2)
    monkeypatch.setenv("STATION_FIXTURES", str(tmp_path / "mine"))
    verdicts = {}
    for rule in Rule:
        given = ("--product", f"WHIP-{rule.upper()}", "--serial", "SN0001", "--data", tmp_path / rule)
        ran = command(capsys, "run", "--sim", "--json", *given)
        each = conduction(ran.document)
        assert (read["value"], read["uncertainty"], rule) == (each["value"], each["uncertainty"], each["rule"])
        ends = acceptance(rule, each["low"], each["high"], each["uncertainty"])
        assert ends == (each["accept_low"], each["accept_high"])
        assert ran.document["verdict"] == each["verdict"]
        assert "conduction[W3] reads" in ran.err  # it passed only just, or it did not
        assert (each["verdict"] == "PASSED") == (", just accepted: " in ran.err)
        assert "84.1 % likely within tolerance" in ran.err
        judged = [other for step in ran.document["steps"] for other in step["measurements"]]
        assert {"u"} == {other["rule"] for other in judged if other["name"] in {"zero", "leads", "reference"}}
        verdicts[rule.value] = each["verdict"]
    assert {"simple": "PASSED", "u": "FAILED", "iso-14253": "FAILED", "method-6": "PASSED"} == verdicts
