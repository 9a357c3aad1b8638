"""The documentation: its commands run, its links lead somewhere, its tables say what the code says."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from station import trace
from tests.docs_console import ROOT, Command, Ran, parts, run
from tests.docs_reference import REFERENCE, api_document, rewritten

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
RUNNABLE = [page for page in PAGES if any(isinstance(each, Command) for each in parts(page.read_text("utf-8")))]
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_EVENT = re.compile(r"^### (\w+)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
Outcome = Callable[[Path], list[Ran]]


def named(page: Path) -> str:
    """A page as a test's name."""
    return str(page.relative_to(ROOT))


@pytest.fixture(scope="session")
def outcome_of(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    """What came of a page: all that are asked for are carried out two at a time, or where xdist shares them out, one by one."""

    def folder(page: Path) -> Path:
        return tmp_path_factory.mktemp(page.stem)

    if "PYTEST_XDIST_WORKER" in os.environ:
        yield lambda page: run(page.read_text("utf-8"), folder(page))
        return
    asked = [str(item.name) for item in request.session.items]
    wanted = [page for page in RUNNABLE if any(name.endswith(f"shows[{named(page)}]") for name in asked)]
    with ThreadPoolExecutor(2) as pool:
        outcomes = {page: pool.submit(run, page.read_text("utf-8"), folder(page)) for page in wanted}
        yield lambda page: outcomes[page].result()


@pytest.mark.parametrize("page", RUNNABLE, ids=named)
def test_the_commands_of_a_page_do_what_it_shows(page: Path, outcome_of: Outcome) -> None:
    """In order, in one folder: each ends with the exit code that the page gives, and prints what the page shows."""
    ran = outcome_of(page)
    assert [each for each in parts(page.read_text("utf-8")) if isinstance(each, Command)] == [
        each.command for each in ran
    ]
    for each in ran:
        told = f"{named(page)}:{each.command.line}: {each.command.text}\n{each.output}"
        assert each.command.code == each.code, told
        assert [] == each.missing, told


def test_a_page_that_promises_what_is_not_so_is_noticed(tmp_path: Path) -> None:
    """A wrong exit code, a line that is not printed, lines in another order; numbers may differ."""
    shown = "```console\n$ printf 'a 1\\nb\\n'\na 2\nb\n$ printf 'a\\nb\\n'\nb\na\n$ false\n$ (exit 3) # exit 3\n```\n"
    ran = run(shown, tmp_path)
    assert [[], ["a"], [], []] == [each.missing for each in ran]
    assert [(0, 0), (0, 0), (0, 1), (3, 3)] == [(each.command.code, each.code) for each in ran]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_inside_leads_somewhere(page: Path) -> None:
    """To a file that is there, and to a heading that it has."""
    for target in links(page):
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{named(page)} links to {target}"
        if anchor:
            assert anchor in anchors(file), f"{named(page)} links to {target}"


def test_every_page_is_reached_from_the_readme() -> None:
    """By links alone; a page that nobody finds is not written."""
    found, todo = {ROOT / "README.md"}, [ROOT / "README.md"]
    for page in todo:
        for target in links(page):
            file = (page.parent / target.partition("#")[0]).resolve()
            if file.suffix == ".md" and file not in found:
                found.add(file)
                todo.append(file)
    assert [] == [named(page) for page in PAGES if page not in found]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_no_page_knows_this_machine(page: Path) -> None:
    """Absolute paths are somebody's own."""
    assert [] == re.findall(r"(?<![\w.])/(?:home|work|tmp|root|Users)/\S*", page.read_text("utf-8"))


@pytest.mark.parametrize("page", sorted(REFERENCE.glob("*.md")), ids=named)
def test_the_reference_says_what_the_code_says(page: Path) -> None:
    """The generated parts are as they would be generated now: `python -m tests.docs_reference` writes them."""
    text = page.read_text("utf-8")
    assert rewritten(text) == text


def test_the_document_of_the_api_is_the_daemons() -> None:
    """As it would give it now."""
    assert (REFERENCE / "openapi.json").read_text("utf-8") == api_document()


def test_every_event_and_each_of_its_fields_is_explained() -> None:
    """In the order of station/trace.py."""
    text = (REFERENCE / "events.md").read_text("utf-8")
    told = {name: re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE) for name, table in _EVENT.findall(text)}
    assert {event.__name__: [each.name for each in fields(event)] for event in get_args(trace.Event)} == told


def links(page: Path) -> Iterator[str]:
    """The targets of a page's links that lie in the clone."""
    for found in _LINK.finditer(_FENCED.sub("", page.read_text("utf-8"))):
        target = found[1] or found[2]
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made from their words."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
