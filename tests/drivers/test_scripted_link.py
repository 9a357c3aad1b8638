"""A scripted link fails the test of a driver that does not keep to the manual."""

import asyncio

import pytest

from drivers.errors import LinkTimeout
from drivers.links.line import Lines
from drivers.links.scripted import LISTEN, scripted


async def test_a_script_is_played() -> None:
    """Questions, commands and what is only listened for, in order."""
    with scripted(("*IDN?", "A,B,C,D"), ("*CLS", None), (LISTEN, "SN-1"), at=7.0, name="ohms") as link:
        lines: Lines = link
        assert ("ohms", 7.0) == (lines.name, lines.now())
        assert "A,B,C,D" == await lines.query("*IDN?", within=1.0)
        await lines.write("*CLS")
        assert "SN-1" == await lines.listen(within=1.0)
        assert () == link.unplayed


async def test_a_script_can_break_the_link() -> None:
    """An exception stands for what happens in place of a reply."""
    with scripted(("A?", LinkTimeout("ohms", "silent")), ("A", LinkTimeout("ohms", "silent"))) as link:
        with pytest.raises(LinkTimeout):
            await link.query("A?")
        with pytest.raises(LinkTimeout):
            await link.write("A")


async def test_an_unplayed_line_fails() -> None:
    """The driver has left something out."""
    with pytest.raises(AssertionError, match="never said"), scripted(("*CLS", None)):
        pass


async def test_an_unexpected_line_fails() -> None:
    """The driver says something else, or something more."""
    with pytest.raises(AssertionError, match=r"has 'A\?', the driver says 'B\?'"), scripted(("A?", "1")) as link:
        await link.query("B?")
    with pytest.raises(AssertionError, match="has ended"), scripted() as link:
        await link.write("B")


async def test_a_question_is_no_command() -> None:
    """Waiting for a reply that the manual does not promise hangs; not reading one that it promises is worse."""
    with pytest.raises(AssertionError, match="no reply"), scripted(("*CLS", None)) as link:
        await link.query("*CLS")
    with pytest.raises(AssertionError, match="does not listen"), scripted(("A?", "1")) as link:
        await link.write("A?")


async def test_the_bodys_own_error_comes_first() -> None:
    """Unplayed lines do not hide why the body ended."""
    with pytest.raises(ZeroDivisionError), scripted(("*CLS", None)):
        raise ZeroDivisionError


def test_a_scripted_link_needs_no_loop_of_ours() -> None:
    """It runs in the test of somebody else's driver, in any loop."""
    with scripted(("A?", "1")) as link:
        assert "1" == asyncio.run(link.query("A?"))
