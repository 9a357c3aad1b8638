"""Documents: what is no TOML of reasonable size is refused, with its line, before anybody looks at it."""

import gc
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.config import shapes
from station.config.documents import MOST_BYTES, parsed, read
from station.config.jig import JigDocument
from station.config.lines import Lines
from station.config.problems import BadDocuments, Flaw, Problem, field, nearest, shown, spelled
from station.config.product import ProductDocument
from station.config.shapes import shape
from station.config.station_file import StationDocument
from tests.station.documents import said

FILE = Path("x.toml")
TEXT = """\
plain = 1
"quoted \\u0041" = { a = 1, b = [1,
    2, # a comment
    { c = 3 }] }
dotted.key.'literal' = 4
[table]
x = 1
[[array.of]]
name = "first"
[[array.of]]
name = "second"
more = [
    "a",

    "b",
]
[array.of.inner]
y = 2
[[array.of]]
[late]
[late.inner]
[early.inner]
[early]
"""


@pytest.mark.parametrize(
    ("where", "line"),
    [
        (("plain",), 1), (("quoted A",), 2), (("quoted A", "a"), 2), (("quoted A", "b", 0), 2), (("quoted A", "b", 1), 3),
        (("quoted A", "b", 2), 4), (("quoted A", "b", 2, "c"), 4), (("dotted", "key", "literal"), 5), (("table",), 6),
        (("table", "x"), 7), (("array", "of", 0), 8), (("array", "of", 0, "name"), 9), (("array", "of", 1), 10),
        (("array", "of", 1, "name"), 11), (("array", "of", 1, "more"), 12), (("array", "of", 1, "more", 0), 13),
        (("array", "of", 1, "more", 1), 15), (("array", "of", 1, "inner"), 17), (("array", "of", 1, "inner", "y"), 18),
        (("array", "of", 2), 19), (("late", "inner"), 21), (("early",), 23),
        (("array", "of", 1, "missing"), 10), (("table", "missing", "deep"), 6), (("nowhere",), 1), ((), 1),
    ],
)  # fmt: skip
def test_every_place_has_its_line(where: tuple[str | int, ...], line: int) -> None:
    """Tables, arrays of tables, inline tables, elements and dotted keys; what is missing has the line of what misses it."""
    assert line == Lines(TEXT).line(where)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20), st.booleans())
def test_any_quoted_key_is_found_again(name: str, literal: bool) -> None:
    """Escapes are undone as TOML does them."""
    if literal and "'" not in name:
        text = f"first = 1\n'{name}' = 2\n"
    else:
        escaped = "".join(f"\\U{ord(each):08x}" if each in '"\\' or ord(each) > 0x7E else each for each in name)
        text = f'first = 1\n"{escaped}" = 2\n'
    document = parsed(FILE, text)
    assert name == list(document.tables)[-1]
    assert 2 == Lines(text).line((name,)) or name == "first"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a = 1\nb = \n", "x.toml:2: is not TOML: Invalid value"),
        ("a = 1\na = 2\n", "x.toml:2: is not TOML: Cannot overwrite a value"),
        ("[a]\nb = 1\n[a.b]\n", "x.toml:3: is not TOML: Cannot overwrite a value"),
        ("a.b = 1\na = 2\n", "x.toml:2: is not TOML: Cannot overwrite a value"),
        ("a = [1,\n", "x.toml:1: is not TOML: Invalid value"),
        ("a = 9223372036854775808\n", "x.toml:1: a: found 9.223e+18; allowed: less than 2^63"),
        ("a = 1\nb = 1" + "0" * 400, "x.toml:2: b: found a huge number; allowed: less than 2^63"),
        ("a = 1\nb = 1" + "0" * 5000, "x.toml:2: is not TOML: a number of thousands of digits"),
        ("a = [1.0,\n nan]\n", "x.toml:2: a[1]: found nan; allowed: a finite number"),
        ("[t]\na = { b = -inf }\n", "x.toml:2: t.a.b: found -inf; allowed: a finite number"),
        ("a = 1e400\n", "x.toml:1: a: found inf; allowed: a finite number"),
        ("a = " + "[" * 5000 + "]" * 5000, "x.toml: tables or arrays are nested too deeply"),
        ("a = \x00\n", "x.toml:1: is not TOML: Invalid value"),
        ("\x1b[2J = 1\n", "x.toml:1: is not TOML: Invalid statement"),
    ],
)  # fmt: skip
def test_what_nobody_can_mean_is_refused_with_its_line(text: str, problem: str) -> None:
    """Bad syntax, keys twice, numbers without end, and nothing that a terminal would obey in the message."""
    assert [problem] == said(lambda: parsed(FILE, text).require(()))


def test_a_number_that_nobody_can_mean_is_told_with_whatever_else_is_wrong() -> None:
    """All problems come at once, and each once."""
    document = parsed(FILE, "a = inf\nb = 1\n")
    flaws = [Flaw(("a",), "inf", "less"), Flaw(("b",), "1", "2")]
    assert ["x.toml:1: a: found inf; allowed: a finite number", "x.toml:2: b: found 1; allowed: 2"] == said(
        lambda: document.require(flaws)
    )


