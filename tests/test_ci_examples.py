"""The workflow files of "Run in CI": they are YAML, and each of their commands is one that there is, on files that there are."""

import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from itertools import pairwise
from typing import Any

import click
import pytest
import yaml

from station.faces.cli.commands import station
from station.faces.testing import plugin
from tests.docs_console import ROOT, File, parts

HOW_TO = ROOT / "docs" / "how-to"
OWN = (HOW_TO / "test-your-own-sequence.md").read_text("utf-8")
FILES = {each.name: each.text for each in parts(OWN) if isinstance(each, File)}
WORKFLOWS = {
    each.name: each.text for each in parts((HOW_TO / "run-in-ci.md").read_text("utf-8")) if isinstance(each, File)
}


def commands(document: Any) -> Iterator[str]:
    """Every line of shell in a workflow."""
    match document:
        case dict():
            for key, each in document.items():
                if key == "run" or key in {"before_script", "script", "after_script"}:
                    yield from [each] if isinstance(each, str) else each
                else:
                    yield from commands(each)
        case list():
            for each in document:
                yield from commands(each)


def stations(name: str) -> list[list[str]]:
    """The `station` commands of a workflow, in words."""
    lines = [part.strip() for line in commands(yaml.safe_load(WORKFLOWS[name])) for part in line.split("&&")]
    words = [shlex.split(line) for line in lines]
    return [each[1:] for each in words if each[0].rpartition("/")[2] == "station"]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_asks_everything_that_a_job_should_ask(name: str) -> None:
    """The files, the tests, the proof, one run; results are kept whatever the outcome."""
    assert ["check", "prove", "run", "report"] == [each[0] for each in stations(name)]
    assert "pytest --junitxml=results/tests.xml" in set(commands(yaml.safe_load(WORKFLOWS[name])))
    assert "always" in WORKFLOWS[name]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_each_command_of_a_workflow_is_understood(name: str) -> None:
    """Every word of it, by the command line itself; nothing is carried out."""
    for verb, *arguments in stations(name):
        context = click.Context(station, info_name="station")
        command = station.get_command(context, verb)
        assert command is not None
        command.make_context(verb, [*arguments], parent=context)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_speaks_of_the_repository_that_the_other_page_builds(name: str) -> None:
    """Of its station file, its product and its sequence."""
    said = [dict(pairwise(each)) for each in stations(name)]
    assert {each["--station"] for each in said if "--station" in each} == {"line.toml"} <= set(FILES)
    (product,) = {each["--product"] for each in said if "--product" in each}
    document = tomllib.loads(FILES[f"products/{product}.toml"])["product"]
    assert document["part_number"] == product
    assert [each[1] for each in stations(name) if each[0] == "prove"] == [document["sequence"]]
    assert f'"{document["sequence"]}"' in FILES["code/whip_check.py"]


def test_the_page_tells_of_every_fixture_mark_and_option() -> None:
    """As the plug-in has them."""
    fixtures = ["station", "bench", "plant", "faults"]
    assert all(f"| `{each}` |" in OWN for each in fixtures)
    assert all(hasattr(plugin, each) for each in fixtures)
    assert all(f"`@pytest.mark.{each.partition('(')[0]}(" in OWN for each in plugin.MARKS)
    assert all(each in OWN for each in ("--rackproof-station", "--rackproof-seed", "rackproof_station"))


def test_pytest_finds_the_plug_in_by_its_entry_point() -> None:
    """Under the module's own name: whoever says -p as well does not load it twice."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        named = tomllib.load(file)["project"]["entry-points"]["pytest11"]
    assert [*named] == [*named.values()] == [plugin.__name__]
    assert import_module(next(iter(named))) is plugin
