"""The pytest plug-in: `station`, `bench`, `plant` and `faults`. What they need is imported when a test asks for one.

It is found by its entry point (`pytest11`), or named with `-p station.faces.testing.plugin`. It asserts nothing, which pytest is
told by PYTEST_DONT_REWRITE: a session inside a session (`pytester`) finds it imported already.
"""

import inspect
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from station.faces.testing.asked import Asked
    from station.faces.testing.bench import Bench
    from station.faces.testing.faults import Faults
    from station.faces.testing.lines import Lines, Station
    from station.faces.testing.plant import Plant
    from station.faces.testing.record import Record

MARKS = (
    "product(part_number, *, serial='SN1', slot=None, sequence=None, unit=0): the unit of this test, for station, bench, plant and faults",
    "fault(fault, ...): put faults into the world of this test, such as 'open:W3' (`station list faults`); may be repeated",
    "seed(number): the seed of everything that varies in this test; else --rackproof-seed",
    (
        "each_fault(kind, ..., *, of=None, values=(), at_most=None): gives the argument `fault`, once for each place and value of these kinds "
        "in product `of`, else in that of the mark `product`; without a kind, one example of each kind that fits"
    ),
)
_LINES = pytest.StashKey["Lines"]()
_BENCH = pytest.StashKey["Bench"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """--rackproof-station, --rackproof-seed, and the ini option rackproof_station."""
    group = parser.getgroup("rackproof", "simulated test stations")
    text = "The station file of the fixtures station, bench, plant and faults, or the name of a shipped one"
    group.addoption("--rackproof-station", metavar="FILE", help=f"{text}.")
    group.addoption("--rackproof-seed", metavar="N", type=int, default=0, help="The seed of tests that name none.")
    parser.addini("rackproof_station", f"{text}; a path is relative to the root of the tests.", default="")


def pytest_configure(config: pytest.Config) -> None:
    """The marks are known."""
    for each in MARKS:
        config.addinivalue_line("markers", each)


def pytest_unconfigure(config: pytest.Config) -> None:
    """What was prepared for the session is let go."""
    if (lines := config.stash.get(_LINES, None)) is not None:
        lines.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`@pytest.mark.each_fault` gives the argument `fault`."""
    marks = list(metafunc.definition.iter_markers("each_fault"))
    if not marks:
        return
    if "fault" not in metafunc.fixturenames:
        raise pytest.Collector.CollectError(
            f"{metafunc.definition.nodeid}: each_fault needs an argument called `fault`"
        )
    try:
        faults = _faults(metafunc.config, _asked(metafunc.definition, metafunc.config))
        texts = [text for mark in marks for text in _each(faults, *mark.args, **mark.kwargs)]
    except _refusals() as no:
        raise pytest.Collector.CollectError(f"{metafunc.definition.nodeid}: each_fault: {no}") from None
    metafunc.parametrize("fault", list(dict.fromkeys(texts)))


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> object | None:
    """An `async def` test that has a bench runs in the bench's time, whatever other plug-in would have run it in the wall's."""
    bench = pyfuncitem.stash.get(_BENCH, None)
    function = inspect.unwrap(pyfuncitem.obj, stop=inspect.iscoroutinefunction)
    if bench is None or not inspect.iscoroutinefunction(function):
        return None
    names = inspect.signature(function).parameters
    bench.run(partial(function, **{name: pyfuncitem.funcargs[name] for name in names if name in pyfuncitem.funcargs}))
    return True


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """A verdict that is not the one that was asked for says why."""
    if op != "==" or not (isinstance(left, str) and isinstance(right, str)):
        return None
    told = next((why for each in (left, right) if (why := getattr(each, "why", None)) is not None), None)
    return None if told is None else [f"{str(left)!r} == {str(right)!r}", *told]


@pytest.fixture
def station(request: pytest.FixtureRequest) -> "Station":
    """A simulated station: `record = station.run("PN", faults=["open:W3"])`, and `record.verdict`, `record.located("open", "W3")`."""
    from station.faces.testing.lines import Station

    def tell(record: "Record") -> None:
        request.node.add_report_section("call", "run", "\n".join(record.why()))

    try:
        return Station(_lines(request.config), _asked(request.node, request.config), tell)
    except _refusals() as no:
        raise _told(no) from None


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> "Iterator[Bench]":
    """A simulated bench: `bench["ohms"]` is the driver of that instrument, opened; an `async def` test runs in its virtual time."""
    from station.faces.testing.bench import Bench

    try:
        made = Bench(_lines(request.config), _asked(request.node, request.config))
    except _refusals() as no:
        raise _told(no) from None
    request.node.stash[_BENCH] = made
    yield made
    made.close()


@pytest.fixture
def plant(bench: "Bench") -> "Plant":
    """The world behind `bench`: `plant.strike("open:W3")`, `plant.look("ohms", "four_wire")`, `plant.closed`."""
    return bench.plant


@pytest.fixture
def faults(request: pytest.FixtureRequest) -> "Faults":
    """The catalogue of faults: `faults.kinds`, `faults.each_place("open")`, `faults.example("open")`, `faults.parse("open:W3")`."""
    try:
        return _faults(request.config, _asked(request.node, request.config))
    except _refusals() as no:
        raise _told(no) from None


def _each(
    faults: "Faults", *kinds: str, of: str | None = None, values: tuple[float, ...] = (), at_most: int | None = None
) -> Iterator[str]:
    if not kinds:
        yield from (faults.example(kind, of) for kind in faults.fitting(of))
    for kind in kinds:
        yield from faults.each_place(kind, of, values=values, at_most=at_most)


def _faults(config: pytest.Config, asked: "Asked") -> "Faults":
    from station.faces.testing.faults import Faults
    from station.orders import Request
    from station.service import RefusalError

    def world(of: str | None) -> Any:  # noqa: ANN401 (a WorldSpec; it is not imported before it is asked for)
        product = of or asked.product
        if product is None:
            raise RefusalError('of which product? Say of="PN", or mark the test with @pytest.mark.product("PN")')
        slot = asked.slot if product == asked.product else None
        return _lines(config).world(asked.station, Request(product, asked.serial, slot))

    return Faults(world)


def _lines(config: pytest.Config) -> "Lines":
    from station.faces.testing.lines import Lines

    if _LINES not in config.stash:
        config.stash[_LINES] = Lines()
    return config.stash[_LINES]


def _asked(node: pytest.Item, config: pytest.Config) -> "Asked":
    """What the marks of a test and the options say. Raises RefusalError for a mark that says nothing, or too much."""
    from station.faces.testing.asked import Asked
    from station.service import RefusalError

    marks = {name: node.get_closest_marker(name) for name in ("product", "seed")}
    try:
        return Asked(
            station=_station(config),
            **(_product(*mark.args, **mark.kwargs) if (mark := marks["product"]) is not None else {}),
            seed=_seed(*mark.args, **mark.kwargs) if (mark := marks["seed"]) else config.getoption("--rackproof-seed"),
            faults=tuple(text for mark in [*node.iter_markers("fault")][::-1] for text in _written(*mark.args)),
        )
    except TypeError as odd:
        told = str(odd).removeprefix("_")
        raise RefusalError(f"a mark of this test: {told}; `pytest --markers` shows how they are written") from None


def _product(
    part_number: str, *, serial: str | None = None, slot: str | None = None, sequence: str | None = None, unit: int = 0
) -> dict[str, Any]:
    given = {"serial": serial} if serial is not None else {}
    return {"product": part_number, "slot": slot, "sequence": sequence, "unit": unit, **given}


def _seed(number: int) -> int:
    return number


def _written(fault: str, *more: str) -> tuple[str, ...]:
    return (fault, *more)


def _station(config: pytest.Config) -> str | None:
    """The station file that was named: on the command line from where one stands, in the ini file from its folder."""
    said = config.getoption("--rackproof-station")
    if said:
        return _placed(said, config.invocation_params.dir)
    return _placed(config.getini("rackproof_station"), config.rootpath) or None


def _placed(name: str, folder: Path) -> str:
    return str(folder / name) if name.endswith(".toml") or "/" in name else name


def _refusals() -> tuple[type[Exception], ...]:
    from station.config.problems import BadDocuments
    from station.service import RefusalError

    return RefusalError, BadDocuments


def _told(no: Exception) -> BaseException:
    """A failure that is told without a traceback."""
    return pytest.fail.Exception(str(no), pytrace=False)
