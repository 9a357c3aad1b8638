"""Runs of a simulated line, as `station run --sim` carries them out, and the places where a fault may sit on it."""

import random
from functools import cache
from pathlib import Path
from typing import Any

from sequences.cabling.cable import Cable
from sequences.cabling.netlist import Netlist
from sim.catalogue.fault import Fault
from sim.faults import each_place
from sim.spec import WorldSpec
from station.importing.bench import bench_toml
from station.importing.importer import import_file
from station.opening import Setup, load_station, prepare, run_orders
from station.order import Order
from station.orders import Request, take_orders
from station.service import Simulated
from station.simulated.world import MAKERS, Plugged, world_spec

WHIP, HARNESS, BACKPLANE = "PWR-WHIP-8", "CTL-HARNESS-64", "BACKPLANE-1000"
SERIAL = "SN0001"
OWN = Path(__file__).parents[1] / "documents"
"""Harness documents of the project's own."""
MOST = 200_000
"""Places of one fault that are looked at: couples of wires are many."""

Record = dict[str, Any]
Blame = tuple[str, frozenset[str]]
"""A cause, and the places that belong to it, in no order."""


def carried_out(folder: Path, product: str, *faults: str, seed: int = 0, station: str | None = None) -> Record:
    """The record of one unit's run in virtual time."""
    setup = Setup(station, folder, Simulated(seed, faults))
    (record,) = run_orders(prepare(setup, [Request(product, SERIAL)]), [lambda _: None])
    return record


def blamed(record: Record) -> list[Blame]:
    """Cause and places of every finding."""
    return [(each["cause"], places(each["where"])) for each in record["findings"]]


def places(where: str) -> frozenset[str]:
    """The places that a fault or a finding names."""
    return frozenset(where.split("+"))


def guilty(record: Record) -> str:
    """The step by which a run did not pass: the first one that erred or failed; before all steps, to identify."""
    wrong = [each["name"] for each in record["steps"] if each["verdict"] in {"ERROR", "FAILED"}]
    return wrong[0] if wrong else "identify"


@cache
def ordered(product: str, station: str | None = None) -> Order:
    """The order of a product in the first slot that fits."""
    (order,) = take_orders(*load_station(station, simulated=True), [Request(product, SERIAL)])
    return order


@cache
def netlist(product: str, station: str | None = None) -> Netlist:
    """The drawing of a product."""
    structure = ordered(product, station).product.structure
    assert isinstance(structure, Cable)
    return structure.netlist


@cache
def world(product: str, station: str | None = None) -> WorldSpec:
    """The world in which a product is tested."""
    bench, _ = load_station(station, simulated=True)
    order = ordered(product, station)
    devices = [
        Plugged(name, bench.instruments[name].model, bench.instruments[name].serial or "") for name in order.instruments
    ]
    return world_spec(devices, [MAKERS[order.product.family.name](order, SERIAL)], 0, ())


def some_places(fault: Fault, product: str, count: int, station: str | None = None) -> list[str]:
    """The first, the last and some other places where a kind of fault may sit; the same ones every time."""
    every = [place for _, place in zip(range(MOST), each_place(fault, world(product, station)), strict=False)]
    if len(every) <= count:
        return every
    chance = random.Random(f"{product} {fault.name}")  # noqa: S311 (no secret)
    return [every[0], every[-1], *chance.sample(every[1:-1], count - 2)]


def written(fault: Fault, place: str, more: str = "") -> str:
    """A fault as it is written."""
    return f"{fault.name}:{place}{more}" if place else f"{fault.name}{more}"


def imported(document: Path, folder: Path) -> tuple[str, str]:
    """The part number of an imported document, and the station file of the bench to try it on."""
    made = import_file(document)
    bench, text = bench_toml(made)
    files = {
        f"products/{made.product_file}": made.product_toml,
        f"jigs/{made.jig_file}": made.jig_toml,
        f"stations/{bench}.toml": text,
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return made.part_number, str(folder / f"stations/{bench}.toml")
