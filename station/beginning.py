"""Beginning: what a record says first of its run, under which id; and why a run must not begin."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from station.bench import Bench, Seat
from station.config.station_file import Station
from station.order import Order, step_names
from station.program import RELEASED, VERSION
from station.runid import run_id
from station.trace import RunStarted


def named(began: datetime, station: str, seed: int | None, count: int) -> str:
    """The id of a run that begins now, after `count` others; with a seed it is the same every time."""
    simulated = hashlib.blake2b(f"{seed}/{count}".encode(), digest_size=16).digest()
    return run_id(began, station, os.urandom(16) if seed is None else simulated)


def refusals(order: Order, seats: Mapping[str, Seat], today: date, *, simulated: bool) -> list[str]:
    """Why nothing may be energised for this order today."""
    reasons = [
        f"the calibration of {name} ran out on {seat.calibration_due}"
        for name in order.instruments
        if (seat := seats[name]).calibration_due is not None and seat.calibration_due < today
    ]
    if not simulated and today < RELEASED:
        reasons.append(f"the clock of this machine is not set: it says {today}")
    refusal = order.product.structure.refusal() if hasattr(order.product.structure, "refusal") else ""
    if refusal and not order.sequence.learns:
        reasons.append(f"{order.product.name}: {refusal}")
    return reasons


def run_started(
    run: str,
    when: str,
    station: Station,
    order: Order,
    bench: Bench,
    simulated: dict[str, Any] | None,
    together: Sequence[Order],
) -> RunStarted:
    """What a run is begun with. `together` is what lies in the slots of a simulated world."""
    return RunStarted(
        run,
        when,
        station.name,
        order.slot.name,
        order.serial,
        order.product.part_number,
        order.product.revision,
        order.product.digest,
        order.sequence.name,
        order.sequence_digest,
        {name: known.in_full if (known := bench.identities.get(name)) else "" for name in order.instruments},
        simulated,
        tuple(step_names(order.sequence.steps, order.product.structure)),
        VERSION,
        {
            name: each.digest
            for documents in (station.documents, *(one.documents for one in (order, *together)))
            for name, each in documents.items()
        },
        {each.slot.name: each.said for each in together} if len(together) > 1 or order.golden else {},
    )