def test_a_file_is_read_only_if_it_is_one_of_reasonable_size(tmp_path: Path) -> None:
    """Folders, pipes, what is missing, what is too large, and what is no UTF-8."""
    assert [f"{tmp_path}: there is no such file"] == said(lambda: read(tmp_path))
    os.mkfifo(tmp_path / "pipe.toml")
    assert [f"{tmp_path}/pipe.toml: there is no such file"] == said(lambda: read(tmp_path / "pipe.toml"))
    assert [f"{tmp_path}/gone.toml: there is no such file"] == said(lambda: read(tmp_path / "gone.toml"))
    (tmp_path / "large.toml").write_text("# " + "x" * MOST_BYTES)
    assert [f"{tmp_path}/large.toml: is larger than 2 MiB"] == said(lambda: read(tmp_path / "large.toml"))
    (tmp_path / "latin.toml").write_bytes(b"a = 1\nb = '\xb5'\n")
    assert [f"{tmp_path}/latin.toml:2: is not UTF-8 text"] == said(lambda: read(tmp_path / "latin.toml"))


def test_a_good_file_is_its_tables_and_its_fingerprint(tmp_path: Path) -> None:
    """The same text has the same fingerprint, another text another."""
    (tmp_path / "a.toml").write_text("a = 'x'\n[t]\nb = 'y'\nc = 1\n")
    (tmp_path / "b.toml").write_text("a = 'x' # changed\n")
    first, second = read(tmp_path / "a.toml"), read(tmp_path / "b.toml")
    assert {"a": "x", "t": {"b": "y", "c": 1}} == first.tables
    assert (16, True) == (len(first.digest), first.digest != second.digest)
    assert ["x", "y", "", "", ""] == [
        first.said("a"),
        first.said("t", "b"),
        first.said("t", "c"),
        first.said("t"),
        first.said("a", "b"),
    ]


def test_problems_come_sorted_and_each_once() -> None:
    """By file and line, however they were found."""
    document = parsed(FILE, "a = 1\nb = 2\n")
    flaws = [Flaw(("b",), "2", "3"), Flaw(("a",), "odd"), Flaw(("b",), "2", "3")]
    with pytest.raises(BadDocuments) as caught:
        document.require(flaws)
    assert ("x.toml:1: a: odd", "x.toml:2: b: found 2; allowed: 3") == tuple(map(str, caught.value.problems))
    assert "x.toml:1: a: odd\nx.toml:2: b: found 2; allowed: 3" == str(caught.value)
    document.require([])


def test_places_and_values_are_spelled_for_people() -> None:
    """Indices in brackets, odd keys in quotes, odd characters escaped, long texts cut."""
    assert "structure.wires[3].gauge" == field(("structure", "wires", 3, "gauge"))
    assert 'limits."conduction[W3]"' == field(("limits", "conduction[W3]"))
    assert "'\\x1b[2J\\u202e'" == shown("\x1b[2J\u202e")
    assert 62 == len(shown("x" * 100_000))
    values: tuple[object, ...] = (True, date(2027, 3, 1), {}, [], None, 3, 5e6)
    assert ["true", "2027-03-01", "a table", "a list", "nothing", "3", "5000000"] == [shown(each) for each in values]
    assert "conduction" == nearest("conducton", ["conduction", "shield"])
    assert "a, b" == nearest("zzz", ["b", "a"])
    assert "none" == nearest("zzz", [])
    assert nearest("zzz", [f"{n:03}" for n in range(50)]).endswith("018, 019 and 30 more")


def test_a_file_below_here_is_named_from_here() -> None:
    """As people typed it; elsewhere by its whole path."""
    assert "fixtures/x.toml" == spelled(Path.cwd() / "fixtures" / "x.toml")
    assert "/elsewhere/x.toml" == spelled(Path("/elsewhere/x.toml"))
    assert "x.toml: found a; allowed: b" == str(Problem("x.toml", 0, "", "a", "b"))


def test_documents_are_read_in_many_threads_at_once() -> None:
    """What reads a document is made when it is first needed. CPython's parser, which that needs for the fields' docstrings, counts
    its recursion for all threads together, and raises SystemError where two are at it: found by a soak, as the end of a daemon.
    """
    kinds = (StationDocument, JigDocument, ProductDocument) * 2
    thresholds = gc.get_threshold()

    def elsewhere(*_: object) -> None:
        """As a finalizer does that the collector calls in the middle of parsing: another thread's turn may come."""
        time.sleep(0)

    gc.callbacks.append(elsewhere)
    gc.set_threshold(50)
    try:
        with ThreadPoolExecutor(len(kinds)) as pool:
            shapes._validator.cache_clear()
            assert len(list(pool.map(lambda kind: shape(kind, {}), kinds))) == len(kinds)
    finally:
        gc.callbacks.remove(elsewhere)
        gc.set_threshold(*thresholds)
