"""A walk through the catalogue: every model shakes hands, does all that its roles promise, and stays honest when its wire ails.

A new model is found here before its author writes a test: without an emulator, a scripted test, or its facts told, it fails
by name.
"""

import asyncio
import contextlib
import importlib
import inspect
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from drivers.errors import InstrumentError, LinkError, Unsupported
from drivers.model import Model
from drivers.reading import Reading
from drivers.roles import Instrument, RegisterBank
from sim.catalogue.places import NAMELESS
from sim.makers import MAKERS
from sim.maps import reader as maps
from sim.port import TROUBLES
from station.bench import Bench, Seat
from station.catalog import models
from station.emulators import wires_of
from station.opening import usual_library
from tests.catalogue_hall import CALLS, Call, Hall
from tests.drivers.fake_wire import virtual

EVERY = usual_library().every_model()
for _file in {model.file for model in EVERY.values()} - {""}:
    maps.read(Path(_file))  # once, before any loop runs
CODED = models()
PEOPLE = frozenset({"console"})
"""A person at a terminal has no wire that an emulator could be at."""
WALKED = [name for name in EVERY if name not in PEOPLE]
HANDS = frozenset({"barcode-scanner"})
"""Who cannot say who it is, and measures nothing: what ails its wire shows as an answer that is missing."""
UNSEEN = frozenset({"swapped", "stuck", "frozen"})
"""What a reading alone cannot tell; a sequence does, by what must move, and identifying tells exchanged words."""
UNSIGNED = frozenset({"foreign"})
"""What only a protocol that names its senders can have: a line is its instrument's alone."""
TESTS = Path(__file__).parent


def methods(role: type) -> set[str]:
    """What a role promises beyond what every instrument does."""
    return {name for name in vars(role) if not name.startswith("_")} - {
        name for name in vars(Instrument) if not name.startswith("_")
    }


def calls(model: Model) -> Iterator[Call]:
    """Everything that a model is asked for."""
    for role in model.roles:
        yield from CALLS[role].values()


def readings(told: Any) -> Iterator[Reading]:
    """Every reading inside an answer, in order."""
    if isinstance(told, Reading):
        yield told
    elif is_dataclass(told) and not isinstance(told, type):
        for each in fields(told):
            yield from readings(getattr(told, each.name))
    elif isinstance(told, dict):
        for value in told.values():
            yield from readings(value)
    elif isinstance(told, tuple | list):
        for value in told:
            yield from readings(value)


@contextlib.asynccontextmanager
async def opened(name: str, hall: Hall) -> AsyncIterator[Any]:
    """A model on a bench of its own, opened as every bench opens it."""
    seats = {name: Seat(name, EVERY[name], "sim:", "", 5.0, None)}
    bench = Bench(seats, wires_of(seats, hall))
    try:
        assert [] == await bench.open([name])
        yield bench.instruments[name]
    finally:
        bench.close()


def test_every_method_of_every_role_is_asked_for() -> None:
    """By this walk; a role that grows must be walked further."""
    roles = {role for model in EVERY.values() for role in model.roles}
    assert {role.__name__: methods(role) for role in roles} == {
        role.__name__: set(told) for role, told in CALLS.items() if role in roles
    }


@pytest.mark.parametrize("name", EVERY)
def test_every_model_tells_its_facts(name: str) -> None:
    """Title, source, and whence its accuracy, if it measures at all."""
    model = EVERY[name]
    assert model.title
    assert model.source or name in PEOPLE | HANDS
    measures = any(call.truths for call in calls(model)) or RegisterBank in model.roles
    assert bool(model.accuracy) == measures, f"{name}: says {model.accuracy!r} of its accuracy"


@pytest.mark.parametrize("name", WALKED)
def test_every_model_has_an_emulator(name: str) -> None:
    """Of its own, or of its map."""
    assert name in MAKERS or EVERY[name].file


@pytest.mark.parametrize("name", CODED)
def test_every_model_has_a_scripted_test(name: str) -> None:
    """One that plays exchanges of the manual through its driver's module."""
    module = inspect.getmodule(CODED[name].connect)
    assert module is not None
    short = module.__name__.rpartition(".")[2]
    texts = [file.read_text("utf-8") for file in sorted((TESTS / "drivers").glob("test_*.py"))]
    scripted = [text for text in texts if re.search(rf"\b{short}\b", text) and re.search(r"\bscripted", text)]
    assert scripted, f"{name}: no test in tests/drivers plays a script through {short}"


@pytest.mark.parametrize("name", CODED)
def test_every_model_is_in_its_modules_tuple_once(name: str) -> None:
    """So that the catalogue finds it."""
    module = importlib.import_module(str(inspect.getmodule(CODED[name].connect)).split("'")[1])
    assert 1 == [model.name for model in module.MODELS].count(name)


