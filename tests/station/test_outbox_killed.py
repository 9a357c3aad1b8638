"""The outbox of a station that is killed again and again: each result at the receiver, once, in its unit's order."""

from collections.abc import Iterator

import pytest
from blockbuster import BlockBuster

from benchmarks import outbox
from tests.station.mosquitto import program


@pytest.fixture(autouse=True)
def processes_of_their_own_may_block(no_blocking_calls: BlockBuster) -> Iterator[None]:
    """They open ledgers and files in their loops."""
    no_blocking_calls.deactivate()
    yield
    no_blocking_calls.activate()


def test_no_kill_loses_or_doubles_a_result() -> None:
    """F061: a real mosquitto, a subscriber of its own process, SIGKILL at random moments by seed.

    Redelivered it may be: to a receiver that goes by the id that is harmless, and the bytes are the same each time.
    """
    program()
    kept = outbox.killed(30, 7, lambda _: None)
    assert (kept.lost, kept.doubled, kept.unordered) == (0, 0, 0)
    assert kept.results > 30


def test_an_outage_is_made_up_for() -> None:
    """The benchmark in its smallest form."""
    program()
    filled, took, plain = outbox.outage(40)
    assert min(filled, took, plain) > 0
