"""Chairs: an instrument of the bench as a guardian can be told of it, and the model that it then finds by itself."""

import importlib
import sys
from pathlib import Path

from drivers.errors import LinkError
from drivers.model import Model
from station.bench import Bench, Seat
from station.catalog import models
from station.guardian.words import Arm, Chair, GrammarError, require
from station.safety import SafePlan


def arm_of(bench: Bench, slot: str, run: str, plan: SafePlan) -> Arm:
    """What a guardian must know of a slot. Raises GrammarError for what no guardian can find."""
    stages = [each if isinstance(each, tuple) else each.needs for each in plan.stages]
    names, known = dict.fromkeys(name for each in stages for name in each), bench.identities
    chairs = (chair_of(bench.seats[name], str(known[name]) if name in known else "") for name in names)
    return Arm(slot, run, plan.stages, tuple(chairs))


def chair_of(seat: Seat, identity: str) -> Chair:
    """What a guardian must know of an instrument, and who answered there."""
    folder, module = "", ""
    if not seat.model.file and models().get(seat.model.name) is not seat.model:
        module = seat.model.connect.__module__
        file = Path(str(getattr(sys.modules.get(module), "__file__", "")))
        require(file.name, f"{seat.name}: nobody else can find the model {seat.model.name}, it is in no file")
        folder = str(file.parents[module.count(".") + (file.name == "__init__.py")])
    within = seat.safe_within
    return Chair(seat.name, seat.model.name, seat.link, within, identity, seat.model.file, folder, module)


def model_of(chair: Chair) -> Model:
    """The model of a chair. Raises GrammarError where there is none."""
    if chair.file:
        return _of_a_map(chair)
    known = models()
    if chair.module:
        try:
            if chair.folder not in sys.path:
                sys.path.append(chair.folder)
            known = {each.name: each for each in importlib.import_module(chair.module).MODELS}
        except Exception as error:  # noqa: BLE001 (others' code, whatever it does when it is imported)
            raise GrammarError(f"{chair.name}: {type(error).__name__}: {error}") from None
    if chair.model not in known:
        raise GrammarError(f"{chair.name}: there is no model {chair.model}")
    return known[chair.model]


def _of_a_map(chair: Chair) -> Model:
    from station.config.problems import BadDocuments  # it brings pydantic, which not every bench needs
    from station.config.registers.models import map_model
    from station.config.registers.reading import read_map_document

    try:
        model = map_model(read_map_document(Path(chair.file))).model
    except (BadDocuments, OSError) as bad:
        raise GrammarError(f"{chair.name}: {bad}") from None
    if model.name != chair.model:
        raise GrammarError(f"{chair.name}: {chair.file} is the map {model.name}, not {chair.model}")
    return model


def drives_nothing(model: Model) -> bool:
    """Whether making it safe says nothing to it: then nobody must reach it, and it may be off already."""
    try:
        said = model.connect(_Deaf()).make_safe()
        try:
            said.send(None)
        finally:
            said.close()
    except StopIteration:
        return True
    except Exception:  # noqa: BLE001 (a driver may be others' code; whatever it raises, it had something to say)
        return False
    return False


class _Deaf:
    """A link that takes nothing: whoever says something drives something."""

    name = "nobody"

    def __getattr__(self, said: str) -> object:
        raise LinkError(self.name, said)
