"""Lines: units that are prepared once for a whole session of tests, and the station on which a test runs them."""

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sequences.sequence import Sequence
from sim.spec import WorldSpec
from station.faces.testing.asked import Asked
from station.faces.testing.faults import read
from station.faces.testing.record import Record
from station.orders import Request
from station.service import RefusalError, Simulated
from station.simulating import spec_of, world_of
from station.trace import Event
from station.trial import Trials

MOST = 8
"""Prepared units that are kept; each has a ledger open."""
Tell = Callable[[Record], None]
_Key = tuple[str | None, Request, str, str]


@dataclass(frozen=True, slots=True)
class _Line:
    """A prepared unit, and the files that it was made of as they were then."""

    trials: Trials
    files: dict[Path, tuple[int, int]]

    @property
    def fresh(self) -> bool:
        """Whether its files are still the same."""
        return all(_stamp(file) == stamp for file, stamp in self.files.items())


class Lines:
    """Prepared units by what was asked. Close it."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, _Line] = OrderedDict()

    def trials(self, station: str | None, request: Request) -> Trials:
        """The trials of a unit, prepared now or before. Raises RefusalError or BadDocuments."""
        key = (station, request, os.environ.get("STATION_FIXTURES", ""), str(Path.cwd()))
        line = self._kept.pop(key, None)
        if line is not None and not line.fresh:
            line.trials.close()
            line = None
        if line is None:
            trials = Trials(request, station)
            (order,) = trials.prepared.orders
            documents = (trials.prepared.station.document, order.product.document, order.jig.document)
            line = _Line(trials, {each.file: _stamp(each.file) for each in documents})
        self._kept[key] = line
        if len(self._kept) > MOST:
            self._kept.popitem(last=False)[1].trials.close()
        return line.trials

    def world(self, station: str | None, request: Request) -> WorldSpec:
        """The world in which a unit is tested, as data. Raises RefusalError or BadDocuments."""
        prepared = self.trials(station, request).prepared
        return spec_of(prepared.station, prepared.orders, Simulated(0))

    def close(self) -> None:
        """Let go of all."""
        while self._kept:
            self._kept.popitem()[1].trials.close()


class Station:
    """A simulated station as tests use it: each `run` is a world of its own, in virtual time."""

    def __init__(self, lines: Lines, asked: Asked, tell: Tell) -> None:
        """Raises RefusalError or BadDocuments where a mark of the test names what does not exist."""
        self._lines, self._asked, self._tell = lines, asked, tell
        if asked.product is None:
            for text in asked.faults:
                read(text)
        else:
            request = Request(asked.product, asked.serial, asked.slot, asked.sequence)
            prepared = lines.trials(asked.station, request).prepared
            world_of(prepared.station, prepared.orders, Simulated(asked.seed, asked.faults), lambda: 0.0)

    def run(
        self,
        product: str | None = None,
        *,
        serial: str | None = None,
        slot: str | None = None,
        sequence: str | Sequence | None = None,
        faults: Iterable[str] = (),
        seed: int | None = None,
        unit: int | None = None,
    ) -> Record:
        """Test one simulated unit, as `station run --sim` does; its record. What is not said is as the test's marks say.

        `faults` come on top of those of the marks. `unit` numbers the units of a population, 0 is the one as drawn. `sequence` may
        be one that is registered nowhere: its fixture must be that of the product's family. Raises RefusalError or BadDocuments
        where nothing could begin.
        """
        asked = self._asked
        require_no_loop("station.run()")
        if isinstance(faults, str):
            raise RefusalError(f"faults is a list: faults=[{faults!r}]")
        if (named := product or asked.product) is None:
            raise RefusalError('which product? station.run("PN"), or mark the test with @pytest.mark.product("PN")')
        own = sequence if isinstance(sequence, Sequence) else None
        name = sequence if isinstance(sequence, str) else asked.sequence
        request = Request(named, serial or asked.serial, slot or asked.slot, None if own else name)
        trials = self._lines.trials(asked.station, request)
        simulated = Simulated(
            asked.seed if seed is None else seed, asked.with_faults(faults), asked.unit if unit is None else unit
        )
        trace: list[Event] = []
        record = Record(trials.run(simulated, trace.append) if own is None else _run(trials, own, simulated, trace))
        record.trace, record.station_file, record.registered = tuple(trace), asked.station, own is None
        self._tell(record)
        return record


def _run(trials: Trials, sequence: Sequence, simulated: Simulated, trace: list[Event]) -> dict[str, object]:
    """A run by a sequence that is not registered, in the place of the product's own."""
    usual = trials.prepared
    (order,) = usual.orders
    limits = order.product.limits_for(sequence, order.jig.wiring)
    trials.prepared = replace(usual, orders=(replace(order, sequence=sequence, limits=limits),))
    try:
        return trials.run(simulated, trace.append)
    finally:
        trials.prepared = usual


def require_no_loop(what: str) -> None:
    """Raises RefusalError inside a running loop, whose time is another one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RefusalError(f"{what} has a time of its own: call it from a plain `def` test")


def _stamp(file: Path) -> tuple[int, int]:
    try:
        status = file.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
