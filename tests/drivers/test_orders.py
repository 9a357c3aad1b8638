"""Orders: a command is obeyed only when the error queue says so, and the queue is read to its end, but not for ever."""

import pytest

from drivers.errors import BadReply, Refused
from drivers.links.scripted import Exchange, scripted
from drivers.orders import QUEUE, drained, order, self_test

EMPTY: Exchange = ("SYST:ERR?", '+0,"No error"')


async def test_an_order_that_is_obeyed() -> None:
    """The queue is empty, in whichever spelling."""
    with scripted(("OUTP ON", None), EMPTY, ("OUTP ON", None), ("SYST:ERR ?", "0,No Error")) as link:
        await order(link, "OUTP ON")
        await order(link, "OUTP ON", ask="SYST:ERR ?")


async def test_a_refusal_says_everything() -> None:
    """Oldest first; a queue that overflowed is said to have done so."""
    said: tuple[Exchange, ...] = (
        ("SYST:ERR?", '-222,"Data out of range"'),
        ("SYST:ERR?", '-350,"Queue overflow"'),
        EMPTY,
    )
    text = r"^scripted: -222,Data out of range; -350,Queue overflow; the queue overflowed: later errors are lost$"
    with scripted(("VOLT 1", None), *said) as link, pytest.raises(Refused, match=text):
        await order(link, "VOLT 1")


async def test_a_queue_that_never_empties() -> None:
    """It is read a bounded number of times."""
    with scripted(*[("SYST:ERR?", '-113,"Undefined header"')] * QUEUE) as link:
        assert QUEUE == len(await drained(link))
    with scripted(("X", None), *[("SYST:ERR?", '-1,"x"')] * QUEUE) as link, pytest.raises(Refused, match="not empty"):
        await order(link, "X")


@pytest.mark.parametrize("reply", ["", "No error", "0", "+1.0E+00", "nan,x"])
async def test_a_queue_that_talks_nonsense(reply: str) -> None:
    """It has not said that it is empty."""
    with scripted(("SYST:ERR?", reply)) as link, pytest.raises(BadReply):
        await drained(link)


async def test_a_self_test() -> None:
    """0 in any spelling is well; a code is a refusal; anything else is no answer."""
    with scripted(("*TST?", "0"), ("*TST?", "+0"), ("*TST?", "-330"), ("*TST?", "0.0")) as link:
        await self_test(link)
        await self_test(link)
        with pytest.raises(Refused, match="-330"):
            await self_test(link)
        with pytest.raises(BadReply):
            await self_test(link)
