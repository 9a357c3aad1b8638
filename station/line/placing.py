"""Placing: which unit can be tested in which slot, by the files as they are now."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from station.config.library import Library
from station.config.problems import BadDocuments
from station.config.station_file import Station
from station.keeping import keep
from station.order import Order
from station.orders import Request, look_up, order_in, slots_for
from station.service import RefusalError

NOBODY = "NOBODY"
_Kind = tuple[str, str | None, str | None]
"""What decides where a unit can be tested: its product, and the slot and the sequence that are wanted."""
Load = Callable[[], tuple[Station, Library]]
"""Reads the station's file, and what it names, again. Raises BadDocuments or RefusalError."""


@dataclass
class Placing:
    """A station and its library. What reads files blocks, and belongs into an executor.

    `laid` names what lies in the slots of a simulated world, which cannot be anything else.
    """

    station: Station
    library: Library
    load: Load
    laid: Mapping[str, str] = field(default_factory=dict)
    _fits: dict[_Kind, frozenset[str]] = field(default_factory=dict)
    """In which slots units of a kind can be tested."""

    def check(self, request: Request) -> frozenset[str]:
        """The names of the slots in which a unit can be tested, at least one. Raises RefusalError with what is allowed."""
        try:
            product, _ = look_up(self.library, request)
            slots = slots_for(self.station, product, request.slot)
            order_in(slots[0], self.library, product, request.serial, request.sequence)
        except BadDocuments as bad:
            raise RefusalError(str(bad)) from None
        names = frozenset(each.name for each in slots if self.laid.get(each.name, product.name) == product.name)
        if not names:
            lies = ", ".join(f"{self.laid[each.name]} in {each.name}" for each in slots)
            raise RefusalError(f"{product.name} lies in no slot of this simulated line: there is {lies}")
        self._fits[_kind(request)] = names
        return names

    def may_fit(self, request: Request, free: Collection[str]) -> bool:
        """Whether it is worth while to `place` it in one of the free slots; reads nothing."""
        known = self._fits.get(_kind(request))
        return bool(free) and (known is None or not known.isdisjoint(free))

    def place(self, request: Request, free: Collection[str], folder: Path) -> Order | None:
        """Its order in the first of the free slots that fits, made from the files as they are now; they are kept in a data folder.

        None where none fits. Raises RefusalError where none ever will, LedgerError where they cannot be kept.
        """
        names = self.check(request)
        try:
            product, serial = look_up(self.library, request)
            for slot in slots_for(self.station, product, request.slot):
                if slot.name in names.intersection(free):
                    order = order_in(slot, self.library, product, serial, request.sequence)
                    keep(folder, {**self.station.documents, **order.documents})
                    return order
        except BadDocuments as bad:
            raise RefusalError(str(bad)) from None
        return None

    def stand_in(self, slot: str) -> Order:
        """An order of nobody's, of a product that fits the slot: it knows how the slot is made safe. Raises RefusalError."""
        where = self.station.slots[slot]
        for product in self.library.products()[0]:
            if where.jig in product.jigs:
                return order_in(where, self.library, product, NOBODY)
        raise RefusalError(f"no product of the library fits slot {slot}: nobody knows how it is made safe")

    def adopt(self, station: Station, library: Library) -> None:
        """What `load` has read holds from now on. In the loop's thread."""
        self.station, self.library = station, library
        self._fits.clear()


def _kind(request: Request) -> _Kind:
    return request.product, request.slot, request.sequence
