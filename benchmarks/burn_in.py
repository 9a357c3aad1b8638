"""A burn-in to measure with: power supplies at full load for days, each one's output looked at on a fixed beat.

Everything is the line's own: the bay, its instruments' drivers on their emulators over memory wires, the engine, the
ledger. The one thing that is looked at is the cheapest that such a burn-in would look at and still be honest: the
output's volts by the bay's Keysight 34461A, one SCPI exchange of three questions a sample (value, function, range).
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from drivers.roles import Voltmeter
from sequences.limits import between
from sequences.measurement import Measurement
from sequences.power.psu_bench import TOP_VOLTS, PsuBench
from sequences.power.safety import READY, everything_is_off, nothing_is_charged, the_cover_may_open
from sequences.sequence import Group
from sequences.sequence import Sequence as Test
from sequences.soak import soak
from sequences.step import Step, step
from sequences.take import Take
from station.ledger.ledger import Ledger
from station.opening import Prepared, Setup, prepare, run_virtually
from station.order import Order
from station.orders import Request
from station.service import Listener, Simulated

PRODUCT = "ORV3-PSU-3K"
HELD = Measurement("held", "V", "voltage of the output while it is burnt in")
LIMIT = between(45.0, 55.0, "V")
FOR_EVER = 1e9
"""Seconds that are more than any burn-in takes."""


@step(timeout=600)
async def it_is_loaded(bench: PsuBench) -> None:
    """Feed the unit, and draw the most that it is checked at."""
    await bench.start()
    await bench.draw(max(bench.structure.loads))


def it_holds_its_voltage(every: float, lasting: float) -> Step:
    """The step that looks at the output each `every` seconds, for `lasting` seconds."""

    @step(HELD, timeout=FOR_EVER)
    async def it_holds_its_voltage(voltmeter: Voltmeter, take: Take) -> None:
        """Sample the output's volts."""
        async for _ in soak(take, every=every, lasting=lasting):
            take.sample(HELD.whole, await voltmeter.dc_volts(TOP_VOLTS))

    return it_holds_its_voltage


def burn_in(hours: Step) -> Test:
    """The whole sequence: the bay's own beginning, the load, the step that takes hours, and the bay's own end."""
    ends = (everything_is_off, nothing_is_charged, the_cover_may_open)
    return Test("burn-in", "A burn-in", PsuBench, Group("burn-in", (it_is_loaded, hours), setup=READY, cleanup=ends))


def prepared(hours: Step, slots: int = 1) -> Prepared:
    """Bays side by side, one unit in each; every bay has instruments of its own."""
    one = prepare(Setup(None, Path(), Simulated(0)), [Request(PRODUCT, "BENCH-0000")])
    (order,), test = one.orders, burn_in(hours)
    orders = tuple(_beside(order, test, number) for number in range(slots))
    instruments = {
        f"{name}{number}": replace(one.station.instruments[name], name=f"{name}{number}")
        for name in order.instruments
        for number in range(slots)
    }
    slots_of = {each.slot.name: each.slot for each in orders}
    return replace(one, station=replace(one.station, instruments=instruments, slots=slots_of), orders=orders)


def _beside(order: Order, test: Test, number: int) -> Order:
    """The same order for another unit in another bay."""
    roles = {role: tuple(f"{name}{number}" for name in names) for role, names in order.slot.roles.items()}
    slot = replace(order.slot, name=f"{order.slot.name}{number}", roles=roles)
    limits = {**order.limits, HELD.whole: LIMIT}
    return replace(order, serial=f"BENCH-{number:04d}", slot=slot, sequence=test, limits=limits)


def run(bays: Prepared, ledger: Ledger, listeners: Sequence[Listener]) -> list[dict[str, Any]]:
    """Burn all units in, in virtual time; every one of them must pass."""
    records = run_virtually(bays, ledger, listeners)
    for record in records:
        assert record["verdict"] == "PASSED", record["reason"]
    return records
