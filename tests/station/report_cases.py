"""Records to report on: cables of 8, 47 and 1,000 wires, good and bad, folded as the engine would fold them."""

import random
from collections.abc import Sequence
from typing import Any

from sequences.cabling.cable import Cable
from sequences.cabling.parts import Connector, Span
from station.report.drawing import Drawing, drawing_of
from station.trace import (
    Event,
    Found,
    MadeSafe,
    Measured,
    Observed,
    RunEnded,
    RunStarted,
    StepEnded,
    StepStarted,
)

BEGAN, ENDED = "2026-07-31T09:14:05.250000+00:00", "2026-07-31T09:14:46.450000+00:00"
SIMULATED = {"seed": 7, "faults": ["open:W3"]}
SIGNALS = ("L1", "L1", "L2", "L2", "L3", "L3", "N", "PE")

Case = tuple[dict[str, Any], list[Event], Drawing]


def whip() -> Cable:
    """Eight wires from one connector to another."""
    labels = {str(pin): signal for pin, signal in enumerate(SIGNALS, start=1)}
    wires = [Span("W1-7", ["J1.1-7", "J2.1-7"], color="BK"), Span("W8", ["J1.8", "J2.8"], color="GNYE")]
    ends = {"J1": Connector(8, "inlet", labels), "J2": Connector(8, "plug", labels)}
    return Cable(ends, wires, gauge="10 AWG", length=2.5)


def harness() -> Cable:
    """Pairs, splices in a chain, jumpers, a shield, an empty cavity, four connectors."""
    wires = [
        Span("W1-16", ["J1.1-16", "J2.1-16"], color="WH"),
        Span("W17-30", ["J1.17-30", "J3.1-14"], color="blue"),
        Span("W31", ["J1.31", "S1"]),
        Span("W32", ["S1", "J3.15"]),
        Span("W33", ["S1", "S2"]),
        Span("W34", ["S2", "J4.1"]),
        Span("W35", ["S2", "J4.2"]),
        Span("W36", ["J1.32", "J1.33"]),
        Span("W37", ["J4.5", "J4.6"]),
        Span("W38", ["S3", "J4.7"]),
        Span("W39", ["S3", "J4.8"]),
        Span("SH1", ["J1.SH", "J3.SH"], kind="shield", gauge="20 AWG"),
    ]
    connectors = {
        "J1": Connector([*map(str, range(1, 41)), "SH"], "DD-50"),
        "J2": Connector(16),
        "J3": Connector([*map(str, range(1, 21)), "SH"]),
        "J4": Connector(8),
    }
    pairs = {f"P{pair}": [f"W{15 + 2 * pair}", f"W{16 + 2 * pair}"] for pair in range(1, 8)}
    return Cable(connectors, wires, ["S1-3"], pairs, gauge="24 AWG", length=3.2)


def backplane() -> Cable:
    """Ten connectors of a hundred pins on each side."""
    wires = [Span(f"W{n * 100 + 1}-{n * 100 + 100}", [f"P{n}.1-100", f"B{n}.1-100"]) for n in range(10)]
    return Cable({f"{side}{n}": Connector(100) for side in "PB" for n in range(10)}, wires, gauge="28 AWG", length=0.6)


def finding(cause: str, where: str, text: str, *marks: str) -> dict[str, Any]:
    """A finding of the record."""
    return {"cause": cause, "where": where, "text": text, "confidence": 0.98, "marks": list(marks)}


def measured(name: str, point: str, value: float | None, low: float | None, high: float | None) -> dict[str, Any]:
    """A judged resistance of the record, with an uncertainty of 0.4 milliohm; None is over-range."""
    spread = 0.0004
    fields: dict[str, Any] = {"name": name, "point": point, "value": value, "unit": "ohm", "low": low, "high": high}
    fields |= {"rule": "u"}
    if value is None:
        return (
            fields
            | dict.fromkeys(("uncertainty", "accept_low", "accept_high"))
            | {
                "verdict": "ERROR",
                "state": "over-range",
            }
        )
    accept = {
        "accept_low": None if low is None else low + spread,
        "accept_high": None if high is None else high - spread,
    }
    good = (low is None or value >= low + spread) and (high is None or value <= high - spread)
    return fields | {"uncertainty": spread, "verdict": "PASSED" if good else "FAILED"} | accept