@virtual
@pytest.mark.parametrize("name", WALKED)
async def test_it_shakes_hands(name: str) -> None:
    """It says who it is, is well, and is made safe, twice, in any state."""
    async with opened(name, Hall()) as instrument:
        identity = await instrument.identify()
        assert EVERY[name].identifies == bool(identity.model)
        await instrument.self_check()
        await instrument.make_safe()
        await instrument.make_safe()
        assert identity == await instrument.identify()


@virtual
@pytest.mark.parametrize("name", WALKED)
async def test_another_one_of_its_model_is_noticed(name: str) -> None:
    """Where the model can say its serial number; the catalogue of faults knows the same ones."""
    hall = Hall()
    seats = {name: Seat(name, EVERY[name], "sim:", "", 5.0, None)}
    bench = Bench(seats, wires_of(seats, hall))
    try:
        assert [] == await bench.open([name])
        hall.plate = "OTHER77"
        troubles = await bench.open([name])
        assert (name in NAMELESS) == (not troubles)
        assert all(trouble.refused for trouble in troubles)
    finally:
        bench.close()


@virtual
@pytest.mark.parametrize("name", WALKED)
async def test_it_does_all_that_its_roles_promise(name: str) -> None:
    """The readings are numbers, and the truth lies within their own uncertainty."""
    async with opened(name, Hall()) as instrument:
        for role in EVERY[name].roles:
            assert isinstance(instrument, role)
            for method, call in CALLS[role].items():
                try:
                    told = list(readings(await call.ask(instrument)))
                except Unsupported as gap:
                    if "34970" not in name:
                        raise AssertionError(f"{name}.{method}: {gap}") from gap
                    continue
                assert len(call.truths) == len(told), f"{name}.{method}"
                for truth, read in zip(call.truths, told, strict=True):
                    assert read.is_number, f"{name}.{method} reads {read}"
                    assert abs(read.value - truth) <= read.uncertainty + 1e-9 * abs(truth), f"{name}.{method}: {read}"
        await instrument.make_safe()


@virtual
@pytest.mark.parametrize("name", [name for name in EVERY if RegisterBank in EVERY[name].roles])
async def test_every_register_is_read_by_name(name: str) -> None:
    """As something of its kind."""
    async with opened(name, Hall()) as bank:
        assert name == bank.map_name
        names = tuple(bank.map.registers)
        values = await bank.values(names)
        assert names == tuple(values)
        for name_of_one, value in values.items():
            alone = (await bank.values((name_of_one,)))[name_of_one]
            assert type(value) is type(alone)
            assert isinstance(value, Reading) or value == alone


@virtual
@pytest.mark.parametrize("trouble", sorted(TROUBLES))
@pytest.mark.parametrize("name", WALKED)
async def test_whatever_ails_its_wire_is_never_a_number(name: str, trouble: str) -> None:
    """From after a good reading on; and when it is over, the next readings are right."""
    if trouble in UNSIGNED and EVERY[name].speaks == "lines":
        return
    hall = Hall()
    async with opened(name, hall) as instrument:
        for call in calls(EVERY[name]):
            await asyncio.wait({asyncio.get_running_loop().create_task(_asked(call, instrument))})
            hall.trouble = trouble
            for _ in range(2):
                told = await _asked(call, instrument)
                for truth, read in zip(call.truths, told or (), strict=bool(told)):
                    near = abs(read.value - truth) <= read.uncertainty + 1e-9 * abs(truth)
                    assert not read.is_number or near or trouble in UNSEEN, f"{name} under {trouble}: {read}"
            hall.trouble = ""
            await _recovered(name, call, instrument)
        hall.trouble = trouble
        with contextlib.suppress(InstrumentError, TimeoutError):
            async with asyncio.timeout(30):
                await instrument.make_safe()


async def _asked(call: Call, instrument: Any) -> list[Reading] | None:
    """The readings of an answer; None where the instrument, or its link, said no."""
    try:
        async with asyncio.timeout(400):
            return list(readings(await call.ask(instrument)))
    except (InstrumentError, TimeoutError):
        return None


async def _recovered(name: str, call: Call, instrument: Any) -> None:
    for attempt in range(4):
        try:
            told = list(readings(await call.ask(instrument)))
        except Unsupported:
            return
        except LinkError:
            continue
        except InstrumentError:
            if attempt == 3:
                raise
            await instrument.make_safe()
            continue
        for truth, read in zip(call.truths, told, strict=True):
            assert abs(read.value - truth) <= read.uncertainty + 1e-9 * abs(truth), f"{name} does not recover: {read}"
        return
    raise AssertionError(f"{name} does not recover")
