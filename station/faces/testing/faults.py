"""The catalogue of faults as a test asks it: which kinds there are, and where each may sit in the world of a product."""

from collections.abc import Callable, Iterable, Iterator

from sim.catalogue.fault import PRODUCTS, Fault, Injected
from sim.faults import catalogue, each_place, example, parse, targets
from sim.spec import WorldSpec
from station.config.problems import nearest, shown
from station.service import RefusalError

WorldOf = Callable[[str | None], WorldSpec]
"""The world in which a product is tested; None: the one that the test names."""


class Faults:
    """What can be put into the world of a product; `of` is a part number, else the one that the test is marked with."""

    def __init__(self, world_of: WorldOf) -> None:
        self._world_of = world_of

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of all kinds of faults."""
        return tuple(each.name for each in catalogue())

    def fitting(self, of: str | None = None) -> tuple[str, ...]:
        """The kinds that a unit of this product can have, and that have a place in it."""
        world = self._world_of(of)
        return tuple(each.name for each in catalogue() if each.family in PRODUCTS and example(each, world))

    def __getitem__(self, kind: str) -> Fault:
        known = {each.name: each for each in catalogue()}
        if kind not in known:
            raise RefusalError(f"no fault is called {shown(kind)}; allowed: {nearest(kind, known)}")
        return known[kind]

    def each_place(
        self, kind: str, of: str | None = None, *, values: Iterable[float] = (), at_most: int | None = None
    ) -> tuple[str, ...]:
        """A kind of fault at every place that it may have, as texts: `open:W1`, `open:W2`, ...

        With `values` at every place with each of them; with `at_most` at no more places than that, spread evenly over all.
        Raises RefusalError for a kind or a value that does not exist, and where the product has no place for the kind.
        """
        fault, world = self[kind], self._world_of(of)
        places = tuple(each_place(fault, world))
        if at_most is not None and at_most < 1:
            raise RefusalError(f"at_most is 1 or more, not {at_most}")
        if not places:
            raise RefusalError(f"{kind} sits at {fault.place.text}, and this product has none")
        written = tuple(
            text for where in _spread(places, at_most) for text in _written(fault, where, tuple(values) or (None,))
        )
        for text in written:
            read(text)
        return written

    def example(self, kind: str, of: str | None = None) -> str:
        """A fault of this kind as it may be written for the product. Raises RefusalError where it has no place for it."""
        fault = self[kind]
        text = example(fault, self._world_of(of))
        if not text:
            raise RefusalError(f"{kind} sits at {fault.place.text}, and this product has none")
        return text

    def parse(self, text: str, of: str | None = None) -> Injected:
        """A fault as it is read; with `of` its place is checked too. Raises RefusalError with the nearest valid names."""
        injected = read(text)
        if of is not None:
            try:
                targets(injected, self._world_of(of))
            except ValueError as odd:
                raise RefusalError(str(odd)) from None
        return injected


def read(text: str) -> Injected:
    """A fault as it is written; its place is not known yet. Raises RefusalError with the nearest valid names."""
    try:
        return parse(text)
    except ValueError as odd:
        raise RefusalError(str(odd)) from None


def _spread(places: tuple[str, ...], at_most: int | None) -> tuple[str, ...]:
    """The first, the last, and as many between them as may be."""
    if at_most is None or len(places) <= at_most:
        return places
    if at_most == 1:
        return places[:1]
    last = len(places) - 1
    return tuple(places[round(number * last / (at_most - 1))] for number in range(at_most))


def _written(fault: Fault, where: str, values: tuple[float | None, ...]) -> Iterator[str]:
    name = f"{fault.name}:{where}" if where else fault.name
    for each in values:
        value = fault.value.default if each is None and fault.value else each
        text = name if value is None else f"{name}={value:g}"
        yield f"{text}@1s" if fault.timed else text