def step(name: str, measurements: Sequence[dict[str, Any]] = (), attempt: int = 1, **changes: object) -> dict[str, Any]:
    """An attempt of a step of the record."""
    verdict = "PASSED" if all(each["verdict"] == "PASSED" for each in measurements) else "FAILED"
    fields = {"name": name, "verdict": verdict, "attempt": attempt, "reason": "", "seconds": 0.25}
    return fields | {"measurements": list(measurements)} | changes


def record_of(steps: Sequence[dict[str, Any]] = (), **changes: object) -> dict[str, Any]:
    """A record with these steps; it passed unless `changes` say otherwise."""
    return {
        "schema": "rackproof.run/1",
        "run": "01JZQ6V0W8X3C2A7",
        "verdict": "PASSED",
        "reason": "",
        "started": BEGAN,
        "ended": ENDED,
        "line_time_s": 41.2,
        "uut": {"serial": "SN-0001", "part_number": "PWR-WHIP-8", "revision": "C"},
        "product_digest": "9c1b4e22",
        "sequence": {"name": "cable-continuity", "digest": "5a77b0c4"},
        "station": "cell-2",
        "slot": "A",
        "instruments": {"ohms": "HIOKI RM3545 123"},
        "simulated": None,
        "steps": list(steps),
        "findings": [],
        "made_safe": {"verdict": "PASSED", "seconds": 0.011},
    } | changes


def case(cable: Cable, findings: Sequence[dict[str, Any]] = (), *, simulated: bool = True) -> Case:
    """A run over a cable: wires that a finding names read ten times too much."""
    rng, bad = random.Random(7), {mark for each in findings for mark in each["marks"]}  # noqa: S311 (a repeatable spread)
    readings = []
    for path in cable.netlist.paths:
        nominal = cable.netlist.nominal(path) or 0.1
        off = 10.0 if bad & {path.name, *path.wires} else 1.0
        value = nominal * rng.gauss(1.02, 0.01) * off
        readings.append(measured("conduction", path.name, value, nominal * 0.9, nominal * 1.1 + 0.02))
    between = [measured("isolation", f"g{bit}", 10 ** rng.uniform(9, 10), 1e8, None) for bit in range(3)]
    steps = [step("every_conductor_conducts", readings), step("no_two_nets_touch", between)]
    record = record_of(
        steps,
        verdict="FAILED" if findings else "PASSED",
        findings=list(findings),
        simulated=SIMULATED if simulated else None,
    )
    return record, events_of(record), drawing_of(cable)


def events_of(record: dict[str, Any]) -> list[Event]:
    """A trace that folds to the record."""
    uut, sequence = record["uut"], record["sequence"]
    names = tuple(each["name"] for each in record["steps"])
    unit = (uut["serial"], uut["part_number"], uut["revision"], record["product_digest"])
    where = (record["station"], record["slot"])
    told: list[Event] = [
        RunStarted(
            record["run"],
            record["started"],
            *where,
            *unit,
            sequence["name"],
            sequence["digest"],
            record["instruments"],
            record["simulated"],
            names,
        ),
    ]
    at = 0.0
    for each in record["steps"]:
        told.append(StepStarted(at, each["name"], each["attempt"]))
        told.append(Observed(at, each["name"], "ambient", 23.41, "celsius", 0.32, "ok", "mux"))
        for one in each["measurements"]:
            at += 0.01
            told.append(
                Measured(
                    at,
                    each["name"],
                    one["name"],
                    one["point"],
                    one["value"],
                    one["unit"],
                    one["uncertainty"],
                    one.get("state", "ok"),
                    "ohms",
                    one["low"],
                    one["high"],
                    one["accept_low"],
                    one["accept_high"],
                    one["verdict"],
                    one["rule"],
                )
            )
        told.append(StepEnded(at, each["name"], each["attempt"], each["verdict"], each["reason"]))
    told += [
        Found(at, "", one["cause"], one["where"], one["text"], one["confidence"], tuple(one.get("marks", ())))
        for one in record["findings"]
    ]
    safe = record["made_safe"] or {"verdict": "PASSED", "seconds": 0.0}
    told.append(MadeSafe(at, safe["verdict"], safe["seconds"], tuple(safe.get("refusals", ()))))
    return [*told, RunEnded(at, record["ended"], record["verdict"], record["reason"])]
