"""The words between a daemon and its guardian: what is said is read as it was said, and nothing else is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sequences.sequence import Pause
from station.guardian import grammar, words
from station.guardian.words import Arm, Armed, Beat, Chair, Disarm, GrammarError, Heard, Here, Leave, Rescue, Unable

_texts = st.text(max_size=40)
_numbers = st.integers(0, 2**62)
_names = st.lists(st.text("abc123_", min_size=1, max_size=6), min_size=1, max_size=6, unique=True)
_links = st.sampled_from(
    ["tcp://h:1", "serial:/dev/x", "modbus-tcp://h:502?unit=3", "visa:GPIB0::22::INSTR", "console:"]
)


@st.composite
def _arms(draw: st.DrawFn) -> Arm:
    names = draw(_names)
    chairs = tuple(
        Chair(name, "model", draw(_links), draw(st.floats(0.01, 60.0)), draw(_texts), draw(_texts)) for name in names
    )
    some = st.lists(st.sampled_from(names), max_size=4).map(tuple)
    stage = some | st.builds(Pause, st.floats(0.0, 600.0), some)
    return Arm(draw(_texts), draw(_texts), tuple(draw(st.lists(stage, max_size=5))), chairs)


_words = st.one_of(
    st.builds(Here, _numbers, _numbers), _arms(), st.builds(Armed, _texts, _texts),
    st.builds(Unable, _texts, _texts, _texts), st.builds(Disarm, _texts), st.builds(Beat, _numbers),
    st.builds(Heard, _numbers), st.builds(Rescue, _texts), st.just(Leave()),
)  # fmt: skip


@given(_words)
def test_what_is_said_is_read(word: words.Word) -> None:
    """Every word, whole, on one line."""
    said = grammar.line(word)
    assert 1 == said.count(b"\n")
    assert word == grammar.read(said)


@given(st.binary(max_size=200))
def test_noise_is_no_word(said: bytes) -> None:
    """It is refused, and in no other way."""
    with pytest.raises(GrammarError):
        grammar.read(said + b"\n")


@given(_words, st.data())
def test_a_word_with_one_thing_wrong_is_no_word(word: words.Word, data: st.DataObject) -> None:
    """A key more, a key less, a value of another kind."""
    told: dict[str, Any] = json.loads(grammar.line(word))
    key = data.draw(st.sampled_from(sorted(told)))
    match data.draw(st.sampled_from(["more", "less", "other"])):
        case "more":
            told["more"] = 1
        case "less":
            del told[key]
        case _:
            told[key] = data.draw(st.sampled_from([None, True, 1.5, -1, [1], {"a": 1}, {"seconds": "1", "needs": []}]))
    with pytest.raises(GrammarError):
        grammar.read(json.dumps(told).encode() + b"\n")


@pytest.mark.parametrize(
    "said",
    [
        b'{"say":"beat","number":1}',
        b'{"say":"beat","number":1,"number":2}\n',
        b'{"say":"beat","number":NaN}\n',
        b'{"say":"beat","number":1e400}\n',
        b'{"say":"beat","number":true}\n',
        b'{"say":["beat"],"number":1}\n',
        b"[" * 100_000 + b"\n",
        b" " * grammar.LONGEST + b"\n",
        b'{"say":"arm","slot":"A","run":"R","stages":[["nobody"]],"chairs":[]}\n',
        b'{"say":"arm","slot":"A","run":"R","stages":[{"seconds":-1,"needs":[]}],"chairs":[]}\n',
        b'{"say":"arm","slot":"A","run":"R","stages":[{"seconds":1e9,"needs":[]}],"chairs":[]}\n',
    ],
)
def test_what_nobody_says_is_refused(said: bytes) -> None:
    """Half a line, a key twice, no number, too deep, too long, a stage of nobody, a pause without an end."""
    with pytest.raises(GrammarError):
        grammar.read(said)


@pytest.mark.parametrize("link", ["", "file:///etc/passwd", "tcp://host", "serial:relative"])
def test_an_instrument_at_no_address_is_refused(link: str) -> None:
    """The guardian opens nothing that is no link."""
    with pytest.raises(GrammarError):
        Chair("a", "model", link, 1.0, "")
