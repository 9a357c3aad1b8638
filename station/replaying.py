"""Replaying: a recorded simulated run, run again from what its record says, into a ledger that nobody keeps.

The files that it was prepared from are those that were kept beside its ledger, as they were; where one was not kept, today's
is used, and the comparison says so. Units that lay in the same simulated world are run again with it: they share
instruments, and with them time and chance.
"""

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sim.clock import EPOCH
from station.comparison import Comparison, compare
from station.config.documents import Document
from station.config.library import Library
from station.config.shelf import UnknownName
from station.keeping import kept
from station.ledger.bodies import decode, encode
from station.ledger.history import History
from station.ledger.ledger import Ledger
from station.ledger.schema import FILE
from station.opening import Prepared, Setup, run_virtually, usual_library
from station.orders import Request, take_orders
from station.service import Listener, RefusalError, Simulated
from station.simulating import simulated_station
from station.trace import Event, RunEnded, RunStarted

_KEPT = re.compile(r"(?:products|jigs|stations|registers)/[A-Za-z0-9][A-Za-z0-9._@-]*\.(?:toml|json)")
_DIGEST = re.compile(r"[0-9a-f]{16}")
_DAY = timedelta(days=1)


def replay(folder: Path, run: str, listener: Listener = lambda _: None) -> Comparison | None:
    """Run a run of a data folder again, given by its id, the beginning of one, or `last`; None for no such run.

    Raises RefusalError with the reason for a run that cannot be run again, BadDocuments, LedgerError.
    """
    recorded = _recorded(folder, run)
    if recorded is None:
        return None
    started, simulated = _replayable(recorded)
    with TemporaryDirectory(prefix="rackproof-") as scratch:
        library = _as_it_was(folder, started, Path(scratch) / "fixtures")
        prepared = _prepared(library, started, Path(scratch), simulated)
        replayed: list[Event] = []

        def hear(event: Event) -> None:
            replayed.append(decode(type(event).__name__, encode(event)))
            listener(event)

        listeners = [hear if order.slot.name == started.slot else _nobody for order in prepared.orders]
        with Ledger.open(Path(scratch)) as ledger:
            run_virtually(prepared, ledger, listeners)
    return compare(recorded, replayed)


def _recorded(folder: Path, run: str) -> list[Event] | None:
    if not (folder / FILE).exists():
        return None
    with closing(History(folder)) as history:
        found = [history.last()] if run == "last" else history.find(run, 2)
        return history.events(found[0]) if len(found) == 1 and found[0] is not None else None


def _replayable(recorded: list[Event]) -> tuple[RunStarted, Simulated]:
    """How a run began, and how its bench was made. Raises RefusalError where the record does not decide what happened."""
    match recorded:
        case (RunStarted() as started, *_, RunEnded()):
            pass
        case _:
            raise RefusalError(f"run {getattr(recorded[0], 'run', '')} has not ended yet")
    if started.simulated is None:
        raise RefusalError(
            f"run {started.run} was of real hardware: only a simulated run can be run again from its record"
        )
    again = Simulated.of(started.simulated)
    if not timedelta() <= datetime.fromisoformat(started.started) - EPOCH < _DAY:
        told = "".join(f" --fault {fault}" for fault in again.faults)
        raise RefusalError(
            f"run {started.run} was simulated in the wall's time: its moments came from this machine's clock, not from its "
            f"seed. The same unit in virtual time: station run --sim --product {started.part_number}@{started.revision} "
            f"--serial {started.serial} --seed {again.seed}{told}"
        )
    return started, again


def _as_it_was(folder: Path, started: RunStarted, root: Path) -> Library:
    """A library in `root` of what was kept of a run; what was not is found where it is found today."""
    product = f"products/{started.part_number}@{started.revision}.toml"
    for name, digest in ({product: started.product_digest} | started.documents).items():
        if _KEPT.fullmatch(name) and _DIGEST.fullmatch(digest):
            source, file = kept(folder, digest, Path(name).suffix), root / name
            if source.is_file():
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(source.read_bytes())
    usual = usual_library()
    return replace(usual, roots=(root, *usual.roots))


def _prepared(library: Library, started: RunStarted, folder: Path, simulated: Simulated) -> Prepared:
    alone = {
        "product": f"{started.part_number}@{started.revision}",
        "serial": started.serial,
        "sequence": started.sequence,
    }
    try:
        document = library.station_document(started.station)
        station = simulated_station(library.station_in(_without_folders(document)))
        orders = started.orders or {started.slot: alone}
        requests = [Request(each["product"], each["serial"], slot, each["sequence"]) for slot, each in orders.items()]
        golden = [library.product(each["golden"]) if "golden" in each else None for each in orders.values()]
    except UnknownName as unknown:
        raise RefusalError(f"run {started.run}: {unknown}; it was not kept with the run") from None
    taken = take_orders(station, library, requests)
    laid = tuple(replace(order, golden=unit) for order, unit in zip(taken, golden, strict=True))
    return Prepared(Setup(None, folder, simulated), station, library, laid)


def _without_folders(station: Document) -> Document:
    """A station's document that names no folders: what it would find there was kept."""
    tables: dict[str, Any] = dict(station.tables)
    header = tables.get("station")
    if isinstance(header, Mapping):
        tables["station"] = {key: each for key, each in header.items() if key not in {"products", "jigs", "registers"}}
    return Document(station.file, station.text, tables)


def _nobody(_: Event) -> None:
    pass
