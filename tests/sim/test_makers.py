"""Where emulators come from: our own modules, and those of other packages."""

import importlib
import sys
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType

import pytest

from sim import makers
from sim.emulators.hioki_rm3545 import HiokiRm3545
from tests.sim.fake_leads import FakeLeads


def test_emulators_of_others_come_in_by_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """A module with EMULATORS, named under the group, is an equal of ours."""
    theirs = ModuleType("northgate_sim")
    theirs.EMULATORS = {"northgate-nm1": HiokiRm3545}  # type: ignore[attr-defined]  # a module of others
    monkeypatch.setitem(sys.modules, "northgate_sim", theirs)
    entry = EntryPoint("northgate", "northgate_sim", makers.GROUP)
    with monkeypatch.context() as patched:
        patched.setattr("importlib.metadata.entry_points", lambda *, group: EntryPoints([entry]).select(group=group))
        again = importlib.reload(makers)
        assert isinstance(again.emulator_for("northgate-nm1", "it", FakeLeads()), HiokiRm3545)
        assert "hioki-rm3545" in again.MAKERS
    importlib.reload(makers)


def test_an_unknown_model_is_told_which_there_are() -> None:
    """By name."""
    with pytest.raises(KeyError, match=r"no emulator for 'nothing': there is .*hioki-rm3545"):
        makers.emulator_for("nothing", "it", FakeLeads())
