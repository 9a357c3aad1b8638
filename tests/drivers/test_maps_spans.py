"""The fewest requests: everything that is wanted, nothing that is not there, and no request too many."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from drivers.maps.map import Format, Register
from drivers.maps.spans import Span, spans


@st.composite
def maps(draw: st.DrawFn) -> tuple[Register, ...]:
    """Registers that do not overlap, with gaps between some."""
    at, made = draw(st.integers(0, 20)), []
    for number, (gap, length) in enumerate(
        draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 9)), min_size=1, max_size=30))
    ):
        at += max(gap - 1, 0)
        made.append(Register(f"R{number}", at, length, Format.RAW, input=number % 7 == 6))
        at += length
    return tuple(made)


def words(span: Span) -> set[tuple[bool, int]]:
    """The addresses of a request."""
    return {(span.input, at) for at in range(span.address, span.address + span.count)}


@given(maps(), st.data(), st.integers(9, 40))
def test_every_wanted_register_is_read_whole_and_once(
    known: tuple[Register, ...], data: st.DataObject, most: int
) -> None:
    """It lies within its request, and in no other."""
    wanted = data.draw(st.lists(st.sampled_from(known), unique=True))
    found = spans(iter(wanted), known, most)
    read = [each for span in found for each in span.registers]
    assert sorted(wanted, key=known.index) == sorted(read, key=known.index)
    for span in found:
        for each in span.registers:
            assert {(each.input, at) for at in range(each.address, each.end)} <= words(span)


@given(maps(), st.data(), st.integers(9, 40))
def test_a_request_asks_for_nothing_that_is_not_there(
    known: tuple[Register, ...], data: st.DataObject, most: int
) -> None:
    """No address without a register, and no more words than the device gives."""
    wanted = data.draw(st.lists(st.sampled_from(known), unique=True))
    there = {(each.input, at) for each in known for at in range(each.address, each.end)}
    for span in spans(wanted, known, most):
        assert words(span) <= there
        assert span.count <= most


@given(maps(), st.data(), st.integers(9, 40))
def test_there_is_no_request_too_many(known: tuple[Register, ...], data: st.DataObject, most: int) -> None:
    """As few as the best of all ways to cut the wanted registers into requests (dynamic programming finds it)."""
    wanted = sorted(data.draw(st.lists(st.sampled_from(known), unique=True)), key=lambda r: (r.input, r.address))
    there = {(each.input, at) for each in known for at in range(each.address, each.end)}
    best = [0] * (len(wanted) + 1)
    for last in range(1, len(wanted) + 1):
        best[last] = min(
            best[first] + 1
            for first in range(last)
            if wanted[first].input == wanted[last - 1].input
            and wanted[last - 1].end - wanted[first].address <= most
            and all((wanted[first].input, at) in there for at in range(wanted[first].address, wanted[last - 1].end))
        )
    assert best[-1] == len(spans(wanted, known, most))


def test_never_more_than_125_words() -> None:
    """Whatever a map says, the protocol's bound holds."""
    known = [Register(f"R{at}", at, 1, Format.INTEGER) for at in range(300)]
    assert [125, 125, 50] == [span.count for span in spans(known, known, 1000)]


def test_two_names_of_the_same_words_are_one_request() -> None:
    """Real maps have such."""
    alias = [Register("Clear_Log", 5, 1, Format.INTEGER), Register("Clear_History", 5, 1, Format.INTEGER)]
    (span,) = spans(alias, alias, 120)
    assert (5, 1, 2) == (span.address, span.count, len(span.registers))


@given(maps())
def test_requests_come_by_address(known: tuple[Register, ...]) -> None:
    """Holding registers first, so that a trace reads like the map."""
    found = spans(known, known, 20)
    assert all((one.input, one.address) < (other.input, other.address) for one, other in pairwise(found))
